"""Something that is in an account and in no stack."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

from operations.drift.report import Severity
from operations.drift.unmanaged.managed import Held


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """A part of a managed resource, or a resource beside the stacks."""

    arn: str
    """Its ARN, or the ARN of what it belongs to with its kind and name."""
    kind: str
    """Such as `permission`; the report shows it as the property."""
    value: Any
    undo: str
    """The API call that removes it."""
    owner: Held | None = None
    """The managed resource that it belongs to."""
    severity: Severity = Severity.CRITICAL


def aws(service: str, operation: str, region: str = "", **options: Any) -> str:
    """Return an AWS CLI command; what is no text is passed as JSON."""
    words = ["aws", service, operation]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", value if isinstance(value, str) else json.dumps(value)]
    return shlex.join([*words, "--region", region] if region else words)
