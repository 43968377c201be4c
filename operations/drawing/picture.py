"""What is to be seen of the rendered stacks: pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from operations.engine.failure import StackName
from operations.rendering.recording import Recorder, Registered


@dataclass(frozen=True, kw_only=True)
class Box:
    """A component, or the project itself for what has none, with its resources."""

    title: str
    lines: tuple[tuple[str, str], ...]
    """Kind and logical name of each AWS resource."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A project, as it is in every environment."""

    project: str
    boxes: tuple[Box, ...]
    only_in: Mapping[str, tuple[str, ...]]
    """Environment to the resources that not all others have; empty where the pattern is identical."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything that is drawn."""

    columns: tuple[Column, ...]
    places: Mapping[str, str]
    """Environment to where it is, lowest first."""
    reads: tuple[tuple[str, str], ...]
    """Stacks that read outputs, and those that they read."""


def picture(rendered: Mapping[StackName, Recorder], places: Mapping[str, str]) -> Picture:
    """The picture of all stacks; the highest environment stands for the pattern."""
    highest = [*places][-1]
    projects = list(dict.fromkeys(stack.project for stack in rendered))
    return Picture(
        columns=tuple(_column(project, rendered, [*places], highest) for project in projects),
        places=places,
        reads=tuple(
            (str(stack), read.partition("/")[2])
            for stack, found in rendered.items()
            for read in found.read_stacks
        ),
    )


def _column(
    project: str, rendered: Mapping[StackName, Recorder], environments: list[str], pattern: str
) -> Column:
    found = {each: rendered[StackName(project=project, environment=each)] for each in environments}
    names = {
        each: {line for box in _boxes(recorder) for line in box.lines} for each, recorder in found.items()
    }
    everywhere = set.intersection(*names.values())
    only_in = {each: tuple(sorted(name for _, name in lines - everywhere)) for each, lines in names.items()}
    return Column(
        project=project,
        boxes=_boxes(found[pattern]),
        only_in={each: lines for each, lines in only_in.items() if lines},
    )


def _boxes(recorder: Recorder) -> tuple[Box, ...]:
    components = {each.urn: each.type.rpartition(":")[2] for each in recorder.resources if not each.custom}
    boxes: dict[str, list[tuple[str, str]]] = {}
    for resource in recorder.resources:
        if resource.custom and resource.type.startswith("aws:"):
            line = _kind(resource), resource.name
            boxes.setdefault(components.get(resource.parent, ""), []).append(line)
    # Sorted: programs register in no fixed order.
    return tuple(Box(title=title, lines=tuple(sorted(lines))) for title, lines in sorted(boxes.items()))


def _kind(resource: Registered) -> str:
    """`aws:dynamodb/table:Table` is a `Table`."""
    return resource.type.rpartition(":")[2]
