import pulumi
import pytest

from components.configuration import MASKED, InvalidConfiguration, Mistake


def mistake(**changed: object) -> Mistake:
    fields: dict[str, object] = {
        "key": "payments:memoryMb",
        "value": 64,
        "allowed": "128 or more",
        "fix": "raise it",
    }
    return Mistake(**{**fields, **changed})  # type: ignore[arg-type]  # one test, one field


def test_a_mistake_says_where_what_what_is_allowed_and_what_to_do() -> None:
    assert str(mistake()) == "payments:memoryMb is 64: must be 128 or more. To fix: raise it"


def test_a_missing_value_is_said_to_be_missing() -> None:
    assert str(mistake(value=None)).startswith("payments:memoryMb is not set: ")


@pytest.mark.parametrize("value", [False, 0, "", []])
def test_a_falsy_value_is_not_a_missing_one(value: object) -> None:
    assert str(mistake(value=value)).startswith(f"payments:memoryMb is {value!r}: ")


def test_a_secret_is_not_shown() -> None:
    assert str(mistake(value=MASKED)).startswith("payments:memoryMb (a secret): ")


def test_all_mistakes_are_listed_a_line_each() -> None:
    error = InvalidConfiguration("payments/dev", [mistake(), mistake(key="payments:region", value=None)])
    lines = str(error).splitlines()
    assert lines[0] == "payments/dev: 2 mistakes in the configuration"
    assert [line.split(" ")[3] for line in lines[1:]] == ["payments:memoryMb", "payments:region"]


def test_one_mistake_is_counted_in_the_singular() -> None:
    assert str(InvalidConfiguration("payments/dev", [mistake()])).startswith("payments/dev: 1 mistake in")


def test_pulumi_prints_it_without_a_traceback() -> None:
    assert issubclass(InvalidConfiguration, pulumi.RunError)
