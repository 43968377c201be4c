"""IAM policy statements and documents as values.

ARNs are composed from names that the configuration fixes, so that documents are known before anything exists:
a preview shows them in full, and the policy pack can judge every one of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]
"""Operator to condition key to value or values: `{"StringEquals": {"aws:PrincipalAccount": "…"}}`."""

POLICY_VERSION = "2012-10-17"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `sid` names it in access-denied investigations and in reviews."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    """Empty in trust policies, which take none."""
    principals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Kind (AWS, Service, Federated) to identifiers; empty in identity policies. `ANYONE` with conditions."""
    conditions: Condition = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"

    def render(self) -> dict[str, object]:
        """The statement as IAM reads it."""
        rendered: dict[str, object] = {"Sid": self.sid, "Effect": self.effect}
        if self.principals:
            rendered["Principal"] = {kind: _scalar_or_list(ids) for kind, ids in self.principals.items()}
        rendered["Action"] = _scalar_or_list(self.actions)
        if self.resources:
            rendered["Resource"] = _scalar_or_list(self.resources)
        if self.conditions:
            rendered["Condition"] = {
                operator: {
                    key: value if isinstance(value, str) else list(value) for key, value in keys.items()
                }
                for operator, keys in self.conditions.items()
            }
        return rendered


ANYONE: Mapping[str, Sequence[str]] = {"AWS": ["*"]}
"""The principal of denials and of VPC endpoint policies, which conditions or identity policies narrow."""


def document(*statements: Statement) -> str:
    """A policy document in JSON, as short as it can be: managed policies are limited to 6,144 characters.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    rendered = [statement.render() for statement in statements]
    return json.dumps({"Version": POLICY_VERSION, "Statement": rendered}, separators=(",", ":"))


def service_trust(service: str, account_id: str, source_arn: str | None = None) -> str:
    """The trust policy of a role that an AWS service assumes, on behalf of this account only.

    Args:
        service: such as `lambda.amazonaws.com`.
        account_id: the only account on whose behalf it may be assumed (against the confused deputy).
        source_arn: pattern of the only resources on whose behalf; any of the account's when None.
    """
    conditions: dict[str, Mapping[str, str]] = {"StringEquals": {"aws:SourceAccount": account_id}}
    if source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn}
    return document(
        Statement(
            sid="AssumedByService",
            actions=["sts:AssumeRole"],
            principals={"Service": [service]},
            conditions=conditions,
        )
    )


def deny_insecure_transport(actions: Sequence[str], resource: str) -> Statement:
    """Nobody may use the resource without TLS, whatever else they are allowed."""
    return Statement(
        sid="DenyInsecureTransport",
        effect="Deny",
        actions=actions,
        resources=[resource],
        principals=ANYONE,
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


def _scalar_or_list(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
