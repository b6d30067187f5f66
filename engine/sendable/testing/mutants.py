"""Mutation: one thing of a pack changed at a time, to see whether its tests notice.

A mutant is killed when a case that holds for the pack does not hold for the mutant. One that survives is either
equivalent, where no context can tell it from the pack, or it comes with a case that would have noticed. Nothing is read
again and nothing is written: mutants are made from the loaded pack, and of each decision only what a mutant changes is
worked out anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, combinations, islice, pairwise, product
from math import prod
from typing import Any, Final, TypeAlias

from sendable.decide.facts import Facts, read_fact
from sendable.decide.findings import certainty_of, finding_of, parted, time_of
from sendable.diagnostics.places import Span
from sendable.language.cells import Choices, TooManyError
from sendable.language.checker import may_be_unknown, scope_of
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Negative,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    children,
    walk,
)
from sendable.language.parser import unparse
from sendable.language.space import CHANNEL, Space
from sendable.language.types import LARGEST_NUMBER, Kind, Spelling, Type, Value
from sendable.pack.messages import placeholders
from sendable.pack.model import (
    Certainty,
    Channel,
    Decision,
    Expression,
    Finding,
    OnUnknown,
    Pack,
    ParameterDeclaration,
    Reason,
)
from sendable.testing.cases import Aspect, Case, Check, Seen, Suite, compare, plain_value


class Change(StrEnum):
    """The kinds of changes."""

    COMPARISON = "comparison"
    BOUND = "bound"
    NEGATION = "negation"
    OPERAND = "operand"
    LOGIC = "logic"
    DEFAULT = "default"
    PRIORITY = "priority"
    ON_UNKNOWN = "on_unknown"
    CHANNEL = "channel"
    PARAMETER = "parameter"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A pack with one change. `reasons` are those that the change is in, as they become."""

    change: Change
    text: str
    """The change in words that go on after `no test notices if`."""
    span: Span
    reasons: tuple[Reason, ...]
    parameter: ParameterDeclaration | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the reasons it changes."""
        return tuple(reason.id for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test notices. `case`, which goes into the file `file`, would; None where none was found."""

    mutant: Mutant
    case: str | None
    file: str | None

    @property
    def message(self) -> str:
        """What is wrong with the tests."""
        return f"no test notices if {self.mutant.text}"


@dataclass(frozen=True, slots=True)
class Kill:
    """A mutant that a case notices."""

    mutant: Mutant
    case: Case


@dataclass(frozen=True, slots=True)
class Mutation:
    """What came of every mutant."""

    killed: tuple[Kill, ...]
    survived: tuple[Survivor, ...]
    equivalent: tuple[Mutant, ...]

    @property
    def score(self) -> float:
        """How many of the mutants that are not equivalent were killed, from 0 to 1."""
        counted = len(self.killed) + len(self.survived)
        return len(self.killed) / counted if counted else 1.0


def mutate(pack: Pack, suites: Sequence[Suite]) -> Mutation:
    """Runs the tests against every mutant of the pack. Every case must hold for the pack itself."""
    bench = _Bench(pack, [case for suite in suites for case in suite.cases])
    search = _Search(pack, suites)
    killed: list[Kill] = []
    survived: list[Survivor] = []
    equivalent: list[Mutant] = []
    for mutant in mutants(pack):
        killer = bench.killer(mutant)
        if killer is not None:
            killed.append(Kill(mutant, killer))
        elif is_equivalent(pack, mutant):
            equivalent.append(mutant)
        else:
            survived.append(search.survivor(mutant))
    return Mutation(tuple(killed), tuple(survived), tuple(equivalent))


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Every mutant of the pack that would load."""
    for reason in pack.reasons:
        yield from _of_condition(reason)
        yield from _of_on_unknown(pack, reason)
        yield from _of_channels(reason)
    yield from _of_priorities(pack)
    yield from _of_parameters(pack)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A tree with one change: what kind, in words without the reason's name, where, and the tree."""

    change: Change
    text: str
    place: Node
    node: Node


def _becomes(before: str, after: str) -> str:
    return f"`{before}` becomes `{after}` in"


