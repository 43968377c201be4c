"""What holds for every rule: tested, documented, about types and properties that exist, and sensitive to its
tests.
"""

import importlib
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policies.configuration import PackConfiguration, rule_schema
from policies.control_mapping import CONTROLS
from policies.evaluation import evaluate
from policies.resource import CheckedProvider, CheckedResource
from policies.rule import (
    EVERY_AWS_TYPE,
    EVERY_OTHER_TYPE,
    PROVIDER_TYPE,
    AnyRule,
    PropertyRule,
    ResourceRule,
    RuleContext,
    StackRule,
)
from policies.rules import RULES
from policies.rules.name_suffixes import NAMED, TAGGABLE, UNNAMED
from policies.schema import validate
from policies.stack import CheckedStack
from tests.policies.cases import Case
from tests.policies.compliant import BUILDERS, resource
from tests.policies.engine import PROJECT, config_of, servicer

HERE = Path(__file__).parent
IDS = HERE / "rule_ids.txt"
BY_ID = {rule.id: rule for rule in RULES}
ONLY_IN_EXPORTS = {"destroyable-deleted-with", "destroyable-retain"}
"""Rules about what the engine doesn't tell a pack; their tests check an export."""


@cache
def cases() -> dict[str, list[Case]]:
    """Every case of every module, by rule."""
    found: dict[str, list[Case]] = {}
    for path in sorted((HERE / "rules").glob("test_*.py")):
        table = getattr(importlib.import_module(f"tests.policies.rules.{path.stem}"), "CASES", None)
        for case in table.all if table else ():
            found.setdefault(case.rule, []).append(case)
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_case_that_passes_and_one_that_fails(rule: AnyRule) -> None:
    if rule.id in ONLY_IN_EXPORTS:
        return
    own = cases()[rule.id]
    assert any(case.messages for case in own)
    forbids_its_types = all(case.name.endswith("is forbidden") for case in own)
    assert forbids_its_types or any(case.name.startswith("a compliant") for case in own)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_property_that_a_rule_reads_is_tried_missing_null_of_a_wrong_type_and_unknown(
    rule: AnyRule,
) -> None:
    if isinstance(rule, StackRule) or rule.id in ONLY_IN_EXPORTS:
        return
    for case in cases()[rule.id]:
        if case.name.startswith("a compliant"):
            for key in _read(rule, case):
                about = [(name, other) for other in cases()[rule.id] for name in _changes(other, key)]
                assert any(other.not_evaluated for _, other in about), f"{key} unknown"
                assert any(name.endswith((" missing", " None")) for name, _ in about), (
                    f"{key} missing or null"
                )
                assert any("must be" in " ".join(other.messages) for _, other in about), (
                    f"{key} of a wrong type"
                )


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if isinstance(rule, StackRule)], ids=lambda rule: rule.id
)
def test_every_rule_about_relations_is_tried_with_what_is_not_known_yet(rule: StackRule) -> None:
    assert any(case.not_evaluated for case in cases()[rule.id])


def _changes(case: Case, key: str) -> list[str]:
    """What a case changes of a property or within it, in its own words."""
    return [name for name in case.name.split(", ") if re.match(rf"{key}\b", name)]


def test_ids_are_unique_and_stable() -> None:
    """Exceptions, configuration and dashboards name rules by id: add to the list, rename only with a
    migration.
    """
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert sorted(ids) == IDS.read_text(encoding="utf-8").split()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_what_holds_why_and_what_to_do(rule: AnyRule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.id)
    assert rule.title.endswith(".")
    assert rule.title[0].isupper()
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")
    assert not rule.fix[0].isupper()
    assert rule.url.startswith("https://")
    assert len(rule.references) == len(set(rule.references))
    assert rule.types


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_defaults_of_a_rule_fit_their_own_schema(rule: AnyRule) -> None:
    for name, schema in rule_schema(rule).items():
        assert validate(schema["default"], schema, name) == []


def test_every_control_of_the_yardstick_has_rules_or_a_reason() -> None:
    for control in CONTROLS:
        assert bool(control.rules) != bool(control.left_out), control.name
        assert all(rule in BY_ID for rule in control.rules), control.name
        assert all(control.ids), control.name


