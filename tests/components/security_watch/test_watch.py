"""The watch notices the steps of attacks, tells people, and is not the deployer's."""

import json
from typing import Any

import pytest

from components.security_watch.events import GLOBAL, GLOBAL_REGION, REGIONAL
from tests.components.deployer_access.documents import deployer_documents
from tests.components.deployer_access.evaluator import Call, decide
from tests.recorder import Recorder, render

EMAILS = ["security@example.com", "oncall@example.com"]


@pytest.fixture(scope="module", params=["dev", "prod"])
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def watched(environment: str) -> Recorder:
    return render("bootstrap-iam", environment, changed={"securityEmails": EMAILS})


def patterns(recorder: Recorder) -> dict[str, Any]:
    return {
        rule.name: json.loads(rule.inputs["eventPattern"])
        for rule in recorder.of_type("cloudwatch/eventRule:EventRule")
    }


def test_without_an_address_there_is_no_watch(environment: str) -> None:
    assert render("bootstrap-iam", environment).of_type("cloudwatch/eventRule:EventRule") == []


@pytest.mark.parametrize(
    "call",
    [
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
        "Subscribe",
        "SetQueueAttributes",
        "UpdateFunctionCode20150331v2",
        "DeleteTable",
        "UpdateContinuousBackups",
        "DisableRule",
        "StopLogging",
    ],
)
def test_the_regional_rule_notices_the_steps_of_attacks(watched: Recorder, call: str) -> None:
    assert call in patterns(watched)["security-calls-rule"]["detail"]["eventName"]


@pytest.mark.parametrize("call", ["UpdateAssumeRolePolicy", "PutRolePolicy", "CreateAccessKey"])
def test_changes_of_rights_are_noticed_in_the_global_region_and_forwarded(
    watched: Recorder, call: str
) -> None:
    for name in ("global-calls-rule", "forwarded-calls-rule"):
        assert call in patterns(watched)[name]["detail"]["eventName"]
    (bus,) = watched.of_type("cloudwatch/eventBus:EventBus")
    targets = {each.name: each for each in watched.of_type("cloudwatch/eventTarget:EventTarget")}
    assert targets["global-calls-rule-target"].inputs["arn"] == f"arn:of:{bus.name}"
    assert targets["forwarded-calls-rule-target"].inputs["eventBusName"] == bus.inputs["name"]
    rule = watched.one("cloudwatch/eventRule:EventRule", "global-calls-rule")
    assert f"aws-{GLOBAL_REGION}" in rule.provider


def test_sessions_of_the_operator_are_noticed_although_assuming_a_role_reads(watched: Recorder) -> None:
    rule = watched.one("cloudwatch/eventRule:EventRule", "role-session-rule")
    (arn,) = patterns(watched)["role-session-rule"]["detail"]["requestParameters"]["roleArn"]
    assert ":role/operator-role-" in arn
    assert rule.inputs["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def test_every_rule_has_a_target_and_every_address_a_subscription(watched: Recorder) -> None:
    rules = {each.inputs["name"] for each in watched.of_type("cloudwatch/eventRule:EventRule")}
    targets = {each.inputs["rule"] for each in watched.of_type("cloudwatch/eventTarget:EventTarget")}
    assert (len(rules), rules) == (4, targets)
    mails = [each.inputs["endpoint"] for each in watched.of_type("sns/topicSubscription:TopicSubscription")]
    assert sorted(mails) == sorted(EMAILS)


def test_patterns_are_short_enough_for_eventbridge(watched: Recorder) -> None:
    for rule in watched.of_type("cloudwatch/eventRule:EventRule"):
        assert len(rule.inputs["eventPattern"]) <= 2048


def test_no_call_is_in_two_lists() -> None:
    assert not {name for calls in REGIONAL.values() for name in calls} & {
        n for c in GLOBAL.values() for n in c
    }


def test_only_the_rules_of_the_environment_publish(watched: Recorder) -> None:
    policy = json.loads(watched.one("sns/topicPolicy:TopicPolicy").inputs["policy"])
    (statement,) = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert set(statement["Condition"]) == {"StringEquals", "ArnLike"}


BOOTSTRAPS = {
    "aws:ResourceTag/Environment": "dev",
    "aws:ResourceTag/EnvironmentSuffix": "acme",
    "aws:ResourceTag/Project": "bootstrap-iam",
}


@pytest.mark.parametrize(
    ("action", "resource", "conditions"),
    [
        *(
            (f"sns:{action}", "arn:aws:sns:us-east-1:111111111111:security-topic-dev-acme", {})
            for action in ("DeleteTopic", "SetTopicAttributes", "Subscribe", "TagResource")
        ),
        *(
            (
                f"events:{action}",
                "arn:aws:events:us-east-1:111111111111:rule/security-calls-rule-dev-acme",
                {},
            )
            for action in ("DeleteRule", "DisableRule", "PutRule", "RemoveTargets")
        ),
        *(
            (f"kms:{action}", "arn:aws:kms:us-east-1:111111111111:key/0b0e", BOOTSTRAPS)
            for action in ("PutKeyPolicy", "ScheduleKeyDeletion", "TagResource", "UntagResource")
        ),
        ("kms:DeleteAlias", "arn:aws:kms:us-east-1:111111111111:alias/security-key-dev-acme", {}),
    ],
)
def test_the_deployer_is_denied_every_call_on_the_watch(
    action: str, resource: str, conditions: dict[str, str]
) -> None:
    call = Call(action=action, resource=resource, conditions=conditions)
    assert decide(deployer_documents("dev"), call) == "denied"


def test_the_deployers_own_keys_stay_its_own() -> None:
    own = {**BOOTSTRAPS, "aws:ResourceTag/Project": "payments"}
    call = Call(
        action="kms:DescribeKey", resource="arn:aws:kms:us-east-1:111111111111:key/0b0e", conditions=own
    )
    assert decide(deployer_documents("dev"), call) == "allowed"
