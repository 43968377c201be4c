"""Where policy documents are attached: on what somebody may do, on who may use a thing, on who may take a
role.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.documents import PolicyStatement, statements
from policies.properties import blocks, text
from policies.resource import CheckedResource

BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ROLE = "aws:iam/role:Role"

IDENTITY: Mapping[str, str] = {
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}
"""Type to the property that says what a principal may do; a role's `inlinePolicies` come on top."""

RESOURCE: Mapping[str, str] = {
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:kms/externalKey:ExternalKey": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:kms/replicaKey:ReplicaKey": "policy",
    "aws:lambda/resourcePolicy:ResourcePolicy": "policy",
    "aws:s3/accessPoint:AccessPoint": "policy",
    "aws:s3/bucket:Bucket": "policy",
    "aws:s3/bucketV2:BucketV2": "policy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "policy",
    BUCKET_POLICY: "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
"""Type to the property that says who may use the resource."""

ENDPOINT: Mapping[str, str] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "policy",
}
"""Type to the property that says what may pass an endpoint, where everyone is the usual principal."""

IDENTITY_TYPES = frozenset(IDENTITY) | {ROLE}
RESOURCE_TYPES = frozenset(RESOURCE)
ENDPOINT_TYPES = frozenset(ENDPOINT)
KEY_TYPES = frozenset(kind for kind in RESOURCE if kind.startswith("aws:kms/"))


@dataclass(frozen=True, kw_only=True)
class AttachedStatement:
    """A statement and where in its resource it stands, for messages."""

    where: str
    statement: PolicyStatement

    @property
    def label(self) -> str:
        """The statement by its Sid or number, and the document where a resource has several."""
        return f"{self.where}{self.statement.label}"


def identity_statements(resource: CheckedResource) -> Iterator[AttachedStatement]:
    """Yield what a resource lets principals do."""
    if resource.type == ROLE:
        for inline in blocks(resource.props, "inlinePolicies"):
            yield from _attached(f"inline policy {text(inline, 'name')}: ", statements(inline, "policy"))
    else:
        yield from _attached("", statements(resource.props, IDENTITY[resource.type]))


def resource_statements(resource: CheckedResource) -> Iterator[AttachedStatement]:
    """Yield who may use a resource."""
    yield from _attached("", statements(resource.props, RESOURCE[resource.type]))


def _attached(where: str, found: list[PolicyStatement]) -> Iterator[AttachedStatement]:
    for statement in found:
        yield AttachedStatement(where=where, statement=statement)
