"""Shows what happened in a sandbox: tables for people."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from sandbox.payments import EXPLANATIONS, Kind
from sandbox.settling import Settled, Settlement

NOTHING = "–"  # noqa: RUF001  a dash in a table


def _table(*headings: str, title: str | None = None) -> Table:
    table = Table(
        box=None, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left", title_style="bold"
    )
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def payments_table(settled: Sequence[Settled]) -> Table:
    """A row a payment: what was sent, stored, published and dead-lettered."""
    table = _table("env", "payment", "sent", "stored", "published", "dead-lettered")
    for environment in settled:
        for number, settlement in enumerate(environment.settlements):
            table.add_row(
                environment.environment if number == 0 else "",
                settlement.payment.kind,
                str(len(settlement.payment.bodies)),
                _stored(settlement),
                f"{settlement.published}×" if settlement.published else NOTHING,  # noqa: RUF001  times
                _dead_lettered(settlement),
            )
        table.add_section()
    return table


def _stored(settlement: Settlement) -> str:
    if settlement.stored is None:
        return NOTHING
    reasons = ", ".join(settlement.stored.get("reasons") or ())
    decision = str(settlement.stored.get("decision", "")).lower()
    return f"{decision}: {reasons}" if reasons else decision


def _dead_lettered(settlement: Settlement) -> str:
    if not settlement.dead_lettered:
        return NOTHING
    receives = ", ".join(map(str, settlement.dead_lettered))
    return f"after {receives} receives"


def variations_table(by_environment: Mapping[str, Mapping[str, str]]) -> Table:
    """A column an environment; first what differs, then what is the same in all."""
    table = _table("read back from AWS's own APIs", *by_environment)
    names = dict.fromkeys(name for values in by_environment.values() for name in values)
    rows = {name: [values.get(name, NOTHING) for values in by_environment.values()] for name in names}
    for name, row in rows.items():
        if len(set(row)) > 1:
            table.add_row(name, *row)
    for name, row in rows.items():
        if len(set(row)) == 1:
            table.add_row(name, *row, style="dim")
    return table


def leftovers_lines(leftovers: Mapping[str, Sequence[str]]) -> list[str]:
    """What is left, a line a resource."""
    return [f"{place}: {resource}" for place, resources in leftovers.items() for resource in resources]


def kinds_help() -> str:
    """What each kind of payment is, for --help."""
    return "; ".join(f"{kind}: {EXPLANATIONS[kind]}" for kind in Kind)
