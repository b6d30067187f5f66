"""Nodes to Narwhals: conditions as expressions over the columns of a frame.

A condition becomes one nullable boolean expression: true, false, or null where it is unknown. `&`, `|` and `~` of every
engine are Kleene's on these; whatever else differs between engines at the edges is written out here (division by zero,
results beyond ±2^53, integers that would overflow, empty lists). What does not depend on a column is evaluated by the
reference interpreter while the expression is built, and only its result is in the expression.

Columns travel under names of our own making, normalized: a timestamp is an integer, the microseconds since 1970.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Any, Final, TypeAlias

import narwhals as nw

from sendable.engines import (
    Applied,
    Asked,
    Decoding,
    Derived,
    Engine,
    NativeFrame,
    Operation,
    Part,
    PerValue,
    TextTest,
)
from sendable.facts import Facts
from sendable.functions import NEEDS_NOW
from sendable.interpreter import Interpreter, Unknown, kleene
from sendable.model import Channel, Mode, OnUnknown, Pack, Reason
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
from sendable.timestamps import parse_timestamp
from sendable.types import LARGEST_NUMBER, Field, Kind, Value

Truth: TypeAlias = bool | Unknown | nw.Expr
"""A condition: what it is for every row, or an expression that is null where it is unknown."""

OUTPUTS: Final = ("sendable", "reason", "reasons", "certainty", "missing", "clears_at", "invalid")
"""The columns of the decisions, after the keys."""

MESSAGE: Final = "message"
"""The column after them, where messages are asked for."""

_NULL: Final = nw.lit(None, dtype=nw.Boolean)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PER_HOUR: Final = 3_600_000_000
_FEW: Final = 8
_UNITS: Final = {"hours_since": _PER_HOUR, "days_since": 24 * _PER_HOUR}

_TEXT_CALLS: Final = frozenset({"domain", "local_part", "lower", "lookup", "valid_address", "in_domains"})
"""Functions whose meaning is Python's own Unicode: no engine's is the same beyond ASCII."""
_PARTS: Final = {"lower": Part.WHOLE, "domain": Part.DOMAIN, "local_part": Part.LOCAL_PART}


@dataclass(frozen=True, slots=True)
class Source:
    """A column that holds a declared path, normalized: its name, the kind of its values, whether they are integers."""

    name: str
    kind: Kind
    whole: bool = False

    @property
    def expression(self) -> nw.Expr:
        """The column."""
        return nw.col(self.name)


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
        return _every([part.is_null() for part in (self.whole, self.real) if part is not None])


class RowFacts:
    """The facts of a row, of what is the same for all and the values of `fields`. Picklable."""

    def __init__(self, common: Facts, fields: Sequence[Field]) -> None:
        self._common = common
        self._fields = tuple(fields)

    def __call__(self, values: Iterable[Any]) -> Facts:
        """The facts with the values of the fields, as columns hold them: a timestamp is an integer, null is None."""
        facts = dict(self._common)
        for declared, value in zip(self._fields, values, strict=True):
            if isinstance(value, list):
                facts[declared.path] = tuple(value)
            elif declared.type.kind is Kind.TIMESTAMP and isinstance(value, int):
                facts[declared.path] = timestamp(value)
            elif value is not None:
                facts[declared.path] = value
        return facts


class PerRow:
    """A node's truth for the values of its paths, by the reference interpreter. Picklable."""

    def __init__(self, prepared: ast.expr, facts: RowFacts) -> None:
        self._prepared = prepared
        self._facts = facts

    def __call__(self, *values: Any) -> Derived:  # noqa: ANN401 - values of any type of the language
        """The truth, None where it is unknown; a value that is None is a path without data."""
        if any(isinstance(value, list) and None in value for value in values):
            return None  # the row is invalid
        result = Interpreter.evaluate(self._prepared, self._facts(values))
        return result if isinstance(result, bool) else None


class Table:
    """A frame under construction: columns are added to it, by Narwhals where it can and by the engine where not.

    What is added is there after `flush`. Until then operations may read columns that are added by Narwhals, and what is
    derived may read both; so few steps are made of many columns, and engines bind each step anew.
    """

    def __init__(self, native: NativeFrame, engine: Engine) -> None:
        self.native = native
        self.engine = engine
        self._columns = 0
        self._known: dict[object, str] = {}
        self._expressions: list[nw.Expr] = []
        self._operations: dict[str, Applied] = {}
        self._tests: dict[str, Asked] = {}
        self._derived: list[tuple[str, PerValue, Sequence[str], str | None, type]] = []

    def fresh(self) -> str:
        """A name for a column that the frame does not have."""
        self._columns += 1
        return f"sendable_{self._columns}"

    def with_column(self, expression: nw.Expr) -> str:
        """Adds the column `expression`; its name."""
        name = self.fresh()
        self._expressions.append(expression.alias(name))
        return name

    def with_operation(self, operation: Operation, *columns: str) -> str:
        """Adds the column that the operation makes of `columns`; its name."""
        key = (operation, columns)
        if key not in self._known:
            name = self._known[key] = self.fresh()
            self._operations[name] = key
        return self._known[key]

    def with_test(self, test: TextTest, column: str, function: PerValue) -> str:
        """Adds the column with the answers to the test of `column`, as `function` gives them; its name."""
        key = (test, column)
        if key not in self._known:
            name = self._known[key] = self.fresh()
            self._tests[name] = Asked(test, column, function)
        return self._known[key]

    def with_derived(
        self, key: object, function: PerValue, columns: Sequence[str], needed: str | None = None, kind: type = bool
    ) -> str:
        """Adds the column of `function`, computed in Python for each distinct value of `columns`; its name.

        It is null where the column `needed` is not true.
        """
        if key not in self._known:
            name = self._known[key] = self.fresh()
            self._derived.append((name, function, columns, needed, kind))
        return self._known[key]

    def added(self, expression: nw.Expr) -> str:
        """Makes the column `expression`, and all that were added before; its name."""
        name = self.with_column(expression)
        self.flush()
        return name

    def flush(self) -> None:
        """Makes the columns that were added."""
        if self._expressions:
            self.native = nw.from_native(self.native).with_columns(*self._expressions).to_native()
        while self._operations:
            # Operations may read what others make.
            ready = {
                name: applied
                for name, applied in self._operations.items()
                if self._operations.keys().isdisjoint(applied[1])
            }
            self.native = self.engine.add(self.native, ready)
            self._operations = {name: one for name, one in self._operations.items() if name not in ready}
        if self._tests:
            self.native = self.engine.test(self.native, self._tests)
        for derived in self._derived:
            self.native = self.engine.derive(self.native, *derived)
        self._expressions, self._operations, self._tests, self._derived = [], {}, {}, []


