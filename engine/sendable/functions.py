"""What the functions and the arithmetic of the language do with known values. None is the answer where there is none.

Both backends use these; what differs between them is only how they treat what is unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sendable import addresses
from sendable.model import PolicyList
from sendable.types import LARGEST_NUMBER

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LONGEST_DOMAIN: Final = 255  # RFC 5321, 4.5.3.1.2


def _entries(container: Collection[str] | PolicyList) -> Collection[str]:
    return container.entries if isinstance(container, PolicyList) else container


def _folded(container: Collection[str] | PolicyList) -> frozenset[str]:
    return container.entries if isinstance(container, PolicyList) else frozenset(map(addresses.fold, container))


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


def lookup(key: str, table: PolicyList) -> str | None:
    """The value that the map has for the folded key."""
    return (table.values or {}).get(addresses.fold(key))


def hours_since(now: datetime, timestamp: datetime) -> float:
    """Hours from the timestamp to now."""
    return (now - timestamp) / _HOUR


def days_since(now: datetime, timestamp: datetime) -> float:
    """Days of 24 hours from the timestamp to now."""
    return (now - timestamp) / _DAY


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

NEEDS_NOW: Final = frozenset({"hours_since", "days_since"})
"""The functions that take the time of the decision before their arguments."""

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "domain": addresses.domain,
    "local_part": addresses.local_part,
    "valid_address": addresses.valid_address,
    "lower": str.lower,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": operator.contains,
    "overlaps": overlaps,
    "count": count,
    "in_domains": in_domains,
    "lookup": lookup,
    "hours_since": hours_since,
    "days_since": days_since,
}
"""Every registered function but `known` and `default`, which are about the lack of a value."""
