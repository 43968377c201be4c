import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from components.environment import read_environments
from components.stacks import PROJECTS
from operations.organisation.model import FILE, Organisation
from operations.organisation.stack_values import BINDINGS, mistakes, values
from operations.organisation.write import FileChange, edited, load, plan, write
from tests.operations.organisation.organisations import SAMPLE, organisations, projects_copy


@pytest.fixture
def root(tmp_path: Path) -> Path:
    copy = projects_copy(tmp_path)
    write(plan(SAMPLE, copy))
    return copy


@given(organisation=organisations())
@settings(max_examples=6, deadline=None)
def test_every_value_reaches_its_stack_files_once_and_for_all(
    organisation: Organisation,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = projects_copy(Path(folder))
        write(plan(organisation, root))
        for project in PROJECTS:
            for environment in organisation.environments:
                text = (root / "projects" / project / f"Pulumi.{environment}.yaml").read_text()
                config = yaml.safe_load(text)["config"]
                assert {key: config[key] for key in values(organisation, project, environment)} == values(
                    organisation, project, environment
                )
        assert Organisation.parse(load((root / FILE).read_text())) == organisation
        assert plan(organisation, root) == []
        assert mistakes(organisation, projects=root / "projects") == []
        assert edited(organisation, root) == []


def test_scaling_values_comments_and_optional_settings_stay(root: Path) -> None:
    path = root / "projects" / "payments" / "Pulumi.prod.yaml"
    path.write_text(
        path.read_text().replace("payments:memoryMb: 2048", "payments:memoryMb: 3008  # measured")
        + '  payments:subscriberAccountIds:\n    - "012345678901"\n'
    )
    write(plan(SAMPLE.model_copy(update={"suffix": "globex"}), root))
    text = path.read_text()
    assert "payments:memoryMb: 3008  # measured" in text
    assert '    - "012345678901"' in text
    assert "payments:environmentSuffix: globex" in text


@pytest.mark.parametrize("account", ["090817263544", "012345670123", "000000000001"])
def test_account_ids_stay_quoted(root: Path, account: str) -> None:
    dev = SAMPLE.environments["dev"].model_copy(update={"account_id": account})
    write(plan(SAMPLE.model_copy(update={"environments": SAMPLE.environments | {"dev": dev}}), root))
    for path in [root / FILE, *(root / "projects").glob("*/Pulumi.dev.yaml")]:
        assert f'ccountId: "{account}"' in path.read_text()


def test_a_value_edited_in_a_stack_file_is_found(root: Path) -> None:
    path = root / "projects" / "network" / "Pulumi.staging.yaml"
    path.write_text(path.read_text().replace("10.20.0.0/20", "10.99.0.0/20"))
    (found,) = edited(SAMPLE, root)
    assert (found.path, found.key, found.current) == (path, "network:vpcCidr", "10.99.0.0/20")


def test_a_value_that_organisation_yaml_changed_since_the_commit_was_not_edited(root: Path) -> None:
    assert edited(SAMPLE.model_copy(update={"suffix": "globex"}), root, committed=SAMPLE) == []


def test_a_file_that_cannot_be_written_leaves_all_files_as_they_were(root: Path) -> None:
    changes = plan(SAMPLE.model_copy(update={"suffix": "globex"}), root)
    blocked = FileChange(path=root / FILE / "below-a-file", before="", after="x")
    before = {path: path.read_text() for path in root.rglob("*.yaml")}
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        write([*changes, blocked])
    assert {path: path.read_text() for path in root.rglob("*.yaml")} == before
    assert list(root.rglob(".init-*")) == []


def test_every_required_identity_value_has_a_source() -> None:
    from components.project_settings import SECTIONS
    from components.stack_files import project_defaults
    from operations import REPOSITORY

    for project, (identity, _) in SECTIONS.items():
        required = {str(field.alias) for field in identity.model_fields.values()} - set(
            project_defaults(REPOSITORY / "projects" / project)
        )
        bound = {binding.key for binding in BINDINGS if project in binding.projects}
        assert required <= bound


def test_upstreams_and_waves_reach_the_environments_file_with_its_comments(root: Path) -> None:
    path = root / "projects" / "environments.yaml"
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    document = SAMPLE.document()
    document["environments"]["staging"]["upstream"] = "dev"
    document["environments"]["prod"]["upstream"] = "staging"
    us = {**document["environments"]["prod"], "accountId": "444444444444", "wave": 2}
    document["environments"]["prod-us"] = us
    organisation = Organisation.parse(document)
    for project in PROJECTS:  # the values that stay with the stack file are a neighbour's
        folder = root / "projects" / project
        (folder / "Pulumi.prod-us.yaml").write_text((folder / "Pulumi.prod.yaml").read_text())

    assert mistakes(organisation, projects=root / "projects") == []
    write(plan(organisation, root))

    assert path.read_text().splitlines() == [
        *comments,
        "dev:",
        "staging: dev",
        "prod: staging",
        "prod-us: {upstream: staging, wave: 2}",
    ]
    assert read_environments(root / "projects").waves("staging") == {1: ("prod",), 2: ("prod-us",)}
    assert Organisation.parse(load((root / FILE).read_text())) == organisation
    assert plan(organisation, root) == []
    payments = (root / "projects" / "payments" / "Pulumi.prod-us.yaml").read_text()
    assert 'payments:accountId: "444444444444"' in payments


def test_without_upstreams_the_environments_file_stays(root: Path) -> None:
    path = root / "projects" / "environments.yaml"
    before = path.read_text()
    write(plan(SAMPLE.model_copy(update={"suffix": "globex"}), root))
    assert path.read_text() == before
