"""Decisions as columns: the findings of all reasons, what is not allowed, when rows clear and their messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import narwhals as nw

from sendable.audience import logic
from sendable.audience.engines.operations import JOINED_BY, Decoding, NativeFrame, Operation, PerValue
from sendable.audience.expressions import Expressions
from sendable.audience.frame import Held, Shape
from sendable.audience.repeats import ADDRESS, STRICTEST_OF, Repeats, compared_address, repeats, strictest
from sendable.audience.sources import Audience, normalized
from sendable.audience.table import Source, Table
from sendable.decide.facts import Facts
from sendable.decide.findings import certainty_of, is_enforced
from sendable.language.interpreter import Unknown
from sendable.language.nodes import And, Constant, ListLiteral, Membership, Path
from sendable.language.types import CHANNEL, Kind
from sendable.pack.messages import CLEARS_AT
from sendable.pack.model import Channel, Pack, PolicyException, Reason

OUTPUTS: Final = (
    "sendable", "reason", "reasons", "certainty", "missing", "monitored", "excepted", "exceptions", "clears_at",
    "invalid",
)  # fmt: skip
"""The columns of the decisions, after the keys."""

_SELDOM: Final = ("monitored", "excepted", "exceptions")
"""Those of them that hold nothing in most packs, and are not made one by one there."""

MESSAGE: Final = "message"
"""The column after them, where messages are asked for."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How Python tells when a row clears by itself, in a pack some of whose conditions, or exceptions, depend on it."""

    reasons: frozenset[str]
    """The ids of the reasons with such conditions, and of those that an exception may yet lift."""
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
    audience: Audience, keys: Sequence[str], timing: Timing | None, wording: Wording | None, *, as_strictest: bool
) -> NativeFrame:
    """The decisions for the rows of the audience, as a lazy native frame.

    There are messages where there is a `wording`. With `as_strictest`, all rows of an address have the decision of the
    strictest, and there is the column `repeats.STRICTEST_OF`.
    """
    found = _Found(audience, keys)
    table, bad = found.table, found.bad
    valid = ~logic.written(logic.any_of(bad.values()))
    moment = _clears_at(table, found.expressions, found.findings, valid, timing)
    clears_at = nw.col(table.with_operation(Operation.TIMESTAMP, moment))
    decided = {**_decided(table, found.parts()), "clears_at": nw.when(valid).then(clears_at) if bad else clears_at}
    empty = nw.when(valid).then(decided["invalid"]) if bad else decided["invalid"]  # of a row that is valid
    decided = {**dict.fromkeys(_SELDOM, empty), **decided}
    wanted = [nw.col(name).alias(key) for key, name in zip(keys, found.names, strict=True)]
    wanted += [decided[name].alias(name) for name in OUTPUTS]
    if wording is not None:
        sources = {**found.sources, CLEARS_AT: Source(moment, Kind.TIMESTAMP)}
        wanted.append(_message(table, sources, decided, wording).alias(MESSAGE))
    if not as_strictest or ADDRESS not in found.sources:
        result: NativeFrame = nw.from_native(table.native).select(*wanted, *_one(as_strictest=as_strictest)).to_native()
        return result
    address = compared_address(table, found.sources[ADDRESS])
    table.flush()
    chosen = nw.from_native(table.native).select(*wanted, nw.col(address)).to_native()
    outputs = [*OUTPUTS, *([] if wording is None else [MESSAGE])]
    return strictest(chosen, table.engine, address, outputs, [reason.id for reason in audience.pack.reasons])


def _one(*, as_strictest: bool) -> list[nw.Expr]:
    """Where no column is the address, each row is the strictest of its own."""
    return [nw.lit(1, dtype=nw.Int64).alias(STRICTEST_OF)] if as_strictest else []


def review(audience: Audience, keys: Sequence[str]) -> Repeats:
    """What stands on several rows of the audience: addresses, of which those are told whose rows disagree, and keys.

    Rows disagree where they differ in a path of its `places` other than the address.
    """
    table = Table(audience.frame.native, audience.frame.engine)
    found = normalized(table, audience, keys)
    return repeats(table, found.sources, [path for path in found.sources if path != ADDRESS], found.names)


