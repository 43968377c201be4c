"""Resources that own a whole set: a role's inline or attached policies, a security group's rules.

Reading one lists the set, so what somebody added by hand shows after a refresh, and an update removes it.
Deleting one removes nothing.
https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepoliciesexclusive/
"""

from collections.abc import Iterable
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.errors import ProviderError
from sandbox.provider.resource import Resource
from sandbox.provider.resources.iam import ABSENT
from sandbox.provider.schema import Kind, Property, described
from sandbox.provider.wire import Properties


class _Exclusive(Resource):
    """What the types share: the owner's name is the id, and an update makes the set the wanted one."""

    naming = None
    taggable = False
    owner: str
    """The property that names the owner of the set."""

    @override
    def create(self, aws: Account, new: Properties) -> str:
        return str(new[self.owner])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        self._settle(aws, resource_id, new)

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._settle(aws, resource_id, new)

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        """The set stays as it is."""

    def _settle(self, aws: Account, resource_id: str, new: Properties) -> None:
        raise NotImplementedError


class RolePoliciesExclusive(_Exclusive):
    """All inline policies of a role."""

    urn_type = "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive"
    noun = "IAM Role Policies Exclusive"
    regional = False
    owner = "roleName"
    absent = ABSENT
    properties = described(
        roleName=Property(required=True, replaces=True),
        policyNames=Property(kind=Kind.STRINGS, required=True, unordered=True),
    )

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        names = aws.client("iam").list_role_policies(RoleName=resource_id)["PolicyNames"]
        return {"roleName": resource_id, "policyNames": sorted(names)}

    @override
    def _settle(self, aws: Account, resource_id: str, new: Properties) -> None:
        iam, wanted = aws.client("iam"), set(new["policyNames"])
        present = set(iam.list_role_policies(RoleName=resource_id)["PolicyNames"])
        for name in sorted(present - wanted):
            iam.delete_role_policy(RoleName=resource_id, PolicyName=name)
        if missing := sorted(wanted - present):  # it names policies, and has no documents to put
            raise ProviderError(f"the role {resource_id} has no inline policy {', '.join(missing)}")


class RolePolicyAttachmentsExclusive(_Exclusive):
    """All managed policies attached to a role."""

    urn_type = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
    noun = "IAM Role Policy Attachments Exclusive"
    regional = False
    owner = "roleName"
    absent = ABSENT
    properties = described(
        roleName=Property(required=True, replaces=True),
        policyArns=Property(kind=Kind.STRINGS, required=True, unordered=True),
    )

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        return {"roleName": resource_id, "policyArns": sorted(self._attached(aws, resource_id))}

    @override
    def _settle(self, aws: Account, resource_id: str, new: Properties) -> None:
        present, wanted = self._attached(aws, resource_id), set(new["policyArns"])
        for arn in sorted(wanted - present):
            aws.client("iam").attach_role_policy(RoleName=resource_id, PolicyArn=arn)
        for arn in sorted(present - wanted):
            aws.client("iam").detach_role_policy(RoleName=resource_id, PolicyArn=arn)

    @staticmethod
    def _attached(aws: Account, role: str) -> set[str]:
        found = aws.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        return {each["PolicyArn"] for each in found}


class VpcSecurityGroupRulesExclusive(_Exclusive):
    """All rules of a security group. A rule that it names and that is missing stays missing."""

    urn_type = "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive"
    noun = "VPC Security Group Rules Exclusive"
    owner = "securityGroupId"
    absent = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.Malformed"})
    properties = described(
        securityGroupId=Property(required=True, replaces=True),
        ingressRuleIds=Property(kind=Kind.STRINGS, required=True, unordered=True),
        egressRuleIds=Property(kind=Kind.STRINGS, required=True, unordered=True),
    )

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        aws.client("ec2").describe_security_groups(
            GroupIds=[resource_id]
        )  # a group that is gone has no rules
        rules = self._rules(aws, resource_id)
        return {
            "securityGroupId": resource_id,
            "ingressRuleIds": _ids(rules, egress=False),
            "egressRuleIds": _ids(rules, egress=True),
        }

    @override
    def _settle(self, aws: Account, resource_id: str, new: Properties) -> None:
        ec2, rules = aws.client("ec2"), self._rules(aws, resource_id)
        if foreign := sorted({*_ids(rules, egress=False)} - {*new["ingressRuleIds"]}):
            ec2.revoke_security_group_ingress(GroupId=resource_id, SecurityGroupRuleIds=foreign)
        if foreign := sorted({*_ids(rules, egress=True)} - {*new["egressRuleIds"]}):
            ec2.revoke_security_group_egress(GroupId=resource_id, SecurityGroupRuleIds=foreign)

    @staticmethod
    def _rules(aws: Account, group: str) -> list[dict[str, Any]]:
        filters = [{"Name": "group-id", "Values": [group]}]
        return list(aws.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"])


def _ids(rules: Iterable[dict[str, Any]], *, egress: bool) -> list[str]:
    return sorted(each["SecurityGroupRuleId"] for each in rules if bool(each["IsEgress"]) is egress)


RESOURCES: tuple[Resource, ...] = (
    RolePoliciesExclusive(),
    RolePolicyAttachmentsExclusive(),
    VpcSecurityGroupRulesExclusive(),
)