def _of_condition(reason: Reason) -> Iterator[Mutant]:
    variants: dict[Node, _Variant] = {}
    for variant in _variants(reason.when.node, boolean=True):
        if variant.node != reason.when.node:
            variants.setdefault(variant.node, variant)
    named: dict[str, list[_Variant]] = {}
    for variant in variants.values():
        named.setdefault(variant.text, []).append(variant)
    for variant in variants.values():
        alike = named[variant.text]
        where = f" (place {alike.index(variant) + 1} of {len(alike)})" if len(alike) > 1 else ""
        changed = replace(reason, when=replace(reason.when, node=variant.node))
        span = reason.when.source.span_of(variant.place.start, variant.place.end)
        yield Mutant(variant.change, f"{variant.text} `{reason.id}`{where}", span, (changed,))


def _variants(node: Node, *, boolean: bool) -> Iterator[_Variant]:
    """Every tree that is `node` with one change; `boolean` where it is an operand of logic, and so can be negated."""
    yield from _own_variants(node, boolean=boolean)
    logic = isinstance(node, And | Or | Not)
    for index, child in enumerate(children(node)):
        for variant in _variants(child, boolean=logic):
            yield replace(variant, node=_with_child(node, index, variant.node))


def _own_variants(node: Node, *, boolean: bool) -> Iterator[_Variant]:
    if boolean and isinstance(node, Path | Parameter | Call | Constant):
        yield from _negated(node)
    match node:
        case Not(operand):
            text = _becomes(unparse(node), unparse(operand))
            yield _Variant(Change.NEGATION, text, node, operand)
        case And(operands) | Or(operands):
            yield from _of_logic(node, operands)
        case Comparison(operands, operators):
            yield from _of_comparison(node, operands, operators)
        case Membership(item, container, negated):
            yield from _of_membership(node, item, container, negated=negated)
        case Call("default", (value, otherwise)):
            yield _Variant(Change.DEFAULT, _becomes(unparse(node), unparse(value)), node, value)
            if isinstance(otherwise, Constant) and isinstance(otherwise.value, bool):
                changed = Call("default", (value, Constant(not otherwise.value)))
                yield _Variant(Change.DEFAULT, _becomes(unparse(node), unparse(changed)), otherwise, changed)
            yield from _of_numbers(node, (value, otherwise))
        case Arithmetic(_, left, right):
            yield from _of_numbers(node, (left, right))
        case Constant() | ListLiteral() | Path() | Parameter() | ListReference() | Negative() | Call():
            pass


def _negated(node: Path | Parameter | Call | Constant) -> Iterator[_Variant]:
    changed = Constant(not node.value) if isinstance(node, Constant) else Not(node)
    yield _Variant(Change.NEGATION, _becomes(unparse(node), unparse(changed)), node, changed)


def _of_logic(node: And | Or, operands: tuple[Node, ...]) -> Iterator[_Variant]:
    for index, operand in enumerate(operands):
        rest = (*operands[:index], *operands[index + 1 :])
        left = rest[0] if len(rest) == 1 else _like(node, rest)
        yield _Variant(Change.OPERAND, f"`{unparse(operand)}` is left out of", operand, left)
    other: Node = Or(operands) if isinstance(node, And) else And(operands)
    words = ("and", "or") if isinstance(node, And) else ("or", "and")
    first = unparse(operands[0])
    if isinstance(operands[0], And | Or):
        first = f"({first})"
    where = f"{_shortened(first)} {{}} …"
    yield _Variant(Change.LOGIC, _becomes(where.format(words[0]), where.format(words[1])), node, other)


def _like(node: And | Or, operands: tuple[Node, ...]) -> Node:
    return And(operands) if isinstance(node, And) else Or(operands)


_NEIGHBOURS: Final[dict[ComparisonOperator, tuple[ComparisonOperator, ...]]] = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", "!=", ">="),
    "<=": ("<", "==", ">"),
    ">": (">=", "!=", "<="),
    ">=": (">", "==", "<"),
}
"""What becomes of each comparison: the bound in or out, only or all but the bound, and the opposite."""


