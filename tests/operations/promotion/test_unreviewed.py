"""A commit that is not on the protected branch, named by the outputs of dev: nothing of it runs.

Engine, gates and record are real, the stacks are small (small_ladder.py). One ladder serves all claims.
"""

import json
from pathlib import Path

import pytest

from operations.promotion.record import EntryKind
from tests.operations.promotion.small_ladder import PAYMENTS as PROGRAM
from tests.operations.promotion.small_ladder import Ladder

REQUEST = ("--to", "staging", "--soak", "0", "--yes", "--json", "--project", "payments")
REASON = "incident 4711: the bank's file has to go out tonight"


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that the commit's code writes when any of it runs."""
    return tmp_path_factory.mktemp("trace") / "ran"


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory, trace: Path) -> Ladder:
    """A reviewed release in staging; in dev one of another branch, with a Makefile and an empty pack."""
    ladder = Ladder.grown(tmp_path_factory.mktemp("ladder") / "repository")
    root = ladder.projects.root
    ladder.release("old")
    ladder.deploy("staging", "network", "payments")
    ladder.history.git("switch", "--quiet", "--create", "foothold")
    ladder.projects.program(
        "payments",
        f"{PROGRAM}\nPath({str(trace)!r}).open('a').write(os.environ.get('STACK_ACCESS', '') + ' ')\n",
    )
    (root / "Makefile").write_text(f"setup:\n\ttouch {trace}\n")
    (root / "policies" / "__main__.py").write_text(f"open({str(trace)!r}, 'a').write('pack ')\n")
    ladder.release("new")
    ladder.deploy("dev", "payments")
    ladder.history.git("switch", "--quiet", "main")
    trace.unlink()
    return ladder


@pytest.mark.parametrize("command", [("plan", *(word for word in REQUEST if word != "--yes")), REQUEST])
def test_nothing_of_an_unreviewed_commit_runs(ladder: Ladder, trace: Path, command: tuple[str, ...]) -> None:
    before = ladder.resources("staging")

    refused = ladder.promote(*command)

    assert refused.exit_code == 1, refused.stderr
    gates = {gate["id"]: gate for gate in json.loads(refused.stdout)["gates"]}
    assert gates["commit-reviewed"]["status"] == "failed"
    assert "--allow-unreviewed" in gates["commit-reviewed"]["fix"]
    assert gates["policy-clean"]["status"] == "not checked"
    assert not trace.exists()
    assert ladder.resources("staging") == before
    assert ladder.record("staging").entries == ()


def test_a_reason_that_says_nothing_opens_nothing(ladder: Ladder, trace: Path) -> None:
    refused = ladder.promote(*REQUEST, "--allow-unreviewed", "please")

    assert refused.exit_code == 2
    assert not trace.exists()


def test_opened_by_hand_it_is_planned_as_reader_applied_as_deployer_and_recorded(
    ladder: Ladder, trace: Path
) -> None:
    done = ladder.promote(*REQUEST, "--allow-unreviewed", REASON)

    assert done.exit_code == 0, done.stderr
    assert trace.read_text().split() == ["reader", "deployer", "deployer"], "never its pack, nor its Makefile"
    began = next(entry for entry in ladder.record("staging").entries if entry.kind is EntryKind.BEGAN)
    assert began.details["permitted"] == [f"--allow-unreviewed {REASON}"]
