"""See what waits in the dead-letter queue and why, and send back what may succeed now.

A message's reason is found by the function's own parser and by what the ledger holds of its payment. What
would only come back stays where it is: malformed messages, conflicts that the audit trail shows, and payments
that were redriven and failed again. A run that ends early is repeated: it goes on where it stopped. Works as
the environment's operator, on AWS and in the sandbox alike. Exits with 0 where nothing is left to do; 1 where
messages wait, are refused, did not move or were not all read; 2 where nothing could be looked at.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from components.environment import LADDER
from operations.dead_letters.contract_comparison import ContractComparison, compare_contracts
from operations.dead_letters.examine import Examined, examine
from operations.dead_letters.letter import EXPLANATIONS, FINAL, Reason
from operations.dead_letters.plan import Selection, plan
from operations.dead_letters.queue import DeadLetterQueue, Moved, Redriven
from operations.dead_letters.redrive_counts import RedriveCounts
from operations.dead_letters.report import as_json, as_tables, conclusion, question
from operations.operator import CouldNotOperate, Operator, operating
from operations.payments.ledger import LedgerReader

REASONS = "; ".join(f"{reason}: {EXPLANATIONS[reason]}" for reason in Reason)

SECONDS_BETWEEN_LINES = 10
"""Of progress, where there is no terminal."""

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Environment = Annotated[
    str, typer.Option("--env", help=f"Environment ({', '.join(LADDER)}).", show_default=False)
]
Most = Annotated[int, typer.Option("--limit", min=1, help="Messages to look at.")]
Minutes = Annotated[
    int, typer.Option("--minutes", min=1, help="Minutes after which reading, and then moving, stops.")
]
DEFAULT_LIMIT, DEFAULT_MINUTES = 100_000, 120
MostRedrives = Annotated[
    int, typer.Option("--max-redrives", min=1, help="Redrives after which a message counts as returned.")
]
Json = Annotated[bool, typer.Option("--json", help="Write the result to standard output as JSON.")]


@app.command()
def show(
    env: Environment,
    each: Annotated[bool, typer.Option("--messages", help="List every message, too.")] = False,
    limit: Most = DEFAULT_LIMIT,
    minutes: Minutes = DEFAULT_MINUTES,
    max_redrives: MostRedrives = 2,
    json: Json = False,
) -> None:
    """Show the dead letters by reason. Takes none of them."""
    with _explaining(), operating(env) as operator:
        contract = _contract(operator)
        found = _examine(operator, limit, minutes, max_redrives)
    now = datetime.now(UTC)
    if json:
        text = as_json(env, found.letters, now, complete=found.complete, contract=contract)
        sys.stdout.write(text + "\n")
    elif found.letters:
        Console().print(as_tables(found.letters, now, each=each))
    elif found.complete:
        sys.stdout.write(f"The dead-letter queue of {env} is empty.\n")
    raise typer.Exit(1 if found.letters or not found.complete else 0)


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
    limit: Most = DEFAULT_LIMIT,
    minutes: Minutes = DEFAULT_MINUTES,
    max_redrives: MostRedrives = 2,
    json: Json = False,
) -> None:
    """Redrive all dead letters that may succeed now, or those selected; first say which, and ask."""
    talk = Console(stderr=True)
    if final := FINAL.intersection(reason or ()):
        raise typer.BadParameter(f"{', '.join(sorted(final))}: never redriven.", param_hint="--reason")
    selection = Selection(reasons=reason or (), message_ids=message or (), payment_ids=payment or ())
    with _explaining(), operating(env) as operator:
        contract = _contract(operator)
        found = _examine(operator, limit, minutes, max_redrives)
        chosen = plan(found.letters, selection)
        talk.print(question(chosen, env), markup=False, highlight=False)
        redriven = Redriven(moved=(), complete=found.complete)
        if chosen.redrive and not dry_run:
            if not yes:
                _agree(talk)
            redrives = {judged.letter.message_id: judged.redrives for judged in chosen.redrive}
            began = time.monotonic()
            with _progress(talk, "redriving", len(redrives)) as report:
                moved = 0

                def advance(_: Moved) -> None:
                    nonlocal moved
                    moved += 1
                    report(moved)

                redriven = _queue(operator).redrive(redrives, advance, time_limit=minutes * 60)
            text = conclusion(redriven, time.monotonic() - began)
            talk.print(text, markup=False, highlight=False, soft_wrap=True)
    if json:
        text = as_json(
            env,
            found.letters,
            datetime.now(UTC),
            complete=found.complete and redriven.complete,
            contract=contract,
            moved=redriven.moved,
        )
        sys.stdout.write(text + "\n")
    waiting = dry_run and chosen.redrive
    failed = not found.complete or not redriven.complete or any(each.problem for each in redriven.moved)
    raise typer.Exit(1 if waiting or failed or chosen.refused or chosen.absent else 0)


def _examine(operator: Operator, most: int, minutes: int, most_redrives: int) -> Examined:
    talk = Console(stderr=True)
    ledger = LedgerReader(operator.client("dynamodb"), operator.outputs["tableName"])
    with _progress(talk, "reading", None) as report:
        found = examine(
            _queue(operator),
            ledger,
            _counts(operator),
            most=most,
            most_redrives=most_redrives,
            time_limit=minutes * 60,
            report=report,
        )
    if not found.complete:
        talk.print(
            f"INCOMPLETE: {len(found.letters)} messages read; there may be more. "
            "Raise --limit or --minutes, or wait until nobody else reads the queue."
        )
    return found


def _contract(operator: Operator) -> ContractComparison:
    contract = compare_contracts(operator.outputs)
    if contract.warning:
        sys.stderr.write(f"{contract.warning}\n")
    return contract


def _counts(operator: Operator) -> RedriveCounts:
    return RedriveCounts(operator.client("dynamodb"), operator.outputs["tableName"])


def _queue(operator: Operator) -> DeadLetterQueue:
    outputs = operator.outputs
    return DeadLetterQueue(
        operator.client("sqs"), outputs["deadLetterQueueUrl"], outputs["queueUrl"], _counts(operator)
    )


@contextmanager
def _progress(talk: Console, verb: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Report a count so far: as a bar with the rate, or as a line every few seconds without a terminal."""
    began = reported = time.monotonic()

    def line(count: int) -> None:
        nonlocal reported
        now = time.monotonic()
        if now - reported >= SECONDS_BETWEEN_LINES:
            reported = now
            of = f" of {total}" if total is not None else ""
            talk.print(f"{verb}: {count}{of}, {count / (now - began):.0f} per second", highlight=False)

    if not talk.is_terminal:
        yield line
        return
    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate)
    with Progress(*columns, console=talk, transient=True) as bar:
        task = bar.add_task(verb, total=total, rate="")

        def show_bar(count: int) -> None:
            rate = f"{count / max(time.monotonic() - began, 0.001):.0f} per second"
            bar.update(task, completed=count, rate=rate)

        yield show_bar


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
