"""The reference semantics: evaluates an expression tree on simpleeval, with strong Kleene logic.

simpleeval walks Python's syntax tree; ours is turned into one of the few nodes allowed here, each with a handler of our
own where simpleeval's would be wrong for three values: it would stop at the first falsy operand, resolve a path by
attribute, or take a function for a name. None of its default functions, names or operators is used.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, TypeAlias

from simpleeval import SimpleEval

from sendable.language import functions
from sendable.language.functions import Function
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
)
from sendable.language.scope import ParameterCase, ParameterDeclaration, PolicyList
from sendable.language.types import Value


@dataclass(frozen=True, slots=True)
class Unknown:
    """The third value. `missing` are the paths without data inside what came out unknown."""

    missing: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false")


Result: TypeAlias = Value | PolicyList | Unknown


class Interpreter:
    """Evaluates the expressions of a pack: `parameters` and `lists` are its own."""

    def __init__(self, parameters: Mapping[str, ParameterDeclaration], lists: Mapping[str, PolicyList]) -> None:
        self._parameters = parameters
        self._lists = lists

    def prepare(self, node: Node) -> ast.expr:
        """The syntax tree that `evaluate` walks, with the parameters and lists put in."""
        return ast.fix_missing_locations(self._lower(node))

    def case_of(self, parameter: str, facts: Mapping[str, Value]) -> ParameterCase | None:
        """The case of the parameter that holds for `facts`; None where it has its own value."""
        cases = self._parameters[parameter].cases
        return next((one for one in cases if self.evaluate(self.prepare(one.condition), facts) is True), None)

    @staticmethod
    def evaluate(prepared: ast.expr, facts: Mapping[str, Value]) -> Value | Unknown:
        """What the prepared expression comes to for `facts`, which have been validated."""
        result: Value | Unknown = _Evaluation(facts).eval("", previously_parsed=prepared)
        return result

    def _lower(self, node: Node) -> ast.expr:  # noqa: C901 - one match over the node classes
        match node:
            case Constant(value):
                return _embedded(value)
            case ListLiteral(items):
                return ast.List([_embedded(item.value) for item in items], ast.Load())
            case Path(name):
                return ast.Name(name, ast.Load())
            case Parameter(name):
                declared = self._parameters[name]
                held: ast.expr = _embedded(declared.value)
                for case in reversed(declared.cases):
                    held = ast.IfExp(self._lower(case.condition), _embedded(case.value), held)
                return held
            case ListReference(name):
                return _embedded(self._lists[name])
            case Not(operand):
                return ast.UnaryOp(ast.Not(), self._lower(operand))
            case Negative(operand):
                return ast.UnaryOp(ast.USub(), self._lower(operand))
            case And(operands):
                return ast.BoolOp(ast.And(), [self._lower(operand) for operand in operands])
            case Or(operands):
                return ast.BoolOp(ast.Or(), [self._lower(operand) for operand in operands])
            case Comparison(operands, operators):
                first, *rest = [self._lower(operand) for operand in operands]
                return ast.Compare(first, [_COMPARISONS[operator]() for operator in operators], rest)
            case Membership(item, container, negated):
                operator: ast.cmpop = ast.NotIn() if negated else ast.In()
                return ast.Compare(self._lower(item), [operator], [self._lower(container)])
            case Arithmetic(operator_text, left, right):
                return ast.BinOp(self._lower(left), _ARITHMETIC[operator_text](), self._lower(right))
            case Call(function, arguments):
                lowered = [self._lower(argument) for argument in arguments]
                return ast.Call(ast.Name(function, ast.Load()), lowered, [])


def _embedded(value: object) -> ast.Constant:
    constant = ast.Constant(None)
    constant.value = value  # type: ignore[assignment]  # datetimes and lists: the tree is walked by us, never compiled
    return constant


class _Evaluation(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """One evaluation. Not for sharing between threads; making one costs next to nothing."""

    def __init__(self, facts: Mapping[str, Value]) -> None:
        # super().__init__ is left out on purpose: it would fill in every node, name and function that simpleeval knows,
        # and it changes the process-wide warning filters while it does.
        self.expr = ""
        self.operators = OPERATORS
        self.functions = FUNCTIONS
        self.facts = facts
        self.nodes = {
            ast.Constant: lambda node: node.value,
            ast.List: lambda node: tuple(item.value for item in node.elts),
            ast.Name: self._path,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._logic,
            ast.Compare: self._comparison,
            ast.Call: self._call,
            ast.IfExp: self._case,
        }

    def _check_disallowed_items(self, item: object) -> None:
        """Nothing to look for: values come typed from the facts and the pack, and a long list is not to be walked."""

    def _path(self, node: ast.Name) -> Result:
        value = self.facts.get(node.id)
        return Unknown(frozenset((node.id,))) if value is None else value

    def _logic(self, node: ast.BoolOp) -> bool | Unknown:
        return kleene([self._eval(operand) for operand in node.values], decisive=isinstance(node.op, ast.Or))

    def _comparison(self, node: ast.Compare) -> bool | Unknown:
        values = [self._eval(operand) for operand in (node.left, *node.comparators)]
        pairs = zip(node.ops, values, values[1:], strict=False)
        return kleene([self.operators[type(operator)](left, right) for operator, left, right in pairs], decisive=False)

    def _case(self, node: ast.IfExp) -> Result:
        # An unknown case does not hold: what is not known grants nothing.
        result: Result = self._eval(node.body if self._eval(node.test) is True else node.orelse)
        return result

    def _call(self, node: ast.Call) -> Result:
        name = node.func.id  # type: ignore[attr-defined]  # always the Name that prepare() made
        arguments = [self._eval(argument) for argument in node.args]
        for place, named in NAMED.get(name, ()):
            if isinstance(arguments[place], str) and named(arguments[place]) is None:
                arguments[place] = Unknown(self._told_by(node.args[place]))
        result: Result = self.functions[name](self.facts, *arguments)
        return result

    def _told_by(self, node: ast.expr) -> frozenset[str]:
        """The paths that the value of `node`, which has one, is of: what a name that names nothing lacks."""
        match node:
            case ast.Name(path):
                return frozenset((path,))
            case ast.Call(ast.Name("default"), [value, otherwise]):
                found = self._eval(value)
                return found.missing | self._told_by(otherwise) if isinstance(found, Unknown) else self._told_by(value)
            case ast.Call():
                return frozenset[str]().union(*map(self._told_by, node.args))
            case _:
                return frozenset()


# -- three values


def kleene(operands: list[bool | Unknown], *, decisive: bool) -> bool | Unknown:
    """Strong Kleene `or` where `decisive` is True and `and` where it is False, whatever the operands' order."""
    unknown: list[Unknown] = []
    for operand in operands:
        if isinstance(operand, Unknown):
            unknown.append(operand)
        elif operand is decisive:
            return decisive
    return _merged(unknown) if unknown else not decisive


