"""Charts of the pages: drawn by matplotlib, as SVG that takes its looks from the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.figure import Figure

from sendable.render.pages.markup import Markup, join, tag

WIDTH: Final = 340
"""Of a chart, in its units: what a narrow page has room for, so that its text is as large as the page's there."""
_LINE: Final = 34
"""Of a bar and its name above it."""
_BAR: Final = 12
SQUARE: Final = 22

# What somebody may have set for charts of their own.
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sendable",
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib; only its size is asked for
    "path.sketch": None,
    "path.effects": [],
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "savefig.bbox": None,
}


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    figure: str
    parts: tuple[tuple[float, float, str], ...]
    """From where to where, of the whole width, and the class that it looks like."""


def bar_chart(bars: Sequence[Bar]) -> Chart:
    """Bars with their names and figures above them, so that names may be long where the page is narrow."""
    chart = Chart(_LINE * len(bars) - 4)
    for number, bar in enumerate(bars):
        top = number * _LINE
        chart.text(0, top + 12, cut(bar.name, WIDTH - 12 - _extent(bar.figure)), "name")
        chart.text(WIDTH, top + 12, bar.figure, "number right")
        for start, end, look in bar.parts:
            if end > start:
                chart.bar(1 + start * (WIDTH - 2), top + 17, (end - start) * (WIDTH - 2), _BAR, look)
    return chart


class Chart:
    """A drawing by matplotlib, as inline SVG that takes its colours and its font from the page.

    matplotlib is given numbers for texts, and the texts are put in their places afterwards: it would take `$` for
    formulas, and complain of what its font lacks. The Content-Security-Policy allows no style attributes, so that each
    shape has a class.
    """

    def __init__(self, height: float) -> None:
        self._height = height
        self._bars: list[tuple[float, float, float, float, str]] = []
        self._texts: list[tuple[float, float, str, str]] = []

    def bar(self, left: float, top: float, width: float, height: float, look: str) -> None:
        self._bars.append((left, top, width, height, look))

    def text(self, x: float, y: float, text: str, look: str) -> None:
        self._texts.append((x, y, text, look))

    def svg(self, target: str, title: str, description: str) -> Markup:
        with mpl.rc_context(_SETTINGS):
            drawing = ET.fromstring(self._drawn())  # noqa: S314 - matplotlib has just written it
        return tag(
            "svg",
            tag("title", title, id=f"{target}-title"),
            tag("desc", description, id=f"{target}-desc"),
            join(*self._shapes(drawing), by="\n"),
            viewBox=f"0 0 {WIDTH} {self._height:g}",
            role="img",
            class_="chart",
            aria_labelledby=f"{target}-title",
            aria_describedby=f"{target}-desc",
        )

    def _drawn(self) -> bytes:
        figure = Figure(figsize=(WIDTH / 72, self._height / 72))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        for left, top, width, height, look in self._bars:
            axes.barh(top, width, height, left, align="edge", clip_on=False, linewidth=0, gid=look)
        for number, (x, y, _, look) in enumerate(self._texts):
            axes.text(x, y, str(number), gid=look, clip_on=False)
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(self._height, 0)
        file = BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        return file.getvalue()

    def _shapes(self, drawing: ET.Element) -> Iterator[Markup]:
        for group in drawing.iter(f"{_SVG}g"):
            look = group.get("id", "")
            for shape in group.iterfind(f"{_SVG}path"):
                if look != "patch_1":  # the figure's own background
                    yield tag("path", d=" ".join(shape.get("d", "").split()), class_=look)
            for shape in group.iterfind(f"{_SVG}text"):
                text = self._texts[int(shape.text or "")][2]
                yield tag("text", text, x=shape.get("x"), y=shape.get("y"), class_=look)


_SVG: Final = "{http://www.w3.org/2000/svg}"

EM: Final = 6.4
"""How wide a letter of a chart is, all in all, in its units."""


def _extent(text: str) -> float:
    """About how wide `text` is in a chart."""
    return EM * sum(_size(letter) for letter in text)


def _size(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0
    plain = letter.isalnum()
    if unicodedata.east_asian_width(letter) in ("WF" if plain else "WFA"):
        return 2
    if plain:
        return 1.4 if letter.isupper() or letter in "mw" else 1.2 if letter.isdigit() else 1
    return 0.8 if letter in " .,:;-'’()" else 1.6


def cut(text: str, room: float) -> str:
    """`text` as far as there is room for it in a chart."""
    if _extent(text) <= room:
        return text
    kept = text[: int(room)]
    while kept and _extent(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
