"""The configuration: what it may say, and that no mistake in it switches a guardrail off."""

import json
from pathlib import Path
from typing import Any

import pytest

from policies import configuration
from policies.configuration import Level, PackConfigurationError, load, merge, parse
from policies.rule import AnyRule, RuleSeverity, Tightening
from policies.rules import RULES
from policies.zone import Zone
from tests.policies.engine import TODAY

BY_ID = {rule.id: rule for rule in RULES}
EXCEPTION = {
    "urn": "urn:pulumi:prod::payments::*aws:cloudwatch/metricAlarm:MetricAlarm::errors-alarm",
    "reason": "Silenced for the load test",
    "owner": "payments-team",
    "expires": "2026-07-01",
}


def parsed(**rules: Any) -> configuration.PackConfiguration:
    return parse({"rules": {name.replace("_", "-"): given for name, given in rules.items()}}, RULES, TODAY)


def test_the_packs_own_configuration_is_right() -> None:
    loaded = load(RULES, TODAY)
    assert set(loaded.levels) == set(BY_ID)


def test_the_pack_has_no_exceptions_of_its_own() -> None:
    assert load(RULES, TODAY).exceptions == ()


def test_all_but_low_severity_is_mandatory_unless_said_otherwise() -> None:
    loaded = load(RULES, TODAY)
    for rule in RULES:
        wanted = Level.ADVISORY if rule.severity is RuleSeverity.LOW else Level.MANDATORY
        assert loaded.level(rule) is wanted


def test_levels_go_by_severity_and_a_rules_own_level_goes_first() -> None:
    given = {"enforcement": {"medium": "advisory"}, "rules": {"function-tracing": "mandatory"}}
    found = parse(given, RULES, TODAY)
    assert found.level(BY_ID["alarm-actions"]) is Level.MANDATORY
    assert found.level(BY_ID["function-zones"]) is Level.ADVISORY
    assert found.level(BY_ID["function-tracing"]) is Level.MANDATORY


def test_settings_keep_their_defaults_until_given() -> None:
    rule = BY_ID["topic-email-domain"]
    assert parsed().settings_of(rule) == {"allowedDomains": ["example.com"]}
    given = parsed(topic_email_domain={"allowedDomains": ["payments.test"]})
    assert given.settings_of(rule) == {"allowedDomains": ["payments.test"]}


def test_an_exception_is_read() -> None:
    [found] = parsed(alarm_actions={"exceptions": [EXCEPTION]}).exceptions
    assert (found.rule, found.owner, found.expires.isoformat()) == (
        "alarm-actions",
        "payments-team",
        "2026-07-01",
    )


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"rules": {"alarm-action": "advisory"}}, "'alarm-action' is no rule of this pack"),
        ({"rule": {}}, "'rule' is not known here"),
        ({"enforcement": {"hgih": "advisory"}}, "enforcement of 'hgih'"),
        ({"enforcement": {"high": "off"}}, "enforcement of 'high'"),
        ({"rules": {"alarm-actions": "off"}}, "enforcementLevel 'off' must be one of"),
        ({"rules": {"alarm-actions": {"enforcementLevel": "remediate"}}}, "this rule only reports"),
        ({"rules": {"alarm-actions": {"level": "advisory"}}}, "alarm-actions: 'level' is not known here"),
        ({"rules": {"topic-email-domain": {"allowedDomains": "x"}}}, "allowedDomains must be of type array"),
        (
            {"rules": {"topic-email-domain": {"allowedDomains": [7]}}},
            "allowedDomains.0 must be of type string",
        ),
        (
            {"rules": {"log-retention-minimum": {"minimumDays": {"prod": 0}}}},
            "minimumDays.prod must be at least 1",
        ),
        ({"rules": {"table-on-demand": "advisory"}}, "can't be advisory; this rule takes no exception"),
        ({"rules": {"table-on-demand": "disabled"}}, "can't be disabled; this rule takes no exception"),
        ({"rules": {"table-on-demand": {"exceptions": [EXCEPTION]}}}, "this rule takes no exception"),
        ({"rules": {"all": "off"}}, "all: enforcementLevel 'off' must be one of"),
        (
            {"rules": {"alarm-actions": {"exceptions": [{**EXCEPTION, "owner": ""}]}}},
            "owner needs at least 3",
        ),
        (
            {"rules": {"alarm-actions": {"exceptions": [{**EXCEPTION, "reason": "because"}]}}},
            "reason needs at least 10",
        ),
        (
            {"rules": {"alarm-actions": {"exceptions": [{**EXCEPTION, "urn": "*"}]}}},
            "must have four segments",
        ),
        (
            {"rules": {"alarm-actions": {"exceptions": [{**EXCEPTION, "expires": "soon"}]}}},
            "expires must match",
        ),
        (
            {"rules": {"alarm-actions": {"exceptions": [{**EXCEPTION, "expires": "2026-13-01"}]}}},
            "can't be read",
        ),
        ({"rules": {"alarm-actions": {"exceptions": [{**EXCEPTION, "expires": "2999-01-01"}]}}}, "366 days"),
        (
            {"rules": {"alarm-actions": {"exceptions": [{**EXCEPTION, "until": "x"}]}}},
            "until is not known here",
        ),
        ({"rules": {"alarm-actions": {"exceptions": [{"urn": EXCEPTION["urn"]}]}}}, "needs reason"),
        ({"rules": {"alarm-actions": {"exceptions": ["x"]}}}, "must be of type object"),
    ],
)
def test_every_mistake_is_refused_with_its_place(document: dict[str, Any], problem: str) -> None:
    with pytest.raises(PackConfigurationError) as caught:
        parse(document, RULES, TODAY)
    assert problem in str(caught.value)


