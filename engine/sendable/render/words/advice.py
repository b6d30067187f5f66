"""Conditions and changes in the reader's language, as they stand in what is shown to people."""

from __future__ import annotations

from sendable.diagnostics.wording import shown
from sendable.explain.remedies import Change
from sendable.language.nodes import Node
from sendable.language.scope import ParameterCase
from sendable.pack import locales
from sendable.pack.model import Actor, Pack
from sendable.render.words.forms import Words
from sendable.render.words.sentences import advice, condition, passing, sentence, to_look_up, value_in_words


def condition_in_words(node: Node, pack: Pack, locale: str | None) -> str:
    """The condition as a clause with a full stop, to stand behind a colon."""
    return f"{condition(node, pack, locale)}."


def sentence_of(node: Node, pack: Pack, locale: str | None) -> str:
    """The condition as a sentence of its own."""
    return sentence(condition(node, pack, locale))


def case_in_words(name: str, case: ParameterCase, pack: Pack, words: Words, locale: str) -> str:
    """What a parameter is by a case of it, and where: its condition, its time, who answers for it and why."""
    said, tag = words.cases, locales.formatting_locale(locale, words.language)
    where = [condition(case.when, pack, locale)]
    where += [said.since.format(time=locales.format_timestamp(case.start, tag))] if case.start is not None else []
    where += [said.until.format(time=locales.format_timestamp(case.end, tag))] if case.end is not None else []
    more = [said.owner.format(owner=shown(case.owner))] if case.owner else []
    more += [said.why.format(why=shown(case.why))] if case.why else []
    value = value_in_words(case.value, pack, locale)
    told = said.case.format(name=name, value=value, where=", ".join(where))
    return f"{told} ({'; '.join(more)})." if more else f"{told}."


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
