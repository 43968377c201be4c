"""IAM policies: customer-managed ones, inline ones, and their attachments to roles."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_list, tag_map
from sandbox.provider.resources.iam import ABSENT, PATH, TAKEN, as_text, name_up_to
from sandbox.provider.schema import Kind, Property, arn, described
from sandbox.provider.wire import Properties


class Policy(Resource):
    """A customer-managed policy; its document lives in versions, of which AWS keeps five."""

    urn_type = "aws:iam/policy:Policy"
    noun = "IAM Policy"
    regional = False
    absent = ABSENT
    taken = TAKEN
    properties = described(
        name=name_up_to(128),
        path=PATH,
        policy=Property(kind=Kind.DOCUMENT, required=True),
        description=Property(replaces=True),
        arn=Property(output=True),
        attachmentCount=Property(kind=Kind.INTEGER, output=True),
        policyId=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("iam").create_policy(
            PolicyName=new["name"],
            Path=new["path"],
            PolicyDocument=new["policy"],
            Tags=tag_list(new["tagsAll"]),
            **given(Description=new.get("description")),
        )
        return str(answer["Policy"]["Arn"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [aws.arn("iam", f"policy{new['path']}{new['name']}", region="")]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        iam = aws.client("iam")
        policy = iam.get_policy(PolicyArn=resource_id)["Policy"]
        version = iam.get_policy_version(PolicyArn=resource_id, VersionId=policy["DefaultVersionId"])
        return {
            "arn": policy["Arn"],
            "attachmentCount": policy["AttachmentCount"],
            "description": policy.get("Description") or "",
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policy": as_text(version["PolicyVersion"]["Document"]),
            "policyId": policy["PolicyId"],
            "tagsAll": tag_map(policy.get("Tags", [])),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        iam = aws.client("iam")
        spare = [each for each in self._versions(aws, resource_id) if not each["IsDefaultVersion"]]
        if len(spare) == 4:  # five versions are the quota: the oldest makes room, as with the AWS plugin
            oldest = min(spare, key=lambda each: int(each["VersionId"][1:]))
            iam.delete_policy_version(PolicyArn=resource_id, VersionId=oldest["VersionId"])
        iam.create_policy_version(PolicyArn=resource_id, PolicyDocument=new["policy"], SetAsDefault=True)

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("iam").untag_policy(PolicyArn=state["id"], TagKeys=names)
        if put:
            aws.client("iam").tag_policy(PolicyArn=state["id"], Tags=tag_list(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        iam = aws.client("iam")
        for version in self._versions(aws, resource_id):
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=resource_id, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=resource_id)

    @staticmethod
    def _versions(aws: Account, resource_id: str) -> list[dict[str, Any]]:
        return list(aws.client("iam").list_policy_versions(PolicyArn=resource_id)["Versions"])


class RolePolicyAttachment(Resource):
    """A managed policy on a role. Attaching twice is no error, so an interrupted update needs no adoption."""

    urn_type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    noun = "IAM Role Policy Attachment"
    naming = None
    taggable = False
    regional = False
    absent = ABSENT
    properties = described(
        role=Property(required=True, replaces=True),
        policyArn=Property(required=True, replaces=True, rule=arn),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        aws.client("iam").attach_role_policy(RoleName=new["role"], PolicyArn=new["policyArn"])
        return f"{new['role']}/{new['policyArn']}"

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        role, policy = resource_id.split("/", 1)
        attached = aws.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        if not any(each["PolicyArn"] == policy for each in attached):
            return None
        return {"role": role, "policyArn": policy}

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        role, policy = resource_id.split("/", 1)
        aws.client("iam").detach_role_policy(RoleName=role, PolicyArn=policy)


class RolePolicy(Resource):
    """An inline policy of a role. PutRolePolicy overwrites, so an interrupted update needs no adoption."""

    urn_type = "aws:iam/rolePolicy:RolePolicy"
    noun = "IAM Role Policy"
    taggable = False
    regional = False
    absent = ABSENT
    properties = described(
        name=name_up_to(128),
        role=Property(required=True, replaces=True),
        policy=Property(kind=Kind.DOCUMENT, required=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        self._put(aws, new["role"], new["name"], new["policy"])
        return f"{new['role']}:{new['name']}"

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        role, name = resource_id.split(":", 1)
        found = aws.client("iam").get_role_policy(RoleName=role, PolicyName=name)
        return {"name": name, "role": role, "policy": as_text(found["PolicyDocument"])}

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._put(aws, new["role"], new["name"], new["policy"])

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        role, name = resource_id.split(":", 1)
        aws.client("iam").delete_role_policy(RoleName=role, PolicyName=name)

    @staticmethod
    def _put(aws: Account, role: str, name: str, policy: str) -> None:
        aws.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)


RESOURCES: tuple[Resource, ...] = (Policy(), RolePolicyAttachment(), RolePolicy())
