"""Addresses and keys that stand on several rows, and decisions that all rows of an address share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final

import narwhals as nw

from sendable.audience import logic
from sendable.audience.engines.operations import Engine, NativeFrame, Operation
from sendable.audience.table import Source, Table
from sendable.language import addresses
from sendable.language.types import Kind

ADDRESS: Final = "contact.email"

STRICTEST_OF: Final = "strictest_of"
"""The column that tells how many rows have the address, where all are decided by the strictest."""

_ODD: Final = r"[^\x20-\x7e]|[<>,;]|--"
"""Addresses that it takes Python to compare: whatever is not ASCII, has something around it, or may be Punycode."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often rows of a frame are of one and the same contact."""

    addresses: int
    rows: int
    disagreeing: int
    fields: Mapping[str, int]
    keys: int
    key_rows: int


def compared_address(table: Table, source: Source) -> str:
    """The column of the addresses as they are compared, null where there is none; it is there after `flush`."""
    text = source.expression
    odd = table.with_column(text.str.contains(_ODD))
    table.flush()
    judged = table.with_derived((ADDRESS, source.name), addresses.compared, [source.name], odd, str)
    table.flush()
    plain = text.str.strip_chars(" ").str.to_lowercase()
    compared = nw.when(nw.col(odd)).then(nw.col(judged)).otherwise(plain)
    return table.with_column(nw.when(compared != "").then(compared))


def repeats(table: Table, sources: Mapping[str, Source], facts: Sequence[str], keys: Sequence[str]) -> Repeats:
    """What stands on several rows of `table`.

    `facts` are the paths of which the rows of an address ought to say the same, `keys` the columns that rows are told
    apart by, without any where the address is what does.
    """
    groups: list[list[str]] = []
    if ADDRESS in sources:
        groups.append([compared_address(table, sources[ADDRESS])])
    if keys:
        groups.append(list(keys))
    table.flush()
    found = iter(table.engine.repeated(table.native, groups))
    fields: dict[str, int] = {}
    of_addresses, rows, disagreeing = 0, 0, 0
    if ADDRESS in sources and (some := next(found)) is not None:
        of_addresses, rows, disagreeing, *each = _disagreeing(
            table, some, groups[0][0], [sources[path] for path in facts]
        )
        counted = sorted(zip(facts, each, strict=True), key=lambda one: (-one[1], one[0]))
        fields = {path: count for path, count in counted if count}
    of_keys, key_rows = 0, 0
    if keys and (some := next(found)) is not None:
        grouped = nw.from_native(some).group_by(*keys).agg(nw.len().alias("rows"))
        of_keys, key_rows = _totals(grouped, [], table.engine)
    return Repeats(of_addresses, rows, disagreeing, fields, of_keys, key_rows)


def _disagreeing(table: Table, some: NativeFrame, address: str, facts: Sequence[Source]) -> list[int]:
    """Addresses on several rows, the rows they are on, of the addresses those whose rows differ, and these by fact."""
    table.native = some
    names = [_comparable(table, fact) for fact in facts]
    table.flush()
    parts = [part for name in names for part in _extremes(name)]
    grouped = nw.from_native(table.native).group_by(address).agg(nw.len().alias("rows"), *parts)
    differ = [
        nw.coalesce(nw.col(f"{name}_low") != nw.col(f"{name}_high"), nw.lit(value=False))
        | ((nw.col(f"{name}_known") > 0) & (nw.col(f"{name}_known") < nw.col("rows")))
        for name in names
    ]
    any_of = reduce(or_, differ) if differ else nw.lit(value=False)
    return _totals(grouped, [any_of, *differ], table.engine)


def _extremes(name: str) -> list[nw.Expr]:
    column = nw.col(name)
    return [
        column.min().alias(f"{name}_low"),
        column.max().alias(f"{name}_high"),
        column.count().alias(f"{name}_known"),
    ]


def _comparable(table: Table, fact: Source) -> str:
    """A column of values that have an order, equal where those of the fact are."""
    match fact.kind:
        case Kind.BOOLEAN:
            return table.with_column(fact.expression.cast(nw.Int64))
        case Kind.STRING_LIST:
            return table.with_operation(Operation.SET, fact.name)
        case Kind.INTEGER | Kind.NUMBER | Kind.STRING | Kind.TIMESTAMP:
            return fact.name


def _totals(grouped: nw.LazyFrame[Any], counted: Sequence[nw.Expr], engine: Engine) -> list[int]:
    """Of the groups with several rows: how many there are, their rows, and those for which each of `counted` holds."""
    flags = {f"differs_{number}": one.cast(nw.Int64) for number, one in enumerate(counted)}
    many = grouped.filter(nw.col("rows") > 1)
    many = many.with_columns(**flags) if flags else many
    sums = many.select(nw.len().alias("groups"), *(nw.col(name).sum() for name in ("rows", *flags)))
    [totals] = engine.rows(sums.to_native())
    return [int(one or 0) for one in totals]


_INVALID: Final = 1_000_000
_SENDABLE: Final = 2_000_000
_UNDETERMINED: Final = 100_000


def strictest(
    native: NativeFrame, engine: Engine, address: str, outputs: Sequence[str], reasons: Sequence[str]
) -> NativeFrame:
    """Decisions of which all rows of an address have the strictest, and the column `STRICTEST_OF`.

    Suppressed before not decided before sendable; of the suppressed matched before undetermined, then by priority, in
    whose order the ids `reasons` are; of two rows with the same primary reason the one that clears later, or never.
    """
    primary = logic.first([(nw.col("reason") == one, nw.lit(place)) for place, one in enumerate(reasons)], nw.Int64)
    offset = nw.when(nw.col("certainty") == "undetermined").then(nw.lit(_UNDETERMINED)).otherwise(nw.lit(0))
    decided = nw.when(nw.col("sendable")).then(nw.lit(_SENDABLE)).otherwise(primary + offset)
    rank = nw.when(nw.col("sendable").is_null()).then(nw.lit(_INVALID)).otherwise(decided)
    ranked = nw.from_native(native).with_columns(rank.cast(nw.Int64).alias("sendable_rank")).to_native()
    result = engine.strictest(ranked, address, "sendable_rank", outputs, STRICTEST_OF)
    return nw.from_native(result).drop(address, "sendable_rank").to_native()
