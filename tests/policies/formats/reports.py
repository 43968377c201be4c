"""One report with a finding of each kind, which every format shows."""

from dataclasses import replace
from datetime import date

from policies.configuration import Level, PackConfiguration
from policies.evaluation import NotEvaluated, Violation
from policies.exceptions import PolicyException
from policies.report import PolicyFinding, PolicyReport
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


CLEAN = PolicyReport(project="payments", environment="dev", resources=2, rules=119)

FULL = PolicyReport(
    project="payments",
    environment="dev",
    resources=2,
    rules=119,
    findings=(
        PolicyFinding(
            violation=_found(
                "table-on-demand", TABLE, "billingMode is PROVISIONED; it must be PAY_PER_REQUEST."
            ),
            level=Level.MANDATORY,
        ),
        PolicyFinding(
            violation=_found("alarm-enabled", ALARM, "actionsEnabled is false."),
            level=Level.MANDATORY,
            expired=_exception("alarm-enabled", date(2026, 5, 1)),
        ),
        PolicyFinding(
            violation=_found("destroyable-key-window", TABLE, "deletionWindowInDays is 30."),
            level=Level.ADVISORY,
        ),
        PolicyFinding(
            violation=_found("alarm-actions", ALARM, "alarmActions is empty."),
            level=Level.MANDATORY,
            accepted=_exception("alarm-actions", date(2026, 6, 30)),
        ),
    ),
    not_evaluated=(NotEvaluated(rule=BY_ID["table-encryption"], urn=TABLE, path="kmsKeyArn"),),
    unused_exceptions=(_exception("log-encryption", date(2026, 6, 30)),),
    configuration=PackConfiguration(),
)


def hostile() -> PolicyReport:
    """A report on a resource and a value with control characters."""
    found = _found("table-on-demand", f"{TABLE}\x1b[2J", "billingMode is \x00\x08\ufffe\r.")
    return replace(CLEAN, findings=(PolicyFinding(violation=found, level=Level.MANDATORY),))
