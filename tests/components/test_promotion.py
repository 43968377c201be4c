import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pulumi
import pytest
from pydantic.alias_generators import to_camel

from components.environment import upstreams_of
from components.promotion import REFUSAL_EVENT, WORK_TREE, PromotionRefusedError, enforce_offer
from components.promotion_gate import Offer, PromotionState, Verified, timestamp
from components.settings import parse
from tests.builders import ARTIFACT, CONTENT, EVERY_PROJECT, RELEASE, SECTIONS, STANDING
from tests.recorder import record

OTHER = "cd" * 32
ELSEWHERE = PromotionState(
    artifact_digest=OTHER,
    content_digest=OTHER,
    projects=EVERY_PROJECT,
    release="other",
    verified=(
        Verified(
            artifact_digest=OTHER,
            content_digest=OTHER,
            projects=EVERY_PROJECT,
            release="other",
            release_commit="",
            at="",
        ),
    ),
)
OFFER = Offer(
    project="payments",
    content_digest=CONTENT,
    artifact_digest=ARTIFACT.digest,
    release=RELEASE.id,
    commit=RELEASE.commit,
)
SOON, PAST = (timestamp(datetime.now(UTC) + timedelta(hours=hours)) for hours in (1, -1))


def outputs(standing: PromotionState) -> dict[str, Any]:
    return {to_camel(name): value for name, value in standing.as_outputs().items()}


def admitted(
    environment: str = "prod",
    *,
    project: str = "payments",
    own: Mapping[str, Any] | None = None,
    upstream: Mapping[str, Any] | None = None,
    stack: Mapping[str, Any] | None = None,
    offered: Offer = OFFER,
    **changed: str,
) -> PromotionState:
    """What the gate lets pass in a program of the environment; upstream has verified the artifact."""
    identity, scaling, values = SECTIONS[project]
    settings = parse(identity, scaling, {**values, **changed}, project=project, environment=environment)
    settings = replace(settings, upstreams=upstreams_of(environment))
    passed: list[PromotionState] = []
    record(
        lambda: passed.append(enforce_offer(settings, offered)),
        project=project,
        environment=environment,
        references={
            **{
                f"organization/{other}/{environment}": {"contentDigest": CONTENT} if stack is None else stack
                for other in ("bootstrap-iam", "network")
            },
            f"organization/payments/{environment}": outputs(ELSEWHERE) if own is None else own,
            **{
                f"organization/payments/{below}": outputs(STANDING) if upstream is None else upstream
                for below in ("dev", "staging")
                if below != environment
            },
        },
    )
    return passed[0]


def glass(expires: str) -> str:
    return f'{{"artifactDigest": "{ARTIFACT.digest}", "reason": "payments are lost", "expires": "{expires}"}}'


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", heard.append)
    return heard


def test_what_upstream_has_verified_passes_and_is_not_verified_here_yet() -> None:
    standing = admitted()
    assert (standing.artifact_digest, standing.release, standing.release_commit) == (
        ARTIFACT.digest,
        RELEASE.id,
        RELEASE.commit,
    )
    assert (standing.content_digest, standing.projects) == (CONTENT, EVERY_PROJECT)
    assert standing.latest == ELSEWHERE.latest
    assert not standing.is_verified


def test_the_lowest_environment_asks_nobody() -> None:
    assert admitted("dev", upstream={}).artifact_digest == ARTIFACT.digest


def test_a_checkout_that_is_no_release_says_so() -> None:
    unreleased = replace(OFFER, release="unreleased", commit="", unreleased="it differs in README.md")
    standing = admitted("dev", offered=unreleased)
    assert (standing.release, standing.unreleased) == ("unreleased", "it differs in README.md")


def test_an_uncommitted_checkout_is_refused_but_in_a_sandbox_that_admits_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dirty = replace(OFFER, unreleased="it differs in README.md")
    for url, value in (("", "true"), ("https://example.com", "true"), ("http://127.0.0.1:5000", "")):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv(WORK_TREE, value)
        with pytest.raises(PromotionRefusedError, match=r"it differs in README\.md"):
            admitted(offered=dirty)
    monkeypatch.setenv(WORK_TREE, "true")
    assert admitted(offered=dirty).content_digest == CONTENT


