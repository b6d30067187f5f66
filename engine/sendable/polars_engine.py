"""Polars under a frame: everything streams, and what is computed in Python is computed batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import add, or_
from typing import Any, Final

import polars as pl

from sendable.engines import (
    HOPELESS_ADDRESS,
    LONGEST_DOMAIN,
    LONGEST_JUDGED,
    LONGEST_LOCAL,
    MOST_STOPS,
    PLAIN_ADDRESS,
    Applied,
    Asked,
    Decode,
    NativeFrame,
    Operation,
    Part,
    PerValue,
    TextTest,
    by_column,
    parts_of,
    remembered,
)

_TYPES: Final[Mapping[type, pl.DataType]] = {bool: pl.Boolean(), int: pl.Int64(), str: pl.String()}
_AT: Final = "@"

_PIECE: Final = r"[a-z0-9!#$%&\x27*/=?^_`{|}~]+"
_COMMON_ADDRESS: Final = rf"^{_PIECE}(?:[.-]{_PIECE})*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.){{1,{MOST_STOPS}}}[a-z]{{2,63}}\z"
"""Plain addresses in lower case, without a tag or a double hyphen: their parts are as they are."""
_COMMON_TEXT: Final = r"^[\x20-\x40\x5b-\x7e]*\z"


class PolarsEngine:
    """See `engines.Engine`."""

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """See `Engine.add`."""
        return frame.with_columns(**{name: self._expression(*applied) for name, applied in added.items()})

    @staticmethod
    def _expression(operation: Operation, columns: tuple[str, ...]) -> pl.Expr:
        first, *rest = (pl.col(column) for column in columns)
        match operation:
            case Operation.MICROSECONDS:
                return first.dt.timestamp("us")
            case Operation.TIMESTAMP:
                return first.cast(pl.Datetime("us", "UTC"))
            case Operation.CONTAINS:
                return first.list.contains(rest[0])
            case Operation.OVERLAPS:
                return first.list.set_intersection(rest[0]).list.len() > 0
            case Operation.HAS_NULL:
                return first.list.contains(pl.lit(None, dtype=pl.String), nulls_equal=True)
            case Operation.SPLIT:
                empty = pl.lit([], dtype=pl.List(pl.String))
                return pl.when(first == "").then(empty).otherwise(first.str.split(","))

    def test(self, frame: NativeFrame, asked: Mapping[str, Asked]) -> NativeFrame:
        """See `Engine.test`: what most texts are by few expressions, others by more, and what is left by Python."""
        for column, tests in by_column(asked).items():
            whole = {name: one for name, one in tests.items() if one.test.part is Part.WHOLE}
            frame = _tested(frame, column, whole, _common_text)
            frame = _tested(frame, column, {name: tests[name] for name in tests.keys() - whole}, _common_address)
        return frame

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """See `Engine.derive`."""
        dtype = _TYPES[kind]

        def mapped(batch: pl.Series) -> pl.Series:
            rows = batch.struct.unnest()
            arguments = rows.select(columns)
            wanted = arguments if needed is None else arguments.filter(rows[needed].fill_null(value=False))
            if wanted.is_empty():
                return pl.repeat(None, len(rows), dtype=dtype, eager=True)
            if any(isinstance(one, pl.List) for one in arguments.dtypes):  # lists can't be joined on
                memory: dict[object, Any] = {}
                flags = rows[needed].to_list() if needed is not None else [True] * len(rows)
                results = [
                    remembered(memory, function, row) if flag else None
                    for row, flag in zip(arguments.iter_rows(), flags, strict=True)
                ]
                return pl.Series(results, dtype=dtype)
            distinct = wanted.unique()
            values = pl.Series("", [function(*row) for row in distinct.iter_rows()], dtype=dtype)
            table = distinct.with_columns(values.alias(""))
            joined = arguments.join(table, on=list(columns), how="left", nulls_equal=True, maintain_order="left")
            return joined[""] if needed is None else joined.select(pl.when(rows[needed]).then(""))[""]

        used = [*columns, *([] if needed is None else [needed])]
        return frame.with_columns(
            pl.struct(used).map_batches(mapped, return_dtype=dtype, is_elementwise=True).alias(name)
        )

    @staticmethod
    def decode(frame: NativeFrame, name: str, flags: Sequence[str], function: Decode) -> NativeFrame:
        """See `Engine.decode`. The flags of a row become the bits of a few integers."""
        numbers = {f"code_{start}": flags[start : start + _BITS] for start in range(0, len(flags), _BITS) or (0,)}
        codes = list(numbers)
        texts = pl.List(pl.String)
        schema = {
            "sendable": pl.Boolean(),
            "reason": pl.String(),
            "reasons": texts,
            "certainty": pl.String(),
            "missing": texts,
            "invalid": texts,
        }
        known = pl.DataFrame(schema={**dict.fromkeys(codes, pl.Int64()), **schema})

        def mapped(batch: pl.Series) -> pl.Series:
            nonlocal known
            rows = batch.struct.unnest()
            table = known  # another thread may know more by now, and this one goes on with what it has
            decided = rows.join(table, on=codes, how="left", maintain_order="left")
            if decided["invalid"].has_nulls():
                fresh = rows.filter(decided["invalid"].is_null()).unique()
                decisions = pl.DataFrame(
                    [function(*_bits(row, len(flags))) for row in fresh.iter_rows()], schema=schema
                )
                known = table = pl.concat([table, pl.concat([fresh, decisions], how="horizontal")], rechunk=True)
                decided = rows.join(table, on=codes, how="left", maintain_order="left")
            return decided.drop(codes).to_struct(name)

        code = pl.struct([_code(columns).alias(number) for number, columns in numbers.items()])
        decided = code.map_batches(mapped, return_dtype=pl.Struct(schema), is_elementwise=True)
        return frame.with_columns(decided.alias(name))


_BITS: Final = 56


def _code(flags: Sequence[str]) -> pl.Expr:
    """One integer of booleans. Put together in bytes first, of which a processor counts many at once."""
    code = pl.lit(0, dtype=pl.Int64)
    for start in range(0, len(flags), 8):
        bits = (
            pl.when(flag).then(pl.lit(1 << place, dtype=pl.UInt8)).otherwise(pl.lit(0, dtype=pl.UInt8))
            for place, flag in enumerate(flags[start : start + 8])
        )
        code += reduce(add, bits).cast(pl.Int64) * (1 << start)
    return code


def _bits(codes: Iterable[int], count: int) -> list[bool]:
    """The booleans that the codes are of."""
    code = sum(one << index * _BITS for index, one in enumerate(codes))
    return [bool(code >> place & 1) for place in range(count)]


# -- texts: each kind is judged in steps, which are expressions for `with_columns`

_Steps = list[dict[str, pl.Expr]]


def _tested(frame: pl.LazyFrame, column: str, asked: Mapping[str, Asked], common: _Common) -> pl.LazyFrame:
    if not asked:
        return frame
    kept = frame.collect_schema().names()
    steps, easy = common(column, asked)
    hard = pl.struct(pl.col(column).alias("text"), "gate").map_batches(
        _hard(asked), return_dtype=pl.Struct(dict.fromkeys(asked, pl.Boolean)), is_elementwise=True
    )
    chosen = {name: pl.when("gate").then(easy[name]).otherwise(pl.col("hard").struct.field(name)) for name in asked}
    for step in [*steps, {"hard": hard}]:
        frame = frame.with_columns(**step)
    return frame.select(*kept, **chosen)


_Common = Callable[[str, Mapping[str, Asked]], "tuple[_Steps, dict[str, pl.Expr]]"]
"""How the texts of a column are judged that are common: the steps, of which one makes the column `gate`, true for
those texts; and the answers after the steps."""


def _common_address(column: str, asked: Mapping[str, Asked]) -> tuple[_Steps, dict[str, pl.Expr]]:
    text, at = pl.col(column), pl.col("at")
    short = (at <= LONGEST_LOCAL) & (text.str.len_bytes() - at <= LONGEST_DOMAIN + 1)
    steps: _Steps = [
        {"at": text.str.find(_AT, literal=True)},
        {
            "gate": text.str.contains(_COMMON_ADDRESS) & short,
            Part.DOMAIN: text.str.slice(at + 1),
            Part.LOCAL_PART: text.str.head(at),
        },
    ]
    return _with_answers(steps, asked, valid=pl.lit(value=True))


def _common_text(column: str, asked: Mapping[str, Asked]) -> tuple[_Steps, dict[str, pl.Expr]]:
    text = pl.col(column)
    gate = text.str.contains(_COMMON_TEXT) & ~_rare(text)
    if any(one.test.parents for one in asked.values()):
        gate &= _stops(text) <= MOST_STOPS
    return _with_answers([{"gate": gate, Part.WHOLE: text}], asked, valid=pl.lit(value=True))


def _hard_text(asked: Mapping[str, Asked]) -> tuple[_Steps, dict[str, pl.Expr]]:
    """How other texts are judged, in a column `text` without nulls: the answer is null where it takes Python."""
    text = pl.col("text")
    at, tag = text.str.find(_AT, literal=True), text.str.find("+", literal=True)
    end = pl.when((tag > 0) & (tag < at)).then(tag).otherwise(at)
    short = (at <= LONGEST_LOCAL) & (text.str.len_bytes() - at <= LONGEST_DOMAIN + 1)
    plain = text.str.contains(PLAIN_ADDRESS) & short.fill_null(value=False)
    valid = pl.when(plain).then(statement=True).when(text.str.contains(HOPELESS_ADDRESS)).then(statement=False)
    steps: _Steps = [
        {
            "rare": _rare(text),
            "many": _stops(text) > MOST_STOPS,
            # Slices by where the @ is: plain ASCII has its bytes where it has its characters.
            Part.WHOLE: text.str.to_lowercase(),
            Part.DOMAIN: text.str.slice(at + 1).str.to_lowercase().str.strip_suffix(".").fill_null(""),
            Part.LOCAL_PART: text.str.head(end).str.to_lowercase().fill_null(""),
        }
    ]
    steps, answers = _with_answers(steps, asked, valid)
    for name, one in asked.items():
        if one.test.part is not None:
            unjudged = pl.col("rare") | (pl.col("many") & one.test.parents)
            answers[name] = pl.when(~unjudged).then(answers[name])
    return steps, answers


def _with_answers(steps: _Steps, asked: Mapping[str, Asked], valid: pl.Expr) -> tuple[_Steps, dict[str, pl.Expr]]:
    """The answers over the columns of the parts, which have the parts' names; and steps for their parents besides."""
    lines = {part: [part.value] for part in parts_of(asked.values())}
    for part, line in lines.items():
        if any(one.test.parents and one.test.part is part for one in asked.values()):
            for number in range(MOST_STOPS):
                child, name = pl.col(line[-1]), f"{part}_{number}"
                steps = [*steps, {name: child.str.slice(child.str.find(".", literal=True) + 1)}]
                line.append(name)

    def answer(test: TextTest) -> pl.Expr:
        if test.part is None:
            return valid
        entries = pl.Series(sorted(test.among), dtype=pl.String).implode()
        looked_up = lines[test.part] if test.parents else lines[test.part][:1]
        return reduce(or_, (pl.col(name).is_in(entries) for name in looked_up)).fill_null(value=False)

    return steps, {name: answer(one.test) for name, one in asked.items()}


