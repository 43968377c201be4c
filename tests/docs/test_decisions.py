"""The decision records in docs/adr."""

import re
from datetime import date

import pytest

from operations import REPOSITORY
from tests.docs.markdown import document

DECISIONS = sorted(path.name for path in (REPOSITORY / "docs" / "adr").glob("0*.md"))


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_status_date_and_one_chosen_option(name: str) -> None:
    decision = document(f"docs/adr/{name}")
    assert re.search(r"^- Status: (proposed|accepted|superseded by .+)$", decision.text, re.MULTILINE)
    written = re.search(r"^- Date: (\d{4}-\d{2}-\d{2})$", decision.text, re.MULTILINE)
    assert written
    date.fromisoformat(written[1])
    options = [line for line in decision.section("Options considered").splitlines() if line.startswith("- ")]
    assert len(options) >= 2
    assert len([option for option in options if option.startswith("- **")]) == 1
    assert decision.section("Context").strip()
    assert decision.section("Decision").strip()
    assert decision.section("Consequences").strip()
