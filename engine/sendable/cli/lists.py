"""`sendable lists`: lists that are made from packages, and files of data for lists."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

import click

from sendable.cli.console import Failure, complain, paint_for, say
from sendable.cli.files import overwrite_option, require_outputs, written_whole
from sendable.cli.options import policy_option, require_pack, tell_pack
from sendable.diagnostics.places import Source, Span
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import shown
from sendable.documents.elements import Array, Scalar, at
from sendable.documents.parse import parse_document, read_source
from sendable.language import addresses
from sendable.lints import forms
from sendable.pack.data_files import COMMENT, DataFile, RefusedError, entry_of, is_table, read_data
from sendable.pack.folder import bases_of
from sendable.pack.layout import formatted
from sendable.pack.resources import bundled_path
from sendable.render.terminal import diagnostics as rendered

_PACKAGE: Final = "disposable-email-domains"
_LIST: Final = "disposable_domains"
_FILE: Final = Path("lists", f"{_LIST}.yaml")
_DESCRIPTION: Final = "Domains of throwaway addresses, which stop working soon after somebody has used them."
_PHRASES: Final = "{en: the domains of throwaway addresses, sv: domänerna för engångsadresser}"
_ADVICE: Final = (
    "Don't edit it: `sendable lists refresh` makes this file anew. Domains of your own belong in a list of your own."
)


@click.group("lists")
def command() -> None:
    """Bring the lists of a policy pack up to date, and make files of data for them."""


@command.command("refresh", short_help="Make the list of disposable domains anew from the installed package.")
@policy_option
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when the file's entries differ.")
@click.option(
    "--date",
    "made_on",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date to put into the file.  [default: today's, in UTC]",
)
@click.pass_context
def refresh(ctx: click.Context, policy_directory: Path | None, check: bool, made_on: datetime | None) -> None:
    """Make lists/disposable_domains.yaml of a pack anew from the package disposable-email-domains.

    Update the package first; it comes with `pip install 'sendable[refresh]'`.

    \b
    Examples:
      pip install --upgrade disposable-email-domains
      sendable lists refresh --policy policies
      sendable lists refresh --policy policies --check
    """  # noqa: D301 - \b keeps click from filling the lines
    new = _installed_entries()
    root = bundled_path("policies") if policy_directory is None else policy_directory
    require_pack(root)
    tell_pack(policy_directory, None)
    path = root / _FILE
    if not path.exists() and (bases := bases_of(root)):
        raise Failure(
            f"`{shown(root)}` has no such list of its own: it is in the base `{shown(bases[-1])}`",
            "Bring that up to date, or take a newer base with `sendable upgrade`.",
        )
    old = _entries(path)
    added, removed = len(new - old), len(old - new)
    if check:
        if added or removed:
            say(f"{shown(path)}: not up to date, {added} to add and {removed} to remove")
            ctx.exit(1)
        say(f"{shown(path)}: up to date, {len(new)} entries")
        return
    places = [path, path.parent, root]
    if not all(os.access(place, os.W_OK) for place in places if place.exists()):
        what = "the bundled pack" if policy_directory is None else f"`{shown(path)}`"
        raise Failure(
            f"{what} can't be written",
            "Make a pack of your own with `sendable init DIR`, and name it with --policy.",
        )
    text = _document(path, new, made_on.date() if made_on is not None else datetime.now(UTC).date())
    path.parent.mkdir(exist_ok=True)
    with written_whole(path, overwrite=True) as stream:
        stream.write(text)
    say(f"{shown(path)}: {added} added, {removed} removed, {len(new)} entries now")


@command.command("import", short_help="Make a file of entries of what another system exported.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", metavar="NAME", help="Read FILE as a table (CSV), and of it the column of this name.")
@click.option(
    "--hash", "hashed", is_flag=True, help="Write digests of the addresses, for a list with `hashed: sha256`."
)
@click.option(
    "-o", "--output", metavar="FILE", required=True, type=click.Path(path_type=Path), help="The file to write."
)
@overwrite_option
def import_(file: Path, column: str | None, hashed: bool, output: Path, overwrite: bool) -> None:
    """Make a file of one entry a line, for a list's `from`, of the texts or tables that another system exported.

    Entries are written as lists compare them, in order and each once; what stands around an address, as in `Kim
    <kim@example.com>`, is left out. Where something can't be an entry, all of that is told and nothing is written.

    \b
    Examples:
      sendable lists import export.csv --column Email -o policies/lists/data/blocked.txt
      sendable lists import export.csv --column Email --hash -o policies/lists/data/blocked.txt
    """  # noqa: D301 - \b keeps click from filling the lines
    require_outputs([output], inputs=[file], packs=[], overwrite=overwrite)
    if is_table(output):
        raise Failure(
            f"`{shown(output)}` is called like a table, and a text of one entry a line is written",
            "Give it a name that ends in .txt.",
        )
    collector = Collector()
    found: set[str] = set()
    at = Span.whole_file(str(file))
    wanted = DataFile(file, str(file), at, column)
    read_data(wanted, output.stem, found, collector, _digest_entry if hashed else _text_entry)
    for text in rendered.as_text(collector.sorted(), paint_for(sys.stderr)):
        complain(text)
    if collector.has_errors:
        raise Failure(f"nothing is written of `{shown(file)}`", "Put right what is told above.")
    with written_whole(output, overwrite=overwrite) as stream:
        stream.writelines(f"{entry}\n" for entry in sorted(found))
    say(f"{shown(output)}: {len(found):,} {'digests' if hashed else 'entries'}")


def _text_entry(text: str) -> str:
    """The entry that is meant by a text: an address without what stands around it."""
    entry = entry_of(addresses.compared(text) if "@" in text else text)
    if entry.startswith(COMMENT):
        raise RefusedError(f"a line that begins with `{COMMENT}` is a comment", "write it among the list's `entries`")
    return entry


def _digest_entry(text: str) -> str:
    """The digest of the address that is meant. What is none is refused: in a digest, nobody sees it any more."""
    entry = entry_of(addresses.compared(text))
    if not forms.has_form(entry, forms.Form.ADDRESS):
        raise RefusedError("it is no address", "only a whole address is looked up in a list of digests")
    return addresses.digest(entry)


def _installed_entries() -> set[str]:
    try:
        import disposable_email_domains  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise Failure(f"the package {_PACKAGE} is not installed", "Run: pip install 'sendable[refresh]'") from error
    return set(disposable_email_domains.blocklist)


def _entries(path: Path) -> set[str]:
    """The entries that the file has now; none where it can't be read."""
    collector = Collector()
    source = read_source(path, str(path), collector)
    root = None if source is None else parse_document(source, collector)
    listed = None if root is None else at(root, ["lists", _LIST, "entries"])
    if not isinstance(listed, Array):
        return set()
    return {item.text for item in listed.items if isinstance(item, Scalar)}


