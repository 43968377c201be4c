"""Finds a Pulumi CLI, or builds the pinned one, and completes it."""

import os
from collections.abc import Mapping
from pathlib import Path

from operations import REPOSITORY
from operations.engine.build import Recipe, build
from operations.engine.completion import write_language_host
from operations.engine.installation import Engine
from operations.engine.locate import Found, Unsuitable, locate
from operations.engine.progress import Progress
from operations.engine.version import pinned


def ensure_engine(
    *,
    environ: Mapping[str, str] | None = None,
    module: Path = REPOSITORY / "tools",
    target: Path = REPOSITORY / ".tools",
    progress: Progress | None = None,
) -> Engine:
    """The Pulumi CLI to use: the one on PATH if it is new enough, else the pinned one, built in `target`.

    `environ` is this process's environment by default; `module` is the folder whose go.mod pins the CLI.
    Reports on standard error only when something takes time or is not as expected. Raises EngineUnavailable.
    """
    variables = os.environ if environ is None else environ
    progress = progress or Progress()
    recipe = Recipe(module=module, target=target, version=pinned(module / "go.mod"))
    match locate(variables, recipe.version):
        case Found() as found if not _is(found.executable, recipe.executable):
            return _with_language_host(found, target)
        case Unsuitable(executable=executable, reason=reason) if not _is(executable, recipe.executable):
            progress.say(f"{executable} can't be used: {reason}. Using a CLI of our own, {recipe.version}.")
        case _:
            pass
    executable = build(recipe, variables, progress)
    write_language_host(executable.parent)
    return Engine(
        executable=executable,
        version=str(recipe.version),
        has_language_host=False,
        path_entries=(executable.parent,),
    )


def _with_language_host(found: Found, target: Path) -> Engine:
    # The folder of a CLI that someone else installed is not ours to write to.
    ours = () if found.has_language_host else (write_language_host(target / "language-host").parent,)
    return Engine(
        executable=found.executable,
        version=str(found.version),
        has_language_host=found.has_language_host,
        path_entries=ours,
    )


def _is(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
