"""Comparisons as ones of a single quantity with a number: sums of whole numbers, and the time since a timestamp.

`n * 2 == 3` compares n with 1.5, `a - b > 0` and `b < a` the same difference with 0, `days_since(t) > 3` and
`hours_since(t) < 10` the same time with 72 and with 10 hours. What is claimed of a quantity is exact: whole numbers are
counted with as such, and times to the microsecond, as far as the numbers of the language tell microseconds apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from sendable.language.cells import Cell, number_cells
from sendable.language.functions import MICROSECONDS
from sendable.language.nodes import (
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
    Negative,
    Node,
    Path,
)
from sendable.language.parser import unparse
from sendable.language.types import LARGEST_NUMBER, NOW, Kind, Type, Value

Number = int | Fraction

FLIPPED: Final[Mapping[ComparisonOperator, ComparisonOperator]] = {
    "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
"""The operator that says the same with its sides changed over."""

_LONGEST: Final = 2**50
"""Up to how many microseconds, 35 years, a number of hours or days is another one for each."""
_ROUNDING: Final = Fraction(1, 2**50)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a comparison comes to where all of `needed` is known: `quantity sign point`.

    `quantity` is a term, which is a whole number, or a key of `Measures.cells`; None where nothing is left of it, as of
    `n - n`, and 0 stands for it. Where it is not `bounded`, counting may have no answer.
    """

    quantity: Hashable | None
    sign: ComparisonOperator
    point: Number
    needed: frozenset[Node]
    bounded: bool = True


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum of whole numbers, each so many times, and a constant; every step is between `low` and `high`."""

    terms: Mapping[Node, int]
    constant: int
    low: int
    high: int
    needed: frozenset[Node]
    bounded: bool = True

    def times(self, factor: int) -> _Sum:
        ends = (self.low * factor, self.high * factor)
        terms = {term: count * factor for term, count in self.terms.items()}
        return self._within(terms, self.constant * factor, min(ends), max(ends), self.needed, self.bounded)

    def plus(self, other: _Sum) -> _Sum:
        terms = dict(self.terms)
        for term, count in other.terms.items():
            terms[term] = terms.get(term, 0) + count
        needed, bounded = self.needed | other.needed, self.bounded and other.bounded
        low, high = self.low + other.low, self.high + other.high
        return self._within(terms, self.constant + other.constant, low, high, needed, bounded)

    @staticmethod
    def _within(
        terms: Mapping[Node, int], constant: int, low: int, high: int, needed: frozenset[Node], bounded: bool
    ) -> _Sum:
        fits = low >= -LARGEST_NUMBER and high <= LARGEST_NUMBER
        return _Sum(
            {term: count for term, count in terms.items() if count}, constant, low, high, needed, bounded and fits
        )


def counts(node: Node) -> bool:
    """Whether the node is a part of what is measured."""
    if isinstance(node, Call):
        return node.function in MICROSECONDS
    return isinstance(node, Arithmetic | Negative)


class Measures:
    """The quantities that comparisons among `everything` are of. `constant` and `type_of` are those of the terms."""

    def __init__(
        self,
        everything: Sequence[Node],
        constant: Callable[[Node], tuple[bool, Value | None]],
        type_of: Callable[[Node], Type],
    ) -> None:
        self._constant = constant
        self._type_of = type_of
        self._timed = frozenset(_timed(everything))
        self._found: dict[tuple[ComparisonOperator, Node, Node], Measured | None] = {}
        self._points: dict[Hashable, set[Number]] = {}
        self._cells: dict[Hashable, tuple[Cell, ...]] = {}

    def noted(self, sign: ComparisonOperator, left: Node, right: Node) -> Measured | None:
        """What the pair of a comparison measures, None where that is nothing of these; its point is kept in mind."""
        key = (sign, left, right)
        if key not in self._found:
            found = self._found[key] = self._measured(sign, left, right)
            if found is not None and found.quantity is not None:
                self._points.setdefault(found.quantity, set()).add(found.point)
        return self._found[key]

    def cells(self, quantity: Hashable) -> tuple[Cell, ...]:
        """One number for each way in which the quantity, which is no term, can lie among what it is compared with."""
        found = self._cells.get(quantity)
        if found is None:
            points = self._points[quantity]
            found = tuple(self._sums(quantity, points) if isinstance(quantity, frozenset) else _moments(points))
            self._cells[quantity] = found
        return found

    def _sums(self, terms: frozenset[tuple[Node, int]], points: Iterable[Number]) -> Iterator[Cell]:
        bounds = [sorted(bound * count for bound in self._bounds(term)) for term, count in terms]
        low, high = (sum(ends) for ends in zip(*bounds, strict=True))
        yield from number_cells(map(float, points), Type(Kind.INTEGER, minimum=low, maximum=high))

    def _measured(self, sign: ComparisonOperator, left: Node, right: Node) -> Measured | None:
        if isinstance(left, Call | Path) or isinstance(right, Call | Path):
            for one, other, way in ((left, right, sign), (right, left, FLIPPED[sign])):
                if (found := self._elapsed(one, way, other)) is not None:
                    return found
        if isinstance(left, Arithmetic | Negative) or isinstance(right, Arithmetic | Negative):
            return self._difference(sign, left, right)
        return None

    # -- time

    def _elapsed(self, node: Node, sign: ComparisonOperator, other: Node) -> Measured | None:
        match node, other:
            case Call("hours_since" | "days_since", (timestamp,)), _ if timestamp in self._timed:
                microseconds = self._duration(node, other)
                if microseconds is None:
                    return None
                return Measured(_Elapsed(timestamp), sign, microseconds, frozenset({timestamp}))
            case Path("now"), _ if other in self._timed:  # now > t: some time has gone by since t
                return Measured(_Elapsed(other), sign, 0, frozenset({other}))
            case _:
                return None

    def _duration(self, node: Node, other: Node) -> Number | None:
        """The constant `other`, which the hours or days of `node` are compared with, in microseconds."""
        constant, value = self._constant(other)
        if not constant or isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(node, Call):
            return None
        exact = Fraction(value) * MICROSECONDS[node.function]
        nearest = round(exact)
        if abs(nearest) > _LONGEST:
            return None
        # The number is the one that a whole count of microseconds is rounded to, or between two of them.
        return nearest if abs(exact - nearest) <= abs(exact) * _ROUNDING else exact

    # -- sums

    def _difference(self, sign: ComparisonOperator, left: Node, right: Node) -> Measured | None:
        one, two = self._sum(left), self._sum(right)
        if one is None or two is None:
            return None
        bounded = one.bounded and two.bounded
        whole = one.plus(two.times(-1))
        if not whole.needed:
            return None
        if not whole.terms:
            return Measured(None, sign, -whole.constant, whole.needed, bounded)
        terms = sorted(whole.terms.items(), key=lambda one: unparse(one[0]))
        divisor = math.gcd(*whole.terms.values()) * (1 if terms[0][1] > 0 else -1)
        point = Fraction(-whole.constant, divisor)
        way = sign if divisor > 0 else FLIPPED[sign]
        if len(terms) == 1:
            return Measured(terms[0][0], way, _marked(point), whole.needed, bounded)
        quantity = frozenset((term, count // divisor) for term, count in terms)
        return Measured(quantity, way, _marked(point), whole.needed, bounded)

    def _sum(self, node: Node) -> _Sum | None:
        constant, value = self._constant(node)
        if constant:
            if isinstance(value, bool) or not isinstance(value, int):
                return None
            return _Sum({}, value, value, value, frozenset())
        match node:
            case Arithmetic("-", left, right) if left == right and self._type_of(left).kind is Kind.NUMBER:
                return _Sum({}, 0, 0, 0, frozenset({left}))
            case Negative(operand):
                found = self._sum(operand)
                return None if found is None else found.times(-1)
            case Arithmetic("+" | "-" | "*" as sign, left, right):
                return self._joined(sign, left, right)
            case Arithmetic() | Call("default"):
                return None
            case _:
                declared = self._type_of(node)
                if declared.kind is not Kind.INTEGER:
                    return None
                low, high = self._bounds(node)
                return _Sum({node: 1}, 0, low, high, frozenset({node}))

    def _bounds(self, term: Node) -> tuple[int, int]:
        """The least and the largest whole number that a term can be."""
        least, most = self._type_of(term).bounds
        return math.ceil(least), math.floor(most)

    def _joined(self, sign: str, left: Node, right: Node) -> _Sum | None:
        one, two = self._sum(left), self._sum(right)
        if one is None or two is None:
            return None
        if sign != "*":
            return one.plus(two if sign == "+" else two.times(-1))
        if one.needed and two.needed:
            return None  # a product of two that nobody knows
        return two.times(one.constant) if not one.needed else one.times(two.constant)


@dataclass(frozen=True, slots=True)
class _Elapsed:
    """The microseconds since a timestamp."""

    timestamp: Node


def _moments(points: Iterable[Number]) -> Iterator[Cell]:
    """Numbers of every order among the points, of which there are some."""
    marks = sorted(set(points))
    yield from (marks[0] - 1, *marks, marks[-1] + 1)
    yield from (Fraction(one + two) / 2 for one, two in pairwise(marks))


def _marked(point: Number) -> int | Fraction:
    """The point among whole numbers: one that is none is as good as the middle between its neighbours."""
    if isinstance(point, int) or point.denominator == 1:
        return int(point)
    return math.floor(point) + Fraction(1, 2)


def _timed(everything: Sequence[Node]) -> Iterator[Node]:
    """The timestamps whose time is asked for in two ways at least."""
    ways: dict[Node, set[str]] = {}
    for node in everything:
        if isinstance(node, Call) and node.function in MICROSECONDS:
            ways.setdefault(node.arguments[0], set()).add(node.function)
    if not ways:
        return
    for node in everything:
        for left, right in pairwise(node.operands) if isinstance(node, Comparison) else ():
            for one, other in ((left, right), (right, left)):
                if one == Path(NOW) and other in ways:
                    ways[other].add(NOW)
    yield from (timestamp for timestamp, found in ways.items() if len(found) > 1)
