"""Look at payments: one with its audit trail, a day's list, the proof of the trail, a day's books.

Works as the environment's operator, on AWS and in the sandbox alike. Account references are masked or left
out. Exits with 0 if all is well; 1 if there is no such payment, an audit trail is not in order, or the books
differ; 2 if nothing could be looked at.
"""

import csv
import json as json_format
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from components.environment import LADDER
from functions.payment_processor.contract import FIELDS, SYNTHETIC_ID, fits
from functions.payment_processor.payments import display
from operations.operator import CouldNotOperate, Operator, operating
from operations.payments import chain, reconciliation
from operations.payments.ledger import LedgerReader, ListedPayment
from operations.payments.timeline import as_json, as_timeline

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

PROGRESS_EVERY = 1000
"""Payments between two lines of progress."""
DEPTHS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

Environment = Annotated[
    str, typer.Option("--env", help=f"Environment ({', '.join(LADDER)}).", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Write the result to standard output as JSON.")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day such as 2026-01-31.") from None


def _payment_id(text: str) -> str:
    rule = FIELDS["paymentId"]
    if not fits(text, rule) and not fits(text, SYNTHETIC_ID):
        raise typer.BadParameter(f"a paymentId is {rule['description']}.", param_hint="PAYMENT_ID")
    return text


Day = Annotated[date, typer.Option("--day", parser=_day, metavar="YYYY-MM-DD", help="Day of recording, UTC.")]


@app.command()
def show(
    payment_id: Annotated[str, typer.Argument(help="The producer's paymentId.", metavar="PAYMENT_ID")],
    env: Environment,
    json: Json = False,
) -> None:
    """Show a payment and its audit trail."""
    _payment_id(payment_id)
    with _operating(env) as operator:
        record = _ledger(operator).record(payment_id)
    if record is None:
        sys.stderr.write(f"The ledger of {env} has no payment {payment_id}.\n")
        raise typer.Exit(1)
    if json:
        sys.stdout.write(as_json(record) + "\n")
    else:
        Console().print(as_timeline(record))
    raise typer.Exit(1 if record.problems else 0)


@app.command("list")
def list_payments(
    env: Environment,
    day: Day,
    state: Annotated[
        str | None, typer.Option("--state", help="Only RECORDED (not notified yet) or NOTIFIED.")
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Only this ISO 4217 code.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Write a line of JSON per payment.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV with a header.")] = False,
) -> None:
    """List the payments of a day as they are read, without a scan and without account references."""
    if state not in (None, "RECORDED", "NOTIFIED"):
        raise typer.BadParameter("RECORDED or NOTIFIED.", param_hint="--state")
    if currency is not None and currency not in FIELDS["currency"]["enum"]:
        raise typer.BadParameter(f"{currency!r} is no currency of the contract.", param_hint="--currency")
    if json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other.")
    report = _progress("listed")
    names = [each.name for each in fields(ListedPayment)]
    writer = csv.writer(sys.stdout)
    count = 0
    with _operating(env) as operator:
        if as_csv:
            writer.writerow(names)
        for row in _ledger(operator).listed(day, state=state):
            if currency not in (None, row.currency):
                continue
            count += 1
            report(count)
            values = asdict(row)
            if json:
                sys.stdout.write(json_format.dumps(values) + "\n")
            elif as_csv:
                writer.writerow("" if values[name] is None else values[name] for name in names)
            else:
                similar = f"  near-duplicate of {row.near_duplicate_of}" if row.near_duplicate_of else ""
                sys.stdout.write(
                    f"{row.recorded_at}  {row.state:8}  {row.decision:8}  "
                    f"{display(row.amount, row.currency):>20}  {row.payment_id}{similar}\n"
                )
    sys.stderr.write(f"{count} payment(s) on {day}\n")


@app.command()
def verify(
    env: Environment,
    payment_id: Annotated[str | None, typer.Argument(metavar="[PAYMENT_ID]", help="One payment.")] = None,
    day: Annotated[
        date | None, typer.Option("--day", parser=_day, metavar="YYYY-MM-DD", help="All of a day, UTC.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="The whole ledger, by a scan, and that the index agrees.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--export", help="That the ledger continues an exported day.")
    ] = None,
    json: Json = False,
) -> None:
    """Prove the chain of digests of a payment, of a day, of the whole ledger, or against an export."""
    if sum(bool(each) for each in (payment_id, day, everything, export)) != 1:
        raise typer.BadParameter("name one of PAYMENT_ID, --day, --all and --export FILE.")
    if payment_id:
        _payment_id(payment_id)
    report = chain.ChainReport()
    lines = _lines(export) if export else []
    with _operating(env) as operator:
        ledger = _ledger(operator)
        if export:
            _verify_export(ledger, lines, export, report)
        elif everything:
            _verify_all(ledger, report)
        elif day:
            for row in ledger.listed(day):
                _verify_one(ledger, row.payment_id, report)
        elif payment_id:
            _verify_one(ledger, payment_id, report)
    if json:
        data = {
            "environment": env,
            "payments": report.payments,
            "entries": report.entries,
            "unchained": report.unchained,
            "digest": report.digest,
            "problems": [asdict(each) for each in report.problems],
        }
        sys.stdout.write(json_format.dumps(data, indent=2) + "\n")
    else:
        for each in report.problems:
            sys.stdout.write(f"PROBLEM: {each.payment_id}: {each.problem}\n")
        older = f", {report.unchained} with entries older than the chain" if report.unchained else ""
        sys.stdout.write(
            f"{report.payments} payment(s) with {report.entries} audit entries{older}: "
            f"{len(report.problems)} problem(s)\ndigest of the heads: {report.digest}\n"
        )
    raise typer.Exit(1 if report.problems else 0)


@app.command()
def export(
    env: Environment,
    day: Day,
    output: Annotated[Path, typer.Option("--output", help="File to write; it must not exist.")],
) -> None:
    """Write a day's payments and audit trails to a file, with the proof of their chains.

    A line of JSON per payment, without account references and free text, then one with the day's digest.
    """
    report, progress = chain.ChainReport(), _progress("exported")
    try:
        file = output.open("x", encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{output}: {error.strerror}.", param_hint="--output") from None
    try:
        with file, _operating(env) as operator:
            ledger = _ledger(operator)
            for row in ledger.listed(day):
                record = ledger.record(row.payment_id)
                if record is None:
                    report.fail(row.payment_id, "it is in the index, and not in the table")
                    continue
                report.add(record)
                file.write(chain.exported_line(record) + "\n")
                progress(report.payments)
            file.write(chain.closing_line(day.isoformat(), report) + "\n")
    except BaseException:
        output.unlink(missing_ok=True)  # half an export proves nothing
        raise
    for each in report.problems:
        sys.stderr.write(f"PROBLEM: {each.payment_id}: {each.problem}\n")
    sys.stderr.write(f"{report.payments} payment(s) of {day} in {output}, digest {report.digest}\n")
    raise typer.Exit(1 if report.problems else 0)


@app.command()
def reconcile(
    env: Environment,
    day: Day,
    minutes: Annotated[
        int, typer.Option("--minutes", min=0, help="Minutes for which a payment may wait for notification.")
    ] = 15,
    full: Annotated[
        bool, typer.Option("--full", help="Scan the table, too, for payments that the index does not have.")
    ] = False,
    metric: Annotated[
        bool, typer.Option("--metric", help="Publish UnnotifiedPaymentAge, which the alarm reads.")
    ] = False,
    json: Json = False,
) -> None:
    """Reconcile a day: stored = notified + pending, nothing overdue, missing or in the dead-letter queue."""
    with _operating(env) as operator:
        ledger = _ledger(operator)
        rows = list(ledger.listed(day))
        stored = ledger.payments(row.payment_id for row in rows)
        unindexed: list[str] = []
        if full:
            indexed = {row.payment_id for row in rows}
            unindexed = [
                record.payment["paymentId"]
                for record in ledger.scan(_progress("items scanned"))
                if record.payment["recordedAt"].startswith(day.isoformat())
                and record.payment["paymentId"] not in indexed
                and ":" not in record.payment["paymentId"]
            ]
        found = reconciliation.reconcile(
            day.isoformat(),
            rows,
            stored,
            dead_letters=_dead_letters(operator),
            now=datetime.now(UTC),
            overdue=timedelta(minutes=minutes),
            unindexed=unindexed,
        )
        if metric:
            operator.client("cloudwatch").put_metric_data(
                Namespace="Payments", MetricData=reconciliation.metric_data(found, env)
            )
    sys.stdout.write((reconciliation.as_json(found) if json else reconciliation.as_text(found)) + "\n")
    raise typer.Exit(0 if found.balanced else 1)


def _verify_one(ledger: LedgerReader, payment_id: str, report: chain.ChainReport) -> None:
    record = ledger.record(payment_id)
    if record is None:
        report.fail(payment_id, "there is no such payment")
    else:
        report.add(record)


def _verify_all(ledger: LedgerReader, report: chain.ChainReport) -> None:
    days: dict[str, set[str]] = {}
    for record in ledger.scan(_progress("items scanned")):
        report.add(record)
        if "chainHead" in record.payment:
            days.setdefault(record.payment["recordedAt"][:10], set()).add(record.payment["paymentId"])
    for day, ids in sorted(days.items()):
        listed = {row.payment_id for row in ledger.listed(date.fromisoformat(day))}
        for payment_id in sorted(ids - listed):
            report.fail(payment_id, f"the index does not have it on {day}")
        for payment_id in sorted(listed - ids):
            report.fail(payment_id, f"the index has it on {day}, and the table does not")


def _verify_export(ledger: LedgerReader, lines: list[str], path: Path, report: chain.ChainReport) -> None:
    try:
        closing, payments = chain.exported(lines)
    except chain.ExportError as error:
        raise typer.BadParameter(f"{path}: {error}.", param_hint="--export") from None
    report.problems += chain.export_problems(closing, payments)
    for each in payments:
        payment_id = str(each["payment"]["paymentId"])
        record = ledger.record(payment_id)
        if record is not None:
            report.add(record)
        for problem in chain.compared_with_ledger(each, record):
            report.fail(payment_id, problem)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} can't be read: {error}.", param_hint="--export") from None


def _dead_letters(operator: Operator) -> int:
    url = operator.outputs["deadLetterQueueUrl"]
    found = operator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=DEPTHS)["Attributes"]
    return sum(int(found[name]) for name in DEPTHS)


def _ledger(operator: Operator) -> LedgerReader:
    return LedgerReader(operator.client("dynamodb"), operator.outputs["tableName"])


def _progress(verb: str) -> Callable[[int], None]:
    """Report a count every so often, to standard error."""
    reported = 0

    def report(count: int) -> None:
        nonlocal reported
        if count - reported >= PROGRESS_EVERY:
            reported = count
            sys.stderr.write(f"{count} {verb}\n")

    return report


@contextmanager
def _operating(environment: str) -> Iterator[Operator]:
    """Work as the operator; end with an explanation and exit code 2 if that is not possible."""
    try:
        with operating(environment) as operator:
            yield operator
    except CouldNotOperate as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: what was written so far is incomplete.\n")
        raise typer.Exit(130) from None
