"""What may be beside the stacks has a reason, an owner and an expiry; what is critical takes two owners."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from operations.drift.report import Classification
from operations.drift.stack import Resource
from operations.drift.unmanaged.check import Scope, _finding
from operations.drift.unmanaged.foreign import Foreign
from operations.drift.unmanaged.ignores import Ignore, InvalidIgnoresError, read_ignores
from operations.drift.unmanaged.managed import Held


def test_what_is_critical_and_attached_takes_two_owners_and_two_weeks(tmp_path: Path) -> None:
    entry = {
        "arn": "arn:aws:iam::*:role/payments-*",
        "reason": "A permission that the migration needs.",
        "owner": "payments",
        "second_owner": "security",
        "expires": "2026-03-15",
    }
    today = date(2026, 3, 1)

    def read(**changed: object) -> Ignore:
        path = tmp_path / "ignored.yaml"
        path.write_text(yaml.safe_dump({"ignored": [entry | changed]}))
        (ignore,) = read_ignores(path, today)
        return ignore

    arn = "arn:aws:iam::111111111111:role/payments-function"
    assert read().fits(arn, today, owners=2)
    assert not read(second_owner=None).fits(arn, today, owners=2)
    assert read(second_owner=None, expires="2026-12-31").fits(arn, today)
    for mistake in ({"expires": "2026-03-16"}, {"second_owner": "Payments"}):
        with pytest.raises(InvalidIgnoresError):
            read(**mistake)


@pytest.mark.parametrize("two", [False, True])
def test_an_entry_of_one_owner_does_not_hide_what_is_critical_and_attached(two: bool) -> None:
    role = Held(
        project="bootstrap-iam", resource=Resource(key="key", type="aws:iam/role:Role", name="role", asked={})
    )
    arn = "arn:aws:iam::111111111111:role/payments-function"
    planted = Foreign(arn=arn, kind="inlinePolicy", value={}, undo="aws iam", owner=role)
    ignore = Ignore(
        arn=arn,
        reason="A permission that the migration needs.",
        owner="payments",
        second_owner="security" if two else None,
        expires=date(2026, 3, 15),
    )
    scope = Scope(environment="dev", region="us-east-1", suffix="acme", ignored=(ignore,))
    found = _finding(scope, planted, date(2026, 3, 1))
    assert found.classification is (Classification.WAIVED if two else Classification.DRIFT)
