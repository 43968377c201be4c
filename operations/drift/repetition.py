"""Leaves out of the differences what another one reports already."""

from collections.abc import Iterator

from operations.drift.compare import Difference
from operations.drift.report import Kind


def without_repetition(found: list[Difference]) -> Iterator[Difference]:
    """The differences without `tagsAll` where `tags` has the same."""
    reported = {(each.key, each.path.removeprefix("tags")) for each in found if each.path.startswith("tags.")}
    for each in found:
        if each.path == "tags":  # all of a resource's own
            own = each.target if each.kind is Kind.EXTRA else each.baseline
            reported |= {(each.key, f".{name}") for name in own}
    for each in found:
        if not (
            each.path.startswith("tagsAll.") and (each.key, each.path.removeprefix("tagsAll")) in reported
        ):
            yield each
