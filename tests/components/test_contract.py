"""The digest of the contract changes with the contract and with nothing else."""

from pathlib import Path

import pytest

from components.contract import FILES, contract_digest


@pytest.fixture
def function(tmp_path: Path) -> Path:
    for name in (*FILES, "worker.py"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_schema_and_parser_are_the_contract(function: Path, name: str) -> None:
    before = contract_digest(function)
    (function / name).write_text("changed", encoding="utf-8")
    assert contract_digest(function) != before


def test_other_code_is_not(function: Path) -> None:
    before = contract_digest(function)
    (function / "worker.py").write_text("changed", encoding="utf-8")
    assert contract_digest(function) == before
