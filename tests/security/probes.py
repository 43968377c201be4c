"""What an attacker may want, as data: assets, what can be done to each, and the requests that do it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from components.environment import LADDER
from tests.security.footholds import BACKEND, STATE_ACCOUNT, Deployment


@dataclass(frozen=True, kw_only=True)
class Target:
    """A resource with the facts about it that conditions ask for."""

    arn: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Capability:
    """Something that can be done to an asset, and the requests with which."""

    asset: str
    does: str
    service: str
    actions: tuple[str, ...]
    kind: str
    """Which resources: a key of `targets`."""

    @property
    def id(self) -> str:
        """Asset and what is done to it."""
        return f"{self.asset}: {self.does}"


def _does(asset: str, does: str, kind: str, service: str, actions: str) -> Capability:
    return Capability(asset=asset, does=does, service=service, actions=tuple(actions.split()), kind=kind)


CAPABILITIES = (
    _does(
        "payments", "read", "table", "dynamodb",
        "BatchGetItem ExportTableToPointInTime GetItem GetRecords PartiQLSelect Query",
    ),
    _does("payments", "list", "table", "dynamodb", "Scan"),
    _does(
        "payments", "write or delete single ones", "table", "dynamodb",
        "BatchWriteItem DeleteItem PartiQLDelete PartiQLInsert PartiQLUpdate PutItem UpdateItem",
    ),
    _does("payments", "delete all", "table", "dynamodb", "DeleteBackup DeleteTable UpdateTimeToLive"),
    _does("payments", "stop the backup", "table", "dynamodb", "UpdateContinuousBackups"),
    _does(
        "payments", "copy elsewhere", "table", "dynamodb",
        "CreateTableReplica EnableKinesisStreamingDestination PutResourcePolicy UpdateTable",
    ),
    _does(
        "account key", "read", "account-key-table", "dynamodb",
        "ExportTableToPointInTime GetItem Query Scan",
    ),
    _does("account key", "write", "account-key-table", "dynamodb", "PutItem UpdateItem"),
    _does("payment requests", "receive", "queue", "sqs", "ReceiveMessage"),
    _does("payment requests", "send", "queue", "sqs", "SendMessage"),
    _does("payment requests", "delete", "queue", "sqs", "DeleteMessage DeleteQueue PurgeQueue"),
    _does("payment requests", "open to others", "queue", "sqs", "AddPermission SetQueueAttributes"),
    _does("dead letters", "receive", "dead-letter-queue", "sqs", "ReceiveMessage"),
    _does("dead letters", "send", "dead-letter-queue", "sqs", "SendMessage"),
    _does("dead letters", "delete", "dead-letter-queue", "sqs", "DeleteMessage DeleteQueue PurgeQueue"),
    _does("notifications", "subscribe to", "topic", "sns", "Subscribe"),
    _does("notifications", "forge", "topic", "sns", "Publish"),
    _does("notifications", "open to others", "topic", "sns", "AddPermission SetTopicAttributes"),
    _does("notifications", "stop", "topic", "sns", "DeleteTopic"),
    _does("keys", "decrypt with", "key", "kms", "Decrypt ReEncryptFrom"),
    _does("keys", "open to others", "key", "kms", "CreateGrant PutKeyPolicy"),
    _does("keys", "delete", "key", "kms", "DisableKey ScheduleKeyDeletion"),
    _does("function", "run", "function", "lambda", "InvokeAsync InvokeFunction"),
    _does(
        "function", "replace its code", "function", "lambda", "UpdateFunctionCode UpdateFunctionConfiguration"
    ),
    _does(
        "function", "open to others", "function", "lambda",
        "AddPermission CreateFunctionUrlConfig UpdateFunctionUrlConfig",
    ),
    _does("function", "stop", "function", "lambda", "DeleteFunction PutFunctionConcurrency"),
    _does("workload roles", "pass to a service", "workload-role", "iam", "PassRole"),
    _does(
        "workload roles", "change", "workload-role", "iam",
        "AttachRolePolicy DeleteRolePermissionsBoundary PutRolePermissionsBoundary PutRolePolicy "
        "UpdateAssumeRolePolicy",
    ),
    _does("workload roles", "make", "new-role", "iam", "CreateRole"),
    _does(
        "access roles", "change", "access-role", "iam",
        "AttachRolePolicy DeleteRole DetachRolePolicy PutRolePolicy UpdateAssumeRolePolicy",
    ),
    _does(
        "access roles", "change their policies", "access-policy", "iam",
        "CreatePolicyVersion DeletePolicy SetDefaultPolicyVersion",
    ),
    _does("access roles", "become deployer", "deployer-role", "sts", "AssumeRole"),
    _does("access roles", "become destroyer", "destroyer-role", "sts", "AssumeRole"),
    _does("access roles", "become operator", "operator-role", "sts", "AssumeRole"),
    _does("access roles", "become verifier", "verifier-role", "sts", "AssumeRole"),
    _does("access roles", "become reader", "reader-role", "sts", "AssumeRole"),
    _does("people and keys", "make", "user", "iam", "CreateAccessKey CreateUser UpdateLoginProfile"),
    _does(
        "network", "open a way out", "gateway", "ec2",
        "AttachInternetGateway CreateInternetGateway CreateNatGateway CreateTransitGatewayVpcAttachment "
        "CreateVpcPeeringConnection",
    ),
    _does("network", "add routes", "route-table", "ec2", "CreateRoute ReplaceRoute"),
    _does(
        "network", "let traffic in or out", "security-group", "ec2",
        "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress",
    ),
    _does("logs", "read", "log-group", "logs", "FilterLogEvents GetLogEvents StartQuery Unmask"),
    _does(
        "logs", "delete", "log-group", "logs",
        "DeleteLogGroup DeleteLogStream DeleteRetentionPolicy PutRetentionPolicy",
    ),
    _does("logs", "send elsewhere", "log-group", "logs", "CreateExportTask PutSubscriptionFilter"),
    _does(
        "alarms", "silence", "alarm", "cloudwatch",
        "DeleteAlarms DisableAlarmActions PutMetricAlarm SetAlarmState",
    ),
    _does(
        "audit trail of the account", "stop", "trail", "cloudtrail",
        "DeleteTrail PutEventSelectors StopLogging UpdateTrail",
    ),
    _does("states", "read this environment's", "own-state", "s3", "GetObject GetObjectVersion"),
    _does("states", "read those below or above", "other-state", "s3", "GetObject GetObjectVersion"),
    _does("states", "change this environment's", "own-state", "s3", "DeleteObject PutObject"),
    _does("states", "change those below or above", "other-state", "s3", "DeleteObject PutObject"),
    _does("states", "change what all share", "shared-state", "s3", "DeleteObject PutObject"),
    _does("secrets in states", "open this environment's", "own-secrets-key", "kms", "Decrypt"),
    _does("secrets in states", "open those of environments above", "other-secrets-key", "kms", "Decrypt"),
)  # fmt: skip


def targets(kind: str, own: Deployment) -> Iterator[Target]:  # noqa: C901  one case per kind
    """The resources of a kind in an environment."""
    tags = {
        "aws:ResourceTag/Environment": own.environment,
        "aws:ResourceTag/EnvironmentSuffix": own.suffix,
        "aws:ResourceTag/ManagedBy": "pulumi",
    }
    payments = {**tags, "aws:ResourceTag/Project": "payments"}
    network = {**tags, "aws:ResourceTag/Project": "network"}
    roles = ("deployer-role", "destroyer-role", "operator-role", "verifier-role", "reader-role")

    def named(service: str, resource: str, facts: Mapping[str, str] = payments) -> Target:
        return Target(arn=own.arn(service, resource), facts=facts)

    match kind:
        case "table":
            table = own.name("payments-table")
            # A customer's payment: synthetic ones and counts of redrives have other partition keys.
            yield named(
                "dynamodb",
                f"table/{table}",
                {**payments, "dynamodb:LeadingKeys": "PAYMENT#payment-0001"},
            )
            yield named("dynamodb", f"table/{table}/stream/2026-01-01T00:00:00.000")
            yield named("dynamodb", f"table/{table}/backup/01234567890123-abcdefab")
        case "account-key-table":
            key = {**payments, "dynamodb:LeadingKeys": "account-key"}
            yield named("dynamodb", f"table/{own.name('payments-account-key-table')}", key)
        case "queue" | "dead-letter-queue":
            yield named("sqs", own.name(f"payments-{kind}"))
        case "topic":
            yield named("sns", own.name("payments-notification-topic"))
        case "key":
            yield Target(
                arn=own.key, facts={**payments, "kms:ResourceAliases": f"alias/{own.name('payments-key')}"}
            )
        case "function":
            name = own.name("payments-function")
            yield named("lambda", f"function:{name}")
            yield named("lambda", f"function:{name}:1")
        case (
            "workload-role"
            | "deployer-role"
            | "destroyer-role"
            | "operator-role"
            | "verifier-role"
            | "reader-role"
        ):
            wanted = "payments-function-role" if kind == "workload-role" else kind
            (role,) = [each for each in own.of_type("iam/role:Role") if each.name == wanted]
            yield named("iam", f"role{role.inputs.get('path', '/')}{role.inputs['name']}")
        case "new-role":
            for path in ("/", f"/payments/{own.environment}/"):
                yield Target(arn=own.arn("iam", f"role{path}{own.name('new-role')}"))
        case "access-role":
            for name in roles:
                yield named("iam", f"role/{own.name(name)}", {})
        case "access-policy":
            for policy in own.of_type("iam/policy:Policy"):
                if policy.name.startswith(("deployer-", "workload-boundary")):
                    yield named("iam", f"policy{policy.inputs.get('path', '/')}{policy.inputs['name']}", {})
        case "user":
            yield Target(arn=own.arn("iam", "user/mallory"))
        case "gateway":
            for name in ("internet-gateway", "natgateway", "vpc-peering-connection", "vpc", "subnet"):
                yield named("ec2", f"{name}/*", network)
            yield Target(arn=own.arn("ec2", "transit-gateway-attachment/*"))
        case "route-table" | "security-group":
            yield named("ec2", f"{kind}/x-1", network)
            yield named("ec2", "security-group-rule/*", network)
        case "log-group":
            name = own.name("payments-log-group")
            yield named("logs", f"log-group:{name}")
            yield named("logs", f"log-group:{name}:*")
        case "alarm":
            yield named("cloudwatch", f"alarm:{own.name('payments-dead-letter-depth-alarm')}")
        case "trail":
            yield Target(arn=own.arn("cloudtrail", "trail/organisation"))
        case "own-state" | "other-state" | "shared-state":
            yield from (Target(arn=f"arn:aws:s3:::{BACKEND.bucket}/{path}") for path in _states(kind, own))
        case "own-secrets-key" | "other-secrets-key":
            above = LADDER[LADDER.index(own.environment) + 1 :]
            for environment in [own.environment] if kind == "own-secrets-key" else above:
                alias = BACKEND.secrets_key(environment)
                arn = f"arn:aws:kms:{BACKEND.region}:{STATE_ACCOUNT}:key/0b0e"
                yield Target(arn=arn, facts={"kms:ResourceAliases": alias})
        case _:
            raise NotImplementedError(kind)


def _states(kind: str, own: Deployment) -> Iterator[str]:
    if kind == "shared-state":
        yield ".pulumi/meta.yaml"
        return
    environments = [own.environment] if kind == "own-state" else [e for e in LADDER if e != own.environment]
    for environment in environments:
        yield f".pulumi/stacks/payments/{environment}.json"
        yield f".pulumi/backups/payments/{environment}/{environment}.1.json"
        yield f".promotion/{environment}/0001.json"
