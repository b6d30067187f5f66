"""`sendable init`: a pack to start from."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import click

from sendable.cli.console import Failure, say
from sendable.cli.files import made_whole
from sendable.diagnostics.wording import shown
from sendable.pack.lock import LOCK
from sendable.pack.resources import MANIFEST, bundled_path

_MODELINE: Final = re.compile(r"^(# yaml-language-server: \$schema=)(?:[^\s]*/)?([a-z_]+\.schema\.json)$", re.MULTILINE)
_NAME: Final = re.compile(r"^name:.*$", re.MULTILINE)
_SCHEMAS: Final = "schemas"
_GUIDE: Final = "README.md"
_LINKS: Final = (("](../schemas/", f"]({_SCHEMAS}/"), ("](../policies/", "](../"))
"""How the guides of the two bundled directories, which lie side by side, name each other, and what that becomes."""


@click.command("init")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
def command(directory: Path) -> None:
    """Make a policy pack of your own to start from: DIR becomes a copy of the bundled pack, with its schemas.

    DIR must not exist, or be empty. Editors that know YAML schemas then complete and check the files as you type.

    \b
    Example:
      sendable init policies && sendable lint policies
    """  # noqa: D301 - \b keeps click from filling the lines
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise Failure(f"`{shown(directory)}` is there already, and is no directory", "Choose another name.")
    if directory.is_dir() and any(directory.iterdir()):
        raise Failure(
            f"`{shown(directory)}` is there already, and is not empty", "Choose a name that is free, or empty it first."
        )
    with made_whole(directory) as draft:
        _copy(bundled_path("policies"), draft)
        _copy(bundled_path("schemas"), draft / _SCHEMAS)
        manifest = draft / MANIFEST
        named = _NAME.sub(f"name: {_name_from(directory)}", manifest.read_text(encoding="utf-8"), count=1)
        manifest.write_text(named, encoding="utf-8", newline="\n")
    place = shlex.quote(shown(directory))
    say(f"Made the policy pack {place}. What to do next:")
    say()
    example = next(iter(sorted((directory / "examples").glob("*.yaml"))), None)
    for number, (what, *how) in enumerate(_next_steps(directory, place, example), 1):
        say(f"  {number}. {what}:")
        for one in how:
            say(f"       {one}")
    say()
    say(f"How it is done stands in {shown(directory / _GUIDE)}.")


def _next_steps(directory: Path, place: str, example: Path | None) -> Iterator[tuple[str, ...]]:
    """What is left to do with a new pack, and for each step the commands."""
    yield "see what it looks at", f"sendable reasons --policy {place}"
    if example is not None:
        yield "decide an example", f"sendable dry-run --policy {place} {shlex.quote(shown(example))}"
    yield (
        f"change the numbers in {MANIFEST} and the files under {shown(directory / 'reasons')}, then check them",
        f"sendable lint {place}",
        f"sendable test {place}",
    )
    yield (
        "keep it under version control, and have every change checked",
        f"sendable lint {place} --strict && sendable fmt {place} --check && sendable test {place}",
    )
    yield (
        "have what sends email decide by it: the bundled pack is used wherever no other is named",
        f"policy = sendable.load({shown(str(directory))!r})",
    )


def _copy(source: Path, target: Path) -> None:
    """Copies the files of a bundled directory; what they name of the other one, they name where it comes to stand."""
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if not path.is_file() or any(part.startswith((".", "__")) for part in relative.parts):
            continue
        if relative.name == LOCK:
            continue  # it is of other files: the manifest gets a name of its own
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".yaml":
            schemas = PurePosixPath("../" * (len(relative.parts) - 1), _SCHEMAS)
            text = _MODELINE.sub(rf"\g<1>{schemas}/\g<2>", text)
        elif path.suffix == ".md":
            for bundled, own in _LINKS:
                text = text.replace(bundled, own)
        copied = target / relative
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(text, encoding="utf-8", newline="\n")


def _name_from(directory: Path) -> str:
    """A name for the pack, after the directory's, as names of packs are written."""
    plain = unicodedata.normalize("NFKD", Path(os.path.realpath(directory)).name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).lstrip("-0123456789").rstrip("-") or "policies"
