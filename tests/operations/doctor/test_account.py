import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.doctor.account import CHECKS, Account, check_account
from operations.doctor.finding import Finding, Status

REGION = "eu-west-1"


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        yield boto3.Session("testing", "testing", region_name=REGION)


def account(session: boto3.Session, account_id: str = "123456789012") -> Account:
    return Account(environment="prod", suffix="acme", account_id=account_id, client=session.client)


def check(session: boto3.Session, name: str) -> Finding:
    (found,) = [each for each in check_account(account(session)) if each.check == name]
    return found


def make_trail(
    session: boto3.Session, *, organisation: bool = True, data: bool = True, logs: bool = True
) -> None:
    session.client("s3").create_bucket(
        Bucket="trail", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    trails = session.client("cloudtrail")
    trails.create_trail(
        Name="org", S3BucketName="trail", IsMultiRegionTrail=True, IsOrganizationTrail=organisation
    )
    if logs:
        trails.start_logging(Name="org")
    if data:
        resource = {"Type": "AWS::DynamoDB::Table", "Values": ["arn:aws:dynamodb"]}
        trails.put_event_selectors(
            TrailName="org", EventSelectors=[{"ReadWriteType": "All", "DataResources": [resource]}]
        )


def test_every_check_has_a_finding_and_an_empty_account_fails(session: boto3.Session) -> None:
    found = check_account(account(session))

    assert [each.check for each in found] == list(CHECKS)
    assert all(each.fix for each in found if each.status is not Status.PASSED)
    assert {each.check for each in found if each.status is Status.FAILED} == {"trail", "data-events", "watch"}


def test_a_call_that_is_refused_is_not_checked_and_never_passed(session: boto3.Session) -> None:
    assert check(session, "access-analyzer").status is Status.NOT_CHECKED  # moto does not know it


def test_an_organisation_trail_with_data_events_passes(session: boto3.Session) -> None:
    make_trail(session)

    assert check(session, "trail").status is Status.PASSED
    assert check(session, "data-events").status is Status.PASSED


@pytest.mark.parametrize(
    ("spoiled", "name"),
    [({"organisation": False}, "trail"), ({"logs": False}, "trail"), ({"data": False}, "data-events")],
)
def test_a_trail_that_lacks_something_fails(
    session: boto3.Session, spoiled: dict[str, bool], name: str
) -> None:
    make_trail(session, **spoiled)

    assert check(session, name).status is Status.FAILED


def test_data_events_of_advanced_selectors_count(session: boto3.Session) -> None:
    make_trail(session, data=False)
    fields: list[Any] = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
    ]
    session.client("cloudtrail").put_event_selectors(
        TrailName="org", AdvancedEventSelectors=[{"Name": "ledger", "FieldSelectors": fields}]
    )

    assert check(session, "data-events").status is Status.PASSED


def test_another_account_is_named(session: boto3.Session) -> None:
    found = check_account(account(session, account_id="333333333333"))[0]

    assert (found.check, found.status) == ("account", Status.FAILED)
    assert "333333333333" in found.reason


def test_what_is_not_this_environments_is_named(session: boto3.Session) -> None:
    assert check(session, "nothing-else").status is Status.PASSED
    session.client("sqs").create_queue(QueueName="payments-queue-prod-acme")
    assert check(session, "nothing-else").status is Status.PASSED
    session.client("sqs").create_queue(QueueName="payments-queue-prod-blue")
    session.client("iam").create_user(UserName="mallory")
    session.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")

    found = check(session, "nothing-else")

    assert found.status is Status.FAILED
    assert "payments-queue-prod-blue" in found.reason
    assert "user mallory" in found.reason
    assert "network vpc-" in found.reason


def test_a_watch_that_is_on_and_heard_passes(session: boto3.Session) -> None:
    events, sns = session.client("events"), session.client("sns")
    events.put_rule(Name="security-calls-rule-prod-acme", EventPattern=json.dumps({"source": ["aws.kms"]}))
    assert check(session, "watch").reason == "not confirmed: nobody"
    topic = sns.create_topic(Name="security-topic-prod-acme")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="security@example.com")
    assert check(session, "watch").status is Status.PASSED  # moto confirms by itself
    events.disable_rule(Name="security-calls-rule-prod-acme")
    assert check(session, "watch").status is Status.FAILED
