"""Conditions and changes in the reader's language."""

from __future__ import annotations

from sendable.model import Pack
from sendable.nodes import Node
from sendable.parser import unparse
from sendable.remedies import Change
from sendable.render.traces import seen_as_text


def condition_in_words(node: Node, pack: Pack, locale: str | None) -> str:  # noqa: ARG001
    """The condition as a sentence."""
    return unparse(node)


def change_in_words(change: Change, pack: Pack, locale: str | None) -> str:  # noqa: ARG001
    """What has to be done, as advice."""
    return f"{change.path}: {seen_as_text(change.new)}"
