"""What `pulumi stack export` and `pulumi preview --json` say of a stack, as resources.

Rules about one resource get its inputs, rules about relations its outputs, as the engine hands them to a
pack.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policies.properties import SECRET_KEY
from policies.resource import Provider, Resource
from policies.stack import Stack

SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the format's marker, not a secret
GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})
"""Operations of a preview after which a resource is no more."""


class Unreadable(Exception):  # noqa: N818  an outcome: the check could not be made
    """The document is neither an export nor a preview, or not a whole one."""


@dataclass(frozen=True, kw_only=True)
class StackState:
    """A stack's resources, by inputs and by outputs, and the configuration if the document has it."""

    project: str
    environment: str
    inputs: tuple[Resource, ...]
    outputs: tuple[Resource, ...]
    config: Mapping[str, str] = field(default_factory=dict)

    def stack(self, config: Mapping[str, str] | None = None) -> Stack:
        """The stack with its own configuration, or another one given."""
        return Stack(
            project=self.project,
            environment=self.environment,
            config=self.config if config is None else config,
        )


def read(document: object) -> StackState:
    """A stack's state from either kind of document; raises `Unreadable`."""
    if not isinstance(document, Mapping):
        raise Unreadable("this is no JSON object, and so no stack export and no preview")
    deployment = document.get("deployment", document)
    if isinstance(deployment, Mapping) and isinstance(deployment.get("resources"), list):
        if deployment.get("pendingOperations") or deployment.get("pending_operations"):
            raise Unreadable(
                "the export has pending operations: an update was cut off, so its state is not whole"
            )
        return _state([found for found in deployment["resources"] if not found.get("delete")], {})
    if isinstance(document.get("steps"), list):
        after = [
            step["newState"]
            for step in document["steps"]
            if step.get("op") not in GONE and "newState" in step
        ]
        return _state(after, document.get("config") or {})
    raise Unreadable(
        "this is neither `pulumi stack export` nor `pulumi preview --json`: no resources and no steps"
    )


def _state(found: list[Mapping[str, Any]], config: Mapping[str, Any]) -> StackState:
    try:
        inputs = tuple(_resources(found, "inputs"))
        outputs = tuple(_resources(found, "outputs"))
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"a resource in it can't be read: {error!r}") from error
    if not inputs:
        raise Unreadable("it holds no resources: there is nothing that could be checked")
    environment, _, rest = inputs[0].urn.removeprefix("urn:pulumi:").partition("::")
    return StackState(
        project=rest.partition("::")[0],
        environment=environment,
        inputs=inputs,
        outputs=outputs,
        config={key: _config_value(value) for key, value in config.items()},
    )


def _resources(found: list[Mapping[str, Any]], side: str) -> Iterator[Resource]:
    providers = {state["urn"]: state for state in found if state["type"].startswith("pulumi:providers:")}
    for state in found:
        urn = state["urn"]
        props = plain(state.get(side) or {})
        if side == "outputs":
            props = {
                **({"id": state["id"]} if state.get("id") else {}),
                **(props or plain(state.get("inputs") or {})),
            }
        yield Resource(
            type=state["type"],
            name=urn.rpartition("::")[2],
            urn=urn,
            props=props,
            protect=bool(state.get("protect")),
            retain=bool(state.get("retainOnDelete")),
            deleted_with=state.get("deletedWith") or "",
            provider=_provider(state.get("provider"), providers),
            links={key: tuple(urns or ()) for key, urns in (state.get("propertyDependencies") or {}).items()},
        )


def _provider(reference: str | None, providers: Mapping[str, Mapping[str, Any]]) -> Provider | None:
    if not reference:
        return None
    urn = reference.rpartition("::")[0]
    state = providers.get(urn, {})
    return Provider(
        name=urn.rpartition("::")[2],
        type=urn.split("::")[2].rpartition("$")[2],
        props=plain(state.get("inputs") or {}),
    )


def plain(value: Any) -> Any:
    """A value with its secrets in clear where the document shows them; an encrypted one stays marked."""
    if isinstance(value, Mapping):
        if value.get(SECRET_KEY) == SECRET_SIGNATURE and "plaintext" in value:
            return plain(json.loads(value["plaintext"]))
        if value.get(SECRET_KEY) == SECRET_SIGNATURE and "value" in value:
            return plain(value["value"])
        return {key: plain(element) for key, element in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return value


def _config_value(value: object) -> str:
    """A configuration value of a preview, which comes as text or as {"value": …, "objectValue": …}."""
    if isinstance(value, Mapping):
        value = value.get("value", value.get("objectValue"))
    return value if isinstance(value, str) else json.dumps(value)


def with_config(state: StackState, config: Mapping[str, str]) -> StackState:
    """The state with a configuration from elsewhere, which an export lacks."""
    return replace(state, config=config)
