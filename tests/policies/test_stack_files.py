"""A stack's configuration as its files say it."""

import json
from pathlib import Path

import pytest

from policies.stack_files import MissingConfigurationError, read_config

PROJECT = """
name: payments
runtime: python
config:
  pulumi:disable-default-providers:
    value: [aws]
  memoryMb: {type: integer, description: Memory}
  subscriberAccountIds: {type: array, items: {type: string}, default: []}
  currency: {default: EUR}
"""
STACK = """
config:
  payments:memoryMb: 512
  payments:accountId: "111111111111"
  payments:pointInTimeRecovery: true
  payments:currency: CHF
  payments:emails: [a@example.com]
  payments:key: {secure: v1:abc}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    return tmp_path


def test_values_are_text_with_json_in_it_and_defaults_are_filled_in(folder: Path) -> None:
    assert read_config(folder, "dev") == {
        "pulumi:disable-default-providers": json.dumps(["aws"]),
        "payments:subscriberAccountIds": "[]",
        "payments:memoryMb": "512",
        "payments:accountId": "111111111111",
        "payments:pointInTimeRecovery": "true",
        "payments:currency": "CHF",
        "payments:emails": '["a@example.com"]',
    }


def test_a_stack_without_a_file_can_not_be_checked(folder: Path) -> None:
    with pytest.raises(MissingConfigurationError, match=r"Pulumi\.prod\.yaml can't be read"):
        read_config(folder, "prod")


@pytest.mark.parametrize("text", ["- a list", "a: [broken"])
def test_a_broken_file_can_not_be_checked(folder: Path, text: str) -> None:
    (folder / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(MissingConfigurationError, match=r"Pulumi\.dev\.yaml"):
        read_config(folder, "dev")
