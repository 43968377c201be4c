from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components.promotion_gate import (
    EARLIER_KEPT,
    LONGEST_BREAK_GLASS,
    AdmissionReason,
    Admitted,
    BreakGlass,
    Decision,
    FailedVerification,
    Offer,
    Overridden,
    PromotionState,
    RefusalCode,
    Refused,
    Upstream,
    VerificationResult,
    Verified,
    decide,
    next_state,
    verification_conflict,
)

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
OLD, NEW, OTHER = "0a" * 32, "1b" * 32, "2c" * 32
NONE = PromotionState()


PROJECTS = ("bootstrap-iam", "network", "payments")


def content_with(artifact: str) -> str:
    """The digest of a content in which the function has this artifact."""
    return artifact[::-1]


def verified(
    digest: str,
    release: str = "r-1",
    at: str = "2026-01-30T12:00:00Z",
    *,
    content: str | None = None,
    projects: tuple[str, ...] = PROJECTS,
) -> Verified:
    return Verified(
        artifact_digest=digest,
        content_digest=content_with(digest) if content is None else content,
        projects=projects,
        release=release,
        release_commit=f"commit-of-{release}",
        at=at,
    )


def standing(runs: str, *has_verified: str, release: str = "r-1", **glass: str) -> PromotionState:
    return PromotionState(
        artifact_digest=runs,
        content_digest=content_with(runs),
        projects=PROJECTS,
        release=release,
        release_commit=f"commit-of-{release}",
        verified=tuple(map(verified, has_verified)),
        break_glass=glass,
    )


def glass(digest: str = NEW, expires: datetime = NOW + timedelta(hours=1)) -> BreakGlass:
    return BreakGlass.model_validate(
        {"artifactDigest": digest, "reason": "payments are lost", "expires": expires}
    )


def offer(artifact: str = NEW, **changed: str) -> Offer:
    valid = {
        "project": "payments",
        "content_digest": content_with(artifact),
        "artifact_digest": artifact,
        "release": "r-1",
        "commit": "commit-of-r-9",
    }
    return Offer(**{**valid, **changed})


def judged(
    digest: str = NEW,
    *,
    offered: Offer | None = None,
    deployed: bool = True,
    recording: bool = False,
    work_tree: bool = False,
    upstream: PromotionState | None = NONE,
    own: PromotionState = NONE,
    glass: BreakGlass | None = None,
    now: datetime = NOW,
) -> Decision:
    below = None if upstream is None else Upstream(environment="staging", standing=upstream)
    return decide(
        "prod",
        offered or offer(digest),
        upstream=below,
        own=own,
        deployed=deployed,
        recording=recording,
        work_tree=work_tree,
        glass=glass,
        now=now,
    )


# Deciding


def test_the_lowest_environment_takes_everything() -> None:
    assert judged(upstream=None) == Admitted(because=AdmissionReason.LOWEST)


def test_what_upstream_has_verified_last_is_admitted() -> None:
    assert judged(upstream=standing(NEW, NEW)) == Admitted(because=AdmissionReason.UPSTREAM)


def test_what_upstream_runs_without_having_verified_it_is_refused() -> None:
    assert isinstance(judged(upstream=standing(NEW)), Refused)
    assert isinstance(judged(upstream=standing(NEW, OLD)), Refused)


def test_what_upstream_verified_stays_admitted_while_upstream_tries_something_else() -> None:
    assert judged(OLD, upstream=standing(NEW, OLD)) == Admitted(because=AdmissionReason.UPSTREAM)


def test_what_upstream_verified_before_its_latest_is_refused() -> None:
    assert isinstance(judged(OLD, upstream=standing(NEW, NEW, OLD)), Refused)


def test_an_environment_may_go_back_to_what_it_has_verified_itself() -> None:
    own = standing(NEW, NEW, OLD)
    for digest in (NEW, OLD):
        assert judged(digest, upstream=standing(OTHER, OTHER), own=own) == Admitted(
            because=AdmissionReason.OWN
        )


def test_that_an_environment_runs_an_artifact_is_no_reason_to_deploy_it_again() -> None:
    assert isinstance(judged(NEW, upstream=standing(OTHER, OTHER), own=standing(NEW, OLD)), Refused)


