import base64
import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from components.artifact import Artifact, ArtifactUnavailable, build

WHEEL = "tiny-1.0-py3-none-any.whl"


def make_wheel(folder: Path, *, extra: str = "") -> Path:
    """A wheel of one module, as pip wants it."""
    wheel = folder / WHEEL
    files = {
        "tiny/__init__.py": "VALUE = 1\n",
        "tiny-1.0.data/scripts/tiny": "#!python\n",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny-1.0.dist-info/RECORD": "",
    }
    if extra:
        files[extra] = "x"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1990, 1, 1, 0, 0, 0)), text)
    return wheel


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel that most tests share, so that pip runs once for all of them."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    make_wheel(folder)
    return folder


@pytest.fixture
def write_function(tmp_path: Path, wheelhouse: Path) -> Callable[[str], Path]:
    """Writes functions/tiny_function into a folder of this name, with the shared wheel."""
    return lambda folder: write(tmp_path / folder, wheelhouse)


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    """A function with a wheel of its own, in tmp_path, which a test may spoil."""
    make_wheel(tmp_path)
    return write(tmp_path / "a", tmp_path)


def write(folder: Path, wheels: Path) -> Path:
    """Writes functions/tiny_function; its wheel is found locally, under its hash."""
    pinned = f"--no-index\n--find-links {wheels}\ntiny==1.0 --hash=sha256:{sha256(wheels / WHEEL)}\n"
    source = folder / "functions" / "tiny_function"
    source.mkdir(parents=True)
    (source / "handler.py").write_text("def handler(event, context): ...\n")
    (source / "data.json").write_text("{}\n")
    (source / "requirements.in").write_text("tiny\n")
    (source / "requirements.txt").write_text(pinned)
    return folder / "functions"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def built(functions: Path, cache: str = "cache") -> Artifact:
    """Built in a cache of its own, into which wheels are taken that an earlier build has downloaded."""
    folder = functions.parent / cache
    requirements = (functions / "tiny_function" / "requirements.txt").read_text()
    downloaded = Path(requirements.split()[2]) / "downloaded"
    if downloaded.exists():
        shutil.copytree(downloaded, folder / "wheels", dirs_exist_ok=True)
    artifact = build("tiny_function", functions=functions, cache=folder)
    shutil.copytree(folder / "wheels", downloaded, dirs_exist_ok=True)
    return artifact


def test_the_zip_holds_sources_and_wheels_and_nothing_else(write_function: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(built(write_function("a")).path) as archive:
        assert archive.namelist() == [
            "tiny-1.0.dist-info/METADATA",
            "tiny-1.0.dist-info/RECORD",
            "tiny-1.0.dist-info/WHEEL",
            "tiny/__init__.py",
            "tiny_function/data.json",
            "tiny_function/handler.py",
        ]


def test_the_digest_is_that_of_the_zip_in_hexadecimal_and_as_lambda_reports_it(
    write_function: Callable[[str], Path],
) -> None:
    artifact = built(write_function("a"))
    assert artifact.digest == sha256(artifact.path)
    assert base64.b64decode(artifact.source_code_hash).hex() == artifact.digest


def test_two_folders_two_caches_times_modes_and_umasks_make_one_digest(
    write_function: Callable[[str], Path],
) -> None:
    first = built(write_function("a"))
    previous = os.umask(0o077)
    try:
        functions = write_function("somewhere else")
        for position, path in enumerate(sorted(functions.rglob("*"), reverse=True)):
            if path.is_file():
                path.chmod(0o700)
            os.utime(path, (10**9 + position * 1000, 10**9))
        second = built(functions, "other cache")
    finally:
        os.umask(previous)
    assert first.path.read_bytes() == second.path.read_bytes()


def test_bytecode_caches_notes_and_hidden_files_change_nothing(write_function: Callable[[str], Path]) -> None:
    functions = write_function("a")
    first = built(functions)
    source = functions / "tiny_function"
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "handler.cpython-313.pyc").write_bytes(b"x")
    (source / ".DS_Store").write_bytes(b"x")
    (source / "README.md").write_text("x")
    assert built(functions, "other cache").digest == first.digest


def test_entries_have_fixed_times_and_modes_and_are_stored(write_function: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(built(write_function("a")).path) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644
            assert entry.compress_type == zipfile.ZIP_STORED
            assert not entry.filename.endswith(".pyc")


def test_changed_sources_make_another_digest(write_function: Callable[[str], Path]) -> None:
    functions = write_function("a")
    first = built(functions)
    (functions / "tiny_function" / "handler.py").write_text("def handler(event, context): return 1\n")
    assert built(functions).digest != first.digest


def test_a_renamed_source_makes_another_digest(write_function: Callable[[str], Path]) -> None:
    functions = write_function("a")
    first = built(functions)
    (functions / "tiny_function" / "data.json").rename(functions / "tiny_function" / "more.json")
    assert built(functions).digest != first.digest


def test_what_is_built_already_is_not_built_again(functions: Path, tmp_path: Path) -> None:
    first = built(functions)
    shutil.rmtree(functions.parent / "cache" / "wheels")
    (tmp_path / WHEEL).unlink()
    assert build("tiny_function", functions=functions, cache=functions.parent / "cache") == first


def test_a_wheel_that_is_not_the_pinned_one_is_refused(functions: Path, tmp_path: Path) -> None:
    make_wheel(tmp_path, extra="tiny/backdoor.py")
    with pytest.raises(ArtifactUnavailable, match=r"(?s)cannot download.*hash"):
        built(functions)
    assert list((functions.parent / "cache").rglob("*.zip")) == []


def test_a_requirement_without_a_hash_is_refused(functions: Path, tmp_path: Path) -> None:
    unpinned = f"--no-index\n--find-links {tmp_path}\ntiny==1.0\n"
    (functions / "tiny_function" / "requirements.txt").write_text(unpinned)
    with pytest.raises(ArtifactUnavailable, match="hash"):
        built(functions)


def test_an_interrupted_download_is_not_taken_for_a_complete_one(functions: Path, tmp_path: Path) -> None:
    wheel = tmp_path / WHEEL
    kept = wheel.read_bytes()
    wheel.unlink()
    with pytest.raises(ArtifactUnavailable):
        built(functions)
    wheel.write_bytes(kept)
    assert zipfile.ZipFile(built(functions).path).testzip() is None


def test_a_wheel_that_unpacking_does_not_install_is_refused(functions: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, extra="tiny-1.0.data/data/etc/tiny.conf")
    requirements = functions / "tiny_function" / "requirements.txt"
    pinned = requirements.read_text().rpartition(":")[0]
    requirements.write_text(f"{pinned}:{sha256(wheel)}\n")
    with pytest.raises(ArtifactUnavailable, match="vendored by unpacking"):
        built(functions)


@pytest.mark.parametrize("missing", ["tiny_function", "tiny_function/requirements.txt"])
def test_a_folder_that_is_no_function_is_named(write_function: Callable[[str], Path], missing: str) -> None:
    functions = write_function("a")
    path = functions / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ArtifactUnavailable, match=missing):
        build("tiny_function", functions=functions, cache=functions.parent / "cache")


def test_the_payment_functions_zip_has_its_handler_and_its_dependencies() -> None:
    """Downloads three wheels when nothing has built the function yet."""
    with zipfile.ZipFile(build("payment_processor").path) as archive:
        names = set(archive.namelist())
    assert {"payment_processor/handler.py", "aws_lambda_powertools/__init__.py"} <= names
    assert "payment_processor/payment_request.schema.json" in names
    assert not [name for name in names if name.endswith(".pyc") or "x86_64" in name]
