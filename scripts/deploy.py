"""Bring environments up, preview them, or take them down.

Runs the projects of each environment in their order (the other way round to destroy), always under the policy
pack where there is one. Works on AWS and in the sandbox alike: environment variables alone tell them apart.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.deployment.broken_glass import broken_glass
from operations.deployment.display import Display
from operations.deployment.execute import execute
from operations.deployment.operate import Operator
from operations.deployment.outcome import Report, exit_code
from operations.deployment.places import places
from operations.deployment.plan import Action, InvalidPlan, plan
from operations.deployment.render import question, text, to_json
from operations.engine import EngineUnavailable
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackName
from operations.verification import target_of
from operations.verification.deployment import up_and_verify
from operations.workspace import UNVERIFIED_TOO, engine_command, outputs

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Environments = Annotated[
    list[str],
    typer.Option("--env", help=f"Environment ({', '.join(LADDER)}); repeat for more.", show_default=False),
]
Projects = Annotated[
    list[str] | None,
    typer.Option(
        "--project", help=f"Only this project ({', '.join(PROJECTS)}); repeat for more.  [default: all]"
    ),
]
AtOnce = Annotated[
    int,
    typer.Option(
        "--parallel", min=1, help="Stacks at once. With 1 the environments follow one another, lowest first."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write the outcome to standard output as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PolicyPack = Annotated[
    Path | None,
    typer.Option(
        "--policy-pack",
        help="Folder of the policy pack.  [default: policies]",
        exists=True,
        file_okay=False,
        show_default=False,
    ),
]


Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Send synthetic payments through each payments stack that is up; takes minutes on AWS.",
    ),
]
Unverified = Annotated[
    bool,
    typer.Option(
        "--unverified", help="Preview even an artifact that the environment below has not verified."
    ),
]


@app.command()
def up(
    env: Environments,
    project: Projects = None,
    parallel: AtOnce = 1,
    yes: Yes = False,
    json: Json = False,
    policy_pack: PolicyPack = None,
    verify: Verify = False,
) -> None:
    """Create or update: preview under the policy pack, then apply, then check the state; stack by stack.

    An environment takes only the artifact that the one below it has verified. With --verify each payments
    stack is verified once it is up (see scripts/verify.py), so that the one above it may follow.
    """
    _deploy(Action.UP, env, project, parallel, ask=not yes, json=json, policy_pack=policy_pack, verify=verify)


@app.command()
def preview(
    env: Environments,
    project: Projects = None,
    parallel: AtOnce = 1,
    json: Json = False,
    policy_pack: PolicyPack = None,
    unverified: Unverified = False,
) -> None:
    """Show what `up` would change. A stack that reads one not deployed yet can't be previewed."""
    transient = UNVERIFIED_TOO if unverified else {}
    _deploy(
        *(Action.PREVIEW, env, project, parallel),
        ask=False,
        json=json,
        policy_pack=policy_pack,
        transient=transient,
    )


@app.command()
def destroy(
    env: Environments,
    project: Projects = None,
    parallel: AtOnce = 1,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take down all that the stacks hold, the last project first."""
    _deploy(Action.DESTROY, env, project, parallel, ask=not yes, json=json, policy_pack=None)


def _deploy(
    action: Action,
    environments: list[str],
    projects: list[str] | None,
    at_once: int,
    *,
    ask: bool,
    json: bool,
    policy_pack: Path | None,
    verify: bool = False,
    transient: Mapping[str, Any] | None = None,
) -> None:
    talk = Console(stderr=True)
    try:
        chosen = plan(action, environments=environments, projects=projects or PROJECTS, at_once=at_once)
        where = places(chosen, REPOSITORY)
        command = engine_command()
    except (InvalidPlan, InvalidConfiguration, EngineUnavailable) as error:
        talk.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if ask:
        _agree(question(chosen, where), talk)
    pack = policy_pack or _own_policy_pack()
    display = Display(chosen, where, talk)
    operator = Operator(
        command=command, watch=display.watch, root=REPOSITORY, policy_pack=pack, transient=transient or {}
    )
    operate = operator.operation(action)
    if verify:
        operate = up_and_verify(operator, lambda environment: target_of(environment, command=command))

    def interrupt() -> None:
        command.interrupt()
        talk.print("Interrupted: the engine ends what it has begun. Once more stops it where it is.")

    with display.running():
        report = execute(chosen, operate, interrupt=interrupt, concluded=display.conclude)
    sys.stdout.write((to_json(report) if json else text(report)) + "\n")
    _tell_of_broken_glass(report, command, talk)
    raise typer.Exit(exit_code(report))


def _tell_of_broken_glass(report: Report, command: EngineCommand, talk: Console) -> None:
    def read(stack: StackName) -> Mapping[str, Any]:
        return outputs(stack.project, stack.environment, root=REPOSITORY, command=command)

    if report.interrupted:
        return
    try:
        lines = broken_glass(report, read)
    except OperationFailed as failure:  # what was deployed stays so
        lines = [f"Whether a break-glass is in force could not be read: {failure}"]
    for line in lines:
        talk.print(line, style="bold red", markup=False, highlight=False, soft_wrap=True)


def _agree(question: str, talk: Console) -> None:
    talk.print(question, markup=False, highlight=False)
    if not sys.stdin.isatty():
        talk.print("There is no terminal to ask on: pass --yes to go ahead.")
        raise typer.Exit(2)
    if not typer.confirm("Go ahead?", err=True):
        raise typer.Exit(1)


def _own_policy_pack() -> Path | None:
    pack = REPOSITORY / "policies"
    return pack if (pack / "PulumiPolicy.yaml").is_file() else None


if __name__ == "__main__":
    app()
