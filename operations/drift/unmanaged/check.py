"""Compares an account with the stacks of its environment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from operations.drift.report import ABSENT, Check, Classification, Finding, Kind, NotChecked, Severity
from operations.drift.stack import STACK, Stack
from operations.drift.unmanaged.account import Account, Clients
from operations.drift.unmanaged.attached import attached
from operations.drift.unmanaged.foreign import Foreign
from operations.drift.unmanaged.ignores import Ignore
from operations.drift.unmanaged.inventory import inventory
from operations.drift.unmanaged.managed import Managed
from operations.drift.unmanaged.network import attached_to_network


@dataclass(frozen=True, kw_only=True)
class Unmanaged:
    """What an account holds and no stack does."""

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    calls: int
    """How many calls it took."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where to look, and what is known already."""

    environment: str
    region: str
    suffix: str
    whole_inventory: bool = False
    ignored: Sequence[Ignore] = ()


def unmanaged(scope: Scope, stacks: Iterable[Stack], clients: Clients, today: date) -> Unmanaged:
    """Ask an account for what is attached to the stacks' resources, and for everything else if wanted."""
    account, managed = Account(clients=clients), Managed(stacks)
    found = [
        *attached(account, managed, scope.region),
        *attached_to_network(account, managed, scope.region),
    ]
    if scope.whole_inventory:
        end = f"-{scope.environment}-{scope.suffix}"
        beside = inventory(account, managed, scope.region, end)
        found += sorted(beside, key=lambda each: (-each.severity.rank, each.arn))
    return Unmanaged(
        findings=tuple(_finding(scope, each, today) for each in found),
        not_checked=tuple(
            NotChecked(
                check=Check.UNMANAGED,
                project="bootstrap-iam" if question.startswith("iam:") else "payments",
                environment=scope.environment,
                reason=f"{question} was not answered: {reason}",
                fix="Let the reader role make this call: deploy bootstrap-iam, then check again.",
            )
            for question, reason in account.unanswered.items()
        ),
        calls=account.calls,
    )


def _finding(scope: Scope, found: Foreign, today: date) -> Finding:
    owner = found.owner
    needed = 2 if owner and found.severity is Severity.CRITICAL else 1
    ignore = next((each for each in scope.ignored if each.fits(found.arn, today, owners=needed)), None)
    return Finding(
        check=Check.UNMANAGED,
        project=owner.project if owner else "(account)",
        environment=scope.environment,
        resource=owner.resource.name if owner else STACK,
        type=owner.resource.type if owner else "pulumi:pulumi:Stack",
        path=f"({found.kind} {found.arn})",
        kind=Kind.EXTRA,
        classification=Classification.WAIVED if ignore else Classification.DRIFT,
        severity=found.severity if owner or found.severity is not Severity.MEDIUM else Severity.LOW,
        baseline=ABSENT,
        target=found.value,
        explained_by=ignore.arn if ignore else None,
        reason=f"{ignore.reason} ({ignore.owners}, until {ignore.expires})" if ignore else None,
        fix=f"To keep it, put it into a stack or ignore it for a while. Undo it: {found.undo}",
    )
