"""Reads a stack from what `pulumi stack export` writes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from operations.drift.plain import SIGNATURE, plain
from operations.drift.stack import PROVIDERS, REFERENCE, STACK_TYPE, Resource, Stack, options_of
from operations.engine.failure import StackName

_MARKS = {
    "delete": "waits to be deleted",
    "initErrors": "was not created completely",
    "pendingReplacement": "is being replaced",
    "taint": "is marked to be replaced",
}
"""Marks of a resource that a deployment was cut off at, or that the next one replaces."""
_OWN = {"pulumi:providers:pulumi"}


class Unreadable(Exception):  # noqa: N818  an outcome: the stack can't be looked at
    """A stack that can't be read. The message says why; `fix` what to do about it."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.fix = fix


def read_export(document: object, name: StackName) -> Stack:
    """The stack that an export holds.

    Raises Unreadable where it is no whole export, of another stack, empty, or where its last deployment was
    cut off.
    """
    deployment = document.get("deployment") if isinstance(document, Mapping) else None
    if not isinstance(deployment, Mapping):
        raise Unreadable(
            f"the export of {name} is malformed: it has no deployment",
            f"Export it anew: pulumi -C projects/{name.project} stack export -s {name.environment}",
        )
    pending = deployment.get("pending_operations") or deployment.get("pendingOperations")
    if pending:
        raise Unreadable(_half_deployed(name, pending), _deploy(name))
    try:
        found = deployment.get("resources") or []
        if marked := [*_marked(found)]:
            raise Unreadable(f"{name} is half deployed: {', '.join(marked)}", _deploy(name))
        return _stack(found, name)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise Unreadable(
            f"the export of {name} is malformed: a resource in it can't be read ({error!r})",
            f"Export it anew: pulumi -C projects/{name.project} stack export -s {name.environment}",
        ) from error


def _stack(found: list[Mapping[str, Any]], name: StackName) -> Stack:
    if not found:
        raise Unreadable(f"{name} holds no resources: it is not deployed", _deploy(name))
    whose = StackName(project=found[0]["urn"].split("::")[1], environment=found[0]["urn"].split(":")[2])
    if whose != name:
        raise Unreadable(
            f"the export said to be of {name} is of {whose}", f"Put the export of {name} in its place."
        )
    resources: dict[str, Resource] = {}
    references: dict[str, Mapping[str, Any]] = {}
    outputs: Mapping[str, Any] = {}
    providers: dict[str, str] = {}
    for each in found:
        kind = each["type"]
        if kind == STACK_TYPE:
            outputs = plain(each.get("outputs") or {})
        elif kind == REFERENCE:
            references[each["outputs"]["name"]] = plain(each["outputs"].get("outputs") or {})
        elif kind not in _OWN:
            if kind.startswith(PROVIDERS):
                providers[kind.removeprefix(PROVIDERS)] = str((each.get("inputs") or {}).get("version", ""))
            resource = _resource(each)
            resources[resource.key] = resource
    return Stack(name=name, resources=resources, outputs=outputs, references=references, providers=providers)


def _resource(each: Mapping[str, Any]) -> Resource:
    key = each["urn"].split("::", 2)[2]
    inputs, outputs = each.get("inputs") or {}, each.get("outputs") or {}
    if each["type"].startswith(PROVIDERS):
        inputs, outputs = {name: value for name, value in inputs.items() if name != "version"}, {}
    if not isinstance(inputs, dict) or not isinstance(outputs, dict) or SIGNATURE in {*inputs, *outputs}:
        raise TypeError(f"{key} has properties that are none")
    return Resource(
        key=key,
        type=each["type"],
        name=key.rpartition("::")[2],
        asked=inputs,
        seen=outputs,
        id=each.get("id") or "",
        options=options_of(
            protect=bool(each.get("protect")),
            retain_on_delete=bool(each.get("retainOnDelete")),
            ignore_changes=each.get("ignoreChanges") or (),
        ),
    )


def _marked(resources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for each in resources:
        for mark, meaning in _MARKS.items():
            if each.get(mark):
                yield f"{str(each['urn']).rpartition('::')[2]} {meaning}"


def _half_deployed(name: StackName, pending: Any) -> str:
    operations = [
        f"{each.get('type', 'changing')} {str(each.get('resource', {}).get('urn', '?')).rpartition('::')[2]}"
        for each in pending
        if isinstance(each, Mapping)
    ]
    return f"{name} is half deployed: its last deployment was cut off while {', '.join(operations)}"


def _deploy(name: StackName) -> str:
    return f"Deploy it: python scripts/deploy.py up --env {name.environment} --project {name.project}"
