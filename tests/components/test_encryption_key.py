import pytest

from components import iam
from components.encryption_key import EncryptionKey, used_by_alarms, used_by_log_groups
from tests.builders import placement, with_provider
from tests.recorder import Recorder, record

EXTRA = iam.Statement(sid="Extra", actions=["kms:Decrypt"], resources=["*"], principals={"AWS": ["x"]})


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return record(
        with_provider(
            lambda opts: EncryptionKey(
                "payments-key", placement=placement(), purpose="payments", statements=[EXTRA], opts=opts
            )
        )
    )


def test_the_key_rotates_and_goes_in_the_shortest_time_that_kms_takes(recorder: Recorder) -> None:
    inputs = recorder.one("kms/key:Key").inputs
    assert inputs["enableKeyRotation"] is True
    assert inputs["deletionWindowInDays"] == 7
    assert inputs["tags"] == {"Name": "payments-key-dev-acme"}


def test_the_alias_follows_the_convention_and_leads_to_the_key(recorder: Recorder) -> None:
    inputs = recorder.one("kms/alias:Alias").inputs
    assert inputs["name"] == "alias/payments-key-dev-acme"
    assert inputs["targetKeyId"] == "payments-key-id"


def test_the_account_administers_the_key_and_the_rest_is_given(recorder: Recorder) -> None:
    account, extra = recorder.one("kms/key:Key").document()["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert account["Action"] == "kms:*"
    assert extra == EXTRA.render()


def test_key_and_alias_are_children_of_the_component(recorder: Recorder) -> None:
    assert {each.parent for each in recorder.aws} == {recorder.one("EncryptionKey").urn}


def test_logs_use_the_key_for_one_log_group_only() -> None:
    statement = used_by_log_groups(placement(region="eu-west-1"), "payments-log-group-dev-acme")
    assert statement.principals == {"Service": ["logs.eu-west-1.amazonaws.com"]}
    assert statement.conditions == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": (
                "arn:aws:logs:eu-west-1:111111111111:log-group:payments-log-group-dev-acme"
            )
        }
    }


def test_alarms_use_the_key_for_this_environments_alarms_only() -> None:
    statement = used_by_alarms(placement())
    assert statement.principals == {"Service": ["cloudwatch.amazonaws.com"]}
    assert statement.conditions == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111111111111:alarm:*-dev-acme"},
    }
