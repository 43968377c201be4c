"""The command line, on exports of rendered programs: no engine, no account but where it is interrupted."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from operations import REPOSITORY
from operations.commands import drift
from operations.drift.formats import FORMATS
from operations.drift.plain import SECRET, SIGNATURE
from operations.drift.stack import REFERENCE, STACK_TYPE
from operations.engine.failure import StackName
from operations.rendering import Recorder, render_chain
from sandbox import Sandbox
from tests.operations.drift.runs import states

PROJECT = "network"
NAMES = {
    environment: StackName(project=PROJECT, environment=environment) for environment in ("staging", "prod")
}
HIDDEN = "hunter2-of-the-night"
Documents = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def rendered() -> dict[StackName, Recorder]:
    return render_chain("prod")


@pytest.fixture
def documents(rendered: dict[StackName, Recorder]) -> Documents:
    """Environment to the export of its network, as it would be right after its deployment."""
    return {environment: export(name, rendered[name]) for environment, name in NAMES.items()}


def export(name: StackName, recorder: Recorder) -> dict[str, Any]:
    start = f"urn:pulumi:{name.environment}::{name.project}::"
    stack = {
        "urn": f"{start}{STACK_TYPE}::{name.project}-{name.environment}",
        "type": STACK_TYPE,
        "outputs": recorder.outputs,
    }
    references = [
        {
            "urn": f"{start}{REFERENCE}::{read}",
            "type": REFERENCE,
            "outputs": {"name": read, "outputs": outputs},
        }
        for read, outputs in recorder.references.items()
        if read in recorder.read_stacks
    ]
    resources = [
        {
            "urn": each.urn,
            "type": each.type,
            "id": f"{each.name}-id",
            "inputs": each.inputs,
            "outputs": each.inputs,
        }
        for each in recorder.resources
    ]
    document = {"version": 3, "deployment": {"resources": [stack, *references, *resources]}}
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied


def inputs(document: dict[str, Any], name: str) -> dict[str, Any]:
    """What may be changed of a resource: it is what was seen of it, too."""
    (found,) = [each for each in document["deployment"]["resources"] if each["urn"].endswith(f"::{name}")]
    found["outputs"] = found["inputs"]
    asked: dict[str, Any] = found["inputs"]
    return asked


def changed(documents: Documents) -> Documents:
    inputs(documents["prod"], "flow-log-group")["retentionInDays"] = 1
    return documents


def written(folder: Path, documents: Documents) -> Path:
    for environment, document in documents.items():
        (folder / f"{PROJECT}.{environment}.json").write_text(json.dumps(document))
    return folder


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(drift.app, ["--from-export", str(folder), "--project", PROJECT, *options])


def test_environments_in_sync_exit_0_and_their_controlled_variation_is_told(
    documents: Documents, tmp_path: Path
) -> None:
    done = run(written(tmp_path, documents), "--format", "json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    unexplained = [each for each in report["findings"] if each["classification"] != "identity"]
    assert {(each["path"], each["classification"]) for each in unexplained} == {
        ("retentionInDays", "controlled")
    }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--exit-zero"], 0),
        (["--fail-on", "low"], 1),
        (["--fail-on", "high"], 1),
        (["--fail-on", "critical"], 0),
    ],
)
def test_drift_exits_1_where_it_is_as_bad_as_asked_for(
    documents: Documents, tmp_path: Path, options: list[str], code: int
) -> None:
    done = run(written(tmp_path, changed(documents)), *options)
    assert done.exit_code == code, done.output
    assert "retentionInDays" in done.stdout


def test_a_missing_export_exits_2_and_says_how_to_make_it(documents: Documents, tmp_path: Path) -> None:
    del documents["prod"]
    done = run(written(tmp_path, documents))
    assert done.exit_code == 2
    assert "network.prod.json" in done.stdout
    assert "stack export" in done.stdout
    assert run(tmp_path, "--allow-incomplete").exit_code == 0
    assert run(tmp_path, "--exit-zero").exit_code == 0


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"deployment": {"resources": [7]}}', "\x00"])
def test_a_malformed_export_exits_2_and_is_said(documents: Documents, tmp_path: Path, text: str) -> None:
    written(tmp_path, documents)
    (tmp_path / "network.prod.json").write_text(text)
    done = run(tmp_path, "--format", "json")
    assert done.exit_code == 2
    (left_out,) = json.loads(done.stdout)["notChecked"]
    assert "malformed" in left_out["reason"]
    assert "Traceback" not in done.output


def test_every_format_of_one_run_goes_to_its_file_and_holds_no_secret(
    documents: Documents, tmp_path: Path
) -> None:
    for environment, document in changed(documents).items():
        secret = {SIGNATURE: SECRET, "plaintext": json.dumps(f"{HIDDEN}-{environment}")}
        inputs(document, "flow-log-group")["tags"] = {"Password": secret}
        document["deployment"]["resources"][0]["outputs"]["password"] = secret
    inputs(documents["prod"], "flow-log-group")["name"] = {SIGNATURE: SECRET, "ciphertext": HIDDEN}
    folder = written(tmp_path, documents)
    files = {name: tmp_path / "reports" / f"report.{name}" for name in FORMATS}
    options = [part for name, path in files.items() for part in ("--format", name, "--output", str(path))]

    done = run(folder, *options)

    assert done.exit_code == 1, done.output
    for name, path in files.items():
        text = path.read_text(encoding="utf-8")
        assert "retentionInDays" in text, name
        assert HIDDEN not in text, name
    assert HIDDEN not in done.output


def test_a_history_grows_by_a_line_a_run_and_tells_since_when(documents: Documents, tmp_path: Path) -> None:
    folder, path = written(tmp_path, changed(documents)), tmp_path / "history.jsonl"
    first = json.loads(run(folder, "--history", str(path), "--format", "json").stdout)
    again = json.loads(run(folder, "--history", str(path), "--format", "json").stdout)
    assert len(path.read_text().splitlines()) == 2
    assert [each["since"] for each in again["findings"] if each["classification"] == "drift"] == [
        first["generatedAt"]
    ]


def test_all_mistakes_in_the_waivers_are_told_at_once(documents: Documents, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("waivers: [{id: one, path: '*', owner: me}, {id: two, colour: red}]")
    done = run(written(tmp_path, documents), "--waivers", str(waivers))
    assert done.exit_code == 2
    assert "one: reason" in done.stderr
    assert "two: colour" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--baseline", "nowhere"], "'nowhere' is no environment"),
        (["--project", "ledger"], "'ledger' is no project"),
        (["--format", "pdf"], "'pdf' is no format"),
        (["--baseline", "prod"], "both 'prod'"),
        (["--from-code"], "exclude each other"),
        (["--format", "json", "--format", "html"], "need an --output"),
        (["--output", "a", "--output", "b"], "2 --output for 1 --format"),
        (["--check", "weather"], "weather"),
        (["--fail-on", "awful"], "awful"),
    ],
)
def test_a_wrong_option_exits_2_and_is_said(
    documents: Documents, tmp_path: Path, options: list[str], said: str
) -> None:
    done = run(written(tmp_path, documents), *options)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_folder_that_is_not_there_exits_2(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "does not exist" in done.stderr


def test_ctrl_c_ends_the_engine_writes_nothing_and_leaves_the_states_as_they_are(
    deployed: Sandbox, tmp_path: Path
) -> None:
    before, written = states(deployed), (tmp_path / "report.json", tmp_path / "history.jsonl")
    options = ["--check", "cloud", "--env", "prod", "--project", "payments", "--format", "json"]
    options += ["--output", str(written[0]), "--history", str(written[1])]
    with subprocess.Popen(  # noqa: S603  this repository's own script
        [sys.executable, "scripts/drift.py", *options],
        cwd=REPOSITORY,
        env=deployed.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "payments/prod: cloud …\n"
        process.send_signal(signal.SIGINT)
        output, talk = process.communicate(timeout=120)

    assert process.returncode == 130, talk
    assert output == ""
    assert talk == "Interrupted: nothing was written.\n"
    assert not any(path.exists() for path in written)
    assert states(deployed) == before
