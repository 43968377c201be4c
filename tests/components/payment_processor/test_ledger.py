import pytest

from tests.components.payment_processor.recorded import plain, scaled


def test_the_table_is_billed_by_request_and_never_provisioned() -> None:
    inputs = plain().one("dynamodb/table:Table").inputs
    assert inputs["billingMode"] == "PAY_PER_REQUEST"
    assert not {"readCapacity", "writeCapacity"} & set(inputs)


def test_an_item_is_found_by_payment_and_kind() -> None:
    inputs = plain().one("dynamodb/table:Table").inputs
    assert (inputs["hashKey"], inputs["rangeKey"]) == ("pk", "sk")
    assert inputs["attributes"] == [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}]


@pytest.mark.parametrize("enabled", [False, True])
def test_point_in_time_recovery_is_as_configured(enabled: bool) -> None:
    table = scaled(point_in_time_recovery=enabled).one("dynamodb/table:Table")
    assert table.inputs["pointInTimeRecovery"] == {"enabled": enabled}


def test_the_table_may_be_destroyed() -> None:
    assert plain().one("dynamodb/table:Table").inputs.get("deletionProtectionEnabled") is not True


def test_time_to_live_is_declared_off_with_the_attribute_that_switching_it_off_takes() -> None:
    table = plain().one("dynamodb/table:Table")
    assert table.inputs["ttl"] == {"attributeName": "expiresAt", "enabled": False}
