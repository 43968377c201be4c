import io
from pathlib import Path

import pytest

from operations import REPOSITORY
from operations.engine import Engine, EngineUnavailable, ensure_engine
from operations.engine.progress import Progress
from tests.operations.engine.programs import executable, pulumi, search_path

MODULE = REPOSITORY / "tools"
GO = 'echo "#!/bin/sh" > "$4"; chmod +x "$4"'


def ensure(target: Path, *folders: Path, said: io.StringIO | None = None) -> Engine:
    return ensure_engine(
        environ=search_path(*folders), module=MODULE, target=target, progress=Progress(said or io.StringIO())
    )


def test_a_complete_installation_is_used_as_it_is(tmp_path: Path) -> None:
    cli = pulumi(tmp_path / "opt" / "bin", "v3.300.1")
    executable(tmp_path / "opt" / "bin", "pulumi-language-python", "")
    said = io.StringIO()
    engine = ensure(tmp_path / "target", cli.parent, said=said)

    assert engine == Engine(executable=cli, version="3.300.1", has_language_host=True, path_entries=())
    assert engine.root == tmp_path / "opt"
    assert not (tmp_path / "target").exists()
    assert said.getvalue() == ""


def test_a_bare_installation_is_completed_outside_its_folder(tmp_path: Path) -> None:
    cli = pulumi(tmp_path / "usr" / "bin")
    engine = ensure(tmp_path / "target", cli.parent)
    (entry,) = engine.path_entries

    assert engine.executable == cli
    assert not engine.has_language_host
    assert (entry / "pulumi-language-python").is_file()
    assert list(cli.parent.iterdir()) == [cli]


def test_without_a_cli_the_pinned_one_is_built_and_completed(tmp_path: Path) -> None:
    executable(tmp_path / "go", "go", GO)
    engine = ensure(tmp_path / "target", tmp_path / "go")

    assert engine.executable == tmp_path / "target" / "bin" / "pulumi"
    assert engine.root == tmp_path / "target"
    assert (engine.root / "bin" / "pulumi-language-python").is_file()
    assert engine.path_entries == (engine.root / "bin",)


def test_an_old_cli_is_named_and_passed_over(tmp_path: Path) -> None:
    old = pulumi(tmp_path / "old", "v3.1.0")
    executable(tmp_path / "go", "go", GO)
    said = io.StringIO()
    engine = ensure(tmp_path / "target", tmp_path / "old", tmp_path / "go", said=said)

    assert engine.executable == tmp_path / "target" / "bin" / "pulumi"
    assert f"{old} can't be used: it is 3.1.0" in said.getvalue()


def test_our_own_cli_on_the_path_is_still_ours(tmp_path: Path) -> None:
    executable(tmp_path / "go", "go", 'printf "#!/bin/sh\\necho v3.259.0\\n" > "$4"; chmod +x "$4"')
    built = ensure(tmp_path / "target", tmp_path / "go")
    again = ensure(tmp_path / "target", built.executable.parent)

    assert again == built


def test_with_neither_cli_nor_go_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        ensure_engine(environ={"PATH": str(tmp_path)}, module=MODULE, target=tmp_path / "target")
