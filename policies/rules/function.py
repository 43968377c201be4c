"""Lambda functions: what they run on, how far they scale, where they are, what becomes of failures."""

import re
from collections.abc import Iterator

from policies.keys import wrong_key
from policies.properties import Props, block, items, number, read, size, text, whole
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting

FUNCTION = frozenset({"aws:lambda/function:Function"})
CAPACITY_PROVIDER = "aws:lambda/capacityProvider:CapacityProvider"
LAYER = "aws:lambda/layerVersion:LayerVersion"
LAMBDA_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg"

SUPPORTED_RUNTIMES = (
    "dotnet10",
    "dotnet8",
    "java11",
    "java17",
    "java21",
    "java25",
    "java8.al2",
    "nodejs22.x",
    "nodejs24.x",
    "provided.al2023",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "ruby3.3",
    "ruby3.4",
)
"""Runtimes that AWS supports and will for months; https://docs.aws.amazon.com/lambda/latest/dg/lambda-
runtimes.html
"""

QUEUE_ARN = re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}")


def _check_architecture(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    key, props = "compatibleArchitectures" if resource.type == LAYER else "architectures", resource.props
    if resource.type == CAPACITY_PROVIDER:
        props = block(props, "instanceRequirements") or {}
    found = items(props, key)
    if found != ["arm64"]:
        yield f"{key} is {found or 'not set, which means x86_64'}; it must be ['arm64']."


def _check_runtime(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    supported = context.texts("runtimes")
    props = resource.props
    if resource.type == LAYER:
        runtimes = items(props, "compatibleRuntimes")
    elif text(props, "packageType") == "Image":
        return  # an image brings its own runtime; there is none to name
    else:
        runtimes = [text(props, "runtime")]
    for runtime in runtimes:
        if runtime not in supported:
            yield f"runtime is {runtime or 'not set'}; it must be one of {', '.join(map(str, supported))}."


def _check_reserved_concurrency(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    yield from _differs(resource.props, "reservedConcurrentExecutions", context, "reservedConcurrency")


def _check_memory(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    yield from _differs(resource.props, "memorySize", context, "memoryMb")


def _differs(props: Props, key: str, context: RuleContext, declared: str) -> Iterator[str]:
    found, wanted = number(props, key), context.stack.declared_number(declared)
    if found != wanted:
        shown = "not set" if found is None else whole(found)
        yield f"{key} is {shown}; {context.stack.environment} declares {declared} {whole(wanted)}."


def _check_dead_letter_queue(props: Props) -> Iterator[str]:
    target = text(block(props, "deadLetterConfig") or {}, "targetArn")
    if not target:
        yield "deadLetterConfig.targetArn is not set."
    elif target.endswith(".fifo"):
        yield f"deadLetterConfig.targetArn is {target!r}, a FIFO queue, which Lambda doesn't take."
    elif not QUEUE_ARN.fullmatch(target):
        yield f"deadLetterConfig.targetArn is {target!r}, which is no SQS queue."


def _check_subnets(props: Props) -> Iterator[str]:
    if not size(block(props, "vpcConfig") or {}, "subnetIds"):
        yield "vpcConfig.subnetIds is empty, so that the function runs outside of the network."


def _check_security_groups(props: Props) -> Iterator[str]:
    if not size(block(props, "vpcConfig") or {}, "securityGroupIds"):
        yield "vpcConfig.securityGroupIds is empty, so that no security group confines the function."


def _check_zones(props: Props) -> Iterator[str]:
    subnets = size(block(props, "vpcConfig") or {}, "subnetIds")
    if subnets < 2:
        yield f"vpcConfig.subnetIds has {subnets} of the 2 subnets that it takes to outlive a zone."


def _check_tracing(props: Props) -> Iterator[str]:
    mode = text(block(props, "tracingConfig") or {}, "mode")
    if mode != "Active":
        yield f"tracingConfig.mode is {mode or 'not set'}; it must be Active."


def _check_log_group(props: Props) -> Iterator[str]:
    if not text(block(props, "loggingConfig") or {}, "logGroup"):
        yield "loggingConfig.logGroup is not set, so that Lambda makes a log group that is kept for ever."


def _check_environment_key(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    variables = read(block(resource.props, "environment") or {}, "variables")
    if variables and (wrong := wrong_key(text(resource.props, "kmsKeyArn"), context)):
        yield f"kmsKeyArn is {wrong}, although the function has environment variables."


RULES = (
    ResourceRule(
        id="function-architecture",
        severity=RuleSeverity.HIGH,
        types=FUNCTION | {LAYER, CAPACITY_PROVIDER},
        title="Functions and layers are built for arm64 only.",
        why=(
            "arm64 costs a fifth less for the same memory and time, and one architecture means one artifact "
            "to test."
        ),
        fix='set architectures to ["arm64"] (compatibleArchitectures for a layer).',
        url=f"{LAMBDA_DOCS}/foundation-arch.html",
        exceptions_allowed=False,
        check=_check_architecture,
    ),
    ResourceRule(
        id="function-runtime",
        severity=RuleSeverity.HIGH,
        types=FUNCTION | {LAYER},
        title="Functions run on a runtime that AWS supports.",
        why="A deprecated runtime gets no security patches, and one day can't be updated any more.",
        fix="move to a supported runtime.",
        url=f"{LAMBDA_DOCS}/lambda-runtimes.html",
        references=("CKV_AWS_363", "AwsSolutions-L1", "FSBP Lambda.2"),
        settings={
            "runtimes": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=list(SUPPORTED_RUNTIMES),
                description="The runtimes that functions may use.",
            )
        },
        check=_check_runtime,
    ),
    ResourceRule(
        id="function-reserved-concurrency",
        severity=RuleSeverity.HIGH,
        types=FUNCTION,
        title="A function reserves the concurrency that its environment declares.",
        why="Without a limit one function starves the account, and overruns what the ledger was sized for.",
        fix="set reservedConcurrentExecutions from the stack's reservedConcurrency.",
        url=f"{LAMBDA_DOCS}/configuration-concurrency.html",
        references=("CKV_AWS_115", "W92"),
        check=_check_reserved_concurrency,
    ),
    ResourceRule(
        id="function-memory",
        severity=RuleSeverity.MEDIUM,
        types=FUNCTION,
        title="A function has the memory that its environment declares.",
        why=(
            "Memory is processor time too: it may vary only as declared, or staging's measurements say "
            "nothing of prod."
        ),
        fix="set memorySize from the stack's memoryMb.",
        url=f"{LAMBDA_DOCS}/configuration-memory.html",
        check=_check_memory,
    ),
    PropertyRule(
        id="function-dead-letter-queue",
        severity=RuleSeverity.HIGH,
        types=FUNCTION,
        title="A function has an SQS dead-letter queue.",
        why=(
            "An asynchronous invocation that failed for good is a lost payment unless it is parked somewhere."
        ),
        fix="set deadLetterConfig.targetArn to the ARN of an SQS queue.",
        url=f"{LAMBDA_DOCS}/invocation-async-retain-records.html",
        references=("CKV_AWS_116", "NIST.800.53.R5-LambdaDLQ", "HIPAA.Security-LambdaDLQ"),
        check=_check_dead_letter_queue,
    ),
    PropertyRule(
        id="function-network",
        severity=RuleSeverity.HIGH,
        types=FUNCTION,
        title="A function runs in private subnets.",
        why="Outside of the network no endpoint policy and no security group keeps its data in.",
        fix="set vpcConfig.subnetIds to the network's private subnets.",
        url=f"{LAMBDA_DOCS}/configuration-vpc.html",
        references=("CKV_AWS_117", "W89"),
        check=_check_subnets,
    ),
    PropertyRule(
        id="function-security-group",
        severity=RuleSeverity.HIGH,
        types=FUNCTION,
        title="A function has a security group.",
        why="Its security group is what confines it to the endpoints.",
        fix="set vpcConfig.securityGroupIds to the network's security group for functions.",
        url=f"{LAMBDA_DOCS}/configuration-vpc.html",
        references=("CKV_AWS_117",),
        check=_check_security_groups,
    ),
    PropertyRule(
        id="function-zones",
        severity=RuleSeverity.MEDIUM,
        types=FUNCTION,
        title="A function's subnets lie in two availability zones or more.",
        why="One zone's failure must not stop payments.",
        fix="give vpcConfig.subnetIds a subnet in each of two zones.",
        url=f"{LAMBDA_DOCS}/configuration-vpc.html",
        references=("FSBP Lambda.5",),
        check=_check_zones,
    ),
    PropertyRule(
        id="function-tracing",
        severity=RuleSeverity.MEDIUM,
        types=FUNCTION,
        title="A function traces with X-Ray.",
        why="Where a slow payment spent its time can't be found out afterwards.",
        fix="set tracingConfig.mode to Active.",
        url=f"{LAMBDA_DOCS}/services-xray.html",
        references=("CKV_AWS_50", "AWS-0066"),
        check=_check_tracing,
    ),
    PropertyRule(
        id="function-log-group",
        severity=RuleSeverity.MEDIUM,
        types=FUNCTION,
        title="A function logs to a log group of the stack.",
        why="The log group that Lambda makes has no retention and no key, and outlives the stack.",
        fix="set loggingConfig.logGroup to a log group that the stack makes.",
        url=f"{LAMBDA_DOCS}/monitoring-cloudwatchlogs-loggroups.html",
        references=("CKV_AWS_66", "CKV_AWS_158"),
        check=_check_log_group,
    ),
    ResourceRule(
        id="function-environment-key",
        severity=RuleSeverity.MEDIUM,
        types=FUNCTION,
        title="A function's environment variables are encrypted with a customer-managed key.",
        why="With AWS's own key, whoever may read the function's configuration reads its variables.",
        fix="set kmsKeyArn to the stack's key.",
        url=f"{LAMBDA_DOCS}/configuration-envvars-encryption.html",
        references=("CKV_AWS_173",),
        check=_check_environment_key,
    ),
)
