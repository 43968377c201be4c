"""Checking a stack without the engine: an export after the update, or a preview before it.

document ──▶ export.read ──▶ StackState ─┐
Pulumi.yaml, Pulumi.STACK.yaml ─▶ config ─┴─▶ check_state ──▶ Report ──▶ formats
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from policies import configuration as configurations
from policies import exceptions, export
from policies.configuration import Level, PackConfiguration
from policies.evaluation import NotEvaluated, Outcome, Violation, evaluate
from policies.export import StackState
from policies.graph import Graph
from policies.report import PolicyFinding, PolicyReport
from policies.resource import CheckedResource
from policies.rule import AnyRule, Rule, RuleContext, StackRule, applies
from policies.rules import RULES
from policies.stack import CheckedStack


def check_export(
    document: object,
    config: Mapping[str, str] | None = None,
    *,
    configuration: PackConfiguration | None = None,
    rules: Sequence[AnyRule] = RULES,
    today: date | None = None,
    before: object = None,
) -> PolicyReport:
    """Check what `pulumi stack export` or `pulumi preview --json` printed.

    Args:
        document: the parsed JSON.
        config: the stack's configuration, `project:key` to text (lists and objects as JSON). None takes what
            the document holds, which is nothing for an export: rules about expectations then find violations.
        configuration: levels, settings and exceptions; the pack's own where None.
        rules: the rules to ask.
        today: the day by which exceptions expire; the current one (UTC) where None.
        before: for a preview, the stack's parsed export, which holds the resources that stay the same.

    Raises:
        policies.export.UnreadableDocumentError: the document is no whole export or preview.
        policies.configuration.PackConfigurationError: the pack's configuration is wrong.
    """
    state = export.read(document, before)
    day = today or datetime.now(UTC).date()
    return check_state(
        state if config is None else export.with_config(state, config),
        configuration=configuration or configurations.load(rules, day),
        rules=rules,
        today=day,
    )


def check_state(
    state: StackState, *, configuration: PackConfiguration, rules: Sequence[AnyRule] = RULES, today: date
) -> PolicyReport:
    """Ask every rule about every resource that it is about."""
    active = [rule for rule in rules if configuration.level(rule) is not Level.DISABLED]
    examined: dict[str, int] = {}
    outcomes = list(_outcomes(state, state.stack(), configuration, active, examined))
    findings = [
        PolicyFinding(
            violation=outcome,
            level=configuration.level(outcome.rule),
            accepted=exceptions.active(configuration.exceptions, outcome.rule.id, outcome.urn, today),
            expired=exceptions.expired(configuration.exceptions, outcome.rule.id, outcome.urn, today),
        )
        for outcome in outcomes
        if isinstance(outcome, Violation)
    ]
    return PolicyReport(
        project=state.project,
        environment=state.environment,
        resources=len(state.inputs),
        rules=len(active),
        findings=tuple(findings),
        examined=examined,
        sources=state.sources,
        not_evaluated=tuple(outcome for outcome in outcomes if isinstance(outcome, NotEvaluated)),
        unused_exceptions=tuple(
            exceptions.unused(
                configuration.exceptions,
                stack=state.environment,
                project=state.project,
                used=[(outcome.rule.id, outcome.urn) for outcome in outcomes],
            )
        ),
        configuration=configuration,
    )


def _outcomes(
    state: StackState,
    stack: CheckedStack,
    configuration: PackConfiguration,
    rules: Iterable[AnyRule],
    examined: dict[str, int],
) -> Iterator[Outcome]:
    """Yield what the rules find; counts in `examined` the resources that each rule is asked about."""
    graph = Graph(state.outputs)
    by_type = _by_type(state.inputs)
    for rule in rules:
        context = RuleContext(
            stack=stack, settings=configuration.settings_of(rule), graph=graph, zone=configuration.zone
        )
        of_rule = graph.of(*sorted(rule.types)) if isinstance(rule, StackRule) else _about(rule, by_type)
        subjects = list(of_rule)
        examined[rule.id] = len(subjects)
        for resource in subjects:
            yield from evaluate(rule, resource, context)


def _by_type(resources: Iterable[CheckedResource]) -> dict[str, list[CheckedResource]]:
    found: dict[str, list[CheckedResource]] = {}
    for resource in resources:
        found.setdefault(resource.type, []).append(resource)
    return found


def _about(rule: Rule, by_type: Mapping[str, list[CheckedResource]]) -> Iterator[CheckedResource]:
    for kind, resources in by_type.items():
        if applies(rule, kind):
            yield from resources
