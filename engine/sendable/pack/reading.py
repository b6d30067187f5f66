"""What was read of a pack, sound or not: what lints and fixes look at besides the pack itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sendable.diagnostics.places import Source, Span
from sendable.diagnostics.record import Collector
from sendable.documents.elements import Element, Map, Scalar
from sendable.language.scope import ParameterDeclaration, Scope
from sendable.pack.data_files import DataFile
from sendable.pack.locales import Words
from sendable.pack.model import Channel, Expression, OnUnknown, Pack, PolicyException, Reason


@dataclass(frozen=True)
class Draft:
    """A reason as far as it could be read. `reason` is None where something in it is an error.

    `inherited` is one of a pack that this one stands on.
    """

    id: str
    key: Scalar
    body: Map
    inherited: bool = False
    channels: frozenset[Channel] = frozenset()
    on_unknown: OnUnknown | None = None
    when: Expression | None = None
    details: Mapping[str, Expression] = field(default_factory=dict)
    reason: Reason | None = None


@dataclass(frozen=True)
class ExceptionDraft:
    """An exception as far as it could be read. `exception` is None where something in it is an error."""

    id: str
    key: Scalar
    body: Map
    when: Expression | None = None
    exception: PolicyException | None = None

    @property
    def channels(self) -> frozenset[Channel]:
        """Those of the emails that its condition is asked about: of all that there are."""
        return frozenset(Channel)


@dataclass
class Reading:
    """Everything that was read of a pack, for whoever looks at more than the pack: lints and fixes.

    `documents` are the files by their names in the pack, `digests` the SHA-256 of what they hold, `data` those of the
    files of data among them, which lists take entries from, `paths` where they are. `keys` are the places where
    parameters, lists and the pack's own fields are declared, by `params.name`, `lists.name` and path. `whole` is
    whether every file with reasons was read.

    Of a pack with a base, the files of the base are among them, and `inherited` has their names; `roots` are the
    folders of both, the pack's own first. `keys` has only what the pack declares itself, `manifest` what both say.
    """

    collector: Collector
    pack: Pack | None = None
    manifest: Element | None = None
    locales: tuple[str, ...] = ()
    scope: Scope = field(default_factory=lambda: Scope({}, {}, {}))
    drafts: tuple[Draft, ...] = ()
    exceptions: tuple[ExceptionDraft, ...] = ()
    documents: dict[str, Element] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    files: Mapping[str, Sequence[DataFile]] = field(default_factory=dict)
    """The files of data by the names of the lists that take entries from them."""
    paths: dict[str, Path] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    inherited: set[str] = field(default_factory=set)
    roots: list[Path] = field(default_factory=list)
    keys: dict[str, Span] = field(default_factory=dict)
    whole: bool = False


@dataclass
class Manifest:
    """What of the manifest could be read; empty where it could not."""

    root: Element | None = None
    name: str = ""
    description: str = ""
    locales: tuple[str, ...] = ()
    default_locale: str = ""
    foreign: tuple[str, ...] = ()
    """The locales of bases that the pack does not have: their texts are there, and are not shown."""
    words: dict[str, Words] = field(default_factory=dict)
    parameters: dict[str, ParameterDeclaration] = field(default_factory=dict)
