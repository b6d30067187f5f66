"""Which files an audience is: those that were named, and those of a directory but for what is no audience."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sendable.audience.engines.choice import has_decisions
from sendable.audience.engines.files import SUFFIXES, Form
from sendable.cli.console import Failure, complain
from sendable.cli.files import MARKER
from sendable.diagnostics.wording import shown

_MOST_TOLD: Final = 5
_HIDDEN: Final = (".", "_")
_KINDS: Final = "Files end in .parquet, .csv, .jsonl or .ndjson."
_DECISIONS: Final = "decisions"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of an audience, each once, and how they are written, which is the same for all."""

    files: tuple[Path, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Something in a directory that is not read, and what it is instead of contacts."""

    path: Path
    what: str


def audience_in(named: Iterable[Path]) -> Inputs:
    """The files that were named, and those in directories; what is left out of these is said on standard error.

    Decisions that were written by this command are no audience: read as contacts, who was held back would be sendable.
    Raises Failure and UnreadableError.
    """
    found: dict[tuple[int, int], Path] = {}
    for path in named:
        if path.is_dir():
            if (path / MARKER).exists():
                raise _is_decisions(path)
            left_out: list[_LeftOut] = []
            for one in _inside(path):
                if isinstance(one, _LeftOut):
                    left_out.append(one)
                else:
                    found.setdefault(_identity(one), one)
            _tell(path, left_out)
        else:
            _require_audience(path)
            if found.setdefault(_identity(path), path) is not path:
                complain(f"note: `{shown(path)}` was named already, and is read once")
    if not found:
        raise Failure("there is no audience in what was named", _KINDS)
    forms = {SUFFIXES[one.suffix.lower()] for one in found.values()}
    if len(forms) > 1:
        raise Failure("the files are not all of one kind", "Name files that all end in .parquet, .csv or .jsonl.")
    return Inputs(tuple(found.values()), forms.pop())


def _require_audience(path: Path) -> None:
    """Fails where a file that was named is no audience."""
    if not path.exists():
        raise Failure(f"there is no `{shown(path)}`", "Name files or directories of Parquet, CSV or JSON Lines.")
    if path.suffix.lower() not in SUFFIXES:
        raise Failure(f"`{shown(path)}` is no audience", _KINDS)
    if not path.is_file():
        raise Failure(
            f"`{shown(path)}` is no regular file, and an audience is read more than once", "Write it to a file first."
        )
    if has_decisions(path):
        raise _is_decisions(path)


def _is_decisions(path: Path) -> Failure:
    return Failure(
        f"`{shown(path)}` has decisions, as this command writes them, and no contacts", "Name the file of the contacts."
    )


def _inside(directory: Path) -> Iterator[Path | _LeftOut]:
    """The files in the directory, however deep, by name. Raises Failure for a link to nowhere that may be contacts."""
    for entry in sorted(os.scandir(directory), key=lambda one: one.name):
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if entry.name.startswith(_HIDDEN):
                yield _LeftOut(path, "hidden")
            elif (path / MARKER).exists():
                yield _LeftOut(path, _DECISIONS)
            else:
                yield from _inside(path)
        elif not entry.name.startswith(_HIDDEN):
            what = _no_contacts(path)
            yield path if what is None else _LeftOut(path, what)
        elif path.suffix.lower() in SUFFIXES:
            yield _LeftOut(path, "hidden")


def _no_contacts(path: Path) -> str | None:
    """What a file is that is not read; None for one of contacts. Raises Failure for a link to nowhere that may be."""
    may_be_contacts = path.suffix.lower() in SUFFIXES
    if not path.exists():
        if may_be_contacts:
            raise Failure(f"`{shown(path)}` is a link to what is not there", "Remove it, or put back what it names.")
        return "a link to what is not there"
    if not path.is_file():
        return _unusual(path)
    if not may_be_contacts:
        return "neither Parquet nor CSV nor JSON Lines"
    return _DECISIONS if has_decisions(path) else None


def _unusual(path: Path) -> str:
    """What something is that is no regular file."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return "a link to a directory"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _tell(directory: Path, left_out: list[_LeftOut]) -> None:
    if left_out:
        told = [f"`{shown(one.path.relative_to(directory))}` ({one.what})" for one in left_out[:_MOST_TOLD]]
        more = [f"{len(left_out) - _MOST_TOLD} more"] if len(left_out) > _MOST_TOLD else []
        complain(f"note: not read in `{shown(directory)}`: {', '.join([*told, *more])}")


def _identity(path: Path) -> tuple[int, int]:
    """The same for all the names that a file has."""
    found = path.stat()
    return found.st_dev, found.st_ino
