"""The tour: deploy everything, run payments through it, look at it, take it down, prove that it is gone."""

import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.deployment.display import Display
from operations.deployment.outcome import Report
from operations.deployment.places import places
from operations.deployment.plan import Action, plan
from operations.deployment.render import summary, text
from sandbox.box import Sandbox
from sandbox.observation import variations
from sandbox.payments import Kind, payment
from sandbox.report import leftovers_lines, payments_table, variations_table
from sandbox.settling import Settled, settle

PAYMENTS = (Kind.ACCEPTED, Kind.DUPLICATE, Kind.REJECTED, Kind.CONFLICT, Kind.MALFORMED)
EXIT_FAILED, EXIT_INTERRUPTED = 1, 130


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far a deployment came."""

    report: Report
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 where the tour may go on."""
        if self.report.interrupted:
            return EXIT_INTERRUPTED
        return 0 if self.report.succeeded else EXIT_FAILED


def run(box: Sandbox, console: Console, *, policy_pack: Path | None) -> int:
    """Run the tour on a sandbox that was just started; returns the exit code."""
    began = time.monotonic()
    environments = tuple(box.accounts)
    console.print(
        f"A sandbox is up, with the accounts of {', '.join(environments)}, at {box.url}.", style="bold"
    )
    _heading(console, "Deploying every project to every account, each verified before the one above follows")
    up = deploy(box, Action.UP, environments, console, policy_pack=policy_pack)
    if up.exit_code:
        return _give_up(console, up)
    _heading(console, "Paying: messages to each queue, processed by the deployed code")
    looks = _side_by_side(lambda each: _look(box, each, console), environments)
    console.print(payments_table([look.settled for look in looks.values()]))
    _heading(console, "The controlled variations")
    console.print(variations_table({name: look.variations for name, look in looks.items()}))
    _lineage(console, environments[-1], looks[environments[-1]].outputs)
    _heading(console, "Destroying everything")
    down = deploy(box, Action.DESTROY, environments, console)
    if down.exit_code:
        return _give_up(console, down)
    left = leftovers_lines(box.leftovers())
    if left:
        console.print("LEFT BEHIND:", style="bold red")
        for line in left:
            _line(console, f"  {line}")
        return EXIT_FAILED
    _line(console, "Nothing is left in any account or region (but keys, which KMS holds for 7 days more).")
    stacks = len(up.report.outcomes)
    console.print(
        f"{stacks} stacks up in {up.seconds:.0f} s and down in {down.seconds:.0f} s; "
        f"the tour took {time.monotonic() - began:.0f} s.",
        style="bold",
    )
    return 0


def deploy(
    box: Sandbox,
    action: Action,
    environments: tuple[str, ...],
    console: Console,
    *,
    policy_pack: Path | None = None,
) -> Step:
    """Do `action` to all projects of environments, side by side, and show it as it goes.

    What goes up is verified environment by environment, as the promotion gate wants it.
    """
    began = time.monotonic()
    # More at once than there are processors would only hold up the lowest environment, for which others wait.
    at_once = max(1, min(len(environments), os.cpu_count() or 1))
    chosen = plan(action, environments=environments, at_once=at_once, ladder=box.ladder)
    display = Display(chosen, places(chosen, box.root), console)
    with display.running():
        report = box.deploy(
            action,
            *environments,
            at_once=at_once,
            policy_pack=policy_pack,
            watch=display.watch,
            concluded=display.conclude,
            verified=True,
        )
    return Step(report=report, seconds=time.monotonic() - began)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the tour has seen of an environment."""

    outputs: Mapping[str, Any]
    settled: Settled
    variations: Mapping[str, str]


def _look(box: Sandbox, environment: str, console: Console) -> Look:
    began = time.monotonic()
    outputs = box.outputs("payments", environment)
    run = secrets.token_hex(4)
    payments = [payment(kind, f"tour-{run}-{kind}") for kind in PAYMENTS]
    settled = settle(box, environment, payments, outputs)
    sent = sum(len(each.bodies) for each in payments)
    calls = len(settled.processed.invocations)
    _line(
        console,
        f"{environment}: {sent} messages, {calls} invocations of {outputs['functionName']} "
        f"({time.monotonic() - began:.1f} s)",
    )
    return Look(outputs=outputs, settled=settled, variations=variations(box, environment, outputs))


def _side_by_side(function: Callable[[str], Look], environments: Sequence[str]) -> dict[str, Look]:
    with ThreadPoolExecutor(len(environments)) as pool:
        return dict(zip(environments, pool.map(function, environments), strict=True))


def _lineage(console: Console, environment: str, outputs: Mapping[str, Any]) -> None:
    console.print()
    console.print(f"The ledgers below {environment} (its output upstreamTableArns):")
    for arn in outputs["upstreamTableArns"] or ["none"]:
        _line(console, f"  {arn}")


def _give_up(console: Console, step: Step) -> int:
    console.print()
    if step.report.interrupted:
        console.print(
            "Interrupted. The sandbox goes, and with it everything in its accounts.", style="yellow"
        )
    if console.is_terminal and not step.report.interrupted:
        _line(console, text(step.report))  # its table had room for the first line of each reason only
    else:
        _line(console, summary(step.report))
    return step.exit_code


def _heading(console: Console, words: str) -> None:
    console.print()
    console.print(words, style="bold cyan")


def _line(console: Console, words: str) -> None:
    console.print(words, markup=False, highlight=False, soft_wrap=True)
