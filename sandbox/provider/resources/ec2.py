"""What every EC2 resource shares: tags given with the create call, and being found again by them."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, tag_list
from sandbox.provider.wire import Properties


class Ec2Resource(Resource):
    """An EC2 resource: unnamed but for its Name tag."""

    naming: ClassVar[str | None] = None
    kind: str
    """EC2's resource type, as tag specifications and DescribeTags spell it."""

    def tagged(self, new: Properties) -> list[dict[str, object]]:
        """The TagSpecifications of a create call."""
        tags = tag_list(new["tagsAll"])
        return [{"ResourceType": self.kind, "Tags": tags}] if tags else []

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        name = new["tagsAll"].get("Name")
        if not name:
            return []
        filters = [{"Name": "resource-type", "Values": [self.kind]}, {"Name": "tag:Name", "Values": [name]}]
        found = aws.client("ec2").describe_tags(Filters=filters)["Tags"]
        return sorted({each["ResourceId"] for each in found})

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("ec2").delete_tags(Resources=[state["id"]], Tags=[{"Key": name} for name in names])
        if put:
            aws.client("ec2").create_tags(Resources=[state["id"]], Tags=tag_list(put))
