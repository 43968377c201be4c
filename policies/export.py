"""What `pulumi stack export` and `pulumi preview --json` say of a stack, as resources.

Rules about one resource get its inputs, rules about relations its outputs, as the engine hands them to a
pack.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policies.properties import SECRET_KEY
from policies.resource import CheckedProvider, CheckedResource
from policies.stack import CheckedStack

SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the format's marker, not a secret
GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})
"""Operations of a preview after which a resource is no more."""


class UnreadableDocumentError(Exception):
    """The document is neither an export nor a preview, or not a whole one."""


@dataclass(frozen=True, kw_only=True)
class StackState:
    """A stack's resources, by inputs and by outputs, and the configuration if the document has it."""

    project: str
    environment: str
    inputs: tuple[CheckedResource, ...]
    outputs: tuple[CheckedResource, ...]
    config: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def stack(self, config: Mapping[str, str] | None = None) -> CheckedStack:
        """Return the stack with its own configuration, or another one given."""
        return CheckedStack(
            project=self.project,
            environment=self.environment,
            config=self.config if config is None else config,
        )


def read(document: object, before: object = None) -> StackState:
    """Return a stack's state from either kind of document; raises `UnreadableDocumentError`.

    Args:
        document: the parsed JSON of `pulumi stack export` or `pulumi preview --json`.
        before: for a preview, the parsed export of the same stack: a preview leaves out what stays the same,
            unless it was made with `--show-sames`.
    """
    if not isinstance(document, Mapping):
        raise UnreadableDocumentError("this is no JSON object, and so no stack export and no preview")
    if isinstance(document.get("steps"), list):
        unchanged = _exported(before) if before is not None else []
        return _state(_previewed(document, unchanged), document.get("config") or {})
    return _state(_exported(document), {})


def _exported(document: object) -> list[Mapping[str, Any]]:
    """Return the resources of an export."""
    deployment = document.get("deployment", document) if isinstance(document, Mapping) else None
    if not isinstance(deployment, Mapping) or not isinstance(deployment.get("resources"), list):
        raise UnreadableDocumentError(
            "this is neither `pulumi stack export` nor `pulumi preview --json`: no resources and no steps"
        )
    if deployment.get("pendingOperations") or deployment.get("pending_operations"):
        raise UnreadableDocumentError(
            "the export has pending operations: an update was cut off, so its state is not whole"
        )
    return [found for found in deployment["resources"] if not found.get("delete")]


def _previewed(document: Mapping[str, Any], unchanged: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the resources as they are after what a preview shows."""
    for diagnostic in document.get("diagnostics") or ():
        if diagnostic.get("severity") == "error":
            first = str(diagnostic.get("message", "")).strip().partition("\n")[0]
            raise UnreadableDocumentError(f"the preview failed, so that it does not show the stack: {first}")
    steps = document["steps"]
    shown = sum(step.get("op") == "same" for step in steps)
    hidden = int((document.get("changeSummary") or {}).get("same", 0)) - shown
    if hidden > 0 and not unchanged:
        raise UnreadableDocumentError(
            f"the preview leaves out {hidden} unchanged resources: preview with `--json --show-sames`, or "
            "give the stack's export as well (--stack-export)"
        )
    after = {found["urn"]: found for found in unchanged}
    for step in steps:
        if step.get("op") not in GONE:
            if "newState" in step:
                after[step["newState"]["urn"]] = _planned(step)
        elif step.get("op") == "delete":
            after.pop(step.get("urn"), None)
    return list(after.values())


def _planned(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a step's resource, which keeps the outputs that no input of it decides."""
    new, old = step["newState"], step.get("oldState") or {}
    if new.get("outputs") or step.get("op") not in {"update", "same"}:
        return new  # type: ignore[no-any-return]  # a resource of the document
    inputs, before = new.get("inputs") or {}, old.get("inputs") or {}
    kept = {key: value for key, value in (old.get("outputs") or {}).items() if key not in before}
    return {**new, "id": old.get("id"), "outputs": {**kept, **inputs}}


def _state(found: list[Mapping[str, Any]], config: Mapping[str, Any]) -> StackState:
    try:
        inputs = tuple(_resources(found, "inputs"))
        outputs = tuple(_resources(found, "outputs"))
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableDocumentError(f"a resource in it can't be read: {error!r}") from error
    if not inputs:
        raise UnreadableDocumentError("it holds no resources: there is nothing that could be checked")
    environment, _, rest = inputs[0].urn.removeprefix("urn:pulumi:").partition("::")
    return StackState(
        project=rest.partition("::")[0],
        environment=environment,
        inputs=inputs,
        outputs=outputs,
        config={key: _config_value(value) for key, value in config.items()},
        sources=_sources(found, rest.partition("::")[0]),
    )


def _sources(found: list[Mapping[str, Any]], project: str) -> dict[str, tuple[str, int]]:
    """URN to the file in the repository and the line that declared a resource, as the engine noted."""
    sources = {}
    for state in found:
        path, _, line = str(state.get("sourcePosition") or "").removeprefix("project:///").partition("#")
        if path and line.partition(",")[0].isdigit():
            file = re.sub(r"^(\.\./)+", "", path)
            within = path != file  # the position leaves the project's folder, for one beside it
            number = int(line.partition(",")[0])
            sources[state["urn"]] = (file if within else f"projects/{project}/{file}", number)
    return sources


def _resources(found: list[Mapping[str, Any]], side: str) -> Iterator[CheckedResource]:
    providers = {state["urn"]: state for state in found if state["type"].startswith("pulumi:providers:")}
    for state in found:
        urn = state["urn"]
        props = plain(state.get(side) or {})
        if side == "outputs":
            props = {
                **({"id": state["id"]} if state.get("id") else {}),
                **(props or plain(state.get("inputs") or {})),
            }
        yield CheckedResource(
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


def _provider(reference: str | None, providers: Mapping[str, Mapping[str, Any]]) -> CheckedProvider | None:
    if not reference:
        return None
    urn = reference.rpartition("::")[0]
    state = providers.get(urn, {})
    return CheckedProvider(
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
    """Return the state with a configuration from elsewhere, which an export lacks."""
    return replace(state, config=config)
