import shutil
from pathlib import Path
from typing import Any

import pytest

from operations import REPOSITORY
from operations.deployment.state_check import OWN_PACK, state_check
from operations.engine.failure import OperationFailed, StackName

PAYMENTS = StackName(project="payments", environment="dev")


def state(architecture: str) -> dict[str, Any]:
    """An exported stack that holds one function."""
    stack = "urn:pulumi:dev::payments::pulumi:pulumi:Stack::payments-dev"
    return {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": stack, "type": "pulumi:pulumi:Stack"},
                {
                    "urn": "urn:pulumi:dev::payments::aws:lambda/function:Function::payments-function",
                    "type": "aws:lambda/function:Function",
                    "custom": True,
                    "id": "payments-function-dev-acme",
                    "inputs": {"architectures": [architecture]},
                    "outputs": {"architectures": [architecture]},
                    "parent": stack,
                },
            ]
        },
    }


def about_architecture(lines: list[str]) -> list[str]:
    return [line for line in lines if "x86_64" in line]


def test_a_mandatory_violation_in_the_state_is_told_with_resource_and_rule() -> None:
    check = state_check(OWN_PACK, REPOSITORY)
    assert check is not None
    (line,) = about_architecture(check(PAYMENTS, state("x86_64")))

    assert line.startswith("payments-function: ")
    assert line.endswith(")")
    assert about_architecture(check(PAYMENTS, state("arm64"))) == []


def test_a_state_that_can_not_be_checked_is_not_taken_for_clean(tmp_path: Path) -> None:
    check = state_check(OWN_PACK, REPOSITORY)
    elsewhere = state_check(OWN_PACK, tmp_path)
    assert check is not None
    assert elsewhere is not None

    with pytest.raises(OperationFailed, match="payments/dev is up, but its state could not be checked"):
        check(PAYMENTS, {"deployment": {"resources": []}})
    with pytest.raises(OperationFailed, match="could not be checked"):
        elsewhere(PAYMENTS, state("arm64"))


def test_only_our_own_pack_can_be_asked_without_the_engine(tmp_path: Path) -> None:
    other = shutil.copytree(OWN_PACK, tmp_path / "pack")

    assert state_check(other, REPOSITORY) is None
