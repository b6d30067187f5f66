"""The functions and operators of the language: each function is one record, of name, signature, summary and meaning.

Backends are keyed by the names here, each in a table of its own, and a test fails for whatever lacks one. What a
function does with known values stands here, and None is its answer where there is none; backends differ only in how
they treat what is unknown.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from sendable.language import addresses, zones
from sendable.language.identifiers import trimmed
from sendable.language.scope import PolicyList
from sendable.language.types import LARGEST_NUMBER, Kind, Type

COMPARISONS: tuple[str, ...] = ("==", "!=", "<", "<=", ">", ">=")
ORDERINGS: tuple[str, ...] = ("<", "<=", ">", ">=")


class Special(Enum):
    """Parameters that are not simply of one kind."""

    PATH = auto()
    """A field of the context, of any type, whether it has data or not."""
    ANY = auto()
    """A value of any type, which may be unknown."""
    SAME = auto()
    """A value of the same type as the parameter before it."""
    MAP = auto()
    """A list of the pack that is a map."""
    ZONE = auto()
    """A text that names a time zone; one that names none is unknown."""
    CLOCK = auto()
    """A text that names a time of day, `HH:MM`; one that names none is unknown."""


ParameterKind: TypeAlias = Kind | Special

NAMING: Final[Mapping[ParameterKind, Callable[[str], object | None]]] = MappingProxyType(
    {Special.ZONE: zones.zone_of, Special.CLOCK: zones.clock_of}
)
"""What a text names where it stands for a parameter of the kind; None where that is nothing."""


@dataclass(frozen=True, slots=True)
class Function:
    """A registered function. It is strict, unknown where an argument is, unless a parameter is PATH or ANY."""

    name: str
    parameters: tuple[tuple[str, ParameterKind], ...]
    result: Kind | None
    """The kind of the result; None where it is that of the first argument."""
    summary: str
    meaning: Callable[..., Any] | None
    """What it does with known values; None where it is about the lack of a value, which is up to each backend."""
    needs_now: bool = False
    """Whether it takes the time of the decision before its arguments."""
    folds: bool = False
    """Whether its text is folded, as the entries of lists are."""
    may_fail: bool = False
    """Whether it may have no answer though its arguments are known."""
    cheap: bool = False
    """Whether it costs no more than to remember what it came to."""
    minimum: int | None = None
    """The least number that it can come to."""
    maximum: int | None = None
    """The greatest."""
    offered: bool = True
    """Whether authors can write it. What they can't is made of other keys than conditions."""

    @property
    def number(self) -> Type | None:
        """The type of the number that it comes to, where not every number is one; else None."""
        if self.result is None or (self.minimum is None and self.maximum is None):
            return None
        return Type(self.result, minimum=self.minimum, maximum=self.maximum)

    @property
    def named(self) -> tuple[tuple[int, Callable[[str], object | None]], ...]:
        """Which of its parameters take the name of something, by their places, and what a text names there."""
        return tuple((place, NAMING[kind]) for place, (_, kind) in enumerate(self.parameters) if kind in NAMING)

    @property
    def signature(self) -> str:
        """How the function is written, such as `overlaps(list, list)`."""
        return f"{self.name}({', '.join(name for name, _ in self.parameters)})"


_ADDRESS = ("address", Kind.STRING)
_TEXT = ("text", Kind.STRING)
_PART = ("part", Kind.STRING)
_LIST = ("list", Kind.STRING_LIST)
_TIMESTAMP = ("timestamp", Kind.TIMESTAMP)
_ZONE = ("zone", Special.ZONE)


# -- what they mean

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
MICROSECONDS_PER_HOUR: Final = 3_600_000_000
MICROSECONDS: Final = {"hours_since": MICROSECONDS_PER_HOUR, "days_since": 24 * MICROSECONDS_PER_HOUR}
"""Of functions that measure time, how long one of what they count is."""
FIRST_MOMENT: Final = datetime.min.replace(tzinfo=UTC)
LAST_MOMENT: Final = datetime.max.replace(tzinfo=UTC)
"""The ends of time: no timestamp is before the year 1 or after 9999."""
_LONGEST_DOMAIN: Final = 255  # RFC 5321, 4.5.3.1.2


