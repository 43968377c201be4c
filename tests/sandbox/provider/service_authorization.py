"""The Service Authorization Reference, as parliament packages it: the actions, and their resources."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sandbox.provider.authorization import Need


@cache
def _reference() -> Mapping[str, Mapping[str, Any]]:
    """The Service Authorization Reference, as parliament packages it: resource ARN patterns by action."""
    spec = find_spec("parliament")  # found, not imported: only its data is wanted
    assert spec is not None
    assert spec.origin is not None
    definition = json.loads(Path(spec.origin).with_name("iam_definition.json").read_text())
    found: dict[str, Mapping[str, Any]] = {}
    for service in definition:
        arns = {each["resource"]: each["arn"] for each in service["resources"]}
        for privilege in service["privileges"]:
            types = [each["resource_type"].rstrip("*") for each in privilege["resource_types"]]
            required = [each for each in privilege["resource_types"] if each["resource_type"].endswith("*")]
            patterns = [arns[each] for each in types if each in arns]
            found[f"{service['prefix']}:{privilege['privilege']}"] = {
                "patterns": patterns,
                "required": required,
            }
    return found


def conforms(need: Need) -> bool:
    """Whether an action exists, and knows resources of the need's sort."""
    known = _reference().get(need.action)
    if known is None:
        return False
    if need.resource == "*":
        return not known["required"]
    patterns = [re.sub(r"\\\$\\\{\w+\\\}", ".*", re.escape(each)) for each in known["patterns"]]
    return any(re.match(pattern, need.resource) for pattern in patterns)
