import pytest

from components.configuration import InvalidConfiguration
from components.environment import LADDER, upstream_of, upstreams_of


def test_the_ladder_is_dev_staging_prod() -> None:
    assert LADDER == ("dev", "staging", "prod")


@pytest.mark.parametrize(
    ("environment", "below"), [("dev", ()), ("staging", ("dev",)), ("prod", ("dev", "staging"))]
)
def test_upstreams_are_the_environments_below_lowest_first(environment: str, below: tuple[str, ...]) -> None:
    assert upstreams_of(environment) == below


def test_a_release_comes_from_the_nearest_upstream() -> None:
    assert [upstream_of(environment) for environment in LADDER] == [None, "dev", "staging"]


def test_a_fourth_environment_is_one_more_place_on_the_ladder() -> None:
    assert upstreams_of("qa", ("dev", "qa", "staging", "prod")) == ("dev",)
    assert upstream_of("staging", ("dev", "qa", "staging", "prod")) == "qa"


def test_an_environment_that_is_not_on_the_ladder_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidConfiguration, match="'sandbox': must be one of dev, staging, prod"):
        upstreams_of("sandbox")
