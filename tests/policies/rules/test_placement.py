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
(
    CASES.about("placement-endpoints", PROVIDER)
    .broken({"insecure": True}, "insecure is true: it talks to whoever answers.")
    .broken(
        {"endpoints": json.dumps([{"dynamodb": "https://evil.example/"}])},
        "the endpoint of dynamodb is https://evil.example/, which is not AWS's.",
    )
    .broken(
        {"endpoints": [{"sts": "https://sts.amazonaws.com.evil.example"}]},
        "the endpoint of sts is https://sts.amazonaws.com.evil.example, which is not AWS's.",
    )
    .broken({"endpoints": "evil.example"}, "endpoints must be a list, but it is a string.")
    .fine({"endpoints": json.dumps([{"sts": "https://sts.us-east-1.amazonaws.com"}])})
    .fine({"endpoints": "[]"})
    .fine({"endpoints": None})
    .unknown({"endpoints": UNKNOWN}, "endpoints")
    .reads_nothing_without("insecure", "true or false")
)
for key in ("httpProxy", "httpsProxy", "customCaBundle"):
    CASES.about("placement-endpoints", PROVIDER).broken(
        {key: "http://proxy.example"}, f"{key} is set: what the provider sends can be read on the way."
    ).reads_nothing_without(key, "a string")
FOREIGN_ROLE = "arn:aws:iam::999999999999:role/deployer"
(
    CASES.about("placement-role", PROVIDER)
    .broken(
        {"assumeRoles": json.dumps([{"roleArn": FOREIGN_ROLE}])},
        f"it works as {FOREIGN_ROLE}, of another account than 111111111111.",
    )
    .broken(
        {"assumeRoles": [{"roleArn": 7}]},
        "roleArn must be a string, but it is a number.",
    )
    .fine({"assumeRoles": MISSING})
    .fine({"assumeRoles": None})
    .fine({"assumeRoles": "[]"})
    .unknown({"assumeRoles": UNKNOWN}, "assumeRoles")
    .unknown({"assumeRoles": json.dumps([{"roleArn": UNKNOWN}])}, "roleArn")
    .broken(
        {"assumeRoles": MISSING, "assumeRole": json.dumps({"roleArn": FOREIGN_ROLE})},
        f"it works as {FOREIGN_ROLE}, of another account than 111111111111.",
    )
)
for environment in ("dev", "staging", "prod"):
    CASES.about("placement-ladder", PROVIDER, environment=environment)
(
    CASES.about("placement-ladder", PROVIDER)
    .declaring(
        "less memory",
        {**config_of("dev"), "payments:memoryMb": "128"},
        "the stack declares memoryMb 128; dev has at least 512.",
    )
    .declaring(
        "recovery in dev",
        {**config_of("dev"), "payments:pointInTimeRecovery": "true"},
        "the stack declares pointInTimeRecovery true; dev has false.",
    )
    .declaring("more memory", {**config_of("dev"), "payments:memoryMb": "640.0"})
    .declaring(
        "more concurrency",
        {**config_of("dev"), "payments:reservedConcurrency": "10"},
        "the stack declares reservedConcurrency 10; dev has 1.",
    )
    .declaring("a stack without scaling", {"payments:accountId": "111111111111"})
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
