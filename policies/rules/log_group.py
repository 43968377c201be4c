"""Log groups: kept as long as declared, and encrypted with our key."""

from collections.abc import Iterator, Mapping

from policies.arns import account
from policies.keys import wrong_key
from policies.properties import Props, number, text, whole
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting
from policies.stack import UndeclaredSettingError

LOG_GROUP = frozenset({"aws:cloudwatch/logGroup:LogGroup"})
DESTINATIONS: Mapping[str, str] = {
    "aws:cloudwatch/logDestination:LogDestination": "targetArn",
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": "destinationArn",
}
"""Types that send logs elsewhere, and the property that says where."""
LOGS_DOCS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs"


def _check_retention(props: Props) -> Iterator[str]:
    if not number(props, "retentionInDays"):
        yield "retentionInDays is not set, which means for ever."


def _check_declared(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    keys = context.texts("declaredBy")
    declared = {
        str(key): context.stack.declared_number(str(key)) for key in keys if context.stack.declares(str(key))
    }
    if not declared:
        raise UndeclaredSettingError(
            f"can't be checked: the stack declares none of {', '.join(map(str, keys))}."
        )
    found = number(resource.props, "retentionInDays")
    if found not in declared.values():
        shown = "not set" if found is None else whole(found)
        said = ", ".join(f"{key} {whole(days)}" for key, days in declared.items())
        yield f"retentionInDays is {shown}; {context.stack.environment} declares {said}."


def _check_minimum(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    minimum = context.mapping("minimumDays")
    wanted = minimum.get(context.stack.environment)
    found = number(resource.props, "retentionInDays") or 0
    if wanted is not None and 0 < found < wanted:
        environment = context.stack.environment
        yield f"retentionInDays is {whole(found)}; in {environment} it must be at least {whole(wanted)}."


def _check_encryption(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    if wrong := wrong_key(text(resource.props, "kmsKeyId"), context):
        yield f"kmsKeyId is {wrong}."


def _check_subscription(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    key = DESTINATIONS[resource.type]
    destination = text(resource.props, key)
    if account(destination or "") != context.stack.account:
        yield f"{key} is {destination or 'not set'}, which is not of account {context.stack.account}."


RULES = (
    PropertyRule(
        id="log-retention",
        severity=RuleSeverity.MEDIUM,
        types=LOG_GROUP,
        title="Logs are kept for a time, not for ever.",
        why="Logs that never go are a cost without end and a store of data that nobody looks after.",
        fix="set retentionInDays.",
        url=f"{LOGS_DOCS}/Working-with-log-groups-and-streams.html",
        references=("CKV_AWS_66", "W86"),
        check=_check_retention,
    ),
    ResourceRule(
        id="log-retention-declared",
        severity=RuleSeverity.MEDIUM,
        types=LOG_GROUP,
        title="Logs are kept as long as the stack declares.",
        why="Retention is a controlled variation: what is declared and what is deployed must be one.",
        fix="set retentionInDays from the stack's configuration.",
        url=f"{LOGS_DOCS}/Working-with-log-groups-and-streams.html",
        settings={
            "declaredBy": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=["logRetentionDays", "flowLogRetentionDays"],
                description="The stack's configuration keys that say how many days logs are kept.",
            )
        },
        check=_check_declared,
    ),
    ResourceRule(
        id="log-retention-minimum",
        severity=RuleSeverity.MEDIUM,
        types=LOG_GROUP,
        title="Production's logs are kept for a year or longer.",
        why="A fraud is often found months later; what was logged then is the only witness.",
        fix="declare 365 days or more for the environment.",
        url=f"{LOGS_DOCS}/Working-with-log-groups-and-streams.html",
        references=("CKV_AWS_338",),
        settings={
            "minimumDays": Setting(
                schema={"type": "object", "additionalProperties": {"type": "number", "minimum": 1}},
                default={"prod": 365},
                description="Environment to the least days; environments that aren't named have no minimum.",
            )
        },
        check=_check_minimum,
    ),
    ResourceRule(
        id="log-encryption",
        severity=RuleSeverity.MEDIUM,
        types=LOG_GROUP,
        title="Logs are encrypted with a customer-managed key.",
        why="Logs name payments; only a key of our own says who may read them at rest.",
        fix="set kmsKeyId to the stack's key.",
        url=f"{LOGS_DOCS}/encrypt-log-data-kms.html",
        references=("CKV_AWS_158", "W84", "AWS-0017"),
        check=_check_encryption,
    ),
    ResourceRule(
        id="log-subscription",
        severity=RuleSeverity.HIGH,
        types=frozenset(DESTINATIONS),
        title="Logs are sent on within their account only.",
        why="Logs name payments; a subscription carries each line off as it is written.",
        fix="send them to a stream or a function of the account.",
        url=f"{LOGS_DOCS}/CrossAccountSubscriptions.html",
        check=_check_subscription,
    ),
)
