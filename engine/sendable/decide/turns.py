"""The instants at which clocks begin to show something else, as far as a comparison asks for that."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sendable.decide.facts import Facts
from sendable.language import zones
from sendable.language.functions import FUNCTIONS, Special
from sendable.language.nodes import Call, Node, Path, children, walk
from sendable.language.types import NOW

Evaluate: TypeAlias = Callable[[ast.expr, Facts], Any]
"""What a prepared expression comes to for facts; None where that is unknown."""

_INSTANT: Final = timedelta(microseconds=1)
_WEEKS: Final = timedelta(days=15)
_YEAR: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Turn:
    """A function of local time in a comparison, whose timestamp goes on as time does."""

    moment: ast.expr
    zone: ast.expr
    clock: ast.expr | None
    """The time of day that is asked for; None where hours are."""

    def zone_in(self, facts: Facts, evaluate: Evaluate) -> str | None:
        """The name of the zone that it asks for; None where that is unknown."""
        found = evaluate(self.zone, facts)
        return found if isinstance(found, str) else None

    def after(self, start: datetime, facts: Facts, evaluate: Evaluate) -> Iterator[datetime]:
        """The instants after `start` at which it may come to something else, in their order."""
        at, zone = evaluate(self.moment, {**facts, NOW: start}), self.zone_in(facts, evaluate)
        if not isinstance(at, datetime) or zone is None:
            return
        if self.clock is None:
            yield from _shifted(zones.turns(at, zone), start - at)
        else:
            yield from _shifted(_shown(str(evaluate(self.clock, facts)), at, zone), start - at)


def _shifted(moments: Iterator[datetime], by: timedelta) -> Iterator[datetime]:
    try:
        for one in moments:
            yield one + by
    except OverflowError:
        return


def _shown(clock: str, start: datetime, zone: str) -> Iterator[datetime]:
    """The moments at which clocks show a time of day, each with the instant after it: then they will tomorrow."""
    found = zones.next_local(clock, start, zone)
    while found is not None:
        yield found
        yield found + _INSTANT
        found = zones.next_local(clock, found + _INSTANT, zone)


def is_local(node: Node) -> bool:
    """Whether the node asks what clocks show in a zone."""
    return isinstance(node, Call) and any(kind is Special.ZONE for _, kind in FUNCTIONS[node.function].parameters)


def asks_clocks(node: Node) -> bool:
    """Whether what the expression comes to hangs on what clocks show as time goes by."""
    return any(is_local(one) and goes_on(one) for one in walk(node))


def goes_on(node: Node) -> bool:
    """Whether the time of the decision is in the expression itself."""
    return any(
        (isinstance(one, Path) and one.name == NOW) or (isinstance(one, Call) and FUNCTIONS[one.function].needs_now)
        for one in walk(node)
    )


def turns_in(node: Node, prepare: Callable[[Node], ast.expr]) -> Iterator[Turn]:
    """The functions of local time in the expression that turn as time goes by.

    One of what another comes to, such as the weekday of the next morning, turns when that does.
    """
    for one in walk(node):
        if isinstance(one, Call) and is_local(one) and not any(map(asks_clocks, children(one))) and goes_on(one):
            given = {
                name: prepare(argument)
                for (name, _), argument in zip(FUNCTIONS[one.function].parameters, one.arguments, strict=True)
            }
            yield Turn(given["timestamp"], given["zone"], given.get("time"))


def stretches(start: datetime, end: datetime, known: frozenset[str]) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of time, from `start` on and up to `end`, in which clocks in the zones show all that they can.

    In one zone every hour of every weekday comes within two weeks, one that is skipped in a week too. What clocks of
    two zones show together is another for some weeks when those of one are set, and all of that comes within a year.
    """
    year = min(end - start, _YEAR)
    begun = {start}
    if len(known) > 1:
        begun.update(one for zone in known for one in zones.set_between(start, start + year, zone))
    last = start
    for one in sorted(begun):
        stop = one + min(end - one, _WEEKS)
        yield max(last, one), stop
        last = stop
