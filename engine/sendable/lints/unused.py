"""Names that look like a use of something declared."""

from __future__ import annotations

import re
from typing import Final

from sendable.documents.elements import Element, Map, scalars

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")


def names(document: Element) -> set[str]:
    """Every name in the texts of a file with reasons, or with exceptions."""
    listed = [document.get(key) for key in ("reasons", "exceptions")] if isinstance(document, Map) else []
    return {
        name
        for entries in listed
        for scalar in (scalars(entries) if isinstance(entries, Map) else ())
        if isinstance(scalar.value, str)
        for name in _NAME.findall(scalar.value)
    }