def test_a_refusal_names_both_digests() -> None:
    refused = judged(NEW, upstream=standing(OLD, OLD))
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.ARTIFACT_UNVERIFIED
    text = "\n".join(refused.reasons)
    assert NEW in text
    assert OLD in text


@pytest.mark.parametrize(
    ("upstream", "advice"),
    [
        (standing(NEW), "python scripts/verify.py --env staging"),
        (standing(OTHER), "python scripts/deploy.py up --env staging --verify"),
        (standing(OTHER, OLD), "git checkout commit-of-r-1"),
        (NONE, "none yet"),
    ],
)
def test_a_refusal_says_what_to_run(upstream: PromotionState, advice: str) -> None:
    refused = judged(upstream=upstream)
    assert isinstance(refused, Refused)
    assert advice in "\n".join(refused.reasons + refused.remedies)


# Content


def test_a_stack_in_which_nothing_runs_takes_everything() -> None:
    assert judged(deployed=False, offered=offer(unreleased="it differs")) == Admitted(
        because=AdmissionReason.FIRST
    )


@pytest.mark.parametrize("project", PROJECTS)
def test_every_project_asks_for_the_content_and_only_payments_for_the_artifact(project: str) -> None:
    artifact = NEW if project == "payments" else ""
    same = offer(project=project, artifact_digest=artifact)
    other = offer(project=project, artifact_digest=artifact, content_digest=OTHER)
    assert judged(offered=same, upstream=standing(NEW, NEW)) == Admitted(because=AdmissionReason.UPSTREAM)
    refused = judged(offered=other, upstream=standing(NEW, NEW))
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.CONTENT_UNVERIFIED
    assert refused.facts["offered"]["contentDigest"] == OTHER
    assert refused.facts["verified"]["contentDigest"] == content_with(NEW)
    assert (refused.facts["project"], refused.facts["upstream"]) == (project, "staging")


@pytest.mark.parametrize("by", ["upstream", "own"])
def test_content_is_vouched_for_only_in_the_stacks_that_held_it(by: str) -> None:
    proof = replace(standing(NEW), verified=(verified(NEW, projects=("payments",)),))
    upstream, own = (proof, NONE) if by == "upstream" else (standing(OTHER, OTHER), proof)
    assert isinstance(judged(upstream=upstream, own=own), Admitted)
    refused = judged(offered=offer(project="network", artifact_digest=""), upstream=upstream, own=own)
    assert isinstance(refused, Refused)
    expected = RefusalCode.STACK_UNVERIFIED if by == "upstream" else RefusalCode.CONTENT_UNVERIFIED
    assert refused.code is expected


def test_the_verified_content_with_another_artifact_is_refused() -> None:
    refused = judged(offered=offer(artifact_digest=OTHER), upstream=standing(NEW, NEW))
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.ARTIFACT_UNVERIFIED


def test_what_an_earlier_version_verified_without_naming_content_vouches_for_none() -> None:
    old = replace(standing(NEW), verified=(verified(NEW, content="", projects=()),))
    for offered in (offer(), offer(content_digest="")):
        assert isinstance(judged(offered=offered, upstream=old, own=old), Refused)


def test_verified_content_from_an_uncommitted_checkout_is_refused_above_the_lowest_environment() -> None:
    dirty = offer(unreleased="the checkout differs from its commit: Pulumi.prod.yaml")
    refused = judged(offered=dirty, upstream=standing(NEW, NEW))
    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.UNCOMMITTED
    assert "Pulumi.prod.yaml" in "\n".join(refused.reasons)
    assert isinstance(judged(offered=dirty, upstream=NONE, own=standing(NEW, NEW)), Refused)
    assert isinstance(judged(offered=dirty, upstream=None), Admitted)
    assert isinstance(judged(offered=dirty, upstream=standing(NEW, NEW), work_tree=True), Admitted)
    assert isinstance(judged(offered=dirty, upstream=standing(NEW, NEW), glass=glass()), Overridden)


def test_a_rehearsals_work_tree_still_has_to_be_verified() -> None:
    dirty = offer(unreleased="the checkout differs from its commit")
    assert isinstance(judged(offered=dirty, upstream=standing(OLD, OLD), work_tree=True), Refused)


