"""Where the tests of a pack stand, and those of the packs that it stands on."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sendable.diagnostics import codes
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector
from sendable.documents import folders
from sendable.pack.folder import bases_of
from sendable.testing.cases import Suite

TESTS: Final = "tests"
"""The folder of a pack where its tests stand."""

OWN: Final = "own.yaml"
"""The file in it for the first test of a pack that has only those of what it stands on."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where tests stand: of the pack, or of one that it stands on. `root` is the pack that no link may lead out of."""

    directory: Path
    root: Path | None


def homes_of(directory: Path, root: Path | None) -> tuple[Home, ...]:
    """Where the tests in a directory stand, and before it where those of the packs do that theirs stands on."""
    tests = None if root is None else root / TESTS
    if root is not None and tests is not None and inside(directory, tests):
        theirs = [Home(base / TESTS, base) for base in reversed(bases_of(root))]
        return (*theirs, Home(tests, root))
    home = directory.parent if directory.is_file() else directory
    return (Home(home, root if root is not None and _stands_in(directory, root) else None),)


def inside(path: Path, directory: Path) -> bool:
    return Path(os.path.abspath(path)).is_relative_to(os.path.abspath(directory))  # noqa: PTH100 - follows no link


def leads_out(root: Path, path: Path, collector: Collector) -> bool:
    """Whether a symbolic link leads from the path to something outside of the folder `root`, which is reported."""
    found = os.path.exists(path) and folders.leads_out(root, os.path.abspath(path))  # noqa: PTH100, PTH110
    if found:
        collector.report(codes.OUTSIDE_PACK, Span.whole_file(str(path)), pattern=path)
    return found


def _stands_in(directory: Path, root: Path) -> bool:
    """Whether the directory is in the folder, by its name or in truth."""
    return inside(directory, root) or not folders.leads_out(root, os.path.abspath(directory))  # noqa: PTH100


def files_in(directory: Path) -> list[folders.Named]:
    """The YAML files in the directory, however deep, by name, and what can't be read; or the file itself.

    Hidden files and folders are left out.
    """
    if directory.is_file():
        return [folders.Named(directory.name)]
    return [
        one
        for one in folders.matching(directory, "**")
        if (one.why or one.name.lower().endswith((".yaml", ".yml")))
        and not any(part.startswith(".") for part in one.name.split("/"))
    ]


def overridden(found: Sequence[tuple[int, Suite]]) -> list[tuple[int, Suite]]:
    """The tests of several packs, each with its level, without the cases whose names one of a pack above has."""
    names = Counter(case.name for _, suite in found for case in suite.cases)
    above = {case.name: level for level, suite in found for case in suite.cases if names[case.name] > 1}
    return [
        (level, replace(suite, cases=tuple(case for case in suite.cases if above.get(case.name, level) == level)))
        for level, suite in found
    ]
