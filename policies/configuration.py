"""The pack's configuration: enforcement by severity and rule, settings, exceptions; typed, with defaults.

Two sources have one shape: the pack's own `configuration.json` ("rules"), and what the engine hands over from
`--policy-pack-config FILE`. A mistake in either stops the run: a typo must not switch a guardrail off.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from policies import exceptions, schema, zone
from policies.exceptions import PolicyException
from policies.rule import AnyRule, ResourceRule, RuleSeverity
from policies.zone import Zone

OWN_FILE = Path(__file__).parent / "configuration.json"


class Level(StrEnum):
    """What a violation does, in the engine's words."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


BLOCKING = frozenset({Level.MANDATORY, Level.REMEDIATE})

DEFAULT_ENFORCEMENT: Mapping[RuleSeverity, Level] = {
    RuleSeverity.CRITICAL: Level.MANDATORY,
    RuleSeverity.HIGH: Level.MANDATORY,
    RuleSeverity.MEDIUM: Level.MANDATORY,
    RuleSeverity.LOW: Level.ADVISORY,
}


class PackConfigurationError(Exception):
    """The configuration is wrong; `problems` lists every mistake."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "the policy pack's configuration is wrong:\n" + "\n".join(f"- {p}" for p in problems)
        )
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class PackConfiguration:
    """What holds for a run: each rule's level and settings by its id, and all exceptions."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    exceptions: tuple[PolicyException, ...] = ()
    zone: Zone = field(default_factory=Zone)

    def level(self, rule: AnyRule) -> Level:
        """Return the enforcement level of a rule."""
        return self.levels.get(rule.id, DEFAULT_ENFORCEMENT[rule.severity])

    def settings_of(self, rule: AnyRule) -> Mapping[str, object]:
        """Return the settings of a rule, defaults filled in."""
        return {name: setting.default for name, setting in rule.settings.items()} | dict(
            self.settings.get(rule.id, {})
        )


def rule_schema(rule: AnyRule) -> dict[str, dict[str, Any]]:
    """The JSON schemas of what the configuration may say about a rule, apart from `enforcementLevel`."""
    properties: dict[str, dict[str, Any]] = {
        name: {**setting.schema, "default": setting.default, "description": setting.description}
        for name, setting in rule.settings.items()
    }
    if rule.exceptions_allowed:
        properties["exceptions"] = {**exceptions.SCHEMA, "default": []}
    return properties


def parse(
    document: Mapping[str, Any],
    rules: Iterable[AnyRule],
    today: date,
    *,
    reviewed: PackConfiguration | None = None,
) -> PackConfiguration:
    """Read {"enforcement": {severity: level}, "rules": {id: level or object}, "zone": …}.

    `reviewed` is the pack's own configuration where the document comes from outside as well: settings that
    guard rules without exceptions may then only be tightened.

    Raises:
        ConfigurationError: naming every mistake.
    """
    known_rules = {rule.id: rule for rule in rules}
    found: list[str] = [
        f"{key!r} is not known here" for key in set(document) - {"enforcement", "rules", "zone", "$comment"}
    ]
    declared = zone.parse(document["zone"], found) if "zone" in document else Zone()
    by_severity = dict(DEFAULT_ENFORCEMENT)
    for severity, level in document.get("enforcement", {}).items():
        try:
            by_severity[RuleSeverity(severity)] = Level(level)
        except ValueError as error:
            found.append(f"enforcement of {severity!r}: {error}")
    levels = {rule.id: by_severity[rule.severity] for rule in known_rules.values()}
    settings: dict[str, Mapping[str, object]] = {}
    accepted: list[PolicyException] = []
    for name, given in document.get("rules", {}).items():
        rule = known_rules.get(name)
        if rule is None:
            if name != "all":
                found.append(f"{name!r} is no rule of this pack; `python -m policies list` names them")
                continue
            levels.update(_levels_of_all(given, found, known_rules))
            continue
        wanted = {"enforcementLevel": given} if isinstance(given, str) else dict(given)
        level = wanted.pop("enforcementLevel", None)
        if level is not None:
            levels[name] = _level(rule, level, found) or levels[name]
        found += _problems(rule, wanted) or _loosened(rule, wanted, reviewed)
        accepted += _exceptions(rule, wanted.pop("exceptions", []), today, found)
        settings[name] = wanted
    if found:
        raise PackConfigurationError(sorted(found))
    return PackConfiguration(levels=levels, settings=settings, exceptions=tuple(accepted), zone=declared)