def count(audience: Audience) -> list[dict[str, Any]]:
    """How many rows have the same decision: but for `clears_at`, its columns, and `contacts`, the number."""
    found = _Found(audience)
    columns, decoder = _flags(found.table, found.parts())
    counted = found.table.engine.count(found.table.native, columns)
    return [{**decoder(*flags), "contacts": number} for flags, number in counted]


def invalid_values(audience: Audience, most: int) -> dict[str, tuple[int, list[str]]]:
    """In how many rows the value of a path is not allowed, and at most so many of these values, as texts."""
    table = Table(audience.frame.native, audience.frame.engine)
    read = normalized(table, audience)
    if not read.bad:
        return {}
    flags = {path: table.with_column(bad) for path, bad in read.bad.items()}
    shown = {path: table.with_column(_as_text(read.given.get(path), audience.places[path].held)) for path in flags}
    table.flush()
    found = table.engine.examples(table.native, [(flags[path], shown[path]) for path in flags], most)
    return {path: one for path, one in zip(flags, found, strict=True) if one[0]}


def unmatched(
    audience: Audience, pairs: Iterable[tuple[str, str]], most: int
) -> dict[tuple[str, str], tuple[int, list[str]]]:
    """The pairs of a path of all rows and a path of lists whose value is in nobody's list, though some have items.

    Each with the number of these and what is in most of them, at most so many.
    """
    table = Table(audience.frame.native, audience.frame.engine)
    sources = normalized(table, audience).sources
    table.flush()
    wanted = [pair for pair in pairs if pair[1] in sources]
    flags: list[str] = []
    for path, listed in wanted:
        items = sources[listed].expression.list
        asked = (items.contains(str(audience.facts[path])), items.len() > 0)
        flags += [table.with_column(nw.coalesce(flag, nw.lit(value=False))) for flag in asked]
    table.flush()
    counted = table.engine.count(table.native, flags) if flags else []
    found = {}
    for number, (path, listed) in enumerate(wanted):
        inside, some = (sum(rows for held, rows in counted if held[2 * number + step]) for step in (0, 1))
        if some and not inside:
            found[path, listed] = some, _most_frequent(table.native, sources[listed].name, most)
    return found


def _most_frequent(native: NativeFrame, name: str, most: int) -> list[str]:
    """The items that are most often in the lists of a column."""
    items = nw.from_native(native).lazy().select(name).explode(name).filter(~nw.col(name).is_null())
    ordered = items.group_by(name).agg(nw.len().alias("rows")).sort("rows", name, descending=[True, False]).head(most)
    return [str(one) for one in ordered.collect()[name].to_list()]


def _as_text(name: str | None, held: Held) -> nw.Expr:
    """The column as texts, null where it has none in all engines."""
    if name is None or held.shape in (Shape.TEXTS, Shape.STRUCT, Shape.OTHER):
        return nw.lit(None, dtype=nw.String)
    return nw.col(name).cast(nw.String)


class _Found:
    """What is found of the rows of an audience, as columns of its table and expressions over them."""

    def __init__(self, audience: Audience, keys: Sequence[str] = ()) -> None:
        self.table = Table(audience.frame.native, audience.frame.engine)
        pack, facts, found = audience.pack, audience.facts, normalized(self.table, audience, keys)
        self.sources, self.bad, self.names = found.sources, found.bad, found.names
        self.expressions = Expressions(pack, facts, self.sources, self.table)
        truths = list(_truths(self.expressions, pack, facts, self.sources))
        self.table.flush()
        found_of = [_finding(self.expressions, self.table, *one) for one in truths]
        self.table.flush()
        kept = [one.kept(self.table) for one in found_of]
        holds = list(_holding(self.expressions, pack))
        self.table.flush()
        holding = [(one, _kept(self.table, held)) for one, held in holds]
        self.table.flush()
        self.findings: list[_Finding] = []
        self.lifted: list[_Lifted] = []
        for one in kept:
            if is_enforced(one.reason):
                left, lifted = _parted(one, holding)
                self.findings.append(left if left is one else left.kept(self.table))
                self.lifted += lifted
        self.monitored = [one for one in kept if not is_enforced(one.reason)]
        self.table.flush()

    def parts(self) -> _Parts:
        """What the decisions are made of."""
        missing: dict[str, list[bool | nw.Expr]] = {}
        for one in self.findings:
            for path, held in one.missing.items():
                missing.setdefault(path, []).append(logic.all_of([one.undetermined, held]))
        lifted = [(one, one.matched) for one in self.lifted] + [(one, one.undetermined) for one in self.lifted]
        lifted = [(one, held) for one, held in lifted if held is not False]
        return _Parts(
            matched=_matched(self.findings),
            undetermined=_undetermined(self.findings),
            monitored=[*_matched(self.monitored), *_undetermined(self.monitored)],
            excepted=[(one.reason.id, held) for one, held in lifted],
            exceptions=[(one.exception.id, held) for one, held in lifted],
            missing=[(path, logic.any_of(missing[path])) for path in sorted(missing)],
            invalid=list(self.bad.items()),
        )


