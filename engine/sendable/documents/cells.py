"""Cells of tables that were written so that no spreadsheet runs them."""

from __future__ import annotations

import re
from typing import Final

_RUN: Final = re.compile(r"'+[=+\-@\t\r]")


def unguarded(text: str) -> str:
    """The text of a cell, without the apostrophe that keeps a spreadsheet from running it."""
    return text[1:] if _RUN.match(text) else text
