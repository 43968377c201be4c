"""DynamoDB tables and their replicas: billed by request, recoverable where it counts, encrypted, in one
region.
"""

from collections.abc import Iterator

from policies.keys import wrong_key
from policies.properties import Props, block, blocks, flag, number, text, whole
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting, Tightening

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
GLOBAL_TABLE = "aws:dynamodb/globalTable:GlobalTable"
INDEX = "aws:dynamodb/globalSecondaryIndex:GlobalSecondaryIndex"
AUTOSCALING = frozenset(
    {
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        "aws:appautoscaling/target:Target",
    }
)
COPIES = frozenset(
    {
        "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination",
        "aws:dynamodb/tableExport:TableExport",
    }
)
DYNAMODB_DOCS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"


def _check_billing(props: Props) -> Iterator[str]:
    mode = text(props, "billingMode")
    if mode != "PAY_PER_REQUEST":
        yield f"billingMode is {mode or 'not set, which means PROVISIONED'}; it must be PAY_PER_REQUEST."


def _check_capacity(props: Props) -> Iterator[str]:
    yield from _capacity(props, "")
    for index in blocks(props, "globalSecondaryIndexes"):
        yield from _capacity(index, f"globalSecondaryIndexes {text(index, 'name')}: ")
    throughput = block(props, "provisionedThroughput")
    if throughput is not None:
        yield from _capacity({**throughput}, "provisionedThroughput: ")


def _capacity(props: Props, where: str) -> Iterator[str]:
    for key in ("readCapacity", "writeCapacity", "readCapacityUnits", "writeCapacityUnits"):
        if number(props, key):
            yield f"{where}{key} is set, which only provisioned tables have."


def _check_autoscaling(props: Props) -> Iterator[str]:
    if text(props, "serviceNamespace") == "dynamodb":
        yield "it scales a provisioned table."