def load(rules: Iterable[AnyRule], today: date, *files: Path) -> PackConfiguration:
    """The pack's own configuration with further files laid over it; raises `PackConfigurationError`."""
    own = read_file(OWN_FILE)
    others = [read_file(file) for file in files]
    if any("zone" in other for other in others):
        raise PackConfigurationError([f"zone can only be declared in {OWN_FILE.name} of the pack"])
    rules = tuple(rules)
    reviewed = parse(own, rules, today)
    return parse(merge(own, *others), rules, today, reviewed=reviewed) if others else reviewed


def read_file(file: Path) -> dict[str, Any]:
    """Return a configuration file; one without "rules" has the shape of `--policy-pack-config`."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackConfigurationError([f"{file} can't be read: {error}"]) from error
    if not isinstance(document, dict):
        raise PackConfigurationError([f"{file} must hold an object"])
    return document if {"rules", "enforcement", "zone"} & set(document) else {"rules": document}


def merge(*documents: Mapping[str, Any]) -> dict[str, Any]:
    """Configurations laid over each other as the engine does it: a later key of a rule replaces the earlier
    one.
    """
    merged: dict[str, Any] = {"enforcement": {}, "rules": {}}
    for document in documents:
        if "zone" in document:
            merged["zone"] = document["zone"]
        merged["enforcement"].update(document.get("enforcement", {}))
        for name, given in document.get("rules", {}).items():
            over = {"enforcementLevel": given} if isinstance(given, str) else given
            merged["rules"][name] = {**merged["rules"].get(name, {}), **over}
    return merged


def _level(rule: AnyRule, given: object, found: list[str]) -> Level | None:
    try:
        level = Level(str(given))
    except ValueError:
        found.append(f"{rule.id}: enforcementLevel {given!r} must be one of {', '.join(Level)}")
        return None
    if not rule.exceptions_allowed and level not in BLOCKING:
        found.append(f"{rule.id}: can't be {level}; this rule takes no exception")
        return None
    if level is Level.REMEDIATE and not (isinstance(rule, ResourceRule) and rule.remedy):
        found.append(f"{rule.id}: can't be {level}; this rule only reports")
        return None
    return level


def _levels_of_all(given: object, found: list[str], rules: Mapping[str, AnyRule]) -> dict[str, Level]:
    level = given.get("enforcementLevel") if isinstance(given, Mapping) else given
    try:
        wanted = Level(str(level))
    except ValueError:
        found.append(f"all: enforcementLevel {level!r} must be one of {', '.join(Level)}")
        return {}
    return {name: wanted for name, rule in rules.items() if rule.exceptions_allowed or wanted in BLOCKING}


def _problems(rule: AnyRule, given: Mapping[str, object]) -> list[str]:
    allowed = rule_schema(rule)
    complaints = []
    for name, value in given.items():
        if name not in allowed:
            why = "; this rule takes no exception" if name == "exceptions" else ""
            complaints.append(f"{rule.id}: {name!r} is not known here{why}")
        else:
            complaints += [
                f"{rule.id}: {complaint}" for complaint in schema.validate(value, allowed[name], name)
            ]
    return complaints


def _loosened(rule: AnyRule, given: Mapping[str, object], reviewed: PackConfiguration | None) -> list[str]:
    """Return the settings that a configuration from outside would loosen."""
    if reviewed is None:
        return []
    own = reviewed.settings_of(rule)
    return [
        f"{rule.id}: {name} can be changed {setting.tightens} from outside of {OWN_FILE.name}; it is "
        f"{own[name]!r} there"
        for name, setting in rule.settings.items()
        if name in given and not setting.tightens.permits(own[name], given[name])
    ]


def _exceptions(rule: AnyRule, given: object, today: date, found: list[str]) -> list[PolicyException]:
    accepted = []
    for index, entry in enumerate(given if isinstance(given, list) else []):
        try:
            read = PolicyException(
                rule=rule.id,
                urn=entry["urn"],
                reason=entry["reason"],
                owner=entry["owner"],
                expires=date.fromisoformat(entry["expires"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            found.append(f"{rule.id}: exceptions.{index} can't be read: {error}")
            continue
        found += [f"{rule.id}: exceptions.{index}: {problem}" for problem in exceptions.problems(read, today)]
        accepted.append(read)
    return accepted