@dataclass(frozen=True, slots=True)
class _Finding:
    """A reason that some rows may find: where it is matched, where undetermined, and for lack of what."""

    reason: Reason
    matched: bool | nw.Expr
    undetermined: bool | nw.Expr
    missing: Mapping[str, bool | nw.Expr]
    """For rows in which it is undetermined."""
    clears_at: nw.Expr | None

    def kept(self, table: Table) -> _Finding:
        """The same, with columns of `table` for what is read several times; they are there after `flush`."""
        matched, undetermined = _kept(table, self.matched), _kept(table, self.undetermined)
        return replace(self, matched=matched, undetermined=undetermined)


@dataclass(frozen=True, slots=True)
class _Lifted:
    """What an exception lifts of a reason: where it would be matched, and where undetermined."""

    reason: Reason
    exception: PolicyException
    matched: bool | nw.Expr
    undetermined: bool | nw.Expr


def _holding(expressions: Expressions, pack: Pack) -> Iterator[tuple[PolicyException, bool | nw.Expr]]:
    """The exceptions that can hold for some row, each with where it does; what that reads is there after `flush`."""
    for one in pack.exceptions:
        truth = expressions.truth(one.condition)
        if truth is True:
            yield one, True
        elif isinstance(truth, nw.Expr):
            yield one, nw.coalesce(truth, nw.lit(value=False))


def _parted(
    finding: _Finding, holding: Iterable[tuple[PolicyException, bool | nw.Expr]]
) -> tuple[_Finding, list[_Lifted]]:
    """The finding where nothing lifts it, and what lifts it: of the exceptions that hold, the first."""
    lifted: list[_Lifted] = []
    free: bool | nw.Expr = True
    for exception, held in holding:
        if finding.reason.id in exception.reasons:
            here = logic.all_of([free, held])
            matched, undetermined = (logic.all_of([one, here]) for one in (finding.matched, finding.undetermined))
            lifted.append(_Lifted(finding.reason, exception, matched, undetermined))
            free = logic.all_of([free, not held if isinstance(held, bool) else ~held])
    if not lifted:
        return finding, lifted
    matched, undetermined = (logic.all_of([one, free]) for one in (finding.matched, finding.undetermined))
    return replace(finding, matched=matched, undetermined=undetermined), lifted


def _matched(findings: Iterable[_Finding]) -> list[tuple[str, bool | nw.Expr]]:
    return [(one.reason.id, one.matched) for one in findings if one.matched is not False]


def _undetermined(findings: Iterable[_Finding]) -> list[tuple[str, bool | nw.Expr]]:
    return [(one.reason.id, one.undetermined) for one in findings if one.undetermined is not False]


def _truths(
    expressions: Expressions, pack: Pack, facts: Facts, sources: Mapping[str, Source]
) -> Iterator[tuple[Reason, logic.Truth, dict[str, bool | nw.Expr]]]:
    """The reasons that can have a finding in some row, in the order of the priorities.

    Each with whether it applies and, where it suppresses when that is unknown, what can be missing; of one that is only
    monitored nobody asks what is.
    """
    for reason in (one for whole in pack.reasons for one in whole.apart):
        node = reason.when.node
        if CHANNEL in sources:
            channels = ListLiteral(tuple(Constant(one.value) for one in Channel if one in reason.channels))
            node = And((Membership(Path(CHANNEL), channels, negated=False), node))
        elif str(facts.get(CHANNEL)) not in {one.value for one in reason.channels}:
            continue
        truth = expressions.truth(node)
        suppresses = certainty_of(reason, None) is not None
        if truth is True or isinstance(truth, nw.Expr) or (isinstance(truth, Unknown) and suppresses):
            asked = suppresses and is_enforced(reason)
            yield reason, truth, expressions.missing_where_unknown(node) if asked else {}


