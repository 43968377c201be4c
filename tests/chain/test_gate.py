"""The promotion gate on the real engine: an artifact goes up the ladder verified, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.promotion_gate import timestamp
from operations.engine.failure import NotPromoted
from operations.verification import Failed, Passed
from operations.verification.record import record
from sandbox import Sandbox
from tests.chain.checkout import Checkout


@pytest.fixture(scope="module")
def checkout(deployed: Sandbox) -> Iterator[Checkout]:
    with deployed.copy() as box:
        yield Checkout(box)


def test_an_artifact_goes_up_verified_or_not_at_all(checkout: Checkout) -> None:
    old = checkout.outputs("staging")["artifactDigest"]
    new = checkout.change_function("# Another artifact.")
    before = checkout.resources("staging"), checkout.outputs("staging")

    refused = checkout.bare("up --yes --skip-preview", "staging")
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0, said
    assert "the promotion gate refuses to deploy to staging" in said
    assert new in said
    assert old in said
    assert "Traceback" not in said
    assert (checkout.resources("staging"), checkout.outputs("staging")) == before

    checkout.up("dev")
    assert checkout.outputs("dev")["artifactDigest"] == new
    assert checkout.outputs("dev")["verifiedArtifactDigest"] == old, "what was verified stays so"
    with pytest.raises(NotPromoted, match=r"dev runs it: verify it there"):
        checkout.up("staging")

    committed = checkout.stack_file("dev").read_text(encoding="utf-8")
    target = checkout.box.target("dev")
    assert record(_passed(target), target.outputs, checkout.operator)
    shown = checkout.outputs("dev")
    assert not record(_passed(target), shown, checkout.operator), "it is shown already"
    assert shown["verifiedArtifactDigest"] == new
    assert [item["artifactDigest"] for item in shown["earlierVerified"]] == [old]
    assert checkout.stack_file("dev").read_text(encoding="utf-8") == committed

    checkout.up("staging")
    assert checkout.outputs("staging")["artifactDigest"] == new
    assert checkout.outputs("staging")["verifiedArtifactDigest"] == old


def _passed(target: Any) -> Passed:
    digest = target.outputs["artifactDigest"]
    return Passed(environment=target.environment, artifact_digest=digest, seconds=0)


def test_breaking_the_glass_is_for_one_artifact_for_a_time_and_shows(checkout: Checkout) -> None:
    digest = checkout.outputs("staging")["artifactDigest"]
    glass = {"artifactDigest": digest, "reason": "payments are lost", "expires": "2026-01-31T12:00:00Z"}
    checkout.configure("prod", breakGlass=glass)
    expired = checkout.bare("preview", "prod")
    said = expired.stdout + expired.stderr
    assert expired.returncode != 0, said
    assert "staging has not verified the artifact that prod would get" in said
    assert "it expired at 2026-01-31T12:00:00Z" in said

    glass["expires"] = timestamp(datetime.now(UTC) + timedelta(hours=1))
    checkout.configure("prod", breakGlass=glass)
    deployed = checkout.bare("up --yes --skip-preview", "prod")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert "BREAK GLASS: prod gets an artifact that staging has not verified" in deployed.stdout
    assert checkout.outputs("prod")["breakGlass"] == glass


def test_a_failed_verification_closes_the_gate_above(checkout: Checkout) -> None:
    digest = checkout.outputs("dev")["verifiedArtifactDigest"]
    failed = Failed(environment="dev", artifact_digest=digest, reasons=("a test",), seconds=0)
    assert record(failed, checkout.outputs("dev"), checkout.operator)
    assert checkout.outputs("dev")["verifiedArtifactDigest"] != digest
    with pytest.raises(NotPromoted):
        checkout.up("staging")
