"""What the rule about attached policies says of which stack."""

import pytest

from policies.rules.relation_role import ATTACHED_BY
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import ATTACHMENT, POLICY, ROLE, TOPIC, arn, named, resource
from tests.policies.engine import UNKNOWN, Made

CASES = Cases()
RIGHTS = resource(POLICY, name="policy").but(
    props={**resource(POLICY).props, "arn": arn("iam", f"policy/{named('payments-policy')}")}
)
OTHER = arn("iam", "policy/legacy-administration")
FOREIGN = f"it attaches {OTHER}, which is not of this stack, so that nobody can say what it allows."

for kind in sorted(set(ATTACHED_BY) - {ROLE}):
    key = ATTACHED_BY[kind]
    attachment = Made(type=kind, name="attachment", props={key: RIGHTS.props["arn"]})
    (
        CASES.about_stack("relation-attached-policy", attachment, RIGHTS)
        .broken({f"attachment.{key}": OTHER}, FOREIGN)
        .fine({f"attachment.{key}": MISSING})
        .fine({f"attachment.{key}": None})
        .unknown({f"attachment.{key}": UNKNOWN}, key)
    )
UNMADE = resource(ATTACHMENT, name="attachment").but(
    props={"policyArn": UNKNOWN}, links={"policyArn": (RIGHTS.urn,)}
)
CASES.about_stack("relation-attached-policy", UNMADE, RIGHTS.but(props={**RIGHTS.props, "arn": UNKNOWN}))
HOLDER = resource(ROLE, name="role").but(
    props={**resource(ROLE).props, "managedPolicyArns": [RIGHTS.props["arn"]]}
)
(
    CASES.about_stack("relation-attached-policy", HOLDER, RIGHTS)
    .broken({"role.managedPolicyArns": [RIGHTS.props["arn"], OTHER]}, FOREIGN)
    .fine({"role.managedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]})
    .fine({"role.managedPolicyArns": UNKNOWN})
)
CASES.about_stack(
    "relation-attached-policy", HOLDER.but(links={"managedPolicyArns": (RIGHTS.urn,)}), RIGHTS
).fine({"role.managedPolicyArns": UNKNOWN})
SOMETHING = resource(TOPIC, name="something")
CASES.about_stack(
    "relation-attached-policy", HOLDER.but(links={"managedPolicyArns": (SOMETHING.urn,)}), RIGHTS, SOMETHING
).unknown({"role.managedPolicyArns": UNKNOWN}, "managedPolicyArns")


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
