"""`docs/security.md`, made from the probes: who reaches what in an environment, and by which requests."""

import re
from collections.abc import Iterator, Sequence

from tests.security.footholds import Foothold
from tests.security.probes import CAPABILITIES
from tests.security.reach import Path

REACHES, DOES_NOT = "**yes**", "no"

INTRODUCTION = """\
# Security: what each foothold reaches

<!-- Made by `python -m tests.security`; a test compares it. Change the documents or the probes instead. -->

Assume that an attacker holds one of the footholds below in prod. The tables say what they reach there:
{requests} requests per environment are decided over the policy documents that the programs render, as IAM
decides them (identity policies, permissions boundary, policies of queues, topics and roles). The attacker
chooses every value of a request that a caller can choose. A change of a document that opens or closes a
path fails a test, which names the request.

The tables are the same for every environment, but for what lies above and below it, and no foothold reaches
anything of another environment in its account; `tests/security/test_matrix.py` proves both.

What the tables do not show: chains (a cell is one request; a deployer who replaces the function's code acts
as the function from then on), service control policies of the organisation, what administrators of the
accounts can do, and where AWS decides otherwise than it documents: [nothing was deployed to AWS
itself](limits.md#what-was-exercised-where). What a role needs for its work is in the tables as well:
that is what to watch.
"""


def render(footholds: Sequence[Foothold], found: Sequence[Path], requests: int) -> str:
    """Return the page."""
    return "\n".join([INTRODUCTION.format(requests=f"{requests:,}"), *_lines(footholds, found)]) + "\n"


def matrix(page: str) -> dict[tuple[str, str], bool]:
    """Return the table of a page: (capability, foothold) to whether it is reached."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.partition("## The table")[2].partition("\n## ")[0].splitlines()
        if line.startswith("|")
    ]
    head, *body = [row for row in rows if not set("".join(row)) <= set("-:")]
    names = [re.sub("`", "", cell) for cell in head[2:]]
    return {
        (f"{row[0]}: {row[1]}", name): cell == REACHES
        for row in body
        for name, cell in zip(names, row[2:], strict=True)
    }


def _lines(footholds: Sequence[Foothold], found: Sequence[Path]) -> Iterator[str]:
    yield "## Footholds"
    yield ""
    yield "| Foothold | What the attacker holds |"
    yield "|---|---|"
    yield from (f"| `{foothold.id}` | {foothold.what} |" for foothold in footholds)
    yield ""
    yield "## The table"
    yield ""
    yield f"| Asset | What is done to it | {' | '.join(f'`{foothold.id}`' for foothold in footholds)} |"
    yield "|---|---|" + ":-:|" * len(footholds)
    reached = {(path.capability, path.foothold) for path in found}
    for capability in CAPABILITIES:
        marks = [REACHES if (capability.id, each.id) in reached else DOES_NOT for each in footholds]
        yield f"| {capability.asset} | {capability.does} | {' | '.join(marks)} |"
    yield ""
    yield "## By which requests"
    yield ""
    yield "*With* names conditions that the request has to meet, and a value, which the caller can choose."
    for foothold in footholds:
        own = [path for path in found if path.foothold == foothold.id]
        yield ""
        yield f"### {foothold.id}"
        yield ""
        if not own:
            yield "Nothing of the above."
            continue
        yield "| What it does | Requests | With |"
        yield "|---|---|---|"
        for capability in CAPABILITIES:
            paths = [path for path in own if path.capability == capability.id]
            if paths:
                actions = ", ".join(f"`{action}`" for action in dict.fromkeys(path.action for path in paths))
                terms = ", ".join(
                    f"`{term}`" for term in dict.fromkeys(t for path in paths for t in path.terms)
                )
                yield f"| {capability.id} | {actions} | {terms} |"
