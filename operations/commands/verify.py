"""Prove that an environment processes payments, and have its outputs show it: the way up for its artifact.

Notes which alarms are on, and checks whether the customers' queue is read as the verification queue is;
sends synthetic payments (ids `verification:…`) through the latter, looks at what the ledger and the
dead-letter queue hold of them, and takes them away again. On AWS that takes as long as a message that always
fails needs to the dead-letter queue: minutes. Works on AWS and in the sandbox alike, as the verifier.
Exits with 0 where it passed, 1 where it failed, 2 where it could not be found out.
"""

import json as json_format
import sys
from typing import Annotated

import typer
from rich.console import Console

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from operations.deployment.operate import Operator
from operations.engine import EngineUnavailable
from operations.engine.command import Interrupted
from operations.engine.failure import OperationFailed
from operations.promotion import direct_deployment
from operations.promotion.journal import InFlightError
from operations.promotion.record import RecordDamagedError
from operations.promotion.storage import StorageError
from operations.promotion.wiring import backend_of
from operations.verification import Failed, Passed, Verification, target_of, verify
from operations.verification.outcome import as_data
from operations.verification.record import record
from operations.workspace import engine_command

app = typer.Typer(help=__doc__, add_completion=False, rich_markup_mode=None)


@app.command(help=__doc__)
def main(
    env: Annotated[
        str, typer.Option("--env", help=f"Environment ({', '.join(LADDER)}).", show_default=False)
    ],
    recorded: Annotated[
        bool,
        typer.Option(
            "--record/--no-record",
            help="Update the outputs of the environment's payments stack by the result.",
        ),
    ] = True,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", min=1, help="Seconds to wait.  [default: as its queue needs]"),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Write the result to standard output as JSON.")
    ] = False,
) -> None:
    """Verify an environment."""
    if env not in LADDER:
        raise typer.BadParameter(f"{env!r} is not one of {', '.join(LADDER)}.", param_hint="--env")
    talk = Console(stderr=True)

    def tell(words: str) -> None:
        talk.print(words, markup=False, highlight=False, soft_wrap=True)

    try:
        command = engine_command()
        journal = (
            direct_deployment.journal_of(backend_of(command, command.environ), command.environ)
            if recorded
            else None
        )
        if journal is not None:
            journal.take_over(env, "its process is gone; a verification follows", unknown=False)
        target = target_of(env, command=command)
        verification = verify(target, time_limit=time_limit, tell=tell)
        if recorded:
            operator = Operator(command=command, watch=lambda _: None)
            if record(verification, target.outputs, operator):
                tell(f"The outputs of payments/{env} show it.")
        if journal is not None:
            passed = isinstance(verification, Passed)
            said = "by scripts/verify.py" if passed else "; ".join(as_data(verification)["reasons"])
            direct_deployment.note_verification(
                journal, env, passed=passed, outputs=target.outputs, said=said
            )
    except (
        EngineUnavailable,
        InFlightError,
        InvalidConfiguration,
        OperationFailed,
        RecordDamagedError,
        StorageError,
    ) as error:
        tell(str(error))
        raise typer.Exit(2) from None
    except (KeyboardInterrupt, Interrupted):
        tell("Interrupted.")
        raise typer.Exit(130) from None
    sys.stdout.write(
        (json_format.dumps(as_data(verification), indent=2) if json else _text(verification)) + "\n"
    )
    raise typer.Exit(1 if isinstance(verification, Failed) else 0)


def _text(verification: Verification) -> str:
    said = f"{verification.environment}, artifact {verification.artifact_digest[:12]}"
    if isinstance(verification, Failed):
        lines = "".join(f"\n  {reason}" for reason in verification.reasons)
        return f"{said}: FAILED after {verification.seconds:.0f} s{lines}"
    return f"{said}: verified in {verification.seconds:.0f} s"
