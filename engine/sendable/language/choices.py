"""Parameters with cases: what an expression reads through them, and the same expression without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import prod
from typing import TypeAlias

from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
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
from sendable.language.scope import ParameterDeclaration
from sendable.language.types import Value

Parameters: TypeAlias = Mapping[str, ParameterDeclaration]


def walk_read(root: Node, parameters: Parameters) -> Iterator[Node]:
    """Every node that the value of `root` hangs on: its own, and those of the cases of parameters that it names."""
    for node in walk(root):
        yield node
        if isinstance(node, Parameter):
            for case in parameters[node.name].cases:
                yield from walk(case.condition)


def varying(root: Node, parameters: Parameters) -> list[str]:
    """The parameters with cases that an expression names, in the order of their names."""
    return sorted({one.name for one in walk(root) if isinstance(one, Parameter) and parameters[one.name].cases})


def combinations(node: Node, parameters: Parameters) -> int:
    """How many combinations of values of parameters with cases one comparison of the expression hangs on, at most."""
    match node:
        case Not() | And() | Or():
            return max(combinations(one, parameters) for one in children(node))
        case _:
            return prod(len(parameters[name].values) for name in varying(node, parameters))


def variants(node: Node, parameters: Parameters) -> Iterator[Node]:
    """`node` with each combination of what the parameters in it that have cases can come to."""
    names = varying(node, parameters)
    if not names:
        yield node
        return
    for value in parameters[names[0]].values:
        yield from variants(substituted(node, names[0], value), parameters)


def spread(node: Node, parameters: Parameters) -> Node:
    """The boolean expression `node` without parameters that have cases: each value stands where it holds.

    It comes to the same in every context, for lack of the same paths: `x > params.y` becomes `default(case, false) and
    x > 20 or not default(case, false) and x > 11`.
    """
    match node:
        case Not(operand):
            return replace(node, operand=spread(operand, parameters))
        case And(operands) | Or(operands):
            return replace(node, operands=tuple(spread(one, parameters) for one in operands))
        case _:
            names = varying(node, parameters)
            return node if not names else _parted(node, parameters[names[0]], parameters)


class Spreads:
    """`spread` of expressions of one pack, each worked out once. By identity: to compare them costs as much."""

    def __init__(self, parameters: Parameters) -> None:
        self.any = any(one.cases for one in parameters.values())
        """Whether any parameter has cases: without, every expression stays as it is."""
        self._parameters = parameters
        self._found: dict[int, tuple[Node, Node]] = {}

    def of(self, node: Node) -> Node:
        """The condition `node` without parameters that have cases."""
        if not self.any:
            return node
        found = self._found.get(id(node))
        if found is None:
            found = self._found[id(node)] = (node, spread(node, self._parameters))
        return found[1]


def _parted(node: Node, declared: ParameterDeclaration, parameters: Parameters) -> Node:
    result = spread(substituted(node, declared.name, declared.value), parameters)
    for case in reversed(declared.cases):
        holds = Call("default", (case.condition, Constant(value=False)))
        there = spread(substituted(node, declared.name, case.value), parameters)
        result = Or((And((holds, there)), And((Not(holds), result))))
    return result


def substituted(node: Node, name: str, value: Value) -> Node:
    """`node` with `value` in the place of the parameter `name`."""

    def inside(one: Node) -> Node:
        return substituted(one, name, value)

    match node:
        case Parameter(other):
            if other != name or isinstance(value, tuple):  # no parameter is a list
                return node
            return Constant(value, start=node.start, end=node.end)
        case Constant() | ListLiteral() | Path() | ListReference():
            return node
        case Not(operand) | Negative(operand):
            return replace(node, operand=inside(operand))
        case And(operands) | Or(operands) | Comparison(operands):
            return replace(node, operands=tuple(map(inside, operands)))
        case Membership(item, container):
            return replace(node, item=inside(item), container=inside(container))
        case Arithmetic(_, left, right):
            return replace(node, left=inside(left), right=inside(right))
        case Call(_, arguments):
            return replace(node, arguments=tuple(map(inside, arguments)))
