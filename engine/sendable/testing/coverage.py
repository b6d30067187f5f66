"""Coverage by outcome: what the tests of a pack have seen its conditions, its order and its texts come to.

Lines do not count, so that layout changes nothing. What counts are outcomes: each condition and each operand of its
`and` and `or` true, false and unknown; each reason as the primary one; each exception lifting something; each text,
with each of its alternatives and plural forms, in each locale. A text is seen in a locale where a case says what it
must be. What certainly can't come about does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import chain
from typing import Final

from sendable.decide.clearing import changes_unforetold
from sendable.decide.decision import Certainty, Finding
from sendable.decide.findings import certainty_of, is_enforced, rank
from sendable.diagnostics.places import Span
from sendable.language.cells import UNKNOWN, Cell, Choices, TooManyError
from sendable.language.choices import walk_read
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import And, Node, Not, Or, Path
from sendable.language.parser import unparse
from sendable.language.scope import ParameterCase, Scope
from sendable.language.space import Space
from sendable.language.types import CHANNEL, NOW, Kind, Value
from sendable.language.unknowns import may_be_unknown
from sendable.pack import locales
from sendable.pack.locales import CATEGORIES, OTHER, Words
from sendable.pack.messages import (
    Alternative,
    Origin,
    Placeholder,
    Plural,
    Template,
    Text,
    origin_of,
    placeholders,
    render,
)
from sendable.pack.model import Channel, Localized, Pack, PolicyException, Reason, scope_of
from sendable.testing.cases import Aspect, Case
from sendable.testing.run import Result, Run


class Subject(StrEnum):
    """What an outcome is one of."""

    CONDITION = "condition"
    OPERAND = "operand"
    ORDER = "order"
    EXCEPTION = "exception"
    MESSAGE = "message"
    FIX = "fix"
    UNDETERMINED = "undetermined"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that can come about in a reason.

    `text` is what it is an outcome of, in canonical form; `outcome` is `true`, `false` or `unknown` of a condition
    or operand, `primary` or `monitored` of the order, `lifts` of an exception, which then stands for the reason, and
    the locale, with the alternative and the plural form where there are several, of a text. `cases` are the names of
    those that saw it. `possible` is False where it is certain that it can't come about.
    """

    reason: str
    subject: Subject
    text: str
    outcome: str
    span: Span
    possible: bool
    cases: tuple[str, ...]

    @property
    def seen(self) -> bool:
        """Whether a case saw it."""
        return bool(self.cases)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every outcome of a pack, in the order of the reasons' priorities, and behind them those of exceptions."""

    outcomes: tuple[Outcome, ...]

    @property
    def counted(self) -> tuple[Outcome, ...]:
        """The outcomes that count: those that may come about. One that was seen may, whatever else is thought of it."""
        return tuple(one for one in self.outcomes if one.possible or one.seen)

    @property
    def never_seen(self) -> tuple[Outcome, ...]:
        """The outcomes that count and that no case saw."""
        return tuple(one for one in self.counted if not one.seen)

    @property
    def impossible(self) -> tuple[Outcome, ...]:
        """The outcomes that do not count."""
        return tuple(one for one in self.outcomes if not one.possible and not one.seen)

    @property
    def share(self) -> float:
        """How many of the outcomes that count were seen, from 0 to 1."""
        counted = len(self.counted)
        return (counted - len(self.never_seen)) / counted if counted else 1.0

    @property
    def percent(self) -> float:
        """The share in percent, rounded down to one decimal: 100 only where everything was seen."""
        return int(self.share * 1000) / 10


def measure(pack: Pack, run: Run) -> Coverage:
    """What the cases of `run` have seen of `pack`."""
    of_reasons = chain.from_iterable(_ReasonCoverage(pack, reason, run).outcomes() for reason in pack.reasons)
    return Coverage((*of_reasons, *_of_parameters(pack, run), *(_lifts(pack, one, run) for one in pack.exceptions)))


