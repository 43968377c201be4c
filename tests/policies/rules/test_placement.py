"""What the placement rules say of which provider and region."""

import json

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import PROVIDER, QUEUE, resource
from tests.policies.engine import UNKNOWN, config_of

CASES = Cases()
UNLOCKED = "allowedAccountIds is not set; it must hold 111111111111 and nothing else."

(
    CASES.about("placement-account", PROVIDER)
    .broken({"allowedAccountIds": MISSING}, UNLOCKED)
    .broken({"allowedAccountIds": None}, UNLOCKED)
    .broken({"allowedAccountIds": "no JSON"}, "allowedAccountIds must be a list, but it is a string.")
    .broken({"allowedAccountIds": "{}"}, "allowedAccountIds must be a list, but it is an object.")
    .broken(
        {"allowedAccountIds": "[]"}, "allowedAccountIds is []; it must hold 111111111111 and nothing else."
    )
    .broken(
        {"allowedAccountIds": '["222222222222"]'},
        "allowedAccountIds is ['222222222222']; it must hold 111111111111 and nothing else.",
    )
    .broken(
        {"allowedAccountIds": '["111111111111", "222222222222"]'},
        "allowedAccountIds is ['111111111111', '222222222222']; it must hold 111111111111 and nothing else.",
    )
    .fine({"allowedAccountIds": ["111111111111"]})
    .unknown({"allowedAccountIds": UNKNOWN}, "allowedAccountIds")
    .unknown({"allowedAccountIds": [UNKNOWN]}, "allowedAccountIds")
    .unknown({"allowedAccountIds": json.dumps([UNKNOWN])}, "allowedAccountIds")
)
(
    CASES.about("placement-account-verified", PROVIDER)
    .broken(
        {"skipRequestingAccountId": True},
        "skipRequestingAccountId is true, so that allowedAccountIds is not enforced.",
    )
    .broken(
        {"skipRequestingAccountId": "true"},
        "skipRequestingAccountId is true, so that allowedAccountIds is not enforced.",
    )
    .fine({"skipRequestingAccountId": "false"})
    .fine({"skipRequestingAccountId": None})
    .broken(
        {"skipRequestingAccountId": "yes"},
        "skipRequestingAccountId must be true or false, but it is a string.",
    )
    .unknown({"skipRequestingAccountId": UNKNOWN}, "skipRequestingAccountId")
)
(
    CASES.about("placement-region", PROVIDER)
    .reads("region", "a string", "region is not set; the stack declares us-east-1.")
    .broken({"region": "eu-west-1"}, "region is eu-west-1; the stack declares us-east-1.")
    .declaring(
        "dev declared in Ireland",
        {**config_of("dev"), "payments:region": "eu-west-1"},
        "region is us-east-1; the stack declares eu-west-1.",
        "the stack declares region eu-west-1; dev lives in us-east-1.",
    )
)
CASES.about("placement-region", PROVIDER, environment="prod").broken(
    {"region": "us-east-1"}, "region is us-east-1; the stack declares eu-west-1."
)
CASES.all.append(
    Case(
        rule="placement-region",
        name="an environment that the setting doesn't name lives where it declares",
        resources=(resource(PROVIDER),),
        environment="qa",
        config=config_of("dev"),
    )
)
(
    CASES.about("placement-resource-region", QUEUE)
    .fine({"region": "us-east-1"})
    .reads_nothing_without("region", "a string")
    .broken({"region": "eu-west-1"}, "region is eu-west-1; the stack declares us-east-1.")
)
(
    CASES.about("placement-explicit-provider", QUEUE)
    .made(
        "the default provider",
        "it is made through the default provider (default_7_51_1), locked to no account.",
        provider_name="default_7_51_1",
    )
    .made("no provider", "it is made through no provider that could be looked at.", provider_name=None)
)
for key in ("accessKey", "secretKey", "token"):
    (
        CASES.about("placement-credentials", PROVIDER)
        .broken({key: "AKIA"}, f"{key} is set: credentials belong into no program, configuration or state.")
        .fine({key: None})
        .fine({key: ""})
        .reads_nothing_without(key, "a string")
    )


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
