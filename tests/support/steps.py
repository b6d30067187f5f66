"""What something takes, counted so that it is the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

MOST_TIMES: Final = 2.6
"""How many times the steps twice the input may take: sorting takes more than twice, what is found once takes less."""


def steps(ask: Callable[[], object]) -> int:
    """How many functions are called, those of the interpreter's own included."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        ask()
    finally:
        sys.setprofile(before)
    return count
