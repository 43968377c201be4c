from dataclasses import replace

import pytest

from operations.state.backend import Backend, wanted_settings
from operations.state.plan import Found, decide, in_use

BACKEND = Backend(bucket="acme-payments-state", region="eu-west-1", environments=("dev", "prod"))
COMPLETE = Found(bucket=True, settings=wanted_settings(BACKEND), keys=dict.fromkeys(BACKEND.keys, True))


def told(found: Found) -> list[str]:
    return [str(step) for step in decide(found, BACKEND)]


def test_of_nothing_everything_is_made_keys_first() -> None:
    assert told(Found(bucket=False)) == [
        "create key alias/acme-payments-state",
        "create key alias/acme-payments-state-secrets-dev",
        "create key alias/acme-payments-state-secrets-prod",
        "create bucket acme-payments-state",
        *(f"set {name}" for name in wanted_settings(BACKEND)),
    ]


def test_what_is_complete_needs_nothing() -> None:
    assert told(COMPLETE) == []


@pytest.mark.parametrize("name", wanted_settings(BACKEND))
@pytest.mark.parametrize("value", [None, "something else"])
def test_a_setting_that_is_missing_or_another_is_set_and_nothing_else(name: str, value: object) -> None:
    assert told(replace(COMPLETE, settings={**COMPLETE.settings, name: value})) == [f"set {name}"]


def test_a_key_that_is_not_rotated_is() -> None:
    keys = {**COMPLETE.keys, BACKEND.state_key: False}
    assert told(replace(COMPLETE, keys=keys)) == ["rotate key alias/acme-payments-state"]


def test_a_new_environment_gets_its_key() -> None:
    grown = replace(BACKEND, environments=("dev", "prod", "perf"))
    assert [str(step) for step in decide(COMPLETE, grown)] == [
        "create key alias/acme-payments-state-secrets-perf"
    ]


def test_stacks_that_hold_resources_are_in_use() -> None:
    assert in_use(replace(COMPLETE, stacks={"network/dev": 0, "payments/dev": 40, "network/prod": 20})) == [
        "network/prod",
        "payments/dev",
    ]
