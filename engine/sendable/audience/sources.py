"""The columns of an audience as the fields of a context: each in its one form, and where a value is not allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import reduce
from operator import or_
from typing import Final

import narwhals as nw

from sendable.audience import logic, numbers
from sendable.audience.engines.operations import Operation
from sendable.audience.expressions import paths_read
from sendable.audience.frame import MOMENTS, Frame, Held, Place, Shape
from sendable.audience.rows import ClockTime, ParsedTimestamp, PerItem, PerSpelling, microseconds
from sendable.audience.table import Source, Table
from sendable.audience.texts import ReadColumn, read_columns
from sendable.decide.facts import Facts
from sendable.language.nodes import Parameter
from sendable.language.types import LARGEST_NUMBER, Field, Kind, Spelling
from sendable.pack.model import Pack


@dataclass(frozen=True, slots=True)
class Audience:
    """A frame whose columns fit the pack, and what is the same for all its rows."""

    frame: Frame
    pack: Pack
    facts: Facts
    """What is the same for all rows, `now` among them."""
    places: Mapping[str, Place]
    """Where the values of the paths are that differ from row to row, and whose types have been checked."""
    texts: bool
    """Whether columns of texts may stand for values of any type."""
    zone: tzinfo | None
    """That of times without an offset."""


@dataclass(frozen=True, slots=True)
class Normalized:
    """What the columns of a frame were made of."""

    sources: dict[str, Source]
    """The columns of the paths."""
    bad: dict[str, nw.Expr]
    """Where a path's values are not allowed."""
    names: list[str]
    """The names under which the keys travel."""
    given: dict[str, str]
    """The columns of the paths as they were given."""


def normalized(table: Table, audience: Audience, keys: Sequence[str] = ()) -> Normalized:
    """Adds to the table what all else is made of."""
    pack = audience.pack
    names = [table.fresh() for _ in keys]
    given = _given(table, audience.places, dict(zip(names, keys, strict=True)))
    sources, bad = _checked(table, audience, _read(table, audience, given))
    table.flush()
    for path, source in _spelled_sources(table, pack, sources).items():
        sources[path] = source
        if pack.fields[path].required:
            table.flush()
            bad[path] = bad[path] | source.expression.is_null()
    bad = _measured(table, pack, sources, bad)
    if "now" in sources:
        filled = nw.coalesce(sources["now"].expression, nw.lit(microseconds(audience.facts["now"]), dtype=nw.Int64))
        sources["now"] = Source(table.with_column(filled), Kind.TIMESTAMP)
    if bad:
        flags = {path: table.with_column(one) for path, one in bad.items()}
        bad = {path: nw.col(name) for path, name in flags.items()}
    table.flush()
    return Normalized(sources, bad, names, {path: one.name for path, one in given.items()})


def _given(table: Table, places: Mapping[str, Place], keys: Mapping[str, str]) -> dict[str, ReadColumn]:
    """The columns of the paths that have values, which the table has left; and the `keys`, under their names."""
    found = {
        path: ReadColumn(table.fresh(), place.held)
        for path, place in places.items()
        if place.held.shape is not Shape.NOTHING
    }
    chosen = [nw.col(key).alias(name) for name, key in keys.items()]
    for path, one in found.items():
        column = nw.col(places[path].column)
        for inner in places[path].inside:
            column = column.struct.field(inner)
        chosen.append(column.alias(one.name))
    table.native = nw.from_native(table.native).select(*chosen).to_native()
    return found


def _read(table: Table, audience: Audience, given: Mapping[str, ReadColumn]) -> dict[str, ReadColumn]:
    """The columns with the values that texts stand for, where texts may stand for them."""
    if not audience.texts:
        return dict(given)
    pack = audience.pack
    fields = (pack.fields[path] for path, one in given.items() if one.held.shape is Shape.TEXT)
    written = [one for one in fields if one.type.kind is not Kind.STRING or one.type.enum or _is_spelled(pack, one)]
    read = read_columns(table, written, {path: one.name for path, one in given.items()}, audience.zone)
    table.flush()
    return {**given, **read}


