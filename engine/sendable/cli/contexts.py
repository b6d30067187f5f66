"""Contexts that commands are given: the files that were named, those of folders, and the time they are decided at."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sendable.cli.console import Failure, complain
from sendable.decide.documents import SUFFIXES
from sendable.diagnostics.wording import refused, shown
from sendable.language.types import NOW, Kind, Type
from sendable.language.values import ValueRefusedError, read_fact
from sendable.pack.resources import is_pack

STANDARD_INPUT: Final = "-"
STANDARD_OUTPUT: Final = "-"

_KINDS: Final = f"Contexts are in files that end in {', '.join(SUFFIXES)}."


def files_of_contexts(named: Iterable[str]) -> tuple[str, ...]:
    """The files that were named, and of a folder those that can hold contexts, however deep, by name.

    How many a folder has is said on standard error. Raises Failure for a folder that has none, and for one that is a
    pack or has one in it, whose files are no contexts.
    """
    return tuple(file for one in named for file in ([one] if _is_no_folder(one) else _of_folder(Path(one))))


def _is_no_folder(name: str) -> bool:
    return name == STANDARD_INPUT or not os.path.isdir(name)  # noqa: PTH112 - it raises nothing


def _of_folder(folder: Path) -> list[str]:
    try:
        found = list(_inside(folder))
    except OSError as error:
        raise Failure(f"`{shown(error.filename)}` can't be read: {refused(error)}", _KINDS) from error
    if not found:
        raise Failure(f"there are no contexts in `{shown(folder)}`", _KINDS)
    complain(f"note: `{shown(folder)}` has {len(found)} {'file' if len(found) == 1 else 'files'} of contexts")
    return found


def _inside(folder: Path) -> Iterator[str]:
    if is_pack(folder):
        raise Failure(
            f"`{shown(folder)}` is a policy pack, and no folder of contexts",
            f"Name the files, or a folder of them such as `{shown(folder / 'examples')}`; the pack goes with --policy.",
        )
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _inside(Path(entry.path))
        elif Path(entry.name).suffix.lower() in SUFFIXES and not entry.is_dir():
            yield entry.path


class Clock:
    """The time at which contexts are decided: what was asked for, else each one's own, else the current time."""

    def __init__(self, asked: datetime | None) -> None:
        self._asked = asked is not None
        self._replaced = 0
        self.now = datetime.now(UTC).replace(microsecond=0) if asked is None else asked

    def timed(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """The context to decide at `now`: without a time of its own where another was asked for.

        One that is no time stays, and is told as what else is wrong in a context.
        """
        own = context.get(NOW)
        if not self._asked or own is None:
            return context
        try:
            told = read_fact(own, Type(Kind.TIMESTAMP))
        except ValueRefusedError:
            return context
        self._replaced += told != self.now
        return {key: value for key, value in context.items() if key != NOW}

    def tell(self) -> None:
        """Says on standard error that contexts had another time than the one they were decided at."""
        if self._replaced:
            whose = "the context" if self._replaced == 1 else f"{self._replaced} contexts"
            complain(f"note: the time of --now was used, not the `now` of {whose}")
