import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from operations.engine.build import Recipe, build
from operations.engine.installation import EngineUnavailable
from operations.engine.progress import Progress
from operations.engine.version import Version
from tests.operations.engine.programs import executable, search_path

# `go build -v -o OUTPUT -ldflags FLAGS PACKAGE`: notes its arguments, says what go would, makes the output.
GO = """
echo "$@" >> {log}
echo 'go: downloading example.com/module v1.0.0' >&2
echo example.com/module/part >&2
{body}
"""
MAKES_IT = 'echo "#!/bin/sh" > "$4"; chmod +x "$4"'


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    module = tmp_path / "tools"
    module.mkdir()
    (module / "go.mod").write_text("module tools\n")
    (module / "go.sum").write_text("")
    return Recipe(module=module, target=tmp_path / "target", version=Version(3, 259, 0))


def go(tmp_path: Path, body: str = MAKES_IT) -> dict[str, str]:
    executable(tmp_path / "go", "go", GO.format(log=tmp_path / "log", body=body))
    return search_path(tmp_path / "go")


def runs(tmp_path: Path) -> list[str]:
    log = tmp_path / "log"
    return log.read_text().splitlines() if log.exists() else []


def quiet() -> Progress:
    return Progress(io.StringIO())


def test_the_pinned_cli_is_built_with_its_version_stamped_in(tmp_path: Path, recipe: Recipe) -> None:
    built = build(recipe, go(tmp_path), quiet())

    assert built == tmp_path / "target" / "bin" / "pulumi"
    assert os.access(built, os.X_OK)
    (command,) = runs(tmp_path)
    assert command.endswith(
        "-ldflags -s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0 "
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    )


def test_what_is_built_is_not_built_again(tmp_path: Path, recipe: Recipe) -> None:
    build(recipe, go(tmp_path), quiet())
    build(recipe, go(tmp_path), quiet())

    assert len(runs(tmp_path)) == 1


def test_another_pin_is_built_anew(tmp_path: Path, recipe: Recipe) -> None:
    build(recipe, go(tmp_path), quiet())
    (recipe.module / "go.sum").write_text("changed")
    build(recipe, go(tmp_path), quiet())

    assert len(runs(tmp_path)) == 2


def test_several_at_once_build_once(tmp_path: Path, recipe: Recipe) -> None:
    environ = go(tmp_path, f"sleep 0.3; {MAKES_IT}")
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda _: build(recipe, environ, quiet()), range(4)))

    assert set(built) == {recipe.executable}
    assert len(runs(tmp_path)) == 1


def test_progress_tells_what_is_compiled(tmp_path: Path, recipe: Recipe) -> None:
    heard: list[str] = []

    class Heard(Progress):
        def show(self, text: str) -> None:
            heard.append(text)

    build(recipe, go(tmp_path), Heard(io.StringIO()))

    assert heard == [
        "downloading example.com/module (1 modules so far)",
        "compiling example.com/module/part (1 packages so far)",
    ]


def test_without_go_the_one_thing_to_do_is_said(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(EngineUnavailable, match=r"Install Pulumi 3\.259 or later .* or Go") as unavailable:
        build(recipe, {"PATH": str(tmp_path)}, quiet())

    assert "no `go`" in str(unavailable.value)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("go: go.mod requires go >= 1.25.11 (running go 1.20; GOTOOLCHAIN=local)", "Install the Go version"),
        ("dial tcp: lookup proxy.golang.org: no such host", "check the network, GOPROXY and HTTPS_PROXY"),
        ("write /tmp/x: no space left on device", "Free some 3 GB"),
        ("something else entirely", "Install Pulumi"),
    ],
)
def test_a_failed_build_says_why_and_what_to_do(
    tmp_path: Path, recipe: Recipe, said: str, remedy: str
) -> None:
    with pytest.raises(EngineUnavailable, match=remedy) as failed:
        build(recipe, go(tmp_path, f"{MAKES_IT}; echo '{said}' >&2; exit 1"), quiet())

    assert said in str(failed.value)
    assert list((recipe.target / "bin").iterdir()) == []


def test_a_build_that_is_killed_leaves_no_cli_and_no_lock(tmp_path: Path, recipe: Recipe) -> None:
    environ = go(tmp_path, f"{MAKES_IT}; sleep 60")
    program = f"""
import io
from pathlib import Path
from operations.engine.build import Recipe, build
from operations.engine.progress import Progress
from operations.engine.version import Version
module, target = Path({str(recipe.module)!r}), Path({str(recipe.target)!r})
recipe = Recipe(module=module, target=target, version=Version(3, 259, 0))
build(recipe, {environ!r}, Progress(io.StringIO()))
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, start_new_session=True) as process:  # noqa: S603  the program above
        while not runs(tmp_path):
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)

    assert not recipe.is_built()
    assert build(recipe, go(tmp_path), quiet()).is_file()
