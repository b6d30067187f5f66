"""What a pattern names in a folder, and why something that it names can't be read.

Unlike `Path.glob`, nothing is passed over: a link that leads nowhere, a folder that can't be listed and whatever else
is no readable regular file is told with what is wrong about it. A policy that lacks a file lets emails through.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

from sendable.diagnostics.wording import refused

_ANY_DEPTH: Final = "**"
_EDITOR_LOCK: Final = ".#"


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """What a pattern names: its name in the folder, with `/`, and why it can't be read, empty where it can.

    `leaves` is whether it stands outside of the folder, to which a symbolic link leads.
    """

    name: str
    why: str = ""
    leaves: bool = False


def matching(root: Path, pattern: str) -> tuple[Named, ...]:
    """What `pattern` names in the folder `root`, by name and each once.

    `*`, `?` and `[…]` stand for any part of a name, `**` for any number of folders, linked ones included. Folders that
    lead out of `root` are told and not looked into. `pattern` must be relative and have no `..`.
    """
    parts: list[str] = []
    for part in PurePosixPath(pattern).parts:
        if part != _ANY_DEPTH or parts[-1:] != [part]:  # twice in a row they say nothing more
            parts.append(part)
    found = _Search(root, os.path.realpath(root)).matching("", tuple(parts), ())
    return tuple(sorted(set(found)))


def unreadable(mode: int) -> str:
    """Why something of this mode, as `stat` gives it, is not read; empty for a regular file."""
    if stat.S_ISREG(mode):
        return ""
    return "it is a directory" if stat.S_ISDIR(mode) else "it is not a regular file"


def leads_out(root: Path, name: str) -> bool:
    """Whether the file of this name in the folder stands outside of it, by a symbolic link."""
    try:
        home, true = os.path.realpath(root), os.path.realpath(root / name)
    except ValueError:  # no name of a file, which whoever opens it says
        return False
    return not true.startswith(os.path.join(home, ""))  # noqa: PTH118 - with its separator


def is_editor_lock(path: Path) -> bool:
    """Whether it is how Emacs notes who is changing a file: a link beside it, `.#NAME`, that leads to no file."""
    return path.name.startswith(_EDITOR_LOCK) and path.is_symlink() and not os.path.exists(path)  # noqa: PTH110


@dataclass(frozen=True, slots=True)
class _Search:
    root: Path
    home: str
    seen: set[tuple[str, int]] = field(default_factory=set)

    def matching(self, folder: str, parts: tuple[str, ...], above: tuple[str, ...]) -> Iterator[Named]:
        """What `parts` name in `folder`; `above` are the true paths of the folders that it stands in."""
        if (folder, len(parts)) in self.seen:  # `**` leads to the same folder in many ways
            return
        self.seen.add((folder, len(parts)))
        head, rest = parts[0], parts[1:]
        if head == _ANY_DEPTH:
            yield from self._at_any_depth(folder, parts, above)
            return
        if any(sign in head for sign in "*?["):
            names = self._names(folder)
            if isinstance(names, Named):
                yield names
                return
        else:
            names = [head]
        for name in names:
            if not fnmatchcase(name, head):
                continue
            path = f"{folder}{name}"
            if not rest:
                yield from self._file(path)
            elif (below := self._folder(path, above)) is None:
                yield from self._lost(path)
            elif isinstance(below, Named):
                yield below
            else:
                yield from self.matching(f"{path}/", rest, below)

    def _at_any_depth(self, folder: str, parts: tuple[str, ...], above: tuple[str, ...]) -> Iterator[Named]:
        names, rest = self._names(folder), parts[1:]
        if isinstance(names, Named):
            yield names
            return
        if rest:
            yield from self.matching(folder, rest, above)
        for name in names:
            path = f"{folder}{name}"
            below = self._folder(path, above)
            if isinstance(below, Named):
                yield below
            elif below is not None:
                yield from self.matching(f"{path}/", parts, below)
            elif rest:
                yield from self._lost(path)
            else:
                yield from self._file(path)

    def _names(self, folder: str) -> list[str] | Named:
        """What is in the folder; why it can't be listed; nothing where it is not there."""
        try:
            return sorted(os.listdir(self.root / folder))  # noqa: PTH208 - names, and not paths
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, ValueError) as error:
            return Named(folder.rstrip("/") or ".", refused(error))

    def _folder(self, path: str, above: tuple[str, ...]) -> tuple[str, ...] | Named | None:
        """The true paths of the folder and those above it; None where it is none, and why it is not looked into."""
        whole = self.root / path
        if not os.path.isdir(whole):  # noqa: PTH112 - it raises nothing
            return None
        true = os.path.realpath(whole)
        if not self._inside(true):
            return Named(path, "it is a folder outside of this one", leaves=True)
        if true in above or true == self.home:
            return Named(path, refused(OSError(errno.ELOOP, "")))
        return (*above, true)

    def _file(self, path: str) -> Iterator[Named]:
        whole = self.root / path
        try:
            why = unreadable(whole.stat().st_mode)
            path.encode()
        except UnicodeEncodeError:
            yield Named(path, "its name is not UTF-8")
        except (OSError, ValueError) as error:
            yield from self._unreadable(path, error)
        else:
            yield Named(path, why, leaves=not self._inside(os.path.realpath(whole)))

    def _unreadable(self, path: str, error: OSError | ValueError) -> Iterator[Named]:
        whole = self.root / path
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            yield Named(path, refused(error))
        elif os.path.islink(whole) and not is_editor_lock(whole):  # noqa: PTH114 - it raises nothing
            yield Named(path, "it is a symbolic link that leads nowhere")

    def _lost(self, path: str) -> Iterator[Named]:
        """What is no folder and may have been one: a link that leads nowhere, or something that tells nothing."""
        try:
            (self.root / path).stat()
        except (OSError, ValueError) as error:
            yield from self._unreadable(path, error)

    def _inside(self, true: str) -> bool:
        return true == self.home or true.startswith(os.path.join(self.home, ""))  # noqa: PTH118 - with its separator
