"""Decisions as text for people: the verdict, the primary reason's message and fix, and what else is known."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sendable.decide.decision import Certainty, Decision, Finding
from sendable.diagnostics.wording import shown
from sendable.pack import locales
from sendable.pack.model import Actor
from sendable.render.terminal.paint import Paint, Role, plain
from sendable.render.words.exceptions import lifted_in_words
from sendable.render.words.forms import State, Words
from sendable.render.words.languages import words_for

_INDENT = "  "


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How decisions are written: for readers of `requested`, served by the pack's locale `served`."""

    requested: str | None
    served: str
    width: int = 80
    paint: Paint = plain

    @property
    def words(self) -> Words:
        """The words that stand around messages."""
        return words_for(self.served)


def decision_as_text(decision: Decision, place: str, email: object, style: TextStyle) -> str:
    """One decision, several lines, with the place of its context and the address, if there is one, as a heading."""
    return "\n".join(_lines(decision, place, email, style)) + "\n"


def state_of(decision: Decision) -> State:
    """Which of the states that a context can be found in this is."""
    if decision.reason is None:
        return State.SENDABLE
    return State.UNDETERMINED if decision.reason.certainty is Certainty.UNDETERMINED else State.SUPPRESSED


def verdict_of(decision: Decision, words: Words) -> str:
    """The state in capitals. What is undetermined might be taken for sent, and so it is said that it is not."""
    state = state_of(decision)
    name = words.states[state].upper()
    return words.decision.held_back.format(state=name) if state is State.UNDETERMINED else name


def _lines(decision: Decision, place: str, email: object, style: TextStyle) -> Iterator[str]:
    words, paint = style.words.decision, style.paint
    heading = f"{shown(place)} · {shown(email)}" if isinstance(email, str) and email else shown(place)
    yield paint(heading, Role.HEADING)
    primary = decision.reason
    if primary is None:
        yield _INDENT + paint(verdict_of(decision, style.words), Role.GOOD)
    else:
        want = primary.certainty is Certainty.UNDETERMINED
        verdict = verdict_of(decision, style.words)
        first, *more = _wrapped(f"{verdict} · {primary.title(style.requested)} ({primary.id})", style)
        yield first.replace(
            verdict, paint(verdict, Role.WARNING if want else Role.BAD), 1
        )  # painted once it is wrapped
        yield from more
        yield from _wrapped(primary.message(style.requested), style)
        yield from _labelled(words.fix, primary.fix(style.requested), style)
        yield from _labelled(words.retry, words.retries[primary.retry], style)
        yield from _labelled(words.fixable_by, style.words.who[Actor(primary.fixable_by)], style)
        if decision.clears_at is not None:
            tag = locales.formatting_locale(style.requested, style.served)
            yield from _labelled(words.clears_at, locales.format_timestamp(decision.clears_at, tag), style)
    rest = decision.reasons[1:]
    yield from _titles(words.also, (each for each in rest if each.certainty is Certainty.MATCHED), style)
    undetermined = [each for each in decision.reasons if each.certainty is Certainty.UNDETERMINED]
    yield from _titles(style.words.label(State.UNDETERMINED), undetermined, style)
    yield from _titles(style.words.label(State.MONITORED), decision.monitored, style)
    for finding in decision.excepted:
        if finding.exception is not None:
            told = lifted_in_words(finding.exception, style.served, style.requested)
            yield from _labelled(f"{finding.title(style.requested)} ({finding.id})", told, style)


def _titles(label: str, findings: Iterable[Finding], style: TextStyle) -> Iterator[str]:
    texts = []
    for finding in findings:
        needs = style.words.decision.needs.replace("{missing}", ", ".join(finding.missing))
        title = finding.title(style.requested)
        texts.append(f"{title} ({finding.id}; {needs})" if finding.missing else f"{title} ({finding.id})")
    if len(texts) == 1:
        yield from _labelled(label, texts[0], style)
    elif texts:
        yield from _wrapped(f"{label}:", style)
        for text in texts:
            yield from _wrapped(text, style, first=_INDENT * 2 + "- ", rest=_INDENT * 3)


def _labelled(label: str, text: str, style: TextStyle) -> Iterator[str]:
    return _wrapped(f"{label}: {text}", style, rest=_INDENT * 2)


def _wrapped(text: str, style: TextStyle, *, first: str = _INDENT, rest: str = _INDENT) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        max(style.width, 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,  # addresses and paths are copied from here
        break_on_hyphens=False,
    )


def counts_as_text(counts: Mapping[State, int], style: TextStyle) -> str:
    """`34 contexts: 3 sendable, 20 suppressed, 11 undetermined`."""
    words = style.words
    total = sum(counts.values())
    always = (State.SENDABLE, State.SUPPRESSED)
    told = [
        words.decision.counted.format(count=counts.get(state, 0), state=name)
        for state, name in words.states.items()
        if state in always or counts.get(state)
    ]
    contexts = words.decision.one_context if total == 1 else words.decision.contexts.format(count=total)
    return f"{contexts}: {', '.join(told)}"
