import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from components.stacks import PROJECTS
from operations.commands import evidence as script
from operations.evidence.collect import digest
from tests.operations.evidence.requests import RECORD, clean


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Exports of prod, and its promotion record beside them."""
    for project in PROJECTS:
        (tmp_path / f"{project}.prod.json").write_text(json.dumps(clean(project)), encoding="utf-8")
    records = tmp_path / "promotions" / "prod"
    records.mkdir(parents=True)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(script.app, list(arguments))


def test_json_goes_to_standard_output_and_what_exports_cannot_show_is_a_gap(folder: Path) -> None:
    done = run("--env", "prod", "--from-export", str(folder))

    assert done.exit_code == 2
    document = json.loads(done.stdout)
    assert document["digest"] == digest(document["content"])
    assert document["content"]["source"] == "export"
    subjects = " ".join(item["subject"] for item in document["content"]["gaps"])
    assert "promotion record" in subjects
    assert "unmanaged" in subjects


def test_allowing_gaps_both_files_are_written_and_nothing_is_printed(folder: Path) -> None:
    page, data = folder / "evidence.html", folder / "evidence.json"
    done = run(
        "--env", "prod", "--from-export", str(folder), "--html", str(page), "--json", str(data),
        "--records", folder.as_uri(), "--allow-incomplete",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    document = json.loads(data.read_text(encoding="utf-8"))
    assert document["digest"] in page.read_text(encoding="utf-8")
    assert document["content"]["history"]["entries"] == 0


def test_the_record_beside_the_exports_is_read(folder: Path) -> None:
    from operations.promotion.storage import storage

    place = storage(folder.as_uri(), environ={})
    for entry in RECORD.entries:
        assert place.create("prod", entry.number, entry.model_dump_json())
    done = run("--env", "prod", "--from-export", str(folder), "--records", folder.as_uri())
    history = json.loads(done.stdout)["content"]["history"]
    assert history["entries"] == len(RECORD.entries)
    assert history["lastEntryDigest"] == RECORD.entries[-1].digest


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--env", "moon"], "moon"),
        (["--env", "prod", "--from-export", "/no/such/folder"], "/no/such/folder"),
        (["--env", "prod", "--restore-drills", "/no/such.yaml"], "/no/such.yaml"),
        (["--env", "prod", "--waivers", "/no/such.yaml"], "/no/such.yaml"),
        ([], "--env"),
    ],
)
def test_wrong_usage_exits_with_2_and_names_the_value(arguments: list[str], named: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert named in done.output.replace("\n", "").replace("│", "")
    assert "Traceback" not in done.output


def test_a_file_that_cannot_be_written_is_an_error(folder: Path) -> None:
    done = run("--env", "prod", "--from-export", str(folder), "--html", str(folder / "none" / "e.html"))
    assert done.exit_code == 2
    assert "cannot be written" in done.output