def _finding(
    expressions: Expressions, table: Table, reason: Reason, truth: logic.Truth, missing: dict[str, bool | nw.Expr]
) -> _Finding:
    passes = reason.clears_at if is_enforced(reason) else None
    clears_at = None if passes is None else expressions.timestamp(passes.node)
    if not isinstance(truth, nw.Expr):
        return _Finding(reason, truth is True, isinstance(truth, Unknown), missing, clears_at)
    column = nw.col(table.with_column(truth))
    unknown = column.is_null() if certainty_of(reason, None) is not None else False
    return _Finding(reason, nw.coalesce(column, nw.lit(value=False)), unknown, missing, clears_at)


def _decided(table: Table, parts: _Parts) -> dict[str, nw.Expr]:
    """The columns of the decisions, but for `clears_at`."""
    decode = table.engine.decode
    return _spelled(table, parts) if decode is None else _decoded(table, parts, decode)


def _clears_at(
    table: Table, expressions: Expressions, findings: Sequence[_Finding], valid: nw.Expr, timing: Timing | None
) -> str:
    """When a row that is valid becomes sendable by itself; null where that never comes, and where it is now.

    It is a column of the table, of microseconds since 1970.
    """
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
            promise = nw.when(logic.written(one.matched) & (one.clears_at > now)).then(one.clears_at)
            passing.append(promise)
            lasting.append(logic.all_of([one.matched, promise.is_null()]))
    if timing is None and not passing:
        return table.added(never)
    others = nw.max_horizontal(*passing) if len(passing) > 1 else passing[0] if passing else never
    if timing is None:
        moment = table.added(nw.when(~logic.written(logic.any_of(lasting))).then(others))
    else:
        found = logic.any_of([*(one.matched for one in findings), *(one.undetermined for one in findings)])
        needed = table.added(logic.written(found) & ~logic.written(logic.any_of(lasting)) & valid)
        columns = [table.added(others), *(expressions.source(path).name for path in timing.paths)]
        moment = table.with_derived(timing.function, timing.function, columns, needed, int)
    table.flush()
    return moment


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
            reads = logic.among(nw.col(reason), readers)
            columns.append(table.with_column(nw.when(reads).then(sources[path].expression)))
        needed = table.with_column(logic.among(nw.col(reason), wording.paths))
        table.flush()
        worded = table.with_derived(wording.function, wording.function, columns, needed, str)
        choices.append((nw.col(needed), nw.col(worded)))
    table.flush()
    return logic.first(choices, nw.String)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What decisions are made of: names, each with where it holds. Reasons are in the order of their priorities."""

    matched: list[tuple[str, bool | nw.Expr]]
    undetermined: list[tuple[str, bool | nw.Expr]]
    monitored: list[tuple[str, bool | nw.Expr]]
    """Those that are matched before those that are undetermined; none where the pack monitors nothing of the rows."""
    excepted: list[tuple[str, bool | nw.Expr]]
    """Those that exceptions lift, in the same order; none where no exception of the pack can hold for the rows."""
    exceptions: list[tuple[str, bool | nw.Expr]]
    """The ids of these exceptions, one for each."""
    missing: list[tuple[str, bool | nw.Expr]]
    invalid: list[tuple[str, bool | nw.Expr]]


def _spelled(table: Table, parts: _Parts) -> dict[str, nw.Expr]:
    """The columns of the decisions, spelled out in expressions."""
    ordered = [*parts.matched, *parts.undetermined]
    # What most rows have nothing of is asked of the others only: engines leave out what a condition rules out.
    matched, undetermined, invalid = (
        _kept(table, logic.any_of(held for _, held in listed))
        for listed in (parts.matched, parts.undetermined, parts.invalid)
    )
    table.flush()
    found, bad = logic.written(logic.any_of([matched, undetermined])), logic.written(invalid)

    def of_valid(column: nw.Expr) -> nw.Expr:
        return nw.when(~bad).then(column) if parts.invalid else column

    def joined(listed: Sequence[tuple[str, bool | nw.Expr]], guard: nw.Expr) -> nw.Expr:
        return nw.when(guard).then(_listed(listed)).otherwise(nw.lit(""))

    texts = {
        "reasons": of_valid(joined(ordered, found)),
        "missing": of_valid(joined(parts.missing, logic.written(undetermined))),
        **{name: of_valid(_listed(listed)) for name in _SELDOM if (listed := getattr(parts, name))},
        "invalid": joined(parts.invalid, bad),
    }
    names = {name: table.with_column(text) for name, text in texts.items()}
    table.flush()
    lists = {name: nw.col(table.with_operation(Operation.SPLIT, text)) for name, text in names.items()}
    table.flush()
    primary = logic.first([(held, nw.lit(name)) for name, held in ordered], nw.String)
    certainty = logic.first([(matched, nw.lit("matched")), (undetermined, nw.lit("undetermined"))], nw.String)
    return {
        "sendable": of_valid(~found),
        "reason": of_valid(nw.when(found).then(primary)),
        "certainty": of_valid(certainty),
        **lists,
    }


def _kept(table: Table, truth: bool | nw.Expr) -> bool | nw.Expr:
    """`truth` as a column of its own, which is there after the next `flush`."""
    return truth if isinstance(truth, bool) else nw.col(table.with_column(truth))


def _decoded(table: Table, parts: _Parts, decode: Decoding) -> dict[str, nw.Expr]:
    """The columns of the decisions by way of flags: one for each part, and a look-up for each distinct row of them.

    An audience of millions has some hundreds of distinct decisions, so this is many times faster than text by text.
    """
    columns, decoder = _flags(table, parts)
    decoded = table.fresh()
    table.native = decode(table.native, decoded, columns, decoder)
    return {name: nw.col(decoded).struct.field(name) for name in decoder(*[False] * len(columns))}


def _flags(table: Table, parts: _Parts) -> tuple[list[str], Decoder]:
    """Columns of the table, one for each part that not all rows have alike, and what makes decisions of them."""
    flags: list[nw.Expr] = []
    places: dict[int, int] = {}  # what a path is missing for is often one reason, and then the same column
    layout: list[list[tuple[str, int | None]]] = []
    seldom = (parts.monitored, parts.excepted, parts.exceptions)
    for listed in (parts.matched, parts.undetermined, parts.missing, parts.invalid, *seldom):
        placed: list[tuple[str, int | None]] = []
        for name, held in listed:
            if isinstance(held, nw.Expr):
                if id(held) not in places:
                    places[id(held)] = len(flags)
                    flags.append(held)
                placed.append((name, places[id(held)]))
            elif held:
                placed.append((name, None))  # in every row
        layout.append(placed)
    columns = [table.with_column(flag) for flag in flags]
    table.flush()
    return columns, Decoder(layout)


class Decoder:
    """The decision that flags stand for.

    `layout` has the names of what is matched, undetermined, missing, invalid and `_SELDOM` there, each by its place.
    """

    def __init__(self, layout: Sequence[Sequence[tuple[str, int | None]]]) -> None:
        self._layout = layout

    def __call__(self, *flags: bool) -> dict[str, object]:
        """The columns of the decision, but for `clears_at`, and those of `_SELDOM` that hold nothing in any row."""
        matched, undetermined, missing, invalid, *seldom = (
            [name for name, place in listed if place is None or flags[place]] for listed in self._layout
        )
        told = {name: found for name, found, listed in zip(_SELDOM, seldom, self._layout[4:], strict=True) if listed}
        if invalid:
            nothing = ("sendable", "reason", "reasons", "certainty", "missing", *told)
            return {**dict.fromkeys(nothing), "invalid": invalid}
        reasons = matched + undetermined
        return {
            "sendable": not reasons,
            "reason": reasons[0] if reasons else None,
            "reasons": reasons,
            "certainty": "matched" if matched else "undetermined" if undetermined else None,
            "missing": missing,
            **told,
            "invalid": [],
        }


def _listed(parts: Sequence[tuple[str, bool | nw.Expr]]) -> nw.Expr:
    """The names of what holds, joined; the empty text where nothing does."""
    texts = [nw.when(logic.written(held)).then(nw.lit(name)) for name, held in parts if held is not False]
    return nw.concat_str(*texts, separator=JOINED_BY, ignore_nulls=True) if texts else nw.lit("")
