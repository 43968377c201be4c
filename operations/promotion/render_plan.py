"""Format a plan as a table for a terminal and as Markdown for a pull request."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from operations.promotion.plan import PromotionPlan

_COLOUR = {"passed": "green", "failed": "bold red", "not checked": "yellow"}


def table(plan: PromotionPlan) -> RenderableType:
    """Format the plan for a terminal."""
    parts: list[RenderableType] = [Text(heading(plan), "bold"), Text(""), _gates(plan), Text("")]
    parts.append(_changes(plan) if plan.changes else Text("No resource changes."))
    parts += [Text(f"Note: {note}", "yellow") for note in plan.notes]
    parts += [Text(""), Text(verdict(plan), "bold")]
    return Group(*parts)


def markdown(plan: PromotionPlan) -> str:
    """Format the plan as Markdown."""
    lines = [f"## {heading(plan)}", "", f"**{verdict(plan)}**", ""]
    lines += ["| Gate | | |", "|---|---|---|"]
    for gate in plan.gates:
        said = f"{gate.said}\n{gate.fix}".strip()
        lines.append(f"| {gate.question} | {gate.status} | {_cell(said)} |")
    lines.append("")
    if plan.changes:
        lines += ["| Project | Resource | Operation | Properties |", "|---|---|---|---|"]
        lines += [
            f"| {change.project} | `{_cell(change.name)}` ({change.type}) | {change.operation} "
            f"| {_cell(', '.join(change.properties))} |"
            for change in plan.changes
        ]
    else:
        lines.append("No resource changes.")
    lines += [f"\n> {note}" for note in plan.notes]
    return "\n".join(
        [*lines, "", f"Plan `{plan.digest[:12]}`, made at {plan.made_at:%Y-%m-%d %H:%M:%S} UTC.", ""]
    )


def heading(plan: PromotionPlan) -> str:
    """Return the title of the plan."""
    if plan.action == "rollback":
        return f"Release {plan.release} back to {plan.target}, in place of {plan.replaces or 'none'}"
    return (
        f"Release {plan.release} from {plan.source} to {plan.target}, in place of {plan.replaces or 'none'}"
    )


def verdict(plan: PromotionPlan) -> str:
    """Return the result of all gates in a line."""
    if plan.ready:
        return f"All {len(plan.gates)} gates are open."
    shut = [gate for gate in plan.gates if gate.status != "passed"]
    return f"No {plan.action}: {', '.join(f'{gate.id} ({gate.status})' for gate in shut)}."


def _gates(plan: PromotionPlan) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("gate", "", ""):
        shown.add_column(title, overflow="fold")
    for gate in plan.gates:
        said = Text(gate.said)
        if gate.fix:
            said.append(f"\n{gate.fix}".lstrip("\n") if not gate.said else f"\n{gate.fix}", "dim")
        shown.add_row(gate.question, Text(gate.status, _COLOUR[gate.status]), said)
    return shown


def _changes(plan: PromotionPlan) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("project", "resource", "operation", "properties"):
        shown.add_column(title, overflow="fold", no_wrap=title == "resource")  # a name is looked for whole
    for change in plan.changes:
        shown.add_row(
            change.project,
            change.name,
            change.operation,
            ", ".join(change.properties),
        )
    return shown


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
