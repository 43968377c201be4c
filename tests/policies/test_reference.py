"""The generated document: every rule, control and exception in it, and no broken link."""

import re

from policies.configuration import PackConfiguration
from policies.control_mapping import CONTROLS
from policies.reference import render
from policies.rules import RULES
from tests.policies.engine import TODAY
from tests.policies.test_exceptions import accepting

DOCUMENT = render(RULES, PackConfiguration(exceptions=(accepting(),)))


def test_every_rule_has_a_section_and_a_row() -> None:
    for rule in RULES:
        assert f"\n### {rule.id}\n" in DOCUMENT
        assert f"| [{rule.id}](#{rule.id}) |" in DOCUMENT
        assert rule.why in DOCUMENT


def test_every_control_has_its_ids_and_its_answer() -> None:
    for control in CONTROLS:
        [row] = [
            line for line in DOCUMENT.splitlines() if line.startswith(f"| {control.area} | {control.name} |")
        ]
        assert all(found in row for found in control.ids)
        assert control.left_out in row


def test_every_link_within_it_leads_somewhere() -> None:
    sections = {heading.lower() for heading in re.findall(r"^### (.+)$", DOCUMENT, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", DOCUMENT)) <= sections


def test_rules_without_exceptions_are_listed() -> None:
    line = DOCUMENT.partition("### Rules that take no exceptions\n\n")[2].partition("\n")[0]
    assert set(re.findall(r"`([^`]+)`", line)) == {rule.id for rule in RULES if not rule.exceptions_allowed}


def test_exceptions_in_force_are_listed() -> None:
    assert accepting().note() in DOCUMENT
    assert TODAY.isoformat() in DOCUMENT


def test_the_rows_of_tables_have_as_many_cells_as_their_heads() -> None:
    width = 0
    for line in DOCUMENT.splitlines():
        if line.startswith("|---"):
            width = line.count("|")
        elif line.startswith("| ") and width:
            assert len(re.findall(r"(?<!\\)\|", line)) == width, line
        else:
            width = 0
