"""Expressions of a pack as they are written, and what would stand in the place of a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Replacement
from sendable.documents.elements import Element, Map, Scalar
from sendable.language.nodes import (
    And,
    Call,
    Comparison,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    children,
    walk,
)
from sendable.language.parser import unparse
from sendable.pack.model import Expression
from sendable.pack.reading import Draft, ExceptionDraft


@dataclass(frozen=True)
class Written:
    """An expression of the reason or exception `draft`; the `style` of its scalar is `'`, `"`, `|`, `>`, or nothing."""

    draft: Draft | ExceptionDraft
    expression: Expression
    style: str

    @property
    def node(self) -> Node:
        return self.expression.node

    def span(self, node: Node) -> Span:
        """Where a part of the expression stands."""
        return self.expression.source.span_of(*_extent(self.expression.source.text, node))

    def text(self, node: Node) -> str:
        """A part of the expression as it is written, on one line."""
        start, end = _extent(self.expression.source.text, node)
        return " ".join(self.expression.source.text[start:end].split())

    def replacing(self, node: Node, other: Node) -> tuple[Replacement, ...]:
        """What puts `other` in the place of the part `node`; nothing where the scalar can't hold it as it is."""
        text = _enclosed(other, self._parents.get(id(node)))
        match self.style:
            case "'":
                text = text.replace("'", "''")
            case '"':
                text = text.replace("\\", "\\\\").replace('"', '\\"')
            case "":
                if ": " in text or " #" in text:
                    return ()
            case _:
                pass
        return (Replacement(self.span(node), text),)

    @cached_property
    def _parents(self) -> dict[int, Node]:
        """What each part stands in; by identity, as equal parts stand in several places."""
        return {id(child): node for node in walk(self.node) for child in children(node)}


_TOKEN: Final = re.compile(r"""[()]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)


def _extent(text: str, node: Node) -> tuple[int, int]:
    """Where `node` begins and ends in `text`, with the parentheses of its first and last operand."""
    depth, least = 0, 0
    for token in _TOKEN.finditer(text, node.start, node.end):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        least = min(least, depth)
    start, end = node.start, node.end
    for _ in range(-least):
        start = text.rindex("(", 0, start)
    for _ in range(depth - least):
        end = text.index(")", end) + 1
    return start, end


def _enclosed(node: Node, parent: Node | None) -> str:
    """The text of `node`, in parentheses where it needs them inside `parent`."""
    text = unparse(node)
    match parent, node:
        case (None | Call() | Or(), _) | (And(), Comparison() | Membership() | Not() | And()):
            return text
        case (Not(), Comparison() | Membership() | Not()):
            return text
        case (_, Constant() | Path() | Parameter() | ListReference() | ListLiteral() | Call()):
            return text
        case _:
            return f"({text})"


def condition(draft: Draft | ExceptionDraft) -> Written | None:
    """The condition of a reason, or of an exception; None where it could not be read."""
    return None if draft.when is None else Written(draft, draft.when, _style(draft.body.get("when")))


def expressions(draft: Draft | ExceptionDraft) -> Iterator[Written]:
    """The condition of a reason and its details, or that of an exception, as far as they could be read."""
    if (when := condition(draft)) is not None:
        yield when
    if isinstance(draft, ExceptionDraft):
        return
    details = draft.body.get("details")
    for name, expression in draft.details.items():
        yield Written(draft, expression, _style(details.get(name) if isinstance(details, Map) else None))


def _style(element: Element | None) -> str:
    return element.style if isinstance(element, Scalar) else ""
