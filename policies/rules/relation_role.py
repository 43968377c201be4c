"""How a role hangs together with what it may do: all of it can be read in its stack."""

from collections.abc import Iterator, Mapping

from policies.document_locations import ROLE
from policies.graph import strings
from policies.properties import UnknownPropertyError
from policies.resource import CheckedResource
from policies.rule import RuleContext, RuleSeverity, StackRule

POLICY = "aws:iam/policy:Policy"
ATTACHED_BY: Mapping[str, str] = {
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    ROLE: "managedPolicyArns",
}
"""Types that attach managed policies, and the property that says which."""
MANAGED_BY_AWS = ":iam::aws:policy/"


def _check(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    for arn in _attached(resource, context, ATTACHED_BY[resource.type]):
        if MANAGED_BY_AWS not in arn:
            yield f"it attaches {arn}, which is not of this stack, so that nobody can say what it allows."


def _attached(resource: CheckedResource, context: RuleContext, key: str) -> list[str]:
    """Return the ARNs in a property that no policy of the stack has."""
    graph = context.graph
    own = {found.props.get("arn") for found in graph.of(POLICY)}
    try:
        return [arn for arn in strings(resource.props, key) if arn not in own]
    except UnknownPropertyError:
        if resource.type == ROLE and key not in resource.links:
            return []  # the program gives it none; what AWS will list there is attached by resources
        if graph.linked(resource, key, POLICY):
            return []
        raise


RULES = (
    StackRule(
        id="relation-attached-policy",
        severity=RuleSeverity.HIGH,
        types=frozenset(ATTACHED_BY),
        reads=frozenset({POLICY}),
        title="Every policy that is attached belongs to the stack.",
        why="What a policy elsewhere allows is seen by no rule, and changed by others.",
        fix="make the policy in the stack and attach that.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
        references=("CKV_AWS_286",),
        check=_check,
    ),
)
