"""Any meaningful change of a state, a stack file or a program is found at its place, and nothing else is."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stacks import PROJECTS
from operations.drift.detect import Request, detect
from operations.drift.report import Check, Classification, Finding, Kind
from operations.drift.sources import Code
from operations.engine.failure import StackName
from tests.operations.drift.runs import (
    changed,
    copy_of_projects,
    drift,
    logical_name,
    of_class,
    parity,
    places,
    resources,
)
from tests.operations.drift.test_parity import CONTROLLED

Steps = tuple[str | int, ...]


def leaves(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """The places of all scalars, those in JSON text among them."""
    if isinstance(value, str) and value[:1] in "{[" and value[-1:] in "}]" and value:
        value = json.loads(value)
    if isinstance(value, dict):
        for key in value:
            if not key.startswith("__"):
                yield from leaves(value[key], (*steps, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from leaves(item, (*steps, position))
    elif value is not None:
        yield steps


def with_leaf_changed(value: Any, steps: Steps) -> Any:
    if isinstance(value, str) and steps:
        return json.dumps(with_leaf_changed(json.loads(value), steps))
    if not steps:
        if isinstance(value, bool):
            return not value
        return value + 7919 if isinstance(value, int | float) else f"{value}-mutated"
    first, rest = steps[0], steps[1:]
    other = copy.copy(value)
    other[first] = with_leaf_changed(value[first], rest)
    return other


def at(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = (json.loads(value) if isinstance(value, str) else value)[step]
    return value


def spelled(steps: Steps) -> str:
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path


def anywhere(path: str) -> str:
    """A path without the positions in its lists, which mean nothing in a set."""
    return re.sub(r"\[\d+\]", "[]", path)


UNTOLD = {"4dabf18193072939515e22adb298388d", "path"}
"""Of an archive: the mark that it is one, and where it was on somebody's disk."""


def meaningful(inputs: Mapping[str, Any]) -> list[Steps]:
    """The leaves of a resource's inputs, but for the tags that AWS keeps twice, and archives' places."""
    return [
        steps
        for steps in leaves(dict(inputs))
        if steps[0] != "tagsAll" and not (steps[0] == "code" and steps[-1] in UNTOLD)
    ]


def drawn(exports: Mapping[StackName, Any], data: st.DataObject) -> tuple[StackName, dict[StackName, Any]]:
    """Any stack of one side or the other, and the exports with a copy of its own that may be changed."""
    environment = data.draw(st.sampled_from(["staging", "prod"]), "environment")
    name = StackName(project=data.draw(st.sampled_from(PROJECTS), "project"), environment=environment)
    return name, changed(exports, name)


@settings(max_examples=280, deadline=None)
@given(data=st.data())
def test_any_change_in_a_state_is_found_at_its_place_and_nothing_else(
    exports: Mapping[StackName, Any], data: st.DataObject
) -> None:
    name, documents = drawn(exports, data)
    chosen = data.draw(
        st.sampled_from([each for each in resources(documents[name]) if meaningful(each["inputs"])]),
        "resource",
    )
    steps = data.draw(st.sampled_from(meaningful(chosen["inputs"])), "property")
    seen = data.draw(st.booleans(), "seen in the account too")
    wanted = with_leaf_changed(chosen["inputs"], steps)
    top = str(steps[0])
    chosen["inputs"] = wanted
    if seen and top in chosen["outputs"]:
        chosen["outputs"][top] = wanted[top]

    report = parity(documents, projects=(name.project,))

    found = drift(report)
    assert found, spelled(steps)
    assert {each.resource for each in found} == {logical_name(chosen)}
    assert {re.split(r"[.\[]", each.path)[0] for each in found} == {top}
    if not any(isinstance(step, int) for step in steps):
        (only,) = found
        assert only.path == spelled(steps)
        assert (only.target if name.environment == "prod" else only.baseline) == neutral(
            at(wanted, steps), name
        )
    else:
        assert any(
            anywhere(spelled(steps)).startswith(anywhere(each.path))
            or anywhere(each.path).startswith(anywhere(spelled(steps)))
            for each in found
        )
    untouched = {place for place in expected(name.project) if place != (logical_name(chosen), spelled(steps))}
    assert places(of_class(report, Classification.CONTROLLED)) == untouched


def neutral(value: Any, name: StackName) -> Any:
    """What a report shows of a value that names its environment."""
    if not isinstance(value, str):
        return value
    account, region = {"staging": ("222222222222", "us-west-2"), "prod": ("333333333333", "eu-west-1")}[
        name.environment
    ]
    for own, token in ((account, "${account}"), (region, "${region}")):
        value = re.sub(rf"(?<![A-Za-z0-9]){own}(?=[a-f]?(?![A-Za-z0-9]))", token, value)
    value = re.sub(rf"(?<![A-Za-z0-9]){name.environment}(?![A-Za-z0-9])", "${environment}", value)
    return re.sub(r"(?<![A-Za-z0-9])acme(?![A-Za-z0-9])", "${suffix}", value)


