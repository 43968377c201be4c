"""What resources of each type are called: the property that holds the name, and the noun that its kind ends
with.

A physical name is `{resource-type}-{environment}-{suffix}`; `resource-type` is one or more words in kebab
case, the last of them the noun below, so that a bill, a log line or an alarm says what it is about. A noun
may be a regular expression where one resource type has several of a kind (subnets carry the letter of their
zone).
"""

from collections.abc import Mapping

NAMED: Mapping[str, tuple[str, str]] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("alarmName", "alarm"),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", "dashboard"),
    "aws:cloudwatch/eventBus:EventBus": ("name", "event-bus"),
    "aws:cloudwatch/eventRule:EventRule": ("name", "rule"),
    "aws:cloudwatch/logDestination:LogDestination": ("name", "destination"),
    "aws:cloudwatch/logGroup:LogGroup": ("name", "log-group"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": ("name", "filter"),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": ("policyName", "policy"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": ("name", "filter"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", "alarm"),
    "aws:cloudwatch/metricStream:MetricStream": ("name", "stream"),
    "aws:dynamodb/globalTable:GlobalTable": ("name", "table"),
    "aws:dynamodb/table:Table": ("name", "table"),
    "aws:ec2/managedPrefixList:ManagedPrefixList": ("name", "prefix-list"),
    "aws:ec2/securityGroup:SecurityGroup": ("name", "security-group"),
    "aws:iam/group:Group": ("name", "group"),
    "aws:iam/groupPolicy:GroupPolicy": ("name", "policy"),
    "aws:iam/instanceProfile:InstanceProfile": ("name", "profile"),
    "aws:iam/policy:Policy": ("name", "policy"),
    "aws:iam/role:Role": ("name", "role"),
    "aws:iam/rolePolicy:RolePolicy": ("name", "policy"),
    "aws:iam/samlProvider:SamlProvider": ("name", "provider"),
    "aws:iam/user:User": ("name", "user"),
    "aws:iam/userPolicy:UserPolicy": ("name", "policy"),
    "aws:kms/alias:Alias": ("name", "key"),
    "aws:lambda/alias:Alias": ("name", "alias"),
    "aws:lambda/capacityProvider:CapacityProvider": ("name", "capacity-provider"),
    "aws:lambda/function:Function": ("name", "function"),
    "aws:lambda/layerVersion:LayerVersion": ("layerName", "layer"),
    "aws:s3/accessPoint:AccessPoint": ("name", "access-point"),
    "aws:s3/bucket:Bucket": ("bucket", "bucket"),
    "aws:s3/bucketV2:BucketV2": ("bucket", "bucket"),
    "aws:sns/platformApplication:PlatformApplication": ("name", "application"),
    "aws:sns/topic:Topic": ("name", "topic"),
    "aws:sqs/queue:Queue": ("name", "queue"),
}
"""Type to (property, noun) for types that have a physical name."""

UNNAMED: Mapping[str, str] = {
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": "network-acl",
    "aws:ec2/defaultRouteTable:DefaultRouteTable": "route-table",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "security-group",
    "aws:ec2/flowLog:FlowLog": "flow-log",
    "aws:ec2/instance:Instance": "instance",
    "aws:ec2/networkAcl:NetworkAcl": "network-acl",
    "aws:ec2/networkInterface:NetworkInterface": "network-interface",
    "aws:ec2/routeTable:RouteTable": "route-table",
    "aws:ec2/securityGroup:SecurityGroup": "security-group",
    "aws:ec2/subnet:Subnet": "subnet(-[a-z])?",
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": "dhcp-options",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "endpoint",
    "aws:ec2/vpcEndpointService:VpcEndpointService": "endpoint-service",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "peering-connection",
    "aws:kms/externalKey:ExternalKey": "key",
    "aws:kms/key:Key": "key",
    "aws:kms/replicaKey:ReplicaKey": "key",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "mapping",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "rule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "rule",
}
"""Type to noun for types that AWS names by id; they carry their name as the tag `Name`."""

PREFIXES: Mapping[str, str] = {"aws:kms/alias:Alias": "alias/"}
"""What AWS wants in front of a name."""

ENDINGS: Mapping[str, str] = {"aws:sqs/queue:Queue": ".fifo", "aws:sns/topic:Topic": ".fifo"}
"""What AWS wants behind the name of a FIFO queue or topic."""

TAGGABLE = frozenset(
    (NAMED.keys() | UNNAMED.keys() | {"aws:iam/openIdConnectProvider:OpenIdConnectProvider"})
    - {
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
        "aws:dynamodb/globalTable:GlobalTable",
        "aws:iam/group:Group",
        "aws:iam/groupPolicy:GroupPolicy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:kms/alias:Alias",
        "aws:lambda/alias:Alias",
        "aws:lambda/layerVersion:LayerVersion",
        "aws:sns/platformApplication:PlatformApplication",
    }
)
"""Types whose `tags` AWS takes."""
