"""The files of a pack: those in its own folder, and those of the packs that it stands on.

A pack that extends another one, its base, is read with it. Each of the two names files in its own folder only; what a
pack has for a base, it names itself, and that may stand anywhere.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Final

from sendable.diagnostics import base_codes, codes
from sendable.diagnostics.places import Source, Span
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import Near
from sendable.documents import folders
from sendable.documents.elements import Element, Scalar, get, items, string
from sendable.documents.parse import decode, parse_document, read_bytes
from sendable.pack import schemas
from sendable.pack.reading import Reading
from sendable.pack.resources import BUNDLED, EXTENDED, MANIFEST, is_pack, pack_named

COLUMNS: Final = "intake/columns.yaml"
"""What columns of files are called; a pack without it goes by its base's, and without one by the bundled pack's."""
EXTENDS: Final = "extends"
CHANGES: Final = "changes"

_COLUMNS_BESIDE: Final = re.compile(r"columns?\.ya?ml", re.IGNORECASE)
_COLUMNS_INSIDE: Final = re.compile(r"columns?(\.|$)", re.IGNORECASE)
_DEFAULT_FILES: Final = {
    "reasons": ("reasons/*.yaml",),
    "lists": ("lists/*.yaml",),
    CHANGES: ("changes/*.yaml",),
    "context": (),
}
_WILD: Final = re.compile(r"[*?[]")

# The bounds that the schema of the manifest reports.
_MOST_PATTERNS: Final = 1_000
_LONGEST_PATTERN: Final = 1_000


@dataclass
class Folder:
    """The folder of one pack, from which documents are read into `reading`, under their names with `prefix` before.

    `texts` stand for the files of these names. `lost` gathers the kinds of which something could not be read. `others`
    are folders of bases inside this one: what is in them is not this pack's.
    """

    root: Path
    reading: Reading
    texts: Mapping[str, str]
    lost: set[str]
    prefix: str = ""
    manifest: Element | None = None
    others: list[str] = field(default_factory=list)
    _named: set[str] = field(default_factory=set)
    _folders: set[str] = field(default_factory=set)

    @cached_property
    def true(self) -> str:
        """Where it is, once links are followed."""
        return os.path.realpath(self.root)

    @property
    def is_own(self) -> bool:
        """Whether it is that of the pack itself, and not of a base."""
        return not self.prefix

    def shown(self, name: str) -> str:
        """The file of this name, as diagnostics show it."""
        return str(self.root / name)

    def document(self, name: str, schema: str | None, at: Span | None = None) -> Element | None:
        """The document in the file `name` of the pack, reported on; None when there is nothing to go on with.

        `at` is the place that names the file, by default the file itself.
        """
        self._named.add(name)
        reading, known = self.reading, self.prefix + name
        if known in self.texts:
            source: Source | None = Source(self.shown(name), self.texts[known])
        else:
            data = read_bytes(self.root / name, self.shown(name), reading.collector, at=at)
            if data is None:
                return None
            reading.digests[known] = hashlib.sha256(data).hexdigest()
            reading.paths[known] = self.root / name
            source = decode(data, self.shown(name), reading.collector)
        if source is None:
            return None
        reading.sources[known] = source
        if not self.is_own:
            reading.inherited.add(known)
        element = parse_document(source, reading.collector)
        if element is not None and schema is not None:
            element = schemas.settled(element, schema, reading.collector)
        if element is not None:
            reading.documents[known] = element
        return element

    def files(self, kind: str) -> Iterator[tuple[str, Span | None]]:
        """The pack's files of a kind, each once and in the order of their names, with the place that names it.

        A pattern without a match is reported, and so is whatever one names that is no readable file of the pack. What
        no place names is there by default.
        """
        found: dict[str, Span | None] = {}
        given = get(self.manifest, kind)
        if given is None:
            patterns: list[tuple[str, Span | None]] = [(pattern, None) for pattern in _DEFAULT_FILES[kind]]
        else:
            named = ((string(item), schemas.place(item, ())) for item in items(given)[:_MOST_PATTERNS])
            patterns = [(pattern, span) for pattern, span in named if pattern and len(pattern) <= _LONGEST_PATTERN]
        for pattern, span in patterns:
            matches, sound = self.matches(pattern, span)
            if kind != "context" and _WILD.search(pattern):
                parts = PurePosixPath(pattern).parts[:-1]
                self._folders.add("/".join(takewhile(lambda part: not _WILD.search(part), parts)))
            if not sound or (span is not None and not matches):
                self.lost.add(kind)
            if sound and not matches and span is not None:
                self.reading.collector.report(codes.NO_FILES, span, pattern=pattern)
            for name in matches:
                found.setdefault(name, span)
        yield from sorted(found.items(), key=lambda item: item[0])

    def matches(self, pattern: str, span: Span | None) -> tuple[list[str], bool]:
        """The files of the pack that match `pattern`, and whether it names no others: those are reported."""
        collector = self.reading.collector
        pure = PurePosixPath(pattern)
        if pure.is_absolute() or ".." in pure.parts or "\\" in pattern or not pure.parts:
            place = Span.whole_file(self.shown(MANIFEST)) if span is None else span
            collector.report(codes.OUTSIDE_PACK, place, pattern=pattern)
            return [], False
        matches: list[str] = []
        sound = True
        for one in folders.matching(self.root, pattern):
            if one.name.startswith(tuple(self.others)):
                continue
            self._named.add(one.name)
            place = Span.whole_file(self.shown(one.name)) if span is None else span
            if one.leaves:
                collector.report(codes.OUTSIDE_PACK, place, pattern=one.name)
            elif one.why:
                collector.report(codes.UNREADABLE_FILE, place, file=self.shown(one.name), why=one.why)
            else:
                matches.append(one.name)
            sound = sound and not (one.leaves or one.why)
        return matches, sound

    def data_file(self, name: str, at: Span) -> tuple[Path, str] | None:
        """The path of a file of data, which a list calls by its name in the pack, and how it is shown.

        None for one that is no file of the pack, which is reported at `at`.
        """
        pure = PurePosixPath(name)
        inside = not pure.is_absolute() and ".." not in pure.parts and "\\" not in name and pure.parts
        if not inside or folders.leads_out(self.root, str(pure)):
            self.reading.collector.report(codes.OUTSIDE_PACK, at, pattern=name)
            return None
        self._named.add(str(pure))
        self.reading.paths[f"{self.prefix}{pure}"] = self.root / pure
        return self.root / pure, self.shown(str(pure))

    def check_forgotten(self) -> None:
        """Warns of files that look like part of the pack and are not read."""
        looked_into = [(folder, "**") for folder in ("reasons", "lists", CHANGES)]
        looked_into += [(folder, "*") for folder in sorted(self._folders) if ".." not in folder]
        for folder, pattern in looked_into:
            for one in folders.matching(self.root / folder, pattern):
                name = f"{folder}/{one.name}" if folder else one.name
                if name in self._named or name.startswith(tuple(self.others)):
                    continue
                if _looks_forgotten(self.root / name, anything=pattern == "**"):
                    self.reading.collector.report(codes.FORGOTTEN_FILE, Span.whole_file(self.shown(name)))

    def check_misnamed_columns(self) -> None:
        """Warns of files that look as if they said what columns are called, and are not the one that does."""
        intake = PurePosixPath(COLUMNS).parent.name
        beside = [one.name for one in folders.matching(self.root, "*")]
        inside = [
            f"{folder}/{one.name}"
            for folder in beside
            if folder.casefold() == intake
            for one in folders.matching(self.root / folder, "**")
        ]
        found = [name for name in beside if _COLUMNS_BESIDE.fullmatch(name)]
        found += [
            name
            for name in inside
            if _COLUMNS_INSIDE.match(PurePosixPath(name).name) or _looks_forgotten(self.root / name, anything=False)
        ]
        for name in found:
            if name not in self._named:
                span = Span.whole_file(self.shown(name))
                self.reading.collector.report(codes.MISNAMED_COLUMNS, span, file=COLUMNS)


def _looks_forgotten(path: Path, *, anything: bool) -> bool:
    """Whether somebody may believe that the pack reads this: its name ends as those of its files do, or `anything`.

    Hidden files are an editor's or the system's own, unless they are called as files of a pack are.
    """
    called_so = path.suffix.lower() in (".yaml", ".yml") and not folders.is_editor_lock(path)
    return called_so or (anything and not path.name.startswith("."))


# -- bases


def chain(own: Folder) -> tuple[Folder, ...]:
    """The folders of a pack and all that it stands on, each with its manifest, the lowest one first.

    Nothing where a manifest can't be read, or a base can't be found, which is reported: what is in the others is not
    known without it.
    """
    found: list[Folder] = []
    folder: Folder | None = own
    at: Span | None = None
    while folder is not None:
        if folders.leads_out(folder.root, MANIFEST):
            span = Span.whole_file(folder.shown(MANIFEST))
            folder.reading.collector.report(codes.OUTSIDE_PACK, span, pattern=MANIFEST)
            return ()
        folder.manifest = folder.document(MANIFEST, "policy", at)
        folder.reading.roots.append(folder.root)
        if folder.manifest is None:
            return ()
        found.insert(0, folder)
        given = get(folder.manifest, EXTENDS)
        at = None if given is None else schemas.place(given, ())
        folder = None if given is None else _base(folder, given, found)
        if given is not None and folder is None:
            return ()
    return tuple(found)


def bases_of(root: Path) -> tuple[Path, ...]:
    """The folders of the packs that the one in `root` stands on, its own base first; what is wrong is not told."""
    reading = Reading(Collector())
    chain(Folder(root, reading, {}, set()))
    return tuple(reading.roots[1:])


def _base(folder: Folder, given: Element, above: list[Folder]) -> Folder | None:
    """The folder of the pack that one extends, which `given` names; None where that is wrong, which is reported.

    `above` are the folders that led here, the last one first.
    """
    named = string(given)
    if not named or not isinstance(given, Scalar):
        return None  # as the schema says
    collector = folder.reading.collector
    root = pack_named(named)
    if root is None:
        root = folder.root / named
        if PurePosixPath(named).is_absolute() or "\\" in named or not is_pack(root):
            collector.report(base_codes.NO_BASE, given, suggestion=_nearly(folder.root, named), base=named)
            return None
        if ".." in PurePosixPath(named).parts and os.path.realpath(root) == os.path.realpath(os.path.normpath(root)):
            root = Path(os.path.normpath(root))
    elif not is_pack(root):
        collector.report(base_codes.NO_BASE, given, base=named)
        return None
    found = Folder(root, folder.reading, folder.texts, folder.lost, _prefix(folder.prefix, named))
    if any(one.true == found.true for one in above):
        circle = [*(one.root for one in reversed(above)), root]
        collector.report(base_codes.BASE_CIRCLE, given, circle=" → ".join(_called(one) for one in circle))
        return None
    for one in above:
        if found.true.startswith(home := f"{one.true.rstrip(os.sep)}{os.sep}"):
            one.others.append(f"{Path(found.true[len(home) :]).as_posix()}/")
    return found


def _called(root: Path) -> str:
    return Path(os.path.realpath(root)).name


def _nearly(root: Path, named: str) -> Near:
    """A pack that may have been meant: one beside those that could have been named, or one that comes with us."""
    if PurePosixPath(named).is_absolute():
        relative = Path(os.path.relpath(named, root)).as_posix()
        return Near(relative, [relative] if is_pack(Path(named)) else [])
    above, _, word = named.rstrip("/").rpartition("/")
    try:
        names = [one.parent.name for one in sorted((root / above).glob(f"*/{MANIFEST}"))]
    except (OSError, ValueError):
        names = []
    return Near(word, names if above else [*names, BUNDLED, EXTENDED], f"{above}/" if above else "")


def _prefix(above: str, named: str) -> str:
    """What stands before the names of a base's files: its folder as seen from the pack, or the name of one of ours."""
    if pack_named(named) is not None:
        return f"{named}:"
    ours, colon, folder = above.rpartition(":")
    return f"{ours}{colon}{posixpath.normpath(posixpath.join(folder, named))}/"


def installed(folder: Folder) -> Path | None:
    """The pack of the installation that a folder names as its base; None where it names another, or none."""
    named = string(get(folder.manifest, EXTENDS))
    return None if named is None else pack_named(named)