def _checked(
    table: Table, audience: Audience, read: Mapping[str, ReadColumn]
) -> tuple[dict[str, Source], dict[str, nw.Expr]]:
    """The columns of the paths in their one form but for the spelling, and where values are not allowed."""
    sources: dict[str, Source] = {}
    bad: dict[str, nw.Expr] = {}
    for path, declared in audience.pack.fields.items():
        if path in read:
            one = read[path]
            sources[path], faults = _source(table, declared, one.name, one.held, audience.zone)
            if one.unread is not None:
                faults.append(one.unread)
            if declared.required:
                faults.append(nw.col(one.name).is_null())
            if faults:
                known = [nw.coalesce(fault, nw.lit(value=False)) for fault in faults]
                bad[path] = reduce(or_, known)
        elif path in audience.places and declared.required:
            bad[path] = nw.lit(value=True)  # a column of nothing but nulls
    return sources, bad


def _source(  # noqa: C901 - one branch for each kind of field and what may hold it
    table: Table, declared: Field, name: str, held: Held, zone: tzinfo | None
) -> tuple[Source, list[nw.Expr]]:
    """The normalized column of a path, and expressions that are true where a value is not allowed."""
    kind, column, faults = declared.type.kind, nw.col(name), []
    match kind:
        case Kind.STRING:
            if held.shown != "String":
                column = nw.col(name := table.with_column(column.cast(nw.String)))
            if declared.type.enum is not None:
                faults.append(~logic.among(column, declared.type.enum))
        case Kind.INTEGER | Kind.NUMBER:
            return _number(table, declared, name, held)
        case Kind.TIMESTAMP if held.shape is Shape.TEXT:
            parsed = table.with_derived((ParsedTimestamp, name), ParsedTimestamp(zone), [name], kind=int)
            faults.append(~column.is_null() & nw.col(parsed).is_null())
            name = parsed
        case Kind.TIMESTAMP if held is MOMENTS:
            pass
        case Kind.TIMESTAMP if zone is not None and held.shape in (Shape.NAIVE, Shape.DATE):
            if held.shape is Shape.DATE:
                name = table.with_column(column.cast(nw.Datetime("us")))
            shown = table.with_operation(Operation.CLOCK, name)
            name = table.with_derived((ClockTime, shown), ClockTime(zone), [shown], kind=int)
            faults.append(~column.is_null() & nw.col(name).is_null())
        case Kind.TIMESTAMP if held.shape in (Shape.INTEGER, Shape.REAL):
            moment = _since_epoch(column)
            faults.append(~column.is_null() & moment.is_null())
            name = table.with_column(moment)
        case Kind.TIMESTAMP:
            name = table.with_operation(Operation.MICROSECONDS, name)
        case Kind.STRING_LIST:
            if held.shown != "List(String)":
                name = table.with_column(column.cast(nw.List(nw.String)))
            faults.append(nw.col(table.with_operation(Operation.HAS_NULL, name)))
        case Kind.BOOLEAN if held.shape is not Shape.BOOLEAN:
            flag = nw.when((column == 0) | (column == 1)).then(column == 1)
            faults.append(~column.is_null() & flag.is_null())
            name = table.with_column(flag)
        case Kind.BOOLEAN:
            pass
    return Source(name, kind), faults


def _number(table: Table, declared: Field, name: str, held: Held) -> tuple[Source, list[nw.Expr]]:
    """The same for a path of numbers."""
    kind, column, faults = declared.type.kind, nw.col(name), []
    whole = kind is Kind.INTEGER or held.shape is Shape.INTEGER
    if held.shown == "Int64":
        faults.append((column < -LARGEST_NUMBER) | (column > LARGEST_NUMBER))
    else:
        if held.shape is Shape.REAL:
            column = column.cast(nw.Float64)
        if held.shown not in ("Int8", "Int16", "Int32"):
            bounded = numbers.bounded(column)
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


