"""What the values of a field are parted into, and the ways to choose among the parts.

A cell stands for all the values that nothing asked can tell apart. Combinations of cells are tried one after another;
which there are shows only while an expression is evaluated, and only where its outcome hangs on them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any, Final, TypeAlias, TypeVar

from sendable.language.nodes import ComparisonOperator
from sendable.language.types import Kind, Type, Value

_INSTANT: Final = timedelta(microseconds=1)
_HUNDREDTH: Final = 0.01
_HOUR: Final = timedelta(hours=1)
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


class TooManyError(Exception):
    """More combinations than are tried: nothing is known."""


@dataclass(frozen=True, slots=True)
class Other:
    """A value that no literal names; it equals none of them, and none but the other with its number."""

    number: int = 0


class Lack:
    """The lack of a value."""

    def __repr__(self) -> str:
        return "UNKNOWN"


OTHER: Final = Other()
UNKNOWN: Final = Lack()

Cell: TypeAlias = Value | Fraction | Other | Lack
Key: TypeAlias = tuple[Hashable, ...]
_Answer = TypeVar("_Answer")
_Item = TypeVar("_Item")


class Choices:
    """One combination of cells, chosen while an expression is being evaluated, and the way to the next one."""

    def __init__(self, fixed: Mapping[Key, Cell] | None = None) -> None:
        self.chosen: dict[Key, Cell] = dict(fixed or {})
        self._trail: list[tuple[Key, Sequence[Cell], int]] = []

    def choose(self, key: Key, cells: Sequence[Cell]) -> Cell:
        """The cell of `key` in this combination: the first of `cells` when it is asked for the first time."""
        if key in self.chosen:
            return self.chosen[key]
        self._trail.append((key, cells, 0))
        self.chosen[key] = cells[0]
        return cells[0]

    def advance(self) -> bool:
        """Goes on to the next combination; False when there is none."""
        while self._trail:
            key, cells, index = self._trail.pop()
            if index + 1 < len(cells):
                self._trail.append((key, cells, index + 1))
                self.chosen[key] = cells[index + 1]
                return True
            del self.chosen[key]
        return False


class Pessimist(Choices):
    """One combination only, in which whatever is not fixed is unknown where it can be."""

    def choose(self, key: Key, cells: Sequence[Cell]) -> Cell:
        """The fixed cell of `key`, else unknown where that is among `cells`, else the last of them."""
        if key not in self.chosen:
            self.chosen[key] = UNKNOWN if UNKNOWN in cells else cells[-1]
        return self.chosen[key]


@dataclass
class Effort:
    """How much is tried before nothing is claimed: combinations for one question, evaluated parts for all of a run.

    A run takes a second at most. A pack of three thousand ordinary reasons needs two thirds of it.
    """

    each: int = 20_000
    left: int = 1_200_000


def explore(
    ask: Callable[[Choices], _Answer], effort: Effort, fixed: Mapping[Key, Cell] | None = None, *, size: int = 0
) -> Iterator[tuple[_Answer, Choices]]:
    """What `ask` answers for each combination of the cells that it chooses; TooManyError where they are too many.

    `size` is how many parts an answer takes into account.
    """
    choices = Choices(fixed)
    for _ in range(effort.each):
        effort.left -= 1 + size
        if effort.left < 0:
            break
        yield ask(choices), choices
        if not choices.advance():
            return
    raise TooManyError


# -- values

_COMPARE: Final[dict[ComparisonOperator, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: ComparisonOperator, left: object, right: object) -> bool:
    """What the comparison of two known values comes to."""
    return _COMPARE[sign](left, right)


def number_cells(points: Iterable[int | float], declared: Type, near: float | None = None) -> Iterator[int | float]:
    """One number for each way in which a number of the type `declared` can lie among `points`.

    With `near` it is the one that is nearest to it; beside a point that may be any number, a hundredth from it.
    """
    least, most = declared.bounds
    marks = sorted(set(points))
    candidates: set[int | float] = {least, most}
    if declared.kind is Kind.INTEGER:
        for mark in marks:
            whole = int(mark // 1)
            candidates.update((whole - 1, whole, whole + 1, whole + 2))
        candidates.add(min(max(0, int(least)), int(most)))
    else:
        if near is not None:
            candidates.update(mark + step for mark in marks for step in (-_HUNDREDTH, _HUNDREDTH))
        candidates.update(marks)
        edges = [least, *(mark for mark in marks if least < mark < most), most]
        candidates.update(one / 2 + two / 2 for one, two in pairwise(edges))
    seen: set[tuple[bool, ...]] = set()

    def rank(number: float) -> tuple[float, ...]:
        return (number != most, number == least, -number) if near is None else (abs(number - near), number)

    for one in sorted(candidates if near is None else {*candidates, near}, key=rank):
        if least <= one <= most and (declared.kind is not Kind.INTEGER or one == int(one)):
            sign = tuple(test for mark in marks for test in (one < mark, one == mark))
            if sign not in seen:
                seen.add(sign)
                yield one


def moment_cells(points: Sequence[datetime]) -> Iterator[Cell]:
    if not points:
        yield OTHER
    for point in sorted(set(points)):
        yield from (one for one in moments_around(point, _INSTANT) if one == point or one not in points)


def moments_around(point: datetime, step: timedelta) -> Iterator[datetime]:
    """The point in time, the one a step behind it and the one a step before it, as far as they exist."""
    for one in (timedelta(), step, -step):
        try:
            yield point + one
        except OverflowError:
            continue


def text_cells(declared: Type, types: Sequence[Type], points: Iterable[Value]) -> Iterator[Cell]:
    """The texts that are points, as far as the type has them, and what stands for the others of terms of the types."""
    named = {one for one in points if isinstance(one, str)}
    if len(types) > 1:
        named = named.union(*(one.enum or () for one in types))
    yield from (one for one in sorted(named) if declared.enum is None or one in declared.enum)
    if declared.enum is None:
        yield from map(Other, range(sum(one.enum is None for one in types)))
    elif not set(declared.enum) <= named:
        yield OTHER


def within(number: float, declared: Type) -> bool:
    """Whether the type has the number."""
    low, high = declared.bounds
    return low <= number <= high and (declared.kind is Kind.NUMBER or float(number).is_integer())


def numbers_among(types: Sequence[Type], points: Iterable[Value]) -> list[int | float]:
    """Numbers of every order that terms of the types can have among each other and the points."""
    bounds = [bound for one in types for bound in (one.minimum, one.maximum) if bound is not None]
    marks = sorted({float(one) for one in (*points, *bounds) if isinstance(one, int | float)})
    count = len(types)
    found: set[int | float] = {int(mark) if mark.is_integer() else mark for mark in marks}
    whole = all(one.kind is Kind.INTEGER for one in types)
    for lower, upper in pairwise([-math.inf, *marks, math.inf]):
        low = math.floor(lower) + 1 if math.isfinite(lower) else None
        high = math.ceil(upper) - 1 if math.isfinite(upper) else None
        if low is None:
            high = 0 if high is None else high
            found.update(high - step for step in range(count))
        elif high is None:
            found.update(low + step for step in range(count))
        else:
            found.update(range(low, min(high, low + count - 1) + 1))
            found.update(range(max(low, high - count + 1), high + 1))
            if not whole:
                found.update(lower + (upper - lower) * step / (count + 1) for step in range(1, count + 1))
    return sorted(found)


def moments_among(types: Sequence[Type], points: Iterable[Value]) -> list[datetime]:
    """Likewise points in time."""
    count = len(types)
    marks = sorted(one for one in points if isinstance(one, datetime)) or [_SOME_DAY]
    found = {*marks}
    for step in range(1, count + 1):
        for mark, way in ((marks[0], -step), (marks[-1], step)):
            for unit in (_HOUR, _INSTANT):  # at the ends of time there is less room
                try:
                    found.add(mark + unit * way)
                    break
                except OverflowError:
                    continue
    for lower, upper in pairwise(marks):
        found |= {lower + (upper - lower) * step / (count + 1) for step in range(1, count + 1)}
    return sorted(found)


def texts_among(types: Sequence[Type], points: Iterable[Value]) -> list[str]:
    """Likewise texts: each that is a point or enumerated, and others that equal none of them."""
    count = sum(declared.enum is None for declared in types)
    known = {one for one in points if isinstance(one, str)}.union(*(declared.enum or () for declared in types))
    others = (f"other{number or ''}" for number in range(len(known) + count))
    return [*sorted(known), *[other for other in others if other not in known][:count]]


MOST_COMBINED: Final = 6
"""Of how many items every selection is tried; of more, none of more than two."""


def some_of(items: Sequence[_Item]) -> Iterator[tuple[_Item, ...]]:
    """The selections of the items, the smallest first; see MOST_COMBINED."""
    most = len(items) if len(items) <= MOST_COMBINED else 2
    for size in range(most + 1):
        yield from combinations(items, size)
