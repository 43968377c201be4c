"""EC2 VPC endpoints and flow logs."""

from collections.abc import Iterable
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.errors import ProviderError
from sandbox.provider.resource import Resource, given, tag_map
from sandbox.provider.resources.ec2 import Ec2Resource
from sandbox.provider.schema import Kind, Property, arn, described, one_of
from sandbox.provider.wire import Properties


class VpcEndpoint(Ec2Resource):
    """A private way from a VPC to an AWS service: a gateway in route tables, or interfaces in subnets."""

    urn_type = "aws:ec2/vpcEndpoint:VpcEndpoint"
    noun = "EC2 VPC Endpoint"
    kind = "vpc-endpoint"
    absent = frozenset({"InvalidVpcEndpointId.NotFound"})
    properties = described(
        vpcId=Property(required=True, replaces=True),
        serviceName=Property(required=True, replaces=True),
        vpcEndpointType=Property(default="Gateway", replaces=True, rule=one_of("Gateway", "Interface")),
        policy=Property(kind=Kind.DOCUMENT, computed=True),
        privateDnsEnabled=Property(kind=Kind.BOOLEAN, computed=True),
        routeTableIds=Property(kind=Kind.STRINGS, computed=True, unordered=True),
        securityGroupIds=Property(kind=Kind.STRINGS, computed=True, unordered=True),
        subnetIds=Property(kind=Kind.STRINGS, computed=True, unordered=True),
        autoAccept=Property(kind=Kind.BOOLEAN, local=True),
        arn=Property(output=True),
        cidrBlocks=Property(kind=Kind.STRINGS, output=True),
        dnsEntries=Property(kind=Kind.BLOCKS, output=True),
        networkInterfaceIds=Property(kind=Kind.STRINGS, output=True),
        ownerId=Property(output=True),
        prefixListId=Property(output=True),
        requesterManaged=Property(kind=Kind.BOOLEAN, output=True),
        serviceRegion=Property(output=True),
        state=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("ec2").create_vpc_endpoint(
            VpcId=new["vpcId"],
            ServiceName=new["serviceName"],
            VpcEndpointType=new["vpcEndpointType"],
            TagSpecifications=self.tagged(new),
            **given(
                PolicyDocument=new.get("policy"),
                PrivateDnsEnabled=new.get("privateDnsEnabled"),
                RouteTableIds=new.get("routeTableIds"),
                SecurityGroupIds=new.get("securityGroupIds"),
                SubnetIds=new.get("subnetIds"),
            ),
        )
        return str(answer["VpcEndpoint"]["VpcEndpointId"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        found = aws.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[resource_id])["VpcEndpoints"]
        endpoint: dict[str, Any] | None = next(iter(found), None)
        if endpoint is None or str(endpoint["State"]).lower() in ("deleted", "deleting"):
            return None
        gateway = endpoint.get("VpcEndpointType", "Gateway") == "Gateway"
        prefix_list, blocks = _prefix_list(aws, endpoint["ServiceName"]) if gateway else (None, [])
        return {
            "arn": aws.arn("ec2", f"vpc-endpoint/{resource_id}"),
            "vpcId": endpoint["VpcId"],
            "serviceName": endpoint["ServiceName"],
            "serviceRegion": aws.region,
            "vpcEndpointType": endpoint.get("VpcEndpointType", "Gateway"),
            "policy": endpoint.get("PolicyDocument"),
            "privateDnsEnabled": not gateway and bool(endpoint.get("PrivateDnsEnabled")),
            "routeTableIds": list(endpoint.get("RouteTableIds", [])),
            "securityGroupIds": [each["GroupId"] for each in endpoint.get("Groups", [])],
            "subnetIds": list(endpoint.get("SubnetIds", [])),
            "cidrBlocks": blocks,
            "dnsEntries": [
                given(dnsName=each.get("DnsName"), hostedZoneId=each.get("HostedZoneId"))
                for each in endpoint.get("DnsEntries", [])
            ],
            "networkInterfaceIds": list(endpoint.get("NetworkInterfaceIds", [])),
            "ownerId": endpoint.get("OwnerId", aws.account_id),
            "prefixListId": prefix_list,
            "requesterManaged": bool(endpoint.get("RequesterManaged")),
            "state": endpoint["State"],
            "tagsAll": tag_map(endpoint.get("Tags", [])),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        parameters: dict[str, Any] = {}
        if "policy" in changed:
            parameters |= {"PolicyDocument": new["policy"]}
        if "privateDnsEnabled" in changed:
            parameters |= {"PrivateDnsEnabled": new["privateDnsEnabled"]}
        lists = {
            "routeTableIds": "RouteTableIds",
            "subnetIds": "SubnetIds",
            "securityGroupIds": "SecurityGroupIds",
        }
        for name, parameter in lists.items():
            if name in changed:
                before, after = set(old.get(name) or []), set(new[name])
                parameters |= given(**{f"Add{parameter}": sorted(after - before) or None})
                parameters |= given(**{f"Remove{parameter}": sorted(before - after) or None})
        if parameters:
            aws.client("ec2").modify_vpc_endpoint(VpcEndpointId=resource_id, **parameters)

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        answer = aws.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[resource_id])
        for failure in answer.get("Unsuccessful", []):
            if failure["Error"]["Code"] not in self.absent:
                raise ProviderError(f"deleting {self.noun} ({resource_id}): {failure['Error']['Message']}")

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        gateway = new["vpcEndpointType"] == "Gateway"
        wrong = ["subnetIds", "securityGroupIds", "privateDnsEnabled"] if gateway else ["routeTableIds"]
        for name in wrong:
            if new.get(name):
                yield name, f"a {new['vpcEndpointType']} endpoint takes no {name}"


def _prefix_list(aws: Account, service: str) -> tuple[str | None, list[str]]:
    found = aws.client("ec2").describe_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [service]}]
    )["PrefixLists"]
    return (found[0]["PrefixListId"], list(found[0].get("Cidrs", []))) if found else (None, [])


