"""Roles of a stretch of text. What a role looks like is decided by whoever prints it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TypeAlias


class Role(Enum):
    """What a stretch of text is for."""

    HEADING = auto()
    GOOD = auto()
    BAD = auto()
    WARNING = auto()
    HINT = auto()
    FAINT = auto()


Paint: TypeAlias = Callable[[str, Role], str]
"""Gives a text the looks of a role. Its length on the screen stays the same."""


def plain(text: str, role: Role) -> str:  # noqa: ARG001 - a Paint that does nothing
    """Leaves the text as it is."""
    return text