# Breaking the glass


def of_content(digest: str = NEW) -> BreakGlass:
    return BreakGlass.model_validate(
        {"contentDigest": digest, "reason": "payments are lost", "expires": NOW + timedelta(hours=1)}
    )


@pytest.mark.parametrize("project", PROJECTS)
def test_a_break_glass_for_content_opens_every_project_for_it_alone(project: str) -> None:
    offered = offer(project=project, artifact_digest=NEW if project == "payments" else "")
    broken = of_content(content_with(NEW))
    assert judged(offered=offered, glass=broken) == Overridden(glass=broken)
    refused = judged(offered=offered, glass=of_content(OTHER))
    assert isinstance(refused, Refused)
    assert OTHER in refused.facts["breakGlassProblem"]


def test_a_break_glass_for_an_artifact_opens_no_project_without_one() -> None:
    refused = judged(offered=offer(project="network", artifact_digest=""), glass=glass())
    assert isinstance(refused, Refused)
    assert "contentDigest" in refused.facts["breakGlassProblem"]


def test_a_break_glass_that_names_both_is_for_both() -> None:
    data = {"contentDigest": content_with(NEW), "artifactDigest": NEW, "reason": "payments are lost"}
    both = BreakGlass.model_validate({**data, "expires": NOW + timedelta(hours=1)})
    assert isinstance(judged(glass=both), Overridden)
    assert isinstance(judged(offered=offer(artifact_digest=OTHER), glass=both), Refused)
    assert isinstance(judged(offered=offer(content_digest=OTHER), glass=both), Refused)


def test_a_break_glass_lets_its_artifact_through() -> None:
    assert judged(glass=glass()) == Overridden(glass=glass())


def test_what_is_admitted_anyway_breaks_no_glass() -> None:
    assert judged(upstream=standing(NEW, NEW), glass=glass()) == Admitted(because=AdmissionReason.UPSTREAM)


@pytest.mark.parametrize(
    ("useless", "why"),
    [
        (glass(digest=OTHER), OTHER),
        (glass(expires=NOW), "expired at 2026-01-31T12:00:00Z"),
        (glass(expires=NOW - timedelta(days=1)), "expired at 2026-01-30T12:00:00Z"),
        (glass(expires=NOW + LONGEST_BREAK_GLASS + timedelta(seconds=1)), "more than 7 days"),
    ],
)
def test_a_break_glass_for_something_else_or_another_time_is_refused_and_says_why(
    useless: BreakGlass, why: str
) -> None:
    refused = judged(glass=useless)
    assert isinstance(refused, Refused)
    assert why in "\n".join(refused.reasons)


@given(minutes=st.integers(-20_000, 20_000))
def test_a_break_glass_holds_until_it_expires_and_no_longer_than_a_week(minutes: int) -> None:
    expires = NOW + timedelta(minutes=minutes)
    holds = NOW < expires <= NOW + LONGEST_BREAK_GLASS
    assert isinstance(judged(glass=glass(expires=expires)), Overridden if holds else Refused)


VALID = {"artifactDigest": NEW, "reason": "payments are lost", "expires": "2026-01-31T13:00:00+01:00"}


@pytest.mark.parametrize(
    "spoiled",
    [
        {"artifactDigest": NEW[:-1]},
        {"artifactDigest": None},
        {"contentDigest": NEW[:-1]},
        {"artifactDigest": NEW.upper()},
        {"reason": "short"},
        {"reason": "two\nlines of text"},
        {"expires": "2026-01-31T13:00:00"},
        {"expires": "tomorrow"},
        {"expires": 1_800_000_000},
        {"expires": None},
        {"by": "someone"},
    ],
)
def test_a_break_glass_that_is_not_well_formed_is_none(spoiled: dict[str, object]) -> None:
    BreakGlass.model_validate(VALID)
    with pytest.raises(ValidationError):
        BreakGlass.model_validate(VALID | spoiled)


STANDINGS = [
    NONE,
    *(standing(runs, *ok) for runs, ok in product([OLD, NEW], [(), (OLD,), (NEW,), (NEW, OLD), (OLD, NEW)])),
]


