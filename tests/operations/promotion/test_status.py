import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic.alias_generators import to_camel
from rich.console import Console

from components.environment import LADDER, EnvironmentNode, EnvironmentTree
from components.promotion_gate import PromotionState, Verified, timestamp
from operations.engine.failure import StackName
from operations.promotion.record import EntryKind, PromotionRecord
from operations.promotion.status import EnvironmentStatus, HoldStatus, environment_statuses, table, to_json
from tests.operations.promotion.evidences import ACTOR, NOW, OLD, RELEASE, recorded

NEW_CONTENT, OLD_CONTENT = "ef" * 32, "01" * 32


def standing(release: Any = RELEASE, content: str = NEW_CONTENT) -> PromotionState:
    """Return the state of an environment that has verified the release that it runs."""
    verified = Verified(
        artifact_digest=release.artifact_digest,
        content_digest=content,
        release=release.id,
        release_commit=release.commit,
        at=timestamp(NOW),
    )
    return PromotionState(
        artifact_digest=release.artifact_digest,
        content_digest=content,
        release=release.id,
        release_commit=release.commit,
        verified=(verified,),
    )


DEPLOYED: dict[str, PromotionState | None] = {
    "dev": standing(),
    "staging": standing(),
    "prod": standing(OLD, OLD_CONTENT),
}


def statuses(
    deployed: Mapping[str, PromotionState | None] = DEPLOYED,
    *,
    tree: EnvironmentTree = LADDER,
    network: str = "",
    **records: PromotionRecord,
) -> tuple[EnvironmentStatus, ...]:
    """Statuses of environments that show these standings; `network` is what all network stacks hold."""

    def outputs(name: StackName) -> Mapping[str, Any]:
        shown = deployed[name.environment]
        if shown is None:
            return {}
        given = {to_camel(key): value for key, value in shown.as_outputs().items()}
        if name.project == "network" and network:
            given["contentDigest"] = network
        return {**given, "configurationDigest": f"settings of {name}"}

    return environment_statuses(
        tree,
        outputs,
        lambda environment: records.get(environment, recorded(environment)),
        lambda older, newer: 3 if (older, newer) == (OLD.commit, RELEASE.commit) else None,
    )


def printed(shown: tuple[EnvironmentStatus, ...]) -> str:
    output = io.StringIO()
    Console(file=output, width=160).print(table(shown))
    return output.getvalue()


def test_each_environment_is_behind_its_upstream() -> None:
    assert [(item.environment, item.release, item.behind) for item in statuses()] == [
        ("dev", "r-new", 0),
        ("staging", "r-new", 0),
        ("prod", "r-old", 3),
    ]


def test_each_environment_of_a_tree_is_compared_with_its_own_upstream() -> None:
    tree = EnvironmentTree(
        (
            EnvironmentNode(name="dev"),
            EnvironmentNode(name="staging", upstream="dev"),
            EnvironmentNode(name="us", upstream="staging", wave=2),
            EnvironmentNode(name="eu", upstream="staging"),
            EnvironmentNode(name="demo", upstream="dev", wave=3),
        )
    )
    deployed = {**dict.fromkeys(tree, standing(OLD)), "dev": standing(), "staging": standing()}

    shown = statuses(deployed, tree=tree)

    assert [(item.environment, item.upstream, item.wave, item.depth, item.behind) for item in shown] == [
        ("dev", None, 1, 0, 0),
        ("staging", "dev", 1, 1, 0),
        ("eu", "staging", 1, 2, 3),
        ("us", "staging", 2, 2, 3),
        ("demo", "dev", 3, 1, 3),
    ]
    assert "    us" in printed(shown)


def test_content_and_settings_are_shown_per_stack() -> None:
    _, _, prod = statuses()
    assert set(prod.content) == {"bootstrap-iam", "network", "payments"}
    assert set(prod.content.values()) == {OLD_CONTENT}
    assert prod.configuration["network"] == "settings of network/prod"
    assert OLD_CONTENT[:12] in printed((prod,))


def test_stacks_that_hold_different_content_are_noticed() -> None:
    _, _, prod = statuses(network=NEW_CONTENT)
    assert prod.content == {
        "bootstrap-iam": OLD_CONTENT,
        "network": NEW_CONTENT,
        "payments": OLD_CONTENT,
    }
    assert "differs per stack" in printed((prod,))


def test_unverified_and_missing_environments_are_shown_as_such() -> None:
    unverified = replace(standing(), verified=standing(OLD).verified)

    shown = statuses({"dev": unverified, "staging": None, "prod": standing(OLD)})

    assert [(item.verified, item.release, item.behind) for item in shown] == [
        (False, "r-new", 0),
        (False, None, None),
        (True, "r-old", None),
    ]
    assert shown[1].content == shown[1].configuration == {}


def test_holds_operations_in_flight_and_break_glass_are_noted() -> None:
    held = recorded("prod", (EntryKind.HELD, {"reason": "payments were lost"}))
    began = recorded("staging", (EntryKind.BEGAN, {"action": "promotion"}))
    glass = {"reason": "an incident", "expires": "2026-03-03T00:00:00Z"}

    dev, staging, prod = statuses(
        {**DEPLOYED, "dev": replace(standing(), break_glass=glass)}, prod=held, staging=began
    )

    assert dev.notes == ("break-glass: an incident (until 2026-03-03T00:00:00Z)",)
    flight, mixed = staging.notes
    assert flight == "promotion in flight, by ada on desk (process 4711)"
    assert mixed.startswith("may hold parts of two releases")
    assert prod.hold == HoldStatus(since=held.entries[0].at, by=str(ACTOR), reason="payments were lost")
    assert dev.hold is None


def test_terminal_and_json_show_the_same() -> None:
    output, document = printed(statuses()), json.loads(to_json(statuses()))

    for item in document["environments"]:
        assert item["environment"] in output
        assert item["release"] in output
    assert "3 commits" in output
    assert document["environments"][2]["behind"] == 3
    assert document["environments"][0]["since"].startswith(str(NOW.date()))
    assert document["environments"][0]["hold"] is None
