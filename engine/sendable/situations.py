"""The finitely many situations that expressions can tell apart, so that something can be proved of every context.

A boolean has two values and an enum has its own; a number matters only by its order among the literals and the other
numbers that it is compared with, so one value from each stretch between them stands for all; of other texts it matters
only which of the literals they equal. What can't be looked into, such as `valid_address(contact.email)`, becomes a
variable that is free to be anything of its type. The situations are therefore at least those that real contexts can be
in, and sometimes more: what holds in all of them is certain, and what holds in one of them is only possible.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Final

from sendable.checker import Scope, may_be_unknown
from sendable.interpreter import Interpreter, Unknown
from sendable.model import Pack, ParameterDeclaration
from sendable.nodes import (
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
)
from sendable.operators import FUNCTIONS
from sendable.types import LARGEST_NUMBER, Field, Kind, Type, Value

MOST: Final = 4_000
"""How many situations are looked at, at most; beyond, nothing is claimed."""

CHANNEL: Final = "email.channel"
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


class TooManyError(Exception):
    """There are more situations than are looked at."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Values of the variables, those that are unknown left out, and what each expression came to."""

    facts: Mapping[str, Value]
    results: tuple[Value | Unknown, ...]


def scope_of(pack: Pack) -> Scope:
    """The names that expressions of the pack can use."""
    return Scope(pack.fields, pack.parameters, pack.lists)


def situations(
    scope: Scope,
    expressions: Sequence[Node],
    *,
    channels: Collection[str] = (),
    besides: Mapping[str, Iterable[float]] | None = None,
) -> Iterator[Situation]:
    """Every situation that the checked `expressions` can tell apart, with what each of them comes to in it.

    With `channels`, only those of emails of these channels. `besides` are paths to tell the values of apart as well,
    each with numbers that make a difference to it. Raises TooManyError where there are too many, before the first.
    """
    rewriter = _Rewriter(scope)
    rewritten = [rewriter.expression(node) for node in expressions]
    values = _Variables(scope, rewriter.types, rewritten, besides or {}).values()
    if channels and CHANNEL in values:
        values[CHANNEL] = [value for value in values[CHANNEL] if value in channels]
    if math.prod(map(len, values.values())) > MOST:
        raise TooManyError
    interpreter = Interpreter(scope.parameters, scope.lists)
    prepared = [interpreter.prepare(node) for node in rewritten]
    for combination in product(*values.values()):
        facts = {name: value for name, value in zip(values, combination, strict=True) if value is not None}
        yield Situation(facts, tuple(interpreter.evaluate(one, facts) for one in prepared))


def outcomes(scope: Scope, node: Node, channels: Collection[str] = ()) -> frozenset[bool | None]:
    """What the condition, or an operand of one, can come to, None for unknown. What is not in it is impossible."""
    found: set[bool | None] = set()
    try:
        for situation in situations(scope, [node], channels=channels):
            found.add(truth(situation.results[0]))
            if len(found) == 3:
                break
    except TooManyError:
        found = {True, False} | ({None} if may_be_unknown(node, scope) else set())
    return frozenset(found)


def truth(result: Value | Unknown) -> bool | None:
    """What a condition came to, None where it is unknown."""
    return None if isinstance(result, Unknown) else result is True


def values_of(scope: Scope, expressions: Sequence[Node]) -> dict[str, list[Value | None]]:
    """The values that tell situations of the expressions apart, by path; only of the paths that are looked into."""
    rewriter = _Rewriter(scope)
    rewritten = [rewriter.expression(node) for node in expressions]
    values = _Variables(scope, rewriter.types, rewritten, {}).values()
    return {name: found for name, found in values.items() if name in scope.fields}


