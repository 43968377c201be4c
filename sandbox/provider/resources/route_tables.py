"""EC2 route tables and their association with subnets."""

from collections.abc import Iterable
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_map
from sandbox.provider.resources.ec2 import Ec2Resource
from sandbox.provider.schema import Kind, Property, described
from sandbox.provider.wire import Properties

_DESTINATIONS = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
"""Where a route leads: property to parameter of the API."""
_TARGETS = {
    "carrierGatewayId": "CarrierGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "localGatewayId": "LocalGatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
"""What a route leads through: property to parameter of the API."""
_ROUTE = {name: Property() for name in (*_DESTINATIONS, *_TARGETS)}


class RouteTable(Ec2Resource):
    """A route table. Its routes are those that the program lists, or whatever anybody added if it lists none.

    Left out are the routes that AWS adds: the local ones, propagated ones and those of gateway endpoints.
    """

    urn_type = "aws:ec2/routeTable:RouteTable"
    noun = "EC2 Route Table"
    kind = "route-table"
    absent = frozenset({"InvalidRouteTableID.NotFound"})
    properties = described(
        vpcId=Property(required=True, replaces=True),
        arn=Property(output=True),
        ownerId=Property(output=True),
        propagatingVgws=Property(kind=Kind.STRINGS, output=True),
        routes=Property(kind=Kind.BLOCKS, computed=True, unordered=True, fields=_ROUTE),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("ec2").create_route_table(VpcId=new["vpcId"], TagSpecifications=self.tagged(new))
        return str(answer["RouteTable"]["RouteTableId"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        table = aws.client("ec2").describe_route_tables(RouteTableIds=[resource_id])["RouteTables"][0]
        return {
            "arn": aws.arn("ec2", f"route-table/{resource_id}"),
            "vpcId": table["VpcId"],
            "ownerId": table.get("OwnerId", aws.account_id),
            "propagatingVgws": [each["GatewayId"] for each in table.get("PropagatingVgws", [])],
            "routes": _routes(table),
            "tagsAll": tag_map(table.get("Tags", [])),
        }

    @override
    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        table = aws.client("ec2").describe_route_tables(RouteTableIds=[resource_id])["RouteTables"][0]
        present = _by_destination(_routes(table))  # an interrupted update may have begun to add them
        for destination, route in _by_destination(new.get("routes") or []).items():
            if destination not in present:
                self._add(aws, resource_id, route)

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        before, after = _by_destination(old["routes"]), _by_destination(new["routes"])
        for destination in sorted(before.keys() - after.keys()):
            kind, text = destination
            aws.client("ec2").delete_route(RouteTableId=resource_id, **{_DESTINATIONS[kind]: text})
        for destination in sorted(after.keys()):
            if destination not in before:
                self._add(aws, resource_id, after[destination])
            elif before[destination] != after[destination]:
                aws.client("ec2").replace_route(RouteTableId=resource_id, **_call(after[destination]))

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        for index, route in enumerate(new.get("routes") or []):
            for sort, names in (("destination", _DESTINATIONS), ("target", _TARGETS)):
                if sum(1 for name in names if route.get(name)) != 1:
                    yield f"routes[{index}]", f"exactly one {sort} must be set: {', '.join(names)}"

    @staticmethod
    def _add(aws: Account, table: str, route: Properties) -> None:
        aws.client("ec2").create_route(RouteTableId=table, **_call(route))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("ec2").delete_route_table(RouteTableId=resource_id)


def _routes(table: dict[str, Any]) -> list[Properties]:
    """The routes that somebody made: an internet gateway added by hand shows here as drift."""
    names = {**_DESTINATIONS, **_TARGETS}
    return [
        given(**{name: each.get(parameter) for name, parameter in names.items()})
        for each in table.get("Routes", [])
        if not _made_by_aws(each)
    ]


def _made_by_aws(route: dict[str, Any]) -> bool:
    gateway = str(route.get("GatewayId", ""))
    return (
        gateway == "local"
        or route.get("Origin") == "EnableVgwRoutePropagation"
        or (gateway.startswith("vpce-") and "DestinationPrefixListId" in route)
    )


def _by_destination(routes: Iterable[Properties]) -> dict[tuple[str, str], Properties]:
    return {
        (name, route[name]): {key: text for key, text in route.items() if text}
        for route in routes
        for name in _DESTINATIONS
        if route.get(name)
    }


def _call(route: Properties) -> dict[str, Any]:
    """The parameters of CreateRoute and ReplaceRoute."""
    names = {**_DESTINATIONS, **_TARGETS}
    return {parameter: route[name] for name, parameter in names.items() if route.get(name)}


class RouteTableAssociation(Resource):
    """A subnet's route table. AWS cannot tag it."""

    urn_type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    noun = "Route Table Association"
    naming = None
    taggable = False
    absent = frozenset({"InvalidAssociationID.NotFound", "InvalidRouteTableID.NotFound"})
    taken = frozenset({"Resource.AlreadyAssociated"})
    properties = described(
        routeTableId=Property(required=True),
        subnetId=Property(required=True, replaces=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("ec2").associate_route_table(
            RouteTableId=new["routeTableId"], SubnetId=new["subnetId"]
        )
        return str(answer["AssociationId"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        filters = [
            {"Name": "association.subnet-id", "Values": [new["subnetId"]]},
            {"Name": "route-table-id", "Values": [new["routeTableId"]]},
        ]
        return [
            each["RouteTableAssociationId"]
            for each in self._associations(aws, filters)
            if each.get("SubnetId") == new["subnetId"]
        ]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        filters = [{"Name": "association.route-table-association-id", "Values": [resource_id]}]
        for each in self._associations(aws, filters):
            if each["RouteTableAssociationId"] == resource_id:
                return {"routeTableId": each["RouteTableId"], "subnetId": each.get("SubnetId")}
        return None

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        aws.client("ec2").replace_route_table_association(
            AssociationId=resource_id, RouteTableId=new["routeTableId"]
        )

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("ec2").disassociate_route_table(AssociationId=resource_id)

    @staticmethod
    def _associations(aws: Account, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        tables = aws.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
        return [each for table in tables for each in table.get("Associations", [])]


RESOURCES: tuple[Resource, ...] = (RouteTable(), RouteTableAssociation())
