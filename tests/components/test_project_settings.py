"""The committed configuration: what the brief says of each environment, and nothing else."""

from typing import Any

import pytest
import yaml

from components.environment import LADDER
from components.section import Section
from components.settings import parse
from tests.builders import SECTIONS
from tests.recorder import PROJECTS, configuration

STACKS = [(project, environment) for project in SECTIONS for environment in LADDER]
YAML_TYPES = {"string": str, "integer": int, "boolean": bool, "array": tuple, "object": object}


def values(project: str, environment: str) -> dict[str, str]:
    return {
        key.partition(":")[2]: value
        for key, value in configuration(project, environment).items()
        if key.startswith(f"{project}:")
    }


def settings(project: str, environment: str) -> Any:
    identity, scaling, _ = SECTIONS[project]
    return parse(identity, scaling, values(project, environment), project=project, environment=environment)


def declared(project: str) -> dict[str, dict[str, Any]]:
    config = yaml.safe_load((PROJECTS / project / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    return {key: declaration for key, declaration in config.items() if ":" not in key}


def aliases(section: type[Section]) -> set[str]:
    return {str(field.alias) for field in section.model_fields.values()}


def stack_file(project: str, environment: str) -> dict[str, Any]:
    text = (PROJECTS / project / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_the_committed_configuration_is_valid(project: str, environment: str) -> None:
    assert settings(project, environment).environment == environment


def across(project: str, section: str, field: str) -> list[Any]:
    return [getattr(getattr(settings(project, environment), section), field) for environment in LADDER]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("reserved_concurrency", [1, 10, 100]),
        ("memory_mb", [512, 1024, 2048]),
        ("point_in_time_recovery", [False, True, True]),
        ("max_receive_count", [2, 3, 5]),
        ("dead_letter_alarm_threshold", [10, 5, 1]),
        ("error_alarm_threshold", [5, 3, 1]),
        ("oldest_message_alarm_seconds", [3600, 900, 300]),
        ("log_retention_days", [30, 90, 365]),
    ],
)
def test_scaling_is_as_the_brief_has_it(field: str, expected: list[Any]) -> None:
    assert across("payments", "scaling", field) == expected


@pytest.mark.parametrize("project", SECTIONS)
def test_each_environment_is_in_its_own_account_and_region(project: str) -> None:
    assert across(project, "identity", "region") == ["us-east-1", "us-west-2", "eu-west-1"]
    assert across(project, "identity", "account_id") == ["111111111111", "222222222222", "333333333333"]


@pytest.mark.parametrize("environment", LADDER)
def test_an_environment_has_one_account_region_and_suffix_in_all_projects(environment: str) -> None:
    places = {
        (found.account_id, found.region, found.environment_suffix)
        for found in (settings(project, environment).identity for project in SECTIONS)
    }
    assert len(places) == 1


def test_address_ranges_and_people_are_each_environments_own() -> None:
    assert len(set(across("network", "identity", "vpc_cidr"))) == len(LADDER)
    assert len(set(across("payments", "identity", "notification_emails"))) == len(LADDER)
    assert len(set(across("bootstrap-iam", "identity", "external_id"))) == len(LADDER)


@pytest.mark.parametrize("project", SECTIONS)
def test_pulumi_yaml_declares_exactly_the_settings(project: str) -> None:
    identity, scaling, _ = SECTIONS[project]
    promotion = aliases(identity.PROMOTION)
    assert set(declared(project)) == aliases(identity) | aliases(scaling) | promotion


@pytest.mark.parametrize("project", SECTIONS)
def test_every_declaration_has_the_settings_type_and_a_description(project: str) -> None:
    for section in SECTIONS[project][:2]:
        for name, field in section.model_fields.items():
            declaration = declared(project)[str(field.alias)]
            found = parse(*SECTIONS[project][:2], SECTIONS[project][2], project=project, environment="dev")
            value = getattr(
                found.identity if name in found.identity.model_fields_set else found.scaling, name
            )
            assert isinstance(value, YAML_TYPES[declaration["type"]])
            assert declaration["description"].endswith(".")


@pytest.mark.parametrize("project", SECTIONS)
def test_a_declaration_names_the_settings_kind(project: str) -> None:
    identity, scaling, _ = SECTIONS[project]
    for key, declaration in declared(project).items():
        kind = declaration["description"].partition(":")[0]
        uniform = "Uniform" if key in identity.uniform_keys() else "Identity"
        expected = "Scaling" if key in aliases(scaling) else uniform
        assert kind == ("Promotion" if key in aliases(identity.PROMOTION) else expected), key
        if kind in ("Uniform", "Promotion"):
            assert "default" in declaration
            assert all(f"{project}:{key}" not in stack_file(project, environment) for environment in LADDER)
        if kind == "Scaling":
            assert "default" not in declaration


@pytest.mark.parametrize("project", SECTIONS)
def test_the_default_aws_provider_is_disabled(project: str) -> None:
    text = (PROJECTS / project / "Pulumi.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["config"]["pulumi:disable-default-providers"] == {"value": ["aws"]}


@pytest.mark.parametrize("project", SECTIONS)
def test_stack_files_have_the_same_keys_in_the_same_order(project: str) -> None:
    assert len({tuple(stack_file(project, environment)) for environment in LADDER}) == 1


@pytest.mark.parametrize("project", SECTIONS)
def test_staging_and_prod_differ_in_identity_and_scaling_alone(project: str) -> None:
    identity, scaling, _ = SECTIONS[project]
    staging, prod = stack_file(project, "staging"), stack_file(project, "prod")
    different = {key.partition(":")[2] for key in staging if staging[key] != prod[key]}
    assert different <= aliases(identity) | aliases(scaling)
    assert "environmentSuffix" not in different


def test_every_scaling_field_says_why_environments_may_differ_in_it() -> None:
    for _, scaling, _ in SECTIONS.values():
        for name, field in scaling.model_fields.items():
            assert len(field.description or "") > 30, name


def test_the_program_enforces_the_business_rules_among_the_uniform_values() -> None:
    rules = {"maximumAmounts", "nearDuplicateSeconds", "retentionDays", "pseudonymiseAccounts"}
    expected = {"bootstrap-iam": {"administratorRole", "processors"}, "network": set(), "payments": rules}
    for project, (identity, *_) in SECTIONS.items():
        assert identity.uniform_keys() == expected[project]
        assert identity.uniform_keys(enforced=True) == expected[project] & rules
