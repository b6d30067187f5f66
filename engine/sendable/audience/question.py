"""What is asked of a frame: the email, and how the columns are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict


class FrameOptions(TypedDict, total=False):
    """How columns are read: arguments of `Policy.decide_frame`, which tells of them, and of whatever else is asked."""

    columns: Mapping[str, str | None] | None
    keys: str | Sequence[str] | None
    texts: bool
    ignore: Iterable[str]
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A frame, the email and the `FrameOptions`, each as it was given or as it is by default."""

    frame: object
    campaign: Mapping[str, Any]
    now: datetime | None = None
    columns: Mapping[str, str | None] | None = None
    keys: str | Sequence[str] | None = None
    texts: bool = False
    ignore: Iterable[str] = ()
    time_zone: str | None = None
