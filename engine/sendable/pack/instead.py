"""What to write instead of a value that has the wrong form."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from sendable.language.mistakes import TRUTHS, number_at

_LONGEST = 100
_PERCENT = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,9}))?\s*%")
_ENDING = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)[,;]?")


def instead(value: object, wanted: Collection[str]) -> str:
    """Advice for whoever wrote `value` where one of the JSON types `wanted` is needed; empty where there is none."""
    match value:
        case str() if len(value) > _LONGEST:
            return ""
        case str():
            return _instead_of_text(value, wanted)
        case bool() | int() | float() if "string" in wanted:
            return "put it in quotes if it is meant as a text"
        case dict() if "string" in wanted and not any(value.values()):
            return "put a text that begins with a brace in quotes; in a condition a field is written without braces"
        case _:
            return ""


def _instead_of_text(text: str, wanted: Collection[str]) -> str:
    if "integer" in wanted and re.fullmatch(r"[0-9]+,[0-9]{1,2}", text):
        return "write a number without decimals"
    if "integer" in wanted or "number" in wanted:
        number = number_at(text, 0)
        if number is not None and number.end == len(text):
            return number.advice
        if percent := _PERCENT.fullmatch(text):
            share = Decimal(f"{percent[1]}.{percent[2] or 0}") / 100
            return f"a share is written as a number: `{share.normalize():f}`"
        if ending := _ENDING.fullmatch(text):
            return f"write `{ending[1]}`" + ("" if ending[1] != text else " without quotes")
    if "boolean" in wanted and (truth := TRUTHS.get(text.casefold())) is not None:
        return f"write `{truth}`"
    if "array" in wanted:
        items = [part.strip() for part in re.split(r"[,;]|\s+(?:and|och|or|eller)\s+", text) if part.strip()]
        return f"write a list in brackets: `[{', '.join(items)}]`"
    return ""
