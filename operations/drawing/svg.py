"""A picture as SVG, which needs nothing from elsewhere and draws its own background."""

from xml.sax.saxutils import escape

from operations.drawing.picture import Box, Column, Picture

COLOURS = (("#fef3c7", "#b45309"), ("#dcfce7", "#15803d"), ("#e0ecff", "#1d4ed8"))
"""Fill and stroke of the projects, in the order of their deployment."""
WIDTH, GAP, LINE, TOP = 444, 36, 17, 96
MARGIN = 28
STYLE = """
    text { font-family: Helvetica, Arial, "DejaVu Sans", sans-serif; font-size: 12.5px; fill: #1f2937; }
    .title { font-size: 21px; font-weight: bold; }
    .project { font-size: 16px; font-weight: bold; }
    .box { font-weight: bold; }
    .kind { fill: #64748b; }
    .note { fill: #475569; }
    .flow { fill: none; stroke: #334155; stroke-width: 1.8; marker-end: url(#arrow); }
"""


def draw(picture: Picture) -> str:
    """The drawing."""
    bottom = TOP + max(_height(column) for column in picture.columns)
    cards = bottom + 74
    width, height = 2 * MARGIN + len(picture.columns) * WIDTH + (len(picture.columns) - 1) * GAP, cards + 138
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="title">',
        '  <title id="title">The stacks, as their programs make them</title>',
        f"  <style>{STYLE}  </style>",
        '  <defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0L10 5L0 10z" fill="#334155"/></marker></defs>',
        f'  <rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(MARGIN, 42, "The stacks, as their programs make them", "title"),
        _text(
            MARGIN,
            66,
            "Three projects, the same in every environment. Drawn from the rendered programs.",
            "note",
        ),
    ]
    for number, column in enumerate(picture.columns):
        parts += _column(column, MARGIN + number * (WIDTH + GAP), *COLOURS[number % len(COLOURS)])
    for number in range(len(picture.columns) - 1):
        x = MARGIN + (number + 1) * WIDTH + number * GAP
        parts.append(f'  <path class="flow" d="M{x + 3} {TOP + 24}H{x + GAP - 4}"/>')
    parts += [_text(MARGIN, bottom + 46, "Each environment is an account of its own:", "project")]
    parts += _cards(picture, cards, width)
    return "\n".join([*parts, "</svg>", ""])


def _height(column: Column) -> int:
    return 48 + sum(_box_height(box) for box in column.boxes)


def _box_height(box: Box) -> int:
    return 34 + LINE * len(box.lines) + 10


def _column(column: Column, x: int, fill: str, stroke: str) -> list[str]:
    parts = [
        f'  <rect x="{x}" y="{TOP}" width="{WIDTH}" height="{_height(column) + 6}" rx="10" fill="{fill}" '
        f'stroke="{stroke}" stroke-width="1.5"/>',
        _text(x + 16, TOP + 30, column.project, "project"),
    ]
    total = sum(len(box.lines) for box in column.boxes)
    parts.append(_text(x + WIDTH - 16, TOP + 30, f"{total} resources", "note", "end"))
    y = TOP + 48
    for box in column.boxes:
        parts.append(
            f'  <rect x="{x + 12}" y="{y}" width="{WIDTH - 24}" height="{_box_height(box) - 10}" rx="6" '
            f'fill="#ffffff" stroke="{stroke}" stroke-opacity="0.55"/>'
        )
        parts.append(_text(x + 24, y + 20, box.title, "box"))
        for number, (kind, name) in enumerate(box.lines):
            line = y + 38 + LINE * number
            parts += [_text(x + 24, line, name), _text(x + WIDTH - 24, line, kind, "kind", "end")]
        y += _box_height(box)
    return parts


def _cards(picture: Picture, y: int, width: int) -> list[str]:
    """The environments, lowest first, and who reads whom among their payments stacks."""
    environments, last = list(picture.places), picture.columns[-1].project
    room = (width - 2 * MARGIN - (len(environments) - 1) * 84) // len(environments)
    parts = []
    for number, environment in enumerate(environments):
        x = MARGIN + number * (room + 84)
        own = next(
            (
                f"only here: {', '.join(c.only_in[environment])}"
                for c in picture.columns
                if environment in c.only_in
            ),
            "",
        )
        parts += [
            f'  <rect x="{x}" y="{y}" width="{room}" height="76" rx="10" fill="#f8fafc" stroke="#475569"/>',
            _text(x + 16, y + 28, environment, "project"),
            _text(x + 16, y + 50, picture.places[environment], "note"),
            *([_text(x + 16, y + 68, own, "note")] if own else []),
        ]
        if number and (f"{last}/{environment}", f"{last}/{environments[number - 1]}") in picture.reads:
            parts += [
                f'  <path class="flow" d="M{x - 80} {y + 38}H{x - 5}"/>',
                _text(x - 42, y + 28, "outputs", "note", "middle"),
            ]
    reading = sum(1 for reader, _ in picture.reads)
    parts.append(
        _text(
            MARGIN,
            y + 104,
            f"{reading} stack references: a project reads those before it, and {last} also {last} below it.",
            "note",
        )
    )
    return parts


def _text(x: int, y: int, text: str, style: str = "", anchor: str = "") -> str:
    attributes = f' class="{style}"' if style else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'  <text x="{x}" y="{y}"{attributes}>{escape(text)}</text>'
