from datetime import UTC, datetime
from typing import Any

from operations.promotion.deployed_state import of_outputs
from operations.promotion.evidence import ReleaseRef, VerifiedRelease

OUTPUTS: dict[str, Any] = {
    "artifactDigest": "ab" * 32,
    "release": "r-2",
    "releaseCommit": "c" * 40,
    "verifiedArtifactDigest": "cd" * 32,
    "verifiedRelease": "r-1",
    "verifiedReleaseCommit": "b" * 40,
    "verifiedAt": "2026-03-01T12:00:00Z",
    "earlierVerified": [
        {
            "artifactDigest": "ef" * 32,
            "release": "r-0",
            "releaseCommit": "a" * 40,
            "at": "2026-02-01T12:00:00Z",
        }
    ],
    "breakGlass": {},
    "tableArn": "arn:prod",
    "upstreamTableArns": ["arn:dev", "arn:staging"],
}


def test_outputs_tell_what_runs_and_what_was_verified_the_latest_first() -> None:
    found = of_outputs("prod", OUTPUTS)

    assert found is not None
    assert found.release == ReleaseRef(id="r-2", commit="c" * 40, artifact_digest="ab" * 32)
    assert found.proven == (
        VerifiedRelease(
            release=ReleaseRef(id="r-1", commit="b" * 40, artifact_digest="cd" * 32),
            since=datetime(2026, 3, 1, 12, tzinfo=UTC),
        ),
        VerifiedRelease(
            release=ReleaseRef(id="r-0", commit="a" * 40, artifact_digest="ef" * 32),
            since=datetime(2026, 2, 1, 12, tzinfo=UTC),
        ),
    )
    assert found.upstream_table_arns == ("arn:dev", "arn:staging")
    assert found.break_glass == ""


def test_nothing_runs_where_there_are_no_outputs() -> None:
    assert of_outputs("prod", {}) is None


def test_outputs_of_before_there_were_releases_tell_of_none() -> None:
    found = of_outputs("prod", {"artifactDigest": "ab" * 32, "tableArn": "arn:prod", "upstreamTableArns": []})

    assert found is not None
    assert (found.release.id, found.release.commit, found.proven) == ("unreleased", "", ())


def test_a_break_glass_is_shown_with_its_reason_and_expiry() -> None:
    glass = {"artifactDigest": "ab" * 32, "reason": "an incident", "expires": "2026-03-03T12:00:00Z"}
    found = of_outputs("prod", {**OUTPUTS, "breakGlass": glass})

    assert found is not None
    assert found.break_glass == "an incident (until 2026-03-03T12:00:00Z)"
