"""The promotion gate on the real engine: an artifact goes up the ladder verified, or not at all."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import artifact
from components.promotion_gate import timestamp
from operations import REPOSITORY
from operations.deployment.operate import Operator
from operations.engine.failure import NotPromoted, StackName
from operations.verification import Failed, Passed
from operations.verification.record import record
from operations.workspace import engine_command
from sandbox import Sandbox
from tests.chain.terminal import typed

CODE = ("components", "functions")


class Checkout:
    """A sandbox's projects with code of their own beside them, to be changed."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        for name in CODE:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / name, box.root / name, ignore=ignored)
        (box.root / ".artifacts").symlink_to(REPOSITORY / ".artifacts")
        self.environ = {"PYTHONPATH": str(box.root)}
        self.operator = Operator(
            command=engine_command({**box.environ, **self.environ}), watch=lambda _: None, root=box.root
        )

    def change_function(self, line: str) -> str:
        """Makes another artifact; returns its digest."""
        with (self.box.root / "functions" / "payment_processor" / "settings.py").open("a") as source:
            source.write(f"\n{line}\n")
        return artifact.build("payment_processor", functions=self.box.root / "functions").digest

    def up(self, environment: str) -> None:
        self.operator.up(StackName(project="payments", environment=environment))

    def bare(self, command: str, environment: str) -> Any:
        """A plain `pulumi` command that somebody types."""
        line = f"pulumi -C projects/payments -s {environment} {command}"
        return typed(self.box, line, **self.environ)

    def outputs(self, environment: str) -> dict[str, Any]:
        return self.box.outputs("payments", environment)

    def resources(self, environment: str) -> list[dict[str, Any]]:
        """All but the stack itself, of which the state notes when it was looked at."""
        state = self.box.export("payments", environment)["deployment"]["resources"]
        return [each for each in state if each["type"] != "pulumi:pulumi:Stack"]

    def stack_file(self, environment: str) -> Path:
        return self.box.root / "projects" / "payments" / f"Pulumi.{environment}.yaml"

    def configure(self, environment: str, **values: Any) -> None:
        content = yaml.safe_load(self.stack_file(environment).read_text(encoding="utf-8"))
        content["config"] |= {f"payments:{key}": value for key, value in values.items()}
        self.stack_file(environment).write_text(yaml.safe_dump(content), encoding="utf-8")


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
