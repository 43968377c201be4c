import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from components.configuration import InvalidConfiguration
from components.stack_files import dump, mistakes, read_project, without_engine_keys

FILES = {
    "dev": {"network:accountId": "111111111111", "network:vpcCidr": "10.10.0.0/20"},
    "staging": {"network:accountId": "222222222222", "network:vpcCidr": "10.20.0.0/20"},
    "prod": {"network:accountId": "333333333333", "network:vpcCidr": "10.30.0.0/20"},
}


def changed(environment: str, **values: object) -> dict[str, dict[str, object]]:
    files: dict[str, dict[str, object]] = {name: dict(config) for name, config in FILES.items()}
    for key, value in values.items():
        if value is None:
            del files[environment][f"network:{key}"]
        else:
            files[environment][f"network:{key}"] = value
    return files


@pytest.mark.parametrize("environment", FILES)
def test_files_that_fit_together_have_no_mistakes(environment: str) -> None:
    assert mistakes(FILES, environment) == []


def test_an_account_that_another_environment_has_is_a_mistake_of_both() -> None:
    files = changed("staging", accountId="333333333333")
    for environment, other in (("staging", "prod"), ("prod", "staging")):
        (mistake,) = mistakes(files, environment)
        assert mistake.key == "network:accountId"
        assert other in mistake.allowed
    assert mistakes(files, "dev") == []


def test_an_account_without_quotes_is_the_same_account() -> None:
    (mistake,) = mistakes(changed("staging", accountId=333333333333), "staging")
    assert mistake.key == "network:accountId"


def test_a_key_that_is_set_in_another_file_alone_is_missing_here() -> None:
    (mistake,) = mistakes(changed("staging", vpcCidr=None), "staging")
    assert str(mistake).startswith("network:vpcCidr is not set: ")


def test_a_missing_key_is_reported_once_however_many_files_have_it() -> None:
    assert len(mistakes(changed("dev", vpcCidr=None, accountId=None), "dev")) == 2


def test_a_key_of_this_file_alone_is_no_mistake_of_this_file() -> None:
    assert mistakes(changed("dev", extra="1"), "dev") == []
    assert [mistake.key for mistake in mistakes(changed("dev", extra="1"), "prod")] == ["network:extra"]


def test_an_environment_without_a_file_can_not_be_compared() -> None:
    assert mistakes({"dev": FILES["dev"]}, "staging") == []


def test_files_are_read_in_the_ladders_order_as_far_as_there_are_any(tmp_path: Path) -> None:
    for environment in ("prod", "dev", "qa"):
        (tmp_path / f"Pulumi.{environment}.yaml").write_text(f"config: {{'network:region': {environment}}}")
    assert list(read_project(tmp_path)) == ["dev", "prod"]
    assert read_project(tmp_path, ("qa",)) == {"qa": {"network:region": "qa"}}


@pytest.mark.parametrize("empty", ["", "config: {}", "encryptionsalt: v1:x", "config:\n"])
def test_a_file_without_values_is_empty(tmp_path: Path, empty: str) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(empty)
    assert read_project(tmp_path) == {"dev": {}}


@pytest.mark.parametrize(
    "broken",
    [b"config: [", b"- a", b"config: 1", b"config: [a]", b"text", b"config:\n\t- a", b"\xff\xfe\xff"],
)
def test_a_file_that_can_not_be_read_is_named(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_bytes(broken)
    with pytest.raises(InvalidConfiguration, match=r"- Pulumi\.dev\.yaml is .+: must be "):
        read_project(tmp_path)


def test_a_key_that_is_no_text_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {1: x}")
    assert read_project(tmp_path) == {"dev": {"1": "x"}}


@given(st.text("0123456789", min_size=12, max_size=12))
@example("090817263544")
@example("012345670123")
def test_an_account_id_stays_a_quoted_text(account: str) -> None:
    text = dump({"config": {"network:accountId": account, "network:days": 7}})
    assert f'"{account}"' in text
    assert yaml.safe_load(text) == {"config": {"network:accountId": account, "network:days": 7}}


@pytest.mark.parametrize(
    "text", ["1e3", "0x1F", "1_000", "0o17", "2026-01-31", "12:30:45", "-1", "+1", ".5", "yes", "null"]
)
def test_text_that_looks_like_another_type_is_quoted(text: str) -> None:
    assert re.search(rf"""["']{re.escape(text)}["']""", dump({"config": {"network:x": text}}))


def test_the_engines_own_keys_are_left_out() -> None:
    engine = {"secretsprovider": "awskms://x", "encryptedkey": "e", "encryptionsalt": "v1:s"}
    assert without_engine_keys({**engine, "config": {"network:days": 7}}) == {"config": {"network:days": 7}}


def test_the_engines_own_keys_stay_where_a_value_is_secret() -> None:
    document = {"encryptionsalt": "v1:s", "config": {"network:days": {"secure": "v1:x"}}}
    assert without_engine_keys(document) == document
