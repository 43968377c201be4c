"""Rehearses a tree of environments on the sandbox: how time and engine calls grow with its leaves.

    dev → staging → canaries (wave 1) → the other leaves (wave 2)

All environments are deployed and verified side by side. A new release is then deployed to dev and promoted by
scripts/promote.py: to staging, then wave by wave, with all gates, the drift checks and the policy pack. Every
`pulumi` process is counted, those of the drift checks included.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from components.environment import EnvironmentNode, EnvironmentTree
from components.stacks import PROJECTS
from operations.deployment.execute import execute
from operations.deployment.operate import Operator
from operations.deployment.outcome import Report
from operations.deployment.plan import Action, plan
from operations.engine import ensure_engine
from operations.promotion.checkout import environ
from operations.promotion.drift import detect
from operations.verification.deployment import up_and_verify
from operations.workspace import engine_command
from sandbox.box import Sandbox
from tests.chain.terminal import add_stack_files, write_environments
from tests.operations.promotion.repository import Repository, of_this_one
from tests.operations.promotion.world import World

SHARED = ("dev", "staging")
PROCESSES = 2
"""Stacks that are deployed side by side."""
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "sa-east-1")
CHANGE = "# Another artifact, which does the same.\n"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase of a rehearsal."""

    name: str
    environments: int
    seconds: float
    processor_seconds: float
    """Of the script, the engine, the programs and the provider; without the simulated accounts' server."""
    engine_calls: int
    """`pulumi` processes, of all commands."""
    stack_reads: int
    """Those among them that read a stack's outputs or its state."""


def tree(environments: int) -> EnvironmentTree:
    """Return dev, staging and leaves; of more than two leaves two are canaries."""
    names = ["prod", *(f"prod{number}" for number in range(2, environments - 1))]
    canaries = 2 if len(names) > 2 else 0
    leaves = [
        EnvironmentNode(name=name, upstream="staging", wave=1 if position < canaries or not canaries else 2)
        for position, name in enumerate(names)
    ]
    return EnvironmentTree((*EnvironmentTree.line(*SHARED).nodes, *leaves))


def repository(folder: Path, environments: EnvironmentTree) -> Repository:
    """Return a repository with the stack files of all environments, committed."""
    made = of_this_one(folder)
    write_environments(folder, environments)
    for number, name in enumerate(environments[len(SHARED) + 1 :], start=4):
        values = {
            "333333333333": f"{number:012}",
            "eu-west-1": REGIONS[number % len(REGIONS)],
            "10.30.": f"10.{30 + number}.",
        }
        add_stack_files(folder, name, like="prod", values=values)
    made.commit("More environments")
    return made


def rehearse(environments: int) -> list[Phase]:
    """Deploy and promote in a tree of so many environments."""
    chosen = tree(environments)
    with tempfile.TemporaryDirectory(prefix="tree-") as folder:
        calls = Path(folder, "calls")
        _count_calls(Path(folder, "bin"), calls)
        releases = repository(Path(folder, "repository"), chosen)
        with Sandbox(root=releases.root) as box, World.of(box, releases) as world:
            looking = replace(world, drift=detect)
            phases = []

            def phase(name: str, size: int, work: Callable[[], object]) -> None:
                calls.write_text("", encoding="utf-8")
                began, processor = time.perf_counter(), _processor_seconds()
                work()
                seconds = time.perf_counter() - began
                phases.append(_phase(name, size, seconds, _processor_seconds() - processor, calls))

            first = releases.git("rev-parse", "HEAD")
            phase("deploy all", environments, lambda: _deploy(world, first, tuple(chosen)))
            releases.append("functions/payment_processor/handler.py", CHANGE)
            second = releases.commit("A release")
            phase("deploy to dev", 1, lambda: _deploy(world, second, ("dev",)))
            phase("promote to staging", 1, lambda: _promote(looking, "--to", "staging"))
            for wave, members in chosen.waves("staging").items():
                phase(
                    f"promote wave {wave}",
                    len(members),
                    partial(_promote, looking, "--from", "staging", "--wave", str(wave)),
                )
            phase("status", environments, lambda: _promoted(looking.promote("status", "--json")))
            return phases


def _deploy(world: World, commit: str, environments: Sequence[str]) -> None:
    box = world.box
    command = engine_command(environ(box.environ))
    operator = Operator(
        command=command,
        watch=lambda _: None,
        root=world.checkouts.root(commit),
        keeps_data=False,
        ladder=box.ladder,
    )
    chosen = plan(Action.UP, environments=environments, at_once=PROCESSES, ladder=box.ladder)
    operate = up_and_verify(operator, lambda environment: box.target(environment, command))
    _must_have_succeeded(execute(chosen, operate, interrupt=command.interrupt))


def _must_have_succeeded(report: Report) -> None:
    if not report.succeeded:
        sys.exit("\n".join(map(str, report.outcomes)))


def _promote(world: World, *arguments: str) -> None:
    done = world.promote(*arguments, "--soak", "0", "--yes", "--json")
    if done.exit_code != 0:
        sys.exit(done.output)


def _promoted(done: object) -> None:
    if getattr(done, "exit_code", 1) != 0:
        sys.exit(str(getattr(done, "output", "")))


def _count_calls(folder: Path, calls: Path) -> None:
    """Put a `pulumi` first on PATH that notes its arguments and goes on as the real one."""
    executable = ensure_engine().executable
    folder.mkdir()
    shim = folder / "pulumi"
    note = f'printf "%s\\n" "$*" >> {shlex.quote(str(calls))}'
    shim.write_text(f'#!/bin/sh\n{note}\nexec {shlex.quote(str(executable))} "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


def _processor_seconds() -> float:
    return sum(os.times()[:4])


def _phase(name: str, environments: int, seconds: float, processor: float, calls: Path) -> Phase:
    words = [line.split() for line in calls.read_text(encoding="utf-8").splitlines()]
    commands = Counter(
        " ".join(word for word in line if not word.startswith("-"))[:12].strip() for line in words
    )
    reads = sum(
        number for command, number in commands.items() if command.startswith(("stack output", "stack export"))
    )
    return Phase(
        name=name,
        environments=environments,
        seconds=round(seconds, 1),
        processor_seconds=round(processor, 1),
        engine_calls=sum(commands.values()),
        stack_reads=reads,
    )


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--environments", type=int, nargs="*", default=[3, 12], help="sizes of the tree")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    if min(options.environments) < len(SHARED) + 1:
        parser.error("--environments: each at least 3")
    measured = {number: rehearse(number) for number in options.environments}
    if options.json:
        document = {number: [asdict(phase) for phase in phases] for number, phases in measured.items()}
        print(json.dumps({"processors": os.cpu_count(), "projects": len(PROJECTS), "trees": document}))
        return 0
    for number, phases in measured.items():
        print(f"{number} environments, {number * len(PROJECTS)} stacks")
        for phase in phases:
            print(
                f"  {phase.name:<20} {phase.environments:>3} environments {phase.seconds:>7.1f} s "
                f"{phase.processor_seconds:>7.1f} s of processors "
                f"{phase.engine_calls:>5} engine calls {phase.stack_reads:>5} stack reads"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
