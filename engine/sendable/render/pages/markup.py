"""HTML made of values: what is not markup already is escaped, so that no text of a context or a pack becomes any."""

from __future__ import annotations

from html import escape
from typing import Final

from sendable.diagnostics.wording import visible

_VOID: Final = frozenset({"br", "input", "link", "meta"})


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


def pair(name: str, value: str) -> Markup:
    """A name and what it stands for, in a `dl`."""
    return tag("div", tag("dt", name), tag("dd", value))
