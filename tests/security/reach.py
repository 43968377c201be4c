"""Finds a request that does something, if there is one, by the semantics of IAM.

The attacker chooses what a request says. So for each statement that could allow an action there is a trial in
which every condition key that the caller controls has the value that the statement wants; facts about the
resource, and what the caller can't shed, stay as they are.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from tests.components.deployer_access.evaluator import Call, decide
from tests.security.footholds import Deployment, Foothold, deployment, footholds
from tests.security.probes import CAPABILITIES, Target, targets

_FACTS = (
    "aws:ResourceTag/",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceVpc",
    "aws:MultiFactorAuthPresent",
    "kms:ResourceAliases",
    "lambda:SourceFunctionArn",
)
"""Condition keys that a caller can't choose."""
_TLS = "aws:SecureTransport"


@dataclass(frozen=True, kw_only=True)
class Path:
    """A request that is allowed."""

    foothold: str
    capability: str
    action: str
    resource: str
    terms: tuple[str, ...] = ()
    """Conditions that the request has to meet, and the caller can."""

    def __str__(self) -> str:
        return f"{self.foothold} → {self.capability}: {self.action} on {self.resource}"


def paths(environment: str) -> Iterator[Path]:
    """Every foothold's allowed requests in its own environment, one per capability, action and resource."""
    for foothold in footholds(environment):
        yield from reached(foothold, deployment(environment))


def reached(foothold: Foothold, where: Deployment) -> Iterator[Path]:
    """The foothold's allowed requests on the resources of an environment, its own or another."""
    for capability in CAPABILITIES:
        for target in targets(capability.kind, where):
            for action in capability.actions:
                terms = request(foothold, f"{capability.service}:{action}", target, where)
                if terms is not None:
                    yield Path(
                        foothold=foothold.id,
                        capability=capability.id,
                        action=f"{capability.service}:{action}",
                        resource=target.arn,
                        terms=terms,
                    )


def requests() -> int:
    """How many requests are tried per environment."""
    where = deployment("prod")
    return len(footholds("prod")) * sum(
        len(capability.actions) * len(list(targets(capability.kind, where))) for capability in CAPABILITIES
    )


def request(foothold: Foothold, action: str, target: Target, where: Deployment) -> tuple[str, ...] | None:
    """Find a request of the foothold that does `action` to the target; return its terms, None without one."""
    resource = _resource_policy(target.arn, where)
    account = foothold.principal.split(":")[4]
    own_account = account == (target.arn.split(":")[4] or account)
    granting = _about(resource, foothold.principal) if resource else None
    facts = {**target.facts, "aws:PrincipalAccount": account, **foothold.context}
    identity = foothold.documents
    candidates = [*(identity or ()), *([granting] if granting else [])]
    for statement in _statements(tuple(candidates)):
        if statement["Effect"] != "Allow" or not _matches(statement, action, target.arn):
            continue
        for context in _contexts(statement, facts, foothold.chooses):
            call = Call(action=action, resource=target.arn, conditions=context)
            by_resource = decide([granting], call) if granting else "not allowed"
            by_identity = "allowed" if identity is None else decide(identity, call)
            if "denied" in (by_resource, by_identity):
                continue
            bounded = foothold.boundary is None or decide([foothold.boundary], call) == "allowed"
            both = by_identity == "allowed" and bounded
            allowed = (
                (both or by_resource == "allowed") if own_account else (both and by_resource == "allowed")
            )
            if allowed:
                chosen = {key: value for key, value in context.items() if key not in facts}
                return tuple(f"{key}={value}" for key, value in sorted(chosen.items()) if key != _TLS)
    return None


def _contexts(
    statement: Mapping[str, Any], facts: Mapping[str, str], chooses: Sequence[str]
) -> Iterator[dict[str, Any]]:
    context: dict[str, Any] = dict(facts)
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            if (key.startswith(_FACTS) and key not in chooses) or key in context:
                continue
            value = (wanted if isinstance(wanted, list) else [wanted])[0]
            if operator == "Null":
                if value == "false":
                    context[key] = "x"
            else:
                context[key] = str(value).replace("*", "x").replace("?", "x")
    yield context
    # The same with TLS, which every caller can use.
    yield {**context, _TLS: "true"}


@cache
def _statements(documents: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(statement for document in documents for statement in json.loads(document)["Statement"])


def _matches(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    return any(
        _like(action.lower(), pattern.lower()) for pattern in _listed(statement.get("Action", "*"))
    ) and any(_like(resource, pattern) for pattern in _listed(statement.get("Resource", "*")))


@cache
def _like(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


_POLICIES: Sequence[tuple[str, str, str]] = (
    ("sqs", "sqs/queuePolicy:QueuePolicy", "payments-queue-policy"),
    ("sqs", "sqs/queuePolicy:QueuePolicy", "payments-dead-letter-queue-policy"),
    ("sns", "sns/topicPolicy:TopicPolicy", "payments-notification-topic-policy"),
)


def _resource_policy(arn: str, where: Deployment) -> str | None:
    """The policy on a resource; for a role its trust policy. None where it has none."""
    service, last = arn.split(":")[2], arn.rpartition(":")[2]
    if service == "iam" and last.startswith("role/"):
        for role in where.of_type("iam/role:Role"):
            if last.endswith(f"/{role.inputs['name']}"):
                return str(role.inputs["assumeRolePolicy"])
    for of, kind, name in _POLICIES:
        if of == service and last == where.name(name.removesuffix("-policy")):
            (policy,) = [each for each in where.of_type(kind) if each.name == name]
            return str(policy.inputs["policy"])
    return None


@cache
def _about(document: str, principal: str) -> str:
    """The statements of a resource policy that concern a principal, as an identity policy would say them."""
    account_root = f"arn:aws:iam::{principal.split(':')[4]}:root"
    kept = []
    for statement in json.loads(document)["Statement"]:
        if "NotPrincipal" in statement:
            raise NotImplementedError("NotPrincipal")
        named = statement["Principal"]
        arns = ["*"] if named == "*" else _listed(named.get("AWS", []))
        if "*" in arns or principal in arns or account_root in arns:
            rest = {key: value for key, value in statement.items() if key != "Principal"}
            kept.append({**rest, "Resource": statement.get("Resource", "*")})
    return json.dumps({"Version": "2012-10-17", "Statement": kept})
