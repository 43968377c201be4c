"""Checking a stack without the engine: the same verdicts, and nothing unread that looks clean."""

import json
from datetime import date
from typing import Any

import pytest

from policies.check import check_export
from policies.configuration import parse
from policies.export import UnreadableDocumentError, read
from policies.properties import SECRET_KEY
from policies.report import Exit, PolicyReport
from policies.rules import RULES
from tests.policies import states
from tests.policies.cases import Case
from tests.policies.engine import TODAY, UNKNOWN, analyze, config_of, whole_pack
from tests.policies.test_rules import cases

CONFIG = config_of("dev")
ALARM_URN = "urn:pulumi:dev::payments::aws:cloudwatch/metricAlarm:MetricAlarm::errors-alarm"
ACCEPTED = {
    "urn": ALARM_URN,
    "reason": "Silenced for the load test",
    "owner": "payments-team",
    "expires": "2026-06-30",
}


def checked(document: Any, config: dict[str, str] | None = CONFIG, **rules: Any) -> PolicyReport:
    configuration = parse(
        {"rules": {name.replace("_", "-"): given for name, given in rules.items()}}, RULES, TODAY
    )
    return check_export(document, config, configuration=configuration, today=TODAY)


def test_a_clean_export_is_clean() -> None:
    report = checked(states.export(states.table()))
    assert report.findings == ()
    assert report.not_evaluated == ()
    assert report.exit_code is Exit.CLEAN
    assert (report.project, report.environment, report.resources) == ("payments", "dev", 2)


def test_a_violation_is_found_with_its_resource_and_message() -> None:
    report = checked(states.export(states.table(billingMode="PROVISIONED")))
    [finding] = report.blocking
    assert finding.violation.rule.id == "table-on-demand"
    assert finding.violation.urn.endswith("::payments-table")
    assert finding.violation.message == "billingMode is PROVISIONED; it must be PAY_PER_REQUEST."
    assert report.exit_code is Exit.VIOLATIONS


def test_relations_are_judged_by_outputs_and_single_resources_by_inputs() -> None:
    found = states.table()
    found["outputs"] = {"billingMode": "PROVISIONED"}
    assert checked(states.export(found)).findings == ()
    found["inputs"]["billingMode"] = "PROVISIONED"
    assert checked(states.export(found)).blocking


