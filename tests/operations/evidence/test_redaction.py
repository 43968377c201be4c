import pytest

from operations.evidence.redaction import redacted
from policies.properties import SECRET_KEY


@pytest.mark.parametrize(
    "text", ["4111111111111111", "card 4111-1111-1111-1111.", "5500 0000 0000 0004", "378282246310005"]
)
def test_card_numbers_are_removed(text: str) -> None:
    assert "[card number]" in redacted(text)
    assert not any(part.isdigit() and len(part) > 3 for part in redacted(text).split())


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "arn:aws:iam::111111111111:role/deployer",
        "9c0fd8562a484111111111111111",
        "ab" * 32,
        "2026-03-02T12:00:00+00:00",
        "payments/payments-table.pointInTimeRecovery.recoveryPeriodInDays",
    ],
)
def test_other_numbers_and_names_stay(text: str) -> None:
    assert redacted(text) == text


def test_secrets_are_removed_at_any_depth() -> None:
    token = "ghp_" + "a1" * 18
    assert redacted({"a": [{"b": f"see {token}"}], "c": {SECRET_KEY: "x", "ciphertext": "y"}, "d": 5}) == {
        "a": [{"b": "[removed: it looks like a GitHub token]"}],
        "c": "[secret]",
        "d": 5,
    }
