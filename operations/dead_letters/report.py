"""Shows dead letters and what became of them: tables for people, JSON for machines; nothing private."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from operations.dead_letters.contract_comparison import ContractComparison
from operations.dead_letters.letter import EXPLANATIONS, FINAL, ClassifiedLetter, Reason
from operations.dead_letters.plan import RedrivePlan
from operations.dead_letters.queue import Moved, Redriven

MOST_FAILURES = 20
"""Failed letters that are named one by one to people."""


@dataclass(frozen=True, kw_only=True)
class LetterGroup:
    """All letters that are in the queue for one reason."""

    reason: Reason
    count: int
    oldest: timedelta
    """How long ago the first of them was sent by its producer."""
    newest: timedelta
    problems: tuple[tuple[str, int], ...]
    """What is wrong with malformed ones, most frequent first."""


def groups(letters: Sequence[ClassifiedLetter], now: datetime) -> list[LetterGroup]:
    """By reason, in the order in which `Reason` lists them."""
    found = []
    for reason in Reason:
        members = [classified for classified in letters if classified.reason is reason]
        if members:
            ages = sorted(now - classified.letter.sent_at for classified in members)
            problems = Counter(problem for classified in members for problem in classified.problems)
            found.append(
                LetterGroup(
                    reason=reason,
                    count=len(members),
                    oldest=ages[-1],
                    newest=ages[0],
                    problems=tuple(problems.most_common()),
                )
            )
    return found


def as_json(
    environment: str,
    letters: Sequence[ClassifiedLetter],
    now: datetime,
    *,
    complete: bool,
    contract: ContractComparison,
    moved: Sequence[Moved] = (),
) -> str:
    """Return everything for machines. `complete` is false if the queue may hold more than was reached."""
    data: dict[str, Any] = {
        "environment": environment,
        "complete": complete,
        "contract": {
            "deployed": contract.deployed,
            "checkout": contract.checkout,
            "same": contract.is_same,
        },
        "groups": [
            {
                "reason": group.reason,
                "redrivable": group.reason not in FINAL,
                "count": group.count,
                "oldestSeconds": round(group.oldest.total_seconds()),
                "newestSeconds": round(group.newest.total_seconds()),
                "problems": dict(group.problems),
            }
            for group in groups(letters, now)
        ],
        "messages": [
            {
                "messageId": classified.letter.message_id,
                "paymentId": classified.letter.payment_id,
                "reason": classified.reason,
                "sentAt": classified.letter.sent_at.isoformat(),
                "redrives": classified.redrives,
                "problems": classified.problems,
            }
            for classified in letters
        ],
        "redriven": [asdict(each) for each in moved],
    }
    return json.dumps(data, indent=2)


def as_tables(letters: Sequence[ClassifiedLetter], now: datetime, *, each: bool) -> Lines:
    """A row a reason; with `each`, then a row a message."""
    table = _table("reason", "messages", "oldest", "newest", "redrive", "meaning", right=("messages",))
    for group in groups(letters, now):
        final = group.reason in FINAL
        table.add_row(
            Text(group.reason, "red" if final else "yellow"),
            str(group.count),
            age(group.oldest),
            age(group.newest),
            "no" if final else "yes",
            "\n".join(
                [EXPLANATIONS[group.reason], *(f"  {count} x {problem}" for problem, count in group.problems)]
            ),
        )
    return Lines(table, Text(), _messages(letters, now)) if each else Lines(table)


def _messages(letters: Sequence[ClassifiedLetter], now: datetime) -> Table:
    table = _table("reason", "age", "redriven", "message", "payment", right=("age", "redriven"))
    for classified in sorted(letters, key=lambda classified: classified.letter.sent_at):
        letter = classified.letter
        table.add_row(
            classified.reason,
            age(now - letter.sent_at),
            str(classified.redrives),
            letter.message_id,
            letter.payment_id or "",
        )
    return table


def question(plan: RedrivePlan, environment: str) -> str:
    """What a redrive would do, for the user to agree to."""
    lines = [f"{len(plan.redrive)} to redrive to the request queue of {environment}"]
    lines += _counted(plan.redrive)
    if plan.refused:
        lines += [f"{len(plan.refused)} refused, which would only come back", *_counted(plan.refused)]
    if plan.left:
        lines.append(f"{len(plan.left)} not asked for")
    lines += [f"{each} is not in the queue" for each in plan.absent]
    return "\n".join(lines)


def conclusion(redriven: Redriven, seconds: float) -> str:
    """Return what became of a redrive, with each failure and the rate."""
    failed = [each for each in redriven.moved if each.problem]
    done, asked = len(redriven.moved) - len(failed), len(redriven.moved)
    lines = [f"{each.message_id}: {each.problem}" for each in failed[:MOST_FAILURES]]
    if len(failed) > MOST_FAILURES:
        lines.append(f"and {len(failed) - MOST_FAILURES} more (--json lists all)")
    incomplete = "" if redriven.complete else "; INCOMPLETE: run the redrive again"
    rate = f"{done / max(seconds, 0.001):.0f} per second"
    return "\n".join([*lines, f"redrive: {done} of {asked} moved, {rate}{incomplete}"])


def age(span: timedelta) -> str:
    """How long ago, in its largest unit: `age(timedelta(minutes=90)) == "1 h"`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _counted(letters: Sequence[ClassifiedLetter]) -> list[str]:
    return [f"  {count} {reason}" for reason, count in Counter(each.reason for each in letters).items()]


def _table(*headings: str, right: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(
            heading,
            justify="right" if heading in right else "left",
            overflow="fold",
            no_wrap=heading == "message",  # an id is there to be copied
        )
    return table
