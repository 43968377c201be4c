"""The troubleshooting table names messages as they are."""

import re

import pytest
from pulumi import automation as auto

from operations.engine.failure import OperationFailed, StackName, translate
from tests.docs.markdown import document, rows, sources

TABLE = rows(document("docs/deployment.md").section("Troubleshooting"))[1:]
MESSAGES = [message for row in TABLE for message in re.findall(r"`([^`]+)`", row[0])]

NOT_OURS = {
    "[mandatory]",
    "AWS account ID not allowed",
    "AccessDenied … sts:AssumeRole",
    "Cannot assume IAM Role",
    "Default provider for 'aws' disabled",
    "DependencyViolation",
    "EntityAlreadyExists … oidc-provider",
    "Invalid principal in policy",
    "PULUMI_ACCESS_TOKEN must be set",
    "UnreservedConcurrentExecution below its minimum value",
    "incorrect passphrase",
    "no stack named '…' found",
    "not authorized to perform: …",
    "passphrase must be set",
    "the stack is currently locked by",
    "unable to open state directory",
    # With the names that the stack files have now:
    "one of dev, staging, prod",
    "short enough for names of at most 64 characters",
    # Commands of which the first column speaks:
    "destroy",
    "up",
}
"""Messages of Pulumi and AWS, and others that do not stand in our sources word by word."""


@pytest.mark.parametrize("message", [message for message in MESSAGES if message not in NOT_OURS])
def test_a_message_of_ours_is_in_the_code_word_by_word(message: str) -> None:
    code = sources("components", "operations")
    parts = [part.strip() for part in message.split("…")]
    assert [part for part in parts if part and part not in code] == []


def test_no_message_is_excused_that_is_not_in_the_table() -> None:
    assert NOT_OURS - set(MESSAGES) == set()


@pytest.mark.parametrize(
    "message",
    [
        "incorrect passphrase",
        "passphrase must be set",
        "the stack is currently locked by",
        "unable to open state directory",
        "PULUMI_ACCESS_TOKEN must be set",
        "no stack named 'dev' found",
        "[mandatory]",
        "Program failed with an unhandled exception",
    ],
)
def test_a_message_of_pulumi_is_one_that_the_scripts_understand(message: str) -> None:
    error = auto.CommandError(auto.CommandResult(stdout="", stderr=f"error: {message}", code=255))
    failure = translate(error, StackName(project="network", environment="dev"))
    assert type(failure) is not OperationFailed
    assert message.replace("'dev'", "'…'") in MESSAGES
