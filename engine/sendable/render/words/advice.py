"""Conditions and changes in the reader's language, as they stand in what is shown to people."""

from __future__ import annotations

from sendable.explain.remedies import Change
from sendable.language.nodes import Node
from sendable.pack.model import Actor, Pack
from sendable.render.words.sentences import advice, condition, passing, sentence, to_look_up


def condition_in_words(node: Node, pack: Pack, locale: str | None) -> str:
    """The condition as a clause with a full stop, to stand behind a colon."""
    return f"{condition(node, pack, locale)}."


def sentence_of(node: Node, pack: Pack, locale: str | None) -> str:
    """The condition as a sentence of its own."""
    return sentence(condition(node, pack, locale))


def advice_of(change: Change, pack: Pack, locale: str | None) -> str:
    """What has to be done, as a sentence of its own."""
    return sentence(change_in_words(change, pack, locale))


def change_in_words(change: Change, pack: Pack, locale: str | None) -> str:
    """What has to be done, as advice, to stand behind a colon."""
    if change.unknown and change.new is not None:
        told = to_look_up(pack, change.path, change.new, locale)
    elif change.by is Actor.TIME and change.new is None:
        told = passing(pack, change.path, locale)
    else:
        told = advice(pack, change.path, change.old, change.new, locale)
    return f"{told}."
