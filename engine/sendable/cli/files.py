"""Files and directories that appear whole or not at all, and never in the place of what nobody meant.

Whatever a command writes is made as a draft beside its place first. A draft is gone when the command ends, however it
ends: on an exception, and by `remove_drafts` where a signal ends the process.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

import click

from sendable.cli.console import Failure
from sendable.diagnostics.wording import refused, shown
from sendable.pack.resources import bundled_path

overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace a file that is there already; never one that is read."
)

MARKER: Final = "_SENDABLE"
"""The file that a directory of decisions has in it, by which it is known again."""

_DRAFT: Final = ".sendable-"
_OF_A_PACK: Final = frozenset({".yaml", ".yml", ".json", ".csv", ".txt", ".lock"})
_OF_DECISIONS: Final = ("part-", ".part-")
_BESIDE_DECISIONS: Final = frozenset({MARKER, "_SUCCESS", "._SUCCESS.crc"})

_drafts: Final[set[Path]] = set()


# -- what may be written


def require_outputs(
    outputs: Iterable[Path | None], *, inputs: Iterable[Path] = (), packs: Iterable[Path | None], overwrite: bool
) -> None:
    """Fails where something that is to be kept would be replaced. None is an output that nobody asked for.

    An output is a new file; with `overwrite` it may be a regular file, or a directory of decisions that an earlier run
    made. It is none of the `inputs`, no file of the `packs` (None is the bundled one) or their bases, and no other
    output, by whichever of its names. A terminal, a pipe and the like are written to as they are.
    """
    from sendable.pack.folder import bases_of  # noqa: PLC0415 - what writes no file does without it

    named = [one for one in outputs if one is not None]
    read = list(inputs)
    named_packs = [bundled_path("policies") if one is None else one for one in packs]
    protected = [home for one in named_packs for home in (one, *bases_of(one))] if named else []
    for position, output in enumerate(named):
        if any(_is_same(output, other) for other in named[:position]):
            raise Failure(f"`{shown(output)}` is to be written twice", "Give each output a name of its own.")
        for one in read:
            if _is_same(output, one) or (output.is_dir() and _is_inside(one, output)):
                raise Failure(
                    f"`{shown(output)}` is read, and can't be written as well", "Give the output a name of its own."
                )
        if output.exists() and any(_is_of_pack(output, one) for one in protected):
            raise Failure(
                f"`{shown(output)}` is a file of the policy pack, and is not replaced",
                "Give the output a name of its own.",
            )
        _require_free(output, overwrite=overwrite)


def _require_free(output: Path, *, overwrite: bool) -> None:
    """Fails where `output` is there, and may not be replaced."""
    try:
        mode = output.stat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise _not_written(output, error) from error
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return
    if stat.S_ISDIR(mode) and not _is_decisions(output):
        raise Failure(f"`{shown(output)}` is a directory, and is not replaced", "Give the output a name of its own.")
    if stat.S_ISBLK(mode):
        raise Failure(f"`{shown(output)}` is a disk, and is not written to", "Name a file.")
    if not overwrite:
        raise Failure(f"`{shown(output)}` is there already", "Choose another name, or replace it with --overwrite.")


def _is_same(one: Path, other: Path) -> bool:
    """Whether both name the same file. Those that are not there yet are told apart as a careless file system would."""
    with suppress(OSError, ValueError):
        return one.samefile(other)
    return _plain_name(one) == _plain_name(other)


def _plain_name(path: Path) -> str:
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()


def _is_inside(path: Path, directory: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(directory))


def _is_of_pack(path: Path, pack: Path) -> bool:
    return _is_inside(path, pack) and Path(os.path.realpath(path)).suffix.lower() in _OF_A_PACK


def _is_decisions(directory: Path) -> bool:
    """Whether the directory is one of decisions that a run made, with nothing besides in it."""
    names = [one.name for one in directory.iterdir()]
    return MARKER in names and all(one in _BESIDE_DECISIONS or one.startswith(_OF_DECISIONS) for one in names)


# -- writing


@contextmanager
def written_whole(path: Path, *, overwrite: bool) -> Iterator[TextIO]:
    """A text file that is at `path` from the end of the block on, and leaves nothing behind on an exception.

    Without `overwrite` it does not take the place of a file that has come meanwhile. What is no regular file, such as
    /dev/stdout, is written to as it is.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        try:
            stream = target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as error:
            raise _not_written(path, error) from error
        with stream:
            yield stream
        return
    with _draft_of(path) as draft:
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except (OSError, ValueError) as error:
            raise _not_written(path, error) from error
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:  # noqa: PTH123
            yield stream
        put(draft, path, overwrite=overwrite)


@contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """A directory to fill, which becomes `path`, absent or empty before, at the end of the block.

    On an exception nothing is left of it.
    """
    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        with _draft_of(path) as draft:
            draft.mkdir(0o700)
            yield draft
            draft.chmod(_new_mode(0o777))
            if target.exists():
                target.rmdir()
            draft.rename(target)
    except (OSError, ValueError) as error:
        raise _not_written(path, error) from error


@contextmanager
def draft_folder(output: Path | None = None) -> Iterator[Path]:
    """A directory of one's own for drafts: beside `output` where there is one. Nothing is left of it."""
    beside = Path(tempfile.gettempdir()) if output is None else Path(os.path.realpath(output)).parent
    if not beside.is_dir():
        raise Failure(f"there is no directory `{shown(beside)}`", "Make it, or name another file.")
    with _draft(beside / f"{_DRAFT}{secrets.token_hex(8)}") as folder:
        try:
            folder.mkdir(0o700)
        except OSError as error:
            raise _not_written(beside if output is None else output, error) from error
        yield folder


def put(draft: Path, path: Path, *, overwrite: bool) -> None:
    """Puts the draft, a file or a directory, in the place of `path` at once, with the mode that a file there had.

    Without `overwrite` it does not take the place of anything. What it can't replace in one step, as only one of the
    two is a file or both are directories, is moved to where the draft was.
    """
    target = Path(os.path.realpath(path))
    mode = 0o777 if draft.is_dir() else 0o666
    try:
        draft.chmod(stat.S_IMODE(target.stat().st_mode) if overwrite and target.is_file() else _new_mode(mode))
        if overwrite and (_is_decisions(target) if target.is_dir() else draft.is_dir() and target.exists()):
            target.rename(draft.parent / f"{_DRAFT}replaced")
        if overwrite or draft.is_dir():
            os.replace(draft, target)  # noqa: PTH105 - as the standard library calls it
        else:
            _link(draft, target)
    except OSError as error:
        _require_free(path, overwrite=overwrite)
        raise _not_written(path, error) from error


def put_folder(draft: Path, path: Path) -> None:
    """Puts a folder in the place of the one at `path`, whole or not at all. What was there is gone then."""
    target = Path(os.path.realpath(path))
    # It is no draft, which would be removed if the process ended now: until the other is there, it is all there is.
    aside = target.parent / f"{target.name}.before-{secrets.token_hex(8)}"
    try:
        draft.chmod(stat.S_IMODE(target.stat().st_mode))
        target.rename(aside)
        try:
            draft.rename(target)
        except BaseException:
            aside.rename(target)
            raise
    except OSError as error:
        raise _not_written(path, error) from error
    shutil.rmtree(aside, ignore_errors=True)


def _link(draft: Path, target: Path) -> None:
    """Renames the draft, but not over anything: a hard link is the one way that says so."""
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise
        os.replace(draft, target)  # noqa: PTH105 - as the standard library calls it
    else:
        draft.unlink()


# -- drafts


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A name for a draft, of which nothing is left at the end of the block."""
    _drafts.add(path)  # before there is such a file: a signal may come at any moment
    try:
        yield path
    finally:
        _remove(path)
        _drafts.discard(path)


def _draft_of(path: Path) -> AbstractContextManager[Path]:
    """A name for the draft of `path`, beside it."""
    return _draft(Path(os.path.realpath(path)).parent / f"{_DRAFT}{secrets.token_hex(8)}")


def remove_drafts() -> None:
    """Removes what would be left when the process ends at once."""
    for path in tuple(_drafts):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _not_written(path: Path, error: OSError | ValueError) -> Failure:
    why = refused(error, missing="there is no such directory")
    return Failure(f"`{shown(path)}` can't be written: {why}", "Choose another place, or make this one writable.")


def _new_mode(wanted: int) -> int:
    mask = os.umask(0)
    os.umask(mask)
    return wanted & ~mask
