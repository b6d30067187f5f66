"""Conditions on what clocks show at the time of the decision: for which hours or weekdays they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sendable.language.cells import compare
from sendable.language.functions import FUNCTIONS
from sendable.language.nodes import (
    And,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    ListLiteral,
    Membership,
    Node,
    Not,
    Or,
    Parameter,
    Path,
)
from sendable.pack.model import Pack


@dataclass(frozen=True, slots=True)
class Shown:
    """A condition on the hour or the weekday in a zone: the numbers for which it holds, and the others."""

    function: str
    zone: Node
    values: frozenset[int]
    others: frozenset[int]


def shown_by_clocks(node: Node, pack: Pack) -> Shown | None:
    """What the condition is about, where that is one function of the current time in one zone alone."""
    match node:
        case Not(operand):
            found = shown_by_clocks(operand, pack)
            return None if found is None else Shown(found.function, found.zone, found.others, found.values)
        case And(operands) | Or(operands):
            return _together([shown_by_clocks(one, pack) for one in operands], every=isinstance(node, And))
        case Comparison(operands, operators):
            return _compared(operands, operators, pack)
        case Membership(item, ListLiteral(items), negated):
            sides = [_compared((item, one), ("==",), pack) for one in items]
            found = _together(sides, every=False)
            return Shown(found.function, found.zone, found.others, found.values) if found and negated else found
        case _:
            return None


def _together(parts: Sequence[Shown | None], *, every: bool) -> Shown | None:
    """All of the parts (`every`) or any of them as one; None where they are not of the same."""
    known = [one for one in parts if one is not None]
    if not known or len(known) < len(parts) or len({(one.function, one.zone) for one in known}) > 1:
        return None
    every_number = known[0].values | known[0].others
    meet = frozenset.intersection if every else frozenset.union
    values = meet(*(one.values for one in known))
    return Shown(known[0].function, known[0].zone, values, every_number - values)


def _compared(operands: Sequence[Node], operators: Sequence[ComparisonOperator], pack: Pack) -> Shown | None:
    """A comparison of the one function with numbers."""
    calls = [one for one in operands if isinstance(one, Call)]
    match calls:
        case [Call("local_hour" | "local_weekday" as function, (Path("now"), zone))]:
            pass
        case _:
            return None
    numbers = [None if one is calls[0] else _number(one, pack) for one in operands]
    if numbers.count(None) > 1:
        return None
    record = FUNCTIONS[function]
    every = frozenset(range(record.minimum or 0, (record.maximum or 0) + 1))
    values = set()
    for value in every:
        sides = pairwise(value if one is None else one for one in numbers)
        if all(compare(sign, left, right) for sign, (left, right) in zip(operators, sides, strict=True)):
            values.add(value)
    return Shown(function, zone, frozenset(values), every - values)


def _number(node: Node, pack: Pack) -> float | None:
    """The number that a constant or a parameter is; None where it is none."""
    value = pack.parameters[node.name].value if isinstance(node, Parameter) else None
    if isinstance(node, Constant):
        value = node.value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
