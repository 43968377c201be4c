import re
from xml.etree import ElementTree

from components.environment import LADDER
from components.stack_files import read_project
from operations import REPOSITORY

DRAWING = REPOSITORY / "docs" / "architecture.svg"
SVG = "{http://www.w3.org/2000/svg}"


def texts(group: ElementTree.Element) -> list[str]:
    """The texts below an element, in order."""
    return [text.text or "" for text in group.iter(f"{SVG}text")]


def test_the_environments_are_drawn_with_the_values_of_their_stack_files() -> None:
    root = ElementTree.parse(DRAWING).getroot()  # noqa: S314  our own file
    cards = {drawn[0]: drawn[1:] for group in root.iter(f"{SVG}g") if (drawn := texts(group))}
    assert tuple(cards) == tuple(LADDER)
    payments = read_project(REPOSITORY / "projects" / "payments")
    for environment, drawn in cards.items():
        value = {key.partition(":")[2]: str(text).lower() for key, text in payments[environment].items()}
        recovery = "on" if value["pointInTimeRecovery"] == "true" else "off"
        assert drawn == [
            f"{value['accountId']}, {value['region']}",
            f"concurrency {value['reservedConcurrency']}, {value['memoryMb']} MB",
            f"recovery to a point in time: {recovery}",
            f"{value['maxReceiveCount']} receives, then dead letter",
        ]


def test_it_draws_its_own_background_so_that_it_reads_on_light_and_dark_pages() -> None:
    root = ElementTree.parse(DRAWING).getroot()  # noqa: S314  our own file
    width, height = (float(size) for size in root.attrib["viewBox"].split()[2:])
    ground = next(root.iter(f"{SVG}rect")).attrib
    assert float(ground["width"]) >= width - 2
    assert float(ground["height"]) >= height - 2
    assert ground["fill"] == "#ffffff"


def test_it_needs_nothing_from_elsewhere() -> None:
    text = DRAWING.read_text(encoding="utf-8")
    assert re.findall(r"(?:href|src)=|url\((?!#)|@import", text) == []