def expected(project: str) -> set[tuple[str, str]]:
    return {place for place, key in CONTROLLED.items() if key.startswith(f"{project}:")}


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_resource_that_only_one_state_has_is_found_and_nothing_else(
    exports: Mapping[StackName, Any], data: st.DataObject
) -> None:
    name, documents = drawn(exports, data)
    gone = data.draw(st.sampled_from(resources(documents[name])), "resource")
    documents[name]["deployment"]["resources"].remove(gone)

    found = [each for each in drift(parity(documents, projects=(name.project,))) if each.path == ""]

    (only,) = found
    assert (only.resource, only.type) == (logical_name(gone), gone["type"])
    assert only.kind is (Kind.MISSING if name.environment == "prod" else Kind.EXTRA)


SCALING = sorted({key for key in CONTROLLED.values() if not key.endswith("RetentionDays")})


@settings(max_examples=6, deadline=None)
@given(
    environment=st.sampled_from(["staging", "prod"]),
    key=st.sampled_from(SCALING),
    more=st.integers(min_value=1, max_value=50),
)
def test_a_scaling_value_changed_in_a_stack_file_is_drift_until_it_is_deployed(
    exports: Mapping[StackName, Any],
    tmp_path_factory: pytest.TempPathFactory,
    environment: str,
    key: str,
    more: int,
) -> None:
    root = copy_of_projects(tmp_path_factory.mktemp("root"))
    path = root / "projects" / "payments" / f"Pulumi.{environment}.yaml"
    document = yaml.safe_load(path.read_text())
    document["config"][key] += more
    path.write_text(yaml.safe_dump(document))

    report = parity(exports, projects=("payments",), root=root)

    driven = {place for place, driving in CONTROLLED.items() if driving == key}
    assert places(drift(report)) == driven
    assert places(of_class(report, Classification.CONTROLLED)) == expected("payments") - driven


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_a_uniform_value_in_one_stack_file_is_drift(
    exports: Mapping[StackName, Any], tmp_path: Path, environment: str
) -> None:
    root = copy_of_projects(tmp_path)
    path = root / "projects" / "bootstrap-iam" / f"Pulumi.{environment}.yaml"
    path.write_text(path.read_text() + "  bootstrap-iam:administratorRole: Another\n")
    (found,) = drift(parity(exports, projects=("bootstrap-iam",), root=root))
    assert (found.resource, found.path) == ("(stack)", "config.bootstrap-iam:administratorRole")
    assert found.reason == (
        f"A uniform value is set in the stack file of {environment}: it has one value everywhere."
    )


OTHER_FOR_PROD = """
import pulumi

def _other_for_prod(args):
    if pulumi.get_stack() == "prod" and args.name == {name!r}:
        props = {{**args.props, {argument!r}: {value!r}}}
        return pulumi.ResourceTransformationResult(props=props, opts=args.opts)

pulumi.runtime.register_stack_transformation(_other_for_prod)
"""


@pytest.mark.parametrize(
    ("project", "name", "argument", "path", "value"),
    [
        ("network", "flow-log-group", "retention_in_days", "retentionInDays", 3653),
        ("network", "private-subnet-a", "map_public_ip_on_launch", "mapPublicIpOnLaunch", True),
        ("network", "function-security-group", "description", "description", "other"),
        ("bootstrap-iam", "deployer-role", "max_session_duration", "maxSessionDuration", 7200),
        ("payments", "payments-function", "memory_size", "memorySize", 9999),
        ("payments", "payments-function", "timeout", "timeout", 9),
    ],
)
def test_a_program_that_treats_one_environment_otherwise_is_drift(
    tmp_path: Path, project: str, name: str, argument: str, path: str, value: object
) -> None:
    """Even where a scaling field drives the property: the value must be the field's."""
    root = copy_of_projects(tmp_path)
    program = root / "projects" / project / "__main__.py"
    patch = OTHER_FOR_PROD.format(name=name, argument=argument, value=value)
    program.write_text(patch + program.read_text())

    report = detect(
        Request(
            source=Code(projects=root / "projects"), checks=(Check.PARITY,), projects=(project,), root=root
        )
    )

    found: list[Finding] = drift(report)
    assert [(each.resource, each.path, each.target) for each in found] == [(name, path, value)]
    assert "though no scaling field does" in (found[0].reason or "")
    assert report.not_checked == ()
