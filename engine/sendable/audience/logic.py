"""Three-valued logic as expressions: booleans that are null where they are unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final, TypeAlias

import narwhals as nw

from sendable.language.interpreter import Unknown, kleene

Truth: TypeAlias = bool | Unknown | nw.Expr
"""A condition: what it is for every row, or an expression that is null where it is unknown."""

UNKNOWN: Final = nw.lit(None, dtype=nw.Boolean)
"""The condition that is unknown in every row."""

_FEW: Final = 8


def written(truth: Truth) -> nw.Expr:
    """The truth as an expression, whatever it is for every row."""
    match truth:
        case bool():
            return nw.lit(truth)
        case Unknown():
            return UNKNOWN
        case _:
            return truth


def negated(truth: Truth) -> Truth:
    """Kleene's `not`."""
    return truth if isinstance(truth, Unknown) else not truth if isinstance(truth, bool) else ~truth


def joined(operands: Iterable[Truth], *, decisive: bool) -> Truth:
    """Kleene's `or` where `decisive` is True and `and` where it is False; what is fixed is decided here."""
    given = list(operands)
    fixed = kleene([one for one in given if isinstance(one, bool | Unknown)], decisive=decisive)
    expressions = [one for one in given if isinstance(one, nw.Expr)]
    if fixed is decisive or not expressions:
        return fixed
    if isinstance(fixed, Unknown):
        expressions.append(UNKNOWN)
    return reduce(lambda left, right: left | right if decisive else left & right, expressions)


def every(expressions: Sequence[nw.Expr]) -> nw.Expr:
    """Kleene's `and` of at least one expression."""
    return reduce(lambda left, right: left & right, expressions)


def all_of(operands: Iterable[bool | nw.Expr]) -> bool | nw.Expr:
    """Whether all hold, of operands that are never unknown."""
    return _certain(joined(operands, decisive=False))


def any_of(operands: Iterable[bool | nw.Expr]) -> bool | nw.Expr:
    """Whether any holds, of operands that are never unknown."""
    return _certain(joined(operands, decisive=True))


def _certain(truth: Truth) -> bool | nw.Expr:
    if isinstance(truth, Unknown):
        raise TypeError("of what is known, nothing unknown is made")
    return truth


def compared(left: nw.Expr, operator: str, right: nw.Expr) -> nw.Expr:
    """A comparison of two values of one kind, unknown where either is."""
    match operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def among(text: nw.Expr, values: Iterable[str]) -> nw.Expr:
    """Whether `text` is one of `values`: a few are compared one by one, which is faster than a look-up."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) > _FEW:
        return text.is_in(distinct)
    return reduce(lambda left, right: left | right, [text == one for one in distinct])


def first(choices: Iterable[tuple[bool | nw.Expr, nw.Expr]], dtype: type[nw.String | nw.Int64]) -> nw.Expr:
    """The value of the first choice whose condition holds, null where none does."""
    result: nw.Expr = nw.lit(None, dtype=dtype)
    for held, value in reversed(list(choices)):
        if held is True:
            result = value
        elif held is not False:
            result = nw.when(held).then(value).otherwise(result)
    return result