def _lifts(pack: Pack, exception: PolicyException, run: Run) -> Outcome:
    """Whether a case has seen the exception lift something."""
    cases = [
        result.case.name
        for result in run.results
        if any(finding.exception == exception for finding in result.decision.excepted)
    ]
    names = tuple(dict.fromkeys(cases))
    possible = bool(names) or any(
        _may_lift(pack, exception, one) for one in pack.reasons if one.id in exception.reasons
    )
    text = unparse(exception.when.node)
    return Outcome(
        f"exceptions.{exception.id}", Subject.EXCEPTION, text, "lifts", exception.when.source.span, possible, names
    )


def _may_lift(pack: Pack, exception: PolicyException, reason: Reason) -> bool:
    """Whether the exception may hold where the reason is found, as far as is known."""
    mine, theirs = exception.condition, reason.when.node
    space = Space(scope_of(pack), tuple(sorted(one.value for one in reason.channels)), (mine, theirs), settled=True)

    def apart(choices: Choices) -> bool:
        return space.outcome(mine, choices) is not True or certainty_of(reason, space.outcome(theirs, choices)) is None

    try:
        return not space.always(apart)
    except TooManyError:
        return True


def _of_parameters(pack: Pack, run: Run) -> Iterator[Outcome]:
    """Each case of a parameter that a reason reads or shows: seen where it holds in a case of the reason's channel."""
    interpreter = Interpreter(pack.parameters, pack.lists)
    for name, declared in pack.parameters.items():
        channels = frozenset(channel for one in pack.reasons if name in one.parameters for channel in one.channels)
        seen: dict[int, list[str]] = {}
        for result in run.results if declared.cases else ():
            facts = {NOW: result.decision.now, **result.case.facts}
            held = interpreter.case_of(name, facts) if facts[CHANNEL] in channels else None
            for number, case in enumerate(declared.cases):
                if case is held:
                    seen.setdefault(number, []).append(result.case.name)
        for number, case in enumerate(declared.cases):
            names = tuple(dict.fromkeys(seen.get(number, ())))
            possible = bool(names) or _can_hold(pack, channels, declared.cases[: number + 1])
            span = case.source.span
            yield Outcome(Origin.PARAMETER.named(name), Subject.CASE, unparse(case.when), "true", span, possible, names)


def _can_hold(pack: Pack, channels: frozenset[Channel], cases: tuple[ParameterCase, ...]) -> bool:
    """Whether the last of the cases may hold where none before it does."""
    conditions = tuple(case.condition for case in cases)
    space = Space(scope_of(pack), tuple(sorted(channels)), conditions, settled=True)

    def ask(choices: Choices) -> bool:
        first = next((one for one in conditions if space.outcome(one, choices) is True), None)
        return first is not None and first is conditions[-1]

    try:
        return bool(channels) and any(answer for answer, _ in space.explored(ask))
    except TooManyError:
        return True


_WORDS: Final[dict[bool | None, str]] = {True: "true", False: "false", None: "unknown"}


def operands(condition: Node) -> tuple[Node, ...]:
    """The condition and every operand of its `and` and `or`. What stands under `not` comes to the opposite of it."""
    found = [condition]
    pending = [condition]
    while pending:
        node = pending.pop(0)
        match node:
            case And(inner) | Or(inner):
                found.extend(inner)
                pending.extend(inner)
            case Not(operand):
                pending.append(operand)
            case _:
                pass
    return tuple(found)


def _without_digests(scope: Scope) -> Scope:
    """The names, with nothing in lists of digests: no case is asked for of which nobody knows the address.

    What a case has seen in one counts, as its author knows an address.
    """
    lists = {name: replace(one, entries=frozenset()) if one.hashed else one for name, one in scope.lists.items()}
    return replace(scope, lists=lists)


