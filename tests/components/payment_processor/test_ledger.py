from dataclasses import replace

import pytest

from tests.builders import PAYMENT_RULES
from tests.components.payment_processor.recorded import plain, recorded, scaled


def test_the_table_is_billed_by_request_and_never_provisioned() -> None:
    inputs = plain().one("dynamodb/table:Table").inputs
    assert inputs["billingMode"] == "PAY_PER_REQUEST"
    assert not {"readCapacity", "writeCapacity"} & set(inputs)


def test_an_item_is_found_by_payment_and_kind() -> None:
    inputs = plain().one("dynamodb/table:Table").inputs
    assert (inputs["hashKey"], inputs["rangeKey"]) == ("pk", "sk")
    names = ("pk", "sk", "indexDay", "indexState")
    assert inputs["attributes"] == [{"name": name, "type": "S"} for name in names]


def test_the_index_finds_payments_by_day_and_holds_no_account_reference() -> None:
    (index,) = plain().one("dynamodb/table:Table").inputs["globalSecondaryIndexes"]
    assert index["name"] == "by-day"
    assert index["keySchemas"] == [
        {"attributeName": "indexDay", "keyType": "HASH"},
        {"attributeName": "indexState", "keyType": "RANGE"},
    ]
    assert index["projectionType"] == "INCLUDE"
    assert not {"debtor", "creditor", "reference", "metadata"} & set(index["nonKeyAttributes"])


def test_payments_expire_only_where_a_retention_is_declared() -> None:
    rules = replace(PAYMENT_RULES, retention_days=3650)
    table = recorded(rules=rules)
    assert table.one("dynamodb/table:Table").inputs["ttl"] == {"attributeName": "expiresAt", "enabled": True}
    variables = table.one("lambda/function:Function").inputs["environment"]["variables"]
    assert variables["RETENTION_DAYS"] == "3650"


@pytest.mark.parametrize("enabled", [False, True])
def test_point_in_time_recovery_is_as_configured(enabled: bool) -> None:
    table = scaled(point_in_time_recovery=enabled).one("dynamodb/table:Table")
    assert table.inputs["pointInTimeRecovery"] == {"enabled": enabled}


def test_the_table_may_be_destroyed() -> None:
    assert plain().one("dynamodb/table:Table").inputs.get("deletionProtectionEnabled") is not True


def test_time_to_live_is_declared_off_with_the_attribute_that_switching_it_off_takes() -> None:
    table = plain().one("dynamodb/table:Table")
    assert table.inputs["ttl"] == {"attributeName": "expiresAt", "enabled": False}
