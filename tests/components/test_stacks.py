from dataclasses import fields

import pulumi
import pytest

from components.stacks import PROJECTS, BootstrapIamOutputs, NetworkOutputs, Outputs, PaymentsOutputs
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
    names = "|".join(
        record(lambda: contract(**{field.name: "" for field in fields(contract)}).export()).outputs
    )
    with pytest.raises(KeyError, match=names):
        record(
            lambda: contract.of("dev"),
            references={f"organization/{contract.PROJECT}/dev": {"other": "output"}},
        )


@pytest.mark.parametrize("contract", CONTRACTS)
def test_each_program_exports_its_contract_and_nothing_else(contract: type[Outputs]) -> None:
    exported = record(lambda: contract(**{field.name: "" for field in fields(contract)}).export()).outputs
    assert set(render(contract.PROJECT, "prod").outputs) == set(exported)
