"""A stack that holds a secret: no report shows it, and without the passphrase the rest is told."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from operations.drift.detect import Request, detect
from operations.drift.formats import FORMATS
from operations.drift.outcome import exit_code
from operations.drift.plain import SECRET, SIGNATURE
from operations.drift.report import ABSENT, MASKED, Check, Classification, Kind, Report, Status
from operations.drift.sources import Live
from operations.workspace import engine_command, project_directory
from sandbox import Sandbox
from tests.operations.drift.runs import drift, resource, resources

HIDDEN = "hunter2-of-the-night"
PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"


@pytest.fixture(scope="module")
def with_secret(deployed: Sandbox) -> Iterator[Sandbox]:
    """A sandbox in whose network/prod a tag and an output are a secret, encrypted by a passphrase."""
    secret = {SIGNATURE: SECRET, "plaintext": json.dumps(HIDDEN)}
    with deployed.copy() as box:
        of_the_stack(box, "change-secrets-provider", "passphrase")
        document = box.export("network", "prod")
        group = resource(document, "flow-log-group")
        for side in (group["inputs"], group["outputs"]):
            side["tagsAll"] = {**side["tagsAll"], "Password": secret}
        resources(document, "pulumi:pulumi:Stack")[0]["outputs"]["password"] = secret
        path = box.folder / "with-secret.json"
        path.write_text(json.dumps(document))
        of_the_stack(box, "import", "--file", str(path))
        path.unlink()
        yield box


def of_the_stack(box: Sandbox, *command: str) -> None:
    subprocess.run(  # noqa: S603  the engine, which asks for a new passphrase on its standard input
        [box.command().command, "stack", *command, "--stack", "prod"],
        cwd=project_directory("network", box.root),
        env=box.environ,
        input=box.environ[PASSPHRASE],
        capture_output=True,
        text=True,
        check=True,
    )


def run(box: Sandbox, environ: dict[str, str]) -> Report:
    command = engine_command(environ)
    return detect(
        Request(
            source=Live(root=box.root, command=command),
            root=box.root,
            command=command,
            checks=(Check.CLOUD, Check.PARITY),
            projects=("network",),
            environments=("prod",),
        )
    )


def test_no_format_shows_a_secret_that_differs(with_secret: Sandbox) -> None:
    report = run(with_secret, with_secret.environ)

    found = {(each.check, each.resource, each.path): each for each in drift(report)}
    # The state alone has the tag: neither the account nor the program does, so `cloud` has nothing to say.
    tag = found[Check.PARITY, "flow-log-group", "tagsAll.Password"]
    assert (tag.kind, tag.baseline, tag.target) == (Kind.EXTRA, ABSENT, MASKED)
    assert found[Check.PARITY, "(stack)", "outputs.password"].target == MASKED
    assert report.not_checked == ()
    for render in FORMATS.values():
        text = render(report)
        assert "Password" in text
        assert HIDDEN not in text


def test_a_state_under_a_passphrase_that_nobody_declares_is_not_given_to_the_engine(
    with_secret: Sandbox,
) -> None:
    environ = {name: value for name, value in with_secret.environ.items() if name != PASSPHRASE}

    report = run(with_secret, environ)

    assert {each.check for each in report.not_checked} == {Check.CLOUD, Check.PARITY}
    assert all("secrets provider is passphrase" in each.reason for each in report.not_checked)
    assert exit_code(report) == 2
    for render in FORMATS.values():
        assert HIDDEN not in render(report)


def test_with_a_wrong_passphrase_the_stack_is_not_checked_and_the_rest_is(with_secret: Sandbox) -> None:
    report = run(with_secret, {**with_secret.environ, PASSPHRASE: "another"})

    (left_out,) = report.not_checked
    assert (left_out.check, left_out.project, left_out.environment) == (Check.CLOUD, "network", "prod")
    assert "network/prod" in left_out.reason
    assert "incorrect passphrase" in left_out.reason
    assert "Traceback" not in left_out.reason
    assert f"Set {PASSPHRASE} (or {PASSPHRASE}_FILE)" in left_out.fix
    assert exit_code(report) == 2
    # Parity needs no secret's value, so it needs no passphrase.
    assert report.status(Check.PARITY) is Status.DRIFT
    unlike = [each for each in report.findings if each.classification is not Classification.IDENTITY]
    assert {each.explained_by for each in unlike} == {"network:flowLogRetentionDays", None}
    for render in FORMATS.values():
        assert HIDDEN not in render(report)