class Expressions:
    """Writes expressions over the columns of `table`. `facts` are what is the same for every row."""

    def __init__(self, pack: Pack, facts: Facts, sources: Mapping[str, Source], table: Table) -> None:
        self._pack = pack
        self._facts = facts
        self._sources = sources
        self._table = table
        self._interpreter = Interpreter(pack.parameters, pack.lists)

    def source(self, path: str) -> Source:
        """The column of a path that has one."""
        return self._sources[path]

    # -- what does not depend on a column

    def paths(self, node: Node) -> frozenset[str]:
        """The paths that `node` reads from columns."""
        return frozenset(path for path in paths_read(node) if path in self._sources)

    def constant(self, node: Node) -> Value | Unknown | None:
        """What `node` is for every row; None where that depends on the row."""
        if self.paths(node):
            return None
        return self._interpreter.evaluate(self._interpreter.prepare(node), self._facts)

    def kind(self, node: Node) -> Kind:
        """The kind of the values of `node`; NUMBER for integers too."""
        match node:
            case Constant(value):
                return _kind_of(value)
            case Parameter(name):
                return _kind_of(self._pack.parameters[name].value)
            case Path(name):
                kind = self._pack.fields[name].type.kind
                return Kind.NUMBER if kind is Kind.INTEGER else kind
            case Arithmetic() | Negative():
                return Kind.NUMBER
            case Not() | And() | Or() | Comparison() | Membership():
                return Kind.BOOLEAN
            case ListLiteral() | ListReference():
                return Kind.STRING_LIST
            case Call(function, arguments):
                result = FUNCTIONS[function].result
                if result is None:
                    return self.kind(arguments[0])
                return Kind.NUMBER if result is Kind.INTEGER else result

    # -- conditions

    def truth(self, node: Node) -> Truth:
        """`node`, a boolean: true, false, or unknown, which is null."""
        fixed = self.constant(node)
        if isinstance(fixed, bool | Unknown):
            return fixed
        match node:
            case Path(name):
                return self._sources[name].expression
            case Not(operand):
                return _not(self.truth(operand))
            case And(operands):
                return _joined(map(self.truth, operands), decisive=False)
            case Or(operands):
                return _joined(map(self.truth, operands), decisive=True)
            case Call("known", (Path(name),)):
                return ~self._sources[name].expression.is_null()
            case Call("default", (value, otherwise)):
                return nw.coalesce(_written(self.truth(value)), _written(self.truth(otherwise)))
            case Comparison(operands) if self.kind(operands[0]) is Kind.BOOLEAN:
                return self._comparison(node)
            case _ if self._is_about_text(node):
                return self._about_text(node)
            case Comparison():
                return self._comparison(node)
            case Membership():
                inside = self._membership(node)
                return _not(inside) if node.negated else inside
            case Call("starts_with" | "ends_with" | "contains" as function, (text, part)):
                return self._text_test(function, text, part)
            case Call("overlaps", (left, right)):
                return self._overlap(left, right)
            case _:
                raise AssertionError(f"no condition: {node}")

    def _is_about_text(self, node: Node) -> bool:
        """Whether `node` calls for Python's Unicode on a column: a text function, or a list of the pack."""
        if isinstance(node, Call) and node.function in _TEXT_CALLS and self.paths(node):
            return True
        if isinstance(node, Membership | Call) and self.paths(node):
            named = [self._pack.lists[one.name] for one in children(node) if isinstance(one, ListReference)]
            if any(one.entries for one in named):
                return True
        return any(map(self._is_about_text, children(node)))

    def _about_text(self, node: Node) -> Truth:
        """A condition on texts: a test, where engines have one for it, and else in Python."""
        paths = sorted(self.paths(node))
        names = [self._sources[path].name for path in paths]
        match node:
            case Membership(item, container, negated=True):
                return _not(self._about_text(Membership(item, container, negated=False)))
            case Membership(_, ListReference(name)) if not self._pack.lists[name].entries:
                return False  # nothing is in an empty list, not even what is unknown
            case Comparison((left, right), ("!=",)):
                return _not(self._about_text(Comparison((left, right), ("==",))))
            case _:
                pass
        facts = RowFacts(self._facts, [self._pack.fields[path] for path in paths])
        function = PerRow(self._interpreter.prepare(node), facts)
        test = self._tested(node) if len(paths) == 1 else None
        if test is not None:
            return nw.col(self._table.with_test(test, names[0], function))
        return nw.col(self._table.with_derived(node, function, names))

    def _tested(self, node: Node) -> TextTest | None:
        """The test that `node` is of the one path it reads; None where it is none."""
        match node:
            case Call("valid_address", (Path(),)):
                return TextTest(None)
            case Membership(item, ListReference(name)) if (part := self._part(item, whole=True)) is not None:
                return TextTest(part, frozenset(self._pack.lists[name].entries))
            case Call("in_domains", (domain, ListReference(name))):
                part = self._part(domain, whole=True)
                return (
                    None
                    if part is None
                    else TextTest(part, frozenset(self._pack.lists[name].entries) - {""}, parents=True)
                )
            case Comparison((left, right), ("==",)):
                for call, other in ((left, right), (right, left)):
                    part, fixed = self._part(call, whole=False), self.constant(other)
                    if part is not None and isinstance(fixed, str):
                        return TextTest(part, frozenset({fixed}))
            case _:
                pass
        return None

    def _part(self, node: Node, *, whole: bool) -> Part | None:
        """Which part of a column's text `node` is; with `whole`, a text is itself compared in its folded form."""
        match node:
            case Path(name) if whole and name in self._sources:
                return Part.WHOLE
            case Call("lower" | "domain" | "local_part" as function, (Path(name),)) if name in self._sources:
                return _PARTS[function]
            case _:
                return None

    def _comparison(self, node: Comparison) -> Truth:
        pairs = zip(node.operands, node.operators, node.operands[1:], strict=False)
        return _joined((self._pair(left, operator, right) for left, operator, right in pairs), decisive=False)

    def _pair(self, left: Node, operator: str, right: Node) -> Truth:
        fixed = self.constant(pair := Comparison((left, right), (operator,)))  # type: ignore[arg-type]
        if isinstance(fixed, bool | Unknown):
            return fixed
        if any(isinstance(self.constant(side), Unknown) for side in pair.operands):
            return _NULL
        match self.kind(left):
            case Kind.BOOLEAN:
                return _compared(_written(self.truth(left)), operator, _written(self.truth(right)))
            case Kind.STRING:
                return _compared(self.text(left), operator, self.text(right))
            case Kind.TIMESTAMP:
                return _compared(self.timestamp(left), operator, self.timestamp(right))
            case _:
                return _compared_numbers(self.number(left), operator, self.number(right))

    def _membership(self, node: Membership) -> Truth:
        """Whether the item is in the container, whatever `not` the node has."""
        entries = self.constant(node.container) if not isinstance(node.container, ListReference) else ()
        item = self.constant(node.item)
        if isinstance(entries, tuple):
            if not entries:
                return False  # nothing is in an empty list, not even what is unknown
            if self.kind(node.item) is Kind.STRING:
                return _among(self.text(node.item), entries)
            number = self.number(node.item)
            equal = [_compared_numbers(number, "==", _number(one)) for one in entries if _countable(one)]
            return _joined(equal, decisive=True)
        if isinstance(entries, Unknown):
            return _NULL
        container = self._list(node.container)
        if isinstance(item, str):
            return container.expression.list.contains(item)
        empty = container.expression.list.len() == 0
        if isinstance(item, Unknown):
            return nw.when(empty).then(nw.lit(value=False)).otherwise(_NULL)
        name = self._table.with_column(self.text(node.item))
        found = nw.col(self._table.with_operation(Operation.CONTAINS, container.name, name))
        return nw.when(empty).then(nw.lit(value=False)).otherwise(nw.when(~nw.col(name).is_null()).then(found))

    def _list(self, node: Node) -> Source:
        if not isinstance(node, Path):
            raise TypeError("a list that depends on the row is a path")
        return self._sources[node.name]

    def _overlap(self, left: Node, right: Node) -> Truth:
        fixed = [self.constant(left), self.constant(right)]
        if any(isinstance(one, Unknown) for one in fixed):
            return _NULL
        if fixed[0] is None and fixed[1] is None:
            return nw.col(self._table.with_operation(Operation.OVERLAPS, self._list(left).name, self._list(right).name))
        values, column = (fixed[0], self._list(right)) if fixed[0] is not None else (fixed[1], self._list(left))
        listed = column.expression
        nowhere: Truth = nw.when(~listed.is_null()).then(nw.lit(value=False)).otherwise(_NULL)
        if not isinstance(values, tuple):
            return nowhere  # an empty list of the pack: those with entries are compared in Python
        return _joined([nowhere, *(listed.list.contains(one) for one in dict.fromkeys(values))], decisive=True)

    def _text_test(self, function: str, text: Node, part: Node) -> Truth:
        if any(isinstance(self.constant(side), Unknown) for side in (text, part)):
            return _NULL
        whole, piece = self.text(text), self.text(part)
        match function:
            case "starts_with":
                return whole.str.starts_with(piece)
            case "ends_with":
                return whole.str.ends_with(piece)
            case _:
                return whole.str.contains(piece, literal=True)

    # -- values

    def text(self, node: Node) -> nw.Expr:
        """`node`, a text, null where it is unknown."""
        fixed = self.constant(node)
        if isinstance(fixed, str):
            return nw.lit(fixed)
        match node:
            case Path(name) if fixed is None:
                return self._sources[name].expression
            case Call("default", (value, otherwise)):
                return nw.coalesce(self.text(value), self.text(otherwise))
            case _ if isinstance(fixed, Unknown):
                return nw.lit(None, dtype=nw.String)
            case _:
                raise AssertionError(f"no text: {node}")

    def timestamp(self, node: Node) -> nw.Expr:
        """`node`, a timestamp, as microseconds since 1970, null where it is unknown."""
        fixed = self.constant(node)
        if isinstance(fixed, datetime):
            return nw.lit(microseconds(fixed), dtype=nw.Int64)
        match node:
            case Path(name) if fixed is None:
                return self._sources[name].expression
            case Call("default", (value, otherwise)):
                return nw.coalesce(self.timestamp(value), self.timestamp(otherwise))
            case _ if isinstance(fixed, Unknown):
                return nw.lit(None, dtype=nw.Int64)
            case _:
                raise AssertionError(f"no timestamp: {node}")

    def number(self, node: Node) -> Number:
        """`node`, a number, null where it is unknown."""
        fixed = self.constant(node)
        if isinstance(fixed, Unknown):
            return Number(None, nw.lit(None, dtype=nw.Float64))
        if fixed is not None:
            return _number(fixed)
        match node:
            case Path(name):
                source = self._sources[name]
                return Number(source.expression, None) if source.whole else Number(None, source.expression)
            case Arithmetic(operator, left, right):
                return _counted(operator, self._operand(left), self._operand(right))
            case Negative(operand):
                value = self._operand(operand)
                return Number(
                    None if value.whole is None else -value.whole, None if value.real is None else -value.real
                )
            case Call("default", (first, second)):
                value, otherwise = self.number(first), self.number(second)
                return Number(
                    _chosen(value.unknown, value.whole, otherwise.whole),
                    _chosen(value.unknown, value.real, otherwise.real),
                )
            case Call("count", (listed,)):
                return Number(self._list(listed).expression.list.len().cast(nw.Int64), None)
            case Call("hours_since" | "days_since" as function, (moment,)):
                return Number(None, _elapsed(self.timestamp(Path("now")), self.timestamp(moment), _UNITS[function]))
            case _:
                raise AssertionError(f"no number: {node}")

    def _operand(self, node: Node) -> Number:
        """`node`, a number to count with. Within ±2^53, so that no engine overflows on a row that is invalid."""
        value = self.number(node)
        if value.whole is None or isinstance(node, Arithmetic | Negative) or not self.paths(node):
            return value
        return Number(_bounded(value.whole), value.real)

    # -- what is missing

    def unknown(self, node: Node) -> bool | nw.Expr:
        """Whether `node` is unknown: never null."""
        fixed = self.constant(node) if not isinstance(node, ListReference) else ()
        if fixed is not None:
            return isinstance(fixed, Unknown)
        match node:
            case Path(name):
                return self._sources[name].expression.is_null()
            case Arithmetic() | Negative():
                return self.number(node).unknown
            case Call("default", (value, otherwise)):
                return _and([self.unknown(value), self.unknown(otherwise)])
            case Call("lookup", (key, table)):
                found = self.truth(Membership(key, table, negated=False))
                return found is not True if not isinstance(found, nw.Expr) else ~nw.coalesce(found, nw.lit(value=False))
            case Call("known"):
                return False
            case Call() if self.kind(node) is not Kind.BOOLEAN:
                return _or([self.unknown(argument) for argument in node.arguments])
            case _:
                truth = self.truth(node)
                return truth.is_null() if isinstance(truth, nw.Expr) else isinstance(truth, Unknown)

    def missing(self, node: Node) -> dict[str, bool | nw.Expr]:
        """The paths without data that can leave `node` unknown, each with whether it does: never null."""
        if isinstance(node, ListReference | ListLiteral | Constant | Parameter):
            return {}
        fixed = self.constant(node)
        if fixed is not None:
            return dict.fromkeys(fixed.missing, True) if isinstance(fixed, Unknown) else {}
        match node:
            case Path(name):
                return {name: self._sources[name].expression.is_null()}
            case Call("known"):
                return {}
            case And() | Or() | Comparison() | Membership() | Call("default"):
                # What others decide contributes nothing.
                found = self._missing_below(node)
                guard = self.unknown(node) if found else False
                return {path: held for path, one in found.items() if (held := _and([guard, one])) is not False}
            case _:
                return self._missing_below(node)

    def _missing_below(self, node: Node) -> dict[str, bool | nw.Expr]:
        found: dict[str, list[bool | nw.Expr]] = {}
        for child in children(node):
            for path, one in self.missing(child).items():
                found.setdefault(path, []).append(one)
        return {path: _or(several) for path, several in found.items()}


