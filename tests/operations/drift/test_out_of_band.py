"""Whatever is changed in the accounts past the engine is found at its place with both values, and no more.

One check over all nine stacks, in which each change of the catalogue was made in at least one environment.
Where it was made, and to what value, is drawn anew in every run.
"""

import os
import re
import secrets
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

import pytest

from components.environment import LADDER
from components.stacks import PROJECTS
from operations.drift.companions import SETS
from operations.drift.normal_form import normal
from operations.drift.outcome import exit_code
from operations.drift.report import ABSENT, Check, Kind, Severity
from operations.engine.failure import StackName
from sandbox import Sandbox
from tests.operations.drift.out_of_band import CATALOGUE
from tests.operations.drift.out_of_band.change import Place
from tests.operations.drift.out_of_band.same_meaning import REWRITINGS
from tests.operations.drift.out_of_band.scatter import What, Where, made, scattered, told
from tests.operations.drift.runs import drift, logical_name, resources, run, states

pytestmark = pytest.mark.long
SEED = "OUT_OF_BAND_SEED"
"""Environment variable that repeats a run."""
Exports = Mapping[StackName, Any]


def places(box: Sandbox, exports: Exports, environment: str) -> dict[str, Place]:
    """Logical name of every resource of an environment to its place."""
    session = box.session(environment)
    outputs = {
        logical_name(each): {**each["outputs"], "id": each["id"]}
        for project in PROJECTS
        for each in resources(exports[StackName(project=project, environment=environment)])
    }

    @cache
    def client(service: str) -> Any:
        return session.client(service, endpoint_url=box.url)

    return {name: Place(client=client, states=outputs, resource=name) for name in outputs}


UNDECLARED = {"readCapacity", "writeCapacity", "ttl.attributeName"}
"""What programs leave out or declare as off: a change of it comes from nothing."""


def listed_once(where: Where) -> Where:
    """A place in a policy, which means the same with a value and with a list of one."""
    environment, resource, path = where
    return environment, resource, re.sub(r"(Principal\.\w+)\[0\]$", r"\1", path)


def in_one_form(what: What | None) -> list[Any] | None:
    """What was found, with the statements of policies in the form that reports show."""
    if what is None:
        return None
    values = [normal(each) for each in what]
    return [
        normal({"Statement": [each]})["Statement"][0]
        if isinstance(each, Mapping) and "Effect" in each
        else each
        for each in values
    ]


def test_the_catalogue_changes_a_resource_of_every_type_that_is_deployed(exports: Exports) -> None:
    changed = {each.resource for each in CATALOGUE} | {name for each in CATALOGUE for name in each.takes}
    deployed = [each for document in exports.values() for each in resources(document)]
    types = {each["type"] for each in deployed if logical_name(each) in changed}
    assert {each["type"] for each in deployed} - SETS.keys() == types  # a set shows at its owner


def test_what_is_changed_behind_a_stacks_back_is_found_by_cloud_and_what_means_the_same_is_not(
    deployed_copy: Sandbox, exports: Exports
) -> None:
    box, before = deployed_copy, states(deployed_copy)
    seed = int(os.environ.get(SEED, "0")) or secrets.randbits(32)
    random = Random(seed)  # noqa: S311  it draws no secret
    expected: dict[Where, What] = {}
    for environment, changes in scattered(CATALOGUE, LADDER, random).items():
        where = places(box, exports, environment)
        for name, rewrite in REWRITINGS:
            rewrite(where[name])
        for change in changes:
            expected.update(made(change, environment, where[change.resource], random))

    report = run(box, Check.CLOUD, environments=tuple(LADDER))

    found = {listed_once(where): what for where, what in map(told, drift(report))}
    expected = {
        listed_once(where): (Kind.EXTRA, ABSENT, what[2]) if where[2] in UNDECLARED else what
        for where, what in expected.items()
    }
    again = f"{SEED}={seed} repeats it"
    assert report.not_checked == (), again
    differing = {
        where: (expected.get(where), found.get(where))
        for where in expected.keys() | found.keys()
        if in_one_form(expected.get(where)) != in_one_form(found.get(where))
    }
    assert differing == {}, again
    assert len(found) == len(report.findings), again
    assert exit_code(report) == 1
    assert states(box) == before
    severities = {(each.resource, each.path.partition("[")[0]): each.severity for each in report.findings}
    assert severities["payments-function-role", "managedPolicyArns"] is Severity.CRITICAL
    assert severities["function-security-group", "ingress"] is Severity.CRITICAL
    assert severities["payments-function", "memorySize"] is Severity.MEDIUM
    assert severities["payments-table", "tags.Rogue"] is Severity.LOW
