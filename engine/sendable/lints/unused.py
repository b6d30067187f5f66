"""Names that look like a use of something declared."""

from __future__ import annotations

import re
from typing import Final

from sendable.documents.elements import Element, Map, scalars

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")


def names(document: Element) -> set[str]:
    """Every name in the texts of a file with reasons."""
    reasons = document.get("reasons") if isinstance(document, Map) else None
    return {
        name
        for scalar in (scalars(reasons) if isinstance(reasons, Map) else ())
        if isinstance(scalar.value, str)
        for name in _NAME.findall(scalar.value)
    }
