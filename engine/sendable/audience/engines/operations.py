"""What the engines under a frame have in common: the few column operations that Narwhals has no name for.

An engine adds columns to a native frame by name; nothing here knows of conditions. Each has a module of its own, which
is imported when one of its frames is at hand, never before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import methodcaller
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar
from weakref import ref

_Made = TypeVar("_Made")

NativeFrame: TypeAlias = Any
"""A lazy native frame: polars.LazyFrame, duckdb.DuckDBPyRelation or pyspark.sql.DataFrame."""

TextRead: TypeAlias = Callable[[str], "str | None"]
"""A pure function of a text. For Spark it must be picklable."""

Derived: TypeAlias = "bool | int | str | list[str] | None"
"""What is computed in Python for a row."""

PerValue: TypeAlias = Callable[..., Derived]
"""A pure function of the values of a row's columns, None where one is null. For Spark it must be picklable."""


Decode: TypeAlias = Callable[..., dict[str, object]]
"""What is in the fields of a decision, by the flags that it has."""

Decoding: TypeAlias = Callable[[NativeFrame, str, Sequence[str], Decode], NativeFrame]
"""See `Engine.decode`."""


NOTHING: Final = ""
ITEM: Final = "[]"
NativeType: TypeAlias = "str | Mapping[str, NativeType]"
"""A type by the name that an engine has for it, `NOTHING` for that of nulls alone; or what is in a struct, by its
names, or in a list, as its `ITEM`."""


class Operation(StrEnum):
    """What an engine can compute of columns. Null where an operand is, but for HAS_NULL of an empty list."""

    MICROSECONDS = "microseconds"
    """A timestamp with a time zone as microseconds since 1970 in UTC, a 64-bit integer."""
    TIMESTAMP = "timestamp"
    """The opposite of MICROSECONDS."""
    CONTAINS = "contains"
    """Whether a list of texts has a text."""
    OVERLAPS = "overlaps"
    """Whether two lists of texts have one in common."""
    HAS_NULL = "has_null"
    """Whether a list of texts has a null in it."""
    CLOCK = "clock"
    """A timestamp without a time zone as microseconds since its clock showed 1970, a 64-bit integer."""
    SPLIT = "split"
    """A text of parts joined by `JOINED_BY` as the list of them; the empty text as the empty list."""
    ITEMS = "items"
    """A text of items joined by semicolons as the list of them; [] as the empty list."""
    SET = "set"
    """A list of texts as one text, the same for lists with the same items, however often and in whatever order."""
    NUMBER = "number"
    """A text of a decimal number as a double; null for any other text."""
    UNUSUAL = "unusual"
    """Whether a text has characters beyond ASCII."""
    UNUSUAL_ITEMS = "unusual_items"
    """Whether one in a list of texts has; for an empty list it may be null."""
    TRIMMED = "trimmed"
    """A text without white space around it: see `identifiers.trimmed`. Null where nothing is left, and if unusual."""
    IDENTIFIER = "identifier"
    """The identifier that a text is: see `identifiers.identifier`. Null where it is none, and where it is unusual."""
    IDENTIFIERS = "identifiers"
    """The same of a list of texts, without those that are none; null where one of them is unusual."""


JOINED_BY: Final = "\x1f"
"""What stands between the parts of a text that is to be split: no text of people's has it."""

Applied: TypeAlias = tuple[Operation, tuple[str, ...]]
"""An operation and the columns that it is applied to."""


class Part(StrEnum):
    """What of a text is looked at, folded: see `addresses.fold`, `addresses.domain` and `addresses.local_part`."""

    WHOLE = "whole"
    DOMAIN = "domain"
    LOCAL_PART = "local_part"


@dataclass(frozen=True, slots=True)
class TextTest:
    """A question about a text. Its answer is null where the text is."""

    part: Part | None
    """What is looked up; None for the question whether the text is a valid address."""
    among: frozenset[str] = frozenset()
    """The folded texts that the part is looked up among."""
    parents: bool = False
    """Whether it is enough that a parent of the part, which is a domain, is found."""


