from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components.promotion_gate import (
    EARLIER_KEPT,
    LONGEST_BREAK_GLASS,
    Admitted,
    Because,
    BreakGlass,
    Decision,
    Overridden,
    Refused,
    Standing,
    Upstream,
    VerificationResult,
    Verified,
    after,
    decide,
    objection,
)

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
OLD, NEW, OTHER = "0a" * 32, "1b" * 32, "2c" * 32
NONE = Standing()


def verified(digest: str, release: str = "r-1", at: str = "2026-01-30T12:00:00Z") -> Verified:
    return Verified(artifact_digest=digest, release=release, release_commit=f"commit-of-{release}", at=at)


def standing(runs: str, *has_verified: str, release: str = "r-1", **glass: str) -> Standing:
    return Standing(
        artifact_digest=runs,
        release=release,
        release_commit=f"commit-of-{release}",
        verified=tuple(map(verified, has_verified)),
        break_glass=glass,
    )


def glass(digest: str = NEW, expires: datetime = NOW + timedelta(hours=1)) -> BreakGlass:
    return BreakGlass.model_validate(
        {"artifactDigest": digest, "reason": "payments are lost", "expires": expires}
    )


def judged(
    digest: str = NEW,
    *,
    upstream: Standing | None = NONE,
    own: Standing = NONE,
    glass: BreakGlass | None = None,
    now: datetime = NOW,
) -> Decision:
    below = None if upstream is None else Upstream(environment="staging", standing=upstream)
    return decide("prod", digest, upstream=below, own=own, glass=glass, now=now)


# Deciding


def test_the_lowest_environment_takes_everything() -> None:
    assert judged(upstream=None) == Admitted(because=Because.LOWEST)


def test_what_upstream_has_verified_last_is_admitted() -> None:
    assert judged(upstream=standing(NEW, NEW)) == Admitted(because=Because.UPSTREAM)


def test_what_upstream_runs_without_having_verified_it_is_refused() -> None:
    assert isinstance(judged(upstream=standing(NEW)), Refused)
    assert isinstance(judged(upstream=standing(NEW, OLD)), Refused)


def test_what_upstream_verified_stays_admitted_while_upstream_tries_something_else() -> None:
    assert judged(OLD, upstream=standing(NEW, OLD)) == Admitted(because=Because.UPSTREAM)


def test_what_upstream_verified_before_its_latest_is_refused() -> None:
    assert isinstance(judged(OLD, upstream=standing(NEW, NEW, OLD)), Refused)


def test_an_environment_may_go_back_to_what_it_has_verified_itself() -> None:
    own = standing(NEW, NEW, OLD)
    for digest in (NEW, OLD):
        assert judged(digest, upstream=standing(OTHER, OTHER), own=own) == Admitted(because=Because.OWN)


def test_that_an_environment_runs_an_artifact_is_no_reason_to_deploy_it_again() -> None:
    assert isinstance(judged(NEW, upstream=standing(OTHER, OTHER), own=standing(NEW, OLD)), Refused)


def test_a_refusal_names_both_digests() -> None:
    refused = judged(NEW, upstream=standing(OLD, OLD))
    assert isinstance(refused, Refused)
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
def test_a_refusal_says_what_to_run(upstream: Standing, advice: str) -> None:
    refused = judged(upstream=upstream)
    assert isinstance(refused, Refused)
    assert advice in "\n".join(refused.reasons)


# Breaking the glass


def test_a_break_glass_lets_its_artifact_through() -> None:
    assert judged(glass=glass()) == Overridden(glass=glass())


def test_what_is_admitted_anyway_breaks_no_glass() -> None:
    assert judged(upstream=standing(NEW, NEW), glass=glass()) == Admitted(because=Because.UPSTREAM)


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
    upstream: Standing, own: Standing, broken: BreakGlass | None, digest: str
) -> None:
    decision = judged(digest, upstream=upstream, own=own, glass=broken)
    by_upstream = bool(upstream.verified) and upstream.verified[0].artifact_digest == digest
    by_itself = digest in [item.artifact_digest for item in own.verified]
    by_glass = broken is not None and broken.artifact_digest == digest and broken.expires > NOW
    assert isinstance(decision, Refused) == (not (by_upstream or by_itself or by_glass))
    assert isinstance(decision, Overridden) == (by_glass and not by_upstream and not by_itself)


# What an environment shows afterwards


def shown(
    own: Standing,
    *,
    deploying: str = NEW,
    release: str = "r-1",
    decision: Admitted | Overridden | None = None,
    result: VerificationResult | None = None,
) -> Standing:
    return after(
        own,
        decision or Admitted(because=Because.UPSTREAM),
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
    gone_back = shown(broken, deploying=OLD, decision=Admitted(because=Because.OWN))
    assert gone_back.break_glass == broken.break_glass
    assert shown(gone_back, decision=Admitted(because=Because.UPSTREAM)).break_glass == {}


@pytest.mark.parametrize("found", STANDINGS)
def test_a_standing_survives_the_outputs(found: Standing) -> None:
    outputs = {
        "".join(part.title() if at else part for at, part in enumerate(name.split("_"))): value
        for name, value in found.as_outputs().items()
    }
    assert Standing.of(outputs) == found


def test_an_undeployed_stack_has_no_standing() -> None:
    assert Standing.of({}) == NONE


# Recording


def test_a_verification_of_what_is_deployed_and_stays_so_is_recorded() -> None:
    assert objection(PASSED, own=standing(NEW), deploying=standing(NEW)) is None


@pytest.mark.parametrize(
    ("own", "deploying"),
    [
        (NONE, standing(NEW)),
        (standing(OLD), standing(NEW)),
        (standing(NEW), standing(OLD)),
        (standing(NEW), standing(NEW, release="r-2")),
    ],
)
def test_a_verification_of_anything_else_is_not_recorded(own: Standing, deploying: Standing) -> None:
    assert objection(PASSED, own=own, deploying=deploying)
