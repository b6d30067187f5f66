"""`sendable upgrade`: a newer bundled pack in the place of the copy that a pack stands on."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from sendable.cli.console import Failure, complain, paint_for, say
from sendable.cli.files import draft_folder, put_folder
from sendable.cli.init import SCHEMAS, copy_base, copy_bundled
from sendable.cli.options import locale_option, policy_option, require_pack, tell_pack
from sendable.diagnostics.record import Collector, Diagnostic
from sendable.diagnostics.wording import shown
from sendable.documents.elements import get, string
from sendable.pack.differences import differences
from sendable.pack.folder import EXTENDS
from sendable.pack.loader import read_pack
from sendable.pack.lock import LOCK, check_lock, is_locked
from sendable.pack.model import Pack
from sendable.pack.reading import Reading
from sendable.pack.resources import BUNDLED, MANIFEST, bundled_path, pack_named
from sendable.render.terminal import diagnostics as rendered
from sendable.render.words.upgrades import changes_in_words, rest_in_words

TO_TAKE = 1


@click.command("upgrade")
@policy_option
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when there is something to take.")
@click.option("--yes", is_flag=True, help="Take it without being asked.")
@locale_option
@click.pass_context
def command(ctx: click.Context, policy_directory: Path | None, check: bool, yes: bool, locale: str | None) -> None:
    """Show what the bundled pack of the installed sendable has otherwise than the copy in a pack, and take it.

    The pack is one that `sendable init` made: it stands on a copy of the bundled pack, in a folder of its own. That
    folder is replaced as a whole, once you have said so. Where the changes of the pack no longer fit, that is told and
    nothing is replaced.

    \b
    Examples:
      sendable upgrade --policy policies
      sendable upgrade --policy policies --check --locale sv
      sendable upgrade --policy policies --yes && sendable test --policy policies
    """  # noqa: D301 - \b keeps click from filling the lines
    if policy_directory is None:
        ctx.fail("Name the pack with --policy: the bundled one comes with sendable.")
    root = policy_directory
    require_pack(root)
    reading = read_pack(root)
    before = _sound(reading, f"the pack `{shown(root)}`")
    tell_pack(root, before)
    base = _copy_in(root, reading)
    if base is None:
        return
    _require_untouched(base)
    old = _sound(read_pack(base), f"the base `{shown(base)}`")
    with draft_folder(base) as drafts:
        new = drafts / "base"
        copy_base(new)
        if _contents(new) == _contents(base):
            say("The base is the bundled pack of the installed sendable: there is nothing to take.")
            return
        tag = old.locale_for(locale)
        found = differences(read_pack(base), read_pack(new))
        for line in changes_in_words(found, tag) if found else [rest_in_words(tag)]:
            say(line)
        after = _as_it_would_be(root, base, new, drafts / "whole")
        if check:
            ctx.exit(TO_TAKE)
        _require_consent(yes=yes)
        schemas = drafts / SCHEMAS
        copy_bundled(bundled_path("schemas"), schemas)
        put_folder(new, base)
        if (root / SCHEMAS).is_dir():
            put_folder(schemas, root / SCHEMAS)
    say(f"Taken: version {after.version} of {shown(after.name)} in place of {before.version}.")
    if is_locked(root):
        complain(f"{shown(root / LOCK)} is of the files before: write it anew with `sendable lint --lock`")
    complain(f"see what it does to the tests: sendable test --policy {shown(root)}")


def _sound(reading: Reading, what: str) -> Pack:
    """The pack that was read; says what is wrong with it, and fails, where it can't be used."""
    if reading.pack is not None:
        return reading.pack
    problems = reading.collector.sorted()
    _tell(problems)
    raise Failure(f"{what} can't be used", "Correct what is named above.", problems)


def _tell(found: Iterable[Diagnostic], at: Path | None = None, instead: Path | None = None) -> None:
    """Says what is wrong, in `instead` where it was found in `at`."""
    for text in rendered.as_text(found, paint_for(sys.stderr)):
        complain(text if at is None else text.replace(str(at), str(instead)))


def _copy_in(root: Path, before: Reading) -> Path | None:
    """The folder of the copy that the pack in `root` stands on; None where it follows the installed one."""
    given = string(get(before.documents.get(MANIFEST), EXTENDS))
    if given is None:
        raise Failure(
            f"the pack `{shown(root)}` extends no other one",
            "`sendable init` makes a pack over a copy of the bundled one, which can be upgraded.",
        )
    if pack_named(given) is not None:
        say(f"The pack extends `{given}` itself, as it comes with the installed sendable: there is nothing to take.")
        return None
    base = before.roots[1]
    if not Path(os.path.realpath(base)).is_relative_to(os.path.realpath(root)):
        raise Failure(
            f"the base `{shown(base)}` is not in the folder of the pack",
            f"Upgrade it by itself: sendable upgrade --policy {shown(base)}",
        )
    if _sound(read_pack(base), f"the base `{shown(base)}`").name != BUNDLED:
        raise Failure(f"the base `{shown(base)}` is no copy of the bundled pack", "Only such a copy can be upgraded.")
    return base


def _require_untouched(base: Path) -> None:
    """Fails where the copy was changed by hand, or may have been: what was changed would be lost."""
    collector = Collector()
    if is_locked(base):
        check_lock(base, read_pack(base).digests, collector)
    found = collector.sorted()
    _tell(found)
    if found or not is_locked(base):
        known = "was changed here" if found else f"has no {LOCK}, and may have been changed here"
        raise Failure(
            f"the base `{shown(base)}` {known}, which would be lost",
            f"Write it under `changes` of the pack. What may be lost: `sendable lint {shown(base)} --lock`.",
            found,
        )


def _contents(folder: Path) -> dict[Path, bytes]:
    return {one.relative_to(folder): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def _as_it_would_be(root: Path, base: Path, new: Path, whole: Path) -> Pack:
    """The pack in `root` with a new base, which is made in `whole`; fails where that can't be used."""
    inside = Path(os.path.realpath(base)).relative_to(os.path.realpath(root))

    def left_out(folder: str, names: list[str]) -> list[str]:
        at = Path(folder)
        return [one for one in names if one.startswith(".") or at / one == root / inside]

    shutil.copytree(root, whole, symlinks=True, ignore=left_out)
    shutil.copytree(new, whole / inside)
    reading = read_pack(whole)
    if reading.pack is None:
        problems = reading.collector.sorted()
        _tell(problems, whole, root)
        message = f"the pack `{shown(root)}` does not fit the newer base, and nothing was replaced"
        raise Failure(message, "Change what is named above, and upgrade again.", problems)
    return reading.pack


def _require_consent(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("nothing was replaced: there is nobody to be asked", "Say --yes to take it.")
    click.confirm("Take it?", abort=True, err=True)
