from pathlib import Path

import pytest
import yaml

from components.configuration import InvalidConfiguration
from components.environment import (
    LADDER,
    EnvironmentTree,
    environments_of,
    parse_environments,
    read_environments,
    upstream_of,
    upstreams_of,
)
from operations import REPOSITORY

TREE = """
dev:
staging: dev
prod-eu: staging
prod-us: {upstream: staging, wave: 2}
prod-ap: {upstream: staging, wave: 2}
demo: dev
"""


@pytest.fixture
def tree() -> EnvironmentTree:
    return parse_environments(yaml.safe_load(TREE))


def test_the_ladder_is_dev_staging_prod() -> None:
    assert tuple(LADDER) == ("dev", "staging", "prod")


@pytest.mark.parametrize(
    ("environment", "upstreams"), [("dev", ()), ("staging", ("dev",)), ("prod", ("dev", "staging"))]
)
def test_upstreams_are_on_the_way_to_the_environment_lowest_first(
    environment: str, upstreams: tuple[str, ...]
) -> None:
    assert upstreams_of(environment) == upstreams


def test_a_release_comes_from_the_nearest_upstream() -> None:
    assert [upstream_of(environment) for environment in LADDER] == [None, "dev", "staging"]


def test_a_sequence_of_names_is_a_line() -> None:
    assert upstreams_of("staging", ("dev", "qa", "staging", "prod")) == ("dev", "qa")
    assert upstream_of("staging", ("dev", "qa", "staging", "prod")) == "qa"
    assert EnvironmentTree.line("dev", "staging", "prod") == LADDER


def test_an_environment_that_is_not_on_the_ladder_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidConfiguration, match="'sandbox': must be one of dev, staging, prod"):
        upstreams_of("sandbox")


def test_environments_that_share_an_upstream_do_not_depend_on_one_another(tree: EnvironmentTree) -> None:
    for environment in ("prod-eu", "prod-us", "prod-ap"):
        assert upstreams_of(environment, tree) == ("dev", "staging")
    assert upstreams_of("demo", tree) == ("dev",)
    assert tree.pairs() == (
        ("dev", "staging"),
        ("staging", "prod-eu"),
        ("staging", "prod-us"),
        ("staging", "prod-ap"),
        ("dev", "demo"),
    )


def test_waves_are_the_turns_of_environments_with_the_same_upstream(tree: EnvironmentTree) -> None:
    assert tree.waves("staging") == {1: ("prod-eu",), 2: ("prod-us", "prod-ap")}
    assert tree.waves("dev") == {1: ("staging", "demo")}
    assert tree.waves("prod-eu") == {}


def test_every_environment_comes_after_its_upstream_whatever_the_files_order() -> None:
    tree = parse_environments({"prod": "staging", "staging": "dev", "dev": None, "qa": {"upstream": "dev"}})
    assert tuple(tree) == ("dev", "staging", "prod", "qa")


def test_a_folder_without_the_file_has_the_environments_of_the_repository(tmp_path: Path) -> None:
    assert environments_of(tmp_path) == LADDER
    (tmp_path / "environments.yaml").write_text(TREE)
    assert len(environments_of(tmp_path)) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "environments.yaml is not set: must be a mapping"),
        ("[dev]", "must be a mapping of environments to upstreams"),
        ("dev: {", "must be a readable YAML file"),
        ("dev:\nprod: stagin", "prod.upstream is 'stagin': must be another environment of this file"),
        ("dev:\nprod: prod", "prod.upstream is 'prod': must be another environment"),
        ("dev:\nprod:", "environments without an upstream is 'dev, prod': must be exactly one"),
        ("dev: prod\nprod: dev", "environments without an upstream is 'none': must be exactly one"),
        ("dev:\na: b\nb: a", "a, b is 'a circle'"),
        ("dev:\nprod: {upstream: dev, wave: 0}", "prod.wave is 0: must be a whole number from 1"),
        ("dev:\nprod: {upstream: dev, wave: yes}", "prod.wave is True: must be a whole number from 1"),
        ("dev:\nprod: {upstrem: dev}", "prod.upstrem is 'dev': must be one of the keys upstream, wave"),
        ("dev:\nProd: dev", "environment is 'Prod': must be lower-case letters"),
        ("dev:\n7: dev", "environment is 7: must be lower-case letters"),
        ("dev:\nprod: [dev]", "prod.upstream is ['dev']: must be another environment"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "environments.yaml").write_text(text)
    with pytest.raises(InvalidConfiguration) as caught:
        read_environments(tmp_path)
    assert said in str(caught.value)


def test_all_mistakes_of_the_file_are_reported_together() -> None:
    document = {"dev": None, "prod": {"upstream": "x", "wave": "first"}, "demo": {"upstream": "y", "turn": 2}}
    with pytest.raises(InvalidConfiguration) as caught:
        parse_environments(document)
    assert {mistake.key for mistake in caught.value.mistakes} == {
        "prod.upstream",
        "prod.wave",
        "demo.upstream",
        "demo.turn",
    }


def test_the_repositorys_file_is_what_the_scripts_use() -> None:
    assert read_environments(REPOSITORY / "projects") == LADDER
