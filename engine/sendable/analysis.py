"""What a condition can come to over every valid context: the reasoning that lints rest on.

The values of each field are parted into cells within which no comparison of the condition can tell two values apart:
the values named and "any other" for texts, the points and the gaps between them for numbers and timestamps. What can't
be parted like that, such as `valid_address(x)`, is free to be true or false, but it is unknown exactly where the
engine says so, and equal parts are equal. So the outcomes found are all that can occur and perhaps more: a claim about
*every* context is certain. Cells are tried one after another and only where the outcome hangs on them, up to a bound;
beyond it nothing is claimed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, TypeAlias, TypeVar

from sendable import functions
from sendable.checker import Scope
from sendable.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
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
from sendable.operators import FUNCTIONS
from sendable.types import LARGEST_NUMBER, Kind, Type, Value

CHANNEL: Final = "email.channel"
_NOW: Final = "now"  # filled in at the boundary, so it is never unknown

Outcome: TypeAlias = bool | None
"""What a condition comes to; None is unknown."""


class TooManyError(Exception):
    """More combinations than are tried: nothing is known."""


class _Other:
    """A value that no literal names; it equals none of them."""

    def __repr__(self) -> str:
        return "OTHER"


class _Unknown:
    """The lack of a value."""

    def __repr__(self) -> str:
        return "UNKNOWN"


OTHER: Final = _Other()
UNKNOWN: Final = _Unknown()

Cell: TypeAlias = Value | _Other | _Unknown
_Key: TypeAlias = tuple[Hashable, ...]
_Answer = TypeVar("_Answer")


class Choices:
    """One combination of cells, chosen while an expression is being evaluated, and the way to the next one."""

    def __init__(self, fixed: Mapping[_Key, Cell] | None = None) -> None:
        self.chosen: dict[_Key, Cell] = dict(fixed or {})
        self._trail: list[tuple[_Key, Sequence[Cell], int]] = []

    def choose(self, key: _Key, cells: Sequence[Cell]) -> Cell:
        """The cell of `key` in this combination: the first of `cells` when it is asked for the first time."""
        if key in self.chosen:
            return self.chosen[key]
        self._trail.append((key, cells, 0))
        self.chosen[key] = cells[0]
        return cells[0]

    def advance(self) -> bool:
        """Goes on to the next combination; False when there is none."""
        while self._trail:
            key, cells, index = self._trail.pop()
            if index + 1 < len(cells):
                self._trail.append((key, cells, index + 1))
                self.chosen[key] = cells[index + 1]
                return True
            del self.chosen[key]
        return False


class Pessimist(Choices):
    """One combination only, in which whatever is not fixed is unknown where it can be."""

    def choose(self, key: _Key, cells: Sequence[Cell]) -> Cell:
        """The fixed cell of `key`, else unknown where that is among `cells`, else the last of them."""
        if key not in self.chosen:
            self.chosen[key] = UNKNOWN if UNKNOWN in cells else cells[-1]
        return self.chosen[key]


@dataclass
class Effort:
    """How many combinations are tried before nothing is claimed: for one question, and for all of a run."""

    each: int = 20_000
    left: int = 500_000


def explore(
    ask: Callable[[Choices], _Answer], effort: Effort, fixed: Mapping[_Key, Cell] | None = None
) -> Iterator[tuple[_Answer, Choices]]:
    """What `ask` answers for each combination of the cells that it chooses; TooManyError where they are too many."""
    choices = Choices(fixed)
    for _ in range(effort.each):
        effort.left -= 1
        if effort.left < 0:
            break
        yield ask(choices), choices
        if not choices.advance():
            return
    raise TooManyError


_COMPARE: Final[dict[ComparisonOperator, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: ComparisonOperator, left: object, right: object) -> bool:
    """What the comparison of two known values comes to."""
    return _COMPARE[sign](left, right)


_ARITHMETIC: Final = {
    "+": functions.add,
    "-": functions.subtract,
    "*": functions.multiply,
    "/": functions.divide,
}
_FREE: Final[tuple[Cell, ...]] = (True, False)
_FREE_OR_UNKNOWN: Final[tuple[Cell, ...]] = (True, False, UNKNOWN)
_KNOWN_OR_NOT: Final[tuple[Cell, ...]] = (OTHER, UNKNOWN)
_INSTANT: Final = timedelta(microseconds=1)


@dataclass
class Space:
    """The contexts of emails in `channels`, as far as the expressions `nodes` can tell them apart.

    Comparisons among `recovered` are free to come to anything: they are reported by themselves.
    """

    scope: Scope
    channels: tuple[str, ...]
    nodes: tuple[Node, ...]
    recovered: frozenset[Node] = frozenset()
    effort: Effort = field(default_factory=Effort, repr=False)
    _cells: dict[Node, Sequence[Cell]] = field(default_factory=dict, repr=False)

    # -- evaluation

    def outcome(self, node: Node, choices: Choices) -> Outcome:
        """What the boolean expression `node` comes to where `choices` hold."""
        match node:
            case Comparison():
                return self._comparison(node, choices)
            case And():
                return self._all(node.operands, choices, decisive=False)
            case Or():
                return self._all(node.operands, choices, decisive=True)
            case Path():
                return _as_outcome(self._of_leaf(node, choices))
            case Not(operand):
                found = self.outcome(operand, choices)
                return None if found is None else not found
            case Constant(value):
                return bool(value)
            case Parameter():
                # A switch: what it is set to is nobody's mistake.
                return choices.choose(("switch", node), _FREE) is True
            case Membership(item, container, negated):
                found = self._membership(node, item, container, choices)
                return found if found is None or not negated else not found
            case Call("known", (argument,)):
                return self.known(argument, choices)
            case Call("default", (value, otherwise)):
                found = self.outcome(value, choices)
                return self.outcome(otherwise, choices) if found is None else found
            case Call():
                if not self._arguments_known(node, choices):
                    return None
                return _as_outcome(choices.choose(("call", node), _FREE_OR_UNKNOWN if _fallible(node) else _FREE))
            case _:
                raise TypeError(f"not a boolean expression: {node}")

    def known(self, node: Node, choices: Choices) -> bool:
        """Whether `node`, an expression of any type, has a value where `choices` hold."""
        if isinstance(node, ListLiteral | ListReference):
            return True
        if self.is_boolean(node):
            return self.outcome(node, choices) is not None
        return self._resolve(node, choices)[1] is not UNKNOWN

    def _all(self, operands: Iterable[Node], choices: Choices, *, decisive: bool) -> Outcome:
        result: Outcome = not decisive
        for operand in operands:
            found = self.outcome(operand, choices)
            if found is decisive:
                return decisive
            if found is None:
                result = None
        return result

    def _comparison(self, node: Comparison, choices: Choices) -> Outcome:
        result: Outcome = True
        for sign, (left, right) in zip(node.operators, pairwise(node.operands), strict=True):
            found = self._pair(sign, left, right, choices)
            if found is False:
                return False
            if found is None:
                result = None
        return result

    def _pair(self, sign: ComparisonOperator, left: Node, right: Node, choices: Choices) -> Outcome:
        if self.recovered and (pair := Comparison((left, right), (sign,))) in self.recovered:
            return _as_outcome(choices.choose(("recovered", pair), _FREE_OR_UNKNOWN))
        if self.is_boolean(left):
            one, two = self.outcome(left, choices), self.outcome(right, choices)
            return None if one is None or two is None else _COMPARE[sign](one, two)
        one_leaf, one_value = self._resolve(left, choices)
        two_leaf, two_value = self._resolve(right, choices)
        if one_value is UNKNOWN or two_value is UNKNOWN:
            return None
        if one_leaf is None and two_leaf is None:
            if has_parameter(left) or has_parameter(right):
                return choices.choose(("switch", Comparison((left, right), (sign,))), _FREE) is True
            return _COMPARE[sign](one_value, two_value)
        if one_leaf is None or two_leaf is None:
            if (one_value is OTHER or two_value is OTHER) and sign not in ("==", "!="):
                return choices.choose(("free", Comparison((left, right), (sign,))), _FREE) is True
            return _COMPARE[sign](one_value, two_value)
        if one_leaf == two_leaf:
            return sign in ("==", "<=", ">=")
        key, swapped = ("order", one_leaf, two_leaf), ("order", two_leaf, one_leaf)
        if swapped in choices.chosen:
            order = choices.chosen[swapped]
            return _COMPARE[sign](0, order)
        kind = self._type(one_leaf).kind
        return _COMPARE[sign](choices.choose(key, (0, 1) if kind is Kind.STRING else (0, 1, -1)), 0)

    def _membership(self, node: Membership, item: Node, container: Node, choices: Choices) -> Outcome:
        if node in self.recovered:
            return _as_outcome(choices.choose(("recovered", node), _FREE_OR_UNKNOWN))
        if isinstance(container, ListLiteral):
            if not container.items:
                return False
            leaf, value = self._resolve(item, choices)
            if value is UNKNOWN:
                return None
            if leaf is None and has_parameter(item):
                return choices.choose(("switch", node), _FREE) is True
            return any(value == one.value for one in container.items)
        leaf, value = self._resolve(item, choices)
        if not self.known(container, choices):
            return None
        # Nothing is in an empty list, not even what is unknown; that the cell is true stands for "not empty" there.
        target = item if leaf is None else leaf
        found = choices.choose(("in", target, container), _FREE) is True
        if value is UNKNOWN:
            return None if found else False
        return found

    def _resolve(self, node: Node, choices: Choices) -> tuple[Node | None, Cell]:
        """The value of `node`, which is not boolean, and the term it is the value of; None for a constant."""
        match node:
            case Path():
                return node, self._of_leaf(node, choices)
            case Constant():
                return None, node.value
            case Call("default", (first, second)):
                found = self._resolve(first, choices)
                return self._resolve(second, choices) if found[1] is UNKNOWN else found
            case Call("lookup", (key, table)):
                leaf, value = self._resolve(key, choices)
                if value is UNKNOWN:
                    return node, UNKNOWN
                # It has an answer exactly where the key is in the map.
                if choices.choose(("in", key if leaf is None else leaf, table), _FREE) is not True:
                    return node, UNKNOWN
                return node, choices.choose(("value", node), self._cells_of(node))
            case ListLiteral() | ListReference():
                return node, OTHER
            case _:
                constant, fixed = self.constant(node)
                if constant:
                    return None, UNKNOWN if fixed is None else fixed
                if not self._arguments_known(node, choices):
                    return node, UNKNOWN
                return node, self._of_leaf(node, choices)

    def _arguments_known(self, node: Node, choices: Choices) -> bool:
        return all(self.known(argument, choices) for argument in children(node))

    def _of_leaf(self, node: Node, choices: Choices) -> Cell:
        return choices.choose(("value", node), self._cells_of(node))

    # -- constants and types

    def constant(self, node: Node) -> tuple[bool, Value | None]:
        """Whether `node` is made of literals and parameters alone, and its value; None where that is unknown."""
        match node:
            case Constant(value):
                return True, value
            case Parameter(name):
                return True, self.scope.parameters[name].value
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
            case _:
                return False, None

    def is_boolean(self, node: Node) -> bool:
        """Whether `node` is true or false."""
        if isinstance(node, Path):  # the most frequent by far
            return self.scope.fields[node.name].type.kind is Kind.BOOLEAN
        if isinstance(node, Arithmetic | Negative):
            return False
        return self._type(node).kind is Kind.BOOLEAN

    def _type(self, node: Node) -> Type:
        match node:
            case Constant(bool()) | Not() | And() | Or() | Comparison() | Membership():
                return Type(Kind.BOOLEAN)
            case Constant(str()):
                return Type(Kind.STRING)
            case Constant(int()):
                return Type(Kind.INTEGER)
            case Path(name):
                return self.scope.fields[name].type
            case Parameter(name):
                return self.scope.parameters[name].type
            case ListLiteral() | ListReference():
                return Type(Kind.STRING_LIST)
            case Call("count"):
                return Type(Kind.INTEGER, minimum=0)
            case Call(function, arguments):
                result = FUNCTIONS[function].result
                return self._type(arguments[0]) if result is None else Type(result)
            case _:
                return Type(Kind.NUMBER)

    # -- cells

    def _cells_of(self, leaf: Node) -> Sequence[Cell]:
        found = self._cells.get(leaf)
        if found is None:
            found = self._cells[leaf] = self._part(leaf)
        return found

    def _part(self, leaf: Node) -> tuple[Cell, ...]:
        if leaf == Path(CHANNEL):
            return self.channels
        cells: list[Cell]
        declared = self._type(leaf)
        named = self._named.get(leaf, set())
        match declared.kind:
            case Kind.BOOLEAN:
                cells = [True, False]
            case Kind.INTEGER | Kind.NUMBER:
                cells = list(number_cells((one for one in named if isinstance(one, int | float)), declared))
            case Kind.TIMESTAMP:
                cells = list(_instants([one for one in named if isinstance(one, datetime)]))
            case Kind.STRING:
                cells = [one for one in sorted(map(str, named)) if declared.enum is None or one in declared.enum]
                if declared.enum is None or not set(declared.enum) <= named:
                    cells.append(OTHER)
            case Kind.STRING_LIST:
                cells = [OTHER]
        if isinstance(leaf, Path):
            if not self.scope.fields[leaf.name].required and leaf.name != _NOW:
                cells.append(UNKNOWN)
        elif _fallible(leaf) and not (isinstance(leaf, Call) and leaf.function == "lookup"):
            cells.append(UNKNOWN)
        return tuple(cells)

    @cached_property
    def _named(self) -> dict[Node, set[Value]]:
        """The constants that each term is compared with anywhere in `nodes`."""
        named: dict[Node, set[Value]] = {}
        for node in (one for root in self.nodes for one in walk(root)):
            if isinstance(node, Comparison):
                for left, right in pairwise(node.operands):
                    one, two = list(self._sources(left)), list(self._sources(right))
                    self._note(named, one, two)
                    self._note(named, two, one)
            elif isinstance(node, Membership) and isinstance(node.container, ListLiteral):
                self._note(named, list(self._sources(node.item)), list(node.container.items))
        return named

    def _note(self, named: dict[Node, set[Value]], terms: Iterable[Node], others: Iterable[Node]) -> None:
        values = {value for other in others if (value := self.constant(other)[1]) is not None}
        if values:
            for term in terms:
                named.setdefault(term, set()).update(values)

    def _sources(self, node: Node) -> Iterator[Node]:
        """The terms one of which `node` takes its value from."""
        match node:
            case Call("default", (value, otherwise)):
                yield from self._sources(value)
                yield from self._sources(otherwise)
            case _:
                yield node

    # -- what is asked of a space: each raises TooManyError

    def outcomes(self, node: Node) -> frozenset[Outcome]:
        """What `node` can come to. Once true and false are found, unknown may be left out."""
        found: set[Outcome] = set()
        for outcome, _ in explore(lambda choices: self.outcome(node, choices), self.effort):
            found.add(outcome)
            if True in found and False in found:
                break
        return frozenset(found)

    def witness(self, node: Node, wanted: Outcome) -> Mapping[_Key, Cell] | None:
        """Cells in which `node` comes to `wanted`; None where there are none."""
        for outcome, choices in explore(lambda choices: self.outcome(node, choices), self.effort):
            if outcome is wanted:
                return dict(choices.chosen)
        return None

    def may_be_unknown_when(self, node: Node, wanted: Outcome, subject: Node) -> bool:
        """Whether `subject` can be unknown where `node` comes to `wanted`."""
        fixed: dict[_Key, Cell] = {}
        if isinstance(subject, Path):
            if UNKNOWN not in self._cells_of(subject):
                return False
            fixed[("value", subject)] = UNKNOWN

        def ask(choices: Choices) -> bool:
            return self.outcome(node, choices) is wanted and not self.known(subject, choices)

        return any(answer for answer, _ in explore(ask, self.effort, fixed))

    def always(self, ask: Callable[[Choices], bool]) -> bool:
        """Whether `ask`, which evaluates expressions of this space, is true of every combination."""
        return all(answer for answer, _ in explore(ask, self.effort))

    def same(self, one: Node, other: Node) -> bool:
        """Whether the two always come to the same."""
        return self.always(lambda choices: self.outcome(one, choices) is self.outcome(other, choices))


def _as_outcome(cell: Cell) -> Outcome:
    return None if cell is UNKNOWN else cell is True


def _fallible(node: Node) -> bool:
    """Whether `node` can be unknown though its arguments are known."""
    return any(isinstance(one, Arithmetic) or (isinstance(one, Call) and one.function == "lookup")
               for one in walk(node))  # fmt: skip


def has_parameter(node: Node) -> bool:
    """Whether a parameter takes part in `node`."""
    return any(isinstance(one, Parameter) for one in walk(node))


def number_cells(points: Iterable[int | float], declared: Type) -> Iterator[int | float]:
    """One number for each way in which a number of the type `declared` can lie among `points`."""
    least = -LARGEST_NUMBER if declared.minimum is None else declared.minimum
    most = LARGEST_NUMBER if declared.maximum is None else declared.maximum
    marks = sorted(set(points))
    candidates: set[int | float] = {least, most}
    if declared.kind is Kind.INTEGER:
        for mark in marks:
            whole = int(mark // 1)
            candidates.update((whole - 1, whole, whole + 1, whole + 2))
        candidates.add(min(max(0, int(least)), int(most)))
    else:
        candidates.update(marks)
        edges = [least, *(mark for mark in marks if least < mark < most), most]
        candidates.update(one / 2 + two / 2 for one, two in pairwise(edges))
    seen: set[tuple[bool, ...]] = set()
    for one in sorted(candidates, key=lambda number: (number != most, number == least, -number)):
        if least <= one <= most and (declared.kind is not Kind.INTEGER or one == int(one)):
            sign = tuple(test for mark in marks for test in (one < mark, one == mark))
            if sign not in seen:
                seen.add(sign)
                yield one


def _instants(points: Sequence[datetime]) -> Iterator[Cell]:
    if not points:
        yield OTHER
    for point in sorted(set(points)):
        yield point
        for step in (-_INSTANT, _INSTANT):
            try:
                beside = point + step
            except OverflowError:
                continue
            if beside not in points:
                yield beside
