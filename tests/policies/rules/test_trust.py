"""What the rules about trust say of which role."""

import json

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import ROLE, policy, resource

CASES = Cases()
DOCUMENT = "a JSON policy document"
OWN, OTHER = "111111111111", "222222222222"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"
PINNED = "repo:acme/payments:environment:dev"


def _trusting(principal: object, condition: object = MISSING, **more: object) -> dict[str, str]:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
        "Condition": condition,
        **more,
    }
    kept = {key: value for key, value in statement.items() if value is not MISSING}
    return {"assumeRolePolicy": policy(kept)}


def _github(
    sub: object = PINNED, aud: object = "sts.amazonaws.com", operator: str = "StringEquals"
) -> dict[str, str]:
    tests = {f"{GITHUB}:sub": sub, f"{GITHUB}:aud": aud}
    return _trusting(
        {"Federated": PROVIDER},
        {operator: {key: value for key, value in tests.items() if value is not MISSING}},
    )


(
    CASES.about("iam-trust-public", ROLE)
    .broken(_trusting("*"), "statement 1 trusts everyone.")
    .broken(_trusting({"AWS": "*"}), "statement 1 trusts everyone.")
    .broken(_trusting({"AWS": [OWN, "*"]}), "statement 1 trusts everyone.")
    .broken(_trusting({"AWS": "arn:aws:iam::*:root"}), "statement 1 trusts everyone.")
    .broken(_trusting({"Service": "*"}), "statement 1 trusts everyone.")
    .broken(_trusting({"Federated": "*"}), "statement 1 trusts everyone.")
    .broken(_trusting("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), "statement 1 trusts everyone.")
    .broken(
        _trusting(MISSING, NotPrincipal={"AWS": OTHER}),
        "statement 1 trusts everyone but those in NotPrincipal.",
    )
    .fine(_trusting("*", Effect="Deny"))
    .reads("assumeRolePolicy", DOCUMENT)
)
FOREIGN = "of another account, without a condition on sts:ExternalId or aws:PrincipalOrgID."
EXTERNAL = {"StringEquals": {"sts:ExternalId": "payments-deployer"}}
(
    CASES.about("iam-trust-external-id", ROLE)
    .broken(_trusting({"AWS": OTHER}), f"statement 1 trusts {OTHER}, {FOREIGN}")
    .broken(
        _trusting({"AWS": f"arn:aws:iam::{OTHER}:role/ci"}),
        f"statement 1 trusts arn:aws:iam::{OTHER}:role/ci, {FOREIGN}",
    )
    .broken(
        _trusting({"AWS": OTHER}, {"StringLike": {"sts:ExternalId": "*"}}),
        f"statement 1 trusts {OTHER}, {FOREIGN}",
    )
    .broken(
        _trusting({"AWS": OTHER}, {"StringLike": {"sts:ExternalId": "payments-*"}}),
        f"statement 1 trusts {OTHER}, {FOREIGN}",
    )
    .broken(
        _trusting({"AWS": OTHER}, {"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        f"statement 1 trusts {OTHER}, {FOREIGN}",
    )
    .broken(
        _trusting({"AWS": OTHER}, {"StringEqualsIfExists": {"sts:ExternalId": "payments-deployer"}}),
        f"statement 1 trusts {OTHER}, {FOREIGN} Its condition stringequalsifexists on sts:externalid "
        "does not count: a request without the key satisfies it.",
    )
    .fine(_trusting({"AWS": OTHER}, EXTERNAL))
    .fine(_trusting({"AWS": f"arn:aws:iam::{OWN}:role/ci"}))
    .reads("assumeRolePolicy", DOCUMENT)
)
EVERYBODY = f"statement 1 trusts every principal of {OWN} unconditionally."
(
    CASES.about("iam-trust-account", ROLE)
    .broken(_trusting({"AWS": OWN}), EVERYBODY)
    .broken(
        _trusting({"AWS": f"arn:aws:iam::{OWN}:root"}),
        f"statement 1 trusts every principal of arn:aws:iam::{OWN}:root unconditionally.",
    )
    .broken(_trusting({"AWS": OWN}, {"Bool": {"aws:SecureTransport": "true"}}), EVERYBODY)
    .broken(_trusting({"AWS": OWN}, {"StringLike": {"aws:PrincipalArn": "*"}}), EVERYBODY)
    .broken(
        _trusting({"AWS": OWN}, {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}}), EVERYBODY
    )
    .broken(_trusting({"AWS": OWN}, {"StringEquals": {"aws:PrincipalArn": "${aws:PrincipalArn}"}}), EVERYBODY)
    .broken(_trusting({"AWS": OWN}, {"StringNotEquals": {"sts:ExternalId": "x"}}), EVERYBODY)
    .broken(_trusting({"AWS": OWN}, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}), EVERYBODY)
    .fine(_trusting({"AWS": OWN}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    .fine(_trusting({"AWS": OWN}, {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/ci-*"}}))
    .fine(_trusting({"AWS": OWN}, {"StringEquals": {"aws:PrincipalTag/team": "payments"}}))
    .fine(_trusting({"AWS": OWN}, EXTERNAL))
    .fine(_trusting({"AWS": f"arn:aws:iam::{OWN}:role/ci"}))
    .reads("assumeRolePolicy", DOCUMENT)
)
ANY_ACCOUNT = "statement 1 trusts lambda.amazonaws.com on behalf of any account."
LAMBDA = {"Service": "lambda.amazonaws.com"}
(
    CASES.about("iam-trust-service-source", ROLE)
    .broken(_trusting(LAMBDA), ANY_ACCOUNT)
    .broken(_trusting(LAMBDA, {"StringEqualsIfExists": {"aws:SourceAccount": OWN}}), ANY_ACCOUNT)
    .broken(_trusting(LAMBDA, {"StringNotEquals": {"aws:SourceAccount": OTHER}}), ANY_ACCOUNT)
    .broken(_trusting(LAMBDA, {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:*:function:*"}}), ANY_ACCOUNT)
    .broken(
        _trusting(LAMBDA, {"StringEquals": {"aws:SourceAccount": [OWN, OTHER]}}),
        f"statement 1 trusts lambda.amazonaws.com on behalf of account {OTHER}.",
    )
    .broken(
        _trusting(LAMBDA, {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{OTHER}:function:*"}}),
        f"statement 1 trusts lambda.amazonaws.com on behalf of account {OTHER}.",
    )
    .fine(_trusting(LAMBDA, {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{OWN}:function:*"}}))
    .fine(_trusting({"Service": "ec2.amazonaws.com"}))
    .reads("assumeRolePolicy", DOCUMENT)
)
NO_SUBJECT = f"statement 1 trusts any subject of {GITHUB}: no condition on {GITHUB}:sub."
(
    CASES.about("iam-trust-oidc-subject", ROLE)
    .fine(_github())
    .fine(_github(["repo:acme/payments:environment:dev", "repo:acme/payments:ref:refs/heads/main"]))
    .broken(_github(MISSING), NO_SUBJECT)
    .broken(_github("*"), NO_SUBJECT)
    .broken(_github(operator="ForAllValues:StringEquals"), NO_SUBJECT)
    .broken(_github(operator="StringNotEquals"), NO_SUBJECT)
    .broken(_github(operator="StringEqualsIfExists"), NO_SUBJECT)
    .fine(_github("repo:acme@123/payments@456:environment:dev"))
    .broken(
        _github("repo:acme@*/payments@456:environment:dev", operator="StringLike"),
        "statement 1 trusts repo:acme@*/payments@456:environment:dev, more than one place of one repository.",
    )
    .broken(
        _github("repo:acme/payments:pull_request"),
        "statement 1 trusts repo:acme/payments:pull_request, which is code that nobody has reviewed.",
    )
    .broken(
        _github("repo:acme/${aws:PrincipalTag/repository}:environment:dev"),
        "statement 1 trusts repo:acme/${aws:PrincipalTag/repository}:environment:dev, "
        "more than one place of one repository.",
    )
    .broken(_trusting({"Federated": GITHUB}), NO_SUBJECT)
    .broken(_trusting({"Federated": GITHUB.upper()}), NO_SUBJECT)
    .reads("assumeRolePolicy", DOCUMENT)
)
for subject in (
    "repo:*",
    "repo:acme/*",
    "repo:acme/payments:*",
    "repo:acme/payments",
    "repo:acme/pay*:ref:refs/heads/main",
):
    CASES.about("iam-trust-oidc-subject", ROLE).broken(
        _github(subject, operator="StringLike"),
        f"statement 1 trusts {subject}, more than one place of one repository.",
    )
(
    CASES.about("iam-trust-oidc-subject", resource(ROLE, name="reader-pipeline-role"))
    .fine(_github("repo:acme/payments:pull_request"))
    .broken(
        _github("repo:acme/payments:*", operator="StringLike"),
        "statement 1 trusts repo:acme/payments:*, more than one place of one repository.",
    )
)
SAML = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/corporate"}
ANY_SAML = "statement 1 trusts an identity provider for any audience: no condition on saml:aud."
WRONG_AUDIENCE = f"statement 1 trusts {GITHUB} for an audience other than sts.amazonaws.com."
(
    CASES.about("iam-trust-oidc-audience", ROLE)
    .fine(_github())
    .broken(_github(aud=MISSING), WRONG_AUDIENCE)
    .broken(_github(aud="https://github.com/acme"), WRONG_AUDIENCE)
    .broken(_github(aud=["sts.amazonaws.com", "other"]), WRONG_AUDIENCE)
    .broken(_trusting(SAML), ANY_SAML)
    .broken(_trusting(SAML, {"StringLike": {"SAML:aud": "https://*"}}), ANY_SAML)
    .fine(_trusting(SAML, {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}))
    .reads("assumeRolePolicy", DOCUMENT)
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()


def test_an_unreadable_trust_is_never_a_trust_in_nobody() -> None:
    document = json.dumps({"Statement": ["*"]})
    CASES.about("iam-trust-public", ROLE).broken(
        {"assumeRolePolicy": document},
        "assumeRolePolicy must be a policy document whose statements are objects, but it is a string.",
    )
    CASES.all[-1].run()
