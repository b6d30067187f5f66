"""Traces: a condition with the value of each part set under it, as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sendable.diagnostics.wording import shown
from sendable.explain.traces import Part
from sendable.language.interpreter import Unknown
from sendable.language.timestamps import write_timestamp
from sendable.language.types import Value
from sendable.render.terminal.paint import Paint, Role, plain
from sendable.render.words.forms import State, Words

_INDENT: Final = "  "
_LONGEST: Final = 100
MOST_ITEMS: Final = 100
"""Of a list as it is told. Whoever wants the rest has the context."""


def parts_as_text(
    part: Part, words: Words, depth: int = 0, paint: Paint = plain, longest: int | None = _LONGEST
) -> Iterator[str]:
    """The part with what it came to, and below it its own parts, each a step further in; shortened to `longest`."""
    text = part.text
    if longest is not None and len(text) > longest:
        text = f"{text[: longest - 1]}…"
    yield f"{_INDENT * depth}{text}  {paint('=', Role.FAINT)} {value_as_text(part.value, words)}"
    for inner in part.parts:
        yield from parts_as_text(inner, words, depth + 1, paint, longest)


def value_as_text(value: Value | Unknown, words: Words) -> str:
    """A value of the language as a person writes it; of what is unknown, for lack of which paths."""
    match value:
        case Unknown(missing):
            state = words.states[State.UNKNOWN]
            lacking = words.explanation.lacking.format(state=state, missing=", ".join(sorted(missing)))
            return lacking if missing else state
        case str():
            return f'"{shown(value)}"'
        case _:
            return seen_as_text(value, words)


def seen_as_text(value: Value | None, words: Words) -> str:
    """A value where there is no doubt about its kind: words without quotes."""
    match value:
        case None:
            return words.explanation.none
        case bool():
            return str(value).lower()
        case datetime():
            return write_timestamp(value)
        case tuple():
            more = [f"… +{len(value) - MOST_ITEMS}"] if len(value) > MOST_ITEMS else []
            return f"[{', '.join([*map(shown, value[:MOST_ITEMS]), *more])}]"
        case str():
            return shown(value) if value.replace("_", "").isalnum() else f'"{shown(value)}"'
        case _:
            return str(value)
