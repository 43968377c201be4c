import pytest

from components.environment import LADDER
from operations.drawing.__main__ import DRAWING, drawing
from operations.drawing.picture import Picture, picture
from operations.engine.failure import StackName
from operations.rendering.chain import render_chain
from operations.rendering.recording import Recorder

PLACES = dict.fromkeys(LADDER, "somewhere")


@pytest.fixture(scope="module")
def rendered() -> dict[StackName, Recorder]:
    return render_chain(*LADDER)


@pytest.fixture(scope="module")
def seen(rendered: dict[StackName, Recorder]) -> Picture:
    return picture(rendered, PLACES)


def test_the_committed_drawing_is_what_the_programs_make() -> None:
    assert DRAWING.read_text(encoding="utf-8") == drawing(), "outdated: python -m operations.drawing"


def test_every_resource_is_drawn_once(rendered: dict[StackName, Recorder], seen: Picture) -> None:
    for column in seen.columns:
        found = rendered[StackName(project=column.project, environment=LADDER[-1])].resources
        drawn = sorted(name for box in column.boxes for _, name in box.lines)
        assert drawn == sorted(each.name for each in found if each.custom and each.type.startswith("aws:"))


def test_all_environments_have_the_same_resources(seen: Picture) -> None:
    assert [column.only_in for column in seen.columns] == [{}, {}, {}]


def test_a_resource_that_one_environment_alone_has_is_said(rendered: dict[StackName, Recorder]) -> None:
    network = StackName(project="network", environment="prod")
    (lonely,) = [each for each in rendered[network].resources if each.name == "vpc-flow-log"]
    rendered[network].resources.remove(lonely)
    try:
        (column,) = [each for each in picture(rendered, PLACES).columns if each.project == "network"]
    finally:
        rendered[network].resources.append(lonely)
    assert column.only_in == {"dev": ("vpc-flow-log",), "staging": ("vpc-flow-log",)}


def test_references_are_those_of_the_chain(seen: Picture) -> None:
    assert ("payments/prod", "payments/staging") in seen.reads
    assert ("payments/staging", "network/staging") in seen.reads
    assert ("network/dev", "bootstrap-iam/dev") in seen.reads
    assert not [reads for reads in seen.reads if reads[0].startswith("bootstrap-iam/")]