def _document(path: Path, entries: set[str], made_on: date) -> str:
    installed = metadata.metadata(_PACKAGE).json
    licence = installed.get("license_expression") or installed.get("license") or "unknown"
    package = f"the package {_PACKAGE} {installed['version']}"
    lines = [
        *_modeline(path),
        f"# A snapshot of the block list of {package} (licence: {licence}), made on {made_on.isoformat()}.",
        f"# {_ADVICE}",
        "lists:",
        f"  {_LIST}:",
        f"    description: {_DESCRIPTION}",
        f"    phrases: {_PHRASES}",
        "    entries:",
        *(f"      - {json.dumps(entry)}" for entry in sorted(entries)),
    ]
    text = formatted(Source(str(path), "\n".join(lines) + "\n"), Collector())
    assert text is not None, "JSON strings are YAML"  # noqa: S101
    return text


def _modeline(path: Path) -> list[str]:
    """The line that tells editors where the schema is: the file's own, or one for a schema that is there."""
    name = "lists.schema.json"
    prefix = "# yaml-language-server: $schema="
    try:
        with path.open(encoding="utf-8") as opened:
            first = opened.readline(1_000).rstrip("\n")
    except (OSError, ValueError):
        first = ""
    if first.startswith(prefix):
        return [first]
    for up in ("..", "../.."):
        if (path.parent / up / "schemas" / name).is_file():
            return [f"{prefix}{up}/schemas/{name}"]
    return []