def _of_comparison(
    node: Comparison, operands: tuple[Node, ...], operators: tuple[ComparisonOperator, ...]
) -> Iterator[_Variant]:
    for index, operator in enumerate(operators):
        right = unparse(operands[index + 1])
        for other in _NEIGHBOURS[operator]:
            changed = Comparison(operands, (*operators[:index], other, *operators[index + 1 :]))
            text = _becomes(f"{operator} {right}", f"{other} {right}")
            yield _Variant(Change.COMPARISON, text, node, changed)
    for index, operand in enumerate(operands):
        for shifted in _shifted(operand):
            changed = Comparison((*operands[:index], shifted, *operands[index + 1 :]), operators)
            if index:
                before, after = (f"{operators[index - 1]} {unparse(one)}" for one in (operand, shifted))
            else:
                before, after = (f"{unparse(one)} {operators[0]}" for one in (operand, shifted))
            yield _Variant(Change.BOUND, _becomes(before, after), operand, changed)


def _shifted(node: Node) -> Iterator[Constant]:
    """The number that `node` is, one more and one less."""
    match node:
        case Constant(value) if isinstance(value, int | float) and not isinstance(value, bool):
            number = value
        case Negative(Constant(value)) if isinstance(value, int | float) and not isinstance(value, bool):
            number = -value
        case _:
            return
    for step in (1, -1):
        if abs(number + step) <= LARGEST_NUMBER:
            yield Constant(number + step)


def _of_numbers(node: Node, operands: tuple[Node, ...]) -> Iterator[_Variant]:
    for index, operand in enumerate(operands):
        for shifted in _shifted(operand):
            changed = _with_child(node, index, shifted)
            yield _Variant(Change.BOUND, _becomes(unparse(node), unparse(changed)), operand, changed)


def _of_membership(node: Membership, item: Node, container: Node, *, negated: bool) -> Iterator[_Variant]:
    words = ("not in", "in") if negated else ("in", "not in")
    right = unparse(container)
    text = _becomes(f"{words[0]} {right}", f"{words[1]} {right}")
    yield _Variant(Change.COMPARISON, text, node, Membership(item, container, not negated))
    if isinstance(container, ListLiteral) and len(container.items) > 1:
        for index, dropped in enumerate(container.items):
            rest = ListLiteral((*container.items[:index], *container.items[index + 1 :]))
            text = f"`{unparse(dropped)}` is left out of `{words[0]} {right}` in"
            yield _Variant(Change.OPERAND, text, dropped, Membership(item, rest, negated))


def _with_child(node: Node, index: int, child: Node) -> Node:
    """`node` with another operand at `index`, in the order of `children`."""
    match node:
        case Not():
            return Not(child)
        case Negative():
            return Negative(child)
        case And(operands):
            return And((*operands[:index], child, *operands[index + 1 :]))
        case Or(operands):
            return Or((*operands[:index], child, *operands[index + 1 :]))
        case Comparison(operands, operators):
            return Comparison((*operands[:index], child, *operands[index + 1 :]), operators)
        case Membership(item, container, negated):
            return Membership(child, container, negated) if index == 0 else Membership(item, child, negated)
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, child, right) if index == 0 else Arithmetic(operator, left, child)
        case Call(function, arguments):
            return Call(function, (*arguments[:index], child, *arguments[index + 1 :]))
        case ListLiteral() | Constant() | Path() | Parameter() | ListReference():
            return node


