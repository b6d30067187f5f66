"""How much an expression writes out, and which parts of it are therefore columns of their own.

An engine is given each part of an expression as often as it is read, and counting as Python counts reads its operands
several times: a sum is within bounds or null, a quotient has a divisor that is not zero. Written out, numbers upon
numbers would grow with a power of their depth, and an engine would plan them for minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sendable.language.choices import Parameters
from sendable.language.functions import FUNCTIONS
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Membership,
    Negative,
    Node,
    Or,
    Parameter,
    children,
)
from sendable.language.types import Kind

_LARGEST: Final = 20
"""The most that a number may write out and be no column: a sum of two columns does, the hours since a time do not."""
_LARGEST_CONDITION: Final = 60

# How often operands are written out, Spark's and DuckDB's own guards among it.
_SUM: Final = 6
_DIVIDEND: Final = 12
_DIVISOR: Final = 9
_FIRST_OF_DEFAULT: Final = 3
_MEASURED: Final = 40
_ADDED: Final = 24


class Sizes:
    """The sizes of the nodes of conditions, in columns read.

    `fixed` tells which are the same for every row, `kind` what values they have.
    """

    def __init__(self, fixed: Callable[[Node], bool], kind: Callable[[Node], Kind], parameters: Parameters) -> None:
        self._fixed = fixed
        self._kind = kind
        self._parameters = parameters
        self._sizes: dict[Node, int] = {}

    def is_column(self, node: Node) -> bool:
        """Whether `node`, a number or a time, is worth a column of its own."""
        return (
            isinstance(node, Arithmetic | Negative | Call | Parameter)
            and self._kind(node) in (Kind.NUMBER, Kind.TIMESTAMP)
            and self._whole(node) > _LARGEST
        )

    def is_condition_column(self, node: Node) -> bool:
        """Whether `node`, a condition that is asked about again and again, is worth a column of its own."""
        return self._whole(node) > _LARGEST_CONDITION

    def layer(self, node: Node) -> int:
        """How many columns of their own, each reading the one before, go into `node`."""
        below = max(map(self.layer, self._parts(node)), default=0)
        return below + 1 if self.is_column(node) else below

    def _read(self, node: Node) -> int:
        """The size of `node` where it is an operand."""
        return 1 if self.is_column(node) else self._whole(node)

    def _whole(self, node: Node) -> int:
        if node not in self._sizes:
            self._sizes[node] = 1 if self._fixed(node) else self._written(node)
        return self._sizes[node]

    def _written(self, node: Node) -> int:
        match node:
            case Arithmetic("/", left, right):
                return _DIVIDEND * self._read(left) + _DIVISOR * self._read(right)
            case Arithmetic(_, left, right):
                return _SUM * (self._read(left) + self._read(right))
            case Call("default", (first, second)):
                return _FIRST_OF_DEFAULT * self._read(first) + self._read(second)
            case Call(function, (moment,)) if FUNCTIONS[function].needs_now:
                return _MEASURED * self._read(moment)
            case Call("add_hours", (moment, hours)):
                return self._read(moment) + _ADDED * self._read(hours)
            case Membership(item, container):
                return self._read(item) * max(1, len(children(container)))
            case Comparison(operands):
                return 2 * sum(map(self._read, operands))
            case And() | Or() | Call() | Negative():
                return sum(map(self._read, self._parts(node)))
            case _:
                return max(1, sum(map(self._read, self._parts(node))))

    def _parts(self, node: Node) -> Iterable[Node]:
        """What `node` is written with: of a parameter, the conditions of its cases."""
        if isinstance(node, Parameter):
            return [case.condition for case in self._parameters[node.name].cases]
        return children(node)
