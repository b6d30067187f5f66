"""The expression tree: what the parser makes and the checker and every backend read.

A node's `start` and `end` are character offsets into the expression's text; they take no part in comparison, so that
two trees are equal when they mean the same text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal as OneOf
from typing import TypeAlias

ComparisonOperator: TypeAlias = OneOf["==", "!=", "<", "<=", ">", ">="]
ArithmeticOperator: TypeAlias = OneOf["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Constant(_Placed):
    """`true`, `11`, `0.5`, `"text"`, `time("2027-01-31T00:00:00+01:00")`, which is a point in time in UTC."""

    value: bool | int | float | str | datetime


@dataclass(frozen=True, slots=True)
class ListLiteral(_Placed):
    """`["a", "b"]`: a list of constants."""

    items: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Path(_Placed):
    """`contact.email`: a declared field of the context."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter(_Placed):
    """`params.name`: a parameter of the manifest; `name` is without the prefix."""

    name: str


@dataclass(frozen=True, slots=True)
class ListReference(_Placed):
    """`lists.name`: a list of the pack; `name` is without the prefix."""

    name: str


@dataclass(frozen=True, slots=True)
class Not(_Placed):
    """`not x`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And(_Placed):
    """`a and b and c`: two operands or more."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(_Placed):
    """`a or b or c`: two operands or more."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison(_Placed):
    """`a < b <= c`: one more operand than operators; a chain means each neighbouring pair, joined by `and`."""

    operands: tuple[Node, ...]
    operators: tuple[ComparisonOperator, ...]


@dataclass(frozen=True, slots=True)
class Membership(_Placed):
    """`item in container`, or `item not in container` where `negated`."""

    item: Node
    container: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Arithmetic(_Placed):
    """`a + b` and its like, on numbers."""

    operator: ArithmeticOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(_Placed):
    """`-x`, on a number."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Call(_Placed):
    """`name(argument, …)`: a call of a registered function, by position."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = (
    Constant
    | ListLiteral
    | Path
    | Parameter
    | ListReference
    | Not
    | And
    | Or
    | Comparison
    | Membership
    | Arithmetic
    | Negative
    | Call
)


def children(node: Node) -> tuple[Node, ...]:
    """The direct operands of `node`, in the order they are written."""
    match node:
        case Constant() | Path() | Parameter() | ListReference():
            return ()
        case ListLiteral(items):
            return items
        case Not(operand) | Negative(operand):
            return (operand,)
        case And(operands) | Or(operands) | Comparison(operands):
            return operands
        case Membership(item, container):
            return (item, container)
        case Arithmetic(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments


def walk(root: Node) -> Iterator[Node]:
    """`root` and every node below it, in no particular order."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(children(node))
