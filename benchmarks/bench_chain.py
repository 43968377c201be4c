"""How long the chain takes to come up on the sandbox: side by side, beside in series, and as it grows.

In series every stack is a plain `Stack.up()` of the Automation API, in the order of ladder and projects.
Side by side is the way of scripts/deploy.py: environments in parallel, projects in order. Both begin with
empty accounts, an engine that is there and a packed function. A break-glass setting lets the promotion gate
pass, so that the stacks are timed and nothing else; with `--verified` both verify each environment once it is
up instead, which the one above then waits for.

However many processors there are, what waits for another stack can't overtake it. The longest such wait, of
the times that the stacks took in series, is printed with the ratio.

What else the machine does only ever adds to a figure, and comes and goes: so the manners take turns, several
rounds of them, and the quickest of each counts.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import yaml

from components import artifact
from components.environment import LADDER, EnvironmentTree
from components.promotion_gate import timestamp
from components.stacks import PROJECTS, PaymentsOutputs
from operations.deployment.operate import Operator
from operations.deployment.outcome import Report
from operations.deployment.plan import Action, plan
from operations.engine.failure import StackName
from operations.verification import verify
from operations.verification.record import record
from operations.workspace import engine_command
from sandbox.accounts import accounts
from sandbox.box import Sandbox
from tests.chain.terminal import add_stack_files, checkout, write_environments

TARGET_RATIO = 0.6
"""Of the stacks alone. With verifications, the ladder leaves less to do side by side."""
MORE = ("preprod", "demo", "training")
"""Environments beside those that there are; their stack files are made of dev's."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement."""

    manner: str
    environments: int
    stacks: int
    seconds: float
    processor_seconds: float
    """Of the engine, the programs and the provider; without the simulated accounts' server."""
    load: float
    """Processes that wanted a processor, on average over the minute before."""
    longest_wait: float | None = None
    """Seconds of the stacks that had to follow one another; known where each was timed by itself."""


def in_series(*, verified: bool) -> Figure:
    """All stacks, one plain `up` after the other."""
    with Sandbox() as box:
        if not verified:
            break_glass(box, LADDER)
        operator = Operator(command=box.command(), watch=lambda _: None, root=box.root)
        stopwatch = Stopwatch()
        seconds: dict[StackName, float] = {}
        for environment in LADDER:
            for project in PROJECTS:
                began = time.perf_counter()
                box.stack(project, environment).up()
                if verified and project == PaymentsOutputs.PROJECT:
                    target = box.target(environment)
                    record(verify(target), target.outputs, operator)
                name = StackName(project=project, environment=environment)
                seconds[name] = time.perf_counter() - began
        figure = stopwatch.figure("in series", len(LADDER))
        return replace(figure, longest_wait=round(longest_wait(seconds), 1))


def break_glass(box: Sandbox, ladder: Sequence[str]) -> None:
    """Let every environment take the artifact of this checkout, though none below has verified it."""
    glass = {
        "artifactDigest": artifact.build("payment_processor").digest,
        "reason": "a benchmark of the stacks alone",
        "expires": timestamp(datetime.now(UTC) + timedelta(hours=1)),
    }
    for environment in ladder[1:]:
        path = box.root / "projects" / PaymentsOutputs.PROJECT / f"Pulumi.{environment}.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["config"][f"{PaymentsOutputs.PROJECT}:breakGlass"] = glass
        path.write_text(yaml.safe_dump(content), encoding="utf-8")


def longest_wait(seconds: Mapping[StackName, float]) -> float:
    """Of stacks that took these seconds each, those that follow one another and took longest together."""
    ended: dict[StackName, float] = {}
    for step in plan(Action.UP, environments=LADDER, at_once=len(seconds)).steps:
        ended[step.stack] = seconds[step.stack] + max((ended[each] for each in step.after), default=0)
    return max(ended.values())


def side_by_side(environments: int, *, verified: bool) -> Figure:
    """The first `environments` of the ladder, or more than it has."""
    more = MORE[: max(0, environments - len(LADDER))]
    ladder = EnvironmentTree.line(*LADDER, *more)
    with Sandbox() as box:
        command = box.command()
        if more:
            for number, name in enumerate(more):
                values = {"111111111111": str(number + 4) * 12, "10.10.": f"10.{40 + number}."}
                add_stack_files(box.root, name, like="dev", values=values)
            write_environments(box.root, ladder)
            checkout(box)
            box.ladder, box.accounts = ladder, accounts(box.root, ladder)
            command = engine_command({**box.environ, "PYTHONPATH": str(box.root)})
        if not verified:
            break_glass(box, ladder)
        stopwatch = Stopwatch()
        at_once = min(environments, os.cpu_count() or 1)  # as `make sandbox` does it
        report = box.deploy(
            Action.UP, *ladder[:environments], at_once=at_once, command=command, verified=verified
        )
        _must_have_succeeded(report)
        return stopwatch.figure("side by side", environments)


class Stopwatch:
    """Wall time and this process's children's processor time from now on."""

    def __init__(self) -> None:
        self._began, self._processor = time.perf_counter(), _processor_seconds()

    def figure(self, manner: str, environments: int) -> Figure:
        """What it shows."""
        return Figure(
            manner=manner,
            environments=environments,
            stacks=environments * len(PROJECTS),
            seconds=round(time.perf_counter() - self._began, 1),
            processor_seconds=round(_processor_seconds() - self._processor, 1),
            load=round(os.getloadavg()[0], 1),
        )


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where the ratio is above its target."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--environments", type=int, nargs="*", default=[1, 3, 6], help="numbers to bring up side by side"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: 3)")
    parser.add_argument("--verified", action="store_true", help="verify each environment, in both manners")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    most = len(LADDER) + len(MORE)
    numbers = sorted({*options.environments, len(LADDER)})
    if numbers[0] < 1 or numbers[-1] > most:
        parser.error(f"--environments: each from 1 to {most}")
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    rounds = [
        (
            in_series(verified=options.verified),
            *(side_by_side(number, verified=options.verified) for number in numbers),
        )
        for _ in range(options.rounds)
    ]
    series, *alongside = (min(turns, key=lambda turn: turn.seconds) for turns in zip(*rounds, strict=True))
    grown = dict(zip(numbers, alongside, strict=True))
    ratio = round(grown[len(LADDER)].seconds / series.seconds, 2)
    target = None if options.verified else TARGET_RATIO
    floor = round((series.longest_wait or 0) / series.seconds, 2)
    if options.json:
        print(
            json.dumps(
                {
                    "processors": os.cpu_count(),
                    "verified": options.verified,
                    "ratio": ratio,
                    "floor_ratio": floor,
                    "target_ratio": target,
                    "figures": [asdict(figure) for figure in (series, *grown.values())],
                }
            )
        )
    else:
        print(f"up, {os.cpu_count()} processors, the quickest of {options.rounds} rounds:")
        for figure in (series, *grown.values()):
            print(
                f"  {figure.stacks:2} stacks {figure.manner:<12} {figure.seconds:6.1f} s, "
                f"{figure.processor_seconds:6.1f} s of processor time (load {figure.load})"
            )
        print(
            f"  side by side takes {ratio} of the time in series (target: {target or 'none'}; "
            f"what has to follow one another takes {floor})"
        )
    return 0 if target is None or ratio <= target else 1


def _must_have_succeeded(report: Report) -> None:
    if not report.succeeded:
        raise SystemExit("\n".join(map(str, report.outcomes)))


def _processor_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
