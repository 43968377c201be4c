import re
from xml.etree import ElementTree

from operations.drawing.picture import Box, Column, Picture
from operations.drawing.svg import draw

PICTURE = Picture(
    columns=(
        Column(project="network", boxes=(Box(title="Net & work", lines=(("Vpc", "vpc"),)),), only_in={}),
        Column(project="payments", boxes=(), only_in={"prod": ("payments-table",)}),
    ),
    places={"dev": "account 1", "prod": "account 2"},
    reads=(("payments/prod", "payments/dev"),),
)


def test_it_is_xml_with_every_name_and_needs_nothing_from_elsewhere() -> None:
    text = draw(PICTURE)
    drawn = [each.text for each in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314  our own
    assert {"network", "Net & work", "vpc", "Vpc", "payments", "dev", "account 2"} <= set(drawn)
    assert "only here: payments-table" in drawn
    assert re.findall(r"(?:href|src)=|url\((?!#)|@import", text) == []


def test_an_arrow_leads_from_an_environment_to_the_one_that_reads_it_and_to_no_other() -> None:
    unread = Picture(columns=PICTURE.columns, places=PICTURE.places, reads=())
    assert draw(PICTURE).count('class="flow"') == draw(unread).count('class="flow"') + 1
