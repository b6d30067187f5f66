"""Conditions and changes in words, for the pages."""

from __future__ import annotations

from sendable.diagnostics import shown
from sendable.model import Pack
from sendable.nodes import Node
from sendable.parser import unparse
from sendable.render.values import value_as_text
from sendable.types import Value


def condition_in_words(node: Node, pack: Pack, locale: str) -> str:  # noqa: ARG001
    """The condition as a sentence of the locale."""
    return unparse(node)


def advice_in_words(pack: Pack, path: str, old: Value | None, new: Value | None, locale: str) -> str:  # noqa: ARG001
    """A change as a sentence of the locale that tells somebody to make it."""
    return shown(f"{path}: {value_as_text(new)}")
