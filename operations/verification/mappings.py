"""Compares the customers' path through queue and mapping with the one that synthetic payments take.

Synthetic payments have a queue and a mapping of their own. What they prove holds for customers' payments
as far as the two paths are configured alike, which this module checks. It does not prove that Lambda's
pollers of the customers' mapping are at work: the alarm on the oldest message does.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAPPING_SETTINGS = ("BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes", "FilterCriteria")
QUEUE_SETTINGS = ("VisibilityTimeout", "DelaySeconds", "KmsMasterKeyId", "MaximumMessageSize")
ENABLED = frozenset({"Enabled", "Enabling", "Creating", "Updating"})


def path_differences(
    mappings: Mapping[str, Mapping[str, Any]], queues: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """Yield what is wrong with the customers' path.

    Args:
        mappings: `payments` and `verification` to the mapping of each queue; left out where there is none.
        queues: `payments` and `verification` to the attributes of each queue.
    """
    customers, synthetic = mappings.get("payments"), mappings.get("verification")
    if customers is None:
        yield "no event source mapping reads the request queue"
    elif customers.get("State") not in ENABLED:
        yield f"the event source mapping of the request queue is {customers.get('State')}"
    if synthetic is None:
        yield "no event source mapping reads the verification queue"
    if customers is not None and synthetic is not None:
        for name in MAPPING_SETTINGS:
            if (customers.get(name) or None) != (synthetic.get(name) or None):  # empty is not set
                yield (
                    f"{name} of the request queue's mapping is {customers.get(name)}, "
                    f"of the verification queue's {synthetic.get(name)}"
                )
    for name in QUEUE_SETTINGS:
        if queues["payments"].get(name) != queues["verification"].get(name):
            yield (
                f"{name} of the request queue is {queues['payments'].get(name)}, "
                f"of the verification queue {queues['verification'].get(name)}"
            )
    receives = {kind: max_receive_count(attributes) for kind, attributes in queues.items()}
    if receives["payments"] != receives["verification"]:
        yield (
            f"maxReceiveCount of the request queue is {receives['payments']}, "
            f"of the verification queue {receives['verification']}"
        )


def max_receive_count(attributes: Mapping[str, str]) -> int | None:
    """Return how often a message is received before it is parked; None without a dead-letter queue."""
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    return int(policy["maxReceiveCount"]) if "maxReceiveCount" in policy else None
