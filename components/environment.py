"""The promotion ladder: the environments as a tree, in which each takes releases from its upstream.

    projects/environments.yaml → EnvironmentTree → upstreams_of("prod") == ("dev", "staging")

Three environments in a line are the simplest tree. Several environments may share an upstream; waves then say
which of them take a release first.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, overload

import yaml

from components.configuration import InvalidConfiguration, Mistake

ENVIRONMENTS_FILE = "environments.yaml"
"""File in the folder of the projects: one line per environment. It holds settings, like the stack files."""
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_KEYS = frozenset({"upstream", "wave"})


@dataclass(frozen=True, kw_only=True)
class EnvironmentNode:
    """An environment's place in the tree."""

    name: str
    """A Pulumi stack name, the same in every project."""
    upstream: str | None = None
    """The environment whose verified releases it takes; None for the lowest environment."""
    wave: int = 1
    """Turn among the environments of the same upstream, from 1."""


@dataclass(frozen=True)
class EnvironmentTree(Sequence[str]):
    """The names of all environments, each after its upstream; the lowest comes first."""

    nodes: tuple[EnvironmentNode, ...]

    @classmethod
    def line(cls, *names: str) -> Self:
        """Return a tree without branches, lowest environment first."""
        upstreams = (None, *names[:-1])
        return cls(
            tuple(
                EnvironmentNode(name=name, upstream=upstream)
                for name, upstream in zip(names, upstreams, strict=True)
            )
        )

    def __len__(self) -> int:
        """The number of environments."""
        return len(self.nodes)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        """The name at a position, or the names of a slice."""
        return tuple(node.name for node in self.nodes)[index]

    def node(self, environment: str) -> EnvironmentNode:
        """Return an environment's place.

        Raises:
            InvalidConfiguration: the environment is not in the tree.
        """
        for node in self.nodes:
            if node.name == environment:
                return node
        raise InvalidConfiguration(
            "the stack's name",
            [
                Mistake(
                    key="stack",
                    value=environment,
                    allowed=f"one of {', '.join(self)}",
                    fix=f"select one of these stacks, or add it to projects/{ENVIRONMENTS_FILE}",
                )
            ],
        )

    def waves(self, upstream: str) -> Mapping[int, tuple[str, ...]]:
        """Return the environments that take releases from `upstream`, by wave in ascending order."""
        below = [node for node in self.nodes if node.upstream == upstream]
        return {
            wave: tuple(node.name for node in below if node.wave == wave)
            for wave in sorted({node.wave for node in below})
        }

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return each environment that has an upstream, after that upstream."""
        return tuple((node.upstream, node.name) for node in self.nodes if node.upstream is not None)


def upstreams_of(environment: str, ladder: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the environments on the way to this one, lowest first: those of `prod` are `dev`, `staging`.

    `ladder` is the repository's tree by default; a plain sequence of names is a line, lowest first.

    Raises:
        InvalidConfiguration: the environment is not on the ladder.
    """
    tree = _tree(ladder)
    way: list[str] = []
    upstream = tree.node(environment).upstream
    while upstream is not None:
        way.append(upstream)
        upstream = tree.node(upstream).upstream
    return tuple(reversed(way))


def upstream_of(environment: str, ladder: Sequence[str] | None = None) -> str | None:
    """Return the environment that releases come from, or None for the lowest one.

    Raises:
        InvalidConfiguration: the environment is not on the ladder.
    """
    return _tree(ladder).node(environment).upstream


def environments_of(projects: Path) -> EnvironmentTree:
    """Return the tree of a folder of projects; the repository's own if the folder has no file for it.

    Raises:
        InvalidConfiguration: listing every mistake in the file.
    """
    return read_environments(projects) if (projects / ENVIRONMENTS_FILE).is_file() else LADDER


def read_environments(projects: Path) -> EnvironmentTree:
    """Read `environments.yaml` in a folder of projects.

    Raises:
        InvalidConfiguration: listing every mistake in the file.
    """
    path = projects / ENVIRONMENTS_FILE
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problem = str(error).replace("\n", " ")
        raise _invalid(path, [_mistake(path.name, problem, "a readable YAML file")]) from None
    return parse_environments(document, path)


def parse_environments(document: object, origin: Path = Path(ENVIRONMENTS_FILE)) -> EnvironmentTree:
    """Return the tree of a document: environment to nothing, its upstream, or `upstream` and `wave`.

    Raises:
        InvalidConfiguration: listing every mistake; `origin` is the file that messages name.
    """
    if not isinstance(document, Mapping) or not document:
        raise _invalid(origin, [_mistake(origin.name, document, "a mapping of environments to upstreams")])
    mistakes = list(_mistakes(document))
    if mistakes:
        raise _invalid(origin, mistakes)
    nodes = [_node(name, given) for name, given in document.items()]
    ordered: list[EnvironmentNode] = []
    while nodes:
        placed = {node.name for node in ordered}
        ready = [node for node in nodes if node.upstream is None or node.upstream in placed]
        if not ready:
            circle = ", ".join(node.name for node in nodes)
            raise _invalid(
                origin, [_mistake(circle, "a circle", "below the lowest environment, by upstreams")]
            )
        # One at a time, so that the order of the file is kept as far as upstreams allow.
        ordered.append(ready[0])
        nodes.remove(ready[0])
    return EnvironmentTree(tuple(ordered))


def _mistakes(document: Mapping[Any, Any]) -> Iterator[Mistake]:
    lowest = []
    for name, given in document.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield _mistake(
                "environment", name, "lower-case letters, digits and single hyphens, a letter first"
            )
        place = given if isinstance(given, Mapping) else {"upstream": given}
        for key in sorted(map(str, place.keys() - _KEYS)):
            yield _mistake(f"{name}.{key}", place.get(key), "one of the keys upstream, wave")
        upstream, wave = place.get("upstream"), place.get("wave", 1)
        if upstream is None:
            lowest.append(str(name))
        elif upstream not in list(document) or upstream == name:
            yield _mistake(f"{name}.upstream", upstream, "another environment of this file")
        if not isinstance(wave, int) or isinstance(wave, bool) or wave < 1:
            yield _mistake(f"{name}.wave", wave, "a whole number from 1")
    if len(lowest) != 1:
        shown = ", ".join(lowest) or "none"
        yield _mistake("environments without an upstream", shown, "exactly one: the lowest environment")


def _node(name: str, given: Any) -> EnvironmentNode:
    place = given if isinstance(given, Mapping) else {"upstream": given}
    return EnvironmentNode(name=name, upstream=place.get("upstream"), wave=place.get("wave", 1))


def _mistake(key: str, value: object, allowed: str) -> Mistake:
    return Mistake(key=key, value=value, allowed=allowed, fix=f"correct it in projects/{ENVIRONMENTS_FILE}")


def _invalid(path: Path, mistakes: Sequence[Mistake]) -> InvalidConfiguration:
    return InvalidConfiguration(str(path), mistakes)


def _tree(ladder: Sequence[str] | None) -> EnvironmentTree:
    if ladder is None:
        return LADDER
    return ladder if isinstance(ladder, EnvironmentTree) else EnvironmentTree.line(*ladder)


def _of_this_repository() -> EnvironmentTree:
    """The tree of this repository. Options of scripts name the environments, so it is read on import."""
    try:
        return read_environments(Path(__file__).resolve().parent.parent / "projects")
    except InvalidConfiguration as invalid:
        sys.stderr.write(f"{invalid}\n")
        sys.exit(2)


LADDER = _of_this_repository()
"""The environments of this repository, lowest first."""
