from dataclasses import MISSING, fields
from typing import ClassVar

import pulumi
import pytest
from pydantic.alias_generators import to_camel

from components.stacks import (
    PROJECTS,
    READS,
    BootstrapIamOutputs,
    NetworkOutputs,
    Outputs,
    PaymentsOutputs,
    ReleasedOutputs,
    outputs_now,
)
from tests.recorder import record, render

CONTRACTS: list[type[Outputs]] = [BootstrapIamOutputs, NetworkOutputs, PaymentsOutputs]


def test_projects_are_deployed_in_this_order() -> None:
    assert PROJECTS == ("bootstrap-iam", "network", "payments")
    assert [contract.PROJECT for contract in CONTRACTS] == list(PROJECTS)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_one_program_exports_the_next_one_reads(contract: type[Outputs]) -> None:
    values = {field.name: f"<{field.name}>" for field in fields(contract)}
    exported = record(lambda: contract(**values).export()).outputs

    def program() -> None:
        read = contract.of("staging")
        for name in values:
            pulumi.export(name, getattr(read, name))

    recorder = record(program, references={f"organization/{contract.PROJECT}/staging": exported})
    assert recorder.outputs == values
    assert recorder.read_stacks == [f"organization/{contract.PROJECT}/staging"]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_output_that_is_not_there_fails_and_is_named(contract: type[Outputs]) -> None:
    required = [
        field.name
        for field in fields(contract)
        if field.default is MISSING and field.default_factory is MISSING
    ]
    names = ", ".join(map(to_camel, required))
    with pytest.raises(pulumi.RunError, match=f"{contract.PROJECT}/dev has no outputs {names}"):
        record(
            lambda: contract.of("dev"),
            references={f"organization/{contract.PROJECT}/dev": {"other": "output"}},
        )


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_stack_of_an_earlier_version_without_its_release_can_be_read(contract: type[Outputs]) -> None:
    values = {field.name: f"<{field.name}>" for field in fields(contract)}
    released = {field.name for field in fields(ReleasedOutputs)}
    exported = record(lambda: contract(**values).export()).outputs
    earlier = {key: value for key, value in exported.items() if key not in map(to_camel, released)}

    def program() -> None:
        read = contract.of("staging")
        assert isinstance(read, ReleasedOutputs)
        pulumi.export("account", read.account_id)  # type: ignore[attr-defined]  # of each of them
        pulumi.export("content", read.content_digest)

    recorder = record(program, references={f"organization/{contract.PROJECT}/staging": earlier})
    assert recorder.outputs == {"account": "<account_id>", "content": ""}


def test_a_stack_that_was_never_made_may_have_no_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    _reads(monkeypatch, 'unknown stack "organization/payments/dev"')
    assert outputs_now("payments", "dev", missing_ok=True) == {}

    _reads(monkeypatch, "access denied")
    with pytest.raises(pulumi.RunError, match="access denied"):
        outputs_now("payments", "dev", missing_ok=True)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_each_program_exports_its_contract_and_nothing_else(contract: type[Outputs]) -> None:
    exported = record(lambda: contract(**{field.name: "" for field in fields(contract)}).export()).outputs
    assert set(render(contract.PROJECT, "prod").outputs) == set(exported)


class _Answer:
    value: ClassVar = {"outputs": {"tableArn": "arn"}}


def _reads(monkeypatch: pytest.MonkeyPatch, *failures: str) -> list[str]:
    """Has the engine fail so before it answers; returns the waits."""
    waits: list[str] = []
    left = list(failures)

    def invoke(*_: object) -> _Answer:
        if left:
            raise RuntimeError(left.pop(0))
        return _Answer()

    monkeypatch.setattr(pulumi.runtime, "invoke", invoke)
    monkeypatch.setattr("time.sleep", lambda _: waits.append("waited"))
    return waits


def test_a_state_that_is_being_written_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = _reads(monkeypatch, *["failed to load checkpoint: EOF"] * 3)

    assert outputs_now("payments", "dev") == {"tableArn": "arn"}
    assert len(waits) == 3


@pytest.mark.parametrize("failures", [["unknown stack"], ["failed to load checkpoint: EOF"] * READS])
def test_outputs_that_cannot_be_read_are_an_error_that_names_the_stack(
    monkeypatch: pytest.MonkeyPatch, failures: list[str]
) -> None:
    _reads(monkeypatch, *failures)

    with pytest.raises(pulumi.RunError, match=rf"payments/dev can't be read: {failures[-1]}"):
        outputs_now("payments", "dev")
