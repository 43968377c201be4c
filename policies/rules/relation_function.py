"""How a function hangs together with its role and its log group, and a topic with its policy."""

from collections.abc import Iterator

from policies.document_locations import ROLE, identity_statements
from policies.documents import PolicyStatement
from policies.properties import text
from policies.resource import CheckedResource
from policies.rule import RuleContext, RuleSeverity, StackRule
from policies.rules.identity_policy import WORKLOAD_PATH, workload_path
from policies.rules.resource_policy import allows_http
from policies.rules.topic import SNS_DOCS, TOPIC

FUNCTION = "aws:lambda/function:Function"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
LAMBDA_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg"
LOGGING = ("logs:createlogstream", "logs:putlogevents")


def _check_logging(function: CheckedResource, context: RuleContext) -> Iterator[str]:
    roles = context.graph.linked(function, "role", ROLE)
    if not roles:
        arn = text(function.props, "role") or "not set"
        path = context.stack.arn("iam", f"role{workload_path(context)}")
        if not arn.startswith(path):
            yield f"its role is {arn}; it must be of this stack, or of bootstrap-iam's ({path}*)."
    for role in roles:
        allowed = [found for found in _rights(role, context) if found.allows]
        for action in LOGGING:
            if not any(statement.covers(action) for statement in allowed):
                yield f"its role {role.name} may not {action}."


def _rights(role: CheckedResource, context: RuleContext) -> Iterator[PolicyStatement]:
    """Yield what a role may do by its inline policies and by those of the stack that are attached to it."""
    graph = context.graph
    attached = [
        policy
        for attachment in graph.referring(role, "role", ATTACHMENT)
        for policy in graph.linked(attachment, "policyArn", POLICY)
    ]
    for holder in (role, *graph.referring(role, "role", ROLE_POLICY), *attached):
        for found in identity_statements(holder):
            yield found.statement


def _check_log_group(function: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not context.graph.linked(function, "loggingConfig", LOG_GROUP):
        yield "its log group is not of this stack, so that neither retention nor key is known."


def _check_policy(topic: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not context.graph.referring(topic, "arn", TOPIC_POLICY) and allows_http(topic, context):
        yield "it has no policy of its own that refuses what doesn't come over TLS."


RULES = (
    StackRule(
        id="relation-function-logging",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({FUNCTION}),
        reads=frozenset({ROLE, POLICY, ROLE_POLICY, ATTACHMENT}),
        title="Every function's role comes from bootstrap-iam, or may write its logs.",
        why="A function that may not log fails silently, and a role of unknown origin may do anything.",
        fix="take the role from the outputs of bootstrap-iam, which lets it write to the log group.",
        url=f"{LAMBDA_DOCS}/monitoring-cloudwatchlogs.html",
        references=("W58",),
        settings=WORKLOAD_PATH,
        check=_check_logging,
    ),
    StackRule(
        id="relation-function-log-group",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({FUNCTION}),
        reads=frozenset({LOG_GROUP}),
        title="Every function's log group belongs to its stack.",
        why="A log group elsewhere has a retention and a key that nobody here decides on.",
        fix="set loggingConfig.logGroup to a log group of the stack.",
        url=f"{LAMBDA_DOCS}/monitoring-cloudwatchlogs-loggroups.html",
        references=("CKV_AWS_66", "CKV_AWS_158"),
        check=_check_log_group,
    ),
    StackRule(
        id="relation-topic-policy",
        severity=RuleSeverity.HIGH,
        types=frozenset({TOPIC}),
        reads=frozenset({TOPIC_POLICY}),
        title="Every topic has a policy that refuses what doesn't come over TLS.",
        why=(
            "The policy that AWS gives it denies nothing: anybody on the way could read a payment or change "
            "it."
        ),
        fix="add a TopicPolicy that denies everyone sns:Publish where aws:SecureTransport is false.",
        url=f"{SNS_DOCS}/sns-security-best-practices.html",
        references=("AwsSolutions-SNS3",),
        check=_check_policy,
    ),
)
