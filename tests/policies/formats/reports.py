"""One report with a finding of each kind, which every format shows."""

from dataclasses import replace
from datetime import date

from policies.configuration import Configuration, Level
from policies.evaluation import NotEvaluated, Violation
from policies.exceptions import PolicyException
from policies.report import Finding, Report
from policies.rules import RULES

BY_ID = {rule.id: rule for rule in RULES}
TABLE = "urn:pulumi:dev::payments::aws:dynamodb/table:Table::payments-table"
ALARM = 'urn:pulumi:dev::payments::aws:cloudwatch/metricAlarm:MetricAlarm::"errors" & <more>'


def _exception(rule: str, day: date) -> PolicyException:
    return PolicyException(
        rule=rule, urn=ALARM, reason="Silenced for the load test", owner="payments-team", expires=day
    )


def _found(rule: str, urn: str, message: str) -> Violation:
    return Violation(rule=BY_ID[rule], urn=urn, message=message)


CLEAN = Report(project="payments", environment="dev", resources=2, rules=119)

FULL = Report(
    project="payments",
    environment="dev",
    resources=2,
    rules=119,
    findings=(
        Finding(
            violation=_found(
                "table-on-demand", TABLE, "billingMode is PROVISIONED; it must be PAY_PER_REQUEST."
            ),
            level=Level.MANDATORY,
        ),
        Finding(
            violation=_found("alarm-enabled", ALARM, "actionsEnabled is false."),
            level=Level.MANDATORY,
            expired=_exception("alarm-enabled", date(2026, 5, 1)),
        ),
        Finding(
            violation=_found("destroyable-key-window", TABLE, "deletionWindowInDays is 30."),
            level=Level.ADVISORY,
        ),
        Finding(
            violation=_found("alarm-actions", ALARM, "alarmActions is empty."),
            level=Level.MANDATORY,
            accepted=_exception("alarm-actions", date(2026, 6, 30)),
        ),
    ),
    not_evaluated=(NotEvaluated(rule=BY_ID["table-encryption"], urn=TABLE, path="kmsKeyArn"),),
    unused_exceptions=(_exception("log-encryption", date(2026, 6, 30)),),
    configuration=Configuration(),
)


def hostile() -> Report:
    """A report on a resource and a value with control characters."""
    found = _found("table-on-demand", f"{TABLE}\x1b[2J", "billingMode is \x00\x08\ufffe\r.")
    return replace(CLEAN, findings=(Finding(violation=found, level=Level.MANDATORY),))
