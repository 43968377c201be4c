import json
import shutil
from pathlib import Path

import pytest

from components.configuration import InvalidConfiguration
from components.project_settings import PaymentsIdentity, PaymentsScaling
from components.promotion_settings import NOTHING_SPECIAL, TRANSIENT
from components.settings import load, parse
from components.stack_files import project_defaults
from tests.builders import SECTIONS, parsed
from tests.recorder import PROJECTS, record

DIGEST = "ab" * 32
GLASS = f'{{"artifactDigest": "{DIGEST}", "reason": "payments are lost", "expires": "2026-01-31T12:00:00Z"}}'


def test_by_default_there_is_nothing_special() -> None:
    for project in SECTIONS:
        promotion = parsed(project).promotion
        assert (promotion.break_glass, promotion.preview_unverified) == (None, False)
        assert promotion.verification_result is None
    assert parsed("network").promotion == NOTHING_SPECIAL


def test_a_verifications_result_is_read() -> None:
    result = parsed("payments", verificationResult=f"failed:{DIGEST}").promotion.verification_result
    assert result is not None
    assert (result.passed, result.artifact_digest) == (False, DIGEST)


def test_a_break_glass_is_read() -> None:
    glass = parsed("payments", breakGlass=GLASS).promotion.break_glass
    assert glass is not None
    assert (glass.artifact_digest, glass.expires.isoformat()) == (DIGEST, "2026-01-31T12:00:00+00:00")


@pytest.mark.parametrize("project", SECTIONS)
def test_a_break_glass_may_name_content_in_every_project(project: str) -> None:
    glass = parsed(project, breakGlass=GLASS.replace("artifactDigest", "contentDigest")).promotion.break_glass
    assert glass is not None
    assert (glass.content_digest, glass.artifact_digest) == (DIGEST, None)


@pytest.mark.parametrize("project", ["bootstrap-iam", "network"])
def test_only_payments_takes_a_verifications_result(project: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"{project}:verificationResult .*one of the keys"):
        parsed(project, verificationResult=f"passed:{DIGEST}")


def test_a_mistake_in_a_break_glass_is_reported_with_what_is_allowed() -> None:
    identity, scaling, values = SECTIONS["payments"]
    with pytest.raises(InvalidConfiguration, match=r"payments:breakGlass .*with its zone, in quotes"):
        parse(
            identity,
            scaling,
            {**values, "breakGlass": GLASS.replace("12:00:00Z", "12:00:00")},
            project="payments",
            environment="prod",
        )


def projects(tmp_path: Path, extra: str) -> Path:
    folder = tmp_path / "payments"
    folder.mkdir()
    shutil.copy(PROJECTS / "payments" / "Pulumi.yaml", folder)
    for environment in ("dev", "staging", "prod"):
        text = (PROJECTS / "payments" / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8")
        (folder / f"Pulumi.{environment}.yaml").write_text(
            text + (extra if environment == "prod" else ""), encoding="utf-8"
        )
    return folder


def loading(folder: Path, environment: str) -> None:
    uniform = {"maximumAmounts": json.dumps(project_defaults(folder)["maximumAmounts"])}
    values = {f"payments:{key}": value for key, value in (SECTIONS["payments"][2] | uniform).items()}
    record(
        lambda: load(PaymentsIdentity, PaymentsScaling, project_directory=folder),
        environment=environment,
        config=values,
    )


@pytest.mark.parametrize("key", sorted(TRANSIENT))
def test_a_stack_file_may_not_hold_what_scripts_pass(tmp_path: Path, key: str) -> None:
    folder = projects(tmp_path, f'  payments:{key}: "x"\n')
    with pytest.raises(InvalidConfiguration, match=f"payments:{key} .*in no stack file"):
        loading(folder, "prod")
    loading(folder, "staging")


def test_one_stack_file_alone_may_hold_a_break_glass(tmp_path: Path) -> None:
    folder = projects(tmp_path, "  payments:breakGlass: {}\n")
    for environment in ("staging", "prod"):
        loading(folder, environment)
