"""What the rules about functions say of which function."""

import pytest

from policies.rules.function import SUPPORTED_RUNTIMES
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import CAPACITY_PROVIDER, FUNCTION, LAYER
from tests.policies.engine import UNKNOWN, config_of

CASES = Cases()
NAMES = ", ".join(SUPPORTED_RUNTIMES)

NO_ARCHITECTURE = "architectures is not set, which means x86_64; it must be ['arm64']."
X86 = "architectures is ['x86_64']; it must be ['arm64']."
(
    CASES.about("function-architecture", FUNCTION)
    .reads("architectures", "a list", "architectures is not set, which means x86_64; it must be ['arm64'].")
    .broken({"architectures": ["x86_64"]}, "architectures is ['x86_64']; it must be ['arm64'].")
    .broken(
        {"architectures": ["arm64", "x86_64"]}, "architectures is ['arm64', 'x86_64']; it must be ['arm64']."
    )
    .broken({"architectures": []}, "architectures is not set, which means x86_64; it must be ['arm64'].")
    .unknown({"architectures": [UNKNOWN]}, "architectures.0")
)
(
    CASES.about("function-architecture", CAPACITY_PROVIDER)
    .reads("instanceRequirements", "an object", NO_ARCHITECTURE)
    .broken({"instanceRequirements": {"architectures": ["x86_64"]}}, X86)
    .broken({"instanceRequirements": [{"architectures": ["x86_64"]}]}, X86)
)
(
    CASES.about("function-architecture", LAYER)
    .reads(
        "compatibleArchitectures",
        "a list",
        "compatibleArchitectures is not set, which means x86_64; it must be ['arm64'].",
    )
    .broken(
        {"compatibleArchitectures": ["x86_64", "arm64"]},
        "compatibleArchitectures is ['x86_64', 'arm64']; it must be ['arm64'].",
    )
)
(
    CASES.about("function-runtime", FUNCTION)
    .reads("runtime", "a string", f"runtime is not set; it must be one of {NAMES}.")
    .broken({"runtime": "python3.8"}, f"runtime is python3.8; it must be one of {NAMES}.")
    .broken({"runtime": "nodejs18.x"}, f"runtime is nodejs18.x; it must be one of {NAMES}.")
    .fine({"runtime": "nodejs22.x"})
    .fine({"packageType": "Image", "runtime": MISSING})
    .broken({"packageType": ["Image"]}, "packageType must be a string, but it is a list.")
    .fine({"packageType": None})
    .unknown({"packageType": UNKNOWN}, "packageType")
)
(
    CASES.about("function-runtime", LAYER)
    .broken({"compatibleRuntimes": ["python3.7"]}, f"runtime is python3.7; it must be one of {NAMES}.")
    .reads("compatibleRuntimes", "a list")
)
(
    CASES.about("function-reserved-concurrency", FUNCTION)
    .reads(
        "reservedConcurrentExecutions",
        "a number",
        "reservedConcurrentExecutions is not set; dev declares reservedConcurrency 1.",
    )
    .broken(
        {"reservedConcurrentExecutions": 100},
        "reservedConcurrentExecutions is 100; dev declares reservedConcurrency 1.",
    )
    .broken(
        {"reservedConcurrentExecutions": -1},
        "reservedConcurrentExecutions is -1; dev declares reservedConcurrency 1.",
    )
    .fine({"reservedConcurrentExecutions": "1"})
)
CASES.about("function-reserved-concurrency", FUNCTION, environment="prod").broken(
    {"reservedConcurrentExecutions": 1},
    "reservedConcurrentExecutions is 1; prod declares reservedConcurrency 100.",
)
(
    CASES.about("function-memory", FUNCTION)
    .reads("memorySize", "a number", "memorySize is not set; dev declares memoryMb 512.")
    .broken({"memorySize": 2048}, "memorySize is 2048; dev declares memoryMb 512.")
    .declaring(
        "undeclared memory",
        {key: value for key, value in config_of("dev").items() if key != "payments:memoryMb"},
        "can't be checked: stack dev declares no payments:memoryMb. Set it in Pulumi.dev.yaml; if it is "
        "there, run the pack where the stack's configuration is known: preview, up, or `python -m policies "
        "check`.",
    )
    .declaring(
        "mistyped memory",
        {**config_of("dev"), "payments:memoryMb": "plenty"},
        "can't be checked: payments:memoryMb is 'plenty' in stack dev, where a number belongs.",
    )
)
CASES.about("function-memory", FUNCTION, environment="staging").broken(
    {"memorySize": 512}, "memorySize is 512; staging declares memoryMb 1024."
)
(
    CASES.about("function-dead-letter-queue", FUNCTION)
    .reads("deadLetterConfig", "an object", "deadLetterConfig.targetArn is not set.")
    .reads("deadLetterConfig.targetArn", "a string", "deadLetterConfig.targetArn is not set.")
    .broken({"deadLetterConfig": {}}, "deadLetterConfig.targetArn is not set.")
    .broken({"deadLetterConfig": []}, "deadLetterConfig.targetArn is not set.")
    .broken(
        {"deadLetterConfig.targetArn": "arn:aws:sns:us-east-1:111111111111:topic"},
        "deadLetterConfig.targetArn is 'arn:aws:sns:us-east-1:111111111111:topic', which is no SQS queue.",
    )
    .broken(
        {"deadLetterConfig.targetArn": "arn:aws:sqs:us-east-1:111111111111:queue.fifo"},
        "deadLetterConfig.targetArn is 'arn:aws:sqs:us-east-1:111111111111:queue.fifo', a FIFO queue, which "
        "Lambda doesn't take.",
    )
    .fine({"deadLetterConfig": [{"targetArn": "arn:aws:sqs:us-east-1:111111111111:queue"}]})
)
NO_SUBNETS = "vpcConfig.subnetIds is empty, so that the function runs outside of the network."
(
    CASES.about("function-network", FUNCTION)
    .reads("vpcConfig", "an object", NO_SUBNETS)
    .reads("vpcConfig.subnetIds", "a list", NO_SUBNETS)
    .broken({"vpcConfig.subnetIds": []}, NO_SUBNETS)
    .fine({"vpcConfig.subnetIds": [UNKNOWN]})
)
NO_GROUPS = "vpcConfig.securityGroupIds is empty, so that no security group confines the function."
(
    CASES.about("function-security-group", FUNCTION)
    .reads("vpcConfig", "an object", NO_GROUPS)
    .reads("vpcConfig.securityGroupIds", "a list", NO_GROUPS)
    .broken({"vpcConfig.securityGroupIds": []}, NO_GROUPS)
)
(
    CASES.about("function-zones", FUNCTION)
    .reads(
        "vpcConfig",
        "an object",
        "vpcConfig.subnetIds has 0 of the 2 subnets that it takes to outlive a zone.",
    )
    .broken(
        {"vpcConfig.subnetIds": ["subnet-1"]},
        "vpcConfig.subnetIds has 1 of the 2 subnets that it takes to outlive a zone.",
    )
    .fine({"vpcConfig.subnetIds": [UNKNOWN, UNKNOWN]})
)
(
    CASES.about("function-tracing", FUNCTION)
    .reads("tracingConfig", "an object", "tracingConfig.mode is not set; it must be Active.")
    .reads("tracingConfig.mode", "a string", "tracingConfig.mode is not set; it must be Active.")
    .broken({"tracingConfig.mode": "PassThrough"}, "tracingConfig.mode is PassThrough; it must be Active.")
)
NO_LOG_GROUP = "loggingConfig.logGroup is not set, so that Lambda makes a log group that is kept for ever."
(
    CASES.about("function-log-group", FUNCTION)
    .reads("loggingConfig", "an object", NO_LOG_GROUP)
    .reads("loggingConfig.logGroup", "a string", NO_LOG_GROUP)
)
NO_KEY = "kmsKeyArn is not set, although the function has environment variables."
(
    CASES.about("function-environment-key", FUNCTION)
    .reads("kmsKeyArn", "a string", NO_KEY)
    .broken({"kmsKeyArn": ""}, NO_KEY)
    .broken(
        {"kmsKeyArn": "arn:aws:kms:us-east-1:111111111111:alias/aws/lambda"},
        "kmsKeyArn is arn:aws:kms:us-east-1:111111111111:alias/aws/lambda, a key of AWS's own, "
        "although the function has environment variables.",
    )
    .fine({"kmsKeyArn": MISSING, "environment": MISSING})
    .fine({"kmsKeyArn": MISSING, "environment": {}})
    .reads("environment", "an object")
    .unknown({"environment.variables": UNKNOWN}, "variables")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