def test_an_encrypted_secret_could_not_be_checked_and_is_no_pass() -> None:
    secret = {SECRET_KEY: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
    report = checked(states.export(states.table(billingMode=secret)))
    assert [(outcome.rule.id, outcome.path) for outcome in report.not_evaluated] == [
        ("table-on-demand", "billingMode")
    ]
    assert report.exit_code is Exit.NOT_CHECKED


@pytest.mark.parametrize("shown", ["plaintext", "value"])
def test_a_secret_in_clear_is_checked(shown: str) -> None:
    given = json.dumps("PROVISIONED") if shown == "plaintext" else "PROVISIONED"
    secret = {SECRET_KEY: "1b47061264138c4ac30d75fd1eb44270", shown: given}
    assert checked(states.export(states.table(billingMode=secret))).blocking


def test_without_the_stacks_configuration_expectations_are_violations_rather_than_passes() -> None:
    report = checked(states.export(states.table()), config=None)
    messages = {finding.violation.message for finding in report.blocking}
    assert any("declares no payments:environmentSuffix" in message for message in messages)
    assert report.exit_code is Exit.VIOLATIONS


def test_an_accepted_violation_is_seen_and_blocks_nothing() -> None:
    report = checked(states.export(states.alarm(alarmActions=[])), alarm_actions={"exceptions": [ACCEPTED]})
    assert report.blocking == ()
    [finding] = report.accepted
    assert finding.accepted is not None
    assert report.exit_code is Exit.CLEAN
    assert report.unused_exceptions == ()


def test_an_expired_exception_accepts_nothing() -> None:
    late = {**ACCEPTED, "expires": "2026-05-31"}
    report = checked(states.export(states.alarm(alarmActions=[])), alarm_actions={"exceptions": [late]})
    [finding] = report.blocking
    assert finding.expired is not None
    assert finding.expired.expires == date(2026, 5, 31)


def test_an_exception_that_nothing_needs_is_reported() -> None:
    report = checked(states.export(states.alarm()), alarm_actions={"exceptions": [ACCEPTED]})
    assert [found.urn for found in report.unused_exceptions] == [ALARM_URN]


def test_an_exception_whose_rule_could_not_be_asked_is_not_called_unused() -> None:
    report = checked(
        states.export(states.alarm(alarmActions=UNKNOWN)), alarm_actions={"exceptions": [ACCEPTED]}
    )
    assert report.unused_exceptions == ()


def test_advice_blocks_nothing() -> None:
    report = checked(states.export(states.table(billingMode=UNKNOWN)), all="advisory")
    assert report.exit_code is Exit.NOT_CHECKED
    report = checked(states.export(states.alarm(alarmActions=[])), alarm_actions="advisory")
    assert len(report.advisory) == 1
    assert report.exit_code is Exit.CLEAN


def test_a_disabled_rule_is_not_asked_and_not_counted() -> None:
    report = checked(states.export(states.alarm(alarmActions=[])), alarm_actions="disabled")
    assert report.findings == ()
    assert report.rules == len(RULES) - 1


def test_a_preview_brings_its_own_configuration() -> None:
    report = checked(states.preview(states.table(), config=CONFIG), config=None)
    assert report.findings == ()


def test_a_previews_unknown_is_named() -> None:
    report = checked(states.preview(states.table(billingMode=UNKNOWN), config=CONFIG), config=None)
    assert [outcome.rule.id for outcome in report.not_evaluated] == ["table-on-demand"]


def unchanged(count: int, *changed: Any) -> dict[str, Any]:
    """A preview that leaves out what stays the same, as `pulumi preview --json` does."""
    document = states.preview(*changed, config=CONFIG, ops=["update"] * len(changed))
    return {**document, "steps": document["steps"][1:], "changeSummary": {"same": count, "update": 1}}


def test_a_preview_that_leaves_out_unchanged_resources_can_not_be_checked_alone() -> None:
    with pytest.raises(UnreadableDocumentError, match="leaves out 7 unchanged resources") as caught:
        checked(unchanged(7, states.table()), config=None)
    assert "--show-sames" in str(caught.value)


def test_a_preview_is_checked_with_the_export_of_what_it_leaves_out() -> None:
    before = states.export(states.alarm(), states.table())
    broken = states.table(billingMode="PROVISIONED")
    configuration = parse({"rules": {}}, RULES, TODAY)
    report = check_export(unchanged(2, broken), None, configuration=configuration, today=TODAY, before=before)
    assert report.resources == 3
    assert [finding.violation.rule.id for finding in report.blocking] == ["table-on-demand"]


def test_an_updated_resource_keeps_the_outputs_that_no_input_decides() -> None:
    old = states.table(billingMode="PAY_PER_REQUEST", tags={"Team": "a"})
    old["outputs"]["arn"] = "arn:aws:dynamodb:us-east-1:111111111111:table/t"
    new = {key: value for key, value in states.table().items() if key != "outputs"}
    document = unchanged(1, new)
    document["steps"][0]["oldState"] = old
    [_, found] = read(document, states.export(old)).outputs
    assert found.props["arn"] == old["outputs"]["arn"]
    assert "tags" not in found.props


def test_a_failed_preview_can_not_be_checked() -> None:
    document = states.preview(states.table(), config=CONFIG)
    document["diagnostics"] = [{"severity": "error", "message": "error: memoryMb is 7\n  more"}]
    with pytest.raises(UnreadableDocumentError, match=r"the preview failed.*memoryMb is 7"):
        checked(document, config=None)


def test_what_a_preview_deletes_is_not_judged() -> None:
    broken = states.table(billingMode="PROVISIONED")
    assert checked(states.preview(broken, config=CONFIG, ops=["delete"]), config=None).findings == ()


def test_what_is_left_over_from_a_replacement_is_not_judged() -> None:
    assert checked(states.export({**states.table(billingMode="PROVISIONED"), "delete": True})).findings == ()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "no JSON object"),
        ({}, "neither"),
        ({"deployment": {"resources": []}}, "no resources"),
        ({"deployment": {"resources": [{"type": "x"}]}}, "can't be read"),
        ({"deployment": {"resources": [{}]}}, "can't be read"),
        ({"deployment": {"resources": [{"urn": "u", "type": "t"}], "pending_operations": [{}]}}, "cut off"),
        ({"steps": []}, "no resources"),
    ],
)
def test_what_can_not_be_read_is_said_so(document: object, reason: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=reason):
        read(document)


def _engine_cases() -> list[Case]:
    return [case for own in cases().values() for case in own if not case.whole_stack and case.config is None]


def test_an_export_is_judged_as_the_engine_judges_its_resources() -> None:
    """Every case of every rule, in an export: the two ways in can't drift apart."""
    for case in _engine_cases():
        made = case.resources[0]
        if made.provider_name != "aws" or made.type == "pulumi:providers:aws" or made.provider_props == {}:
            continue
        entry = {
            "urn": made.urn,
            "type": made.type,
            "inputs": dict(made.props),
            "protect": made.protect,
            "provider": f"urn:pulumi:{case.environment}::payments::pulumi:providers:aws::aws::id",
        }
        provider = {
            "urn": f"urn:pulumi:{case.environment}::payments::pulumi:providers:aws::aws",
            "type": "pulumi:providers:aws",
            "inputs": dict(made.provider_props),
        }
        document = {"deployment": {"resources": [provider, entry]}}
        report = checked(document, config_of(case.environment))
        offline = {
            (finding.violation.rule.id, finding.violation.message)
            for finding in report.findings
            if finding.violation.urn == made.urn and not finding.violation.rule.id.startswith("relation-")
        }
        engine = {
            (answer.rule, answer.message.partition(" Fix: ")[0])
            for answer in analyze(whole_pack(case.environment), made)
            if not answer.not_evaluated
        }
        assert {(rule, _undecimal(text)) for rule, text in offline} == {
            (r, _undecimal(t)) for r, t in engine
        }, str(case)


def _undecimal(message: str) -> str:
    """The engine's numbers are floats, an export's are not."""
    return message.replace("7.0", "7")


def test_a_resource_is_traced_to_the_line_that_declared_it() -> None:
    table, alarm = states.table(), states.alarm()
    table["sourcePosition"] = "project:///../../../components/payment_processor/ledger.py#25,4"
    alarm["sourcePosition"] = "project:///__main__.py#7"
    assert checked(states.export(table, alarm)).sources == {
        table["urn"]: ("components/payment_processor/ledger.py", 25),
        alarm["urn"]: ("projects/payments/__main__.py", 7),
    }
