"""The command line: what it prints where, and its exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policies import cli
from policies.cli import main
from policies.rules import RULES
from tests.policies import states
from tests.policies.engine import TODAY, UNKNOWN, config_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _a_day_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_today", lambda: TODAY)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "payments"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: payments\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text(json.dumps({"config": config_of("dev")}))
    return folder


def _written(folder: Path, document: object) -> str:
    file = folder / "document.json"
    file.write_text(json.dumps(document))
    return str(file)


def test_the_list_names_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    printed = capsys.readouterr().out
    assert all(rule.id in printed for rule in RULES)


def test_the_list_for_machines_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    listed = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert set(listed) == {rule.id for rule in RULES}
    assert listed["topic-email-domain"]["settings"] == {"allowedDomains": ["example.com"]}
    assert listed["table-on-demand"]["exceptionsAllowed"] is False
    assert listed["table-on-demand"]["level"] == "mandatory"


def test_a_rule_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "table-on-demand"]) == 0
    printed = capsys.readouterr().out
    assert "Why: " in printed
    assert "Fix: set billingMode" in printed
    assert "FSBP DynamoDB.1" in printed


def test_an_unknown_rule_is_a_mistake_in_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "nonsense"]) == 2
    assert "there is no rule 'nonsense'" in capsys.readouterr().err


def test_a_clean_export_exits_with_0(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _written(tmp_path, states.export(states.table()))
    assert main(["check", "--stack-export", file, "--project-dir", str(project)]) == 0
    assert "0 violations" in capsys.readouterr().out


def test_a_violation_exits_with_1(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = _written(tmp_path, states.export(states.table(billingMode="PROVISIONED")))
    assert main(["check", "--stack-export", file, "--project-dir", str(project), "--format", "json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert finding["rule"] == "table-on-demand"


def test_what_could_not_be_checked_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = states.preview(states.table(billingMode=UNKNOWN), config=config_of("dev"))
    assert main(["check", "--preview", _written(tmp_path, document)]) == 2
    assert "Not evaluated" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check"], "name a document"),
        (
            ["check", "--stack-export", "-", "--preview", "-"],
            "only one document can come from standard input",
        ),
        (["check", "--stack-export", "absent.json"], "absent.json can't be read"),
        (["check", "--nonsense"], "No such option"),
        (["check", "--stack-export", "-", "--format", "xml"], "xml"),
    ],
)
def test_a_mistake_in_usage_exits_with_2_and_is_told_without_a_traceback(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert complaint in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}"])
def test_a_document_that_is_none_exits_with_2(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "document.json"
    file.write_text(text)
    assert main(["check", "--stack-export", str(file)]) == 2
    assert capsys.readouterr().err.startswith("policies: ")


def test_a_wrong_configuration_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"nonsense": "advisory"}')
    file = _written(tmp_path, states.export(states.table()))
    assert main(["check", "--stack-export", file, "--config", str(config)]) == 2
    assert "'nonsense' is no rule of this pack" in capsys.readouterr().err


def test_a_project_without_the_stacks_file_exits_with_2(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "Pulumi.dev.yaml").unlink()
    file = _written(tmp_path, states.export(states.table()))
    assert main(["check", "--stack-export", file, "--project-dir", str(project)]) == 2
    assert "Pulumi.dev.yaml can't be read" in capsys.readouterr().err


def test_a_file_that_can_not_be_written_is_told_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _written(tmp_path, states.export(states.table()))
    assert main(["check", "--stack-export", file, "--output", str(tmp_path / "none" / "report")]) == 2
    assert "can't be written: No such file or directory" in capsys.readouterr().err


def test_a_report_can_be_written_to_a_file(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _written(tmp_path, states.export(states.table()))
    report = tmp_path / "report.sarif"
    arguments = [
        "--stack-export",
        file,
        "--project-dir",
        str(project),
        "--format",
        "sarif",
        "--output",
        str(report),
    ]
    assert main(["check", *arguments]) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(report.read_text())["version"] == "2.1.0"


def test_the_document_can_come_from_standard_input(project: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "policies", "check", "--stack-export", "-", "--project-dir", str(project)],
        input=json.dumps(states.export(states.table(billingMode="PROVISIONED"))),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert "table-on-demand" in done.stdout
    assert done.stderr == ""


def test_the_docs_are_what_the_rules_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs"]) == 0
    committed = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out == committed, "run: python -m policies docs --output docs/policies.md"
