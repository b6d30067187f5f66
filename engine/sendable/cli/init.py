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
from sendable.pack.loader import read_pack
from sendable.pack.lock import LOCK, lock_text
from sendable.pack.resources import EXTENDED, MANIFEST, bundled_path

_MODELINE: Final = re.compile(r"^(# yaml-language-server: \$schema=)(?:[^\s]*/)?([a-z_]+\.schema\.json)$", re.MULTILINE)
_NAME: Final = re.compile(r"^name:.*$", re.MULTILINE)
SCHEMAS: Final = "schemas"
"""The folder of a pack that has the JSON Schemas for editors."""
_GUIDE: Final = "README.md"
BASE: Final = "base"
"""The folder of a small pack that has the copy of the bundled one."""
_LINKS: Final = (("](../schemas/", f"]({SCHEMAS}/"), ("](../policies/", "](../"))
"""How the guides of the two bundled directories, which lie side by side, name each other, and what that becomes."""


_SMALL: Final = """\
# yaml-language-server: $schema={schemas}/policy.schema.json
name: {name}
extends: {base}

# What is to be otherwise than in {base}, such as:
#
# changes:
#   reasons:
#     unengaged: {{mode: monitor}}
#   lists:
#     role_accounts: {{add: [lagret], remove: [news]}}
#   parameters:
#     unengaged_after_sends: {{value: 20}}
#
# Reasons, lists and tests of your own go into the folders reasons, lists and tests beside this file.
"""


@click.command("init")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--copy", "flat", is_flag=True, help="Copy the bundled pack itself, to change it as you like.")
def command(directory: Path, flat: bool) -> None:
    """Make a policy pack of your own to start from: DIR becomes a small pack over a copy of the bundled one.

    The copy is in DIR/base, and DIR/policy.yaml says what is to be otherwise. No upgrade of sendable changes who gets
    email: `sendable upgrade` shows what a newer bundled pack changes, and takes it.

    With --copy, DIR becomes a copy of the bundled pack itself, to be changed as you like, and with no way to take a
    newer one.

    DIR must not exist, or be empty. Editors that know YAML schemas then complete and check the files as you type.

    \b
    Examples:
      sendable init policies && sendable lint policies
      sendable init --copy policies
    """  # noqa: D301 - \b keeps click from filling the lines
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise Failure(f"`{shown(directory)}` is there already, and is no directory", "Choose another name.")
    if directory.is_dir() and any(directory.iterdir()):
        raise Failure(
            f"`{shown(directory)}` is there already, and is not empty", "Choose a name that is free, or empty it first."
        )
    with made_whole(directory) as draft:
        name = _name_from(directory)
        copy_bundled(bundled_path("schemas"), draft / SCHEMAS)
        if flat:
            copy_bundled(bundled_path("policies"), draft, without=EXTENDED)
            manifest = draft / MANIFEST
            text = _NAME.sub(f"name: {name}", manifest.read_text(encoding="utf-8"), count=1)
        else:
            copy_base(draft / BASE, guide=draft / _GUIDE)
            text = _SMALL.format(schemas=SCHEMAS, name=name, base=BASE)
        (draft / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    place = shlex.quote(shown(directory))
    say(f"Made the policy pack {place}. What to do next:")
    say()
    example = next(iter(sorted((directory if flat else directory / BASE).glob("examples/*.yaml"))), None)
    for number, (what, *how) in enumerate(_next_steps(directory, place, example, flat=flat), 1):
        say(f"  {number}. {what}:")
        for one in how:
            say(f"       {one}")
    say()
    say(f"How it is done stands in {shown(directory / _GUIDE)}.")


def _next_steps(directory: Path, place: str, example: Path | None, *, flat: bool) -> Iterator[tuple[str, ...]]:
    """What is left to do with a new pack, and for each step the commands."""
    yield "see what it looks at", f"sendable reasons --policy {place}"
    if example is not None:
        yield "decide an example", f"sendable dry-run --policy {place} {shlex.quote(shown(example))}"
    files = f"the numbers in {MANIFEST} and the files under {shown(directory / 'reasons')}"
    yield (
        f"change {files}, then check them" if flat else f"say in {MANIFEST} what is to be otherwise, then check it",
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


def copy_base(target: Path, guide: Path | None = None) -> None:
    """Copies the bundled pack as the base of another one, with a lock by which it is known whether it was changed.

    The author's guide is no part of it: it comes to stand at `guide`, if anywhere.
    """
    copy_bundled(bundled_path("policies"), target, without=EXTENDED, above="../")
    if guide is None:
        (target / _GUIDE).unlink()
    else:
        (target / _GUIDE).rename(guide)
    reading = read_pack(target)
    (target / LOCK).write_text(lock_text(reading.digests), encoding="utf-8", newline="\n")


def copy_bundled(source: Path, target: Path, *, without: str = "", above: str = "") -> None:
    """Copies the files of a bundled directory; what they name of the other one, they name where it comes to stand.

    The folder `without` is left out. `above` leads from the target to where the schemas are.
    """
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if not path.is_file() or any(part.startswith((".", "__")) for part in relative.parts):
            continue
        if relative.name == LOCK or relative.parts[0] == without:
            continue  # the lock is of other files: the manifest gets a name of its own
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".yaml":
            schemas = PurePosixPath(above, "../" * (len(relative.parts) - 1), SCHEMAS)
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