class _Rewriter:
    """Puts variables in the place of what can't be looked into; equal terms get the same variable."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._variables: dict[Node, Path] = {}
        self.types: dict[str, tuple[Type, bool]] = {}
        """The type of each variable, and whether it may be unknown."""

    def expression(self, node: Node) -> Node:
        match node:
            case Constant() | Path() | ListLiteral() | ListReference():
                return node
            case Parameter(name):
                value = self._scope.parameters[name].value
                return Constant(value) if isinstance(value, bool | int | float | str) else node
            case _ if _is_boolean(node) and self._finite(node):
                return node
            case Not(operand):
                return Not(self.expression(operand))
            case And(operands):
                return And(tuple(map(self.expression, operands)))
            case Or(operands):
                return Or(tuple(map(self.expression, operands)))
            case Comparison(operands, operators):
                return Comparison(tuple(map(self.expression, operands)), operators)
            case Membership(item, container, negated):
                inside = self._membership(item, container)
                return Not(inside) if negated else inside
            case Negative(Constant(value)):
                return Constant(-value) if not isinstance(value, str) else node
            case Call("known"):
                return node
            case Call("default", arguments):
                return Call("default", tuple(map(self.expression, arguments)))
            case Call() | Arithmetic() | Negative():
                return self._opaque(node)

    def _membership(self, item: Node, container: Node) -> Node:
        match container:
            case ListLiteral():
                return Membership(self.expression(item), container, negated=False)
            case ListReference(name) if not self._scope.lists[name].entries:
                return Constant(value=False)
            case _:
                return self._opaque(Membership(item, container, negated=False))

    def _finite(self, node: Node) -> bool:
        """Whether every path in it has finitely many values, so that it can be left as it is."""
        if isinstance(node, Path):
            declared = self._scope.fields[node.name].type
            return declared.kind is Kind.BOOLEAN or declared.enum is not None
        return all(map(self._finite, children(node)))

    def _opaque(self, node: Node) -> Path:
        variable = self._variables.get(node)
        if variable is None:
            variable = self._variables[node] = Path(f"?{len(self._variables)}")
            self.types[variable.name] = Type(self._kind(node)), may_be_unknown(node, self._scope)
        return variable

    def _kind(self, node: Node) -> Kind:
        match node:
            case Call(function):
                return FUNCTIONS[function].result or Kind.BOOLEAN
            case Arithmetic() | Negative():
                return Kind.NUMBER
            case _:
                return Kind.BOOLEAN


def _is_boolean(node: Node) -> bool:
    match node:
        case Not() | And() | Or() | Comparison() | Membership():
            return True
        case Call(function):
            return FUNCTIONS[function].result is Kind.BOOLEAN
        case _:
            return False


class _Variables:
    """The variables of rewritten expressions, and the values of each that make a difference."""

    def __init__(
        self,
        scope: Scope,
        opaque: Mapping[str, tuple[Type, bool]],
        expressions: Iterable[Node],
        besides: Mapping[str, Iterable[float]],
    ) -> None:
        self._fields: Mapping[str, Field] = scope.fields
        self._parameters = scope.parameters
        self._opaque = opaque
        self._group: dict[str, str] = {}
        self._literals: dict[str, set[Value]] = {}
        for name, literals in besides.items():
            self._join([name], set(literals))
        pending = list(expressions)
        while pending:
            node = pending.pop()
            if isinstance(node, Path):
                self._join([node.name], set())
            elif isinstance(node, Comparison | Membership):
                names, found = _compared(node, self._parameters)
                self._join(names, found)
            pending.extend(children(node))

    def _type(self, name: str) -> tuple[Type, bool]:
        if name in self._opaque:
            return self._opaque[name]
        declared = self._fields[name]
        return declared.type, not declared.required and name != "now"

    def _join(self, names: list[str], literals: set[Value]) -> None:
        """Notes that the variables are compared with each other and with the literals."""
        for name in names:
            self._group.setdefault(name, name)
        if not names:
            return
        roots = {self._root(name) for name in names}
        first = min(roots)
        for root in roots:
            self._group[root] = first
            literals = literals | self._literals.pop(root, set())
        self._literals[first] = literals

    def _root(self, name: str) -> str:
        while self._group[name] != name:
            name = self._group[name]
        return name

    def values(self) -> dict[str, list[Value | None]]:
        """The values of each variable, None among them where it may be unknown."""
        members: dict[str, list[str]] = {}
        for name in self._group:
            members.setdefault(self._root(name), []).append(name)
        found: dict[str, list[Value | None]] = {}
        for root, names in sorted(members.items()):
            types = [self._type(name)[0] for name in names]
            literals = self._literals.get(root, set())
            numbers = _numbers(types, literals)
            moments = _moments(types, literals)
            texts = _texts(types, literals)
            for name, declared in zip(names, types, strict=True):
                values: list[Value | None] = []
                match declared.kind:
                    case Kind.BOOLEAN:
                        values += [True, False]
                    case Kind.INTEGER | Kind.NUMBER:
                        values += [number for number in numbers if _within(number, declared)]
                    case Kind.STRING:
                        values += declared.enum or texts
                    case Kind.TIMESTAMP:
                        values += moments
                    case Kind.STRING_LIST:
                        values += [("x",)]
                if self._type(name)[1]:
                    values.append(None)
                found[name] = values
        return found


def _compared(node: Node, parameters: Mapping[str, ParameterDeclaration]) -> tuple[list[str], set[Value]]:
    """The variables and the literals of a comparison, also those inside `default`."""
    names: list[str] = []
    literals: set[Value] = set()
    pending = list(children(node))
    while pending:
        below = pending.pop()
        match below:
            case Path(name):
                names.append(name)
            case Constant(value) if not isinstance(value, bool):
                literals.add(value)
            case Parameter(name):
                literals.add(parameters[name].value)  # a timestamp: all else has become a constant
            case _:
                pending.extend(children(below))
    return names, literals


def _within(number: float, declared: Type) -> bool:
    low = -LARGEST_NUMBER if declared.minimum is None else declared.minimum
    high = LARGEST_NUMBER if declared.maximum is None else declared.maximum
    return low <= number <= high and (declared.kind is Kind.NUMBER or float(number).is_integer())


def _numbers(types: Sequence[Type], literals: Iterable[Value]) -> list[int | float]:
    """Numbers of every order that the variables can have among each other and the literals."""
    numeric = [declared for declared in types if declared.numeric]
    if not numeric:
        return []
    bounds = [bound for one in numeric for bound in (one.minimum, one.maximum) if bound is not None]
    marks = sorted({float(one) for one in (*literals, *bounds) if isinstance(one, int | float)})
    count = len(numeric)
    found: set[int | float] = {int(mark) if mark.is_integer() else mark for mark in marks}
    whole = all(one.kind is Kind.INTEGER for one in numeric)
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


def _moments(types: Sequence[Type], literals: Iterable[Value]) -> list[datetime]:
    """Likewise for points in time."""
    count = sum(declared.kind is Kind.TIMESTAMP for declared in types)
    marks = sorted(one for one in literals if isinstance(one, datetime)) or ([_SOME_DAY] if count else [])
    if not count:
        return []
    hour = timedelta(hours=1)
    found = {*marks, *(marks[0] - hour * step for step in range(1, count + 1))}
    found |= {marks[-1] + hour * step for step in range(1, count + 1)}
    for lower, upper in pairwise(marks):
        found |= {lower + (upper - lower) * step / (count + 1) for step in range(1, count + 1)}
    return sorted(found)


def _texts(types: Sequence[Type], literals: Iterable[Value]) -> list[str]:
    """Likewise for texts: each literal, and others that equal none of them."""
    count = sum(declared.kind is Kind.STRING and declared.enum is None for declared in types)
    known = {one for one in literals if isinstance(one, str)}.union(*(declared.enum or () for declared in types))
    others = (f"other{number or ''}" for number in range(len(known) + count))
    return [*sorted(known), *[other for other in others if other not in known][:count]]
