"""IAM roles, and what all IAM resources share."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_list, tag_map
from sandbox.provider.schema import Kind, Property, arn, between, described, matching
from sandbox.provider.wire import Properties

_NAME_WORDS = "must contain only alphanumeric characters and the following: + = , . @ _ -"
ABSENT = frozenset({"NoSuchEntity"})
TAKEN = frozenset({"EntityAlreadyExists"})


def name_up_to(longest: int) -> Property:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    return Property(replaces=True, rule=matching(r"[\w+=,.@-]+", 1, longest, _NAME_WORDS))


PATH = Property(
    default="/", replaces=True, rule=matching(r"/|/[\x21-\x7e]+/", 1, 512, "must begin and end with /")
)


def as_text(document: Any) -> str:
    """A document as botocore returns it, parsed or not, as text."""
    return document if isinstance(document, str) else json.dumps(document)


class Role(Resource):
    """An IAM role, with its permissions boundary and its inline and attached policies."""

    urn_type = "aws:iam/role:Role"
    noun = "IAM Role"
    regional = False
    absent = ABSENT
    taken = TAKEN
    properties = described(
        name=name_up_to(64),
        path=PATH,
        assumeRolePolicy=Property(kind=Kind.DOCUMENT, required=True),
        description=Property(rule=matching(r"[\t\n\r\x20-\x7e\xa1-\xff]*", 0, 1000, "invalid characters")),
        maxSessionDuration=Property(kind=Kind.INTEGER, default=3600, rule=between(3600, 43200)),
        permissionsBoundary=Property(rule=arn),
        forceDetachPolicies=Property(kind=Kind.BOOLEAN, default=False, local=True),
        inlinePolicies=Property(
            kind=Kind.BLOCKS,
            computed=True,
            unordered=True,
            fields={"name": Property(required=True), "policy": Property(kind=Kind.DOCUMENT, required=True)},
        ),
        managedPolicyArns=Property(kind=Kind.STRINGS, computed=True, unordered=True),
        arn=Property(output=True),
        createDate=Property(output=True),
        uniqueId=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        aws.client("iam").create_role(
            RoleName=new["name"],
            Path=new["path"],
            AssumeRolePolicyDocument=new["assumeRolePolicy"],
            MaxSessionDuration=new["maxSessionDuration"],
            Tags=tag_list(new["tagsAll"]),
            **given(Description=new.get("description"), PermissionsBoundary=new.get("permissionsBoundary")),
        )
        return str(new["name"])

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        self._put_inline(aws, resource_id, new.get("inlinePolicies") or [])
        for policy in new.get("managedPolicyArns") or []:
            aws.client("iam").attach_role_policy(RoleName=resource_id, PolicyArn=policy)

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [new["name"]]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        iam = aws.client("iam")
        role = iam.get_role(RoleName=resource_id)["Role"]
        inline = iam.list_role_policies(RoleName=resource_id)["PolicyNames"]
        attached = iam.list_attached_role_policies(RoleName=resource_id)["AttachedPolicies"]
        return {
            "name": role["RoleName"],
            "path": role["Path"],
            "arn": role["Arn"],
            "assumeRolePolicy": as_text(role["AssumeRolePolicyDocument"]),
            "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "description": role.get("Description") or "",
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "uniqueId": role["RoleId"],
            "inlinePolicies": [
                {
                    "name": name,
                    "policy": as_text(
                        iam.get_role_policy(RoleName=resource_id, PolicyName=name)["PolicyDocument"]
                    ),
                }
                for name in sorted(inline)
            ],
            "managedPolicyArns": sorted(policy["PolicyArn"] for policy in attached),
            "tagsAll": tag_map(role.get("Tags", [])),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        iam = aws.client("iam")
        if "assumeRolePolicy" in changed:
            iam.update_assume_role_policy(RoleName=resource_id, PolicyDocument=new["assumeRolePolicy"])
        if changed & {"description", "maxSessionDuration"}:
            iam.update_role(
                RoleName=resource_id,
                Description=new.get("description") or "",
                MaxSessionDuration=new["maxSessionDuration"],
            )
        if "permissionsBoundary" in changed:
            if new.get("permissionsBoundary"):
                iam.put_role_permissions_boundary(
                    RoleName=resource_id, PermissionsBoundary=new["permissionsBoundary"]
                )
            else:
                iam.delete_role_permissions_boundary(RoleName=resource_id)
        if "inlinePolicies" in changed:
            wanted = new.get("inlinePolicies") or []
            for name in {each["name"] for each in old["inlinePolicies"]} - {each["name"] for each in wanted}:
                iam.delete_role_policy(RoleName=resource_id, PolicyName=name)
            self._put_inline(aws, resource_id, wanted)
        if "managedPolicyArns" in changed:
            before, after = set(old["managedPolicyArns"]), set(new.get("managedPolicyArns") or [])
            for policy in before - after:
                iam.detach_role_policy(RoleName=resource_id, PolicyArn=policy)
            for policy in after - before:
                iam.attach_role_policy(RoleName=resource_id, PolicyArn=policy)

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("iam").untag_role(RoleName=state["id"], TagKeys=names)
        if put:
            aws.client("iam").tag_role(RoleName=state["id"], Tags=tag_list(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        iam = aws.client("iam")
        # The AWS plugin removes from a role only what it manages there; a role that has more refuses to go.
        force = bool(state.get("forceDetachPolicies"))
        managed = set(state.get("managedPolicyArns") or [])
        inline = {each["name"] for each in state.get("inlinePolicies") or []}
        for policy in iam.list_attached_role_policies(RoleName=resource_id)["AttachedPolicies"]:
            if force or policy["PolicyArn"] in managed:
                iam.detach_role_policy(RoleName=resource_id, PolicyArn=policy["PolicyArn"])
        for name in iam.list_role_policies(RoleName=resource_id)["PolicyNames"]:
            if force or name in inline:
                iam.delete_role_policy(RoleName=resource_id, PolicyName=name)
        iam.delete_role(RoleName=resource_id)

    @staticmethod
    def _put_inline(aws: Account, role: str, policies: list[Properties]) -> None:
        for each in policies:
            aws.client("iam").put_role_policy(
                RoleName=role, PolicyName=each["name"], PolicyDocument=each["policy"]
            )


RESOURCES: tuple[Resource, ...] = (Role(),)
