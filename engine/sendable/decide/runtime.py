"""The names that generated code may use, and what they do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from sendable.decide.decision import Certainty, Decision, Finding, TimedDecision, lifted, telling, to_come
from sendable.language import addresses, functions
from sendable.language.identifiers import IDENTIFIERS, identifiers, trimmed
from sendable.language.timestamps import parse_timestamp

_EMPTY: Final[dict[str, object]] = {}


def _timestamp(value: object) -> datetime | None:
    """A timestamp of the context in UTC; None where it has to go the long way."""
    if type(value) is str:
        return _read_timestamp(value)
    return value if type(value) is datetime and value.tzinfo is UTC else None


@lru_cache(maxsize=1024)
def _read_timestamp(text: str) -> datetime | None:
    # The same times come again and again: that of a campaign, and the one at which an account's limit is reset.
    try:
        return parse_timestamp(text)
    except ValueError:
        return None


def _spelled_id(text: str) -> str | None:
    return trimmed(text) or None


def _conjunction(*operands: bool | None) -> bool | None:
    return False if False in operands else None if None in operands else True


def _disjunction(*operands: bool | None) -> bool | None:
    return True if True in operands else None if None in operands else False


def _negation(operand: bool | None) -> bool | None:
    return None if operand is None else not operand


def _inside(item: object, container: Collection[object] | None) -> bool | None:
    if container is None:
        return None
    if not container:
        return False
    return None if item is None else item in container


def _folded_inside(item: str | None, container: frozenset[str]) -> bool | None:
    return _inside(None if item is None else addresses.fold(item), container)


def _digest_inside(item: str | None, container: frozenset[str]) -> bool | None:
    return _inside(None if item is None else addresses.digest(item), container)


def _current_time() -> datetime:
    return datetime.now(UTC)


def _in_order(missing: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(missing)))


RUNTIME: Final[dict[str, object]] = {
    **{name: one.meaning for name, one in functions.FUNCTIONS.items() if one.meaning is not None},
    **{naming.__name__: naming for naming in functions.NAMING.values()},
    "add": functions.add,
    "subtract": functions.subtract,
    "multiply": functions.multiply,
    "divide": functions.divide,
    "negate": functions.negate,
    "fold": addresses.fold,
    "digest": addresses.digest,
    "within": functions.within,
    "timestamp": _timestamp,
    "current_time": _current_time,
    "conjunction": _conjunction,
    "disjunction": _disjunction,
    "negation": _negation,
    "inside": _inside,
    "folded_inside": _folded_inside,
    "digest_inside": _digest_inside,
    "in_order": _in_order,
    "empty": _EMPTY,
    "Finding": Finding,
    "Decision": Decision,
    "TimedDecision": TimedDecision,
    "lifted": lifted,
    "telling": telling,
    "to_come": to_come,
    "MATCHED": Certainty.MATCHED,
    "UNDETERMINED": Certainty.UNDETERMINED,
    "spelled_identifier": IDENTIFIERS,
    "spelled_identifiers": identifiers,
    "spelled_id": _spelled_id,
    "type": type,
    "dict": dict,
    "len": len,
    "KeyError": KeyError,
    "list": list,
    "tuple": tuple,
    "str": str,
    "int": int,
    "float": float,
}
"""Every name that generated code may use, besides its own variables and constants. Builtins are not among them."""