class _ReasonCoverage:
    """The outcomes of one reason."""

    def __init__(self, pack: Pack, reason: Reason, run: Run) -> None:
        self._pack = pack
        self._reason = reason
        self._scope = _without_digests(scope_of(pack))
        self._interpreter = Interpreter(pack.parameters, pack.lists)
        self._channels = tuple(sorted(channel.value for channel in reason.channels))
        self._results = [result for result in run.results if result.case.facts[CHANNEL] in self._channels]

    def outcomes(self) -> Iterator[Outcome]:
        yield from self._logic()
        yield self._order()
        for subject, localized, wanted in (
            (Subject.MESSAGE, self._reason.message, Certainty.MATCHED),
            (Subject.FIX, self._reason.fix, Certainty.MATCHED),
            (Subject.UNDETERMINED, self._reason.undetermined, Certainty.UNDETERMINED),
        ):
            if localized is not None:
                yield from self._texts(subject, localized, wanted)

    def _made(
        self, subject: Subject, text: str, outcome: str, span: Span, cases: Iterable[Case], *, possible: bool
    ) -> Outcome:
        names = tuple(dict.fromkeys(case.name for case in cases))
        return Outcome(self._reason.id, subject, text, outcome, span, possible, names)

    # -- logic and order

    def _logic(self) -> Iterator[Outcome]:
        source = self._reason.when.source
        for number, node in enumerate(operands(self._reason.when.node)):
            prepared = self._interpreter.prepare(node)
            seen: dict[bool | None, list[Case]] = {True: [], False: [], None: []}
            for result in self._results:
                found = self._interpreter.evaluate(prepared, result.case.facts)
                seen[None if isinstance(found, Unknown) else found is True].append(result.case)
            # What was seen is possible; only of the rest it takes an effort to know.
            possible = frozenset(seen) if all(seen.values()) else self._outcomes(node)
            text = unparse(node)  # in canonical form, so that layout changes nothing here either
            for value, word in _WORDS.items():
                subject = Subject.OPERAND if number else Subject.CONDITION
                span = source.span_of(node.start, node.end)
                yield self._made(subject, text, word, span, seen[value], possible=value in possible)

    def _order(self) -> Outcome:
        reason = self._reason
        enforced = is_enforced(reason)
        if enforced:
            cases = [
                result.case
                for result in self._results
                if (primary := result.decision.reason) is not None and primary.id == reason.id
            ]
        else:
            cases = [
                result.case
                for result in self._results
                if any(finding.id == reason.id for finding in result.decision.monitored)
            ]
        word = "primary" if enforced else "monitored"
        possible = bool(cases) or (self._can_be_found() and not (enforced and self._always_behind()))
        return self._made(Subject.ORDER, reason.id, word, reason.when.source.span, cases, possible=possible)

    def _space(
        self, *nodes: Node, channels: tuple[str, ...] = (), besides: Mapping[str, Iterable[float]] | None = None
    ) -> Space:
        return Space(self._scope, channels or self._channels, nodes, settled=True, besides=besides or {})

    def _outcomes(self, node: Node) -> frozenset[bool | None]:
        """What the condition, or an operand of it, can come to, None for unknown. What is not in it is impossible."""
        try:
            return self._space(node).outcomes(node, every=True)
        except TooManyError:
            return frozenset({True, False} | ({None} if may_be_unknown(node, self._scope) else set()))

    def _can_be_found(self) -> bool:
        found = self._outcomes(self._reason.when.node)
        return any(certainty_of(self._reason, outcome) is not None for outcome in found)

    def _always_behind(self) -> bool:
        """Whether, for every channel of the reason, another one is certain to stand before it whenever it is found."""
        others = [
            other
            for other in self._pack.reasons
            if other is not self._reason
            and is_enforced(other)
            and other.in_force is None
            and self._paths(other) & self._paths(self._reason)
        ]
        return all(
            any(channel in other.channels and self._covers(other, channel) for other in others)
            for channel in self._reason.channels
        )

    def _paths(self, reason: Reason) -> frozenset[str]:
        nodes = walk_read(reason.when.node, self._pack.parameters)
        return frozenset(node.name for node in nodes if isinstance(node, Path))

    def _covers(self, other: Reason, channel: Channel) -> bool:
        mine, theirs = self._reason.when.node, other.when.node
        space = self._space(mine, theirs, channels=(channel.value,))

        def ask(choices: Choices) -> bool:
            found = certainty_of(self._reason, space.outcome(mine, choices))
            if found is None:
                return True
            before = certainty_of(other, space.outcome(theirs, choices))
            return before is not None and rank(other, before) < rank(self._reason, found)

        try:
            return space.always(ask)
        except TooManyError:
            return False

    # -- texts

    def _texts(self, subject: Subject, localized: Localized, wanted: Certainty) -> Iterator[Outcome]:
        span = self._reason.when.source.span
        for locale, text in localized.texts.items():
            seen: dict[tuple[int, str], list[Case]] = {}
            for result, finding in self._told(subject, wanted, locale):
                shown = shown_form(text, self._lookup(result, finding), locale, self._pack.words[locale])
                seen.setdefault(shown, []).append(result.case)
            every = {(number, form) for number, alternative in enumerate(text) for form in _forms(alternative)}
            possible = every if every <= seen.keys() else self._possible_forms(text, locale, wanted)
            for number, alternative in enumerate(text):
                for form in _forms(alternative):
                    label = locale
                    if len(text) > 1:
                        label += f", alternative {number + 1}"
                    if form:
                        label += f", form `{form}`"
                    template = alternative.forms[form] if isinstance(alternative, Plural) else alternative
                    cases = seen.get((number, form), [])
                    yield self._made(subject, str(template), label, span, cases, possible=(number, form) in possible)

    def _told(self, subject: Subject, wanted: Certainty, locale: str) -> Iterator[tuple[Result, Finding]]:
        """The cases that say what the text must be in `locale`, with the finding it is of."""
        aspect = Aspect.FIX if subject is Subject.FIX else Aspect.TEXT
        for result in self._results:
            primary = result.decision.reason
            found = (*result.decision.reasons, *result.decision.monitored, *result.decision.excepted)
            mine = next((one for one in found if one.id == self._reason.id), None)
            if mine is None or mine.certainty is not wanted:
                continue
            for check in result.case.checks:
                if (
                    check.aspect is aspect
                    and (check.of == mine.id or (check.of is None and mine is primary))
                    and check.wanted is not None
                    and self._pack.locale_for(check.key) == locale
                ):
                    yield result, mine
                    break

    def _lookup(self, result: Result, finding: Finding) -> Callable[[str], Value | None]:
        facts = {"now": result.decision.now, **result.case.facts}

        def lookup(name: str) -> Value | None:
            origin, rest = origin_of(name)
            if origin is Origin.PARAMETER:
                held = self._interpreter.case_of(rest, facts)
                return self._pack.parameters[rest].value if held is None else held.value
            if origin is Origin.DECISION:
                return result.decision.clears_at
            if origin is not Origin.DETAIL:
                return facts.get(name)
            if finding.certainty is not Certainty.MATCHED:
                return None
            prepared = self._interpreter.prepare(self._reason.details[rest].node)
            value = self._interpreter.evaluate(prepared, facts)
            return None if isinstance(value, Unknown) else value

        return lookup

    def _possible_forms(self, text: Text, locale: str, wanted: Certainty) -> set[tuple[int, str]]:
        """The alternatives and forms that a finding of the certainty `wanted` may be told with."""
        every = {(number, form) for number, alternative in enumerate(text) for form in _forms(alternative)}
        names = frozenset(chain.from_iterable(map(placeholders, text)))
        besides: dict[str, Iterable[float]] = {name: () for name in names if name in self._scope.fields}
        besides |= {one.count: _TELLING for one in text if isinstance(one, Plural) and one.count in self._scope.fields}
        condition = self._reason.when.node
        space = self._space(condition, besides=besides)

        def ask(choices: Choices) -> dict[str, Cell] | None:
            if certainty_of(self._reason, space.outcome(condition, choices)) is not wanted:
                return None
            cells = {name: space.value(name, choices) for name in besides}
            return {name: cell for name, cell in cells.items() if cell is not UNKNOWN}

        found: set[tuple[int, str]] = set()
        try:
            for facts, _ in space.explored(ask):
                if facts is not None:
                    found |= self._forms_in(facts, text, locale, wanted)
                if found == every:
                    break
        except TooManyError:
            return every
        return found

    def _forms_in(self, facts: Mapping[str, Cell], text: Text, locale: str, wanted: Certainty) -> set[tuple[int, str]]:
        has, lacks = set[str](), set[str]()
        for name in frozenset(chain.from_iterable(map(placeholders, text))):
            may_have, may_lack = self._data(name, facts, wanted)
            if may_have:
                has.add(name)
            if may_lack:
                lacks.add(name)
        found: set[tuple[int, str]] = set()
        for number, alternative in enumerate(text):
            mine = placeholders(alternative) if number < len(text) - 1 else frozenset[str]()
            if not mine <= has or any(not (placeholders(one) - mine) & lacks for one in text[:number]):
                continue
            found |= {(number, form) for form in self._plural_forms(alternative, facts, locale)}
        return found

    def _data(self, name: str, facts: Mapping[str, Cell], wanted: Certainty) -> tuple[bool, bool]:
        """Whether the placeholder may have something to show in the situation, and whether it may have nothing."""
        origin, rest = origin_of(name)
        if origin is Origin.PARAMETER:
            blanks = {str(value).isspace() or value == "" for value in self._pack.parameters[rest].values}
            return False in blanks, True in blanks
        if origin is Origin.DETAIL:
            if wanted is Certainty.UNDETERMINED:
                return False, True
            return True, True
        if origin is Origin.DECISION:
            # Another reason can keep the email back for good, whatever becomes of this one.
            promised = wanted is Certainty.MATCHED and self._reason.clears_at is not None
            return promised or changes_unforetold(self._reason, self._pack.parameters), True
        declared = self._scope.fields[name].type
        blank = declared.kind is Kind.STRING_LIST or (declared.kind is Kind.STRING and declared.enum is None)
        return name in facts, name not in facts or blank

    def _plural_forms(self, alternative: Alternative, facts: Mapping[str, Cell], locale: str) -> frozenset[str]:
        if isinstance(alternative, Template):
            return frozenset({""})
        forms = alternative.forms
        origin, rest = origin_of(alternative.count)
        if origin is Origin.DETAIL:
            return frozenset(forms)
        parameter = origin is Origin.PARAMETER
        counts = self._pack.parameters[rest].values if parameter else (facts.get(alternative.count),)
        counted = [count for count in counts if isinstance(count, int | float)]
        if not counted:
            return frozenset({OTHER})
        if parameter or counted[0] in _TELLING:
            categories = frozenset(locales.plural_category(count, locale) for count in counted)
        else:
            categories = frozenset(CATEGORIES) - _few_numbers(locale)  # it stands for a stretch of numbers
        return frozenset(category if category in forms else OTHER for category in categories)


