"""Texts by Polars: whether they are addresses, and whether parts of them stand in lists.

Most are judged by expressions alone, in the first of some ways, and Python judges what no way can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Final, TypeAlias

from sendable.audience.engines.kind import Later
from sendable.audience.engines.operations import (
    HOPELESS_ADDRESS,
    LONGEST_COMMON,
    LONGEST_DOMAIN,
    LONGEST_JUDGED,
    LONGEST_LOCAL,
    LONGEST_WRITTEN,
    MOST_STOPS,
    PLAIN_ADDRESS,
    Asked,
    Derived,
    Part,
    TextTest,
    common_address,
    fewest_stops,
    remembered,
)

if TYPE_CHECKING:
    import polars as pl
else:
    pl = Later("polars")

_AT: Final = "@"
_COMMON_TEXT: Final = r"^[\x20-\x40\x5b-\x7e]*\z"


def tested(frame: pl.LazyFrame, column: str, asked: Mapping[str, Asked]) -> pl.LazyFrame:
    """Tests a column: most texts in the first way, which is expressions alone, what is left in others."""
    kept = frame.collect_schema().names()
    first, *others = _ways([one.test for one in asked.values()])
    frame = frame.with_columns(text=column)
    for step in first.steps:
        frame = frame.with_columns(**step)
    entries = _entries([one.test for one in asked.values()])
    left = pl.struct("text", "gate").map_batches(
        _judge(asked, others, entries), return_dtype=pl.Struct(dict.fromkeys(asked, pl.Boolean)), is_elementwise=True
    )
    easy = {name: _answer(one.test, first, entries) for name, one in asked.items()}
    chosen = {name: pl.when("gate").then(easy[name]).otherwise(pl.col("left").struct.field(name)) for name in asked}
    return frame.with_columns(left=left).select(*kept, **chosen)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way of judging texts, which stand in the column `text`."""

    steps: Sequence[Mapping[str, pl.Expr]]
    """What to add one after the other; among it `gate`, which is true for the texts that are judged this way."""
    lines: Mapping[Part, Sequence[str]]
    """The columns in which a part is looked up: the part as bytes and, where a test asks for them, its parents."""
    valid: str = "gate"
    """The column that tells which texts are valid addresses; null where it takes Python to say."""

    def looked_up(self, test: TextTest) -> Sequence[str]:
        """The columns in one of which an entry has to be found."""
        lines = self.lines[test.part] if test.part is not None else ()
        return lines if test.parents else lines[:1]


_Entries: TypeAlias = "Mapping[frozenset[str], pl.Series]"
"""What parts are looked up among, each a series of one list of bytes; without what has more than `LONGEST_WRITTEN`.

Those are looked up in the set itself: for each batch of rows Polars would get all of them ready.
"""


def _entries(tests: Iterable[TextTest]) -> _Entries:
    return {
        among: pl.Series(list(among), dtype=pl.String).cast(pl.Binary).implode()
        for among in {test.among for test in tests}
        if len(among) <= LONGEST_WRITTEN
    }


def _set_member(among: frozenset[str], column: pl.Series) -> pl.Series:
    """Whether the texts, given as bytes, are in the set."""
    return pl.Series([text in among for text in column.cast(pl.String)], dtype=pl.Boolean)


def _is_among(column: pl.Expr, among: frozenset[str], entries: _Entries) -> pl.Expr:
    if among in entries:
        return column.is_in(entries[among]).fill_null(value=False)
    return column.map_batches(partial(_set_member, among), return_dtype=pl.Boolean, is_elementwise=True)


def _answer(test: TextTest, way: _Way, entries: _Entries) -> pl.Expr:
    """The answer for the texts that are judged this way."""
    if test.part is None:
        return pl.col(way.valid)
    return reduce(or_, (_is_among(pl.col(line), test.among, entries) for line in way.looked_up(test)))


def _judge(asked: Mapping[str, Asked], ways: Sequence[_Way], entries: _Entries) -> Callable[[pl.Series], pl.Series]:
    """Tests what another way left of a batch's texts: in each way what the one before left, and the last by Python."""

    def judged(rows: pl.Series) -> pl.Series:
        batch = rows.struct.unnest()
        left = batch.select((pl.col("text").is_not_null() & ~pl.col("gate").fill_null(value=False)).arg_true())
        places = left.to_series()
        answers = judged_texts(batch["text"].gather(places))
        unknown = pl.repeat(None, len(rows), dtype=pl.Boolean, eager=True)
        return pl.DataFrame({name: unknown.clone().scatter(places, answers[name]) for name in asked}).to_struct()

    def judged_texts(given: pl.Series) -> dict[str, pl.Series]:
        texts = given
        frames: list[pl.DataFrame] = []
        others: list[pl.Series] = []  # where, among what a way was given, stands what it left
        for way in ways:
            frame = pl.DataFrame({"text": texts})
            for step in way.steps:
                frame = frame.with_columns_seq(**step)
            frames.append(frame)
            others.append((~frame["gate"]).arg_true())
            texts = texts.gather(others[-1])
        answers = {}
        for name, one in asked.items():
            if one.test.part is None:
                found = [frame[way.valid] for way, frame in zip(ways, frames, strict=True)]
            else:
                lines = [
                    map(frame.get_column, way.looked_up(one.test)) for way, frame in zip(ways, frames, strict=True)
                ]
                found = _found(list(map(list, lines)), one.test.among, entries)
            answer = _told(one, texts)
            for judged_here, places in zip(reversed(found), reversed(others), strict=True):
                answer = judged_here.scatter(places, answer)
            if answer.null_count():
                unknown = answer.is_null().arg_true()
                answer = answer.scatter(unknown, _told(one, given.gather(unknown)))
            answers[name] = answer
        return answers

    return judged