def _check_recovery(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    disabled_in = context.texts("disabledIn")
    environment = context.stack.environment
    wanted = environment not in disabled_in
    for where, found in _recoveries(resource):
        if found != wanted:
            yield f"{where}point-in-time recovery is {_state(found)}; {environment} has it {_state(wanted)}."


def _recoveries(resource: CheckedResource) -> Iterator[tuple[str, bool]]:
    if resource.type == REPLICA:
        yield "", bool(flag(resource.props, "pointInTimeRecovery"))
        return
    yield "", bool(flag(block(resource.props, "pointInTimeRecovery") or {}, "enabled"))
    for replica in blocks(resource.props, "replicas"):
        yield f"replica {text(replica, 'regionName')}: ", bool(flag(replica, "pointInTimeRecovery"))


def _state(on: bool) -> str:
    return "on" if on else "off"


def _check_recovery_period(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    recovery = block(resource.props, "pointInTimeRecovery") or {}
    days, least = number(recovery, "recoveryPeriodInDays"), context.number("days")
    if flag(recovery, "enabled") and days is not None and days < least:
        yield f"recoveryPeriodInDays is {whole(days)}; it must be {whole(least)}."


def _check_declared_recovery(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    declared = context.stack.declared("pointInTimeRecovery").lower()
    for where, found in _recoveries(resource):
        if str(found).lower() != declared:
            yield f"{where}point-in-time recovery is {_state(found)}; the stack declares {declared}."


def _check_encryption(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    props = resource.props
    if resource.type == REPLICA:
        if wrong := wrong_key(text(props, "kmsKeyArn"), context):
            yield f"kmsKeyArn is {wrong}."
        return
    encryption = block(props, "serverSideEncryption") or {}
    if not flag(encryption, "enabled"):
        yield "serverSideEncryption.enabled is not true, so that a key of DynamoDB's own is used."
    elif wrong := wrong_key(text(encryption, "kmsKeyArn"), context):
        yield f"serverSideEncryption.kmsKeyArn is {wrong}."
    for replica in blocks(props, "replicas"):
        if wrong := wrong_key(text(replica, "kmsKeyArn"), context):
            yield f"replica {text(replica, 'regionName')}: kmsKeyArn is {wrong}."


def _check_replicas(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    for key, does in (("replicas", "replicated to"), ("globalTableWitness", "witnessed in")):
        for elsewhere in blocks(resource.props, key):
            region = text(elsewhere, "regionName")
            if region != context.stack.region:
                yield f"it is {does} {region}; the stack declares {context.stack.region}."


def _check_copy(_props: Props) -> Iterator[str]:
    yield "it copies a table's items past the table's own key and policy."


def _check_replica(_props: Props) -> Iterator[str]:
    yield "it replicates a table out of its region."


RULES = (
    PropertyRule(
        id="table-on-demand",
        severity=RuleSeverity.HIGH,
        types=frozenset({TABLE}),
        title="Tables are billed by request.",
        why="Payments come in bursts; provisioned capacity throttles them or costs for nothing.",
        fix="set billingMode to PAY_PER_REQUEST.",
        url=f"{DYNAMODB_DOCS}/on-demand-capacity-mode.html",
        references=("FSBP DynamoDB.1", "W73", "CKV2_AWS_16"),
        exceptions_allowed=False,
        check=_check_billing,
    ),
    PropertyRule(
        id="table-no-capacity",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({TABLE, INDEX}),
        title="Tables and their indexes name no capacity.",
        why="Capacity beside billing by request shows that somebody meant a provisioned table.",
        fix="remove readCapacity and writeCapacity.",
        url=f"{DYNAMODB_DOCS}/on-demand-capacity-mode.html",
        references=("FSBP DynamoDB.1",),
        check=_check_capacity,
    ),
    PropertyRule(
        id="table-no-autoscaling",
        severity=RuleSeverity.MEDIUM,
        types=AUTOSCALING,
        title="No table is scaled by Application Auto Scaling.",
        why="It scales provisioned capacity, which tables must not have.",
        fix="remove it; tables are billed by request.",
        url=f"{DYNAMODB_DOCS}/AutoScaling.html",
        references=("FSBP DynamoDB.1",),
        check=_check_autoscaling,
    ),
    ResourceRule(
        id="table-point-in-time-recovery",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({TABLE, REPLICA}),
        title="Point-in-time recovery is off in dev and on everywhere else.",
        why=(
            "It is what a wrongly written ledger is restored from; dev has nothing to restore and saves the "
            "cost."
        ),
        fix="set pointInTimeRecovery.enabled from the stack's pointInTimeRecovery.",
        url=f"{DYNAMODB_DOCS}/Point-in-time-recovery.html",
        references=("CKV_AWS_28", "AwsSolutions-DDB3", "W78", "AWS-0024", "FSBP DynamoDB.2"),
        settings={
            "disabledIn": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=["dev"],
                description="The environments in which it must be off.",
                tightens=Tightening.FEWER,
            )
        },
        exceptions_allowed=False,
        check=_check_recovery,
    ),
    ResourceRule(
        id="table-declared-recovery",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({TABLE, REPLICA}),
        title="Point-in-time recovery is what the stack declares.",
        why="It is a controlled variation: what is declared and what is deployed must be one.",
        fix="set pointInTimeRecovery.enabled from the stack's pointInTimeRecovery.",
        url=f"{DYNAMODB_DOCS}/Point-in-time-recovery.html",
        check=_check_declared_recovery,
    ),
    ResourceRule(
        id="table-recovery-period",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({TABLE}),
        title="Where point-in-time recovery is on, it reaches back as far as AWS lets it.",
        why="Recovery that reaches back a day is none for a mistake that is found after the weekend.",
        fix="remove recoveryPeriodInDays, which then is 35.",
        url=f"{DYNAMODB_DOCS}/Point-in-time-recovery.html",
        settings={
            "days": Setting(
                schema={"type": "number", "minimum": 1},
                default=35,
                description="The least number of days; 35 is the most that AWS keeps.",
            )
        },
        check=_check_recovery_period,
    ),
    ResourceRule(
        id="table-encryption",
        severity=RuleSeverity.HIGH,
        types=frozenset({TABLE, REPLICA}),
        title="Tables are encrypted with a customer-managed key.",
        why="Only with a key of its own can the account say who reads the ledger, and see who did.",
        fix="enable serverSideEncryption and set its kmsKeyArn to the stack's key.",
        url=f"{DYNAMODB_DOCS}/EncryptionAtRest.html",
        references=("CKV_AWS_119", "W74", "AWS-0025"),
        check=_check_encryption,
    ),
    ResourceRule(
        id="table-replica-region",
        severity=RuleSeverity.HIGH,
        types=frozenset({TABLE, GLOBAL_TABLE}),
        title="Tables are not replicated out of their stack's region.",
        why="Payment data stays in the region that its environment declares.",
        fix="remove the replicas.",
        url=f"{DYNAMODB_DOCS}/GlobalTables.html",
        check=_check_replicas,
    ),
    PropertyRule(
        id="table-replica",
        severity=RuleSeverity.HIGH,
        types=frozenset({REPLICA}),
        title="No table is replicated by a resource of its own.",
        why="Payment data stays in the region that its environment declares; a replica is always elsewhere.",
        fix="remove it.",
        url=f"{DYNAMODB_DOCS}/GlobalTables.html",
        check=_check_replica,
    ),
    PropertyRule(
        id="table-copy",
        severity=RuleSeverity.HIGH,
        types=COPIES,
        title="No table is exported or streamed out as a whole.",
        why="Who may read the ledger is decided by its key and its policies; a copy has others.",
        fix="remove it; what follows the ledger reads its stream.",
        url=f"{DYNAMODB_DOCS}/S3DataExport.HowItWorks.html",
        check=_check_copy,
    ),
)