# -- the parts of expressions


def paths_read(node: Node) -> Iterator[str]:
    """The paths that evaluating `node` reads, `now` among them where a function does."""
    if isinstance(node, Path):
        yield node.name
    if isinstance(node, Call) and node.function in NEEDS_NOW:
        yield "now"
    for child in children(node):
        yield from paths_read(child)


def _kind_of(value: Value) -> Kind:
    match value:
        case bool():
            return Kind.BOOLEAN
        case int() | float():
            return Kind.NUMBER
        case str():
            return Kind.STRING
        case datetime():
            return Kind.TIMESTAMP
        case tuple():
            return Kind.STRING_LIST


def _among(text: nw.Expr, values: Iterable[str]) -> nw.Expr:
    """Whether `text` is one of `values`: a few are compared one by one, which is faster than a look-up."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) > _FEW:
        return text.is_in(distinct)
    return reduce(lambda left, right: left | right, [text == one for one in distinct])


def _countable(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _written(truth: Truth) -> nw.Expr:
    match truth:
        case bool():
            return nw.lit(truth)
        case Unknown():
            return _NULL
        case _:
            return truth


def _not(truth: Truth) -> Truth:
    return truth if isinstance(truth, Unknown) else not truth if isinstance(truth, bool) else ~truth


def _joined(operands: Iterable[Truth], *, decisive: bool) -> Truth:
    """Kleene's `or` where `decisive` is True and `and` where it is False; what is fixed is decided here."""
    given = list(operands)
    fixed = kleene([one for one in given if isinstance(one, bool | Unknown)], decisive=decisive)
    expressions = [one for one in given if isinstance(one, nw.Expr)]
    if fixed is decisive or not expressions:
        return fixed
    if isinstance(fixed, Unknown):
        expressions.append(_NULL)
    return reduce(lambda left, right: left | right if decisive else left & right, expressions)


