"""Waves on the real engine: dev → staging → a canary, then two leaves; stacks are small (small_ladder.py)."""

import json
from typing import Any

import pytest

from components.environment import EnvironmentNode, EnvironmentTree, environments_of
from operations.promotion.record import EntryKind
from tests.chain.terminal import write_environments
from tests.operations.promotion.small_ladder import BROKEN, PROJECTS, Ladder

TREE = EnvironmentTree(
    (
        EnvironmentNode(name="dev"),
        EnvironmentNode(name="staging", upstream="dev"),
        EnvironmentNode(name="canary", upstream="staging"),
        EnvironmentNode(name="eu", upstream="staging", wave=2),
        EnvironmentNode(name="us", upstream="staging", wave=2),
    )
)
NOW = ("--yes", "--json", "--soak", "0")


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Ladder:
    """All environments run the release `old`; dev runs `new`, verified."""
    ladder = Ladder.grown(tmp_path_factory.mktemp("tree") / "repository", TREE)
    ladder.release("old")
    for environment in TREE:
        ladder.deploy(environment, *PROJECTS)
    ladder.release("new")
    ladder.deploy("dev", *PROJECTS)
    return ladder


def promoted(ladder: Ladder, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = ladder.promote(*arguments, *NOW)
    assert done.exit_code == code, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def results(document: dict[str, Any]) -> dict[str, Any]:
    return {
        item["target"]: (item["outcome"] or {}).get("result", item["refused"] or "already")
        for item in document["environments"]
    }


def test_a_leaf_waits_for_the_canary(ladder: Ladder) -> None:
    promoted(ladder, "--to", "staging")
    refused = promoted(ladder, "--to", "us", code=1)
    assert refused["refused"] == ["earlier-waves-verified"]
    assert ladder.record("us").entries == ()


def test_the_first_wave_is_the_canary_alone(ladder: Ladder) -> None:
    document = promoted(ladder, "--from", "staging", "--wave", "next")
    assert (document["wave"], results(document), document["notBegun"]) == (1, {"canary": "promoted"}, [])


def test_the_next_wave_skips_what_already_runs_the_release(ladder: Ladder) -> None:
    promoted(ladder, "--to", "us")
    document = promoted(ladder, "--from", "staging", "--wave", "next")
    assert document["wave"] == 2
    assert results(document) == {"eu": "promoted", "us": "already"}
    assert {ladder.standing(each).release for each in TREE} == {ladder.standing("dev").release}


def test_nothing_is_left_to_do_once_all_waves_are_done(ladder: Ladder) -> None:
    document = promoted(ladder, "--from", "staging", "--wave", "next")
    assert (document["wave"], document["environments"], document["notBegun"]) == (None, [], [])


def test_each_ledger_descends_from_those_on_the_way_to_it(ladder: Ladder) -> None:
    for environment in ("canary", "eu", "us"):
        assert ladder.outputs(environment)["upstreamTableArns"] == ["ledger-of-dev", "ledger-of-staging"]


def test_the_status_shows_the_tree(ladder: Ladder) -> None:
    shown = json.loads(ladder.promote("status", "--json").stdout)["environments"]
    assert [(each["environment"], each["upstream"], each["wave"], each["behind"]) for each in shown] == [
        ("dev", None, 1, 0),
        ("staging", "dev", 1, 0),
        ("canary", "staging", 1, 0),
        ("eu", "staging", 2, 0),
        ("us", "staging", 2, 0),
    ]


def test_a_new_leaf_changes_no_file_and_no_state_of_the_others(ladder: Ladder) -> None:
    root = ladder.projects.root
    files = sorted([*root.glob("projects/*/Pulumi.*.yaml"), *root.glob("state/.pulumi/stacks/*/*.json")])
    before = {path: path.read_bytes() for path in files}
    tree = environments_of(root / "projects")
    write_environments(
        root, EnvironmentTree((*tree.nodes, EnvironmentNode(name="ap", upstream="staging", wave=3)))
    )
    for project in PROJECTS:
        path = root / "projects" / project
        (path / "Pulumi.ap.yaml").write_text((path / "Pulumi.us.yaml").read_text())
    ladder.history.commit("a new leaf")

    ladder.deploy("ap", *PROJECTS)

    assert {path: path.read_bytes() for path in files} == before
    assert ladder.outputs("ap")["contentDigest"] == ladder.outputs("us")["contentDigest"]


def test_a_wave_stops_at_the_first_failure_and_leaves_the_rest_alone(ladder: Ladder) -> None:
    write_environments(
        ladder.projects.root,
        EnvironmentTree(
            tuple(
                EnvironmentNode(name=node.name, upstream=node.upstream, wave=1)
                for node in environments_of(ladder.projects.root / "projects").nodes
            )
        ),
    )
    ladder.release(f"{BROKEN} in canary")
    ladder.deploy("dev", *PROJECTS)
    promoted(ladder, "--to", "staging")
    before = ladder.record("eu").entries

    document = promoted(ladder, "--from", "staging", "--wave", "1", code=1)

    assert results(document) == {"canary": "failed-put-back"}
    assert document["notBegun"] == ["eu", "us", "ap"]
    assert ladder.record("eu").entries == before
    assert ladder.record("canary").entries[-1].kind is EntryKind.ENDED
    assert ladder.record("canary").hold is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--wave", "next"), "--wave takes --from"),
        (("--from", "staging", "--to", "us", "--wave", "1"), "--wave takes --from"),
        (("--from", "staging", "--wave", "8"), "a wave of staging (1), got '8'"),
        (("--from", "nowhere", "--wave", "1"), "one of dev, staging, canary, eu, us, ap"),
        (("--from", "us", "--wave", "1"), "a wave of us (none)"),
    ],
)
def test_a_wave_that_makes_no_sense_is_refused_as_a_document(
    ladder: Ladder, arguments: tuple[str, ...], said: str
) -> None:
    document = promoted(ladder, *arguments, code=2)
    assert said in document["reason"]
    assert document["outcome"] is None
