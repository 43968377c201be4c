"""See what waits in the dead-letter queue and why, and send back what may succeed now.

A message's reason is found by the function's own parser and by what the ledger holds of its payment. What
would only come back stays where it is: malformed messages, conflicts, and payments that were redriven and
failed again. Works as the environment's operator, on AWS and in the sandbox alike. Exits with 0 where nothing
is left to do; 1 where messages wait, are refused, or did not move; 2 where nothing could be looked at.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from components.environment import LADDER
from operations.dead_letters.examine import Examined, examine
from operations.dead_letters.letter import EXPLANATIONS, FINAL, Reason
from operations.dead_letters.plan import Selection, plan
from operations.dead_letters.queue import DeadLetterQueue
from operations.dead_letters.report import as_json, as_tables, conclusion, question
from operations.operator import CouldNotOperate, Operator, operating
from operations.payments.ledger import LedgerReader

REASONS = "; ".join(f"{reason}: {EXPLANATIONS[reason]}" for reason in Reason)

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Environment = Annotated[
    str, typer.Option("--env", help=f"Environment ({', '.join(LADDER)}).", show_default=False)
]
Most = Annotated[int, typer.Option("--limit", min=1, help="Messages to look at.")]
MostRedrives = Annotated[
    int, typer.Option("--max-redrives", min=1, help="Redrives after which a message counts as returned.")
]
Json = Annotated[bool, typer.Option("--json", help="Write the result to standard output as JSON.")]


@app.command()
def show(
    env: Environment,
    each: Annotated[bool, typer.Option("--messages", help="List every message, too.")] = False,
    limit: Most = 1000,
    max_redrives: MostRedrives = 2,
    json: Json = False,
) -> None:
    """Show the dead letters by reason. Takes none of them."""
    with _explaining(), operating(env) as operator:
        found = _examine(operator, limit, max_redrives)
    now = datetime.now(UTC)
    if json:
        sys.stdout.write(as_json(env, found.letters, now, complete=found.complete) + "\n")
    elif found.letters:
        Console().print(as_tables(found.letters, now, each=each))
    else:
        sys.stdout.write(f"The dead-letter queue of {env} is empty.\n")
    raise typer.Exit(1 if found.letters else 0)


@app.command()
def run(
    env: Environment,
    reason: Annotated[
        list[Reason] | None,
        typer.Option(
            "--reason", help=f"Only those; repeat for more.  [default: all that may go]  {REASONS}."
        ),
    ] = None,
    message: Annotated[
        list[str] | None, typer.Option("--message", help="Only this message id; repeat for more.")
    ] = None,
    payment: Annotated[
        list[str] | None, typer.Option("--payment", help="Only this paymentId; repeat for more.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    limit: Most = 1000,
    max_redrives: MostRedrives = 2,
    json: Json = False,
) -> None:
    """Redrive all dead letters that may succeed now, or those selected; first say which, and ask."""
    talk = Console(stderr=True)
    if final := FINAL.intersection(reason or ()):
        raise typer.BadParameter(f"{', '.join(sorted(final))}: never redriven.", param_hint="--reason")
    selection = Selection(reasons=reason or (), message_ids=message or (), payment_ids=payment or ())
    with _explaining(), operating(env) as operator:
        found = _examine(operator, limit, max_redrives)
        chosen = plan(found.letters, selection)
        talk.print(question(chosen, env), markup=False, highlight=False)
        moved = []
        if chosen.redrive and not dry_run:
            if not yes:
                _agree(talk)
            ids = [judged.letter.message_id for judged in chosen.redrive]
            with _progress(talk) as bar:
                task = bar.add_task("redriving", total=len(ids))
                moved = _queue(operator).redrive(ids, lambda _: bar.advance(task))
            talk.print(conclusion(moved), markup=False, highlight=False, soft_wrap=True)
    if json:
        now = datetime.now(UTC)
        sys.stdout.write(as_json(env, found.letters, now, complete=found.complete, moved=moved) + "\n")
    waiting = dry_run and chosen.redrive
    failed = any(each.problem for each in moved)
    raise typer.Exit(1 if waiting or failed or chosen.refused or chosen.absent else 0)


def _examine(operator: Operator, most: int, most_redrives: int) -> Examined:
    talk = Console(stderr=True)
    ledger = LedgerReader(operator.client("dynamodb"), operator.outputs["tableName"])
    with _progress(talk) as bar:
        task = bar.add_task("reading", total=None)
        found = examine(
            _queue(operator),
            ledger,
            most=most,
            most_redrives=most_redrives,
            told=lambda count: bar.update(task, completed=count),
        )
    if not found.complete:
        talk.print(f"The first {most} messages; there may be more (--limit).")
    return found


def _queue(operator: Operator) -> DeadLetterQueue:
    outputs = operator.outputs
    return DeadLetterQueue(operator.client("sqs"), outputs["deadLetterQueueUrl"], outputs["queueUrl"])


def _progress(talk: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=talk, transient=True, disable=not talk.is_terminal)


def _agree(talk: Console) -> None:
    if not sys.stdin.isatty():
        talk.print("There is no terminal to ask on: pass --yes to go ahead.")
        raise typer.Exit(2)
    if not typer.confirm("Go ahead?", err=True):
        raise typer.Exit(1)


@contextmanager
def _explaining() -> Iterator[None]:
    """Tells of what can be expected to go wrong in a sentence, and ends with its exit code."""
    try:
        yield
    except CouldNotOperate as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: what was not redriven is still in the dead-letter queue.\n")
        raise typer.Exit(130) from None


if __name__ == "__main__":
    app()
