"""Breaches that staging has not proved, by way of scripts/promote.py; stacks are small (small_ladder.py).

tests/chain/test_content_gate.py has the same breaches by way of `pulumi up` and scripts/deploy.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.operations.promotion.small_ladder import PROJECTS, Ladder

NOW = ("--to", "prod", "--soak", "0", "--yes", "--json")


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Ladder:
    """All environments run the release `old`, verified."""
    ladder = Ladder.grown(tmp_path_factory.mktemp("breaches") / "repository")
    (ladder.projects.root / "projects" / "payments" / "Pulumi.yaml").open("a").write(
        "config:\n  enabledCurrencies: {default: EUR}\n"
    )
    ladder.release("old")
    for environment in ("dev", "staging", "prod"):
        ladder.deploy(environment, *PROJECTS)
    return ladder


def change(ladder: Ladder, name: str, old: str, new: str) -> Path:
    path = ladder.projects.root / "projects" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def states(ladder: Ladder) -> dict[str, Any]:
    """Resources of all stacks by file; the stacks' own resources note when they were looked at."""
    found = {}
    for path in sorted((ladder.projects.root / "state" / ".pulumi" / "stacks").glob("*/*.json")):
        resources = json.loads(path.read_text())["checkpoint"]["latest"]["resources"]
        found[str(path)] = [each for each in resources if each["type"] != "pulumi:pulumi:Stack"]
    return found


BREACHES = {
    "payments": ("payments/Pulumi.yaml", "default: EUR", "default: CHF"),
    "network": ("network/__main__.py", 'Thing("subnet-of-"', 'Thing("open-subnet-of-"'),
}


@pytest.mark.parametrize("project", BREACHES)
def test_a_commit_that_staging_has_not_proved_is_not_promoted(ladder: Ladder, project: str) -> None:
    verified = ladder.history.git("rev-parse", "HEAD")
    before = states(ladder)
    change(ladder, *BREACHES[project])
    breach = ladder.history.commit("A change that staging has not proved")
    try:
        done = ladder.promote(*NOW, "--commit", breach)
        assert done.exit_code == 1, done.output
        assert json.loads(done.stdout)["refused"] == ["NotRunning"]
    finally:
        ladder.history.git("reset", "--quiet", "--hard", verified)
    assert states(ladder) == before
    assert ladder.record("prod").entries == ()


def test_a_commit_that_stagings_outputs_name_is_refused_by_the_verified_content(ladder: Ladder) -> None:
    verified = ladder.history.git("rev-parse", "HEAD")
    change(ladder, *BREACHES["network"])
    breach = ladder.history.commit("A change that staging has not proved")
    ladder.history.git("reset", "--quiet", "--hard", verified)
    ladder.history.git("branch", "--force", "main-with-breach", breach)
    path = ladder.projects.root / "state" / ".pulumi" / "stacks" / "payments" / "staging.json"
    honest = path.read_text()
    path.write_text(honest.replace(verified, breach))
    before = states(ladder)
    try:
        done = ladder.promote(*NOW, "--allow-unreviewed", "the commit is on another branch")
    finally:
        path.write_text(honest)

    assert done.exit_code != 0, done.output
    document = json.loads(done.stdout)
    assert document["outcome"] is None
    assert "content" in " ".join(gate["said"] for gate in document["gates"] if gate["status"] != "passed")
    assert states(ladder) == before


def test_uncommitted_changes_are_not_promoted(ladder: Ladder) -> None:
    file = change(ladder, "payments/Pulumi.prod.yaml", "config: {}", "config: {payments:pitr: 'off'}")
    code = change(ladder, "network/__main__.py", 'Thing("subnet-of-"', 'Thing("open-subnet-of-"')
    try:
        done = ladder.promote(*NOW)
    finally:
        ladder.history.git("checkout", "--quiet", "--", str(file), str(code))

    assert done.exit_code == 0, done.output
    assert ladder.resources("prod") == ["subnet-of-old", "function-of-old"]
