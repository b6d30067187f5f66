"""How what is asked of the beginning, the end and the parts of one text hangs together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

AFFIXES: Final = ("starts_with", "ends_with", "contains")
"""The functions that ask whether a part is in a text, and where."""


def possible(function: str, part: str, told: Iterable[tuple[str, str, bool]]) -> tuple[bool, ...]:
    """What the function can come to for a part of a text of which it was `told` what others come to; never nothing.

    Each of them is a function, its part and what it comes to. What is not excluded here may still be impossible.
    """
    yes, no = True, True
    for other, its, holds in told:
        if holds:
            no = no and not _implies(other, its, function, part)
            yes = yes and not _exclude(other, its, function, part)
        else:
            yes = yes and not _implies(function, part, other, its)
    return tuple(one for one, allowed in ((True, yes), (False, no)) if allowed) or (True, False)


def _implies(function: str, part: str, other: str, its: str) -> bool:
    """Whether a text of which the one holds is one of which the other does."""
    match other:
        case "starts_with":
            return function == other and part.startswith(its)
        case "ends_with":
            return function == other and part.endswith(its)
        case _:
            return its in part


def _exclude(function: str, part: str, other: str, its: str) -> bool:
    """Whether no text is one of which both hold."""
    if function != other or function == "contains":
        return False
    longer, shorter = sorted((part, its), key=len, reverse=True)
    return not (longer.startswith(shorter) if function == "starts_with" else longer.endswith(shorter))
