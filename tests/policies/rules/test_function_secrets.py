"""What the rule about secrets says of which environment variable."""

import base64

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
    .fine(_variable("TOKEN_TTL_SECONDS", "300"))
    .fine(_variable("API_KEY_HEADER", "x-api-key"))
    .fine(_variable("TOKEN_HEADER", "Authorization"))
    .fine(_variable("API_KEY", "X-Api-Key"))
    .fine(_variable("RELEASE", "becd929eab5fe9c50f2af4ad0133201ce1c5ec29"))
    .fine(_variable("SECRET_ROTATION", "P30D"))
    .fine(_variable("CREDENTIALS", "none"))
    .fine(_variable("CACHE_TOKENS", "8192"))
    .fine(_variable("TOKEN_ISSUER", "https://token.actions.githubusercontent.com"))
    .fine(_variable("LAYOUT", "base64-like-but-only-words-with-dashes"))
    .fine(_variable("POLICY", "eyJub3QiOiAiYSBzZWNyZXQifQ=="))
    .unknown(_variable("ANYTHING", UNKNOWN), "ANYTHING")
)
PEM = "-----BEGIN PRIVATE " + "KEY-----\nMIIEvQ==\n-----END PRIVATE " + "KEY-----"
SHAPES = {
    "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "a webhook's secret",
    "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL_" + "m" * 40: "a GitHub token",
    "glpat-" + "aBcDeFgHiJkLmNoPqRsT": "a GitLab token",
    "Bearer " + "aBcDeFgHiJkLmNoP1234": "a bearer token",
    "Basic " + "dXNlcjpwYXNzd29yZA==": "a bearer token",
    "Server=db;User Id=app;" + "Password=hunter2;": "a connection string with a secret",
    "DefaultEndpointsProtocol=https;AccountName=a;"
    + "AccountKey=abc+def==": "a connection string with a secret",
    "redis://:hunter2" + "@cache:6379": "a URL with a password",
    "https://discord.com/api/" + "webhooks/123456789/abcDEF-_1": "a Discord webhook",
    "https://acme.webhook.office.com/" + "webhookb2/abc@def/IncomingWebhook/1": "a Teams webhook",
    "SG." + "a" * 22 + "." + "b" * 43: "a SendGrid key",
    "npm_" + "a" * 36: "an npm token",
    "sk-proj-" + "a1B2c3D4e5F6g7H8i9J0k": "an OpenAI key",
    "AIza" + "a" * 35: "a Google key",
    "sq0csp-" + "a" * 43: "a Square secret",
    "SK" + "0123456789abcdef" * 2: "a Twilio key",
    "0123456789abcdef" * 2 + "-us12": "a Mailchimp key",
    "1234567890:" + "a" * 35: "a Telegram token",
    '{"apiKey": "0123"}': "an object with a secret",
    base64.b64encode(PEM.encode()).decode(): "a private key in base64",
    base64.b64encode(b"\x30\x82\x04\xbd" + bytes(range(200))).decode(): "a key in base64",
    base64.b64encode(("postgres://a:b" + "@host/db").encode()).decode(): "a URL with a password in base64",
    base64.urlsafe_b64encode(b"\x30\x82\xff\xfe" + bytes(range(255, 0, -1))).decode(): "a key in base64",
}
for value, kind in SHAPES.items():
    CASES.about("function-environment-secrets", FUNCTION).broken(
        _variable("SETTING", value), f"environment variable SETTING looks like {kind}."
    )


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