def _found(lines: Sequence[Sequence[pl.Series]], among: frozenset[str], entries: _Entries) -> list[pl.Series]:
    """Which rows of each frame, of which there are some columns, have one of the entries in any of these.

    All are looked up at once: getting a list ready for it takes as long as looking thousands of texts up.
    """
    texts = pl.concat([column for columns in lines for column in columns])
    found = texts.is_in(entries[among]).fill_null(value=False) if among in entries else _set_member(among, texts)
    answers, start = [], 0
    for columns in lines:
        size = len(columns[0])
        answers.append(reduce(or_, (found.slice(start + place * size, size) for place in range(len(columns)))))
        start += len(columns) * size
    return answers


def _told(asked: Asked, texts: pl.Series) -> pl.Series:
    """What Python says of the texts, of each distinct one once."""
    memory: dict[object, Derived] = {}
    return pl.Series([remembered(memory, asked.function, (text,)) for text in texts], dtype=pl.Boolean)


def _ways(tests: Sequence[TextTest]) -> list[_Way]:
    """The ways of judging texts with these tests, in the order in which they are gone."""
    fewest = fewest_stops(tests)
    plain = _plain_text(tests, MOST_STOPS - fewest)
    if any(test.part is Part.WHOLE for test in tests):
        return [_common_text(tests, MOST_STOPS - fewest), plain]
    shortest = max(fewest, 1)  # most domains have no more, and so no parent to look up
    return [
        *(_common_address(tests, most, most - fewest) for most in range(shortest, MOST_STOPS + 1)[:2]),
        plain,
    ]


def _common_address(tests: Sequence[TextTest], most: int, parents: int) -> _Way:
    """Valid addresses whose parts are what they are folded to, with at most `most` full stops in the domain."""
    text, at = pl.col("text"), pl.col("at")
    gate = text.str.contains(common_address(most)) & (text.str.len_bytes() <= LONGEST_COMMON)
    steps: list[Mapping[str, pl.Expr]] = [
        {"gate": gate, "at": text.str.find(_AT, literal=True)},
        {Part.DOMAIN: _bytes(text).bin.slice(at + 1), Part.LOCAL_PART: _bytes(text).bin.head(at)},
    ]
    return _with_parents(steps, tests, parents)


def _common_text(tests: Sequence[TextTest], parents: int) -> _Way:
    """Texts that are what they are folded to."""
    text = pl.col("text")
    gate = text.str.contains(_COMMON_TEXT) & ~_rare(text) & (_stops(text) <= MOST_STOPS)
    return _with_parents([{"gate": gate, Part.WHOLE: _bytes(text)}], tests, parents)


def _plain_text(tests: Sequence[TextTest], parents: int) -> _Way:
    """Plain ASCII."""
    text = pl.col("text")
    at, tag = text.str.find(_AT, literal=True), text.str.find("+", literal=True)
    end = pl.when((tag > 0) & (tag < at)).then(tag).otherwise(at)
    short = (at <= LONGEST_LOCAL) & (text.str.len_bytes() - at <= LONGEST_DOMAIN + 1)
    plain = text.str.contains(PLAIN_ADDRESS) & short.fill_null(value=False)
    valid = pl.when(plain).then(statement=True).when(text.str.contains(HOPELESS_ADDRESS)).then(statement=False)
    lower = text.str.to_lowercase()
    step: dict[str, pl.Expr] = {
        "gate": ~_rare(text) & (_stops(text) <= MOST_STOPS),
        # Slices by where the @ is: plain ASCII has its bytes where it has its characters.
        Part.WHOLE: _bytes(lower),
        Part.DOMAIN: _bytes(lower.str.slice(at + 1).str.strip_suffix(".").fill_null("")),
        Part.LOCAL_PART: _bytes(lower.str.head(end).fill_null("")),
    }
    if any(test.part is None for test in tests):
        step["valid"] = valid
    return replace(_with_parents([step], tests, parents), valid="valid")


def _with_parents(steps: Sequence[Mapping[str, pl.Expr]], tests: Sequence[TextTest], parents: int) -> _Way:
    """The way that makes the parts, under their names, by the steps, and so many parents of those that tests want."""
    added = list(steps)
    lines = {part: [part.value] for part in Part}
    for part in {test.part for test in tests if test.part is not None and test.parents}:
        for number in range(parents):
            child, name = pl.col(lines[part][-1]), f"{part}_{number}"
            added.append({name: child.bin.slice(child.cast(pl.String).str.find(".", literal=True) + 1)})
            lines[part].append(name)
    return _Way(added, lines)


def _bytes(text: pl.Expr) -> pl.Expr:
    """The text as bytes, which are cut, and looked up, without a look at what characters they are."""
    return text.cast(pl.Binary)


def _rare(text: pl.Expr) -> pl.Expr:
    """Whether a text is not short, plain ASCII with one @ at most and nothing that may be Punycode."""
    length = text.str.len_bytes()
    unlike = (length != text.str.len_chars()) | (length > LONGEST_JUDGED)
    # Two hyphens are more than xn-- alone, and found faster than that in whatever case.
    return unlike | text.str.contains("--", literal=True) | (text.str.count_matches(_AT, literal=True) > 1)


def _stops(text: pl.Expr) -> pl.Expr:
    return text.str.count_matches(".", literal=True)
