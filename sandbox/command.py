"""The commands of scripts/sandbox.py."""

import json as json_format
import os
import secrets
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from operations import REPOSITORY
from operations.deployment.outcome import exit_code
from operations.deployment.plan import Action, InvalidPlan
from operations.deployment.render import summary, to_json
from operations.engine import EngineUnavailable, ensure_engine
from operations.engine.failure import OperationFailed, StackMissing
from sandbox import background, keeper
from sandbox import tour as sandbox_tour
from sandbox.background import FOLDER, NotRunning
from sandbox.box import Sandbox
from sandbox.delivery.code import CodeDamaged
from sandbox.delivery.function import NotDeliverable
from sandbox.keeper import AlreadyRunning, delivering, read_record
from sandbox.payments import Kind, payment
from sandbox.plugin import VARIABLE, PluginUnavailableError, chosen
from sandbox.report import kinds_help, leftovers_lines, payments_table
from sandbox.server.process import ServerFailed
from sandbox.settling import settle
from sandbox.status import status as status_of

HELP = """AWS accounts on this machine, for a tour, for tests, and for trying things out.

`tour` shows everything once. `up` starts a sandbox that stays, and deploys to it; `pay`, `status` and `env`
use it; `destroy` takes it down. `serve` keeps one in the foreground instead.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

EXIT_FINDINGS, EXIT_NOT_DONE, EXIT_INTERRUPTED = 1, 2, 130

Environments = Annotated[
    list[str] | None,
    typer.Option("--env", help=f"Environment ({', '.join(LADDER)}); repeat for more.  [default: all]"),
]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to serve on; 0 for a free one.")]
Json = Annotated[bool, typer.Option("--json", help="Write the result to standard output as JSON.")]
Policies = Annotated[
    bool,
    typer.Option("--policies/--no-policies", help="Deploy under the policy pack, as scripts/deploy.py does."),
]


Plugin = Annotated[
    str | None,
    typer.Option(
        "--plugin",
        envvar=VARIABLE,
        help="AWS plugin of the engine: own (the sandbox's provider), installed, or an executable's path.",
        show_default="own",
    ),
]


@app.command()
def tour(port: Port = 0, policies: Policies = True, plugin: Plugin = None) -> None:
    """Deploy every stack, send payments through them, destroy everything, prove that nothing is left."""
    console = Console()
    with _explaining(), Sandbox(port=port, plugin=plugin) as box:
        box.command()  # finds or builds the engine, with its own words, before anything else is said
        raise typer.Exit(sandbox_tour.run(box, console, policy_pack=_pack(policies)))


@app.command()
def up(
    env: Environments = None,
    port: Port = 0,
    policies: Policies = True,
    json: Json = False,
    plugin: Plugin = None,
) -> None:
    """Deploy environments to the sandbox that stays up, and verify them; start it where there is none."""
    talk = Console(stderr=True)
    with _explaining():
        environments = _known(env)
        choice = chosen(plugin, os.environ)
        if read_record(FOLDER) is None:
            record = background.start(FOLDER, port, plugin=choice)
            talk.print(f"A sandbox is up at {record.url}.", highlight=False)
        elif port:
            talk.print("A sandbox is up already; --port has no effect.")
        with background.attached(FOLDER) as box:
            if plugin and box.plugin != choice:
                raise PluginUnavailableError(
                    f"The sandbox that is up uses the plugin {box.plugin}",
                    remedy="End it first: python scripts/sandbox.py stop",
                )
            step = sandbox_tour.deploy(box, Action.UP, environments, talk, policy_pack=_pack(policies))
    sys.stdout.write((to_json(step.report) if json else summary(step.report)) + "\n")
    raise typer.Exit(exit_code(step.report))


@app.command()
def status(json: Json = False) -> None:
    """Show what is deployed, and what waits in the queues. Exits with 1 where no sandbox is up."""
    with _explaining():
        found = status_of(FOLDER)
    if json:
        sys.stdout.write(json_format.dumps(found.as_data(), indent=2) + "\n")
    else:
        Console().print(found.as_table() or "No sandbox is up.")
    raise typer.Exit(0 if found.record else EXIT_FINDINGS)


@app.command()
def pay(
    env: Environments = None,
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="Payments of each kind.")] = 1,
    kind: Annotated[
        list[Kind] | None,
        typer.Option("--kind", help=f"Kind of payment; repeat for more.  [default: all]  {kinds_help()}."),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Show what the function wrote, too.")] = False,
    json: Json = False,
) -> None:
    """Send payments through the queues and show what became of them."""
    talk = Console(stderr=True)
    environments = _known(env)
    run = secrets.token_hex(4)
    settled = []
    with _explaining(), background.attached(FOLDER) as box:
        for environment in environments:
            outputs = _outputs(box, environment)
            payments = [
                payment(each, f"pay-{run}-{each}-{number}")
                for number in range(count)
                for each in kind or Kind
            ]
            with delivering(FOLDER):
                settled.append(settle(box, environment, payments, outputs))
    if log:
        for each in settled:
            talk.print(each.processed.log, markup=False, highlight=False, soft_wrap=True)
    if json:
        data = {each.environment: [item.as_data() for item in each.settlements] for each in settled}
        sys.stdout.write(json_format.dumps(data, indent=2) + "\n")
    else:
        Console().print(payments_table(settled))


@app.command()
def destroy(env: Environments = None, json: Json = False) -> None:
    """Take environments down; without --env all, then prove that nothing is left and end the sandbox."""
    talk = Console(stderr=True)
    with _explaining():
        environments = _known(env)
        record = read_record(FOLDER)
        with background.attached(FOLDER) as box:
            step = sandbox_tour.deploy(box, Action.DESTROY, environments, talk)
            whole = not env and step.report.succeeded
            left = box.leftovers() if whole else {}
        if whole and record:
            background.stop(record)
    if json:
        data = json_format.loads(to_json(step.report)) | {
            "leftovers": left if whole else None,
            "ended": whole,
        }
        sys.stdout.write(json_format.dumps(data, indent=2) + "\n")
    else:
        sys.stdout.write(summary(step.report) + "\n" + (_what_is_left(left) if whole else ""))
    if not step.report.succeeded:
        talk.print("What is there stays. To end the sandbox as it is: python scripts/sandbox.py stop")
    raise typer.Exit(EXIT_FINDINGS if left else exit_code(step.report))


@app.command()
def stop() -> None:
    """End the sandbox as it is, with everything in it, without destroying stack by stack."""
    with _explaining():
        record = read_record(FOLDER)
        if record is None:
            raise NotRunning("No sandbox is up.")
        background.stop(record)
    sys.stdout.write("The sandbox has ended.\n")


@app.command()
def serve(port: Port = 0, plugin: Plugin = None) -> None:
    """Keep a sandbox in the foreground until Ctrl-C, and process what arrives in its queues."""
    talk = Console(stderr=True)
    ended = threading.Event()

    def ready(box: Sandbox) -> None:
        talk.print("A sandbox is up. In another terminal:", highlight=False)
        talk.print('  eval "$(python scripts/sandbox.py env)"', markup=False, highlight=False)
        sys.stdout.write(_exports(_all_variables(box)))
        sys.stdout.flush()
        talk.print("Ctrl-C ends it, and everything in it.", highlight=False)

    def tell(words: str) -> None:
        talk.print(words, markup=False, highlight=False, soft_wrap=True)

    with _explaining():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())  # the usual end of it
        keeper.keep(FOLDER, port, stop=ended, ready=ready, tell=tell, plugin=plugin)


@app.command()
def env(json: Json = False) -> None:
    """Print the environment variables that point pulumi, boto3 and the other scripts at the sandbox."""
    with _explaining(), background.attached(FOLDER) as box:
        variables = _all_variables(box)
    sys.stdout.write(json_format.dumps(variables, indent=2) + "\n" if json else _exports(variables))


def _outputs(box: Sandbox, environment: str) -> dict[str, Any]:
    """The outputs of an environment's payments stack. Raises NotRunning where it is not deployed."""
    with suppress(StackMissing):
        outputs = box.outputs("payments", environment)
        if "queueUrl" in outputs:  # a destroyed stack is there, without any
            return outputs
    raise NotRunning(
        f"payments/{environment} is not deployed: python scripts/sandbox.py up --env {environment}"
    )


