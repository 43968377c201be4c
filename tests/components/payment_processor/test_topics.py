from typing import Any

from tests.components.payment_processor.recorded import plain, recorded


def statements(topic: str, **changed: Any) -> list[dict[str, Any]]:
    recorder = recorded(**changed) if changed else plain()
    policy = recorder.one("TopicPolicy", f"payments-{topic}-policy")
    assert policy.inputs["arn"] == f"arn:of:payments-{topic}"
    found: list[dict[str, Any]] = policy.document()["Statement"]
    return found


def test_each_address_is_subscribed_to_its_topic() -> None:
    recorder = recorded(notification_emails=["a@x.org", "b@x.org"], operator_emails=["c@x.org"])
    subscriptions = {each.inputs["endpoint"]: each.inputs for each in recorder.of_type("TopicSubscription")}
    assert {endpoint: each["topic"] for endpoint, each in subscriptions.items()} == {
        "a@x.org": "arn:of:payments-notification-topic",
        "b@x.org": "arn:of:payments-notification-topic",
        "c@x.org": "arn:of:payments-alarm-topic",
    }
    assert {each["protocol"] for each in subscriptions.values()} == {"email"}


def test_a_subscription_goes_with_its_topic() -> None:
    recorder = plain()
    topics = {each.name: each.urn for each in recorder.of_type("sns/topic:Topic")}
    for subscription in recorder.of_type("TopicSubscription"):
        assert subscription.deleted_with == topics[subscription.name.rpartition("-email-")[0]]


def test_publishing_without_tls_is_denied() -> None:
    for topic in ("notification-topic", "alarm-topic"):
        denial = statements(topic)[0]
        assert (denial["Effect"], denial["Action"]) == ("Deny", "sns:Publish")
        assert denial["Resource"] == f"arn:aws:sns:us-east-1:111111111111:payments-{topic}-dev-acme"
        assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_no_other_account_may_do_anything_by_default() -> None:
    assert [each["Effect"] for each in statements("notification-topic")] == ["Deny"]


def test_configured_accounts_may_subscribe_queues_to_notifications_and_nothing_else() -> None:
    accounts = ["444444444444", "555555555555"]
    _, allowed = statements("notification-topic", subscriber_account_ids=accounts)
    assert allowed["Effect"] == "Allow"
    assert allowed["Action"] == "sns:Subscribe"
    assert allowed["Principal"] == {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}
    assert allowed["Condition"] == {"StringEquals": {"sns:Protocol": "sqs"}}
    assert len(statements("alarm-topic", subscriber_account_ids=accounts)) == 2


def test_this_environments_alarms_publish_to_the_alarm_topic() -> None:
    _, allowed = statements("alarm-topic")
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111111111111:alarm:*-dev-acme"},
    }
