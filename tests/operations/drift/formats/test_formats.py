"""What holds for every format."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.drift.formats import FORMATS
from operations.drift.formats.values import SECRET_SIGNATURE
from operations.drift.report import Report
from tests.operations.drift.formats.reports import (
    DEBUG,
    EMPTY,
    IN_SYNC,
    MEMORY,
    OPENED,
    REPORT,
    TAGGED,
    UNSEEN,
)

CIPHERTEXT = "v1:sesame"
SECRET = {
    SECRET_SIGNATURE: "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": CIPHERTEXT,
    "plaintext": '"sesame"',
}

ANY_TEXT = st.text(
    st.characters(categories=["C", "L", "S", "P"])
)  # half surrogates and control characters too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)

every_format = pytest.mark.parametrize("name", FORMATS)


@every_format
@pytest.mark.parametrize(
    "secret", [SECRET, [SECRET], {"variables": {"KEY": SECRET}}], ids=["bare", "list", "deep"]
)
def test_no_format_shows_a_secret(name: str, secret: Any) -> None:
    findings = tuple(
        replace(found, baseline=secret, target=secret) for found in (DEBUG, OPENED, MEMORY, TAGGED)
    )
    text = FORMATS[name](replace(REPORT, findings=findings))
    assert "sesame" not in text
    assert SECRET_SIGNATURE not in text


@every_format
@pytest.mark.parametrize("report", [REPORT, IN_SYNC, UNSEEN, EMPTY, replace(EMPTY, checks=())])
def test_every_format_can_be_written_to_a_file(name: str, report: Report) -> None:
    text = FORMATS[name](report)
    assert text.encode()
    assert text.endswith("\n")


@every_format
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(value=VALUES, text=ANY_TEXT)
def test_no_text_of_a_cloud_breaks_a_format(name: str, value: Any, text: str) -> None:
    finding = replace(DEBUG, baseline=value, target=text, resource=text, path=text, fix=text)
    waived = replace(TAGGED, target=value, explained_by=text, reason=text)
    assert FORMATS[name](replace(REPORT, findings=(finding, waived), notes={text: text})).encode()


@every_format
def test_the_order_in_which_findings_come_changes_nothing(name: str) -> None:
    assert FORMATS[name](replace(REPORT, findings=REPORT.findings[::-1])) == FORMATS[name](REPORT)
