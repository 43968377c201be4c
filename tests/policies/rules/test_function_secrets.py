"""What the rule about secrets says of which environment variable."""

import pytest

from tests.policies.cases import Case, Cases
from tests.policies.compliant import FUNCTION
from tests.policies.engine import UNKNOWN

CASES = Cases()
CALLED = "is called like a secret and holds a value."


def _variable(name: str, value: object) -> dict[str, object]:
    return {f"environment.variables.{name}": value}


(
    CASES.about("function-environment-secrets", FUNCTION)
    .reads("environment", "an object")
    .reads("environment.variables", "an object")
    .reads("environment.variables.TABLE_NAME", "a string")
    .broken(_variable("DB_PASSWORD", "hunter2"), f"environment variable DB_PASSWORD {CALLED}")
    .broken(_variable("API_KEY", "0123"), f"environment variable API_KEY {CALLED}")
    .broken(_variable("token", "0123"), f"environment variable token {CALLED}")
    .broken(
        _variable("KEY_ID", "AKIA" + "ABCDEFGHIJKLMNOP"),
        "environment variable KEY_ID looks like an AWS access key.",
    )
    .broken(
        _variable("OTHER", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"),
        "environment variable OTHER looks like an AWS secret key.",
    )
    .broken(
        _variable("PEM", "-----BEGIN RSA " + "PRIVATE KEY-----\nMII"),
        "environment variable PEM looks like a private key.",
    )
    .broken(_variable("GH", "ghp_" + "a" * 36), "environment variable GH looks like a GitHub token.")
    .broken(_variable("CHAT", "xoxb-" + "1234567890"), "environment variable CHAT looks like a Slack token.")
    .broken(_variable("PAY", "sk_live_" + "a" * 20), "environment variable PAY looks like a Stripe key.")
    .broken(
        _variable("JWT", "eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIxMjM0" + ".x"),
        "environment variable JWT looks like a JSON web token.",
    )
    .broken(
        _variable("DATABASE", "postgres://user:pass" + "@host/db"),
        "environment variable DATABASE looks like a URL with a password.",
    )
    .broken(_variable("dbPassword", "hunter2"), f"environment variable dbPassword {CALLED}")
    .broken(_variable("MYSQLPASSWORD", "hunter2"), f"environment variable MYSQLPASSWORD {CALLED}")
    .broken(_variable("clientSecret", "0123"), f"environment variable clientSecret {CALLED}")
    .broken(_variable("stripeApiKey", "0123"), f"environment variable stripeApiKey {CALLED}")
    .broken(_variable("DB_PASS", "hunter2"), f"environment variable DB_PASS {CALLED}")
    .broken(
        _variable("ALERTS", "https://hooks.slack.com" + "/services/T000/B000/XXXX"),
        "environment variable ALERTS looks like a Slack webhook.",
    )
    .broken(
        _variable("SETTINGS", '{"user": "a", "dbPassword": "hunter2"}'),
        "environment variable SETTINGS looks like an object with a secret.",
    )
    .fine(_variable("SETTINGS", '{"user": "a", "tokens": 3}'))
    .fine(_variable("PASSENGERS", "3"))
    .fine(_variable("DB_PASSWORD_ARN", "payments"))
    .fine(_variable("SECRET", "arn:aws:secretsmanager:us-east-1:111111111111:secret:payments"))
    .fine(_variable("TOKEN", "/payments/token"))
    .fine(_variable("PASSWORD", ""))
    .fine(_variable("PASSWORD", None))
    .fine(_variable("TOKENIZER", "fast"))
    .fine(_variable("ARTIFACT_DIGEST", "0" * 64))
    .unknown(_variable("ANYTHING", UNKNOWN), "ANYTHING")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
