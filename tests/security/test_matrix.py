"""The table of docs/security.md holds, in every environment, and nothing crosses from one to another."""

from functools import cache
from itertools import permutations

import pytest

from components.environment import LADDER
from tests.security.__main__ import PAGE, page
from tests.security.footholds import deployment, footholds
from tests.security.probes import CAPABILITIES
from tests.security.reach import Path, paths, reached, requests
from tests.security.report import matrix

STATES = ("states", "secrets in states")
"""They are in one account for all environments: what lies above and below differs."""

NEVER = {
    "payments: read": {"deployer", "reader", "ci", "reading-ci", "state", "function-outside"},
    "payments: write or delete single ones": {"deployer", "operator", "reader", "ci", "reading-ci"},
    "function: run": {foothold.id for foothold in footholds("prod")},
    "people and keys: make": {foothold.id for foothold in footholds("prod")},
    "access roles: change": {foothold.id for foothold in footholds("prod")},
    "access roles: change their policies": {foothold.id for foothold in footholds("prod")},
    "states: change what all share": {foothold.id for foothold in footholds("prod")},
    "workload roles: change": {foothold.id for foothold in footholds("prod")},
    "workload roles: make": {foothold.id for foothold in footholds("prod")},
    "access roles: become destroyer": {foothold.id for foothold in footholds("prod")},
    **{
        promise: {"deployer", "function", "operator", "verifier", "reader", "ci", "reading-ci"}
        for promise in (
            "payments: delete all",
            "payments: stop the backup",
            "payments: copy elsewhere",
            "payment requests: open to others",
            "notifications: open to others",
            "keys: delete",
            "logs: delete",
        )
    },
    "access roles: become operator": {foothold.id for foothold in footholds("prod")},
    "network: open a way out": {foothold.id for foothold in footholds("prod")},
    "network: add routes": {foothold.id for foothold in footholds("prod")},
    "audit trail of the account: stop": {foothold.id for foothold in footholds("prod")},
    "states: change those below or above": {foothold.id for foothold in footholds("prod")},
}
"""Promises that no regeneration of the page may take back."""


@cache
def found(environment: str) -> tuple[Path, ...]:
    return tuple(paths(environment))


def test_the_page_is_what_the_probes_find() -> None:
    written, now = PAGE.read_text(encoding="utf-8"), page()
    before, after = matrix(written), matrix(now)
    opened = [str(path) for path in found("prod") if not before.get((path.capability, path.foothold), False)]
    closed = [
        f"{foothold} ↛ {what}"
        for (what, foothold), yes in before.items()
        if yes and not after.get((what, foothold))
    ]

    assert opened == [], "a document opened a path"
    assert closed == [], "a path is closed: python -m tests.security"
    assert written == now, "python -m tests.security"


@pytest.mark.parametrize("capability", NEVER)
def test_no_foothold_reaches_what_is_promised_to_be_out_of_its_reach(capability: str) -> None:
    assert capability in {each.id for each in CAPABILITIES}
    assert [
        str(path)
        for path in found("prod")
        if path.capability == capability and path.foothold in NEVER[capability]
    ] == []


@pytest.mark.parametrize("environment", LADDER[:-1])
def test_every_environment_has_the_same_table(environment: str) -> None:
    def cells(of: str) -> set[tuple[str, str]]:
        return {(p.capability, p.foothold) for p in found(of) if not p.capability.startswith(STATES)}

    assert cells(environment) == cells("prod")


@pytest.mark.parametrize(("here", "there"), list(permutations(LADDER, 2)))
def test_no_foothold_of_an_account_reaches_another_environment(here: str, there: str) -> None:
    inside = [foothold for foothold in footholds(here) if deployment(here).account in foothold.principal]
    crossing = [
        str(path)
        for foothold in inside
        for path in reached(foothold, deployment(there))
        if not path.capability.startswith(STATES)
    ]
    assert len(inside) > 5
    assert crossing == []


def test_it_tries_some_thousand_requests() -> None:
    assert requests() > 2_000