@pytest.mark.parametrize("project", ["bootstrap-iam", "network"])
def test_the_other_projects_ask_for_the_content_once_they_hold_resources(project: str) -> None:
    offered = replace(OFFER, project=project, artifact_digest="", release="")
    passed = admitted(project=project, offered=offered)
    assert (passed.content_digest, passed.release_commit) == (CONTENT, RELEASE.commit)
    with pytest.raises(PromotionRefusedError, match=r"has not verified the content that prod would get"):
        admitted(project=project, offered=offered, upstream=outputs(ELSEWHERE))
    assert admitted(project=project, offered=offered, upstream=outputs(ELSEWHERE), stack={})
    assert admitted(project=project, offered=offered, upstream=outputs(ELSEWHERE), own={})


def test_an_environment_without_payments_is_still_being_built() -> None:
    assert admitted(own={}, upstream=outputs(ELSEWHERE)).content_digest == CONTENT


def test_stacks_that_hold_other_content_are_not_vouched_for() -> None:
    assert admitted(stack={"contentDigest": OTHER}).projects == ("payments",)


def test_a_refusal_travels_as_data(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, bool]] = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, ephemeral=False: sent.append((text, ephemeral)))
    with pytest.raises(PromotionRefusedError):
        admitted(upstream=outputs(ELSEWHERE))
    ((text, ephemeral),) = sent
    refusal = json.loads(text)[REFUSAL_EVENT]
    assert ephemeral
    assert refusal["code"] == "artifact-unverified"
    assert refusal["facts"]["offered"]["contentDigest"] == CONTENT
    assert refusal["facts"]["verified"]["contentDigest"] == OTHER


def test_anything_else_is_refused_with_a_message_instead_of_a_traceback() -> None:
    with pytest.raises(PromotionRefusedError) as refused:
        admitted(upstream=outputs(ELSEWHERE))
    assert isinstance(refused.value, pulumi.RunError)
    message = str(refused.value)
    assert message.startswith("the promotion gate refuses to deploy to prod:\n")
    assert ARTIFACT.digest in message
    assert OTHER in message


def test_what_was_verified_here_stays_so_through_later_deployments() -> None:
    own = outputs(ELSEWHERE)
    standing = admitted(own=own)
    assert standing.latest == ELSEWHERE.latest


def test_a_break_glass_is_warned_of_and_shown(warnings: list[str]) -> None:
    standing = admitted(upstream=outputs(ELSEWHERE), breakGlass=glass(SOON))
    assert standing.break_glass["reason"] == "payments are lost"
    assert standing.break_glass["expires"] == SOON
    (warning,) = warnings
    assert "BREAK GLASS" in warning
    assert "payments are lost" in warning
    assert SOON in warning


def test_an_expired_break_glass_is_refused() -> None:
    with pytest.raises(PromotionRefusedError, match=f"expired at {PAST}"):
        admitted(upstream=outputs(ELSEWHERE), breakGlass=glass(PAST))


def test_a_break_glass_that_is_not_needed_is_warned_of(warnings: list[str]) -> None:
    assert admitted(breakGlass=glass(SOON)).break_glass == {}
    (warning,) = warnings
    assert "not needed" in warning


def test_a_passed_verification_of_what_runs_is_shown() -> None:
    unverified = {**outputs(STANDING), "verifiedArtifactDigest": ""}
    standing = admitted(own=unverified, verificationResult=f"passed:{ARTIFACT.digest}")
    assert standing.is_verified


def test_a_failed_verification_takes_the_artifact_off_the_list() -> None:
    standing = admitted(own=outputs(STANDING), verificationResult=f"failed:{ARTIFACT.digest}")
    assert standing.latest is None


@pytest.mark.parametrize("own", [{}, outputs(ELSEWHERE)])
def test_a_verification_of_something_else_is_not_recorded(own: dict[str, Any]) -> None:
    with pytest.raises(PromotionRefusedError, match="can't be recorded"):
        admitted(own=own, verificationResult=f"passed:{ARTIFACT.digest}")


def test_a_verification_does_not_open_the_gate() -> None:
    running = {**outputs(STANDING), "verifiedArtifactDigest": ""}
    with pytest.raises(PromotionRefusedError, match="has not verified"):
        admitted(own=running, upstream=outputs(ELSEWHERE), verificationResult=f"passed:{ARTIFACT.digest}")


def test_a_preview_may_show_what_is_not_verified_but_an_update_does_not_go_on(
    monkeypatch: pytest.MonkeyPatch, warnings: list[str]
) -> None:
    with pytest.raises(PromotionRefusedError):
        admitted(upstream=outputs(ELSEWHERE), previewUnverified="true")
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    with pytest.raises(PromotionRefusedError):
        admitted(upstream=outputs(ELSEWHERE))
    admitted(upstream=outputs(ELSEWHERE), previewUnverified="true")
    assert "would not go on" in warnings[0]
