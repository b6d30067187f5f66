"""The reasons of a pack as a table, on a terminal and in Markdown, and as plain data."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any, Final

import tabulate

from sendable.pack.messages import Plural, Template
from sendable.pack.model import Channel, Localized, Reason
from sendable.render.pages.markup import visible
from sendable.render.words.words import Words, words_for

_COLUMNS: Final = ("priority", "id", "title", "channels", "basis", "floor", "on_unknown", "retry", "fixable_by")
_GAP: Final = 2
_AROUND_HEADER: Final = 2  # tabulate leaves this much room beside a header
_INDENT: Final = " " * 6
_FLOOR: Final = "■"


def reasons_as_text(reasons: Sequence[Reason], locale: str, width: int) -> str:
    """The table in at most `width` columns; where that is too narrow for one, a paragraph for each reason.

    `locale` is one of the pack's.
    """
    words = words_for(locale)
    headers = [words.columns[name] for name in _COLUMNS]
    rows = [_cells(reason, locale) for reason in reasons]
    widths = _widths(headers, rows, width)
    if widths is None:
        return "\n".join(_paragraph(dict(zip(_COLUMNS, row, strict=True)), words, width) for row in rows)
    return tabulate.tabulate(
        rows,
        headers=headers,
        tablefmt="simple",
        maxcolwidths=list(widths),
        maxheadercolwidths=[each - _AROUND_HEADER for each in widths],
        disable_numparse=True,
        colalign=("right", *("left" for _ in _COLUMNS[1:])),
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
    floor = f" {_FLOOR} {words.columns['floor']}" if cells["floor"] else ""
    heading = f"{cells['priority']:>4}  {cells['id']}{floor}"
    facts = [f"{words.columns[name]}: {cells[name]}" for name in ("basis", "on_unknown", "retry", "fixable_by")]
    lines = [heading]
    for text in (cells["title"], f"{words.columns['channels']}: {cells['channels']}", " · ".join(facts)):
        lines += textwrap.wrap(text, max(width, 40), initial_indent=_INDENT, subsequent_indent=_INDENT)
    return "\n".join(lines) + "\n"


def reasons_as_markdown(reasons: Sequence[Reason], locale: str) -> str:
    """The table as GitHub's Markdown has it, with the messages as the pack writes them.

    An id leads to the heading that is this id. Cells are not padded: a change of one reason is a change of one line.
    """
    words = words_for(locale)
    columns = (*_COLUMNS, "message")
    rows = [
        [words.columns[name] for name in columns],
        ["--:" if name == "priority" else "---" for name in columns],
        *(_linked([*_cells(reason, locale), " / ".join(_templates(reason.message, locale))]) for reason in reasons),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _linked(cells: Sequence[str]) -> list[str]:
    priority, name, *others = cells
    return [priority, f"[{name}](#{name})", *map(in_markdown, others)]


def reason_to_dict(reason: Reason, locale: str) -> dict[str, Any]:
    """A reason as plain data, its texts as the pack writes them in `locale`."""
    return {
        "priority": reason.priority,
        "id": reason.id,
        "title": reason.title[locale],
        "channels": _channels(reason),
        "basis": reason.basis.value,
        "floor": reason.floor,
        "mode": reason.mode.value,
        "on_unknown": reason.on_unknown.value,
        "retry": reason.retry.value,
        "fixable_by": reason.fixable_by.value,
        "codes": dict(reason.codes),
        "message": _templates(reason.message, locale),
        "fix": _templates(reason.fix, locale),
    }


def _channels(reason: Reason) -> list[str]:
    return [channel.value for channel in Channel if channel in reason.channels]


def _cells(reason: Reason, locale: str) -> list[str]:
    return [
        str(reason.priority),
        reason.id,
        reason.title[locale],
        ", ".join(_channels(reason)),
        reason.basis.value,
        _FLOOR if reason.floor else "",
        reason.on_unknown.value,
        reason.retry.value,
        reason.fixable_by.value,
    ]


def _templates(text: Localized, locale: str) -> list[str]:
    """The alternatives of a text; of a plural the form that every locale has."""
    found: list[str] = []
    for alternative in text.texts[locale]:
        match alternative:
            case Template():
                found.append(str(alternative))
            case Plural():
                found.append(str(alternative.forms["other"]))
    return found


_SPECIAL: Final = re.compile(r"[\\`*<>\[\]|~#&]|(?<![^\W_])_|_(?![^\W_])")


def in_markdown(text: str) -> str:
    """`text` in one line of Markdown that shows it as it is."""
    return _SPECIAL.sub(r"\\\g<0>", visible(" ".join(text.split())))
