"""Generated code for people: the text, the place in the pack of each part, and what the constants stand for."""

from __future__ import annotations

from typing import Final

from sendable.decide.writer import Written
from sendable.diagnostics.wording import shown
from sendable.language.scope import PolicyList
from sendable.pack.model import Pack, Reason

_LONGEST: Final = 100


def code_as_text(written: Written) -> str:
    """The function, a comment with the place at the first line of each part, and a list of the constants."""
    lines: list[str] = []
    before: str | None = None
    for text, place in written.lines:
        where = f"{shown(place.file)}:{place.start.line}" if place is not None else None
        lines.append(f"{text}  # {where}" if where is not None and where != before else text)
        before = where or before
    constants = [f"# {name} = {_summary(value)}" for name, value in written.constants.items()]
    return "\n".join([*lines, "", *constants])


def _summary(value: object) -> str:
    match value:
        case Reason():
            return f"the reason {value.id}"
        case PolicyList():
            return f"the list {value.name}"
        case Pack():
            return f"the pack {value.name}, version {value.version}"
        case frozenset() if len(value) > 10:
            return f"a set of {len(value)} texts"
        case frozenset():
            text = "{" + ", ".join(sorted(ascii(one) for one in value)) + "}"
        case _:
            text = ascii(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