_TELLING: Final = range(11)
"""The numbers that plural categories for few numbers, such as `one` in English and Swedish, are about."""


@cache
def _few_numbers(locale: str) -> frozenset[str]:
    """The plural categories of which it is plain that no number beyond the telling ones has them."""
    beyond = {locales.plural_category(number, locale) for number in (*range(len(_TELLING), 1001), 10**6, 2.5)}
    return frozenset(CATEGORIES) - beyond - {OTHER}


def _forms(alternative: Alternative) -> tuple[str, ...]:
    return tuple(alternative.forms) if isinstance(alternative, Plural) else ("",)


_NOTHING: Final = "\N{SYMBOL FOR NULL}"


def shown_form(text: Text, lookup: Callable[[str], Value | None], locale: str, words: Words) -> tuple[int, str]:
    """The number of the alternative that is shown for the data, and its plural form; empty without a plural."""
    silent = Words(_NOTHING, words.yes, words.no, words.undetermined, words.supply)

    def has_data(name: str) -> bool:
        return render((Template((Placeholder(name, 0, 0),)),), lookup, locale, locale, silent) != _NOTHING

    number = next(
        (number for number, one in enumerate(text[:-1]) if all(map(has_data, placeholders(one)))), len(text) - 1
    )
    chosen = text[number]
    if isinstance(chosen, Template):
        return number, ""
    count = lookup(chosen.count)
    category = OTHER
    if isinstance(count, int | float) and not isinstance(count, bool):
        category = locales.plural_category(count, locale)
    return number, category if category in chosen.forms else OTHER
