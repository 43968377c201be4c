"""Is the target what the baseline is, but for the controlled variations?

read → canonicalise → compare → attribute → suppress repetitions → word
"""

from collections.abc import Iterator

from operations.drift import parity_findings as findings
from operations.drift.attribute import Attribution, Cause
from operations.drift.canonical import Canonical, canonical_pair
from operations.drift.collection import paused_collection
from operations.drift.compare import Difference, differences
from operations.drift.declared import Declared, misdeclared
from operations.drift.held import Held, outputs_of
from operations.drift.program import Pair, Program
from operations.drift.repetition import without_repetition
from operations.drift.report import Classification, Finding
from operations.drift.stack import Stack
from operations.drift.stack_differences import View, stack_differences, unreported, views


def configured(baseline: Declared, target: Declared) -> Iterator[Finding]:
    """Where the two stack files set what they may not, or not both."""
    for found in misdeclared(baseline, target):
        yield findings.of_configuration(found, target.name)


def compared(stacks: tuple[Stack, Stack], declared: tuple[Declared, Declared]) -> Iterator[Finding]:
    """The differences of two stacks in what they hold and in what their programs make of settings.

    Raises Unrenderable where the programs can't be asked.
    """
    baseline, target = stacks
    with paused_collection():
        canonical = canonical_pair(baseline, target, (declared[0].identity, declared[1].identity))
    attribution = Attribution(
        stacks=stacks,
        canonical=canonical,
        pair=Pair(
            baseline=Program(declared=declared[0], stack=baseline),
            target=Program(declared=declared[1], stack=target),
        ),
    )
    caused = [*_caused(attribution, stacks, canonical)]
    drifting = {
        (found.key, found.path) for found, cause in caused if cause.classification is Classification.DRIFT
    }
    renamed = findings.renamed([found for found, _ in caused])
    for found, cause in caused:
        # Where what was asked for is wrong, what the account was last seen to have is not controlled.
        if cause.classification is Classification.DRIFT or (found.key, found.path) not in drifting:
            yield findings.of_difference(found, cause, stacks, renamed=renamed.get((found.key, found.kind)))
    yield from findings.of_settings(attribution.pair)
    for field in attribution.without_effect():
        yield findings.of_setting_without_effect(field, declared)


def differ(stacks: tuple[Stack, Stack], declared: tuple[Declared, Declared]) -> bool:
    """Whether the two stacks hold different values anywhere, accounts, regions and names aside."""
    canonical = canonical_pair(*stacks, (declared[0].identity, declared[1].identity))
    return any(True for _ in stack_differences(stacks, canonical))


def _caused(
    attribution: Attribution, stacks: tuple[Stack, Stack], canonical: tuple[Canonical, Canonical]
) -> Iterator[tuple[Difference, Cause]]:
    """Every difference that means something, with its cause."""
    reported: set[tuple[str, str, str]] = set()
    outputs = outputs_of(stacks, canonical)
    for ours, theirs in views(stacks, canonical):
        both: tuple[View, View] = {**ours, **outputs[0]}, {**theirs, **outputs[1]}
        for found in without_repetition([*unreported(differences(*both), reported)]):
            if cause := attribution.cause(found, both):
                yield found, cause
    held = Held(stacks[0], canonical[0]), Held(stacks[1], canonical[1])
    for found in unreported(attribution.not_shown(held), reported):
        cause = attribution.cause(found, held)
        if cause and cause.classification is Classification.DRIFT:
            yield found, cause
