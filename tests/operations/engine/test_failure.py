import pytest
from pulumi import automation as auto
from pulumi.automation.errors import create_command_error

from operations.engine import failure
from operations.engine.failure import OperationFailed, StackName, translate

PAYMENTS = StackName(project="payments", environment="prod")

# What the CLI, 3.259.0, writes.
PREVIEW = """Previewing update (prod):

    pulumi:pulumi:Stack payments-prod running error: preview failed
Diagnostics:
  pulumi:pulumi:Stack (payments-prod):
    error: preview failed

{diagnostics}
Resources:
    1 unchanged
    2 errored
"""
POLICIES = """Policies:
    ✅ other@v1.0.0 (local: ../other)
    ❌ payments@v1.0.0 (local: ../../policies)
        - [advisory]  table-has-tags  (aws:dynamodb/table:Table: payments-table)
          Tables should have tags.
        - [mandatory] [severity: high]  queue-has-dead-letters  (aws:sqs/queue:Queue: payments-queue)
          Queues need a dead-letter queue.
          Found: none.
        - [advisory]  topic-has-tags  (aws:sns/topic:Topic: payments-topic)
          Topics should have tags.

"""
UNKNOWN = """  pulumi:pulumi:StackReference (x):
    error: Preview failed: unknown stack "organization/network/prod"
"""


def failed(stdout: str = "", stderr: str = "", code: int = 1) -> OperationFailed:
    error = create_command_error(auto.CommandResult(stdout=stdout, stderr=stderr, code=code))
    return translate(error, PAYMENTS)


@pytest.mark.parametrize(
    ("stderr", "kind", "message"),
    [
        (
            "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end",
            failure.StackLocked,
            "pulumi -C projects/payments cancel prod",
        ),
        (
            "error: no resource plugin 'pulumi-resource-aws' found in the workspace at version v7.51.1",
            failure.PluginMissing,
            "pulumi plugin install resource aws 7.51.1 --checksum SHA256",
        ),
        (
            "error: [409] Conflict: Another update is currently in progress.",
            failure.StackLocked,
            "Wait for the other operation",
        ),
        (
            "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
            failure.WrongPassphrase,
            "Set PULUMI_CONFIG_PASSPHRASE",
        ),
        (
            "error: could not create secrets manager for new stack: passphrase must be set with X",
            failure.WrongPassphrase,
            "Set PULUMI_CONFIG_PASSPHRASE",
        ),
        (
            "error: no stack named 'prod' found",
            failure.StackMissing,
            "python scripts/deploy.py up --env prod --project payments",
        ),
        (
            'error: unable to open state directory "file:///nowhere": no such file or directory',
            failure.BackendUnreachable,
            "Check PULUMI_BACKEND_URL",
        ),
        (
            "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            failure.NotLoggedIn,
            "`pulumi login`",
        ),
        (
            'error: read ".pulumi/meta.yaml": blob (key ".pulumi/meta.yaml") (code=Unknown): dial tcp',
            failure.BackendUnreachable,
            "the credentials for it",
        ),
        (
            'error: performing HTTP request: Get "https://api.pulumi.com/api/user": no such host',
            failure.BackendUnreachable,
            "the network",
        ),
        ("error: something new", OperationFailed, "payments/prod: something new"),
    ],
)
def test_each_failure_is_of_its_kind_and_says_what_to_do(
    stderr: str, kind: type[OperationFailed], message: str
) -> None:
    translated = failed(stderr=stderr)

    assert type(translated) is kind
    assert message in str(translated)
    assert str(translated).startswith("payments/prod: ")


def test_a_stack_that_is_read_but_unknown_is_named_with_the_command_that_deploys_it() -> None:
    translated = failed(stdout=PREVIEW.format(diagnostics=UNKNOWN))

    assert type(translated) is failure.UpstreamMissing
    assert str(translated).endswith(
        "Deploy network/prod first: python scripts/deploy.py up --env prod --project network"
    )


def test_a_violation_is_told_by_rule_resource_and_reason_without_mere_advice() -> None:
    translated = failed(stdout=POLICIES + PREVIEW.format(diagnostics=""))

    assert type(translated) is failure.PolicyViolated
    assert str(translated).splitlines()[:-1] == [
        "payments/prod: - [mandatory] [severity: high]  queue-has-dead-letters  "
        "(aws:sqs/queue:Queue: payments-queue)",
        "  Queues need a dead-letter queue.",
        "  Found: none.",
    ]


def test_a_program_that_raised_is_told_by_its_diagnostics_alone() -> None:
    diagnostics = "    error: Program failed with an unhandled exception:\n    KeyError: 'tableArn'\n"
    translated = failed(stdout=PREVIEW.format(diagnostics=diagnostics))

    assert type(translated) is failure.ProgramFailed
    assert str(translated) == (
        "payments/prod: Program failed with an unhandled exception:\nKeyError: 'tableArn'"
    )


def test_a_resources_error_is_told_with_the_resource() -> None:
    diagnostics = "  aws:sqs/queue:Queue (payments-queue):\n    error: creating SQS Queue: AccessDenied\n"
    translated = failed(stdout=PREVIEW.format(diagnostics=diagnostics))

    assert type(translated) is OperationFailed
    assert str(translated) == (
        "payments/prod: aws:sqs/queue:Queue (payments-queue):\n  creating SQS Queue: AccessDenied"
    )


def test_an_interrupted_operation_is_cancelled() -> None:
    translated = failed(stdout="Diagnostics:\n  pulumi:pulumi:Stack (s):\n    error: update canceled\n")

    assert type(translated) is failure.Cancelled


def test_warnings_are_not_the_failure() -> None:
    translated = failed(stderr="warning: using pulumi-resource-aws from $PATH\nerror: it broke")

    assert str(translated) == "payments/prod: it broke"


def test_an_engine_that_says_nothing_is_told_as_that() -> None:
    assert str(failed(code=137)) == "payments/prod: the engine ended without a word"
