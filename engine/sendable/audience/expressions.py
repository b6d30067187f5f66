"""Nodes to Narwhals: conditions and values as expressions over the columns of a table.

A condition becomes one nullable boolean expression: true, false, or null where it is unknown. `&`, `|` and `~` of every
engine are Kleene's on these; whatever else differs between engines at the edges is written out here (division by zero,
results beyond ±2^53, integers that would overflow, empty lists). What does not depend on a column is evaluated by the
reference interpreter while the expression is built, and only its result is in the expression.

Columns travel under names of our own making, normalized: a timestamp is an integer, the microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import narwhals as nw

from sendable.audience import logic, numbers
from sendable.audience.engines.operations import Operation, Part, TextTest
from sendable.audience.rows import (
    PerBase,
    PerDigest,
    PerLack,
    PerMoment,
    PerNumber,
    PerRow,
    PerText,
    RowFacts,
    microseconds,
)
from sendable.audience.sizes import Sizes
from sendable.audience.table import Source, Table
from sendable.decide.facts import Facts
from sendable.language.choices import Parameters, varying, walk_read
from sendable.language.functions import FIRST_MOMENT, FUNCTIONS, MICROSECONDS, ParameterKind, Special
from sendable.language.interpreter import Interpreter, Unknown
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
)
from sendable.language.types import Kind, Value
from sendable.pack.model import Pack

_IN_COLUMNS: Final = frozenset(
    {
        "add_hours",
        "contains",
        "count",
        "days_since",
        "default",
        "ends_with",
        "hours_since",
        "known",
        "overlaps",
        "starts_with",
    }
)
"""Functions that engines compute. All others are asked of Python, for each distinct row of what they read: the meaning
of most is Python's own Unicode, and no engine's is the same beyond ASCII."""
_PARTS: Final = {"lower": Part.WHOLE, "domain": Part.DOMAIN, "local_part": Part.LOCAL_PART}


class Expressions:
    """Writes expressions over the columns of `table`. `facts` are what is the same for every row."""

    def __init__(self, pack: Pack, facts: Facts, sources: Mapping[str, Source], table: Table) -> None:
        self._pack = pack
        self._facts = facts
        self._sources = sources
        self._table = table
        self._interpreter = Interpreter(pack.parameters, pack.lists)
        self._sizes = Sizes(lambda node: not self.paths(node), self.kind, pack.parameters)

    def source(self, path: str) -> Source:
        """The column of a path that has one."""
        return self._sources[path]

    # -- what does not depend on a column

    def paths(self, node: Node) -> frozenset[str]:
        """The paths that `node` reads from columns."""
        return frozenset(path for path in paths_read(node, self._pack.parameters) if path in self._sources)

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
            case Call("lookup", (_, ListReference(table))):
                kind = self._pack.lists[table].kind
                return Kind.NUMBER if kind is Kind.INTEGER else kind
            case Call(function, arguments):
                result = FUNCTIONS[function].result
                if result is None:
                    return self.kind(arguments[0])
                return Kind.NUMBER if result is Kind.INTEGER else result

    # -- conditions

    def truth(self, node: Node) -> logic.Truth:  # noqa: C901 - one match over the node classes
        """`node`, a boolean: true, false, or unknown, which is null."""
        fixed = self.constant(node)
        if isinstance(fixed, bool | Unknown):
            return fixed
        match node:
            case Path(name):
                return self._sources[name].expression
            case Parameter(name):
                return self._held(name, lambda value: value is True, nw.Boolean)
            case Not(operand):
                return logic.negated(self.truth(operand))
            case And(operands):
                return logic.joined(map(self.truth, operands), decisive=False)
            case Or(operands):
                return logic.joined(map(self.truth, operands), decisive=True)
            case Call("known", (Path(name),)):
                return ~self._sources[name].expression.is_null()
            case Call("default", (value, otherwise)):
                return nw.coalesce(logic.written(self.truth(value)), logic.written(self.truth(otherwise)))
            case Comparison(operands) if self.kind(operands[0]) is Kind.BOOLEAN:
                return self._comparison(node)
            case _ if self._is_judged(node):
                return self._judged(node)
            case Comparison():
                return self._comparison(node)
            case Membership():
                inside = self._membership(node)
                return logic.negated(inside) if node.negated else inside
            case Call("starts_with" | "ends_with" | "contains" as function, (text, part)):
                return self._substring_test(function, text, part)
            case Call("overlaps", (left, right)):
                return self._overlap(left, right)
            case _:
                raise AssertionError(f"no condition: {node}")

    def _is_judged(self, node: Node) -> bool:
        """Whether `node` asks Python about a column: by a function that engines lack, or a list."""
        if isinstance(node, Call) and node.function not in _IN_COLUMNS and self.paths(node):
            return True
        if isinstance(node, Membership) and self.paths(node.container) and varying(node.item, self._pack.parameters):
            return True  # what is looked for in lists is a column, made before those that cases hang on
        if isinstance(node, Membership | Call) and self.paths(node):
            named = [self._pack.lists[one.name] for one in children(node) if isinstance(one, ListReference)]
            if any(one.entries for one in named):
                return True
        return any(map(self._is_judged, children(node)))

    def _judged(self, node: Node) -> logic.Truth:
        """A condition that is judged: by a test, where engines have one for it, and else in Python."""
        paths = sorted(self.paths(node))
        names = [self._sources[path].name for path in paths]
        match node:
            case Membership(item, container, negated=True):
                return logic.negated(self._judged(Membership(item, container, negated=False)))
            case Membership(_, ListReference(name)) if not self._pack.lists[name].entries:
                return False  # nothing is in an empty list, not even what is unknown
            case Membership(_, ListReference(name)) if self._pack.lists[name].hashed:
                known = PerDigest(self._pack.lists[name].entries)
                return nw.col(self._table.with_derived((PerDigest, name, names[0]), known, names))
            case Membership(Call("base_address", (Path(),)), ListReference(name)):
                among = PerBase(self._pack.lists[name].entries)
                return nw.col(self._table.with_derived((PerBase, name, names[0]), among, names))
            case Comparison((left, right), ("!=",)):
                return logic.negated(self._judged(Comparison((left, right), ("==",))))
            case _:
                pass
        test = self._text_test(node) if len(paths) == 1 else None
        if test is not None:
            return nw.col(self._table.with_test(test, names[0], PerText(test)))
        return self._asked(node, PerRow)

    def _asked(self, node: Node, way: type[PerRow], kind: type = bool) -> nw.Expr:
        """What Python makes of `node` for each distinct row of what it reads."""
        paths = sorted(self.paths(node))
        names = [self._sources[path].name for path in paths]
        facts = RowFacts(self._facts, [self._pack.fields[path] for path in paths])
        return nw.col(
            self._table.with_derived((node, way), way(self._interpreter.prepare(node), facts), names, None, kind)
        )

    def _text_test(self, node: Node) -> TextTest | None:
        """The test that `node` is of the one path it reads; None where it is none."""
        match node:
            case Call("valid_address", (Path(),)):
                return TextTest(None)
            case Membership(item, ListReference(name)) if (part := self._part(item, whole=True)) is not None:
                return TextTest(part, self._pack.lists[name].entries)
            case Call("in_domains", (domain, ListReference(name))):
                part, among = self._part(domain, whole=True), self._pack.lists[name].entries
                among = among - {""} if "" in among else among
                return None if part is None else TextTest(part, among, parents=True)
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

    def _comparison(self, node: Comparison) -> logic.Truth:
        pairs = zip(node.operands, node.operators, node.operands[1:], strict=False)
        return logic.joined((self._pair(left, operator, right) for left, operator, right in pairs), decisive=False)

    def _pair(self, left: Node, operator: str, right: Node) -> logic.Truth:
        fixed = self.constant(pair := Comparison((left, right), (operator,)))  # type: ignore[arg-type]
        if isinstance(fixed, bool | Unknown):
            return fixed
        if any(isinstance(self.constant(side), Unknown) for side in pair.operands):
            return logic.UNKNOWN
        match self.kind(left):
            case Kind.BOOLEAN:
                return logic.compared(logic.written(self.truth(left)), operator, logic.written(self.truth(right)))
            case Kind.STRING:
                return logic.compared(self.text(left), operator, self.text(right))
            case Kind.TIMESTAMP:
                return logic.compared(self.timestamp(left), operator, self.timestamp(right))
            case _:
                return numbers.compared(self.number(left), operator, self.number(right))

    def _membership(self, node: Membership) -> logic.Truth:
        """Whether the item is in the container, whatever `not` the node has."""
        entries = self.constant(node.container) if not isinstance(node.container, ListReference) else ()
        item = self.constant(node.item)
        if isinstance(entries, tuple):
            if not entries:
                return False  # nothing is in an empty list, not even what is unknown
            if self.kind(node.item) is Kind.STRING:
                return logic.among(self.text(node.item), entries)
            number = self.number(node.item)
            equal = [numbers.compared(number, "==", numbers.number_of(one)) for one in entries]
            return logic.joined(equal, decisive=True)
        if isinstance(entries, Unknown):
            return logic.UNKNOWN
        container = self._list(node.container)
        if isinstance(item, str):
            return container.expression.list.contains(item)
        empty = container.expression.list.len() == 0
        if isinstance(item, Unknown):
            return nw.when(empty).then(nw.lit(value=False)).otherwise(logic.UNKNOWN)
        name = self._table.with_column(self.text(node.item))
        found = nw.col(self._table.with_operation(Operation.CONTAINS, container.name, name))
        return nw.when(empty).then(nw.lit(value=False)).otherwise(nw.when(~nw.col(name).is_null()).then(found))

    def _list(self, node: Node) -> Source:
        if not isinstance(node, Path):
            raise TypeError("a list that depends on the row is a path")
        return self._sources[node.name]

    def _overlap(self, left: Node, right: Node) -> logic.Truth:
        fixed = [self.constant(left), self.constant(right)]
        if any(isinstance(one, Unknown) for one in fixed):
            return logic.UNKNOWN
        if fixed[0] is None and fixed[1] is None:
            return nw.col(self._table.with_operation(Operation.OVERLAPS, self._list(left).name, self._list(right).name))
        values, column = (fixed[0], self._list(right)) if fixed[0] is not None else (fixed[1], self._list(left))
        listed = column.expression
        nowhere: logic.Truth = nw.when(~listed.is_null()).then(nw.lit(value=False)).otherwise(logic.UNKNOWN)
        if not isinstance(values, tuple):
            return nowhere  # an empty list of the pack: those with entries are compared in Python
        return logic.joined([nowhere, *(listed.list.contains(one) for one in dict.fromkeys(values))], decisive=True)

    def _substring_test(self, function: str, text: Node, part: Node) -> logic.Truth:
        if any(isinstance(self.constant(side), Unknown) for side in (text, part)):
            return logic.UNKNOWN
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
            case Parameter(name):
                return self._held(name, lambda value: value if isinstance(value, str) else None, nw.String)
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
        if isinstance(fixed, Unknown):
            return nw.lit(None, dtype=nw.Int64)
        found = self._timestamp(node)
        return self._column(node, "time", found) if self._sizes.is_column(node) else found

    def _timestamp(self, node: Node) -> nw.Expr:
        match node:
            case Path(name):
                return self._sources[name].expression
            case Parameter(name):
                return self._held(name, microseconds, nw.Int64)
            case Call("default", (value, otherwise)):
                return nw.coalesce(self.timestamp(value), self.timestamp(otherwise))
            case Call("add_hours" | "next_local") if self._is_judged(node):
                return self._asked(node, PerMoment, int)
            case Call("add_hours", (moment, hours)):
                return numbers.later(self.timestamp(moment), self.number(hours))
            case _:
                raise AssertionError(f"no timestamp: {node}")

    def number(self, node: Node) -> numbers.Number:
        """`node`, a number, null where it is unknown."""
        fixed = self.constant(node)
        if isinstance(fixed, Unknown):
            return numbers.Number(None, nw.lit(None, dtype=nw.Float64))
        if fixed is not None:
            return numbers.number_of(fixed)
        found = self._number(node)
        if not self._sizes.is_column(node):
            return found
        whole, real = found.whole, found.real
        return numbers.Number(
            None if whole is None else self._column(node, "whole", whole),
            None if real is None else self._column(node, "real", real),
        )

    def _column(self, node: Node, what: str, expression: nw.Expr) -> nw.Expr:
        """The expression for `node` as a column of its own, so that it is computed once and written out once."""
        layer = self._sizes.layer(node) + (what == "unknown")  # after what the condition itself reads
        return nw.col(self._table.with_column_once((node, what), expression, layer))

    def _number(self, node: Node) -> numbers.Number:
        """`node`, a number that depends on the row, as it is written out."""
        match node:
            case Path(name):
                source = self._sources[name]
                return (
                    numbers.Number(source.expression, None) if source.whole else numbers.Number(None, source.expression)
                )
            case Parameter(name):
                return self._number_held(name)
            case Arithmetic(operator, left, right):
                return numbers.counted(operator, self._operand(left), self._operand(right))
            case Negative(operand):
                value = self._operand(operand)
                return numbers.Number(
                    None if value.whole is None else -value.whole, None if value.real is None else -value.real
                )
            case Call("default", (first, second)):
                value, otherwise = self.number(first), self.number(second)
                return numbers.Number(
                    numbers.chosen(value.unknown, value.whole, otherwise.whole),
                    numbers.chosen(value.unknown, value.real, otherwise.real),
                )
            case Call("local_hour" | "local_weekday"):
                return numbers.Number(self._asked(node, PerNumber, int), None)
            case Call("count", (listed,)):
                return numbers.Number(self._list(listed).expression.list.len().cast(nw.Int64), None)
            case Call("hours_since" | "days_since" as function, (moment,)):
                return numbers.Number(
                    None, numbers.elapsed(self.timestamp(Path("now")), self.timestamp(moment), MICROSECONDS[function])
                )
            case _:
                raise AssertionError(f"no number: {node}")

    def _held(self, parameter: str, as_held: Callable[[Value], bool | int | float | str | None], dtype: Any) -> nw.Expr:  # noqa: ANN401 - a data type of Narwhals
        """The value of a parameter whose cases hang on the row, each as a column of the type holds it."""
        declared = self._pack.parameters[parameter]
        value: nw.Expr = nw.lit(as_held(declared.value), dtype=dtype)
        for case in reversed(declared.cases):
            # An unknown case does not hold.
            holds = nw.coalesce(logic.written(self.truth(case.condition)), nw.lit(value=False))
            value = nw.when(holds).then(nw.lit(as_held(case.value), dtype=dtype)).otherwise(value)
        return value

    def _number_held(self, parameter: str) -> numbers.Number:
        """The same for a number: a case may be whole, and another not."""
        values = self._pack.parameters[parameter].values
        whole = self._held(parameter, lambda one: one if isinstance(one, int) else None, nw.Int64)
        real = self._held(parameter, lambda one: one if isinstance(one, float) else None, nw.Float64)
        return numbers.Number(
            whole if any(isinstance(one, int) for one in values) else None,
            real if any(isinstance(one, float) for one in values) else None,
        )

    def _operand(self, node: Node) -> numbers.Number:
        """`node`, a number to count with. Within ±2^53, so that no engine overflows on a row that is invalid."""
        value = self.number(node)
        if value.whole is None or isinstance(node, Arithmetic | Negative) or not self.paths(node):
            return value
        return numbers.Number(numbers.bounded(value.whole), value.real)

    # -- what is missing

    def unknown(self, node: Node) -> bool | nw.Expr:  # noqa: C901 - one match over the node classes
        """Whether `node` is unknown: never null."""
        fixed = self.constant(node) if not isinstance(node, ListReference) else ()
        if fixed is not None:
            return isinstance(fixed, Unknown)
        match node:
            case Path(name):
                return self._sources[name].expression.is_null()
            case Arithmetic() | Negative() | Call("add_hours") if self._is_judged(node):
                return self._asked(node, PerLack)
            case Arithmetic() | Negative():
                return self.number(node).unknown
            case Call("add_hours"):
                return self.timestamp(node).is_null()
            case Call("default", (value, otherwise)):
                return logic.all_of([self.unknown(value), self.unknown(otherwise)])
            case Call("lookup", (key, table)):
                found = self.truth(Membership(key, table, negated=False))
                return found is not True if not isinstance(found, nw.Expr) else ~nw.coalesce(found, nw.lit(value=False))
            case Parameter() | Call("known"):
                return False
            case Call(function) if FUNCTIONS[function].named:
                return self._asked(node, PerLack)
            case Call() if self.kind(node) is not Kind.BOOLEAN:
                return logic.any_of([self.unknown(argument) for argument in node.arguments])
            case _:
                truth = self.truth(node)
                return truth.is_null() if isinstance(truth, nw.Expr) else isinstance(truth, Unknown)

    def missing_where_unknown(self, node: Node) -> dict[str, bool | nw.Expr]:
        """What `missing` says in rows in which `node` is unknown; in others it may say anything."""
        found = self._missing_below(node) if _may_do_without(node) else self.missing(node)
        # Where one path alone can be to blame, it is, and nobody has to look at it.
        return dict.fromkeys(found, True) if len(found) == 1 and _known_with_data(node) else found

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
            case _ if _may_do_without(node):
                found = self._missing_below(node)
                return _where(self._guard(node) if found else False, found)
            case _:
                return self._missing_below(node)

    def _guard(self, node: Node) -> bool | nw.Expr:
        """`unknown` for each path that may be to blame: where it is long, it is a column of its own."""
        unknown = self.unknown(node)
        if isinstance(unknown, bool) or not self._sizes.is_condition_column(node):
            return unknown
        return self._column(node, "unknown", unknown)

    def _missing_below(self, node: Node) -> dict[str, bool | nw.Expr]:
        if isinstance(node, Call) and FUNCTIONS[node.function].named:
            kinds = [kind for _, kind in FUNCTIONS[node.function].parameters]
            return _either(map(self._missing_argument, kinds, node.arguments))
        return _either(map(self.missing, children(node)))

    def _missing_argument(self, kind: ParameterKind, node: Node) -> dict[str, bool | nw.Expr]:
        """What is missing of an argument, which may be the name of something, and name nothing."""
        match kind:
            case Special.ZONE:
                probe = Call("local_hour", (Constant(FIRST_MOMENT.replace(year=2000)), node))
            case Special.CLOCK:
                probe = Call("next_local", (node, Constant(FIRST_MOMENT.replace(year=2000)), Constant("UTC")))
            case _:
                return self.missing(node)
        fixed = self.constant(probe)
        if fixed is not None:
            return dict.fromkeys(fixed.missing, True) if isinstance(fixed, Unknown) else {}
        nameless = logic.all_of([_contrary(self.unknown(node)), self.unknown(probe)])
        return _either([self.missing(node), _where(nameless, self._told_by(node))])

    def _told_by(self, node: Node) -> dict[str, bool | nw.Expr]:
        """The paths that the value of `node`, a text that has one, is of, each with whether it is: never null."""
        match node:
            case Path(name):
                return {name: True}
            case Call("default", (value, otherwise)):
                unknown = self.unknown(value)
                here = _where(_contrary(unknown), self._told_by(value))
                return _either([here, self.missing(value), _where(unknown, self._told_by(otherwise))])
            case Call(_, arguments):
                return _either(map(self._told_by, arguments))
            case _:
                return {}


def _where(guard: bool | nw.Expr, found: Mapping[str, bool | nw.Expr]) -> dict[str, bool | nw.Expr]:
    """Paths, each with whether it has what it has, and the guard holds."""
    return {path: held for path, one in found.items() if (held := logic.all_of([guard, one])) is not False}


def _contrary(truth: bool | nw.Expr) -> bool | nw.Expr:
    return not truth if isinstance(truth, bool) else ~truth


def _either(found: Iterable[Mapping[str, bool | nw.Expr]]) -> dict[str, bool | nw.Expr]:
    """Paths, each with whether any of them has it."""
    several: dict[str, list[bool | nw.Expr]] = {}
    for one in found:
        for path, held in one.items():
            several.setdefault(path, []).append(held)
    return {path: logic.any_of(held) for path, held in several.items()}


def _may_do_without(node: Node) -> bool:
    """Whether `node` can be known though a part of it is unknown: what others decide contributes nothing."""
    match node:
        case And() | Or() | Comparison() | Membership() | Call("default"):
            return True
        case _:
            return False


def _known_with_data(node: Node) -> bool:
    """Whether nothing but the lack of a path's data can leave `node` unknown."""
    match node:
        case Arithmetic() | Negative():
            return False
        case Call(function) if FUNCTIONS[function].may_fail:
            return False
        case _:
            return all(map(_known_with_data, children(node)))


def paths_read(node: Node, parameters: Parameters) -> Iterator[str]:
    """The paths that evaluating `node` reads, `now` among them where a function does."""
    for one in walk_read(node, parameters):
        if isinstance(one, Path):
            yield one.name
        if isinstance(one, Call) and FUNCTIONS[one.function].needs_now:
            yield "now"


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
