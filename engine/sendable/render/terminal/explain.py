"""Explanations as text for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sendable.decide.decision import Certainty, Finding
from sendable.diagnostics.wording import shown
from sendable.explain.exceptions import ExceptionTrace
from sendable.explain.explanation import Explanation
from sendable.explain.missing import Settling
from sendable.explain.remedies import Change, Remedy
from sendable.explain.traces import Part, Trace
from sendable.language.nodes import Not
from sendable.language.types import CHANNEL
from sendable.pack import locales
from sendable.pack.model import Actor
from sendable.render.terminal.paint import Role
from sendable.render.terminal.text import TextStyle, verdict_of
from sendable.render.terminal.traces import parts_as_text, seen_as_text, value_as_text
from sendable.render.words.advice import case_in_words, change_in_words, condition_in_words
from sendable.render.words.exceptions import lifted_in_words, standing_in_words
from sendable.render.words.forms import State, Words
from sendable.render.words.limits import outside_in_words

_INDENT = "  "
_MOST_STEPS = 8


def explanation_as_text(
    explanation: Explanation, place: str, style: TextStyle, *, full: bool = False, reason: str | None = None
) -> str:
    """The explanation of one decision, with the place of its context as a heading.

    A line for each finding, then what would clear it, when it clears by itself and what is missing; with `full` the
    trace of each finding too. With `reason`, the id of one, its trace and nothing else, whether it applies or not.
    """
    lines = _one(explanation, place, reason, style) if reason else _lines(explanation, place, style, full=full)
    return "\n".join(lines) + "\n"


def _one(explanation: Explanation, place: str, reason: str, style: TextStyle) -> Iterator[str]:
    yield _heading(explanation, place, style)
    yield from _trace(explanation, explanation.trace(reason), style)


def _lines(explanation: Explanation, place: str, style: TextStyle, *, full: bool) -> Iterator[str]:
    words, paint, decision = style.words, style.paint, explanation.decision
    yield _heading(explanation, place, style)
    if decision.sendable:
        yield _INDENT + paint(verdict_of(decision, words), Role.GOOD)
    for number, finding in enumerate(decision.reasons):
        undetermined = finding.certainty is Certainty.UNDETERMINED
        verdict = words.decision.also if number else verdict_of(decision, words)
        role = Role.WARNING if undetermined else Role.BAD
        yield from _finding(explanation, finding, verdict, role, style)
    for finding in decision.monitored:
        yield from _finding(explanation, finding, words.label(State.MONITORED), Role.FAINT, style)
        yield from _outside(explanation.trace(finding.id), style)
    for finding in decision.excepted:
        yield from _lifted(explanation, finding, style)
    if not decision.sendable:
        yield from _ways_out(explanation, style, full=full)
        yield from _not_lifted(explanation, style)
    if full:
        for finding in (*decision.reasons, *decision.monitored, *decision.excepted):
            yield ""
            yield from _trace(explanation, explanation.trace(finding.id), style)
        for one in explanation.exceptions:
            yield ""
            yield from _standing(one, style)
            yield from _parts(one.condition, style)


def _heading(explanation: Explanation, place: str, style: TextStyle) -> str:
    return style.paint(f"{shown(place)} · {shown(explanation.facts['contact.email'])}", Role.HEADING)


def _finding(explanation: Explanation, finding: Finding, verdict: str, role: Role, style: TextStyle) -> Iterator[str]:
    """The line of a finding: what is said of it, and its condition in words."""
    words = style.words.explanation
    first, *more = _wrapped(f"{verdict} · {finding.title(style.requested)} ({finding.id})", style)
    yield first.replace(verdict, style.paint(verdict, role), 1)  # painted once it is wrapped
    yield from more
    trace = explanation.trace(finding.id)
    sentence = condition_in_words(trace.decisive, explanation.held, style.served)
    lead = words.because if finding.certainty is Certainty.MATCHED else words.if_it_is_so
    yield from _wrapped(f"{lead}: {sentence}", style, first=_INDENT * 2, rest=_INDENT * 3)
    yield from _cases(explanation, trace, style)


def _cases(explanation: Explanation, trace: Trace, style: TextStyle) -> Iterator[str]:
    """A line for each case of a parameter that holds."""
    for name, case in trace.cases.items():
        told = case_in_words(name, case, explanation.pack, style.words, style.served)
        yield from _wrapped(told, style, first=_INDENT * 2, rest=_INDENT * 3)


def _lifted(explanation: Explanation, finding: Finding, style: TextStyle) -> Iterator[str]:
    """The lines of a finding that an exception lifts."""
    yield from _finding(explanation, finding, style.words.exceptions.counted, Role.FAINT, style)
    if finding.exception is not None:
        told = lifted_in_words(finding.exception, style.served, style.requested)
        yield from _wrapped(told, style, first=_INDENT * 2, rest=_INDENT * 3)


def _outside(trace: Trace, style: TextStyle) -> Iterator[str]:
    """Why the reason is only monitored here, where it is enforced elsewhere."""
    told = outside_in_words(trace, style.served, style.requested)
    if told is not None:
        yield from _wrapped(told, style, first=_INDENT * 2, rest=_INDENT * 3)


def _not_lifted(explanation: Explanation, style: TextStyle) -> Iterator[str]:
    """The exceptions that lift nothing of what suppresses for want of data, or because they begin later."""
    for one in explanation.exceptions:
        if one.is_lacking or one.is_to_come:
            yield from _standing(one, style)


def _standing(one: ExceptionTrace, style: TextStyle) -> Iterator[str]:
    return _wrapped(standing_in_words(one, style.served, style.requested), style, rest=_INDENT * 2)


def _ways_out(explanation: Explanation, style: TextStyle, *, full: bool) -> Iterator[str]:
    words = style.words.explanation
    primary = explanation.decision.reason
    shown_remedies = explanation.remedies
    if not full and sum(len(remedy.steps) for remedy in shown_remedies) > _MOST_STEPS:
        shown_remedies = shown_remedies[:1]
    if shown_remedies:
        yield from _wrapped(f"{words.would_clear}:", style)
        for number, remedy in enumerate(shown_remedies, 1):
            yield from _remedy(explanation, remedy, f"{number}. ", style)
        if len(shown_remedies) < len(explanation.remedies):
            more = len(explanation.remedies) - len(shown_remedies)
            yield from _wrapped(words.more_remedies.format(count=more), style, first=_INDENT * 2)
        if not explanation.complete:
            yield from _wrapped(words.not_complete, style)
    else:
        nothing = words.nothing_would if explanation.complete else words.nothing_found
        yield from _wrapped(f"{words.would_clear}: {nothing}", style)
    if primary is not None and len(explanation.decision.reasons) > 1:
        still = ", ".join(explanation.still) or words.nothing
        text = words.still.format(reason=primary.id, still=still)
        yield from _wrapped(text, style, rest=_INDENT * 2)
    clears = explanation.clears_at
    tag = locales.formatting_locale(style.requested, style.served)
    when = words.no if clears is None else locales.format_timestamp(clears, tag)
    yield from _wrapped(f"{words.by_itself}: {when}", style, rest=_INDENT * 2)
    for reason, sets in explanation.settlings.items():
        for settling in sets:
            yield from _settling(reason, settling, style, full=full)


def _remedy(explanation: Explanation, remedy: Remedy, lead: str, style: TextStyle) -> Iterator[str]:
    for step in remedy.steps:
        advice = change_in_words(step, explanation.pack, style.served)
        text = f"{_actor(step.by, style.words)}: {advice}"
        yield from _wrapped(text, style, first=_INDENT * 2 + lead, rest=_INDENT * 2 + " " * len(lead))
        yield from _wrapped(_written(step, style), style, first=_INDENT * 2 + " " * len(lead), rest=_INDENT * 4)
        lead = " " * len(lead)


def _actor(actor: Actor, words: Words) -> str:
    """Who makes a change; on a terminal it is the one who sends that is spoken to."""
    match actor:
        case Actor.USER:
            return words.explanation.by_sender
        case Actor.TIME:
            return words.explanation.by_time
        case Actor.NOBODY:
            return words.explanation.by_nobody
        case _:
            return words.actor(actor)


def _written(step: Change, style: TextStyle) -> str:
    """The change as it is made in a context: `contact.mailbox: full → active`."""
    none = f"({style.words.explanation.no_data})"
    old, new = (none if value is None else seen_as_text(value, style.words) for value in (step.old, step.new))
    return f"{step.path}: {old} → {new}"


def _settling(reason: str, settling: Settling, style: TextStyle, *, full: bool) -> Iterator[str]:
    words = style.words.explanation
    yield from _wrapped(
        words.settled_by.format(reason=reason, paths=", ".join(settling.paths)), style, rest=_INDENT * 2
    )
    for given, outcome in settling.outcomes if full else ():
        values = ", ".join(f"{path} = {seen_as_text(value, style.words)}" for path, value in given.items())
        yield from _wrapped(
            f"{values}: {words.applies if outcome else words.does_not_apply}",
            style,
            first=_INDENT * 2,
            rest=_INDENT * 3,
        )


def _trace(explanation: Explanation, trace: Trace, style: TextStyle) -> Iterator[str]:
    """The condition as it is written with the value of each part under it, what it read and where it stands."""
    words, paint = style.words.explanation, style.paint
    if not trace.considered:
        verdict = words.other_channel.format(channel=explanation.facts[CHANNEL])
    elif trace.outcome is None:
        verdict = words.is_unknown.format(on_unknown=trace.reason.on_unknown.value)
    else:
        verdict = words.applies if trace.outcome else words.does_not_apply
    first, *more = _wrapped(f"{trace.reason.id}: {verdict}", style)
    yield first.replace(trace.reason.id, paint(trace.reason.id, Role.HEADING), 1)
    yield from more
    yield from _outside(trace, style)
    if trace.outcome is False:
        why = condition_in_words(Not(trace.decisive), explanation.held, style.served)
        yield from _wrapped(f"{words.because}: {why}", style, first=_INDENT * 2, rest=_INDENT * 3)
    sentence = condition_in_words(trace.reason.when.node, explanation.held, style.served)
    yield from _wrapped(f"{words.applies_if}: {sentence}", style, first=_INDENT * 2, rest=_INDENT * 3)
    yield from _parts(trace.condition, style)
    for path, value in trace.reads.items():
        told = words.no_data if value is None else value_as_text(value, style.words)
        yield from _wrapped(f"{words.reads} {path}: {told}", style, first=_INDENT * 2)
    for name, parameter in trace.parameters.items():
        yield from _wrapped(
            f"{words.uses} params.{name}: {value_as_text(parameter, style.words)}", style, first=_INDENT * 2
        )
    yield from _cases(explanation, trace, style)
    for part in trace.memberships:
        yield from _wrapped(
            f"{words.looks_up} {part.text}: {value_as_text(part.value, style.words)}", style, first=_INDENT * 2
        )
    yield from _wrapped(f"{words.stands_at} {shown(trace.place.file)}:{trace.place.start}", style, first=_INDENT * 2)


def _parts(part: Part, style: TextStyle) -> Iterator[str]:
    """A condition as it is written, with the value of each part under it."""
    for line in parts_as_text(part, style.words, 2, style.paint, longest=None):
        indent = line[: len(line) - len(line.lstrip(" "))]
        yield from _wrapped(line, style, first="", rest=indent + _INDENT * 2)


def _wrapped(text: str, style: TextStyle, *, first: str = _INDENT, rest: str = "") -> Iterator[str]:
    """The text in lines; one that begins with spaces keeps them."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    yield from textwrap.wrap(
        text.lstrip(" "),
        max(style.width, 20),
        initial_indent=first + indent,
        subsequent_indent=rest or first + indent,
        break_long_words=False,  # addresses and paths are copied from here
        break_on_hyphens=False,
    )