def _measured(
    table: Table, pack: Pack, sources: Mapping[str, Source], bad: Mapping[str, nw.Expr]
) -> dict[str, nw.Expr]:
    """`bad`, and what is true where a text is too long as it is spelled, or an item is, or is none of its list's."""
    found: dict[str, nw.Expr] = {}
    for path, source in sources.items():
        declared = pack.fields[path].type
        if declared.kind is Kind.STRING and declared.longest is not None:
            found[path] = source.expression.str.len_chars() > declared.longest
        elif declared.items is not None or declared.longest is not None:
            judged = table.with_derived((PerItem, source.name), PerItem(declared), [source.name])
            found[path] = ~nw.col(judged)
    table.flush()
    wrong = {path: nw.coalesce(one, nw.lit(value=False)) for path, one in found.items()}
    both = {path: one | wrong[path] if path in wrong else one for path, one in bad.items()}
    return {path: (wrong | both)[path] for path in pack.fields if path in wrong or path in both}


_UNITS: Final = {10: 1_000_000, 13: 1000, 16: 1}
"""How many microseconds one is of a number of so many digits that counts time since 1970, as programs write it."""


def _since_epoch(number: nw.Expr) -> nw.Expr:
    """A time as microseconds since 1970 by the whole number that says it in seconds, milliseconds or microseconds.

    Null for any other number.
    """
    real = number.cast(nw.Float64)  # whatever its width
    small = nw.when((real >= 10**9) & (real < 10**16)).then(number)
    whole = small.cast(nw.Int64)
    of_unit = (((whole >= 10 ** (digits - 1)) & (whole < 10**digits), whole * unit) for digits, unit in _UNITS.items())
    moment = logic.first(list(of_unit), nw.Int64)
    return nw.when(whole == small).then(moment)


_SPELLINGS: Final = {
    (Kind.STRING, Spelling.TRIMMED): (Operation.TRIMMED, Operation.UNUSUAL, str),
    (Kind.STRING, Spelling.IDENTIFIER): (Operation.IDENTIFIER, Operation.UNUSUAL, str),
    (Kind.STRING_LIST, Spelling.IDENTIFIER): (Operation.IDENTIFIERS, Operation.UNUSUAL_ITEMS, list),
}


def _spelled_sources(table: Table, pack: Pack, sources: Mapping[str, Source]) -> dict[str, Source]:
    """Columns with the texts of fields that have a spelling, where anything reads them; they are there after `flush`.

    Plain ASCII is spelled by expressions. The rest is by Python, each distinct value once.
    """
    made: dict[str, nw.Expr] = {}
    for path, source in sources.items():
        declared = pack.fields[path]
        way = _SPELLINGS.get((declared.type.kind, declared.type.spelling))
        if way is None or not _is_spelled(pack, declared):
            continue
        spelling, unusual, kind = way
        plain = table.with_operation(spelling, source.name)
        needed = table.with_operation(unusual, source.name)
        function = PerSpelling(declared.type.spelling)
        derived = table.with_derived((spelling, source.name), function, [source.name], needed, kind)
        made[path] = nw.coalesce(nw.col(derived), nw.col(plain))
    table.flush()
    return {path: Source(table.with_column(one), sources[path].kind) for path, one in made.items()}


def _is_spelled(pack: Pack, declared: Field) -> bool:
    """Whether it matters how a field is spelled."""
    return declared.required or declared.type.longest is not None or declared.path in _paths_read(pack)


def _paths_read(pack: Pack) -> frozenset[str]:
    """The paths that conditions, or the texts of reasons, are made of."""
    found = {path for one in pack.exceptions for path in paths_read(one.condition, pack.parameters)}
    for reason in (one for whole in pack.reasons for one in whole.apart):
        for expression in (reason.when, reason.clears_at, *reason.details.values()):
            found |= set() if expression is None else set(paths_read(expression.node, pack.parameters))
        found |= reason.shown
        found |= {path for name in reason.parameters_shown for path in paths_read(Parameter(name), pack.parameters)}
    return frozenset(found)
