import io
import json
from dataclasses import replace

from rich.console import Console

from components.environment import EnvironmentNode, EnvironmentTree
from operations.promotion.evidence import Running
from operations.promotion.record import Kind, Record
from operations.promotion.status import Standing, standings, table, to_json
from tests.operations.promotion.evidences import (
    NOW,
    OLD,
    RELEASE,
    proven,
    recorded,
    source_running,
    target_running,
)

DEV = replace(source_running(), environment="dev", upstream_table_arns=())
RUNNING: dict[str, Running | None] = {"dev": DEV, "staging": source_running(), "prod": target_running()}


def _standings(running: dict[str, Running | None] = RUNNING, **records: Record) -> tuple[Standing, ...]:
    return standings(
        EnvironmentTree.line(*running),
        running.__getitem__,
        lambda environment: records.get(environment, recorded(environment)),
        lambda older, newer: 3 if (older, newer) == (OLD.commit, RELEASE.commit) else None,
    )


def test_each_environment_is_behind_the_one_below_it() -> None:
    assert [(item.environment, item.release, item.behind) for item in _standings()] == [
        ("dev", "r-new", 0),
        ("staging", "r-new", 0),
        ("prod", "r-old", 3),
    ]


def test_each_environment_of_a_tree_is_compared_with_its_own_upstream() -> None:
    tree = EnvironmentTree(
        (
            EnvironmentNode(name="dev"),
            EnvironmentNode(name="staging", upstream="dev"),
            EnvironmentNode(name="prod-us", upstream="staging", wave=2),
            EnvironmentNode(name="prod-eu", upstream="staging"),
            EnvironmentNode(name="demo", upstream="dev", wave=3),
        )
    )
    running = {**dict.fromkeys(tree, target_running()), "dev": DEV, "staging": source_running()}

    shown = standings(tree, running.__getitem__, recorded, lambda *_: 3)

    assert [(item.environment, item.upstream, item.wave, item.depth, item.behind) for item in shown] == [
        ("dev", None, 1, 0, 0),
        ("staging", "dev", 1, 1, 0),
        ("prod-eu", "staging", 1, 2, 3),
        ("prod-us", "staging", 2, 2, 3),
        ("demo", "dev", 3, 1, 3),
    ]


def test_what_is_not_verified_or_not_deployed_is_told_so() -> None:
    shown = _standings(
        {"dev": replace(DEV, proven=(proven(OLD),)), "staging": None, "prod": target_running()}
    )

    assert [(item.verified, item.release, item.behind) for item in shown] == [
        (False, "r-new", 0),
        (False, None, None),
        (True, "r-old", None),
    ]


def test_holds_operations_in_flight_and_broken_glass_are_noted() -> None:
    held = recorded("prod", (Kind.HELD, {"reason": "payments were lost"}))
    began = recorded("staging", (Kind.BEGAN, {"action": "promotion"}))
    broken = {**RUNNING, "dev": replace(DEV, break_glass="an incident")}

    dev, staging, prod = _standings(broken, prod=held, staging=began)

    assert dev.notes == ("break-glass: an incident",)
    flight, mixed = staging.notes
    assert flight == "promotion in flight, by ada on desk (process 4711)"
    assert mixed.startswith("may hold parts of two releases")
    assert "payments were lost" in prod.notes[0]


def test_a_terminal_and_a_machine_are_shown_the_same() -> None:
    console = Console(file=io.StringIO(), width=160)
    console.print(table(_standings()))
    output = console.file
    assert isinstance(output, io.StringIO)
    document = json.loads(to_json(_standings()))

    for item in document["environments"]:
        assert item["environment"] in output.getvalue()
        assert item["release"] in output.getvalue()
    assert "3 commits" in output.getvalue()
    assert document["environments"][2]["behind"] == 3
    assert document["environments"][0]["since"].startswith(str(NOW.date()))
