"""SNS topics: encrypted, and telling of payments only those whom the environment names."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from policies.arns import account
from policies.keys import wrong_key
from policies.properties import Props, text
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting
from policies.rules.queue import json_object
from policies.rules.resource_policy import DECLARED_ACCOUNTS, declared_accounts

TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = frozenset({"aws:sns/topicSubscription:TopicSubscription"})
SNS_DOCS = "https://docs.aws.amazon.com/sns/latest/dg"


def _check_encryption(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    if wrong := wrong_key(text(resource.props, "kmsMasterKeyId"), context):
        yield f"kmsMasterKeyId is {wrong}."


def _check_domain(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    allowed = context.texts("allowedDomains")
    if (text(resource.props, "protocol") or "").lower() not in {"email", "email-json"}:
        return
    address = text(resource.props, "endpoint") or ""
    domain = address.rpartition("@")[2].lower()
    if (address and set(address) & set(" ,;<>")) or address.count("@") > 1:
        yield f"the subscription's endpoint is {address!r}, which is not one address."
    elif "@" not in address or domain not in {str(name).lower() for name in allowed}:
        shown = ", ".join(map(str, allowed)) or "none"
        yield f"the subscription goes to the domain {domain!r}; allowed are: {shown}."


def _check_endpoint(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    protocol = (text(resource.props, "protocol") or "").lower()
    endpoint = text(resource.props, "endpoint") or ""
    if protocol in {"http", "https"}:
        host = (urlsplit(endpoint).hostname or "").lower()
        if host not in {name.lower() for name in context.texts("allowedHosts")}:
            shown = ", ".join(context.texts("allowedHosts")) or "none"
            yield f"the subscription goes to the host {host!r}; allowed are: {shown}."
    elif protocol == "sms":
        yield "the subscription goes to a telephone."
    elif protocol not in {"email", "email-json"} and account(endpoint) not in declared_accounts(context):
        yield f"the subscription goes to {endpoint or 'nothing'}, whose account the stack doesn't declare."


def _check_dead_letter(props: Props) -> Iterator[str]:
    protocol = (text(props, "protocol") or "").lower()
    if protocol in {"firehose", "http", "https", "lambda", "sqs"} and not text(
        json_object(props, "redrivePolicy") or {}, "deadLetterTargetArn"
    ):
        yield f"redrivePolicy is not set: what SNS can't deliver by {protocol} is lost."


def _check_protocol(props: Props) -> Iterator[str]:
    protocol = (text(props, "protocol") or "").lower()
    if protocol == "http":
        yield "protocol is http, which anybody on the way can read."


RULES = (
    ResourceRule(
        id="topic-encryption",
        severity=RuleSeverity.HIGH,
        types=frozenset({TOPIC}),
        title="Topics are encrypted with a customer-managed key.",
        why="Notifications name payments; only a key of our own says who may read them at rest.",
        fix="set kmsMasterKeyId to the stack's key.",
        url=f"{SNS_DOCS}/sns-server-side-encryption.html",
        references=("CKV_AWS_26", "W47", "AWS-0095", "FSBP SNS.1", "AWS-0136"),
        check=_check_encryption,
    ),
    ResourceRule(
        id="topic-email-domain",
        severity=RuleSeverity.HIGH,
        types=SUBSCRIPTION,
        title="E-mail notifications go to allowed domains only.",
        why="A typo or a private address would send payment data out of the company for good.",
        fix=(
            "subscribe an address of an allowed domain, or have the domain added to allowedDomains by review."
        ),
        url=f"{SNS_DOCS}/sns-email-notifications.html",
        settings={
            "allowedDomains": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 3}},
                default=["example.com"],
                description="The domains to which e-mail notifications may go.",
            )
        },
        check=_check_domain,
    ),
    ResourceRule(
        id="topic-subscription-endpoint",
        severity=RuleSeverity.HIGH,
        types=SUBSCRIPTION,
        title="Notifications go to this account, to declared accounts and to allowed hosts only.",
        why="A subscription sends each payment's notification on, wherever it points to.",
        fix="subscribe a queue or a function of a declared account, or have the host added by review.",
        url=f"{SNS_DOCS}/sns-cross-region-delivery.html",
        references=("CKV_AWS_385",),
        settings={
            "allowedHosts": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 3}},
                default=[],
                description="The hosts to which notifications may go over HTTPS.",
            ),
            "declaredBy": DECLARED_ACCOUNTS["declaredBy"],
        },
        check=_check_endpoint,
    ),
    PropertyRule(
        id="topic-subscription-dead-letter",
        severity=RuleSeverity.MEDIUM,
        types=SUBSCRIPTION,
        title="What a subscription can't deliver is parked.",
        why="SNS gives up after its retries, and nobody hears of the payment.",
        fix="set redrivePolicy to a dead-letter queue.",
        url=f"{SNS_DOCS}/sns-dead-letter-queues.html",
        check=_check_dead_letter,
    ),
    PropertyRule(
        id="topic-subscription-protocol",
        severity=RuleSeverity.HIGH,
        types=SUBSCRIPTION,
        title="No subscription is delivered over plain HTTP.",
        why="Anybody on the way could read and change it.",
        fix="use https, or a queue.",
        url=f"{SNS_DOCS}/sns-security-best-practices.html",
        references=("AwsSolutions-SNS3",),
        check=_check_protocol,
    ),
)
