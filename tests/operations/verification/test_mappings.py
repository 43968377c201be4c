"""Probes prove something about customers' payments only where both paths are configured alike."""

import json
from typing import Any

import pytest

from operations.verification.mappings import max_receive_count, path_differences

MAPPING: dict[str, Any] = {
    "State": "Enabled",
    "BatchSize": 10,
    "MaximumBatchingWindowInSeconds": 1,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}
QUEUE = {
    "VisibilityTimeout": "181",
    "DelaySeconds": "0",
    "KmsMasterKeyId": "key",
    "MaximumMessageSize": "262144",
    "RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn", "maxReceiveCount": 5}),
}


def differences(mapping: dict[str, Any] | None = None, queue: dict[str, str] | None = None) -> list[str]:
    """Of a request queue and its mapping with these changes."""
    mappings = {"payments": MAPPING | (mapping or {}), "verification": MAPPING}
    return list(path_differences(mappings, {"payments": QUEUE | (queue or {}), "verification": QUEUE}))


def test_paths_that_are_alike_have_no_differences() -> None:
    assert differences() == []
    assert differences({"State": "Updating"}) == []
    assert differences({"FilterCriteria": {}}) == []


@pytest.mark.parametrize(
    ("mapping", "queue", "name"),
    [
        ({"State": "Disabled"}, {}, "Disabled"),
        ({"BatchSize": 1}, {}, "BatchSize"),
        ({"FunctionResponseTypes": []}, {}, "FunctionResponseTypes"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, {}, "FilterCriteria"),
        ({}, {"VisibilityTimeout": "30"}, "VisibilityTimeout"),
        ({}, {"DelaySeconds": "900"}, "DelaySeconds"),
        ({}, {"KmsMasterKeyId": "other"}, "KmsMasterKeyId"),
        ({}, {"RedrivePolicy": ""}, "maxReceiveCount"),
        ({}, {"RedrivePolicy": json.dumps({"maxReceiveCount": 1})}, "maxReceiveCount"),
    ],
)
def test_each_difference_is_named(mapping: dict[str, Any], queue: dict[str, str], name: str) -> None:
    (difference,) = differences(mapping, queue)
    assert name in difference


def test_a_queue_that_nothing_reads_is_a_difference() -> None:
    queues = {"payments": QUEUE, "verification": QUEUE}
    assert [*path_differences({"verification": MAPPING}, queues)] == [
        "no event source mapping reads the request queue"
    ]
    assert [*path_differences({"payments": MAPPING}, queues)] == [
        "no event source mapping reads the verification queue"
    ]


def test_a_queue_without_redrive_has_no_receive_count() -> None:
    assert max_receive_count({}) is None
    assert max_receive_count(QUEUE) == 5