def _shortened(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _of_on_unknown(pack: Pack, reason: Reason) -> Iterator[Mutant]:
    other = OnUnknown.IGNORE if reason.on_unknown is OnUnknown.SUPPRESS else OnUnknown.SUPPRESS
    if reason.floor and other is OnUnknown.IGNORE and may_be_unknown(reason.when.node, scope_of(pack)):
        return  # the loader refuses it (SND505): nobody can make this change unnoticed
    text = f"`on_unknown: {reason.on_unknown}` becomes `on_unknown: {other}` in `{reason.id}`"
    yield Mutant(Change.ON_UNKNOWN, text, reason.when.source.span, (replace(reason, on_unknown=other),))


def _of_channels(reason: Reason) -> Iterator[Mutant]:
    for channel in Channel:
        if channel not in reason.channels:
            channels = reason.channels | {channel}
            text = f"`{reason.id}` is for `{channel}` emails too"
        elif len(reason.channels) > 1:
            channels = reason.channels - {channel}
            text = f"`{reason.id}` is no longer for `{channel}` emails"
        else:
            continue  # a reason for no email at all is refused by the schema
        yield Mutant(Change.CHANNEL, text, reason.when.source.span, (replace(reason, channels=channels),))


def _of_priorities(pack: Pack) -> Iterator[Mutant]:
    for first, second in pairwise(pack.reasons):
        text = f"`{first.id}` ({first.priority}) and `{second.id}` ({second.priority}) change places"
        changed = (replace(first, priority=second.priority), replace(second, priority=first.priority))
        yield Mutant(Change.PRIORITY, text, first.when.source.span, changed)


def _of_parameters(pack: Pack) -> Iterator[Mutant]:
    for parameter in pack.parameters.values():
        using = tuple(reason for reason in pack.reasons if _uses(reason, parameter.name))
        for value in _other_values(parameter):
            shown, other = (str(one).lower() for one in (parameter.value, value))
            text = f"the parameter `{parameter.name}` is {other} instead of {shown}"
            if using:
                yield Mutant(Change.PARAMETER, text, using[0].when.source.span, using, replace(parameter, value=value))


def _other_values(parameter: ParameterDeclaration) -> Iterator[Value]:
    match parameter.value:
        case bool(value):
            yield not value
        case int(value) | float(value):
            low = -LARGEST_NUMBER if parameter.type.minimum is None else parameter.type.minimum
            high = LARGEST_NUMBER if parameter.type.maximum is None else parameter.type.maximum
            yield from (one for one in (value + 1, value - 1) if low <= one <= high)
        case _:
            pass


def _uses(reason: Reason, parameter: str) -> bool:
    expressions = [reason.when, *reason.details.values(), *([reason.clears_at] if reason.clears_at else [])]
    if any(Parameter(parameter) in set(walk(expression.node)) for expression in expressions):
        return True
    return f"params.{parameter}" in _shown_names(reason)


def _shown_names(reason: Reason) -> frozenset[str]:
    texts = [one for one in (reason.message, reason.fix, reason.undetermined) if one is not None]
    alternatives = chain.from_iterable(text for one in texts for text in one.texts.values())
    return frozenset(chain.from_iterable(map(placeholders, alternatives)))


# -- deciding with a mutant

_Found: TypeAlias = tuple[Certainty, tuple[str, ...]] | None
"""What a reason's condition makes for some facts: the certainty and the missing paths of a finding, or none."""


def _found(reason: Reason, result: Value | Unknown) -> _Found:
    unknown = isinstance(result, Unknown)
    certainty = certainty_of(reason, None if unknown else result is True)
    if certainty is None:
        return None
    return certainty, tuple(sorted(result.missing)) if isinstance(result, Unknown) else ()


class _World:
    """A pack, or a mutant of it, that finds and decides. The reference interpreter evaluates."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._interpreter = Interpreter(pack.parameters, pack.lists)
        self._prepared: dict[int, tuple[Node, Any]] = {}

    @classmethod
    def of(cls, pack: Pack, mutant: Mutant) -> _World:
        """The world of the mutant."""
        changed = {reason.id: reason for reason in mutant.reasons}
        reasons = sorted((changed.get(one.id, one) for one in pack.reasons), key=lambda one: one.priority)
        parameters = pack.parameters
        if mutant.parameter is not None:
            parameters = {**parameters, mutant.parameter.name: mutant.parameter}
        return cls(replace(pack, reasons=tuple(reasons), parameters=parameters))

    def evaluate(self, node: Node, facts: Facts) -> Value | Unknown:
        prepared = self._prepared.get(id(node))
        if prepared is None:  # by identity: the node is kept with what was prepared of it
            prepared = self._prepared[id(node)] = (node, self._interpreter.prepare(node))
        return self._interpreter.evaluate(prepared[1], facts)

    def find(self, reason: Reason, facts: Facts) -> _Found:
        """What the reason makes for the facts."""
        if facts[CHANNEL] not in reason.channels:
            return None
        return _found(reason, self.evaluate(reason.when.node, facts))

    def find_all(self, facts: Facts) -> dict[str, _Found]:
        """What every reason makes for the facts, by id."""
        return {reason.id: self.find(reason, facts) for reason in self.pack.reasons}

    def decide(self, facts: Facts, found: Mapping[str, _Found]) -> Decision:
        """The decision made of what was found."""
        made = (self._finding(reason, facts, one) for reason in self.pack.reasons if (one := found[reason.id]))
        return Decision(*parted(made), time_of(facts), self.pack)

    def _finding(self, reason: Reason, facts: Facts, found: tuple[Certainty, tuple[str, ...]]) -> Finding:
        certainty, missing = found

        def value(expression: Expression) -> Value | None:
            result = self.evaluate(expression.node, facts)
            return None if isinstance(result, Unknown) else result

        return finding_of(self.pack, reason, None if certainty is Certainty.MATCHED else missing, facts, value)


class _Bench:
    """The cases with what the pack finds for each, worked out once."""

    def __init__(self, pack: Pack, cases: Iterable[Case]) -> None:
        self._pack = pack
        world = _World(pack)
        self._cases = [(case, world.find_all(case.facts)) for case in cases]

    def killer(self, mutant: Mutant) -> Case | None:
        """The first case that holds for the pack and not for the mutant."""
        world = _World.of(self._pack, mutant)
        always = mutant.change in (Change.PRIORITY, Change.PARAMETER)  # what they change shows elsewhere, too
        for case, found in self._cases:
            changed = {reason.id: world.find(reason, case.facts) for reason in mutant.reasons}
            touched = any(found[one] != changed[one] or (always and changed[one]) for one in changed)
            if not touched:
                continue
            decision = world.decide(case.facts, {**found, **changed})
            if next(compare(case.checks, decision), None) is not None:
                return case
        return None


# -- equivalence


def is_equivalent(pack: Pack, mutant: Mutant) -> bool:
    """Whether it is certain that no context can tell the mutant from the pack."""
    by_id = {reason.id: reason for reason in pack.reasons}
    try:
        match mutant.change:
            case Change.PRIORITY:
                return _never_together(pack, *mutant.reasons)
            case Change.PARAMETER:
                return all(_same_whatever(pack, reason, mutant) for reason in mutant.reasons)
            case _:
                return all(_same(pack, by_id[reason.id], reason) for reason in mutant.reasons)
    except TooManyError:
        return False


def _same(pack: Pack, reason: Reason, other: Reason) -> bool:
    """Whether the two find the same in every context."""
    expressions = (reason.when.node, other.when.node)
    for channels in _apart(reason.channels | other.channels, reason.channels == other.channels, expressions):
        space = _space(pack, channels, *expressions)

        def ask(choices: Choices, space: Space = space, channels: frozenset[Channel] = channels) -> bool:
            found = _found_in(space, reason, choices) if channels <= reason.channels else None
            changed = _found_in(space, other, choices) if channels <= other.channels else None
            return found == changed

        if not space.always(ask):
            return False
    return True


def _space(pack: Pack, channels: Iterable[Channel], *nodes: Node) -> Space:
    return Space(scope_of(pack), tuple(sorted(channel.value for channel in channels)), nodes, settled=True)


def _found_in(space: Space, reason: Reason, choices: Choices) -> _Found:
    """What the reason makes where the choices hold."""
    outcome = space.outcome(reason.when.node, choices)
    return _found(reason, Unknown(space.missing(reason.when.node, choices)) if outcome is None else outcome)


def _apart(channels: frozenset[Channel], same: bool, expressions: Iterable[Node]) -> Iterator[frozenset[Channel]]:
    """The channels, one by one where that makes a difference, and else all at once."""
    if same and all(Path(CHANNEL) not in set(walk(root)) for root in expressions):
        yield channels
    else:
        yield from (frozenset({channel}) for channel in channels)


def _same_whatever(pack: Pack, reason: Reason, mutant: Mutant) -> bool:
    """Whether the reason is the same with the parameter's other value."""
    parameter = mutant.parameter
    if parameter is None or isinstance(parameter.value, datetime | tuple):
        return False
    name = Parameter(parameter.name)
    expressions = [*reason.details.values(), *([reason.clears_at] if reason.clears_at else [])]
    if f"params.{parameter.name}" in _shown_names(reason) or any(name in set(walk(one.node)) for one in expressions):
        return False
    changed = _substituted(reason.when.node, name, Constant(parameter.value))
    return _same(pack, reason, replace(reason, when=replace(reason.when, node=changed)))


def _substituted(node: Node, wanted: Node, other: Node) -> Node:
    if node == wanted:
        return other
    for index, child in enumerate(children(node)):
        node = _with_child(node, index, _substituted(child, wanted, other))
    return node


def _never_together(pack: Pack, first: Reason, second: Reason) -> bool:
    """Whether the two never stand in one list with the same certainty, so that their order never shows."""
    if first.mode is not second.mode:
        return True
    for channel in first.channels & second.channels:
        space = _space(pack, [channel], first.when.node, second.when.node)

        def ask(choices: Choices, space: Space = space) -> bool:
            one = _found_in(space, first, choices)
            other = None if one is None else _found_in(space, second, choices)
            return one is None or other is None or one[0] is not other[0]

        if not space.always(ask):
            return False
    return True


# -- cases that would notice

_MOST_TRIED: Final = 3_000
"""How many contexts are tried for one mutant from each start, at most."""

_MOST_BASES: Final = 6


@dataclass(frozen=True, slots=True)
class _Base:
    """A context to start from: a fixture, or nothing but what every context needs."""

    fixture: str | None
    file: str | None
    facts: Facts
    now: datetime | None
    """The time that the file sets for its cases, which a case need not repeat."""


@dataclass(slots=True)
class _Search:
    """Looks for contexts in which a mutant decides otherwise than the pack."""

    pack: Pack
    suites: Sequence[Suite]
    world: _World = field(init=False)
    bases: list[_Base] = field(init=False)
    used: dict[str, dict[Value, None]] = field(init=False)

    def __post_init__(self) -> None:
        self.world = _World(self.pack)
        self.used = {}
        for case in (case for suite in self.suites for case in suite.cases):
            for path, value in case.facts.items():
                self.used.setdefault(path, {})[value] = None
        self.bases = sorted(self._bases(), key=lambda base: self._count(base.facts))

    def _count(self, facts: Facts) -> int:
        return sum(found is not None for found in self.world.find_all(facts).values())

    def _bases(self) -> Iterator[_Base]:
        seen: set[str] = set()
        needed = [path for path, declared in self.pack.fields.items() if declared.required]
        for suite in self.suites:
            for fixture in suite.fixtures.values():
                facts = fixture.facts if suite.now is None else {"now": suite.now, **fixture.facts}
                if "now" in facts and all(path in facts for path in needed) and fixture.name not in seen:
                    seen.add(fixture.name)
                    yield _Base(fixture.name, suite.file, facts, suite.now)
        moment = next((suite.now for suite in self.suites if suite.now is not None), _SOME_DAY)
        file = self.suites[0].file if self.suites else None
        for channel in Channel:
            facts = {"now": moment, CHANNEL: channel.value, "contact.email": "kim@example.com"}
            yield _Base(None, file, facts, None)

    def survivor(self, mutant: Mutant) -> Survivor:
        """The mutant with a case that would notice it, if one is found."""
        world = _World.of(self.pack, mutant)
        by_id = {reason.id: reason for reason in self.pack.reasons}
        before = [by_id[one] for one in mutant.ids]
        pairs = list(zip(before, mutant.reasons, strict=True))
        if mutant.change is Change.CHANNEL:
            channels = frozenset(chain.from_iterable(one.channels ^ other.channels for one, other in pairs))
        else:
            channels = frozenset(chain.from_iterable(one.channels for one in before))
        bases = [base for base in self.bases if base.facts[CHANNEL] in channels]
        # The fixtures first, and behind them the bare contexts.
        for base in [*bases[:_MOST_BASES], *(base for base in bases if base.fixture is None)]:
            for facts in self._near(base, (*before, *mutant.reasons), world):
                if self._differs(facts, before, mutant, world):
                    found = self._telling(facts, world)
                    if found:
                        return Survivor(mutant, self._case(mutant, base, facts, found), base.file)
        return Survivor(mutant, None, None)

    def _differs(self, facts: Facts, before: Sequence[Reason], mutant: Mutant, world: _World) -> bool:
        found = [self.world.find(reason, facts) for reason in before]
        changed = [world.find(reason, facts) for reason in mutant.reasons]
        if mutant.change is Change.PRIORITY:
            return None not in changed
        return found != changed or (mutant.change is Change.PARAMETER and any(changed))

    def _telling(self, facts: Facts, world: _World) -> dict[Aspect, tuple[Seen, str | None]]:
        """What to expect so that the pack passes and the mutant does not; empty where nothing shows."""
        decision = self.world.decide(facts, self.world.find_all(facts))
        changed = world.decide(facts, world.find_all(facts))
        first = Aspect.SENDABLE if decision.sendable else Aspect.REASON
        locale = self.pack.default_locale
        found: dict[Aspect, tuple[Seen, str | None]] = {}
        aspects = (first, Aspect.REASONS, Aspect.MONITORED, Aspect.CERTAINTY, Aspect.MISSING, Aspect.CLEARS_AT)
        for aspect in (*aspects, Aspect.TEXT, Aspect.FIX):
            spoken = locale if aspect in (Aspect.TEXT, Aspect.FIX) else None
            check = Check(aspect, None, Span.whole_file(""), spoken)
            wanted = check.look(decision)
            if aspect is first or wanted != check.look(changed):
                found[aspect] = (wanted, spoken)
            if wanted != check.look(changed):
                return found
        return {}

    # -- contexts to try

    def _near(self, base: _Base, reasons: Sequence[Reason], world: _World) -> Iterator[Facts]:
        """Contexts like the base, those with the fewest changes first."""
        values = self._values(base, reasons, world)
        return islice(self._changed(base.facts, values), _MOST_TRIED)

    @staticmethod
    def _changed(facts: Facts, values: Mapping[str, Sequence[Value | None]]) -> Iterator[Facts]:
        for number in range(len(values) + 1):
            # Of as many paths those with few values come first, so that many values of one leave time for the others.
            for paths in sorted(combinations(values, number), key=lambda one: prod(len(values[path]) for path in one)):
                others = [[one for one in values[path] if one != facts.get(path)] for path in paths]
                for chosen in product(*others):
                    changed = facts | {path: one for path, one in zip(paths, chosen, strict=True) if one is not None}
                    removed = {path for path, one in zip(paths, chosen, strict=True) if one is None}
                    yield {path: one for path, one in changed.items() if path not in removed}

    def _values(self, base: _Base, reasons: Sequence[Reason], world: _World) -> dict[str, list[Value | None]]:
        """The values to try for each path that the reasons read."""
        nodes = [reason.when.node for reason in reasons]
        known: dict[str, list[Value | None]] = {}
        for pack in (self.pack, world.pack):
            for path, found in _space(pack, Channel, *nodes).values().items():
                known[path] = list(dict.fromkeys([*known.get(path, ()), *found]))
        paths = dict.fromkeys(node.name for root in nodes for node in walk(root) if isinstance(node, Path))
        words = self._words(nodes)
        numbers: list[object] = [node.value for root in nodes for node in walk(root) if isinstance(node, Constant)]
        numbers += [one.value for world in (self.world, world) for one in world.pack.parameters.values()]
        result: dict[str, list[Value | None]] = {}
        for path in paths:
            if path == CHANNEL:
                continue  # there is a base for every channel
            declared = self.pack.fields[path]
            tried: list[Value | None] = list(known.get(path, ()))
            match declared.type.kind:
                case Kind.STRING if declared.type.enum is None:
                    tried = [*islice(self.used.get(path, {}), 12), *_spelled(words)]
                case Kind.STRING_LIST:
                    tried = [*islice(self.used.get(path, {}), 12), *tried, *((word,) for word in _spelled(words))]
                    tried += [(one,) for one in base.facts.values() if isinstance(one, str)]
                    tried += [tuple(f"item {number}" for number in range(size)) for size in _sizes(numbers)]
                case Kind.TIMESTAMP:
                    tried = [*tried, *_moments(base.facts["now"], numbers)]
                case Kind.INTEGER | Kind.NUMBER if path not in known or _counted_with(nodes):
                    tried += [one for one in _TYPICAL if _allowed(one, declared.type)]
                case _:
                    pass
            if not declared.required and path != "now":
                tried.append(None)
            if declared.type.spelling is not Spelling.AS_GIVEN:  # a context has no other
                tried = [one for one in tried if one is None or read_fact(one, declared.type) == one]
            result[path] = list(dict.fromkeys(tried))
        return result

    def _words(self, roots: Iterable[Node]) -> list[str]:
        """Texts that the conditions look for: their literals, and some entries of their lists."""
        found: dict[str, None] = {}
        for node in chain.from_iterable(map(walk, roots)):
            match node:
                case Constant(str(value)):
                    found[value] = None
                case ListReference(name):
                    entries = self.pack.lists[name].entries
                    found |= dict.fromkeys(sorted(one for one in entries if one.isascii())[:1] or sorted(entries)[:1])
                case _:
                    pass
        return list(found)

    # -- the case as text

    def _case(
        self, mutant: Mutant, base: _Base, facts: Facts, expected: Mapping[Aspect, tuple[Seen, str | None]]
    ) -> str:
        lines = [f"  - name: {_scalar(f'notices if {mutant.text}')}"]
        start: Mapping[str, Value] = {} if base.fixture is None else base.facts
        if base.fixture is not None:
            lines.append(f"    given: {base.fixture}")
        patch: dict[str, Value | None] = {
            path: value for path, value in facts.items() if path not in start or start[path] != value
        }
        patch |= dict.fromkeys(path for path in start if path not in facts)
        if patch:
            lines.append("    patch:")
            lines += [f"      {path}: {_written(value)}" for path, value in patch.items()]
        lines.append("    expect:")
        for aspect, (wanted, locale) in expected.items():
            if locale is None:
                lines.append(f"      {aspect}: {_written(wanted)}")
            else:
                lines += [f"      {aspect}:", f"        {locale}: {_written(wanted)}"]
        return "\n".join(lines) + "\n"


_SOME_DAY: Final = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def _spelled(words: Iterable[str]) -> Iterator[str]:
    """Addresses and other texts that have one of the words in some place."""
    yield from ("kim@example.com", "kim", "x")
    spell: tuple[Callable[[str], str], ...] = (
        lambda word: word,
        lambda word: f"{word}@example.com",
        lambda word: f"kim@{word}",
        lambda word: f"kim@x.{word}",
        lambda word: f"x{word}",
        lambda word: f"{word}x",
    )
    words = list(words)
    for word in words:
        yield from (one(word) for one in spell)
    yield from (f"{one}@{other}" for one in words for other in words if one != other)


def _moments(now: Value, numbers: Iterable[object]) -> Iterator[datetime]:
    """Points in time that many hours and days before now, and a little more and less."""
    if not isinstance(now, datetime):
        return
    for number in dict.fromkeys([0, *(one for one in numbers if isinstance(one, int | float))]):
        for unit in (timedelta(hours=1), timedelta(days=1)):
            for more in (timedelta(), timedelta(minutes=1), timedelta(minutes=-1)):
                try:
                    yield now - unit * number + more
                except OverflowError:
                    continue


_TYPICAL: Final = (0, 1, 2, 3, 5, 9, 10, 11, 90, 100, 101)
"""Numbers whose sums and quotients hit round bounds."""

_LONGEST_LIST: Final = 12


def _sizes(numbers: Iterable[object]) -> list[int]:
    """How long lists are tried: about as long as the numbers say."""
    found = {int(one) + more for one in numbers if isinstance(one, int | float) for more in (-1, 0, 1)}
    return sorted(size for size in found if 0 < size <= _LONGEST_LIST)


def _counted_with(roots: Iterable[Node]) -> bool:
    return any(isinstance(node, Arithmetic) for root in roots for node in walk(root))


def _allowed(number: float, declared: Type) -> bool:
    low = declared.minimum is None or number >= declared.minimum
    return low and (declared.maximum is None or number <= declared.maximum)


_PLAIN: Final = re.compile(r"[a-z][a-z0-9_]*")
_SPECIAL: Final = frozenset({"true", "false", "null"})


def _written(value: Seen | Value) -> str:
    """`value` as YAML, on one line."""
    match value:
        case None:
            return "null"
        case bool() | int() | float():
            return json.dumps(value)
        case str():
            return _scalar(value)
        case tuple():
            return f"[{', '.join(map(_scalar, value))}]"
        case datetime():
            return _scalar(str(plain_value(value)))


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text not in _SPECIAL:
        return text
    # A text of JSON is one of YAML, but for characters that neither may hold bare.
    return json.dumps(text, ensure_ascii=not text.isprintable())
