import re

import pytest

from components.payment_processor.monitoring import processor_alarms
from operations.state.backend import KEEP_OLD_VERSIONS_DAYS
from tests.builders import payments_scaling, placement
from tests.docs.markdown import document

RUNBOOK = document("docs/runbook.md")
ALARMS = [
    alarm.resource_type for alarm in processor_alarms("payments", placement("prod"), payments_scaling())
]


def test_every_alarm_has_an_entry_in_the_order_of_the_code_and_no_entry_is_of_none() -> None:
    assert re.findall(r"^### (\S+-alarm)$", RUNBOOK.text, re.MULTILINE) == ALARMS


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_entry_says_what_it_means_where_to_look_and_how_to_mend_it(alarm: str) -> None:
    entry = RUNBOOK.section(alarm)
    positions = [entry.index(f"**{part}**") for part in ("Means", "First look", "Fix")]
    assert positions == sorted(positions)


def test_it_says_how_long_old_states_are_kept() -> None:
    assert f"every version for {KEEP_OLD_VERSIONS_DAYS} days" in RUNBOOK.text