def _every(expressions: Sequence[nw.Expr]) -> nw.Expr:
    return reduce(lambda left, right: left & right, expressions)


def _and(operands: Iterable[bool | nw.Expr]) -> bool | nw.Expr:
    return _certain(_joined(operands, decisive=False))


def _or(operands: Iterable[bool | nw.Expr]) -> bool | nw.Expr:
    return _certain(_joined(operands, decisive=True))


def _certain(truth: Truth) -> bool | nw.Expr:
    if isinstance(truth, Unknown):
        raise TypeError("of what is known, nothing unknown is made")
    return truth


def _compared(left: nw.Expr, operator: str, right: nw.Expr) -> nw.Expr:
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


def _compared_numbers(left: Number, operator: str, right: Number) -> nw.Expr:
    if left.whole is not None and right.whole is not None and left.real is None and right.real is None:
        return _compared(left.whole, operator, right.whole)
    return _compared(left.as_real, operator, right.as_real)


def _number(value: Value) -> Number:
    match value:
        case bool() | str() | datetime() | tuple():
            raise AssertionError(f"no number: {value!r}")
        case int():
            return Number(nw.lit(value, dtype=nw.Int64), None)
        case float():
            return Number(None, nw.lit(value, dtype=nw.Float64))


def _bounded(value: nw.Expr) -> nw.Expr:
    """`value`, null where it is beyond ±2^53."""
    return nw.when((value >= -LARGEST_NUMBER) & (value <= LARGEST_NUMBER)).then(value)


