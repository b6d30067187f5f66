"""What texts of files stand for: flags, numbers, times, lists and choices as people and programs write them.

One definition for every engine: `tests/cases/values` has its vectors. A text is read where it has one meaning, and is
refused where it may have another, or none: whoever reads an audience is then told, and nobody is decided by a guess.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from sendable.language.identifiers import identifier
from sendable.language.timestamps import parse_timestamp
from sendable.language.types import Kind, Spelling, Type, Value

SEPARATOR: Final = ";"
"""What stands between the items of a list."""

TRUE: Final = frozenset({"true", "t", "yes", "y", "on", "1", "1.0", "sant", "sann", "ja", "j"})
FALSE: Final = frozenset({"false", "f", "no", "n", "off", "0", "0.0", "falskt", "falsk", "nej"})

_ANYWHERE: Final = frozenset({"null", "n/a", "#n/a", "\\n"})
"""What databases and spreadsheets write for no value, and nobody for anything else; MySQL writes \\N."""
_LACKING: Final = _ANYWHERE | {"na", "<na>", "unknown", "okänt", "okänd"}
NOTHING: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.BOOLEAN: _LACKING | {"nan"},
    Kind.INTEGER: _LACKING,  # `none` may be none at all, and what is not a number is a fault of some calculation
    Kind.NUMBER: _LACKING,
    Kind.STRING: _LACKING | {"nan"},  # of a choice, which may be `none`
    Kind.TIMESTAMP: _LACKING | {"nan", "nat", "none"},
    Kind.STRING_LIST: _ANYWHERE,  # `NA` may be what somebody calls a list
}
"""The words for no value, in lower case, for a field of each kind; an empty text is no value either."""
NO_IDENTIFIER: Final = NOTHING[Kind.STRING] | {"none"}
"""Those for a text with a spelling: an identifier or an id. Any other text is itself."""

NO_ITEM: Final = frozenset(
    {one for one in TRUE | FALSE if len(one) > 1 and one.isalpha()}
    | (_LACKING - _ANYWHERE)
    | {
        "all",
        "alla",
        "allt",
        "any",
        "everything",
        "samtliga",
        "ingen",
        "inga",
        "inget",
        "nan",
        "nil",
        "none",
        "nothing",
    }
    | {"unsubscribed", "unsubscribe", "opted out", "opted_out", "opt-out", "optout", "avregistrerad", "avanmäld"}
)
"""Words that alone are no list for certain: they may be about all items, or none."""

_DECIMAL: Final = re.compile(r"-?(?:[0-9]++(?:\.[0-9]++)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+")
_GROUPED: Final = (
    re.compile(
        r"(?P<whole>-?[0-9]{1,3}([ '\u2019\u00a0\u2009\u202f])[0-9]{3}(?:\2[0-9]{3})*)(?:[.,](?P<part>[0-9]+))?"
    ),
    re.compile(r"(?P<whole>-?[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?"),
    re.compile(r"(?P<whole>-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,(?P<part>[0-9]+))?"),
    re.compile(r"(?P<whole>-?[0-9]*),(?P<part>[0-9]+)"),
)
"""Numbers with something between their thousands, or with a decimal comma."""
_ONE_GROUP: Final = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_LONGEST_NUMBER: Final = 400

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS: Final = re.compile(r"([1-9][0-9]{9})(?:\.([0-9]+))?")
_EPOCH_PARTS: Final = re.compile(r"[1-9][0-9]{12}(?:[0-9]{3})?")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:[.,]([0-9]+))?)?"
    r"(?: ?(?:([Zz]|UTC|GMT)|([+-][0-9]{2}):?([0-9]{2})?))?)?"
)

_ITEM: Final = re.compile(r"\w++(?:[ .:@-]\w++)*+")
_ANSWERED: Final = re.compile(r".+[:=]\s*+(?:true|false|yes|no|ja|nej|0|1)", re.IGNORECASE)
"""An item with a flag behind it, which may say the opposite of what it does without."""
_QUOTED: Final = r"""(?:'((?:[^'\\]|\\['"\\])*+)'|"((?:[^"\\]|\\['"\\])*+)")"""
_PYTHON_ITEM: Final = re.compile(_QUOTED)
_PYTHON: Final = re.compile(rf"\[\s*+{_QUOTED}\s*+(?:,\s*+{_QUOTED}\s*+)*+(?:,\s*+)?+\]")
_ESCAPED: Final = re.compile(r"\\(.)")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_HOW_LISTS_ARE_WRITTEN: Final = 'write `a;b`, with semicolons between the items, or as JSON: `["a", "b"]`'


def read_text(text: str, expected: Type, zone: tzinfo | None = None) -> Value | None:
    """The value of the type `expected` that `text` stands for; None where it stands for no value.

    `zone` is that of times without an offset. Bounds of numbers are not looked at. Raises ValueError, with the reason
    in plain words, for a text that stands for nothing of the type, or not for certain.
    """
    if expected.kind is Kind.STRING and expected.enum is None:
        is_itself = expected.spelling is Spelling.AS_GIVEN or identifier(text) not in NO_IDENTIFIER
        return text if is_itself else None
    given = text.strip()
    if expected.enum is not None:
        return _choice(given, expected.enum)
    if not given or given.lower() in NOTHING[expected.kind]:
        return None
    match expected.kind:
        case Kind.BOOLEAN:
            return _flag(given.lower())
        case Kind.INTEGER | Kind.NUMBER:
            return _number(given, whole=expected.kind is Kind.INTEGER)
        case Kind.TIMESTAMP:
            return _moment(given, zone)
        case Kind.STRING_LIST:
            return _items(given)
        case Kind.STRING:
            raise AssertionError("texts and choices are read above")


def _choice(given: str, among: tuple[str, ...]) -> str | None:
    if given in among:
        return given
    meant = [one for one in among if one.lower() == given.lower()]
    if len(meant) == 1:
        return meant[0]
    if not given or given.lower() in NOTHING[Kind.STRING]:
        return None
    raise ValueError(f"it is none of {', '.join(among)}")


def _flag(word: str) -> bool:
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("it is neither true nor false: write `true` or `false`, `yes` or `no`, `ja` or `nej`, 1 or 0")


def _number(given: str, *, whole: bool) -> float:
    text = given.removeprefix("+") if not given.startswith("+-") else given
    text = f"-{text[1:]}" if text.startswith("\N{MINUS SIGN}") else text
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("it is no number")
    if _ONE_GROUP.fullmatch(text) and (whole or "," in text):
        # With a decimal point, 1.125 is what every program writes; a count has none, and then the point divides groups.
        raise ValueError("it may be thousands or decimals: write thousands without anything between them")
    if not _DECIMAL.fullmatch(text):
        text = _grouped(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("it is beyond all numbers")
    return value


def _grouped(text: str) -> str:
    """A number with its thousands apart or with a decimal comma, as Python writes it."""
    for form in _GROUPED:
        if found := form.fullmatch(text):
            return f"{re.sub('[^-0-9]', '', found['whole'])}.{found['part'] or 0}"
    raise ValueError("it is no number: write digits alone, and a decimal point where one is needed")


def _moment(given: str, zone: tzinfo | None) -> datetime:
    if found := _EPOCH_SECONDS.fullmatch(given):
        return _EPOCH + timedelta(seconds=int(found[1]), microseconds=int((found[2] or "0")[:6].ljust(6, "0")))
    if _EPOCH_PARTS.fullmatch(given):
        return _EPOCH + timedelta(microseconds=int(given.ljust(16, "0")))
    match = _MOMENT.fullmatch(given)
    if match is None:
        raise ValueError("it is not a time such as 2026-11-23T09:00:00+01:00")
    day, minutes, seconds, fraction, utc, hours, rest = match.groups()
    offset = "Z" if utc else "" if hours is None else f"{hours}:{rest or '00'}"
    parts = f".{fraction}" if fraction else ""
    return parse_timestamp(f"{day}T{minutes or '00:00'}{seconds or ':00'}{parts}{offset}", zone)


def _items(given: str) -> tuple[str, ...] | None:
    if _CONTROL.search(given):
        raise ValueError(f"it has tabs, line ends or other control characters in it: {_HOW_LISTS_ARE_WRITTEN}")
    if given.startswith("["):
        return _without_nothing(_bracketed(given))
    if given.lower() in NO_ITEM:
        raise ValueError(f"it is a word that may stand for all items, or none: {_HOW_LISTS_ARE_WRITTEN}")
    items = tuple(item for one in given.split(SEPARATOR) if (item := one.strip()))
    if not items or not all(map(_ITEM.fullmatch, items)) or any(map(_ANSWERED.fullmatch, items)):
        raise ValueError(f"it is no list for certain: {_HOW_LISTS_ARE_WRITTEN}")
    return _without_nothing(items)


def _without_nothing(found: Iterable[str]) -> tuple[str, ...] | None:
    """The items that are not empty; None where there are words for no value, and nothing else."""
    items = tuple(item for one in found if (item := one.strip()))
    lacking = [item for item in items if item.lower() in NOTHING[Kind.STRING_LIST]]
    if not lacking:
        return items
    if len(lacking) < len(items):
        raise ValueError(f"it has items, and `{lacking[0]}` for no value among them: {_HOW_LISTS_ARE_WRITTEN}")
    return None


def _bracketed(given: str) -> list[str]:
    """The items of a list as JSON or Python writes it."""
    try:
        found = json.loads(given)
    except (ValueError, RecursionError):
        if not _PYTHON.fullmatch(given):
            raise ValueError(f"it is no list in JSON: {_HOW_LISTS_ARE_WRITTEN}") from None
        found = [_ESCAPED.sub(r"\1", single or double) for single, double in _PYTHON_ITEM.findall(given)]
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError(f"it has something else than texts in it: {_HOW_LISTS_ARE_WRITTEN}")
    if any(map(_CONTROL.search, found)):
        raise ValueError("it has control characters in an item")
    return found