def test_rules_refer_to_the_controls_that_the_table_gives_them() -> None:
    for control in CONTROLS:
        if control.rules:
            referred = {reference for rule in control.rules for reference in BY_ID[rule].references}
            assert set(control.ids) <= referred, (control.name, set(control.ids) - referred)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_that_says_nothing_fails_its_tests(rule: AnyRule) -> None:
    assert rule.id in ONLY_IN_EXPORTS or _notices(rule, lambda *_: iter(()))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_that_always_complains_fails_its_tests(rule: AnyRule) -> None:
    assert rule.id in ONLY_IN_EXPORTS or _notices(rule, lambda *_: iter(["it is broken."]))


@pytest.mark.parametrize("kind", sorted({kind for rule in RULES for kind in rule.types}))
def test_a_rule_is_about_types_that_the_provider_has(kind: str) -> None:
    assert kind in EVERY_AWS_TYPE | EVERY_OTHER_TYPE or kind == PROVIDER_TYPE or _inputs(kind)


@pytest.mark.parametrize(
    "kind", sorted({kind for rule in RULES if isinstance(rule, StackRule) for kind in rule.reads})
)
def test_a_rule_reads_types_that_the_provider_has(kind: str) -> None:
    assert _inputs(kind)


@pytest.mark.parametrize("kind", sorted(set(BUILDERS) - {PROVIDER_TYPE}))
def test_the_compliant_resources_have_only_properties_that_the_provider_has(kind: str) -> None:
    assert set(BUILDERS[kind]("dev")) <= _inputs(kind)


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_names_are_looked_for_in_properties_that_the_provider_has(kind: str) -> None:
    assert NAMED[kind][0] in _inputs(kind)


@pytest.mark.parametrize("kind", sorted(NAMED.keys() | UNNAMED.keys() | TAGGABLE))
def test_tags_are_asked_of_exactly_the_types_that_have_them(kind: str) -> None:
    assert ("tags" in _inputs(kind)) == (kind in TAGGABLE)
    assert kind not in UNNAMED or kind in TAGGABLE


def _notices(rule: AnyRule, check: Any) -> bool:
    """Whether some case of a rule fails when its function is another one."""
    broken = replace(rule, check=check)
    packs = {}
    for case in cases()[rule.id]:
        key = (case.environment, str(case.config))
        if key not in packs:
            packs[key] = servicer(
                case.environment, rules=[broken], config=case.config, project=case.resources[0].project
            )
        try:
            case.run(packs[key])
        except AssertionError:
            return True
    return False


class _Recording(dict[str, Any]):
    """Properties that note which of them are looked at."""

    def __init__(self, props: Any) -> None:
        super().__init__(props)
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)


def _read(rule: PropertyRule | ResourceRule, case: Case) -> Iterator[str]:
    made = case.resources[0]
    props = _Recording(made.props)
    subject = CheckedResource(
        type=made.type,
        name=made.name,
        urn=made.urn,
        props=props,
        provider=CheckedProvider(name="aws", props=made.provider_props),
    )
    config = config_of(case.environment) if case.config is None else case.config
    context = RuleContext(
        stack=CheckedStack(project=PROJECT, environment=case.environment, config=config),
        settings=PackConfiguration().settings_of(rule),
    )
    list(evaluate(rule, subject, context))
    yield from sorted(props.read)


@cache
def _inputs(kind: str) -> frozenset[str]:
    """The input properties of a type, read from the provider's source, which takes long to import."""
    service, _, name = kind.removeprefix("aws:").partition("/")
    module = {"lambda": "lambda_"}.get(service, service)
    spec = importlib.util.find_spec("pulumi")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parents[1] / "pulumi_aws" / module
    source = folder / f"{re.sub(r'(?<!^)(?=[A-Z])', '_', name.rpartition(':')[2]).lower()}.py"
    if not source.is_file():
        return frozenset()
    text = source.read_text(encoding="utf-8")
    if f"'{kind}'" not in text:
        return frozenset()
    arguments = text[: text.index("@pulumi.input_type\nclass _")]
    snakes = re.findall(r'pulumi\.set\(__self__, "(\w+)"', arguments)
    return frozenset(re.sub(r"_(\w)", lambda found: found.group(1).upper(), snake) for snake in snakes)


def test_the_reader_of_the_providers_source_finds_what_is_there() -> None:
    assert {"architectures", "vpcConfig", "reservedConcurrentExecutions"} <= _inputs(
        "aws:lambda/function:Function"
    )
    assert _inputs("aws:lambda/function:Funktion") == frozenset()
    assert resource("aws:lambda/function:Function").props
