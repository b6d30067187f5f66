"""`sendable fmt`: one layout for the files of a pack."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from sendable.cli.console import Failure, complain, paint_for, say
from sendable.cli.differences import unified
from sendable.cli.files import written_whole
from sendable.cli.options import is_named, nearest_pack, policy_option, require_pack, tell_pack
from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import shown
from sendable.documents.parse import LARGEST_FILE, read_source
from sendable.pack.layout import formatted
from sendable.pack.resources import bundled_path
from sendable.render.terminal import diagnostics as rendered
from sendable.render.terminal.paint import Paint, Role
from sendable.testing.homes import leads_out


@click.command("fmt")
@click.argument("paths", nargs=-1, metavar="[DIR|FILE]...", type=click.Path(path_type=Path))
@policy_option
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when a file is not in the layout.")
@click.option("--diff", "differing", is_flag=True, help="Change nothing; print what would change.")
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[Path, ...], policy_directory: Path | None, check: bool, differing: bool
) -> None:
    """Put the YAML files of a pack into one layout: comments are kept, and the meaning never changes.

    DIR is a pack or any other directory: its files ending in .yaml and .yml are formatted, at whatever depth. Without
    DIR or FILE it is the pack of --policy. The bundled pack can only be checked. A file with an error in its YAML, and
    one to which a symbolic link leads out of the pack, are left as they are; the exit code is 2 then.

    \b
    Examples:
      sendable fmt policies
      sendable fmt policies --check
      sendable fmt policies/reasons/consent.yaml --diff
    """  # noqa: D301 - \b keeps click from filling the lines
    if paths and is_named(ctx):
        ctx.fail("Name the files once: as DIR or FILE, or with --policy.")
    if not paths:
        paths = (_pack_to_format(ctx, policy_directory, writing=not (check or differing)),)
    files = list(_files(paths))
    changes, broken = _changes(files)
    paint = paint_for(sys.stdout)
    for path, (source, text) in changes.items():
        if differing:
            say("\n".join(_painted(_difference(source, text), paint)))
        elif check:
            say(f"{shown(source.file)}: {paint('not in the layout', Role.WARNING)}")
        else:
            with written_whole(path, overwrite=True) as stream:
                stream.write(text)
            say(f"{shown(source.file)}: {paint('formatted', Role.GOOD)}")
    untouched = len(files) - len(changes) - broken
    complain(", ".join(_counted(len(changes), untouched, broken, done=not (check or differing))))
    if broken:
        raise Failure(
            f"{broken} file{'s' * (broken != 1)} could not be formatted and {'are' if broken != 1 else 'is'} as before",
            "Correct what is named above.",
        )
    if check and changes:
        ctx.exit(1)


def _pack_to_format(ctx: click.Context, directory: Path | None, *, writing: bool) -> Path:
    if directory is None and writing:
        ctx.fail("Name the pack or the files to format: the bundled pack is not changed.")
    if directory is not None:
        require_pack(directory)
    tell_pack(directory, None)
    return bundled_path("policies") if directory is None else directory


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, Path | None]]:
    """The files to look at, each once, with the folder that it may not lead out of; None where it is named itself.

    Hidden files and directories are left out unless they are named.
    """
    seen: set[str] = set()
    for path in paths:
        if not path.exists():
            raise Failure(f"there is no `{shown(path)}`", "Name a pack, another directory or a file.")
        if path.is_dir():
            inside = (found.relative_to(path) for ending in ("yaml", "yml") for found in path.rglob(f"*.{ending}"))
            visible = sorted(name for name in inside if not any(part.startswith(".") for part in name.parts))
            found = [path / name for name in visible if not (path / name).is_dir()]
            home = nearest_pack(path) or path
        else:
            if path.suffix.lower() not in (".yaml", ".yml"):
                raise Failure(f"`{shown(path)}` is no YAML file", "Only .yaml and .yml files have this layout.")
            found, home = [path], None
        for file in found:
            true = os.path.realpath(file)
            if true not in seen:
                seen.add(true)
                yield file, home


def _changes(files: Iterable[tuple[Path, Path | None]]) -> tuple[dict[Path, tuple[Source, str]], int]:
    """What would change: each file with its new text, and how many can't be read, which is said on standard error."""
    changes: dict[Path, tuple[Source, str]] = {}
    broken = 0
    for path, home in files:
        collector = Collector()
        out = home is not None and leads_out(home, path, collector)
        source = None if out else read_source(path, str(path), collector)
        text = None if source is None else formatted(source, collector)
        if source is None or text is None:
            broken += 1
            for problem in rendered.as_text(collector.sorted(), paint_for(sys.stderr)):
                complain(problem)
            continue
        kept = text.replace("\n", _line_end(source.text))
        size = len(kept.encode())
        if size > LARGEST_FILE:
            broken += 1
            most = f"{LARGEST_FILE:,}"
            complain(
                f"{shown(source.file)}: in the layout it has {size:,} bytes, and at most {most} are read: split it"
            )
        elif kept.encode() != path.read_bytes():
            changes[path] = (source, kept)
    return changes, broken


def _line_end(text: str) -> str:
    """How lines end in a file: as its first does. A checkout may have them as its system does, and they stay so."""
    first, found, _ = text.partition("\n")
    return "\r\n" if found and first.endswith("\r") else "\n"


def _difference(source: Source, text: str) -> Iterator[str]:
    before, after = source.text.splitlines(), text.splitlines()
    if before == after:
        yield f"{source.file}: only line ends or a byte order mark differ"
    yield from unified(before, after, source.file, f"{source.file} (formatted)")


def _painted(lines: Iterable[str], paint: Paint) -> Iterator[str]:
    for line in lines:
        if line.startswith(("+++", "---")):
            yield paint(line, Role.HEADING)
        elif line.startswith(("+", "-")):
            yield paint(line, Role.GOOD if line.startswith("+") else Role.BAD)
        else:
            yield line


def _counted(changed: int, untouched: int, broken: int, *, done: bool) -> Iterator[str]:
    if changed:
        yield f"{changed} file{'s' * (changed != 1)} {'formatted' if done else 'would change'}"
    if untouched or not (changed or broken):
        yield f"{untouched} file{'s' * (untouched != 1)} {'is' if untouched == 1 else 'are'} in the layout"
    if broken:
        yield f"{broken} left alone"
