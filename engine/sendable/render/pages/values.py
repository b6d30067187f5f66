"""Values and places as the pages show them."""

from __future__ import annotations

import posixpath
from datetime import datetime
from typing import Final

from sendable.diagnostics.places import Span
from sendable.diagnostics.wording import shown
from sendable.language.interpreter import Unknown
from sendable.language.nodes import Constant
from sendable.language.parser import unparse
from sendable.language.timestamps import write_timestamp
from sendable.language.types import Value
from sendable.pack.model import Pack

_MOST_ITEMS: Final = 10
_LONGEST: Final = 120


def value_as_text(value: Value | Unknown | None) -> str:
    """`value` as a condition has it; `–` where there is none. What is long is shortened."""
    match value:
        case None | Unknown():
            return "–"
        case datetime():
            return write_timestamp(value)
        case tuple():
            items = [_quoted(item) for item in value[:_MOST_ITEMS]]
            return f"[{', '.join(items)}{', …' if len(value) > _MOST_ITEMS else ''}]"
        case str():
            return _quoted(value)
        case _:
            return unparse(Constant(value))


def _quoted(text: str) -> str:
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return shown(unparse(Constant(cut)))


def file_in_pack(span: Span, pack: Pack) -> str:
    """The file of `span` without what comes before the pack: the same wherever the pack is."""
    folders = {posixpath.dirname(reason.when.source.span.file.replace("\\", "/")) for reason in pack.reasons}
    root = posixpath.dirname(posixpath.commonpath(folders)) if folders else ""
    return shown(span.file.replace("\\", "/").removeprefix(root).lstrip("/"))
