import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from components.release import (
    ID_LENGTH,
    REPOSITORY,
    CleanCheckout,
    Release,
    UnreleasedCheckout,
    changed_files,
    commit_of,
    of_checkout,
)

DIGEST, CONTENT_DIGEST = "ab" * 32, "ce" * 32
CONTENT: dict[str, Any] = {
    "commit": "c0" * 20,
    "artifactDigest": DIGEST,
    "contentDigest": CONTENT_DIGEST,
    "componentVersion": "0.1.0",
    "policyPackVersion": "1.0.0",
    "sdkVersions": {"pulumi": "3.259.0", "pulumi-aws": "7.51.1"},
}


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(  # noqa: S603  the tests' own words
        [shutil.which("git") or "git", *identity, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean checkout of one commit that holds what a release is told by."""
    root = tmp_path / "checkout"
    (root / "policies").mkdir(parents=True)
    for name in ("pyproject.toml", "policies/PulumiPolicy.yaml"):
        shutil.copy(REPOSITORY / name, root / name)
    (root / ".gitignore").write_text("ignored\n", encoding="utf-8")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "One")
    return root


def released(root: Path, digest: str = DIGEST) -> Release:
    release = of_checkout(digest, CONTENT_DIGEST, root)
    assert isinstance(release, Release), release
    return release


def _expected_id() -> str:
    text = (
        f'{{"artifactDigest":"{DIGEST}","commit":"{"c0" * 20}","componentVersion":"0.1.0",'
        f'"contentDigest":"{CONTENT_DIGEST}",'
        '"policyPackVersion":"1.0.0","sdkVersions":{"pulumi":"3.259.0","pulumi-aws":"7.51.1"}}'
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def test_an_id_is_twelve_hexadecimal_digits_of_the_content() -> None:
    assert ID_LENGTH == 12
    assert Release.model_validate(CONTENT).id == _expected_id()
    reordered = dict(reversed(CONTENT.items())) | {
        "sdkVersions": dict(reversed(CONTENT["sdkVersions"].items()))
    }
    assert Release.model_validate(reordered).id == Release.model_validate(CONTENT).id


@pytest.mark.parametrize(
    "changed",
    [
        {"commit": "c1" * 20},
        {"artifactDigest": "ac" * 32},
        {"contentDigest": "cf" * 32},
        {"componentVersion": "0.1.1"},
        {"policyPackVersion": "1.0.1"},
        {"sdkVersions": {"pulumi": "3.260.0", "pulumi-aws": "7.51.1"}},
    ],
)
def test_another_content_has_another_id(changed: dict[str, Any]) -> None:
    assert Release.model_validate(CONTENT | changed).id != Release.model_validate(CONTENT).id


def test_a_clean_checkout_is_a_release_of_its_commit(checkout: Path) -> None:
    release = released(checkout)
    assert release.commit == git(checkout, "rev-parse", "HEAD")
    assert release.artifact_digest == DIGEST
    assert re.fullmatch(r"\d+\.\d+\.\d+", release.component_version)
    assert re.fullmatch(r"\d+\.\d+\.\d+", release.policy_pack_version)
    assert set(release.sdk_versions) == {"pulumi", "pulumi-aws", "pulumi-policy"}


def test_a_copy_of_a_checkout_is_the_same_release(checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(checkout), "clone")
    assert released(tmp_path / "clone").id == released(checkout).id


def test_ignored_files_leave_a_checkout_clean(checkout: Path) -> None:
    (checkout / "ignored").write_text("x", encoding="utf-8")
    assert released(checkout)


@pytest.mark.parametrize("spoil", ["changed", "new", "removed", "staged"])
def test_a_checkout_that_differs_from_its_commit_is_no_release(checkout: Path, spoil: str) -> None:
    match spoil:
        case "changed":
            (checkout / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
        case "new":
            (checkout / "new.py").write_text("", encoding="utf-8")
        case "removed":
            (checkout / "pyproject.toml").unlink()
        case "staged":
            (checkout / "new.py").write_text("", encoding="utf-8")
            git(checkout, "add", "new.py")
    unreleased = of_checkout(DIGEST, CONTENT_DIGEST, checkout)
    assert isinstance(unreleased, UnreleasedCheckout)
    assert unreleased.id == "unreleased"
    assert "new.py" in unreleased.because or "pyproject.toml" in unreleased.because


def test_what_is_no_checkout_is_no_release(tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "plain").mkdir()
    for folder in (tmp_path / "plain", checkout / "policies"):
        assert isinstance(commit_of(folder), UnreleasedCheckout)
    with patch("components.release.shutil.which", return_value=None):
        assert "git is not installed" in str(commit_of(checkout))


def test_a_hooks_variables_do_not_lead_to_another_repository(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = released(checkout)
    monkeypatch.setenv("GIT_DIR", str(REPOSITORY / ".git"))
    assert released(checkout) == expected


STACK_FILE = """config:
  payments:accountId: "111111111111"
  payments:memoryMb: 512
  payments:operatorEmails:
    - a@example.com
"""


@pytest.fixture
def configured(checkout: Path) -> Path:
    """A clean checkout with a stack file."""
    folder = checkout / "projects" / "payments"
    folder.mkdir(parents=True)
    (folder / "Pulumi.dev.yaml").write_text(STACK_FILE, encoding="utf-8")
    (folder / "Pulumi.yaml").write_text("name: payments\n", encoding="utf-8")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "Configured")
    return checkout


@pytest.mark.parametrize(
    "text",
    [
        "secretsprovider: awskms://alias/a?region=eu-west-1\n" + STACK_FILE,
        STACK_FILE + "encryptionsalt: v1:abc=:v1:def=\n",
        STACK_FILE + "encryptedkey: QUJD\n",
        STACK_FILE.replace("512", '"512"').replace('"111111111111"', "'111111111111'"),
        "config: {payments:operatorEmails: [a@example.com], payments:memoryMb: 512, "
        'payments:accountId: "111111111111"}\n',
        STACK_FILE.replace("\n", "\r\n"),
    ],
    ids=["secretsprovider", "encryptionsalt", "encryptedkey", "quotes", "layout", "CRLF"],
)
def test_what_the_engine_writes_into_a_stack_file_leaves_the_checkout_clean(
    configured: Path, text: str
) -> None:
    (configured / "projects/payments/Pulumi.dev.yaml").write_text(text, encoding="utf-8", newline="")
    assert isinstance(commit_of(configured), CleanCheckout)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Pulumi.dev.yaml", STACK_FILE.replace("512", "1024")),
        ("Pulumi.dev.yaml", STACK_FILE + "  payments:memoryMB: 512\n"),
        ("Pulumi.dev.yaml", STACK_FILE.replace("    - a@example.com", "    - b@example.com")),
        ("Pulumi.dev.yaml", "config: ["),
        ("Pulumi.prod.yaml", STACK_FILE),
        ("Pulumi.yaml", "name: payments\nencryptionsalt: v1\n"),
    ],
    ids=["value", "key", "element", "no YAML", "new file", "no stack file"],
)
def test_any_other_change_of_a_project_is_an_uncommitted_change(
    configured: Path, name: str, text: str
) -> None:
    (configured / "projects/payments" / name).write_text(text, encoding="utf-8")
    unreleased = commit_of(configured)
    assert isinstance(unreleased, UnreleasedCheckout)
    assert f"projects/payments/{name}" in unreleased.because


def test_a_crlf_checkout_is_the_same_release(configured: Path, tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / ".gitattributes", configured / ".gitattributes")
    git(configured, "add", ".")
    git(configured, "commit", "--quiet", "--message", "Attributes")
    expected = released(configured)
    for path in (configured / "pyproject.toml", configured / "projects/payments/Pulumi.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert released(configured) == expected
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "--quiet", str(configured), "clone")
    assert b"\r" not in (tmp_path / "clone" / "pyproject.toml").read_bytes()


def test_a_reason_for_being_unreleased_names_no_place_of_this_machine(tmp_path: Path) -> None:
    unreleased = commit_of(tmp_path)
    assert isinstance(unreleased, UnreleasedCheckout)
    assert str(tmp_path) not in unreleased.because


def test_content_files_that_differ_from_a_commit_are_listed_and_stack_files_are_not(configured: Path) -> None:
    commit = git(configured, "rev-parse", "HEAD")
    (configured / "README.md").write_text("text", encoding="utf-8")
    (configured / "policies" / "PulumiPolicy.yaml").write_text("version: 2.0.0\n", encoding="utf-8")
    (configured / "projects/payments/Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    (configured / "projects/payments/new.py").write_text("", encoding="utf-8")
    names = [line.partition("|")[0].strip() for line in changed_files(commit, configured) or ()]
    assert names == ["policies/PulumiPolicy.yaml", "projects/payments/new.py"]
    assert changed_files("", configured) is None
    assert changed_files("0" * 40, configured) is None