@given(
    upstream=st.sampled_from(STANDINGS),
    own=st.sampled_from(STANDINGS),
    broken=st.sampled_from([None, glass(OLD), glass(NEW), glass(NEW, NOW)]),
    digest=st.sampled_from([OLD, NEW]),
)
def test_nothing_passes_that_nobody_vouches_for(
    upstream: PromotionState, own: PromotionState, broken: BreakGlass | None, digest: str
) -> None:
    decision = judged(digest, upstream=upstream, own=own, glass=broken)
    by_upstream = bool(upstream.verified) and upstream.verified[0].artifact_digest == digest
    by_itself = digest in [item.artifact_digest for item in own.verified]
    by_glass = broken is not None and broken.artifact_digest == digest and broken.expires > NOW
    assert isinstance(decision, Refused) == (not (by_upstream or by_itself or by_glass))
    assert isinstance(decision, Overridden) == (by_glass and not by_upstream and not by_itself)


# What failed here


def failed(digest: str = NEW, *, content: str | None = None) -> FailedVerification:
    return FailedVerification(
        artifact_digest=digest,
        content_digest=content_with(digest) if content is None else content,
        release="r-1",
        at="2026-01-31T11:00:00Z",
    )


@pytest.mark.parametrize("project", PROJECTS)
def test_content_that_failed_here_since_the_upstream_verified_it_is_refused(project: str) -> None:
    offered = offer(project=project, artifact_digest=NEW if project == "payments" else "")
    own = replace(standing(OLD, OLD), failed=(failed(OTHER), failed()))
    decision = judged(offered=offered, upstream=standing(NEW, NEW), own=own)
    assert isinstance(decision, Refused)
    assert decision.code is RefusalCode.FAILED_HERE
    assert "r-1" in decision.reasons[0]
    assert "2026-01-31T11:00:00Z" in decision.reasons[0]


def test_content_that_failed_elsewhere_or_beside_it_is_admitted() -> None:
    upstream = replace(standing(NEW, NEW), failed=(failed(),))
    assert judged(upstream=upstream, own=replace(NONE, failed=(failed(OLD),))) == Admitted(
        because=AdmissionReason.UPSTREAM
    )
    assert judged(upstream=standing(NEW, NEW), own=replace(NONE, failed=(failed(NEW, content=OTHER),)))


def test_a_new_result_of_content_that_failed_here_can_be_recorded() -> None:
    own = replace(standing(NEW), failed=(failed(),))
    assert isinstance(judged(upstream=standing(NEW, NEW), own=own, recording=True), Admitted)


def test_a_break_glass_opens_for_content_that_failed_here() -> None:
    own = replace(standing(OLD, OLD), failed=(failed(),))
    assert isinstance(judged(upstream=standing(NEW, NEW), own=own, glass=glass()), Overridden)


def test_a_failure_is_remembered_until_the_content_passes() -> None:
    once = shown(standing(NEW), result=FAILED)
    assert [(item.content_digest, item.at) for item in once.failed] == [
        (content_with(NEW), "2026-01-31T12:00:00Z")
    ]
    assert shown(once, deploying=OLD).failed == once.failed
    assert len(shown(once, result=FAILED).failed) == 1
    assert shown(once, result=PASSED).failed == ()


# What an environment shows afterwards


def shown(
    own: PromotionState,
    *,
    deploying: str = NEW,
    release: str = "r-1",
    decision: Admitted | Overridden | None = None,
    result: VerificationResult | None = None,
) -> PromotionState:
    return next_state(
        own,
        decision or Admitted(because=AdmissionReason.UPSTREAM),
        deploying=standing(deploying, release=release),
        result=result,
        now=NOW,
    )


PASSED, FAILED = (VerificationResult(passed=passed, artifact_digest=NEW) for passed in (True, False))


def test_a_new_artifact_is_not_verified_and_the_old_one_stays_so() -> None:
    after_it = shown(standing(OLD, OLD), deploying=NEW, release="r-2")
    assert (after_it.artifact_digest, after_it.release) == (NEW, "r-2")
    assert after_it.latest == verified(OLD)


