"""The terms of expressions: what they are made of, of which type, and what is compared with what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from typing import Final

from sendable.language import functions
from sendable.language.functions import FUNCTIONS
from sendable.language.measures import Measures, counts
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
    walk,
)
from sendable.language.scope import Scope
from sendable.language.types import Kind, Type, Value

_ARITHMETIC: Final = {
    "+": functions.add,
    "-": functions.subtract,
    "*": functions.multiply,
    "/": functions.divide,
}
_COST_OF_CALL: Final = 64
"""As how many parts a call counts that can be unknown though its arguments are known: each of them is asked about."""
MOST_SIZES: Final = 12
"""Up to how many of the items that are looked for in a list are counted one by one."""


@dataclass(frozen=True, slots=True)
class Group:
    """Terms that are compared with each other, and the constants that any of them is compared with."""

    terms: tuple[Node, ...]
    points: frozenset[Value]


class Terms:
    """What expressions are made of: the type of each term, and what it is compared with or looked for in."""

    def __init__(
        self, scope: Scope, nodes: Iterable[Node], besides: Mapping[str, Iterable[float]], *, settled: bool
    ) -> None:
        """`besides` are paths to tell the values of apart as well, each with numbers that make a difference to it.

        Where nothing is `settled`, a parameter is a term as a field is: it may be anything within its bounds.
        """
        self._scope = scope
        self._settled = settled
        self._roots: dict[Node, Node] = {}
        self._points: dict[Node, set[Value]] = {}
        self._looked_for: dict[Node, list[Node]] = {}
        self._named: dict[Node, set[str]] = {}
        self._counted: set[Node] = set()
        self.references: dict[Node, dict[str, None]] = {}
        """The lists of the pack that each list of the context is compared with."""
        self.groups: dict[Node, Group] = {}
        """The group that each term is in."""
        self.items: dict[Node, Sequence[str]] = {}
        """The items that are looked for by name in each list of the context."""
        for path, points in besides.items():
            self._compare([Path(path)], points)
        everything = [node for root in nodes for node in walk(root)]
        self.loose: frozenset[Node] = frozenset() if settled else frozenset(_loose(everything, self.is_boolean))
        """The parameters that take part in one comparison only: it comes to anything that their bounds allow."""
        self.measures = Measures(everything, self.constant, self.type_of) if any(map(counts, everything)) else None
        """What comparisons measure; None where nothing is counted with."""
        for node in everything:
            self._add(node)
        self._settle()

    def _add(self, node: Node) -> None:
        match node:
            case Comparison(operands, operators):
                for sign, (left, right) in zip(operators, pairwise(operands), strict=True):
                    self._note([*self.sources(left), *self.sources(right)])
                    measured = None if self.measures is None else self.measures.noted(sign, left, right)
                    if measured is not None and isinstance(measured.quantity, Path | Parameter | Call):
                        self._compare([measured.quantity], [float(measured.point)])
            case Membership(item, ListLiteral(items)):
                self._note([*self.sources(item), *items])
            case Membership(item, Path() as container):
                self._look_for(list(self.sources(item)), container)
            case Call("overlaps", (Path() as container, ListLiteral() | ListReference() as other)):
                self._overlap(container, other)
            case Call("overlaps", (ListLiteral() | ListReference() as other, Path() as container)):
                self._overlap(container, other)
            case Call("count", (Path() as container,)):
                self._counted.add(container)
            case _:
                pass

    def sources(self, node: Node) -> Iterator[Node]:
        """The terms one of which `node` takes its value from."""
        match node:
            case Call("default", (value, otherwise)):
                yield from self.sources(value)
                yield from self.sources(otherwise)
            case _:
                yield node

    def _note(self, sources: Iterable[Node]) -> None:
        """Notes that the sources are compared with each other."""
        terms, points = self._parted(sources)
        self._compare(terms, points)

    def _parted(self, sources: Iterable[Node]) -> tuple[list[Node], set[Value]]:
        terms: list[Node] = []
        points: set[Value] = set()
        for source in sources:
            constant, value = self.constant(source)
            if source in self.loose:
                declared = self.type_of(source)
                points.update(declared.bounds if declared.numeric else ())
            elif not constant:
                terms.append(source)
            elif value is not None:
                points.add(value)
        return terms, points

    def _compare(self, terms: Sequence[Node], points: Iterable[Value]) -> None:
        """Notes that the terms are compared with each other and with the points."""
        terms = [one for one in terms if self.type_of(one).kind not in (Kind.BOOLEAN, Kind.STRING_LIST)]
        roots = list(dict.fromkeys(map(self._root, terms)))
        if not roots:
            return
        first, *others = roots
        mine = self._points.setdefault(first, set())
        mine.update(points)
        for root in others:
            self._roots[root] = first
            mine.update(self._points.pop(root, ()))

    def _root(self, term: Node) -> Node:
        self._roots.setdefault(term, term)
        while self._roots[term] != term:
            term = self._roots[term]
        return term

    def _look_for(self, sources: Iterable[Node], container: Node) -> None:
        """Notes that one of the sources is looked for in a list of the context."""
        terms, points = self._parted(sources)
        self._looked_for.setdefault(container, []).extend(terms)
        self._named.setdefault(container, set()).update(one for one in points if isinstance(one, str))

    def _overlap(self, container: Node, other: ListLiteral | ListReference) -> None:
        """Notes that a list of the context is compared with one of the pack, or one that is written out."""
        named = self._named.setdefault(container, set())
        if isinstance(other, ListLiteral):
            named.update(str(item.value) for item in other.items)
        else:
            self.references.setdefault(container, {})[other.name] = None

    def _settle(self) -> None:
        """Works out the groups, once everything is noted."""
        for container, terms in self._looked_for.items():
            for term in terms:
                self._compare([term], self._named[container])
        for container in self._named.keys() | self._counted:
            looked_for = self._looked_for.get(container, ())
            points = chain.from_iterable(self._points.get(self._root(term), ()) for term in looked_for)
            texts = {one for one in points if isinstance(one, str)} | self._named.get(container, set())
            self.items[container] = sorted(texts)
            found = len(texts) + len(self.references.get(container, ())) + bool(looked_for)
            most = min(found, MOST_SIZES) if container in self._counted else 0
            self._compare([Call("count", (container,))], range(most + 1))
        members: dict[Node, list[Node]] = {}
        for term in self._roots:
            members.setdefault(self._root(term), []).append(term)
        for root, terms in members.items():
            group = Group(tuple(terms), frozenset(self._points.get(root, ())))
            self.groups |= dict.fromkeys(terms, group)

    # -- constants and types

    def constant(self, node: Node) -> tuple[bool, Value | None]:  # noqa: C901 - one match over the node classes
        """Whether `node` is made of literals and parameters alone, and its value; None where that is unknown."""
        match node:
            case Constant(value):
                return True, value
            case Parameter(name):
                declared = self._scope.parameters[name]
                settled = self._settled and not declared.cases
                return settled, declared.value if settled else None
            case Call("hours_since" | "days_since", (Path("now"),)):
                return True, 0
            case Negative(operand):
                constant, number = self.constant(operand)
                return constant, None if number is None else functions.negate(number)
            case Arithmetic(sign, left, right):
                left_constant, one = self.constant(left)
                right_constant, two = self.constant(right)
                if sign == "/" and right_constant and two == 0:
                    return True, None  # whatever is divided
                if not (left_constant and right_constant):
                    return False, None
                return True, None if one is None or two is None else _ARITHMETIC[sign](one, two)
            case Call("add_hours", (moment, hours)):
                (moment_constant, at), (hours_constant, number) = self.constant(moment), self.constant(hours)
                if not (moment_constant and hours_constant):
                    return False, None
                if not (isinstance(at, datetime) and isinstance(number, int | float)):
                    return True, None
                return True, functions.add_hours(at, number)
            case _:
                return False, None

    def is_boolean(self, node: Node) -> bool:
        """Whether `node` is true or false."""
        if isinstance(node, Path):  # the most frequent by far
            return self._scope.fields[node.name].type.kind is Kind.BOOLEAN
        if isinstance(node, Arithmetic | Negative):
            return False
        return self.type_of(node).kind is Kind.BOOLEAN

    def type_of(self, node: Node) -> Type:
        """The type of `node`."""
        match node:
            case Constant(bool()) | Not() | And() | Or() | Comparison() | Membership():
                return Type(Kind.BOOLEAN)
            case Constant(str()):
                return Type(Kind.STRING)
            case Constant(int()):
                return Type(Kind.INTEGER)
            case Constant(datetime()):
                return Type(Kind.TIMESTAMP)
            case Path(name):
                return self._scope.fields[name].type
            case Parameter(name):
                return self._scope.parameters[name].type
            case ListLiteral() | ListReference():
                return Type(Kind.STRING_LIST)
            case Call():
                return self._type_of_call(node)
            case _:
                return Type(Kind.NUMBER)

    def _type_of_call(self, node: Call) -> Type:
        function = FUNCTIONS[node.function]
        match node:
            case Call("lookup", (_, ListReference(table))):
                return Type(self._scope.lists[table].kind)
            case Call(_, (first, *_)) if function.result is None:
                return self.type_of(first)
            case _:
                return function.number or Type(function.result or Kind.NUMBER)


def _loose(everything: Sequence[Node], is_boolean: Callable[[Node], bool]) -> Iterator[Node]:
    """The parameters, but for switches, that stand nowhere but on one side of one comparison, with no other across."""
    total: dict[Node, int] = {}
    pairs: dict[Node, list[Node]] = {}
    for node in everything:
        if isinstance(node, Parameter):
            total[node] = total.get(node, 0) + 1
        elif isinstance(node, Comparison):
            for sign, (left, right) in zip(node.operators, pairwise(node.operands), strict=True):
                for one, other in ((left, right), (right, left)):
                    if isinstance(one, Parameter) and not isinstance(other, Parameter):
                        pairs.setdefault(one, []).append(Comparison((left, right), (sign,)))
    for parameter, found in pairs.items():
        if len(found) == total[parameter] and len(set(found)) == 1 and not is_boolean(parameter):
            yield parameter


def cost_of(node: Node) -> int:
    """As how many parts of an expression it counts to evaluate this one."""
    return sum(_COST_OF_CALL if isinstance(one, Call) and FUNCTIONS[one.function].may_fail else 1 for one in walk(node))