def _chosen(unknown: nw.Expr, value: nw.Expr | None, otherwise: nw.Expr | None) -> nw.Expr | None:
    """`default` on one half of a number: the other's half, where there is no value at all."""
    if otherwise is None:
        return value
    second = nw.when(unknown).then(otherwise)
    return second if value is None else nw.coalesce(value, second)


def _counted(operator: str, left: Number, right: Number) -> Number:
    """Arithmetic as Python's: exact on integers, on doubles else; null beyond ±2^53 and where zero divides."""
    if operator == "/":
        divisor = right.as_real
        return Number(None, _bounded(left.as_real / nw.when(divisor != 0).then(divisor)))
    whole = None if left.whole is None or right.whole is None else _counted_whole(operator, left.whole, right.whole)
    halves = [half for half in (left.real, right.real) if half is not None]
    if not halves:
        return Number(whole, None)
    real = _bounded(_applied(operator, left.as_real, right.as_real))
    if whole is not None:
        real = nw.when(reduce(lambda a, b: a | b, [~half.is_null() for half in halves])).then(real)
    return Number(whole, real)


def _counted_whole(operator: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
    if operator == "*":
        # Products of doubles tell which ones fit into 64 bits at all; whether they are within ±2^53 is then exact.
        product = left.cast(nw.Float64) * right.cast(nw.Float64)
        left = nw.when((product >= -LARGEST_NUMBER) & (product <= LARGEST_NUMBER)).then(left)
    return _bounded(_applied(operator, left, right))


def _applied(operator: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case _:
            return left * right


def _elapsed(now: nw.Expr, moment: nw.Expr, unit: int) -> nw.Expr:
    """The time between in units, as Python divides: the double next to the exact quotient.

    Up to 2^53 microseconds (285 years) one division of doubles is that. Beyond, whole units are taken off first.
    """
    elapsed = now - moment
    quotient = elapsed.cast(nw.Float64) / unit
    units = quotient.cast(nw.Int64)
    split = units.cast(nw.Float64) + (elapsed - units * unit).cast(nw.Float64) / unit
    near = (elapsed >= -LARGEST_NUMBER) & (elapsed <= LARGEST_NUMBER)
    return nw.when(near).then(quotient).otherwise(split)


# -- frames


class Shape(StrEnum):
    """What a column of a frame holds, as far as a declared field cares."""

    BOOLEAN = "booleans"
    INTEGER = "integers"
    REAL = "decimals"
    TEXT = "texts"
    TIMESTAMP = "timestamps"
    NAIVE = "timestamps without a time zone"
    TEXTS = "lists of texts"
    STRUCT = "structs"
    NOTHING = "nothing but nulls"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Held:
    """What a column holds: its shape, the type as its engine calls it, and the fields of a struct."""

    shape: Shape
    shown: str
    fields: Mapping[str, Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path's values are: a column, or a field inside a struct column."""

    column: str
    inside: tuple[str, ...]
    held: Held

    def __str__(self) -> str:
        return ".".join((self.column, *self.inside))


def _engine_of(native: NativeFrame) -> Engine | None:
    """The engine of a lazy native frame; None where none is known."""
    match type(native).__module__.partition(".")[0]:
        case "polars":
            from sendable.polars_engine import PolarsEngine  # noqa: PLC0415 - only when such a frame is at hand

            return PolarsEngine()
        case "duckdb" | "_duckdb":
            from sendable.duckdb_engine import DuckDBEngine  # noqa: PLC0415

            return DuckDBEngine()
        case "pyspark":
            from sendable.spark_engine import SparkEngine  # noqa: PLC0415

            return SparkEngine()
        case _:
            return None


class Frame:
    """A native frame that was handed in: lazy inside, and handed out again as what it was."""

    def __init__(self, given: object) -> None:
        """Raises TypeError for what is no frame, or one of an engine that has not been tried."""
        wrapped = nw.from_native(given, pass_through=True)
        if not isinstance(wrapped, nw.DataFrame | nw.LazyFrame):
            raise TypeError(f"a frame is needed, and this is of the type {type(given).__name__}")
        self._eager = wrapped if isinstance(wrapped, nw.DataFrame) else None
        native: Any = wrapped.lazy().to_native() if self._eager is None else self._eager.to_polars().lazy()
        engine = _engine_of(native)
        if engine is None:
            raise TypeError(
                f"frames of {wrapped.implementation} are not supported as a whole: use Polars, DuckDB or PySpark, or "
                "decide its parts as Arrow tables"
            )
        self.native: NativeFrame = native
        self.engine = engine
        schema = nw.from_native(native).collect_schema()
        self.columns: Mapping[str, Held] = {name: _held(dtype) for name, dtype in schema.items()}

    def like_given(self, native: NativeFrame) -> Any:  # noqa: ANN401 - whatever came in
        """`native`, a lazy frame, as the kind of frame that was handed in."""
        if self._eager is None:
            return native
        collected = nw.from_native(native.collect(), eager_only=True)
        implementation = self._eager.implementation
        if implementation.is_pandas():
            return collected.to_pandas()
        if implementation.is_pyarrow():
            return collected.to_arrow()
        return collected.to_native()


_TEXTS: Final = (nw.String, nw.Categorical, nw.Enum, nw.Unknown)  # a list that is always empty is one of nothing


def _held(dtype: nw.dtypes.DType) -> Held:
    shown = str(dtype)
    match dtype:
        case nw.Boolean():
            shape = Shape.BOOLEAN
        case _ if dtype.is_integer():
            shape = Shape.INTEGER
        case _ if dtype.is_float():
            shape = Shape.REAL
        case nw.String() | nw.Categorical() | nw.Enum():
            shape = Shape.TEXT
        case nw.Datetime():
            shape = Shape.NAIVE if dtype.time_zone is None else Shape.TIMESTAMP
        case nw.List():
            inner = dtype.inner() if isinstance(dtype.inner, type) else dtype.inner
            shape = Shape.TEXTS if isinstance(inner, _TEXTS) else Shape.OTHER
        case nw.Struct():
            fields = {
                one.name: _held(one.dtype() if isinstance(one.dtype, type) else one.dtype) for one in dtype.fields
            }
            return Held(Shape.STRUCT, shown, fields)
        case nw.Unknown():
            shape = Shape.NOTHING
        case _:
            shape = Shape.OTHER
    return Held(shape, shown)


@dataclass(frozen=True, slots=True)
class Timing:
    """How Python tells when a row clears by itself, in a pack some of whose conditions depend on the time."""

    reasons: frozenset[str]
    """The ids of the reasons with such conditions."""
    paths: tuple[str, ...]
    """The paths of the columns that it depends on."""
    function: PerValue
    """When, as microseconds since 1970, by the time at which all other reasons have passed, and the paths' values."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The messages of reasons: those that are the same for every row, and how Python words the others."""

    texts: Mapping[tuple[str, str], str]
    """By the reason's id and the certainty."""
    paths: Mapping[str, frozenset[str]]
    """The paths of the columns that the message of a reason depends on; of all those that depend on any."""
    function: PerValue
    """The message by the reason's id, the certainty and the values of all `paths` in the order of their names."""


def decide(
    frame: Frame,
    pack: Pack,
    facts: Facts,
    places: Mapping[str, Place],
    keys: Sequence[str],
    timing: Timing | None = None,
    wording: Wording | None = None,
) -> NativeFrame:
    """The decisions for the rows of `frame`, as a lazy native frame.

    `places` has where the values of the paths are that differ from row to row, and whose types have been checked;
    `facts` are what is the same for all rows, `now` among them. There are messages where there is a `wording`.
    """
    table = Table(frame.native, frame.engine)
    sources, bad, names = _normalized(table, pack, facts, places, keys)
    expressions = Expressions(pack, facts, sources, table)
    truths = list(_truths(expressions, pack, facts, sources))
    table.flush()
    findings = [_finding(expressions, table, *one) for one in truths]
    table.flush()
    findings = [one.kept(table) for one in findings]
    table.flush()
    valid = ~_written(_or(bad.values()))
    moment = _clears_at(table, expressions, findings, valid, timing)
    decided = {**_decided(table, findings, bad), "clears_at": nw.when(valid).then(moment) if bad else moment}
    wanted = [nw.col(name).alias(key) for key, name in zip(keys, names, strict=True)]
    wanted += [decided[name].alias(name) for name in OUTPUTS]
    if wording is not None:
        wanted.append(_message(table, sources, decided, wording).alias(MESSAGE))
    result: NativeFrame = nw.from_native(table.native).select(*wanted).to_native()
    return result


def _normalized(
    table: Table, pack: Pack, facts: Facts, places: Mapping[str, Place], keys: Sequence[str]
) -> tuple[dict[str, Source], dict[str, nw.Expr], list[str]]:
    """The columns of the paths, where their values are bad, and the names under which the keys travel."""
    names = [table.fresh() for _ in keys]
    raw = {path: table.fresh() for path, place in places.items() if place.held.shape is not Shape.NOTHING}
    chosen = [nw.col(key).alias(name) for key, name in zip(keys, names, strict=True)]
    for path, name in raw.items():
        column = nw.col(places[path].column)
        for inner in places[path].inside:
            column = column.struct.field(inner)
        chosen.append(column.alias(name))
    table.native = nw.from_native(table.native).select(*chosen).to_native()
    sources: dict[str, Source] = {}
    bad: dict[str, nw.Expr] = {}
    for path, declared in pack.fields.items():
        if path in raw:
            sources[path], faults = _source(table, declared, raw[path], places[path].held)
            if declared.required:
                faults.append(nw.col(raw[path]).is_null())
            if faults:
                known = [nw.coalesce(fault, nw.lit(value=False)) for fault in faults]
                bad[path] = reduce(lambda left, right: left | right, known)
    table.flush()
    if "now" in sources:
        filled = nw.coalesce(sources["now"].expression, nw.lit(microseconds(facts["now"]), dtype=nw.Int64))
        sources["now"] = Source(table.with_column(filled), Kind.TIMESTAMP)
    if bad:
        flags = {path: table.with_column(one) for path, one in bad.items()}
        bad = {path: nw.col(name) for path, name in flags.items()}
    table.flush()
    return sources, bad, names


def _source(table: Table, declared: Field, name: str, held: Held) -> tuple[Source, list[nw.Expr]]:
    """The normalized column of a path, and expressions that are true where a value is not allowed."""
    kind, column, faults = declared.type.kind, nw.col(name), []
    match kind:
        case Kind.STRING:
            if held.shown != "String":
                column = nw.col(name := table.with_column(column.cast(nw.String)))
            if declared.type.enum is not None:
                faults.append(~_among(column, declared.type.enum))
        case Kind.INTEGER | Kind.NUMBER:
            whole = kind is Kind.INTEGER or held.shape is Shape.INTEGER
            if held.shown == "Int64":
                faults.append((column < -LARGEST_NUMBER) | (column > LARGEST_NUMBER))
            else:
                if held.shape is Shape.REAL:
                    column = column.cast(nw.Float64)
                if held.shown not in ("Int8", "Int16", "Int32"):
                    bounded = _bounded(column)
                    if whole and held.shape is Shape.REAL:
                        faults.append(bounded.cast(nw.Int64).cast(nw.Float64) != bounded)
                    faults.append(~column.is_null() & bounded.is_null())
                    column = bounded
                if whole:
                    column = column.cast(nw.Int64)
                column = nw.col(name := table.with_column(column))
            if declared.type.minimum is not None:
                faults.append(column < declared.type.minimum)
            if declared.type.maximum is not None:
                faults.append(column > declared.type.maximum)
            return Source(name, kind, whole), faults
        case Kind.TIMESTAMP if held.shape is Shape.TEXT:
            parsed = table.with_derived((parsed_microseconds, name), parsed_microseconds, [name], kind=int)
            faults.append(~column.is_null() & nw.col(parsed).is_null())
            name = parsed
        case Kind.TIMESTAMP:
            name = table.with_operation(Operation.MICROSECONDS, name)
        case Kind.STRING_LIST:
            if held.shown != "List(String)":
                name = table.with_column(column.cast(nw.List(nw.String)))
            faults.append(nw.col(table.with_operation(Operation.HAS_NULL, name)))
        case Kind.BOOLEAN:
            pass
    return Source(name, kind), faults


def microseconds(moment: Value) -> int:
    """A timestamp as columns hold it: microseconds since 1970."""
    if not isinstance(moment, datetime):
        raise TypeError("no timestamp")
    return (moment - _EPOCH) // _MICROSECOND


def timestamp(value: int) -> datetime:
    """The opposite of `microseconds`."""
    return _EPOCH + value * _MICROSECOND


def parsed_microseconds(text: str | None) -> int | None:
    """The timestamp that `text` names as microseconds since 1970, None where it names none."""
    try:
        return None if text is None else microseconds(parse_timestamp(text))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Finding:
    """A reason that some rows may find: where it is matched, where undetermined, and for lack of what."""

    reason: Reason
    matched: bool | nw.Expr
    undetermined: bool | nw.Expr
    missing: Mapping[str, bool | nw.Expr]
    clears_at: nw.Expr | None

    def kept(self, table: Table) -> _Finding:
        """The same, with columns of `table` for what is read several times; they are there after `flush`."""
        matched, undetermined = _kept(table, self.matched), _kept(table, self.undetermined)
        return replace(self, matched=matched, undetermined=undetermined)


def _truths(
    expressions: Expressions, pack: Pack, facts: Facts, sources: Mapping[str, Source]
) -> Iterator[tuple[Reason, Truth, dict[str, bool | nw.Expr]]]:
    """The enforced reasons that can have a finding in some row, in the order of the priorities.

    Each with whether it applies and, where it suppresses when that is unknown, what can be missing.
    """
    for reason in pack.reasons:
        if reason.mode is not Mode.ENFORCE:
            continue
        node = reason.when.node
        if "email.channel" in sources:
            channels = ListLiteral(tuple(Constant(one.value) for one in Channel if one in reason.channels))
            node = And((Membership(Path("email.channel"), channels, negated=False), node))
        elif str(facts["email.channel"]) not in {one.value for one in reason.channels}:
            continue
        truth = expressions.truth(node)
        suppresses = reason.on_unknown is OnUnknown.SUPPRESS
        if truth is True or isinstance(truth, nw.Expr) or (isinstance(truth, Unknown) and suppresses):
            yield reason, truth, expressions.missing(node) if suppresses else {}


def _finding(
    expressions: Expressions, table: Table, reason: Reason, truth: Truth, missing: dict[str, bool | nw.Expr]
) -> _Finding:
    clears_at = None if reason.clears_at is None else expressions.timestamp(reason.clears_at.node)
    if not isinstance(truth, nw.Expr):
        return _Finding(reason, truth is True, isinstance(truth, Unknown), missing, clears_at)
    column = nw.col(table.with_column(truth))
    unknown = column.is_null() if reason.on_unknown is OnUnknown.SUPPRESS else False
    return _Finding(reason, nw.coalesce(column, nw.lit(value=False)), unknown, missing, clears_at)


def _decided(table: Table, findings: Sequence[_Finding], bad: Mapping[str, nw.Expr]) -> dict[str, nw.Expr]:
    """The columns of the decisions, but for `clears_at`."""
    missing: dict[str, list[bool | nw.Expr]] = {}
    for one in findings:
        for path, held in one.missing.items():
            missing.setdefault(path, []).append(_and([one.undetermined, held]))
    parts = _Parts(
        matched=[(one.reason.id, one.matched) for one in findings if one.matched is not False],
        undetermined=[(one.reason.id, one.undetermined) for one in findings if one.undetermined is not False],
        missing=[(path, _or(missing[path])) for path in sorted(missing)],
        invalid=list(bad.items()),
    )
    decode = table.engine.decode
    return _spelled(table, parts) if decode is None else _decoded(table, parts, decode)


def _clears_at(
    table: Table, expressions: Expressions, findings: Sequence[_Finding], valid: nw.Expr, timing: Timing | None
) -> nw.Expr:
    """When a row that is valid becomes sendable by itself; null where that never comes, and where it is now."""
    never = nw.lit(None, dtype=nw.Int64)
    now = expressions.timestamp(Path("now"))
    lasting: list[bool | nw.Expr] = []
    passing: list[nw.Expr] = []
    for one in findings:
        if timing is not None and one.reason.id in timing.reasons:
            continue
        lasting.append(one.undetermined)
        if one.clears_at is None or one.matched is False:
            lasting.append(one.matched)
        else:
            promise = nw.when(_written(one.matched) & (one.clears_at > now)).then(one.clears_at)
            passing.append(promise)
            lasting.append(_and([one.matched, promise.is_null()]))
    if timing is None and not passing:
        return nw.col(table.with_operation(Operation.TIMESTAMP, table.added(never)))
    others = nw.max_horizontal(*passing) if len(passing) > 1 else passing[0] if passing else never
    if timing is None:
        moment = table.added(nw.when(~_written(_or(lasting))).then(others))
    else:
        found = _or([*(one.matched for one in findings), *(one.undetermined for one in findings)])
        needed = table.added(_written(found) & ~_written(_or(lasting)) & valid)
        columns = [table.added(others), *(expressions.source(path).name for path in timing.paths)]
        moment = table.with_derived(timing.function, timing.function, columns, needed, int)
    table.flush()
    return nw.col(table.with_operation(Operation.TIMESTAMP, moment))


def _message(table: Table, sources: Mapping[str, Source], decided: Mapping[str, nw.Expr], wording: Wording) -> nw.Expr:
    """The message of the primary reason, null where there is none."""
    reason, certainty = (table.with_column(decided[name]) for name in ("reason", "certainty"))
    table.flush()
    choices = [
        ((nw.col(reason) == one) & (nw.col(certainty) == kind), nw.lit(text))
        for (one, kind), text in wording.texts.items()
    ]
    if wording.paths:
        columns = [reason, certainty]
        for path in sorted(frozenset().union(*wording.paths.values())):
            # Of what a row's message does not depend on, nothing is handed over: so there are fewer distinct ones.
            readers = [one for one, paths in wording.paths.items() if path in paths]
            reads = _among(nw.col(reason), readers)
            columns.append(table.with_column(nw.when(reads).then(sources[path].expression)))
        needed = table.with_column(_among(nw.col(reason), wording.paths))
        table.flush()
        worded = table.with_derived(wording.function, wording.function, columns, needed, str)
        choices.append((nw.col(needed), nw.col(worded)))
    table.flush()
    return _first(choices, nw.String)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What decisions are made of: names, each with where it holds. Reasons are in the order of their priorities."""

    matched: list[tuple[str, bool | nw.Expr]]
    undetermined: list[tuple[str, bool | nw.Expr]]
    missing: list[tuple[str, bool | nw.Expr]]
    invalid: list[tuple[str, bool | nw.Expr]]


def _spelled(table: Table, parts: _Parts) -> dict[str, nw.Expr]:
    """The columns of the decisions, spelled out in expressions."""
    ordered = [*parts.matched, *parts.undetermined]
    # What most rows have nothing of is asked of the others only: engines leave out what a condition rules out.
    matched, undetermined, invalid = (
        _kept(table, _or(held for _, held in listed)) for listed in (parts.matched, parts.undetermined, parts.invalid)
    )
    table.flush()
    found, bad = _written(_or([matched, undetermined])), _written(invalid)

    def of_valid(column: nw.Expr) -> nw.Expr:
        return nw.when(~bad).then(column) if parts.invalid else column

    def joined(listed: Sequence[tuple[str, bool | nw.Expr]], guard: nw.Expr) -> nw.Expr:
        return nw.when(guard).then(_listed(listed)).otherwise(nw.lit(""))

    texts = (
        of_valid(joined(ordered, found)),
        of_valid(joined(parts.missing, _written(undetermined))),
        joined(parts.invalid, bad),
    )
    names = [table.with_column(text) for text in texts]
    table.flush()
    reasons, missing, invalid_paths = (nw.col(table.with_operation(Operation.SPLIT, name)) for name in names)
    table.flush()
    primary = _first([(held, nw.lit(name)) for name, held in ordered], nw.String)
    certainty = _first([(matched, nw.lit("matched")), (undetermined, nw.lit("undetermined"))], nw.String)
    return {
        "sendable": of_valid(~found),
        "reason": of_valid(nw.when(found).then(primary)),
        "reasons": reasons,
        "certainty": of_valid(certainty),
        "missing": missing,
        "invalid": invalid_paths,
    }


def _kept(table: Table, truth: bool | nw.Expr) -> bool | nw.Expr:
    """`truth` as a column of its own, which is there after the next `flush`."""
    return truth if isinstance(truth, bool) else nw.col(table.with_column(truth))


def _decoded(table: Table, parts: _Parts, decode: Decoding) -> dict[str, nw.Expr]:
    """The columns of the decisions by way of flags: one for each part, and a look-up for each distinct row of them.

    An audience of millions has some hundreds of distinct decisions, so this is many times faster than text by text.
    """
    flags: list[nw.Expr] = []
    layout: list[list[tuple[str, int | None]]] = []
    for listed in (parts.matched, parts.undetermined, parts.missing, parts.invalid):
        placed: list[tuple[str, int | None]] = []
        for name, held in listed:
            if isinstance(held, nw.Expr):
                placed.append((name, len(flags)))
                flags.append(held)
            elif held:
                placed.append((name, None))  # in every row
        layout.append(placed)
    columns = [table.with_column(flag) for flag in flags]
    table.flush()
    decoded = table.fresh()
    table.native = decode(table.native, decoded, columns, Decoder(layout))
    return {name: nw.col(decoded).struct.field(name) for name in OUTPUTS if name != "clears_at"}


class Decoder:
    """The decision that flags stand for. `layout` has matched, undetermined, missing and invalid names by place."""

    def __init__(self, layout: Sequence[Sequence[tuple[str, int | None]]]) -> None:
        self._layout = layout

    def __call__(self, *flags: bool) -> dict[str, object]:
        """The columns of the decision."""
        matched, undetermined, missing, invalid = (
            [name for name, place in listed if place is None or flags[place]] for listed in self._layout
        )
        if invalid:
            return {"invalid": invalid}
        reasons = matched + undetermined
        return {
            "sendable": not reasons,
            "reason": reasons[0] if reasons else None,
            "reasons": reasons,
            "certainty": "matched" if matched else "undetermined" if undetermined else None,
            "missing": missing,
            "invalid": [],
        }


def _first(choices: Iterable[tuple[bool | nw.Expr, nw.Expr]], dtype: type[nw.String | nw.Int64]) -> nw.Expr:
    """The value of the first choice whose condition holds, null where none does."""
    result: nw.Expr = nw.lit(None, dtype=dtype)
    for held, value in reversed(list(choices)):
        if held is True:
            result = value
        elif held is not False:
            result = nw.when(held).then(value).otherwise(result)
    return result


def _listed(parts: Sequence[tuple[str, bool | nw.Expr]]) -> nw.Expr:
    """The names of what holds, joined by commas; the empty text where nothing does."""
    texts = [nw.when(_written(held)).then(nw.lit(name)) for name, held in parts if held is not False]
    return nw.concat_str(*texts, separator=",", ignore_nulls=True) if texts else nw.lit("")
