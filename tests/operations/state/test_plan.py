from dataclasses import replace

import pytest

from operations.state.backend import Backend, wanted_settings
from operations.state.plan import Found, Key, decide, in_use

BACKEND = Backend(bucket="acme-payments-state", region="eu-west-1", environments=("dev", "prod"))
COMPLETE = Found(
    bucket=True, settings=wanted_settings(BACKEND), keys=dict.fromkeys(BACKEND.keys, Key()), layout=True
)


def told(found: Found) -> list[str]:
    return [str(step) for step in decide(found, BACKEND)]


def test_of_nothing_everything_is_made_keys_first() -> None:
    assert told(Found(bucket=False)) == [
        "create key alias/acme-payments-state",
        "create key alias/acme-payments-state-secrets-dev",
        "create key alias/acme-payments-state-secrets-prod",
        "create bucket acme-payments-state",
        "write layout .pulumi/meta.yaml",
        *(f"set {name}" for name in wanted_settings(BACKEND)),
    ]


def test_what_is_complete_needs_nothing() -> None:
    assert told(COMPLETE) == []


@pytest.mark.parametrize("name", wanted_settings(BACKEND))
@pytest.mark.parametrize("value", [None, "something else"])
def test_a_setting_that_is_missing_or_another_is_set_and_nothing_else(name: str, value: object) -> None:
    assert told(replace(COMPLETE, settings={**COMPLETE.settings, name: value})) == [f"set {name}"]


def test_a_key_that_is_not_rotated_is() -> None:
    keys = {**COMPLETE.keys, BACKEND.state_key: Key(rotated=False)}
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


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
@pytest.mark.parametrize("alias", BACKEND.keys)
def test_a_key_that_opens_nothing_is_restored(alias: str, state: str) -> None:
    keys = {**COMPLETE.keys, alias: Key(state=state)}
    assert told(replace(COMPLETE, keys=keys)) == [f"restore key {alias}"]


def test_the_bucket_names_its_key_by_arn() -> None:
    arn = "arn:aws:kms:eu-west-1:444444444444:key/0b0e"
    found = replace(COMPLETE, keys={**COMPLETE.keys, BACKEND.state_key: Key(arn=arn)})

    (step,) = decide(found, BACKEND)

    assert (step.subject, step.value["KMSMasterKeyID"]) == ("encryption", arn)


THEIRS = {"Sid": "AuditReads", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject"}
KEPT = {"ID": "audit", "Status": "Enabled", "Filter": {"Prefix": "audit/"}, "Expiration": {"Days": 9}}


def test_what_others_added_stays_and_is_no_difference() -> None:
    policy, rules = COMPLETE.settings["policy"], COMPLETE.settings["lifecycle"]
    extended = {
        "policy": {**policy, "Statement": [THEIRS, *policy["Statement"]]},
        "lifecycle": [*rules, KEPT],
    }

    assert told(replace(COMPLETE, settings={**COMPLETE.settings, **extended})) == []


def test_own_statements_are_put_right_among_those_of_others() -> None:
    policy, rules = COMPLETE.settings["policy"], COMPLETE.settings["lifecycle"]
    weakened = {**policy["Statement"][0], "Effect": "Allow"}
    changed = {
        "policy": {**policy, "Statement": [weakened, THEIRS]},
        "lifecycle": [{**rules[0], "Status": "Disabled"}, KEPT],
    }

    steps = decide(replace(COMPLETE, settings={**COMPLETE.settings, **changed}), BACKEND)

    assert [step.subject for step in steps] == ["policy", "lifecycle"]
    assert steps[0].value["Statement"] == [THEIRS, *policy["Statement"]]
    assert steps[1].value == [KEPT, *rules]
    assert [step.before for step in steps] == list(changed.values())