def test_a_passed_verification_puts_the_artifact_first_and_keeps_those_before_it() -> None:
    after_it = shown(standing(NEW, OLD, release="r-2"), release="r-2", result=PASSED)
    assert after_it.verified == (verified(NEW, "r-2", at="2026-01-31T12:00:00Z"), verified(OLD))


def test_a_repeated_verification_keeps_the_time_of_the_first() -> None:
    own = standing(NEW, NEW, OLD)
    assert shown(own, result=PASSED).verified == own.verified


def test_the_same_artifact_in_another_release_is_verified_anew() -> None:
    after_it = shown(standing(NEW, NEW, release="r-2"), release="r-2", result=PASSED)
    assert [(item.release, item.at) for item in after_it.verified] == [
        ("r-2", "2026-01-31T12:00:00Z"),
        ("r-1", "2026-01-30T12:00:00Z"),
    ]


def test_a_failed_verification_takes_back_what_an_earlier_one_gave() -> None:
    own = standing(NEW, NEW, OLD)
    after_it = shown(own, result=FAILED)
    assert after_it.latest == verified(OLD)
    assert isinstance(judged(NEW, upstream=after_it), Refused)


def test_a_failed_verification_leaves_what_other_content_with_the_same_artifact_has_proved() -> None:
    other = verified(NEW, "r-0", content=OTHER)
    own = replace(standing(NEW), verified=(verified(NEW), other))
    assert shown(own, result=FAILED).verified == (other,)


def test_a_verification_of_more_stacks_with_the_same_content_is_a_new_proof() -> None:
    partial = verified(NEW, projects=("payments",))
    own = replace(standing(NEW), verified=(partial,))
    assert not own.is_verified
    (latest,) = shown(own, result=PASSED).verified
    assert (latest.projects, latest.at) == (PROJECTS, "2026-01-31T12:00:00Z")


def test_an_environment_remembers_a_limited_number_of_verified_artifacts() -> None:
    own = NONE
    for number in range(2 * EARLIER_KEPT):
        digest = f"{number:064x}"
        result = VerificationResult(passed=True, artifact_digest=digest)
        own = shown(own, deploying=digest, release=str(number), result=result)
    assert len(own.verified) == 1 + EARLIER_KEPT
    assert own.verified[0].release == str(2 * EARLIER_KEPT - 1)


def test_a_broken_glass_shows_until_the_next_clean_promotion() -> None:
    broken = shown(standing(OLD, OLD), decision=Overridden(glass=glass()))
    assert broken.break_glass == {
        "artifactDigest": NEW,
        "reason": "payments are lost",
        "expires": "2026-01-31T13:00:00Z",
    }
    gone_back = shown(broken, deploying=OLD, decision=Admitted(because=AdmissionReason.OWN))
    assert gone_back.break_glass == broken.break_glass
    assert shown(gone_back, decision=Admitted(because=AdmissionReason.UPSTREAM)).break_glass == {}


@pytest.mark.parametrize("found", [*STANDINGS, replace(standing(NEW), failed=(failed(OLD),))])
def test_a_standing_survives_the_outputs(found: PromotionState) -> None:
    outputs = {
        "".join(part.title() if at else part for at, part in enumerate(name.split("_"))): value
        for name, value in found.as_outputs().items()
    }
    assert PromotionState.of(outputs) == found


def test_an_undeployed_stack_has_no_standing() -> None:
    assert PromotionState.of({}) == NONE


# Recording


def test_a_verification_of_what_is_deployed_and_stays_so_is_recorded() -> None:
    assert verification_conflict(PASSED, own=standing(NEW), deploying=standing(NEW)) is None


@pytest.mark.parametrize(
    ("own", "deploying"),
    [
        (NONE, standing(NEW)),
        (standing(OLD), standing(NEW)),
        (standing(NEW), standing(OLD)),
        (standing(NEW), standing(NEW, release="r-2")),
        (standing(NEW), replace(standing(NEW), content_digest=OTHER)),
    ],
)
def test_a_verification_of_anything_else_is_not_recorded(
    own: PromotionState, deploying: PromotionState
) -> None:
    assert verification_conflict(PASSED, own=own, deploying=deploying)
