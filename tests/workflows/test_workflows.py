"""The workflows: what they call exists, and what they may do is no more than what they do.

zizmor and actionlint judge them in `make check`; these are the claims that only this repository can make.
"""

import re
import shlex
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.environment import LADDER
from operations import REPOSITORY
from tests.docs.markdown import document
from tests.docs.shell import check

GITHUB = REPOSITORY / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
SETUP = GITHUB / "actions" / "setup" / "action.yml"
PINNED = re.compile(r"uses: (\./\S+|[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


@cache
def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506  strings alone: `on` stays a key
    return content


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(path)["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    if path == SETUP:
        return list(read(path)["runs"]["steps"])
    return [step for job in jobs(path).values() for step in job["steps"]]


def commands(path: Path) -> list[str]:
    """The project's own commands in the scripts of a workflow, variables and expressions filled in."""
    scripts = "\n".join(step["run"] for step in steps(path) if "run" in step).replace("\\\n", " ")
    lines = re.findall(r"(?:\.venv/bin/python|make) [^|&;)\n]*", scripts)
    return [
        re.sub(r'"\$\{?\w+\}?"|\$\{?\w+\}?', _stand_in(line), line.split(" > ")[0]).strip() for line in lines
    ]


def _stand_in(line: str) -> str:
    """A variable is a number where one is wanted, else an environment."""
    return "1" if "--pull-request" in line else LADDER[-1]


def test_there_are_workflows_that_call_scripts() -> None:
    called = [command for path in WORKFLOWS for command in commands(path)]
    assert any("scripts/deploy.py preview" in command for command in called)
    assert any(command == "make test" for command in called)


@pytest.mark.parametrize("path", [*WORKFLOWS, SETUP], ids=lambda path: path.stem)
def test_every_script_and_option_that_a_workflow_calls_exists(path: Path) -> None:
    for command in commands(path):
        assert shlex.split(command)
        check(command)


def test_a_script_that_does_not_exist_would_be_found() -> None:
    with pytest.raises(AssertionError):
        check(".venv/bin/python scripts/nothing.py --env dev")


@pytest.mark.parametrize("path", [*WORKFLOWS, SETUP], ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_commit_with_its_version(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if "uses:" in line:
            assert PINNED.search(line), line


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_documented_workflows_use_the_same_pinned_actions(path: Path) -> None:
    used = [
        line.strip().removeprefix("- ")
        for each in [*WORKFLOWS, SETUP]
        for line in each.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.search(r"\buses: ", line):
            assert line.strip().removeprefix("- ") in used, line


@each_workflow
def test_nothing_is_allowed_but_what_a_job_asks_for(path: Path) -> None:
    assert read(path)["permissions"] == {}
    for name, job in jobs(path).items():
        assert job["permissions"], name
        assert int(job["timeout-minutes"]) <= 120, name
    assert "concurrency" in read(path) or all("concurrency" in job for job in jobs(path).values())


@each_workflow
def test_no_key_is_stored_and_no_token_left_behind(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "aws-access-key-id" not in text
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@each_workflow
def test_a_job_has_an_identity_in_aws_or_a_voice_on_github_and_never_both(path: Path) -> None:
    for name, job in jobs(path).items():
        writes = {scope for scope, access in job["permissions"].items() if access == "write"}
        assert len(writes) <= 1, name
        becomes = any("configure-aws-credentials" in step.get("uses", "") for step in job["steps"])
        assert becomes == ("id-token" in writes), name


def test_a_pull_request_gets_no_more_than_a_readers_access() -> None:
    job = jobs(GITHUB / "workflows" / "preview.yml")["preview"]
    assert job["env"]["STACK_ACCESS"] == "reader"
    (role,) = [
        step["with"]["role-to-assume"] for step in job["steps"] if "role-to-assume" in step.get("with", {})
    ]
    assert role == "${{ vars.AWS_READER_ROLE }}"


def test_a_pull_request_is_previewed_in_every_environment() -> None:
    job = jobs(GITHUB / "workflows" / "preview.yml")["preview"]
    assert job["strategy"]["matrix"]["environment"] == list(LADDER)
    (comment,) = [
        line for line in commands(GITHUB / "workflows" / "preview.yml") if "preview-comment" in line
    ]
    assert re.findall(r"preview-(\w+)/preview.json", comment) == list(LADDER)


def test_each_preview_has_an_environment_and_so_a_role_of_its_own() -> None:
    job = jobs(GITHUB / "workflows" / "preview.yml")["preview"]
    assert job["environment"] == "preview-${{ matrix.environment }}"


@each_workflow
def test_artifacts_and_caches_are_unpacked_outside_the_workspace(path: Path) -> None:
    """A file of an artifact in the workspace would be code: Python imports from there."""
    for step in steps(path):
        if re.match(r"actions/(download-artifact|cache)", step.get("uses", "")):
            assert step["with"]["path"].startswith("${{ runner.temp }}/"), step


@each_workflow
def test_a_job_that_may_write_on_github_imports_only_what_is_installed(path: Path) -> None:
    for name, job in jobs(path).items():
        if {"issues", "pull-requests"} & {s for s, access in job["permissions"].items() if access == "write"}:
            scripts = [step["run"] for step in job["steps"] if "run" in step]
            assert scripts, name
            assert all(".venv/bin/python -I -m" in script for script in scripts), name


def test_every_night_looks_at_each_environment_against_the_one_below_it() -> None:
    night = jobs(GITHUB / "workflows" / "drift.yml")
    pairs = [(pair["baseline"], pair["target"]) for pair in night["look"]["strategy"]["matrix"]["include"]]
    assert pairs == list(pairwise(LADDER))
    assert night["tell"]["strategy"]["matrix"]["target"] == [target for _, target in pairs]
    assert night["look"]["env"]["STACK_ACCESS"] == "reader"


def test_a_merge_climbs_the_ladder_one_environment_a_job_each_with_its_own_approval_and_role() -> None:
    every = jobs(GITHUB / "workflows" / "deploy.yml")
    ladder = {name: job for name, job in every.items() if not name.startswith("plan-")}
    assert list(ladder) == list(LADDER)
    for below, above in pairwise(LADDER):
        assert (every[f"plan-{above}"]["needs"], ladder[above]["needs"]) == (below, f"plan-{above}")
        planned, promoted = (
            next(step["run"] for step in each["steps"] if "promote.py" in step.get("run", ""))
            for each in (every[f"plan-{above}"], ladder[above])
        )
        assert f"promote.py plan --from {below} --to {above} " in planned
        assert f"promote.py run --from {below} --to {above} " in promoted
        for script in (planned, promoted):
            assert '--commit "$GITHUB_SHA"' in script
        assert '--save-plan "$RUNNER_TEMP/plan/plan.json"' in planned
        assert '--plan "$RUNNER_TEMP/plan/plan.json"' in promoted
        assert "environment" not in every[f"plan-{above}"], "what is approved is the plan"
        assert "AWS_DEPLOYER_ROLE" not in str(every[f"plan-{above}"]), "a plan works as the reader"
    for environment, job in ladder.items():
        assert job["environment"] == environment
        assert job["concurrency"] == {"group": f"deploy-{environment}", "cancel-in-progress": "false"}


def test_workflows_run_the_pulumi_that_the_project_pins() -> None:
    (version,) = [
        step["with"]["pulumi-version"] for step in steps(SETUP) if "pulumi/actions" in step.get("uses", "")
    ]
    assert f"github.com/pulumi/pulumi/pkg/v3 v{version}" in (REPOSITORY / "tools/go.mod").read_text(
        encoding="utf-8"
    )
    assert f'"pulumi=={version}"' in (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")


def test_every_variable_that_workflows_read_is_documented() -> None:
    read_ones = {
        name for path in WORKFLOWS for name in re.findall(r"vars\.(\w+)", path.read_text(encoding="utf-8"))
    }
    documented = document("docs/workflows.md").section("What to set on GitHub")
    assert read_ones
    assert [name for name in sorted(read_ones) if f"`{name}`" not in documented] == []


def test_ci_begins_with_the_oldest_python_that_the_project_accepts() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = jobs(GITHUB / "workflows" / "ci.yml")["test"]["strategy"]["matrix"]["python"]
    assert project["requires-python"] == f">={versions[0]}"
    assert versions == sorted(set(versions))
