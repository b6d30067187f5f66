"""The reasons of a pack as a table on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

import tabulate

from sendable.pack.model import Reason
from sendable.render.reasons import COLUMNS, FLOOR, cells_of
from sendable.render.words.forms import Words
from sendable.render.words.languages import words_for

_GAP: Final = 2
_AROUND_HEADER: Final = 2  # tabulate leaves this much room beside a header
_INDENT: Final = " " * 6


def reasons_as_text(reasons: Sequence[Reason], locale: str, width: int) -> str:
    """The table in at most `width` columns; where that is too narrow for one, a paragraph for each reason.

    `locale` is one of the pack's.
    """
    words = words_for(locale)
    headers = [words.reasons.columns[name] for name in COLUMNS]
    rows = [cells_of(reason, locale) for reason in reasons]
    widths = _widths(headers, rows, width)
    if widths is None:
        return "\n".join(_paragraph(dict(zip(COLUMNS, row, strict=True)), words, width) for row in rows)
    return tabulate.tabulate(
        rows,
        headers=headers,
        tablefmt="simple",
        maxcolwidths=list(widths),
        maxheadercolwidths=[each - _AROUND_HEADER for each in widths],
        disable_numparse=True,
        colalign=("right", *("left" for _ in COLUMNS[1:])),
    )


def _widths(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """How wide each column may be, so that all fit into `width` and no word is broken; None where they can't."""
    least: list[int] = []
    widths: list[int] = []
    for header, *cells in zip(headers, *rows, strict=True):
        words = (word for cell in cells for word in cell.split())
        least.append(max([_AROUND_HEADER + len(word) for word in header.split()] + [len(word) for word in words]))
        widths.append(max(_AROUND_HEADER + len(header), *map(len, cells)))
    while sum(widths) + _GAP * (len(widths) - 1) > width:
        _, widest = max((widths[index] - least[index], index) for index in range(len(widths)))
        if widths[widest] <= least[widest]:
            return None
        widths[widest] -= 1
    return widths


def _paragraph(cells: dict[str, str], words: Words, width: int) -> str:
    floor = f" {FLOOR} {words.reasons.columns['floor']}" if cells["floor"] else ""
    heading = f"{cells['priority']:>4}  {cells['id']}{floor}"
    facts = [f"{words.reasons.columns[name]}: {cells[name]}" for name in ("basis", "on_unknown", "retry", "fixable_by")]
    lines = [heading]
    for text in (cells["title"], f"{words.reasons.columns['channels']}: {cells['channels']}", " · ".join(facts)):
        lines += textwrap.wrap(text, max(width, 40), initial_indent=_INDENT, subsequent_indent=_INDENT)
    return "\n".join(lines) + "\n"
