"""Numbers as expressions: counted as Python counts, on every engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Final

import narwhals as nw

from sendable.audience import logic
from sendable.language.functions import FIRST_MOMENT, LAST_MOMENT, MICROSECONDS_PER_HOUR
from sendable.language.types import LARGEST_NUMBER, Value

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = ((end - _EPOCH) // timedelta(microseconds=1) for end in (FIRST_MOMENT, LAST_MOMENT))
_ALL_TIME: Final = float(_LATEST - _EARLIEST)


@dataclass(frozen=True, slots=True)
class Number:
    """A number: in each row at most one of the two is not null, as integers and decimals count differently."""

    whole: nw.Expr | None
    real: nw.Expr | None

    @property
    def as_real(self) -> nw.Expr:
        """The value as a double, which holds every integer within ±2^53."""
        if self.whole is None:
            if self.real is None:
                raise TypeError("a number is whole or real")
            return self.real
        whole = self.whole.cast(nw.Float64)
        return whole if self.real is None else nw.coalesce(whole, self.real)

    @property
    def unknown(self) -> nw.Expr:
        """Whether there is no value."""
        return logic.every([part.is_null() for part in (self.whole, self.real) if part is not None])


def compared(left: Number, operator: str, right: Number) -> nw.Expr:
    """A comparison of numbers: integers as such, all others as doubles."""
    if left.whole is not None and right.whole is not None and left.real is None and right.real is None:
        return logic.compared(left.whole, operator, right.whole)
    return logic.compared(left.as_real, operator, right.as_real)


def number_of(value: Value) -> Number:
    """A number that is the same for every row."""
    match value:
        case bool() | str() | datetime() | tuple():
            raise AssertionError(f"no number: {value!r}")
        case int():
            return Number(nw.lit(value, dtype=nw.Int64), None)
        case float():
            return Number(None, nw.lit(value, dtype=nw.Float64))


def bounded(value: nw.Expr) -> nw.Expr:
    """`value`, null where it is beyond ±2^53."""
    return nw.when((value >= -LARGEST_NUMBER) & (value <= LARGEST_NUMBER)).then(value)


def chosen(unknown: nw.Expr, value: nw.Expr | None, otherwise: nw.Expr | None) -> nw.Expr | None:
    """`default` on one half of a number: the other's half, where there is no value at all."""
    if otherwise is None:
        return value
    second = nw.when(unknown).then(otherwise)
    return second if value is None else nw.coalesce(value, second)


def counted(operator: str, left: Number, right: Number) -> Number:
    """Arithmetic as Python's: exact on integers, on doubles else; null beyond ±2^53 and where zero divides."""
    if operator == "/":
        divisor = right.as_real
        return Number(None, bounded(left.as_real / nw.when(divisor != 0).then(divisor)))
    whole = None if left.whole is None or right.whole is None else _counted_whole(operator, left.whole, right.whole)
    halves = [half for half in (left.real, right.real) if half is not None]
    if not halves:
        return Number(whole, None)
    real = bounded(_applied(operator, left.as_real, right.as_real))
    if whole is not None:
        real = nw.when(reduce(lambda a, b: a | b, [~half.is_null() for half in halves])).then(real)
    return Number(whole, real)


def _counted_whole(operator: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
    if operator == "*":
        # Products of doubles tell which ones fit into 64 bits at all; whether they are within ±2^53 is then exact.
        product = left.cast(nw.Float64) * right.cast(nw.Float64)
        left = nw.when((product >= -LARGEST_NUMBER) & (product <= LARGEST_NUMBER)).then(left)
    return bounded(_applied(operator, left, right))


def _applied(operator: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case _:
            return left * right


def later(moment: nw.Expr, hours: Number) -> nw.Expr:
    """The time so many hours later, as `functions.add_hours` has it; null outside the years 1 to 9999.

    Engines cut off or round where a double becomes an integer: of either, one step down is the floor.
    """
    shift = hours.as_real * float(MICROSECONDS_PER_HOUR) + 0.5
    near = nw.when((shift >= -_ALL_TIME) & (shift <= _ALL_TIME)).then(shift)
    cut = near.cast(nw.Int64)
    result = moment + nw.when(cut.cast(nw.Float64) > near).then(cut - 1).otherwise(cut)
    return nw.when((result >= _EARLIEST) & (result <= _LATEST)).then(result)


def elapsed(now: nw.Expr, moment: nw.Expr, unit: int) -> nw.Expr:
    """The time between in units, as Python divides: the double next to the exact quotient.

    Up to 2^53 microseconds (285 years) one division of doubles is that. Beyond, whole units are taken off first.
    """
    between = now - moment
    quotient = between.cast(nw.Float64) / unit
    units = quotient.cast(nw.Int64)
    split = units.cast(nw.Float64) + (between - units * unit).cast(nw.Float64) / unit
    near = (between >= -LARGEST_NUMBER) & (between <= LARGEST_NUMBER)
    return nw.when(near).then(quotient).otherwise(split)