LONGEST_WRITTEN: Final = 10_000
"""How many entries are written into a query, or got ready for each batch of rows; more are joined, or stay a set."""


class OncePerSet(Generic[_Made]):
    """A function of a set, computed once for as long as the set is there, as that of a list of a pack is."""

    def __init__(self, function: Callable[[frozenset[str]], _Made]) -> None:
        self._function = function
        self._made: dict[int, tuple[ref[frozenset[str]], _Made]] = {}

    def __call__(self, among: frozenset[str]) -> _Made:
        """What the function makes of the set."""
        key = id(among)
        found = self._made.get(key)
        if found is None or found[0]() is not among:
            found = self._made[key] = ref(among, lambda _: self._made.pop(key, None)), self._function(among)
        return found[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """A test of a column. `function`, of the text, answers in Python where an engine does not know the answer."""

    test: TextTest
    column: str
    function: PerValue


@dataclass(frozen=True, slots=True)
class Reading:
    """What Python makes of the texts of a column that are out of the ordinary."""

    column: str
    odd: str
    """A boolean column without nulls: whether the text is one of these, which are never null."""
    function: TextRead


class Engine(Protocol):
    """Adds columns to native frames."""

    @property
    def decode(self) -> Decoding | None:
        """Adds to a frame a struct column of a name: what a function makes of each distinct row of boolean columns.

        None where the engine is better off with expressions that spell out what each row is.
        """

    def types(self, frame: NativeFrame) -> Mapping[str, NativeType]:
        """The types of the columns of `frame`."""

    def settled(self, frame: NativeFrame) -> NativeFrame:
        """`frame`, each of whose columns is computed once, however often what is added to it reads them."""

    def add(self, frame: NativeFrame, added: Mapping[str, Applied]) -> NativeFrame:
        """`frame` with the columns `added` besides, which read its own."""

    def test(self, frame: NativeFrame, asked: Mapping[str, Asked]) -> NativeFrame:
        """`frame` with the boolean columns `asked` besides.

        What nearly all texts are, plain ASCII, is judged by expressions. The rest is judged by Python, each distinct
        text once.
        """

    def read(self, frame: NativeFrame, readings: Mapping[str, Reading]) -> NativeFrame:
        """`frame` with columns of texts besides: what functions, in Python, make of odd texts.

        Each distinct text is read once. Null comes out where a text is not odd.
        """

    def derive(
        self, frame: NativeFrame, name: str, function: PerValue, columns: Sequence[str], needed: str | None, kind: type
    ) -> NativeFrame:
        """`frame` with a column `name` besides: `function`, in Python, for each distinct value of `columns`.

        `kind` is bool, int, str, or list, of texts. Null comes out where the boolean column `needed` is not true.
        """

    def examples(self, frame: NativeFrame, wanted: Sequence[tuple[str, str]], most: int) -> list[tuple[int, list[str]]]:
        """For each pair of a boolean column and a column of texts: in how many rows it is true, and texts of these.

        Of the distinct texts those come that are first by their characters, `most` of them.
        """

    def repeated(self, frame: NativeFrame, groups: Sequence[Sequence[str]]) -> list[NativeFrame | None]:
        """For each of the groups of columns the rows whose values in them, none of them null, are on several rows.

        There may be a few others among them; None where it is known that there are none. The frame may be read at once.
        """

    def strictest(self, frame: NativeFrame, group: str, rank: str, columns: Sequence[str], size: str) -> NativeFrame:
        """`frame` with the `columns` of each row as they are in the row of its group that has the least rank.

        Of several such rows it is the one whose `clears_at` is null, or latest; of those, the first by what else is in
        `columns`. `size` is a column besides: how many rows the group has. A row whose group is null is one of its own.
        """

    def rows(self, frame: NativeFrame) -> list[tuple[Any, ...]]:
        """The rows of a frame that has few."""

    def count(self, frame: NativeFrame, flags: Sequence[str]) -> list[tuple[tuple[bool, ...], int]]:
        """The distinct rows of the boolean columns `flags`, which have no nulls, each with how often it is there."""


# What engines judge addresses by: `addresses._PLAIN` without what looks ahead; the lengths are looked at beside it.
_ATOM: Final = r"[A-Za-z0-9!#$%&\x27*+/=?^_`{|}~-]+"
PLAIN_ADDRESS: Final = rf"^{_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{{2,63}}\z"
"""Addresses of the form that nearly all have: with a local part of at most 64 characters and a domain of at most 62,
they are valid."""
_PRINTED: Final = r"[A-Za-z0-9!#$%&\x27*+/=?^_`{|}~.-]"
_UNPRINTED: Final = r"[\x00-\x20\x22\x28\x29,:;<>\x5b-\x5d\x7f]"
HOPELESS_ADDRESS: Final = rf"^(?:[\x00-\x7f]*{_UNPRINTED}[\x00-\x7f]*|{_PRINTED}*(?:@{_PRINTED}*@[\x00-\x7f]*)?)\z"
"""ASCII with characters that no address has unquoted, or with not one @: not valid."""
_PIECE: Final = r"[a-zà-öø-ÿ0-9!#$%&\x27*/=?^_`{|}~]+"
_LABEL: Final = r"[a-zà-öø-ÿ0-9]+(?:-[a-zà-öø-ÿ0-9]+)*"


def common_address(stops: int) -> str:
    """What most addresses look like, with at most so many full stops in the domain.

    ASCII and the letters of Latin-1 in lower case, without a tag or a double hyphen: of at most `LONGEST_COMMON` bytes,
    they are valid, and their parts are what they are folded to.
    """
    return rf"^{_PIECE}(?:[.-]{_PIECE})*@(?:{_LABEL}\.){{1,{stops}}}[a-z]{{2,63}}\z"


LONGEST_COMMON: Final = 48
"""Bytes. No label of such an address has more than 63 when it is written in Punycode."""
LONGEST_LOCAL: Final = 64
LONGEST_DOMAIN: Final = 62
LONGEST_JUDGED: Final = 254
"""Longer texts are left to Python."""
MOST_STOPS: Final = 4
"""Of a text with more full stops, parents are left to Python; others have at most so many."""


_BITS: Final = 56


def coded(flags: Sequence[str]) -> dict[str, Sequence[str]]:
    """The integers, of 64 bits, that rows of boolean columns are told apart by: which flags are the bits of each."""
    return {f"code_{start}": flags[start : start + _BITS] for start in range(0, len(flags), _BITS) or (0,)}


def decoded(codes: Iterable[int], count: int) -> tuple[bool, ...]:
    """The booleans that the integers were made of."""
    code = sum(one << index * _BITS for index, one in enumerate(codes))
    return tuple(bool(code >> place & 1) for place in range(count))


def parts_of(asked: Iterable[Asked]) -> frozenset[Part]:
    """The parts of a text that the tests look up."""
    return frozenset(one.test.part for one in asked if one.test.part is not None)


def fewest_stops(tests: Iterable[TextTest]) -> int:
    """How many full stops a parent has at least that is worth a look: as many as an entry has, at most `MOST_STOPS`."""
    return min([MOST_STOPS, *(_fewest(test.among) for test in tests if test.parents)])


_STOPS: Final = methodcaller("count", ".")
_fewest: Final = OncePerSet(lambda among: min(map(_STOPS, among), default=MOST_STOPS))


def by_column(asked: Mapping[str, Asked]) -> dict[str, dict[str, Asked]]:
    """The tests of each column."""
    grouped: dict[str, dict[str, Asked]] = {}
    for name, one in asked.items():
        grouped.setdefault(one.column, {})[name] = one
    return grouped


def remembered(memory: dict[object, Derived], function: PerValue, row: Sequence[Any]) -> Derived:
    """What `function` makes of the row, computed once for all equal ones; lists among its values are no obstacle."""
    key = tuple(tuple(value) if isinstance(value, list) else value for value in row)
    if key not in memory:
        memory[key] = function(*row)
    return memory[key]