class FlowLog(Ec2Resource):
    """A record of what flows in a VPC or subnet."""

    urn_type = "aws:ec2/flowLog:FlowLog"
    noun = "EC2 Flow Log"
    kind = "vpc-flow-log"
    absent = frozenset({"InvalidFlowLogId.NotFound"})
    taken = frozenset({"FlowLogAlreadyExists"})
    properties = described(
        vpcId=Property(replaces=True),
        subnetId=Property(replaces=True),
        trafficType=Property(replaces=True, rule=one_of("ACCEPT", "ALL", "REJECT")),
        iamRoleArn=Property(replaces=True, rule=arn),
        logDestination=Property(computed=True, replaces=True, rule=arn),
        logDestinationType=Property(
            default="cloud-watch-logs", replaces=True, rule=one_of("cloud-watch-logs", "s3")
        ),
        logFormat=Property(computed=True, replaces=True),
        maxAggregationInterval=Property(kind=Kind.INTEGER, default=600, replaces=True, rule=one_of(60, 600)),
        arn=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        subject = "vpcId" if new.get("vpcId") else "subnetId"
        answer = aws.client("ec2").create_flow_logs(
            ResourceIds=[new[subject]],
            ResourceType="VPC" if subject == "vpcId" else "Subnet",
            LogDestinationType=new["logDestinationType"],
            MaxAggregationInterval=new["maxAggregationInterval"],
            TagSpecifications=self.tagged(new),
            **given(
                TrafficType=new.get("trafficType"),
                DeliverLogsPermissionArn=new.get("iamRoleArn"),
                LogDestination=new.get("logDestination"),
                LogFormat=new.get("logFormat"),
            ),
        )
        for failure in answer.get("Unsuccessful", []):
            error = failure["Error"]
            raise ProviderError(f"creating {self.noun} ({new[subject]}): {error['Code']}: {error['Message']}")
        return str(answer["FlowLogIds"][0])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        subject = new.get("vpcId") or new["subnetId"]
        found = aws.client("ec2").describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [subject]}])
        return [each["FlowLogId"] for each in found["FlowLogs"]]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        found = aws.client("ec2").describe_flow_logs(FlowLogIds=[resource_id])["FlowLogs"]
        log: dict[str, Any] | None = next(iter(found), None)
        if log is None:
            return None
        subject = "vpcId" if log["ResourceId"].startswith("vpc-") else "subnetId"
        return {
            subject: log["ResourceId"],
            "arn": aws.arn("ec2", f"vpc-flow-log/{resource_id}"),
            "trafficType": log.get("TrafficType"),
            "iamRoleArn": log.get("DeliverLogsPermissionArn"),
            "logDestination": log.get("LogDestination"),
            "logDestinationType": log.get("LogDestinationType", "cloud-watch-logs"),
            "logFormat": log.get("LogFormat"),
            "maxAggregationInterval": int(log.get("MaxAggregationInterval", 600)),
            "tagsAll": tag_map(log.get("Tags", [])),
        }

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("ec2").delete_flow_logs(FlowLogIds=[resource_id])

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        if bool(new.get("vpcId")) == bool(new.get("subnetId")):
            yield "vpcId", "exactly one of vpcId, subnetId must be set"
        if not new.get("trafficType"):
            yield "trafficType", "required for a VPC or subnet"


RESOURCES: tuple[Resource, ...] = (VpcEndpoint(), FlowLog())
