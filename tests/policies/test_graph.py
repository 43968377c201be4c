"""Who refers to whom: by what a property says, and while it is unknown by what it was made from."""

import pytest

from policies.graph import Graph
from policies.properties import UnknownPropertyError
from policies.resource import CheckedResource
from tests.policies.engine import UNKNOWN

QUEUE, ALARM = "aws:sqs/queue:Queue", "aws:cloudwatch/metricAlarm:MetricAlarm"
ARN = "arn:aws:sqs:us-east-1:111111111111:payments-queue"


def of(
    kind: str, name: str, links: dict[str, tuple[str, ...]] | None = None, /, **props: object
) -> CheckedResource:
    return CheckedResource(type=kind, name=name, urn=f"urn:{name}", props=props, links=links or {})


TARGET = of(
    QUEUE, "queue", name="payments-queue", arn=ARN, url="https://sqs/payments-queue", id="https://sqs/1"
)


@pytest.mark.parametrize(
    "value",
    [
        ARN,
        "payments-queue",
        "https://sqs/payments-queue",
        "https://sqs/1",
        {"QueueName": "payments-queue"},
        ["x", {"deep": [ARN]}],
        f'{{"deadLetterTargetArn": "{ARN}"}}',
    ],
)
def test_a_reference_is_found_wherever_in_the_property_it_is(value: object) -> None:
    source = of(ALARM, "alarm", refers=value)
    graph = Graph([TARGET, source])
    assert graph.linked(source, "refers", QUEUE) == [TARGET]
    assert graph.referring(TARGET, "refers", ALARM) == [source]


@pytest.mark.parametrize(
    "value",
    [None, "other", "payments-queue-2", "arn:aws:sqs:us-east-1:222222222222:payments-queue", "{broken", 7],
)
def test_what_is_no_reference_is_none(value: object) -> None:
    source = of(ALARM, "alarm", refers=value)
    graph = Graph([TARGET, source])
    assert graph.linked(source, "refers", QUEUE) == []
    assert graph.referring(TARGET, "refers", ALARM) == []


def test_a_name_of_another_type_is_no_reference() -> None:
    source = of(ALARM, "alarm", refers="payments-queue")
    assert Graph([TARGET, source]).linked(source, "refers", ALARM) == []


def test_an_arn_names_by_its_last_part_while_the_targets_arn_is_unknown() -> None:
    target = of(QUEUE, "queue", name="payments-queue", arn=UNKNOWN)
    source = of(ALARM, "alarm", refers=ARN)
    assert Graph([target, source]).linked(source, "refers", QUEUE) == [target]


def test_an_unknown_reference_is_what_the_property_was_made_from() -> None:
    source = of(ALARM, "alarm", {"refers": (TARGET.urn, "urn:elsewhere")}, refers=UNKNOWN)
    assert Graph([TARGET, source]).linked(source, "refers", QUEUE) == [TARGET]


def test_an_unknown_reference_made_from_nothing_known_is_unknown() -> None:
    source = of(ALARM, "alarm", refers={"deep": [UNKNOWN]})
    graph = Graph([TARGET, source])
    with pytest.raises(UnknownPropertyError, match=r"refers\.deep\.0"):
        graph.linked(source, "refers", QUEUE)
    with pytest.raises(UnknownPropertyError, match=r"alarm\.refers\.deep\.0"):
        graph.referring(TARGET, "refers", ALARM)


def test_one_known_reference_settles_what_another_unknown_one_would_leave_open() -> None:
    known, unknown = of(ALARM, "known", refers=ARN), of(ALARM, "unknown", refers=UNKNOWN)
    assert Graph([TARGET, known, unknown]).referring(TARGET, "refers", ALARM) == [known]