def _entries(container: Collection[str] | PolicyList) -> Collection[str]:
    return container.entries if isinstance(container, PolicyList) else container


def _folded(container: Collection[str] | PolicyList) -> frozenset[str]:
    return container.entries if isinstance(container, PolicyList) else frozenset(map(addresses.fold, container))


def listed(text: str, container: PolicyList) -> bool:
    """Whether the text is an entry of a list of the pack: folded, or its digest."""
    return (addresses.digest(text) if container.hashed else addresses.fold(text)) in container.entries


def overlaps(left: Collection[str] | PolicyList, right: Collection[str] | PolicyList) -> bool:
    """Whether the two have a value in common; folded where one of them is a list of the pack."""
    if isinstance(left, PolicyList) or isinstance(right, PolicyList):
        return not _folded(left).isdisjoint(_folded(right))
    return not set(left).isdisjoint(right)


def count(container: Collection[str] | PolicyList) -> int:
    """How many values it has; those of a list of the pack are counted once each."""
    return len(_entries(container))


def in_domains(domain: str, container: Collection[str] | PolicyList) -> bool:
    """Whether the domain or a parent domain is in the container, folded."""
    return within(addresses.fold(domain), _folded(container))


def within(name: str, entries: frozenset[str]) -> bool:
    """Whether the folded domain `name` or a parent domain is in `entries`."""
    if len(name) > _LONGEST_DOMAIN:
        return not entries.isdisjoint(addresses.parents(name))
    while name:
        if name in entries:
            return True
        name = name.partition(".")[2]
    return False


def lookup(key: str, table: PolicyList) -> str | float | None:
    """The value that the map has for the folded key."""
    return (table.values or {}).get(addresses.fold(key))


def hours_since(now: datetime, timestamp: datetime) -> float:
    """Hours from the timestamp to now."""
    return (now - timestamp) / _HOUR


def days_since(now: datetime, timestamp: datetime) -> float:
    """Days of 24 hours from the timestamp to now."""
    return (now - timestamp) / _DAY


def add_hours(timestamp: datetime, number: float) -> datetime | None:
    """The time so many hours later, to the microsecond; None where that is outside the years 1 to 9999.

    One product and one sum of doubles, rounded down: so every engine can count the same.
    """
    try:
        return timestamp + timedelta(microseconds=math.floor(number * float(MICROSECONDS_PER_HOUR) + 0.5))
    except OverflowError:
        return None


def in_rollout(reason: str, value: str, share: int, decimals: int) -> bool:
    """Whether a reason that is rolled out to a share holds for the value, which is hashed with the reason's id.

    The share is in percent, without its point and with so many decimals. An empty value is as good as none.
    """
    text = trimmed(value)
    if not text:
        return False
    digest = sha256(f"{reason}/{text}".encode(errors="surrogatepass")).digest()
    # INVARIANT: another bucket for a value moves who gets email: `schemas/README.md` has vectors.
    whole: int = 100 * 10**decimals
    return int.from_bytes(digest[:8], "big") * whole < share << 64


def _bounded(function: Callable[..., float]) -> Callable[..., int | float | None]:
    """Arithmetic that has no answer where the result is beyond ±2^53, or where there is none."""

    def count_with(*arguments: float) -> int | float | None:
        try:
            result = function(*arguments)
        except ZeroDivisionError:
            return None
        return result if -LARGEST_NUMBER <= result <= LARGEST_NUMBER else None

    return count_with


add: Final = _bounded(operator.add)
subtract: Final = _bounded(operator.sub)
multiply: Final = _bounded(operator.mul)
divide: Final = _bounded(operator.truediv)
negate: Final = _bounded(operator.neg)