def _all_variables(box: Sandbox) -> dict[str, str]:
    """The sandbox's own, and the PATH with the engine where it is not on it already."""
    path = ensure_engine().environ()["PATH"]
    return {**box.variables, **({} if path == os.environ.get("PATH") else {"PATH": path})}


def _exports(variables: dict[str, str]) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _pack(policies: bool) -> Path | None:
    pack = REPOSITORY / "policies"
    return pack if policies and (pack / "PulumiPolicy.yaml").is_file() else None


def _what_is_left(leftovers: Mapping[str, Sequence[str]]) -> str:
    if not leftovers:
        return "Nothing is left in any account or region. The sandbox has ended.\n"
    return "\n".join(["LEFT BEHIND:", *(f"  {line}" for line in leftovers_lines(leftovers))]) + "\n"


def _known(environments: list[str] | None) -> tuple[str, ...]:
    unknown = [name for name in environments or () if name not in LADDER]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(LADDER)}.", param_hint="--env")
    return tuple(environments or LADDER)


@contextmanager
def _explaining() -> Iterator[None]:
    """Tells of what can be expected to go wrong in a sentence, and ends with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except (
        *(AlreadyRunning, CodeDamaged, EngineUnavailable, InvalidConfiguration, InvalidPlan),
        *(NotDeliverable, NotRunning, OperationFailed, PluginUnavailableError, ServerFailed),
    ) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(EXIT_NOT_DONE) from None
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
