"""Files and directories that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from sendable.cli.console import Failure
from sendable.diagnostics import shown


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """A text file that takes the place of `path` at the end of the block, and leaves nothing behind on an exception.

    What is no regular file, such as /dev/stdout, is written to as it is.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = target.stat().st_mode if target.exists() else None
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
                yield stream
            return
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    except (OSError, ValueError) as error:
        raise _not_written(path, error) from error
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:  # noqa: PTH123
            yield stream
        Path(name).chmod(_new_mode(0o666) if mode is None else stat.S_IMODE(mode))
        os.replace(name, target)  # noqa: PTH105 - as the standard library calls it
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


@contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """A directory to fill, which becomes `path`, absent or empty before, at the end of the block.

    On an exception nothing is left of it.
    """
    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name[:100]}.", dir=target.parent))
    except (OSError, ValueError) as error:
        raise _not_written(path, error) from error
    try:
        yield draft
        draft.chmod(_new_mode(0o777))
        if target.exists():
            target.rmdir()
        draft.rename(target)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(error, OSError):
            raise _not_written(path, error) from error
        raise


def _not_written(path: Path, error: OSError | ValueError) -> Failure:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Failure(
        f"`{shown(path)}` can't be written: {why.lower()}", "Choose another place, or make this one writable."
    )


def _new_mode(wanted: int) -> int:
    mask = os.umask(0)
    os.umask(mask)
    return wanted & ~mask