def _merged(unknown: list[Unknown]) -> Unknown:
    return Unknown(reduce(frozenset.union, (one.missing for one in unknown)))


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, unknown where any argument is."""

    def lifted(*arguments: object) -> object:
        unknown = [argument for argument in arguments if isinstance(argument, Unknown)]
        return _merged(unknown) if unknown else function(*arguments)

    return lifted


# -- operators

_COMPARISONS: Final[dict[str, type[ast.cmpop]]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_ARITHMETIC: Final[dict[str, type[ast.operator]]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}


def _contains(item: str | Unknown, container: tuple[Any, ...] | PolicyList | Unknown) -> bool | Unknown:
    if isinstance(container, Unknown):
        return container if not isinstance(item, Unknown) else _merged([item, container])
    entries = container.entries if isinstance(container, PolicyList) else container
    if not entries:
        return False  # nothing is in an empty list, not even what is unknown
    if isinstance(item, Unknown):
        return item
    return functions.listed(item, container) if isinstance(container, PolicyList) else item in entries


def _not(operand: bool | Unknown) -> bool | Unknown:
    return operand if isinstance(operand, Unknown) else not operand


def _known(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, unknown where any argument is, or where it has no answer."""
    strict = _strict(function)

    def answered(*arguments: object) -> object:
        result = strict(*arguments)
        return Unknown() if result is None else result

    return answered


OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Eq: _strict(lambda left, right: left == right),
    ast.NotEq: _strict(lambda left, right: left != right),
    ast.Lt: _strict(lambda left, right: left < right),
    ast.LtE: _strict(lambda left, right: left <= right),
    ast.Gt: _strict(lambda left, right: left > right),
    ast.GtE: _strict(lambda left, right: left >= right),
    ast.In: _contains,
    ast.NotIn: lambda item, container: _not(_contains(item, container)),
    ast.Not: _not,
    ast.USub: _known(functions.negate),
    ast.Add: _known(functions.add),
    ast.Sub: _known(functions.subtract),
    ast.Mult: _known(functions.multiply),
    ast.Div: _known(functions.divide),
}


# -- functions: each takes the facts first, then its arguments


def _function(function: Function) -> Callable[..., Any]:
    if function.meaning is None:
        return _ABOUT_UNKNOWN[function.name]
    answered = _known(function.meaning)
    if function.needs_now:
        return lambda facts, *arguments: answered(facts["now"], *arguments)
    return lambda _facts, *arguments: answered(*arguments)


def _default(_facts: Mapping[str, Value], value: Value | Unknown, otherwise: Value | Unknown) -> Value | Unknown:
    if not isinstance(value, Unknown):
        return value
    return _merged([value, otherwise]) if isinstance(otherwise, Unknown) else otherwise


_ABOUT_UNKNOWN: Final[dict[str, Callable[..., Any]]] = {
    "known": lambda _facts, value: not isinstance(value, Unknown),
    "default": _default,
}
NAMED: Final = {name: function.named for name, function in functions.FUNCTIONS.items() if function.named}
FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    name: _function(function) for name, function in functions.FUNCTIONS.items()
}
