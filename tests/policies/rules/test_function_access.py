"""What the rules about invoking say of which permission and URL."""

import pytest

from policies.rules.function_access import ORGANIZATION
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import FUNCTION_URL, LAYER_PERMISSION, PERMISSION, resource
from tests.policies.engine import config_of

CASES = Cases()
OWN, OTHER = "111111111111", "222222222222"

(
    CASES.about("function-public", PERMISSION)
    .reads("principal", "a string", "principal is not set.")
    .broken({"principal": "*"}, "principal is * and principalOrgId is not set: everyone is let in.")
    .broken(
        {"principal": "arn:aws:iam::*:root"},
        "principal is arn:aws:iam::*:root and principalOrgId is not set: everyone is let in.",
    )
    .fine({"principal": "*", "principalOrgId": "o-1"})
)
CASES.about("function-public", PERMISSION).unknown(
    {"principal": "*", "principalOrgId": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, "principalOrgId"
)
(
    CASES.about("function-public", LAYER_PERMISSION)
    .broken({"principal": "*"}, "principal is * and organizationId is not set: everyone is let in.")
    .fine({"principal": "*", "organizationId": "o-1"})
)
UNDECLARED = "principal is {}, whose account the stack doesn't declare."
for kind, organisation in sorted(ORGANIZATION.items()):
    about = CASES.about("function-permission-foreign-account", kind)
    for other in (OTHER, f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:role/x"):
        about.broken({"principal": other}, UNDECLARED.format(other))
    (
        about.fine({"principal": OWN})
        .fine({"principal": "events.amazonaws.com"})
        .fine({"principal": f"arn:aws:iam::{OWN}:role/x"})
        .broken({organisation: "o-9"}, f"{organisation} is o-9, which is none of ours.")
        .reads("principal", "a string")
        .reads_nothing_without(organisation, "a string")
    )
    CASES.about(
        "function-permission-foreign-account",
        resource(kind).but(props={"principal": OTHER}),
        config={**config_of("dev"), "payments:subscriberAccountIds": f'["{OTHER}"]'},
    )
NO_SOURCE = "sourceArn is not set, so that events.amazonaws.com may invoke it for anybody's resource."
(
    CASES.about("function-permission-source", PERMISSION)
    .reads("sourceArn", "a string", NO_SOURCE)
    .broken({"sourceArn": "*"}, "sourceArn is *, which is any resource.")
    .broken(
        {"sourceArn": "arn:aws:events:us-east-1:111111111111:*"},
        "sourceArn is arn:aws:events:us-east-1:111111111111:*, which is any resource.",
    )
    .broken(
        {"sourceArn": "arn:aws:events:us-east-1:111111111111:rule/*"},
        "sourceArn is arn:aws:events:us-east-1:111111111111:rule/*, which is any resource.",
    )
    .broken(
        {"principal": "alexa-appkit.amazon.com", "sourceArn": MISSING},
        "sourceArn is not set, so that alexa-appkit.amazon.com may invoke it for anybody's resource.",
    )
    .fine({"sourceArn": "arn:aws:execute-api:us-east-1:111111111111:abc123/*/*"})
    .fine({"principal": "arn:aws:iam::111111111111:role/x", "sourceArn": MISSING})
    .fine({"principal": "arn:aws:iam::111111111111:role/x.y", "sourceArn": MISSING})
    .reads("principal", "a string")
)
(
    CASES.about("function-permission-account", PERMISSION)
    .reads("sourceArn", "a string", "the source's account is not named; it must be 111111111111.")
    .fine({"sourceArn": "arn:aws:s3:::reports", "sourceAccount": "111111111111"})
    .broken(
        {"sourceArn": "arn:aws:s3:::reports"}, "the source's account is not named; it must be 111111111111."
    )
    .broken(
        {"sourceArn": "arn:aws:events:us-east-1:222222222222:rule/x"},
        "the source's account is 222222222222; it must be 111111111111.",
    )
    .broken(
        {"sourceAccount": "222222222222"}, "the source's account is 222222222222; it must be 111111111111."
    )
    .reads_nothing_without("sourceAccount", "a string")
    .fine({"principal": "111111111111", "sourceArn": MISSING})
    .reads("principal", "a string")
)
ONE_ACTION = "it must be one action, such as lambda:InvokeFunction."
(
    CASES.about("function-permission-action", PERMISSION)
    .reads("action", "a string", f"action is not set; {ONE_ACTION}")
    .broken({"action": "lambda:*"}, f"action is lambda:*; {ONE_ACTION}")
    .broken({"action": "*"}, f"action is *; {ONE_ACTION}")
)
CASES.about("function-permission-action", LAYER_PERMISSION).broken(
    {"action": "*"}, f"action is *; {ONE_ACTION}"
)
(
    CASES.about("function-url-authorization", FUNCTION_URL)
    .reads("authorizationType", "a string", "authorizationType is not set; it must be AWS_IAM.")
    .broken({"authorizationType": "NONE"}, "authorizationType is NONE; it must be AWS_IAM.")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
