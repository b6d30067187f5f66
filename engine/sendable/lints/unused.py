"""Names that look like a use of something declared."""

from __future__ import annotations

import re
from typing import Final

from sendable.documents.elements import Element, scalars

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")


def names(element: Element) -> set[str]:
    """Every name in the texts of a reason, or of exceptions."""
    return {name for scalar in scalars(element) if isinstance(scalar.value, str) for name in names_in(scalar.value)}


def names_in(text: str) -> set[str]:
    """Every name in a text."""
    return set(_NAME.findall(text))
