"""What the rules about roles and users say of which."""

import pytest

from policies.rules.role import USERS
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import ATTACHMENT, ROLE, ROLE_POLICY, arn, policy
from tests.policies.engine import UNKNOWN, Made, config_of

CASES = Cases()
PEOPLE = policy(
    {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:role/engineer"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "payments-deployer"}},
    }
)
BOUNDARY = arn("iam", "policy/payments/dev/workload-boundary-policy-dev-acme")
UNBOUND = f"permissionsBoundary is not set; it must be {BOUNDARY}."

(
    CASES.about("iam-role-boundary", ROLE)
    .reads("permissionsBoundary", "a string", UNBOUND)
    .broken({"permissionsBoundary": MISSING, "assumeRolePolicy": PEOPLE}, UNBOUND)
)
for other in (
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:iam::222222222222:policy/payments/dev/workload-boundary-policy-dev-acme",
    arn("iam", "policy/payments/prod/workload-boundary-policy-prod-acme"),
    arn("iam", "policy/workload-boundary-policy-dev-acme"),
    arn("iam", "policy/a-boundary-of-mine-dev-acme"),
    arn("iam", "role/workload-boundary-policy-dev-acme"),
):
    CASES.about("iam-role-boundary", ROLE).broken(
        {"permissionsBoundary": other}, f"permissionsBoundary is {other}; it must be {BOUNDARY}."
    )
BOOTSTRAP = config_of("dev", "bootstrap-iam")


def _in_bootstrap(name: str, *messages: str, **props: object) -> None:
    made = Made(type=ROLE, name="deployer-role", props=props, project="bootstrap-iam")
    CASES.all.append(
        Case(rule="iam-role-boundary", name=name, resources=(made,), config=BOOTSTRAP, messages=messages)
    )


_in_bootstrap("bootstrap: a role for people", assumeRolePolicy=PEOPLE)
_in_bootstrap(
    "bootstrap: a role for a service",
    UNBOUND,
    assumeRolePolicy=policy(
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:*"}
    ),
)
_in_bootstrap(
    "bootstrap: a role for both",
    UNBOUND,
    assumeRolePolicy=policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "111111111111", "Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ),
)
_in_bootstrap("bootstrap: a role for nobody", UNBOUND)
_in_bootstrap(
    "bootstrap: no trust policy",
    "assumeRolePolicy must be a JSON policy document, but it is a string.",
    assumeRolePolicy="none",
)

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
LOGGING = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
(
    CASES.about("iam-administrator", ATTACHMENT)
    .reads("policyArn", "a string")
    .broken({"policyArn": ADMINISTRATOR}, f"it attaches {ADMINISTRATOR}.")
    .broken(
        {"policyArn": "arn:aws:iam::aws:policy/IAMFullAccess"},
        "it attaches arn:aws:iam::aws:policy/IAMFullAccess.",
    )
    .broken(
        {"policyArn": "arn:aws-cn:iam::aws:policy/PowerUserAccess"},
        "it attaches arn:aws-cn:iam::aws:policy/PowerUserAccess.",
    )
    .fine({"policyArn": arn("iam", "policy/AdministratorAccess")})
    .reads_nothing_without("managedPolicyArn", "a string")
    .reads_nothing_without("policyArns", "a list")
    .reads_nothing_without("managedPolicyArns", "a list")
)
CASES.about("iam-administrator", ROLE).broken(
    {"managedPolicyArns": [ADMINISTRATOR]}, f"it attaches {ADMINISTRATOR}."
)
(
    CASES.about("iam-aws-managed-policy", ATTACHMENT)
    .reads("policyArn", "a string")
    .broken({"policyArn": LOGGING}, f"it attaches {LOGGING}, which AWS widens without asking.")
    .reads_nothing_without("managedPolicyArn", "a string")
    .reads_nothing_without("policyArns", "a list")
    .reads_nothing_without("managedPolicyArns", "a list")
)
CASES.about("iam-aws-managed-policy", ROLE).broken(
    {"managedPolicyArns": [LOGGING]}, f"it attaches {LOGGING}, which AWS widens without asking."
).unknown({"managedPolicyArns": [UNKNOWN]}, "managedPolicyArns.0")

CASES.forbidden("iam-inline-policy", ROLE_POLICY, "it is an inline policy.")
(
    CASES.about("iam-inline-policy", ROLE)
    .reads_nothing_without("inlinePolicies", "a list")
    .broken({"inlinePolicies": [{"name": "x", "policy": "{}"}]}, "inlinePolicies is not empty.")
    .fine({"inlinePolicies": []})
)
for kind in sorted(USERS):
    CASES.forbidden("iam-user", kind, "it gives somebody credentials that don't expire.")


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