def _hard(asked: Mapping[str, Asked]) -> Callable[[pl.Series], pl.Series]:
    """Tests those of a batch's texts that are not common, each distinct one once."""
    steps, easy = _hard_text(asked)

    def judged(batch: pl.Series) -> pl.Series:
        rows = batch.struct.unnest()
        unknown = pl.repeat(None, len(rows), dtype=pl.Boolean, eager=True)
        results = {name: unknown.clone() for name in asked}
        places = (rows["text"].is_not_null() & ~rows["gate"].fill_null(value=False)).arg_true()
        texts = rows.select(pl.col("text").gather(places))
        answers = texts.unique()
        for step in steps:
            answers = answers.with_columns(**step)
        answers = answers.select("text", **easy)
        for name, one in asked.items():
            if answers[name].has_nulls():
                values = zip(answers["text"], answers[name], strict=True)
                known = [one.function(text) if answer is None else answer for text, answer in values]
                answers = answers.with_columns(pl.Series(name, known, dtype=pl.Boolean))
        found = texts.join(answers, on="text", how="left", maintain_order="left")
        return pl.DataFrame({name: one.scatter(places, found[name]) for name, one in results.items()}).to_struct()

    return judged


def _rare(text: pl.Expr) -> pl.Expr:
    """Whether a text is not short, plain ASCII with one @ at most and nothing that may be Punycode."""
    length = text.str.len_bytes()
    unlike = (length != text.str.len_chars()) | (length > LONGEST_JUDGED)
    # Two hyphens are more than xn-- alone, and found faster than that in whatever case.
    return unlike | text.str.contains("--", literal=True) | (text.str.count_matches(_AT, literal=True) > 1)


def _stops(text: pl.Expr) -> pl.Expr:
    return text.str.count_matches(".", literal=True)
