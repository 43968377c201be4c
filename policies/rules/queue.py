"""SQS queues: encrypted with our key, and given up on after as many receives as the environment declares."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policies.keys import wrong_key
from policies.properties import MalformedPropertyError, Props, number, read, text, whole
from policies.resource import CheckedResource
from policies.rule import ResourceRule, RuleContext, RuleSeverity

QUEUE = "aws:sqs/queue:Queue"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
REDRIVE_ALLOW = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
SQS_DOCS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"


def json_object(props: Props, key: str) -> Mapping[str, Any] | None:
    """A property that is a JSON object in a string, as queues have; None where it is absent or empty."""
    found = read(props, key)
    if found is None or found == "":
        return None
    try:
        parsed = json.loads(found) if isinstance(found, str) else found
    except ValueError:
        raise MalformedPropertyError(key, "a JSON object", found) from None
    if not isinstance(parsed, Mapping):
        raise MalformedPropertyError(key, "a JSON object", found)
    return parsed


def _check_encryption(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    if wrong := wrong_key(text(resource.props, "kmsMasterKeyId"), context):
        yield f"kmsMasterKeyId is {wrong}."


def _check_receives(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    policy = json_object(resource.props, "redrivePolicy")
    if policy is None and resource.type == QUEUE:
        return  # it may be a dead-letter queue, or have a policy of its own: relation-queue-dead-letter asks
    found, wanted = number(policy or {}, "maxReceiveCount"), context.stack.declared_number("maxReceiveCount")
    if found != wanted:
        shown = "not set" if found is None else whole(found)
        yield (
            f"redrivePolicy.maxReceiveCount is {shown}; "
            f"{context.stack.environment} declares maxReceiveCount {whole(wanted)}."
        )


def _check_redrive_allow(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    policy = json_object(resource.props, "redriveAllowPolicy")
    if policy is None and resource.type == QUEUE:
        return
    permission = text(policy or {}, "redrivePermission")
    if permission not in {"byQueue", "denyAll"}:
        yield f"redriveAllowPolicy.redrivePermission is {permission or 'not set, which means allowAll'}."
    elif permission == "byQueue" and not (policy or {}).get("sourceQueueArns"):
        yield "redriveAllowPolicy.sourceQueueArns is empty."


RULES = (
    ResourceRule(
        id="queue-encryption",
        severity=RuleSeverity.HIGH,
        types=frozenset({QUEUE}),
        title="Queues are encrypted with a customer-managed key.",
        why="A payment request waits there for days; only a key of our own says who may read it.",
        fix="set kmsMasterKeyId to the stack's key.",
        url=f"{SQS_DOCS}/sqs-server-side-encryption.html",
        references=(
            "CKV_AWS_27",
            "AwsSolutions-SQS2",
            "W48",
            "AWS-0096",
            "FSBP SQS.1",
            "CKV2_AWS_73",
            "AWS-0135",
        ),
        check=_check_encryption,
    ),
    ResourceRule(
        id="queue-receive-count",
        severity=RuleSeverity.HIGH,
        types=frozenset({QUEUE, REDRIVE}),
        title="A queue gives a message up after the receives that its environment declares.",
        why="Too few lose payments to a hiccup, too many let a poisoned one block the others.",
        fix="set redrivePolicy.maxReceiveCount from the stack's maxReceiveCount.",
        url=f"{SQS_DOCS}/sqs-dead-letter-queues.html",
        references=("AwsSolutions-SQS3",),
        check=_check_receives,
    ),
    ResourceRule(
        id="queue-redrive-allow",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({QUEUE, REDRIVE_ALLOW}),
        title="A dead-letter queue says which queues may use it.",
        why="By default any queue of the account may park its messages among failed payments.",
        fix="set redrivePermission to byQueue and sourceQueueArns to the source queue.",
        url=(
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
        ),
        check=_check_redrive_allow,
    ),
)
