"""The reasons of a pack as a table in Markdown, and as plain data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from sendable.decide.decision import plain_exception
from sendable.diagnostics.wording import visible
from sendable.language.timestamps import write_timestamp
from sendable.pack.cases import plain_case
from sendable.pack.messages import Plural, Template
from sendable.pack.model import Channel, Localized, Pack, Reason
from sendable.render.words.languages import words_for

COLUMNS: Final = ("priority", "id", "title", "channels", "basis", "floor", "on_unknown", "retry", "fixable_by")

FLOOR: Final = "■"


def reasons_as_markdown(reasons: Sequence[Reason], locale: str) -> str:
    """The table as GitHub's Markdown has it, with the messages as the pack writes them.

    An id leads to the heading that is this id. Cells are not padded: a change of one reason is a change of one line.
    """
    words = words_for(locale)
    columns = (*COLUMNS, "message")
    rows = [
        [words.reasons.columns[name] for name in columns],
        ["--:" if name == "priority" else "---" for name in columns],
        *(_linked([*cells_of(reason, locale), " / ".join(templates_of(reason.message, locale))]) for reason in reasons),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _linked(cells: Sequence[str]) -> list[str]:
    priority, name, *others = cells
    return [priority, f"[{name}](#{name})", *map(in_markdown, others)]


def reason_to_dict(reason: Reason, pack: Pack, locale: str) -> dict[str, Any]:
    """A reason of the pack as plain data, its texts as the pack writes them in `locale`, and what lifts it."""
    return {
        "priority": reason.priority,
        "id": reason.id,
        "title": reason.title[locale],
        "channels": _channels(reason),
        "basis": reason.basis.value,
        "floor": reason.floor,
        "mode": reason.mode.value,
        "from": None if reason.period.start is None else write_timestamp(reason.period.start),
        "until": None if reason.period.end is None else write_timestamp(reason.period.end),
        "rollout": None
        if reason.rollout is None
        else {"share": f"{reason.rollout.percent} %", "by": reason.rollout.by},
        "on_unknown": reason.on_unknown.value,
        "retry": reason.retry.value,
        "fixable_by": reason.fixable_by.value,
        "codes": dict(reason.codes),
        "message": templates_of(reason.message, locale),
        "fix": templates_of(reason.fix, locale),
        "cases": {
            name: [plain_case(case) for case in pack.parameters[name].cases]
            for name in sorted(reason.parameters)
            if pack.parameters[name].cases
        },
        "exceptions": [plain_exception(one) for one in pack.exceptions if reason.id in one.reasons],
    }


def _channels(reason: Reason) -> list[str]:
    return [channel.value for channel in Channel if channel in reason.channels]


def cells_of(reason: Reason, locale: str) -> list[str]:
    return [
        str(reason.priority),
        reason.id,
        reason.title[locale],
        ", ".join(_channels(reason)),
        reason.basis.value,
        FLOOR if reason.floor else "",
        reason.on_unknown.value,
        reason.retry.value,
        reason.fixable_by.value,
    ]


def templates_of(text: Localized, locale: str) -> list[str]:
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