# -- the records

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        function.name: function
        for function in (
            Function(
                "domain",
                (_ADDRESS,),
                Kind.STRING,
                "the domain of an address, in lower case; empty without an @",
                addresses.domain,
                folds=True,
            ),
            Function(
                "local_part",
                (_ADDRESS,),
                Kind.STRING,
                "what stands before the @ of an address, in lower case and without a +tag; empty without an @",
                addresses.local_part,
                folds=True,
            ),
            Function(
                "base_address",
                (_ADDRESS,),
                Kind.STRING,
                "the address in lower case and without a +tag, as lists have it; empty without an @",
                addresses.base_address,
                folds=True,
            ),
            Function(
                "valid_address",
                (_ADDRESS,),
                Kind.BOOLEAN,
                "whether an address is well formed; nothing is looked up",
                addresses.valid_address,
            ),
            Function("lower", (_TEXT,), Kind.STRING, "the text in lower case", str.lower),
            Function(
                "starts_with", (_TEXT, _PART), Kind.BOOLEAN, "whether the text begins with the part", str.startswith
            ),
            Function("ends_with", (_TEXT, _PART), Kind.BOOLEAN, "whether the text ends with the part", str.endswith),
            Function(
                "contains", (_TEXT, _PART), Kind.BOOLEAN, "whether the part occurs in the text", operator.contains
            ),
            Function(
                "is_ascii",
                (_TEXT,),
                Kind.BOOLEAN,
                "whether the text has no letter or sign beyond ASCII: no å, no é, no emoji",
                str.isascii,
            ),
            Function(
                "overlaps", (_LIST, _LIST), Kind.BOOLEAN, "whether the two lists have a value in common", overlaps
            ),
            Function("count", (_LIST,), Kind.INTEGER, "how many values the list has", count, cheap=True, minimum=0),
            Function(
                "in_domains",
                (("domain", Kind.STRING), _LIST),
                Kind.BOOLEAN,
                "whether the domain, or a domain it belongs to, is in the list",
                in_domains,
            ),
            Function(
                "lookup",
                (("key", Kind.STRING), ("lists.map", Special.MAP)),
                Kind.STRING,  # a number where the map has numbers
                "the value that a map has for the key; unknown when it has none",
                lookup,
                may_fail=True,
            ),
            Function(
                "hours_since",
                (_TIMESTAMP,),
                Kind.NUMBER,
                "the hours from the timestamp to now; negative if it is to come",
                hours_since,
                needs_now=True,
            ),
            Function(
                "days_since",
                (_TIMESTAMP,),
                Kind.NUMBER,
                "the days of 24 hours from the timestamp to now",
                days_since,
                needs_now=True,
            ),
            Function(
                "add_hours",
                (_TIMESTAMP, ("number", Kind.NUMBER)),
                Kind.TIMESTAMP,
                "the time so many hours after the timestamp; unknown outside the years 1 to 9999",
                add_hours,
                may_fail=True,
            ),
            Function(
                "local_hour",
                (_TIMESTAMP, _ZONE),
                Kind.INTEGER,
                "the hour, 0 to 23, that clocks in the time zone show then; unknown where there is no such zone",
                zones.local_hour,
                may_fail=True,
                minimum=0,
                maximum=23,
            ),
            Function(
                "local_weekday",
                (_TIMESTAMP, _ZONE),
                Kind.INTEGER,
                "the day of the week there, from 1 for Monday to 7 for Sunday",
                zones.local_weekday,
                may_fail=True,
                minimum=1,
                maximum=7,
            ),
            Function(
                "next_local",
                (("time", Special.CLOCK), _TIMESTAMP, _ZONE),
                Kind.TIMESTAMP,
                "the first moment, from the timestamp on, at which clocks in the time zone show the time `HH:MM`",
                zones.next_local,
                may_fail=True,
            ),
            Function(
                "known",
                (("field", Special.PATH),),
                Kind.BOOLEAN,
                "whether the field has data; never unknown itself",
                None,
                cheap=True,
            ),
            Function(
                "default",
                (("value", Special.ANY), ("otherwise", Special.SAME)),
                None,
                "the value, or the other one where the value is unknown",
                None,
                cheap=True,
            ),
            Function(
                "in_rollout",
                (_TEXT, _TEXT, ("share", Kind.INTEGER), ("decimals", Kind.INTEGER)),
                Kind.BOOLEAN,
                "whether a reason, by its id, is rolled out to the text",
                in_rollout,
                offered=False,
            ),
        )
    }
)

OFFERED: Final[Mapping[str, Function]] = MappingProxyType(
    {name: function for name, function in FUNCTIONS.items() if function.offered}
)
"""The functions that authors can write."""
