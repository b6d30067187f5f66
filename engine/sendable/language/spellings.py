"""Texts of conditions that what they are compared with can never be, as that is read in one spelling only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sendable.language.identifiers import folded, spelled
from sendable.language.nodes import Constant, ListLiteral, Node, Parameter
from sendable.language.scope import Scope
from sendable.language.types import Spelling

READ: Final[Mapping[Spelling, str]] = {
    Spelling.TRIMMED: "without spaces around it",
    Spelling.IDENTIFIER: "in lower case and without spaces around it",
}
"""How a text is read that has a spelling."""


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A text that can't be met, the node that says it, and the spelling that can; None where that is no text."""

    node: Node
    value: str
    meant: str | None

    @property
    def advice(self) -> str:
        """What to do about it."""
        if self.meant is None:
            return "an empty text is no value: ask with `known` for the lack of one"
        return f"write `{self.meant}`"


def misspellings(other: Node, spelling: Spelling, scope: Scope, *, part: bool) -> list[Misspelling] | None:
    """The texts of `other`, or in it, that no text of the spelling is, or with `part` has in it.

    None where a context says what the texts are.
    """
    texts = certain_texts(other, scope)
    if texts is None:
        return None
    found: list[Misspelling] = []
    for node, value in texts:
        if part:
            meant = folded(value) if spelling is Spelling.IDENTIFIER else value
        else:
            meant = spelled(value, spelling) or ""
        if meant != value or not (meant or part):
            found.append(Misspelling(node, value, meant or None))
    return found


def certain_texts(node: Node, scope: Scope) -> list[tuple[Node, str]] | None:
    """The texts that `node` can be, or be a list of, each with what says so; None where a context may say more."""
    match node:
        case Constant(value):
            return [(node, value)] if isinstance(value, str) else []
        case Parameter(name):
            return [(node, text) for text in scope.parameters[name].values if isinstance(text, str)]
        case ListLiteral(items):
            return [(item, item.value) for item in items if isinstance(item.value, str)]
        case _:
            return None
