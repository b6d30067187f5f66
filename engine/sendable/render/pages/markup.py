"""HTML made of values: what is not markup already is escaped, so that no text of a context or a pack becomes any."""

from __future__ import annotations

import re
from html import escape
from typing import Final

_VOID: Final = frozenset({"br", "input", "link", "meta"})

_UNSHOWN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters (Cc) but for tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Bidi_Control (Unicode, PropList.txt): they turn what follows about
    "\ud800-\udfff]"  # lone surrogates: they can't be encoded
)


def visible(value: str) -> str:
    """`value` with another character for those that show nothing, or change how others are shown."""
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", value)


class Markup(str):
    """Text that is HTML and is put into a page as it is. Only this module and constants make any."""

    __slots__ = ()


def text(value: str) -> Markup:
    """`value` as HTML that shows it."""
    return value if isinstance(value, Markup) else Markup(escape(visible(value)))


def tag(name: str, /, *children: str, **attributes: str | bool | None) -> Markup:
    """An element. Children that are no markup are text; attributes that are None or False are left out.

    In the names of attributes `_` stands for `-`, and one at the end for nothing: `class_`, `aria_label`.
    """
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{text(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: str, by: str = "") -> Markup:
    """The children one after the other, with `by` between them."""
    return Markup(text(by).join(map(text, children)))
