"""parliament, the IAM linter, and its database of actions, resources and condition keys."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def _without_pkg_resources() -> ModuleType:
    """parliament 1.6.4 finds its data through `pkg_resources`, which setuptools ships no more."""
    specification = importlib.util.find_spec("parliament")
    assert specification is not None
    assert specification.submodule_search_locations
    folder = Path(specification.submodule_search_locations[0])
    module = ModuleType("pkg_resources")
    vars(module)["resource_filename"] = lambda _package, name: str(folder / name)
    sys.modules.setdefault("pkg_resources", module)
    return importlib.import_module("parliament")


_parliament = _without_pkg_resources()

Finding = tuple[str, str]
"""parliament's issue id, and what it is about."""


def findings(document: str) -> dict[str, set[Finding]]:
    """Statement id to findings. Each statement is linted by itself, since parliament tells lines only."""
    whole = json.loads(document)
    assert not _of(document) & {("MALFORMED", ""), ("JSON", "")}
    return {
        statement["Sid"]: found
        for statement in whole["Statement"]
        if (found := _of(json.dumps({"Version": whole["Version"], "Statement": [statement]})))
    }


def _of(document: str) -> set[Finding]:
    return {
        (str(finding.issue), action)
        for finding in _parliament.analyze_policy_string(document).findings
        for action in _subjects(finding.detail)
    }


def _subjects(detail: Any) -> list[str]:
    if isinstance(detail, list):
        return [each["action"] if isinstance(each, dict) else str(each) for each in detail]
    return [str(detail)]


def dependent_actions(action: str) -> set[str]:
    """What AWS checks besides an action, as its Service Authorization Reference has it."""
    service, _, name = action.partition(":")
    return {
        dependent
        for each in _parliament.iam_definition
        if each["prefix"] == service
        for privilege in each["privileges"]
        if privilege["privilege"] == name
        for kind in privilege["resource_types"]
        for dependent in kind["dependent_actions"]
    }
