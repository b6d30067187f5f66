"""Running again whenever a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NoReturn

from sendable.cli.console import Failure, complain

_POLL_SECONDS: Final = 0.3


def watching(run: Callable[[], object], roots: Callable[[], Iterable[Path]]) -> NoReturn:
    """Runs now, and again whenever a file in the directories changes. What keeps it from running is said each time.

    `roots` gives the directories as they are at the time: with another base, a pack stands on others.
    """
    while True:
        watched = tuple(roots())
        before = _state(watched)
        try:
            run()
        except Failure as failure:
            failure.show()
        complain("waiting for changes; Ctrl-C ends this")
        while _state(watched) == before:
            time.sleep(_POLL_SECONDS)


def _state(roots: Iterable[Path]) -> dict[Path, int]:
    """The files in the directories, with the times of their last changes."""
    found: dict[Path, int] = {}
    for root in roots:
        for path in [root] if root.is_file() else root.glob("**/*"):
            try:
                found[path] = path.stat().st_mtime_ns
            except OSError:
                continue
    return found