def test_all_mistakes_are_reported_together() -> None:
    with pytest.raises(PackConfigurationError) as caught:
        parse({"rules": {"nonsense": "advisory", "alarm-actions": "off"}}, RULES, TODAY)
    assert len(caught.value.problems) == 2


def test_all_rules_at_once_are_lowered_but_for_those_that_take_no_exception() -> None:
    found = parsed(all="disabled")
    for rule in RULES:
        if rule.exceptions_allowed:
            assert found.level(rule) is Level.DISABLED
        else:
            assert found.level(rule) is Level.MANDATORY


def test_a_file_lies_over_the_packs_own_key_by_key(tmp_path: Path) -> None:
    file = tmp_path / "more.json"
    file.write_text(
        json.dumps({"topic-email-domain": {"allowedDomains": ["payments.test"]}, "alarm-actions": "advisory"})
    )
    found = load(RULES, TODAY, file)
    assert found.level(BY_ID["alarm-actions"]) is Level.ADVISORY
    assert found.settings_of(BY_ID["topic-email-domain"]) == {"allowedDomains": ["payments.test"]}


def test_merging_replaces_keys_of_a_rule_and_keeps_the_others() -> None:
    merged = merge({"rules": {"a": {"x": 1, "y": 1}}}, {"rules": {"a": {"y": 2}, "b": "advisory"}})
    assert merged["rules"] == {"a": {"x": 1, "y": 2}, "b": {"enforcementLevel": "advisory"}}


@pytest.mark.parametrize("text", ["no JSON", "[]"])
def test_a_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text(text)
    with pytest.raises(PackConfigurationError, match=r"broken\.json"):
        load(RULES, TODAY, file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackConfigurationError, match=r"absent\.json can't be read"):
        load(RULES, TODAY, tmp_path / "absent.json")


LOOSENED = [
    ("iam-role-boundary", {"deployingProjects": ["bootstrap-iam", "payments"]}),
    ("iam-role-boundary", {"boundaryPolicy": "anything"}),
    ("iam-policy-escalation", {"boundaryPolicy": "anything"}),
    ("iam-policy-boundary", {"boundaryPolicy": "anything"}),
    ("table-point-in-time-recovery", {"disabledIn": ["dev", "prod"]}),
    ("coverage-package", {"packages": ["random", "time", "command"]}),
    ("resource-policy-foreign-account", {"organizations": ["o-1234567890"]}),
    ("resource-policy-foreign-account", {"declaredBy": "notificationEmails"}),
    ("iam-policy-wildcard-resource", {"allowedActions": ["s3:GetObject"]}),
    ("placement-region", {"regions": {"prod": "us-east-1"}}),
]


@pytest.mark.parametrize(("rule", "settings"), LOOSENED)
def test_a_configuration_from_outside_can_not_loosen_a_guarded_setting(
    rule: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "outside.json"
    file.write_text(json.dumps({rule: settings}))
    with pytest.raises(PackConfigurationError) as caught:
        load(RULES, TODAY, file)
    assert f"{rule}: {next(iter(settings))} can be changed " in str(caught.value)
    assert "from outside of configuration.json" in str(caught.value)
    parse({"rules": {rule: settings}}, RULES, TODAY)  # the pack's own file may


@pytest.mark.parametrize(
    ("rule", "settings"),
    [
        ("iam-role-boundary", {"deployingProjects": []}),
        ("coverage-package", {"packages": ["random"]}),
        ("iam-policy-wildcard-resource", {"allowedActions": []}),
        ("topic-email-domain", {"allowedDomains": ["payments.test"]}),
    ],
)
def test_a_configuration_from_outside_can_tighten(
    rule: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "outside.json"
    file.write_text(json.dumps({rule: settings}))
    assert load(RULES, TODAY, file).settings_of(BY_ID[rule]).items() >= settings.items()


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.exceptions_allowed], ids=lambda r: r.id)
def test_every_setting_of_a_rule_without_exceptions_can_only_be_tightened(rule: AnyRule) -> None:
    assert all(setting.tightens is not Tightening.FREE for setting in rule.settings.values())


def test_the_zone_is_declared_in_the_packs_own_file_only(tmp_path: Path) -> None:
    file = tmp_path / "outside.json"
    file.write_text(json.dumps({"zone": {"accounts": ["999999999999"]}}))
    with pytest.raises(PackConfigurationError, match=r"zone can only be declared in configuration\.json"):
        load(RULES, TODAY, file)
    assert load(RULES, TODAY).zone == Zone()


@pytest.mark.parametrize(
    ("zone", "problem"),
    [
        ([], "zone must be an object"),
        ({"account": []}, "zone.account is not known here"),
        ({"accounts": "999999999999"}, "zone.accounts must be a list of strings"),
        ({"accounts": ["12"]}, "zone.accounts holds '12', which is no account id of 12 digits"),
    ],
)
def test_a_mistake_in_the_zone_is_named(zone: Any, problem: str) -> None:
    with pytest.raises(PackConfigurationError) as caught:
        parse({"zone": zone}, RULES, TODAY)
    assert problem in str(caught.value)
