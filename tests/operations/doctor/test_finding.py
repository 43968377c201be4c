import pytest

from operations.doctor.finding import Finding, exit_code, failed, not_checked, passed, text

FINE = passed("trail", "org is logging")
MISSING = failed("watch", "no rule", "Deploy it.")
UNKNOWN = not_checked("access-analyzer", "AccessDenied", "Use other credentials.")


@pytest.mark.parametrize(
    ("findings", "code"),
    [([FINE], 0), ([FINE, MISSING], 1), ([FINE, UNKNOWN], 2), ([UNKNOWN, MISSING], 1), ([], 0)],
)
def test_what_could_not_be_checked_is_no_success(findings: list[Finding], code: int) -> None:
    assert exit_code(findings) == code


def test_each_finding_has_a_line_and_what_to_do_below() -> None:
    assert text([FINE, MISSING]).splitlines() == [
        "passed       trail: org is logging",
        "failed       watch: no rule",
        "             Deploy it.",
    ]
