"""When an email becomes sendable by the passing of time alone.

A condition that reads `now`, by itself or through `hours_since` and `days_since`, comes to something else at certain
instants only: those at which one of its comparisons changes. They are found to the microsecond, which is the finest a
timestamp has, by halving the time between two instants at which the comparison differs.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sendable.decide.decision import Certainty, Decision
from sendable.decide.facts import Facts
from sendable.decide.findings import certainties, certainty_of, is_enforced, lifting
from sendable.decide.turns import Evaluate, Turn, asks_clocks, stretches, turns_in
from sendable.language.choices import Parameters, variants, walk_read
from sendable.language.functions import FUNCTIONS, LAST_MOMENT
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Constant,
    ListLiteral,
    Membership,
    Negative,
    Node,
    Path,
    children,
)
from sendable.language.types import NOW
from sendable.pack.model import Channel, Pack, Reason

if TYPE_CHECKING:
    from sendable.language.interpreter import Interpreter


_INSTANT: Final = timedelta(microseconds=1)
_SPLITS: Final = tuple(timedelta(seconds=2**power) for power in range(38))

_Sign: TypeAlias = Callable[[datetime], int | None]
"""How the two sides of a comparison stand at a time: -1, 0 or 1, and None where it is unknown."""


def depends_on_time(node: Node, parameters: Parameters) -> bool:
    """Whether what the expression comes to can change by the passing of time."""
    return any(
        (isinstance(one, Path) and one.name == NOW) or (isinstance(one, Call) and FUNCTIONS[one.function].needs_now)
        for one in walk_read(node, parameters)
    )


def changes_unforetold(reason: Reason, parameters: Parameters) -> bool:
    """Whether the passing of time can change what is found of the reason otherwise than by its `clears_at`.

    A condition on the time may say no more than that `clears_at` is still to come: `… and default(now < x, true)`. Such
    a reason is found until then and never again, as one is taken to be whose condition does not read the time.
    """
    if not depends_on_time(reason.when.node, parameters):
        return False
    promised = None if reason.clears_at is None else reason.clears_at.node
    if promised is None or depends_on_time(promised, parameters) or Certainty.UNDETERMINED in certainties(reason):
        return True
    ahead = (Comparison((Path(NOW), promised), ("<",)), Comparison((promised, Path(NOW)), (">",)))
    foretold = (*ahead, *(Call("default", (one, Constant(value=True))) for one in ahead))
    parts = reason.when.node.operands if isinstance(reason.when.node, And) else (reason.when.node,)
    return any(depends_on_time(part, parameters) and part not in foretold for part in parts)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two neighbouring operands of a comparison, of which at least one depends on the time."""

    left: ast.expr
    right: ast.expr
    steady: bool
    """Whether the difference of the two only grows or only falls as time passes."""
    fixed: ast.expr | None = None
    """What the time itself is compared with, where that stays what it is: nothing has to be looked for then."""
    turns: tuple[Turn, ...] = ()
    """What else clocks begin to show, where it is not steady for that: then it may change with each of these."""


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition of a pack, with what the passing of time changes in it."""

    prepared: ast.expr
    pairs: tuple[_Pair, ...]
    evaluate: Evaluate

    def at(self, time: datetime, facts: Facts) -> Any:  # noqa: ANN401 - any value of the language
        """What it comes to at a time; None where that is unknown."""
        return self.evaluate(self.prepared, {**facts, NOW: time})

    def instants(self, start: datetime, facts: Facts) -> Iterator[datetime]:
        """The instants after `start` at which a comparison changes, each the first of its new state."""
        for pair in self.pairs:
            if pair.fixed is not None:
                moment = self.evaluate(pair.fixed, facts)
                if isinstance(moment, datetime):
                    after = moment + min(_INSTANT, LAST_MOMENT - moment)
                    yield from (one for one in (moment, after) if one > start)
            elif not pair.turns:
                ends = [LAST_MOMENT] if pair.steady else [start + one for one in _SPLITS if one < LAST_MOMENT - start]
                yield from _changes(_sign(pair, self.evaluate, facts), start, ends)

    @property
    def asks_clocks(self) -> bool:
        return any(pair.turns for pair in self.pairs)

    def zones(self, facts: Facts) -> frozenset[str]:
        """The time zones whose clocks it asks for."""
        found = (turn.zone_in(facts, self.evaluate) for pair in self.pairs for turn in pair.turns)
        return frozenset(one for one in found if one is not None)

    def turns(self, start: datetime, end: datetime, facts: Facts) -> Iterator[Iterator[datetime]]:
        """For each comparison that asks what clocks show, the instants up to `end` at which it changes, in turn."""
        for pair in self.pairs:
            if pair.turns:
                ends = _ends([turn.after(start, facts, self.evaluate) for turn in pair.turns], start, end)
                yield _changes(_sign(pair, self.evaluate, facts), start, ends)


class Clearing:
    """The passing of time, for the emails of one channel."""

    def __init__(self, pack: Pack, channel: Channel) -> None:
        reasons = [
            reason
            for whole in pack.reasons
            if channel in whole.channels
            for reason in whole.apart
            if is_enforced(reason) and changes_unforetold(reason, pack.parameters)
        ]
        exceptions = lifting(pack, channel)
        conditions = [*(reason.when.node for reason in reasons), *(one.condition for one in exceptions)]
        made = _conditions(conditions, pack) if conditions else []
        self._timed = dict(zip((reason.id for reason in reasons), zip(reasons, made, strict=False), strict=True))
        self._exceptions = tuple(zip(exceptions, made[len(reasons) :], strict=True))
        self._recurring = frozenset(
            reason.id for reason in reasons if reason.clears_at is not None and asks_clocks(reason.clears_at.node)
        )
        self._liftable = frozenset(name for one in exceptions for name in one.reasons)
        self.paths: frozenset[str] = frozenset(
            node.name
            for condition in conditions
            for node in walk_read(condition, pack.parameters)
            if isinstance(node, Path)
        )
        """The paths whose values `earliest` needs; none where neither a condition nor an exception depends on time."""
        self._made_of = (pack, channel)

    def __reduce__(self) -> tuple[type[Clearing], tuple[Pack, Channel]]:
        # What evaluates is made anew where a decision is sent to.
        return Clearing, self._made_of

    def earliest(self, decision: Decision, facts: Facts, not_before: datetime | None = None) -> datetime | None:
        """The earliest time after `decision.now` at which nothing suppresses the email, everything else unchanged.

        None where that never comes by itself, or where it can be sent now. A reason of which time changes nothing else
        passes at its `clears_at`; one that is only not known to apply does not pass by itself. An exception lifts from
        when it begins, and what it lifts now is back when it ends. With `not_before` the decision is on part of the
        reasons, and the others have passed by then.
        """
        if decision.sendable and not_before is None:
            return None
        start = decision.now if not_before is None else max(decision.now, not_before)
        found = (*decision.reasons, *decision.excepted)
        promised = {one.id: one.clears_at for one in found if one.clears_at is not None}
        lasting = frozenset(one.id for one in found if one.id not in self._timed)
        for name in lasting - self._liftable:
            if name not in promised:
                return None
            start = max(start, promised[name])
        instants = {start, *promised.values(), *self._instants(decision.now, facts)}
        begun = sorted(one for one in instants if one >= start)
        # What clocks show comes again and again: it is looked at anew from each instant at which anything else changes.
        for base, end in zip(begun, [*begun[1:], LAST_MOMENT], strict=True):
            if self._held(base, facts, lasting, promised):
                continue
            for time in chain((base,), self._turns(base, end, facts)):
                if time > decision.now and self._clear(time, facts, lasting, promised):
                    return time
        return None

    def _held(self, base: datetime, facts: Facts, lasting: frozenset[str], promised: Mapping[str, datetime]) -> bool:
        """Whether something suppresses from `base` until the next instant, whatever clocks show meanwhile."""
        found = {
            name
            for name, (reason, condition) in self._timed.items()
            if not condition.asks_clocks and certainty_of(reason, _truth(condition.at(base, facts))) is not None
        }
        found |= lasting
        found -= {name for name, passed in promised.items() if passed <= base and name not in self._recurring}
        for exception, condition in self._exceptions:
            if not found.isdisjoint(exception.reasons) and (condition.asks_clocks or condition.at(base, facts) is True):
                found.difference_update(exception.reasons)
        return bool(found)

    def _clear(self, time: datetime, facts: Facts, lasting: frozenset[str], promised: Mapping[str, datetime]) -> bool:
        """Whether nothing suppresses at the time; `lasting` is found until what is `promised` of it."""
        found = {
            name
            for name, (reason, condition) in self._timed.items()
            if certainty_of(reason, _truth(condition.at(time, facts))) is not None
        }
        found |= lasting
        found -= {name for name, passed in promised.items() if passed <= time and name not in self._recurring}
        if not found <= self._liftable:
            return False
        for exception, condition in self._exceptions:
            if not found.isdisjoint(exception.reasons) and condition.at(time, facts) is True:
                found.difference_update(exception.reasons)
        return not found

    def _turns(self, start: datetime, end: datetime, facts: Facts) -> Iterator[datetime]:
        """The instants before `end` at which a condition may change as clocks begin to show something else."""
        conditions = [*(one for _, one in self._timed.values()), *(one for _, one in self._exceptions)]
        known = frozenset[str]().union(*(one.zones(facts) for one in conditions))
        if known:
            for first, last in stretches(start, end, known):
                changes = [found for one in conditions for found in one.turns(first, last, facts)]
                yield from (one for one in merge([first], *changes) if one < last)

    def _instants(self, start: datetime, facts: Facts) -> Iterator[datetime]:
        """The instants at which a condition may change."""
        for condition in (*(one for _, one in self._timed.values()), *(one for _, one in self._exceptions)):
            yield from condition.instants(start, facts)


def _truth(result: object) -> bool | None:
    return None if result is None else result is True


def _conditions(nodes: Iterable[Node], pack: Pack) -> list[_Condition]:
    # Most packs have none that matter here, and whoever decides by them does without the interpreter.
    from sendable.language.interpreter import Interpreter, Unknown  # noqa: PLC0415

    interpreter = Interpreter(pack.parameters, pack.lists)

    def evaluate(prepared: ast.expr, facts: Facts) -> Any:  # noqa: ANN401 - any value of the language
        result = interpreter.evaluate(prepared, facts)
        return None if isinstance(result, Unknown) else result

    return [_Condition(interpreter.prepare(one), tuple(_pairs(one, pack, interpreter)), evaluate) for one in nodes]


def _pairs(condition: Node, pack: Pack, interpreter: Interpreter) -> Iterator[_Pair]:
    # With each value of a parameter by itself: what is compared with it then goes on as time does.
    read = (one for one in walk_read(condition, pack.parameters) if isinstance(one, Comparison | Membership))
    for node in dict.fromkeys(one for whole in read for one in variants(whole, pack.parameters)):
        compared: Iterable[tuple[Node, Node]] = ()
        if isinstance(node, Comparison):
            compared = zip(node.operands, node.operands[1:], strict=False)
        elif isinstance(node, Membership) and isinstance(node.container, ListLiteral):
            compared = ((node.item, one) for one in node.container.items)
        for left, right in compared:
            if depends_on_time(left, pack.parameters) or depends_on_time(right, pack.parameters):
                closer = _comes_closer(left, right) or _comes_closer(right, left)
                steady = closer or max(_degree(left), _degree(right)) <= 1
                turns = () if steady else [*turns_in(left, interpreter.prepare), *turns_in(right, interpreter.prepare)]
                fixed = next((interpreter.prepare(one) for one in _fixed(left, right, pack)), None)
                yield _Pair(interpreter.prepare(left), interpreter.prepare(right), steady, fixed, tuple(turns))


def _fixed(left: Node, right: Node, pack: Pack) -> Iterator[Node]:
    """The side that the time itself is compared with, if it does not depend on the time."""
    for node, other in ((left, right), (right, left)):
        if node == Path(NOW) and not depends_on_time(other, pack.parameters):
            yield other


def _comes_closer(node: Node, fixed: Node) -> bool:
    """Whether one side is the next time that clocks show something, which never gets less, and the other fixed."""
    match node:
        case Call("next_local", (_, moment, _)):
            return _degree(moment) <= 1 and not _degree(fixed)
        case _:
            return False


def _degree(node: Node) -> float:
    """The degree of the expression as a polynomial in time; infinite where it is none."""
    if asks_clocks(node):
        return math.inf
    match node:
        case Path(name):
            return 1 if name == NOW else 0
        case Call(function) if FUNCTIONS[function].needs_now:
            return 1
        case Arithmetic("*", left, right):
            return _degree(left) + _degree(right)
        case Arithmetic("/", left, right):
            return math.inf if _degree(right) else _degree(left)
        case Call("default", (value, _)) if _degree(value):
            return math.inf  # where the value leaves what can be counted, it jumps to the other one
        case Arithmetic() | Negative() | Call():
            return max(map(_degree, children(node)), default=0)
        case _:
            return 0


def _sign(pair: _Pair, evaluate: Evaluate, facts: Facts) -> _Sign:
    def sign(time: datetime) -> int | None:
        at_the_time = {**facts, NOW: time}
        left, right = evaluate(pair.left, at_the_time), evaluate(pair.right, at_the_time)
        if left is None or right is None:
            return None
        return 0 if left == right else 1 if isinstance(left, bool | str) or left > right else -1

    return sign


def _ends(turns: Iterable[Iterator[datetime]], start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants up to `end` at which something may turn, each with the one before it, in their order."""
    for one in takewhile(lambda instant: instant < end, merge(*turns)):
        yield max(start, one - _INSTANT)
        yield one
    yield end


def _changes(sign: _Sign, start: datetime, ends: Iterable[datetime]) -> Iterator[datetime]:
    """The instants after `start` at which the sign changes, looked for between the `ends` of stretches of time.

    A steady sign goes through each of its states once, and what asks for clocks changes when they turn, so that none
    is missed. Any other, a product or a quotient of times, is looked at in stretches each twice as long as the last.
    """
    for end in ends:
        while (state := sign(start)) != sign(end):
            same, other = 0, (end - start) // _INSTANT
            while other - same > 1:
                middle = (same + other) // 2
                if sign(start + middle * _INSTANT) == state:
                    same = middle
                else:
                    other = middle
            start += other * _INSTANT
            yield start
        start = end
