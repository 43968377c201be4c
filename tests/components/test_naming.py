import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from components.naming import LONGEST_NAME, SUFFIX_PATTERN, Names

TYPES = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)
SUFFIXES = st.from_regex(SUFFIX_PATTERN, fullmatch=True).filter(str.isascii)
ENVIRONMENTS = st.sampled_from(LADDER)


def test_a_name_is_resource_type_environment_suffix() -> None:
    assert Names(environment="dev", suffix="acme")("payments-queue") == "payments-queue-dev-acme"


@given(TYPES, ENVIRONMENTS, SUFFIXES)
def test_a_name_splits_into_its_three_parts_from_the_right(kind: str, environment: str, suffix: str) -> None:
    assert Names(environment=environment, suffix=suffix)(kind).rsplit("-", 2) == [kind, environment, suffix]


@given(TYPES, ENVIRONMENTS, SUFFIXES)
def test_a_name_is_one_that_every_aws_service_takes(kind: str, environment: str, suffix: str) -> None:
    name = Names(environment=environment, suffix=suffix)(kind)
    assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
    assert len(name) <= LONGEST_NAME


@given(TYPES, ENVIRONMENTS, SUFFIXES, ENVIRONMENTS, SUFFIXES)
def test_the_pattern_matches_own_names_and_no_others(
    kind: str, environment: str, suffix: str, other_environment: str, other_suffix: str
) -> None:
    mine = Names(environment=environment, suffix=suffix)
    other = Names(environment=other_environment, suffix=other_suffix)
    assert fnmatchcase(mine(kind), mine.any)
    assert fnmatchcase(other(kind), mine.any) == (mine == other)


@pytest.mark.parametrize(
    "kind", ["", "Queue", "payments_queue", "-queue", "queue-", "a--b", "1st", "queue\n"]
)
def test_a_resource_type_that_is_not_kebab_case_is_a_defect_of_the_program(kind: str) -> None:
    with pytest.raises(ValueError, match="not kebab-case"):
        Names(environment="dev", suffix="acme")(kind)


def test_a_name_that_is_too_long_says_how_long_the_suffix_may_be() -> None:
    kind = "k" * (LONGEST_NAME - len("-staging-") - 10)
    with pytest.raises(InvalidConfiguration, match="shorten the suffix to 10 characters"):
        Names(environment="staging", suffix="a" * 12)(kind)
    assert len(Names(environment="staging", suffix="a" * 10)(kind)) == LONGEST_NAME


def test_a_name_that_no_suffix_makes_short_enough_asks_for_a_shorter_type() -> None:
    kind = "k" * (LONGEST_NAME - len("-dev-") - 2)
    with pytest.raises(InvalidConfiguration, match=r"shorten 'k+' by 1 characters"):
        Names(environment="dev", suffix="abc")(kind)
