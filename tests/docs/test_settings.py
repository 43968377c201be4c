"""The documentation of settings, compared with projects and stack files."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.environment import LADDER
from components.project_settings import BootstrapIamScaling, NetworkScaling, PaymentsScaling
from components.settings import Scaling
from components.stack_files import read_project
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.organisation.model import Environment, Organisation
from tests.docs.markdown import document, rows

SCALING: dict[str, type[Scaling]] = {
    "bootstrap-iam": BootstrapIamScaling,
    "network": NetworkScaling,
    "payments": PaymentsScaling,
}


def directory(project: str) -> Path:
    """A project's folder."""
    return REPOSITORY / "projects" / project


def declared(project: str) -> dict[str, Any]:
    """A project's own configuration keys, as its Pulumi.yaml declares them."""
    content = yaml.safe_load((directory(project) / "Pulumi.yaml").read_text(encoding="utf-8"))
    return {key: value for key, value in content["config"].items() if ":" not in key}


def value(text: object) -> object:
    """A value as a table or a stack file spells it, in quotes or not."""
    return yaml.safe_load(text) if isinstance(text, str) else text


def test_the_controlled_variations_are_those_of_the_stack_files() -> None:
    heading, *variations = rows(document("docs/configuration.md").section("Controlled variations"))
    assert heading[1:-1] == tuple(LADDER)
    documented = {row[0].strip("`"): [value(cell) for cell in row[1:-1]] for row in variations}
    files = {project: read_project(directory(project)) for project in PROJECTS}
    actual = {
        f"{project}:{field.alias}": [
            value(files[project][environment][f"{project}:{field.alias}"]) for environment in LADDER
        ]
        for project, section in SCALING.items()
        for field in section.model_fields.values()
    }
    assert documented == actual


@pytest.mark.parametrize("project", PROJECTS)
def test_every_setting_is_documented_as_it_is_declared(project: str) -> None:
    _, *settings = rows(document("docs/deployment.md").section(project))
    documented = {
        key.strip("`"): (kind, shape, default.strip("`")) for key, kind, shape, default, _ in settings
    }
    actual = {
        key: (entry["description"].partition(":")[0], entry["type"], _shown(entry))
        for key, entry in declared(project).items()
    }
    assert documented == actual


def _shown(entry: dict[str, Any]) -> str:
    if "default" not in entry:
        return ""
    default = entry["default"]
    return default if isinstance(default, str) and default else json.dumps(default)


def test_every_value_of_an_organisation_is_documented() -> None:
    table = document("docs/deployment.md").section("2. Write your values")
    keys = {str(field.alias) for field in Environment.model_fields.values()}
    keys |= {str(field.alias) for field in Organisation.model_fields.values()} - {"environments"}
    assert [key for key in sorted(keys) if not re.search(rf"[`.]{key}`", table)] == []


def test_the_example_of_access_is_a_valid_stack_file() -> None:
    example = yaml.safe_load(document("docs/configuration.md").blocks("yaml")[0])["config"]
    assert set(example) == {
        f"bootstrap-iam:{key}"
        for key, entry in declared("bootstrap-iam").items()
        if not entry["description"].startswith(("Uniform", "Promotion"))
    }
    file = read_project(directory("bootstrap-iam"))["staging"]
    assert {key: example[key] for key in file} == file
