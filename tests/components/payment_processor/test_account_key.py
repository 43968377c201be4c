from dataclasses import replace

import pytest

from tests.builders import PAYMENT_RULES, payments_scaling
from tests.components.payment_processor.recorded import plain, recorded

PSEUDONYMISED = replace(PAYMENT_RULES, pseudonymise_accounts=True)
TABLE = "payments-account-key-table"


def test_by_default_there_is_no_key_and_the_function_knows_no_table() -> None:
    program = plain()
    assert [each.name for each in program.of_type("dynamodb/table:Table")] == ["payments-table"]
    variables = program.one("lambda/function:Function").inputs["environment"]["variables"]
    assert "ACCOUNT_KEY_TABLE" not in variables


def test_with_pseudonyms_the_function_finds_the_key_in_a_table_of_its_own() -> None:
    program = recorded(rules=PSEUDONYMISED)
    tables = {each.name: each.inputs for each in program.of_type("dynamodb/table:Table")}
    assert set(tables) == {"payments-table", TABLE}
    variables = program.one("lambda/function:Function").inputs["environment"]["variables"]
    assert variables["ACCOUNT_KEY_TABLE"] == tables[TABLE]["name"]
    assert tables[TABLE]["serverSideEncryption"] == tables["payments-table"]["serverSideEncryption"]


@pytest.mark.parametrize("enabled", [False, True])
def test_the_key_is_backed_up_as_the_ledger_is(enabled: bool) -> None:
    scaling = payments_scaling(point_in_time_recovery=enabled)
    tables = recorded(rules=PSEUDONYMISED, scaling=scaling).of_type("dynamodb/table:Table")
    assert [each.inputs["pointInTimeRecovery"] for each in tables] == [{"enabled": enabled}] * 2
