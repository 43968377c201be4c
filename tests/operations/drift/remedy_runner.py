"""Carries out what a finding's `fix` prints, on a sandbox: the project's own commands and the AWS CLI's."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from botocore import xform_name

from operations.deployment.operate import Operator
from operations.drift.report import Finding
from operations.engine.failure import StackName
from sandbox import Sandbox

_COMMANDS = re.compile(r": ((?:aws|python) .*)$")
"""A remedy ends with its commands."""


def commands(findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    """Environment and command of each remedy, each once."""
    found = {
        (finding.environment, command): None
        for finding in findings
        for command in _COMMANDS.search(finding.fix)[1].split(" && ")  # type: ignore[index]
    }
    yield from found


def run(box: Sandbox, environment: str, command: str) -> None:
    """Run one command; raises for one that is neither of the two sorts."""
    words = shlex.split(command)
    if words[:2] == ["python", "scripts/deploy.py"]:
        _deploy(box, words[2:])
    elif words[:1] == ["aws"]:
        _call(box, environment, words[1:])
    else:
        raise AssertionError(f"no command: {command!r}")


def _deploy(box: Sandbox, words: list[str]) -> None:
    rest = [word for word in words[1:] if word != "--refresh"]
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    name = StackName(project=options["--project"], environment=options["--env"])
    assert words[0] == "up"
    Operator(
        command=box.command(),
        watch=lambda _: None,
        root=box.root,
        targets=[options["--target"]],
        refresh="--refresh" in words,
        keeps_data=False,
    ).apply(name)


def _call(box: Sandbox, environment: str, words: list[str]) -> None:
    service, operation, *rest = words
    flags = {_FLAGS[word][0]: _FLAGS[word][1] for word in rest if word in _FLAGS}
    rest = [word for word in rest if word not in _FLAGS]
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    region = options.pop("--region", None)
    assert region in (None, box.account(environment).region)
    client = box.client(service, environment)
    method = operation.replace("-", "_")
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    names = {f"--{xform_name(member, '-')}": member for member in model.input_shape.members}
    types = {member: shape.type_name for member, shape in model.input_shape.members.items()}
    given = {names[option]: _value(text, types[names[option]]) for option, text in options.items()}
    getattr(client, method)(**given, **flags)


_FLAGS = {"--egress": ("Egress", True), "--ingress": ("Egress", False)}
"""Options of the AWS CLI without a value, and the parameter that they are."""


def _value(text: str, kind: str) -> Any:
    """A value as the API takes it, of what the AWS CLI takes."""
    if text[:1] in "[{":
        return json.loads(text)
    if kind == "integer":
        return int(text)
    return [text] if kind == "list" else text
