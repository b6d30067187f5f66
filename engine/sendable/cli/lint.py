"""`sendable lint`: every problem of a pack, with its place."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import click

from sendable.cli.console import Failure, answering, complain, say, show
from sendable.cli.files import written_whole
from sendable.cli.options import format_option, is_named, lint_now_option, policy_option, require_pack, tell_pack
from sendable.cli.watch import watching
from sendable.diagnostics.codes import RULES
from sendable.diagnostics.pages import page
from sendable.diagnostics.record import Diagnostic, Rule, Severity
from sendable.diagnostics.wording import near_miss, shown
from sendable.lints.fixes import fixed
from sendable.lints.run import lint_and_lock
from sendable.pack.folder import bases_of
from sendable.pack.lock import LOCK
from sendable.pack.model import Pack
from sendable.pack.resources import bundled_path
from sendable.render.reports.format import Problems
from sendable.testing.beside import lint_all, with_beside

_MOST_MENDED_TOLD: Final = 100
"""Of what was put right. All of it stands in the files."""


@click.command("lint")
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@policy_option
@format_option(Problems)
@click.option("--explain", metavar="CODE", help="Print the page of a rule: what it means and how to put it right.")
@click.option("--rules", "listing", is_flag=True, help="List every rule by its code, and what it means.")
@click.option("--fix", "fixing", is_flag=True, help="Put right what is mechanical, such as misspelt names.")
@click.option(
    "--lock",
    "locking",
    is_flag=True,
    help="Where there is no error, write policy.lock, which tells half a pack from a whole one.",
)
@lint_now_option
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option("--watch", is_flag=True, help="Check again whenever a file of the pack changes.")
@click.pass_context
def command(
    ctx: click.Context,
    directory: Path | None,
    policy_directory: Path | None,
    output_format: str,
    explain: str | None,
    listing: bool,
    fixing: bool,
    locking: bool,
    now: datetime | None,
    strict: bool,
    watch: bool,
) -> None:
    """Find every problem of a policy pack, with its place and what to do about it.

    DIR is the pack, a directory with a policy.yaml; without it, that of --policy is checked. What its tests and its
    examples name is held to it, too. The exit code is 1 when there are errors, and 2 when there is no pack.

    \b
    Examples:
      sendable lint policies
      sendable lint policies --strict --format github
      sendable lint policies --fix
      sendable lint policies --lock
      sendable lint policies --now 2027-01-01T00:00:00Z
      sendable lint policies --watch
      sendable lint --rules
      sendable lint --explain SND520
    """  # noqa: D301 - \b keeps click from filling the lines
    if explain is not None:
        say(_page(explain))
        return
    if listing:
        for code in sorted(RULES):
            say(_rule(RULES[code]))
        return
    with answering("lint", output_format):
        if directory is not None and is_named(ctx):
            ctx.fail("Name the pack once: as DIR or with --policy.")
        root = policy_directory if directory is None else directory
        if root is None and (fixing or locking):
            ctx.fail("Name the pack to write to as DIR: the bundled one is not changed.")
        run = partial(_linted, root, output_format, fixing=fixing, locking=locking, strict=strict, now=now)
        if watch:
            home = bundled_path("policies") if root is None else root
            watching(run, lambda: (home, *bases_of(home)))
        ctx.exit(run())


def _linted(
    root: Path | None, output_format: str, *, fixing: bool, locking: bool, strict: bool, now: datetime | None
) -> int:
    """Checks the pack, by default the bundled one, and shows what was found; the exit code."""
    failing = frozenset({Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR})
    if root is not None:
        require_pack(root)
        if fixing:
            _fix(root)
    pack, found = (
        _locked(root, failing, now)
        if root is not None and locking
        else lint_all(bundled_path("policies") if root is None else root, now)
    )
    tell_pack(root, pack)
    show(Problems("the bundled pack" if root is None else str(root), found, failing), output_format)
    return int(any(one.severity in failing for one in found))


def _rule(rule: Rule) -> str:
    """A rule in a line: its code, how grave it is, its name, and what it means."""
    found = page(rule.code)
    meaning = "" if found is None else " ".join(found.meaning.split()).partition(". ")[0].removesuffix(".")
    return f"{rule.code}  {rule.severity:<7}  {rule.name}: {meaning}"


def _page(code: str) -> str:
    """The page of a rule as it is printed."""
    found = page(code)
    if found is None:
        meant = near_miss(code.upper(), RULES)
        advice = (
            f"Did you mean {meant}?" if meant else "Codes are SND and three digits, as `sendable lint` prints them."
        )
        raise Failure(f"there is no rule `{shown(code)}`", advice)
    return str(found).rstrip("\n")


def _fix(root: Path) -> None:
    """Puts right what can be, and writes it."""
    result = fixed(root)
    write(root, result.texts)
    for one in result.mended[:_MOST_MENDED_TOLD]:
        complain(f"put right: {one}")
    if (more := len(result.mended) - _MOST_MENDED_TOLD) > 0:
        complain(f"put right: {more:,} more")
    if result.ended:
        complain("there may be more that can be put right: run it again")


def write(root: Path, texts: Mapping[str, str]) -> None:
    """Writes the texts of files of the pack in `root`; each file has its old text or its new one at every moment."""
    for name, text in texts.items():
        path = root / name
        with written_whole(path, overwrite=True) as stream:
            stream.write(_mark_of(path) + text)


def _mark_of(path: Path) -> str:
    """The byte order mark that the file begins with, if it does."""
    with path.open("rb") as stream:
        return "\N{BYTE ORDER MARK}" if stream.read(3) == b"\xef\xbb\xbf" else ""


def _locked(
    root: Path, failing: Container[Severity], now: datetime | None
) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """The problems of the pack; where none of them is failing, its lock is written."""
    path = root / LOCK
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Failure(f"{shown(path)} is not a regular file", "Remove it, and write the lock again.")
    found, text, pack = lint_and_lock(root, now)
    if pack is not None:
        found = with_beside(root, pack, found)
    if text is None or any(one.severity in failing for one in found):
        complain(f"{shown(path)}: not written, because of the problems that are named")
    else:
        with written_whole(path, overwrite=True) as stream:
            stream.write(text)
        complain(f"{shown(path)}: written")
    return pack, found
