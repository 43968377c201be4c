"""A project's whole program, rendered with a stack's configuration."""

import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import Any

from components import artifact, promotion
from components import environment as upstream
from components.artifact import Artifact
from components.promotion_gate import PromotionState
from components.release import UNRELEASED
from components.stack_files import project_defaults, read_project, value_text
from operations import REPOSITORY
from operations.rendering.recording import ONE_AT_A_TIME, Known, Recorder, SomeRecorder, record

ARTIFACT = Artifact(path=Path("not-built.zip"), digest="00" * 32)
"""Stands for the function's zip, which rendering does not build."""
RENDERED = PromotionState(
    artifact_digest=ARTIFACT.digest, release=UNRELEASED, unreleased="it is only rendered"
)
"""What a rendered program shows of its release: none."""


class Unrenderable(Exception):  # noqa: N818  says what a program can't be
    """A program failed: its configuration is refused, or it is mistaken. The message says why."""


def render(
    project: str,
    environment: str,
    *,
    projects: Path = REPOSITORY / "projects",
    config: Mapping[str, str] | None = None,
    references: Mapping[str, Mapping[str, Any]] | None = None,
    known: Mapping[tuple[str, str], Known] | None = None,
    code: Artifact = ARTIFACT,
    in_place_of: str | None = None,
) -> Recorder:
    """What the program of `project` in the folder `projects` would deploy to `environment`.

    Args:
        project: folder of the project.
        environment: stack.
        projects: folder of the projects.
        config: the stack's configuration, keys with their namespace; what `configuration` reads by default.
        references: outputs of the stacks that the program reads, by `organization/PROJECT/STACK`.
        known: what resources of a deployed stack answer; tokens such as `${payments-table.arn}` otherwise.
        code: the function's zip.
        in_place_of: the environment whose place an invented `environment` takes.

    Raises:
        Unrenderable: the program fails.
    """
    values = configuration(project, environment, projects=projects) if config is None else config
    recorder = Recorder(
        references=references or {}, known=known or {}, region=values.get(f"{project}:region", "us-east-1")
    )
    try:
        with _upstream_like(environment, in_place_of):
            return run(recorder, project, environment, projects=projects, config=values, code=code)
    except Exception as error:  # a program may raise anything
        said = f"it lacks {error}" if isinstance(error, KeyError) else error
        raise Unrenderable(f"{project}/{environment}: {said}") from error


def run(
    recorder: SomeRecorder,
    project: str,
    environment: str,
    *,
    projects: Path,
    config: Mapping[str, str],
    code: Artifact,
) -> SomeRecorder:
    """Runs the program and has `recorder` keep what it registers. Raises what the program raises."""
    program = str(projects / project / "__main__.py")
    with ONE_AT_A_TIME, _as_if_promoted(code):
        return record(
            lambda: runpy.run_path(program, run_name="__main__"),
            recorder,
            project=project,
            environment=environment,
            config=config,
        )


def configuration(
    project: str, environment: str, *, projects: Path = REPOSITORY / "projects"
) -> dict[str, str]:
    """A stack's configuration as the engine hands it over: Pulumi.yaml's defaults, then the stack's file.

    Values are text, with JSON for all but strings. Raises InvalidConfiguration, or OSError.
    """
    folder = projects / project
    stack = read_project(folder, (environment,)).get(environment, {})
    return {f"{project}:{key}": value_text(value) for key, value in project_defaults(folder).items()} | {
        key: value_text(value) for key, value in stack.items()
    }


@contextmanager
def _as_if_promoted(code: Artifact) -> Iterator[None]:
    """Neither builds the artifact nor asks whether it may be deployed: only what that would come to."""
    build, admit = artifact.build, promotion.enforce_promotion_gate
    artifact.build = lambda *_, **__: code
    promotion.enforce_promotion_gate = lambda *_, **__: replace(RENDERED, artifact_digest=code.digest)
    try:
        yield
    finally:
        artifact.build, promotion.enforce_promotion_gate = build, admit


@contextmanager
def _upstream_like(environment: str, other: str | None) -> Iterator[None]:
    """Give an environment that does not exist the upstream environments of another one."""
    if other is None:
        yield
        return
    with ONE_AT_A_TIME:
        originals = {
            function: _standing_in(function, environment, other)
            for function in (upstream.upstream_of, upstream.upstreams_of)
        }
        patched = [
            (module, name, value)
            for module in [each for name, each in sys.modules.items() if name.startswith("components")]
            for name, value in vars(module).items()
            if isinstance(value, FunctionType) and value in originals
        ]
        for module, name, value in patched:
            setattr(module, name, originals[value])
        try:
            yield
        finally:
            for module, name, value in patched:
                setattr(module, name, value)


def _standing_in(function: Callable[..., Any], environment: str, other: str) -> Callable[..., Any]:
    return lambda asked, *args, **kwargs: function(other if asked == environment else asked, *args, **kwargs)
