"""What the accounts of a sandbox hold, asked of AWS's own services, and what the brief wants them to hold."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

from sandbox.box import Sandbox
from sandbox.inventory import inventory, leftovers

SUFFIX = "acme"
PROJECTS = ("bootstrap-iam", "network", "payments")
OWN_ROLES = ("deployer-role", "operator-role", "flow-log-role", "payments-function-role")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """An environment as the brief, and the stack files that answer it, describe it."""

    environment: str
    account: str
    region: str
    concurrency: int
    memory_mb: int
    point_in_time_recovery: str
    receives: int
    dead_letter_threshold: int
    error_threshold: int
    throttle_threshold: int
    age_seconds: int
    log_days: int
    flow_log_days: int
    cidr: str
    below: tuple[str, ...]


EXPECTED = (
    Expected(
        environment="dev",
        account="111111111111",
        region="us-east-1",
        concurrency=1,
        memory_mb=512,
        point_in_time_recovery="DISABLED",
        receives=2,
        dead_letter_threshold=10,
        error_threshold=5,
        throttle_threshold=100,
        age_seconds=3600,
        log_days=30,
        flow_log_days=7,
        cidr="10.10.0.0/20",
        below=(),
    ),
    Expected(
        environment="staging",
        account="222222222222",
        region="us-west-2",
        concurrency=10,
        memory_mb=1024,
        point_in_time_recovery="ENABLED",
        receives=3,
        dead_letter_threshold=5,
        error_threshold=3,
        throttle_threshold=5,
        age_seconds=900,
        log_days=90,
        flow_log_days=30,
        cidr="10.20.0.0/20",
        below=("dev",),
    ),
    Expected(
        environment="prod",
        account="333333333333",
        region="eu-west-1",
        concurrency=100,
        memory_mb=2048,
        point_in_time_recovery="ENABLED",
        receives=5,
        dead_letter_threshold=1,
        error_threshold=1,
        throttle_threshold=1,
        age_seconds=300,
        log_days=365,
        flow_log_days=365,
        cidr="10.30.0.0/20",
        below=("dev", "staging"),
    ),
)


class Held(NamedTuple):
    """A resource: its kind, and its name or, where the kind has none, its id."""

    kind: str
    name: str


class World:
    """One environment's account and region. Answers are what AWS says, not what a program asked for."""

    def __init__(self, box: Sandbox, environment: str) -> None:
        self.box, self.environment = box, environment
        self.account = box.accounts[environment].id
        self.region = box.accounts[environment].region
        self.session = box.session(environment)
        self.client = cache(self._client)
        self.outputs = cache(self._outputs)

    def _client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.box.url)

    def _outputs(self, project: str) -> dict[str, Any]:
        return self.box.outputs(project, self.environment)

    def name(self, resource_type: str) -> str:
        return f"{resource_type}-{self.environment}-{SUFFIX}"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def everything(self) -> frozenset[Held]:
        """All that the account holds in this region."""
        return _held(inventory(self.session, url=self.box.url))

    def made(self) -> frozenset[Held]:
        """All that the account holds, in any region, and that AWS did not put there."""
        places = leftovers(self.box.url, [self.account])
        return frozenset(held for items in places.values() for held in _held(items))

    @cached_property
    def function(self) -> dict[str, Any]:
        answer = self.client("lambda").get_function(FunctionName=self.name("payments-function"))
        return {**answer["Configuration"], "Concurrency": answer.get("Concurrency", {})}

    @cached_property
    def mapping(self) -> dict[str, Any]:
        (found,) = self.client("lambda").list_event_source_mappings(
            EventSourceArn=self.queue("payments-queue")["QueueArn"]
        )["EventSourceMappings"]
        return dict(found)

    @cached_property
    def mappings(self) -> list[dict[str, Any]]:
        return list(self.client("lambda").list_event_source_mappings()["EventSourceMappings"])

    @cached_property
    def table(self) -> dict[str, Any]:
        return dict(self.client("dynamodb").describe_table(TableName=self.name("payments-table"))["Table"])

    def queue(self, resource_type: str) -> dict[str, Any]:
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=self.name(resource_type))["QueueUrl"]
        return {
            "Url": url,
            **sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"],
        }

    def topic(self, resource_type: str) -> dict[str, Any]:
        arn = self.arn("sns", self.name(resource_type))
        return dict(self.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"])

    def subscriptions(self, resource_type: str) -> list[tuple[str, str]]:
        arn = self.arn("sns", self.name(resource_type))
        found = self.client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        return sorted((item["Protocol"], item["Endpoint"]) for item in found)

    @cached_property
    def alarms(self) -> dict[str, dict[str, Any]]:
        found = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        return {item["AlarmName"].removesuffix(f"-{self.environment}-{SUFFIX}"): item for item in found}

    def role(self, resource_type: str) -> dict[str, Any]:
        return dict(self.client("iam").get_role(RoleName=self.name(resource_type))["Role"])

    def log_group(self, resource_type: str) -> dict[str, Any]:
        name = self.name(resource_type)
        groups = self.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return next(group for group in groups if group["logGroupName"] == name)

    def key_arn(self, alias: str) -> str:
        metadata = self.client("kms").describe_key(KeyId=f"alias/{self.name(alias)}")["KeyMetadata"]
        return str(metadata["Arn"])

    @property
    def vpc_id(self) -> str:
        return str(self.outputs("network")["vpcId"])

    def in_vpc(self, operation: str, key: str, filter_name: str = "vpc-id") -> list[dict[str, Any]]:
        """What an EC2 `describe_…` operation lists of this environment's VPC."""
        describe = getattr(self.client("ec2"), operation)
        return list(describe(Filters=[{"Name": filter_name, "Values": [self.vpc_id]}])[key])

    def endpoint(self, resource_type: str) -> dict[str, Any]:
        name = self.name(resource_type)
        (found,) = [
            item
            for item in self.in_vpc("describe_vpc_endpoints", "VpcEndpoints")
            if tags(item)["Name"] == name
        ]
        return found


def _held(items: Iterable[str]) -> frozenset[Held]:
    named = (item.rpartition(" ") for item in items)
    return frozenset(Held(kind, re.split("[:/]", identity)[-1]) for kind, _, identity in named)


def tags(item: dict[str, Any]) -> dict[str, str]:
    """An EC2 resource's tags."""
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def statements(document: str | dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy document."""
    parsed = json.loads(document) if isinstance(document, str) else document
    found = parsed["Statement"]
    return [found] if isinstance(found, dict) else list(found)


def listed(value: str | list[str]) -> list[str]:
    """A policy's value that may be one or many, as many."""
    return [value] if isinstance(value, str) else value
