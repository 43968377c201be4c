"""How much harm a difference may do, told by the property: data, the first line that fits decides."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from components.ownership import OWNERSHIP_TAGS
from operations.drift.report import Severity


class _Line(NamedTuple):
    type: str
    """Glob over the resource's type."""
    path: str
    """Glob over the property's path; `` is the whole resource."""
    severity: Severity


_CRITICAL, _HIGH, _MEDIUM, _LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW

_LINES: Sequence[_Line] = (
    # Tags that the conditions of IAM policies ask for: they decide who may do what.
    *(_Line("*", f"tags.{name}", _CRITICAL) for name in OWNERSHIP_TAGS),
    _Line("*", "tags", _CRITICAL),
    # Cosmetics, of whatever type.
    _Line("*", "tags*", _LOW),
    _Line("*", "*escription", _LOW),
    _Line("*", "*DisplayName", _LOW),
    _Line("aws:cloudwatch/dashboard:*", "*", _LOW),
    # Who may do what, who reaches what, and with which key.
    _Line("aws:iam/*", "*", _CRITICAL),
    _Line("aws:kms/*", "*", _CRITICAL),
    _Line("aws:*/*Policy:*", "*", _CRITICAL),
    _Line("aws:lambda/permission:*", "*", _CRITICAL),
    _Line("aws:ec2/*", "*", _CRITICAL),
    _Line("aws:vpc/*", "*", _CRITICAL),
    _Line("pulumi:providers:*", "*", _CRITICAL),
    _Line("*", "*olicy*", _CRITICAL),
    _Line("*", "*kms*", _CRITICAL),
    _Line("*", "*Kms*", _CRITICAL),
    _Line("*", "*ncrypt*", _CRITICAL),
    _Line("*", "*sse*", _CRITICAL),
    _Line("*", "vpcConfig*", _CRITICAL),
    _Line("*", "role", _CRITICAL),
    # Data, and the way that payments take.
    _Line("*", "", _HIGH),
    _Line("*", "(*", _HIGH),
    _Line("*", "pointInTimeRecovery*", _HIGH),
    _Line("aws:dynamodb/*", "*", _HIGH),
    _Line("aws:sns/topicSubscription:*", "*", _HIGH),
    _Line("*", "code*", _HIGH),
    _Line("*", "sourceCodeHash", _HIGH),
    _Line("*", "environment*", _HIGH),
    _Line("*", "deadLetter*", _HIGH),
    _Line("*", "*retention*", _HIGH),
    _Line("*", "*Retention*", _HIGH),
    _Line("*", "functionResponseTypes*", _HIGH),
    _Line("pulumi:pulumi:Stack", "*", _HIGH),
    # Capacity, timing, alarms.
    _Line("*", "*", _MEDIUM),
)

_BEFORE_POLICIES = {
    "redrivePolicy.maxReceiveCount": _MEDIUM,
    "redrivePolicy.deadLetterTargetArn": _HIGH,
}
"""Properties that are called a policy and are none about access."""


def severity(type_: str, path: str) -> Severity:
    """The severity of a difference at `path` of a resource of this type."""
    if path in _BEFORE_POLICIES:
        return _BEFORE_POLICIES[path]
    return next(
        line.severity for line in _LINES if fnmatchcase(type_, line.type) and fnmatchcase(path, line.path)
    )
