"""Exports and previews of small stacks, as Pulumi writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.policies.compliant import ALARM, PROVIDER, TABLE, resource
from tests.policies.engine import Made

PROVIDER_URN = "urn:pulumi:dev::payments::pulumi:providers:aws::aws"


def state(made: Made, **more: Any) -> dict[str, Any]:
    """A resource in a state."""
    own = {
        "urn": made.urn,
        "type": made.type,
        "inputs": dict(made.props),
        "outputs": {**made.props, "id": made.name},
    }
    if made.type != PROVIDER:
        own["provider"] = f"{PROVIDER_URN}::04da6b54"
    return {**own, **more}


def export(*resources: Mapping[str, Any]) -> dict[str, Any]:
    """What `pulumi stack export` prints; the stack's provider comes first."""
    provider = state(resource(PROVIDER, name="aws"))
    return {"version": 3, "deployment": {"manifest": {}, "resources": [provider, *resources]}}


def preview(
    *resources: Mapping[str, Any], config: Mapping[str, str], ops: Sequence[str] = ()
) -> dict[str, Any]:
    """What `pulumi preview --json` prints."""
    provider = state(resource(PROVIDER, name="aws"))
    operations = ["create"] + (list(ops) or ["create"] * len(resources))
    steps = [
        {"op": op, "urn": found["urn"], "newState": dict(found)}
        for op, found in zip(operations, [provider, *resources], strict=True)
    ]
    return {"config": dict(config), "steps": steps, "diagnostics": []}


def table(**props: Any) -> dict[str, Any]:
    """A compliant table, but for `props`."""
    made = resource(TABLE, name="payments-table")
    return state(made.but(props={**made.props, **props}))


def alarm(**props: Any) -> dict[str, Any]:
    """A compliant alarm, but for `props`."""
    made = resource(ALARM, name="errors-alarm")
    return state(made.but(props={**made.props, **props}))
