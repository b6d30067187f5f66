"""The lints of a pack: what is no error and hardly meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path as FilePath
from typing import Final

from sendable.diagnostics import lint_codes
from sendable.diagnostics.record import Diagnostic, Severity, told
from sendable.documents.elements import Entry, Map, Scalar, get, string
from sendable.documents.parse import uncollected
from sendable.language.cells import Effort
from sendable.lints import silenced
from sendable.lints.cases import CaseLints
from sendable.lints.conditions import Atoms, ConditionLints
from sendable.lints.entries import EntryLints
from sendable.lints.exceptions import exceptions
from sendable.lints.forms import address_paths
from sendable.lints.lapsed import lapsed
from sendable.lints.literals import LiteralLints
from sendable.lints.missing import MissingLints
from sendable.lints.order import primacy
from sendable.lints.texts import TextLints, texts_cut_short
from sendable.lints.unused import names, names_in
from sendable.lints.written import condition, expressions
from sendable.pack import schemas
from sendable.pack.folder import EXTENDS
from sendable.pack.loader import read_pack
from sendable.pack.lock import check_lock, is_locked, lock_text
from sendable.pack.model import Pack
from sendable.pack.reading import Reading
from sendable.pack.reasons import code_of
from sendable.pack.resources import pack_named


def lint_pack(
    root: FilePath, texts: Mapping[str, str] | None = None, now: datetime | None = None
) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """The pack in the directory `root`, or None when there is an error in it, and the problems found, in order.

    `texts` stand for the files of these names, and what has lapsed is what has by `now`, by default the current time.
    Severities and exclusions of the manifest, and comments that allow a code, are taken into account.
    """
    reading, found = read_and_lint(root, texts, now)
    if reading.pack is not None and is_locked(root):  # what is wrong otherwise comes first: it changes files
        check_lock(root, reading.digests, reading.collector)
        found = silenced.applied(reading)
    return reading.pack, told(found)


def lint_and_lock(
    root: FilePath, now: datetime | None = None
) -> tuple[tuple[Diagnostic, ...], str | None, Pack | None]:
    """The problems of the pack but for those of its lock, the text of its lock and the pack; no text with an error."""
    reading, found = read_and_lint(root, now=now)
    sound = reading.pack is not None and not any(one.severity is Severity.ERROR for one in found)
    return told(found), lock_text(reading.digests) if sound else None, reading.pack


def read_and_lint(
    root: FilePath, texts: Mapping[str, str] | None = None, now: datetime | None = None
) -> tuple[Reading, tuple[Diagnostic, ...]]:
    """The same, with all that was read of the pack, and with all problems that were kept and not just those told."""
    with uncollected():
        reading = read_pack(root, texts)
        lint(reading, datetime.now(UTC) if now is None else now)
        return reading, silenced.applied(reading)


def lint(reading: Reading, now: datetime) -> None:
    """Reports the lints of a pack to its collector, as it is at the time `now`."""
    _Lints(reading, now).run()


class _Lints:
    def __init__(self, reading: Reading, now: datetime) -> None:
        self._reading = reading
        self._now = now
        self._collector = reading.collector
        self._scope = reading.scope

    def run(self) -> None:
        """Everything there is to say of the pack."""
        constant: set[str] = set()
        effort = Effort()
        atoms = Atoms(self._scope, effort)
        self._texts_compared()
        texts_cut_short(self._reading)
        for draft in self._reading.drafts:
            when = condition(draft)
            if when is not None:
                odd = draft.channels and not atoms.independent(when.node)
                if odd and not ConditionLints(self._reading, when, effort).run():
                    constant.add(draft.id)
                elif draft.reason is not None:
                    MissingLints(self._scope, self._collector, effort).run(when, draft.reason)
            TextLints(self._reading, draft, effort).run()
        primacy(self._reading, constant, effort)
        exceptions(self._reading, effort)
        self._codes()
        self._unused()
        self._installed()
        lapsed(self._reading, self._now)
        CaseLints(self._scope, self._collector, effort, self._now).run()

    def _texts_compared(self) -> None:
        """Texts of conditions and entries of lists that are never found."""
        written = [one for draft in self._reading.drafts for one in expressions(draft)]
        written += [one for draft in self._reading.exceptions for one in expressions(draft)]
        paths = address_paths(one.node for one in written)
        literals = LiteralLints(self._scope, self._collector, paths)
        for one in written:
            literals.run(one)
        EntryLints(self._reading, paths).run(written)

    def _codes(self) -> None:
        """Codes of other systems that stand on several reasons, and ones marked so that do not."""
        found: dict[tuple[str, str], list[tuple[str, Entry]]] = {}
        for draft in self._reading.drafts:
            codes = draft.body.get("codes")
            for entry in codes.entries if isinstance(codes, Map) else ():
                code = code_of(entry.value)
                if entry.name != _NEAREST and isinstance(code, Scalar) and isinstance(code.value, str):
                    found.setdefault((entry.name, code.value), []).append((draft.id, entry))
        for (system, text), places in found.items():
            for reason, entry in places:
                others = [*islice((f"`{one}`" for one, _ in places if one != reason), _MOST_OTHERS)]
                shared = entry.value.get("shared") if isinstance(entry.value, Map) else None
                marked = isinstance(shared, Scalar) and shared.value is True
                if others and not marked:
                    told = f"{' and '.join(others)} {'has' if len(others) == 1 else 'have'}"
                    self._collector.report(
                        lint_codes.SHARED_CODE, entry.value.span, others=told, code=text, system=system
                    )
                elif marked and not others and self._reading.whole:  # else it may be in what could not be read
                    self._collector.report(lint_codes.SHARED_WITH_NOBODY, entry.key.span, code=text, system=system)

    def _installed(self) -> None:
        """Bases that are not the pack's own: another version of the package has others."""
        for document in self._reading.documents.values():
            given = get(document, EXTENDS)
            base = string(given)
            if given is not None and base is not None and pack_named(base) is not None:
                self._collector.report(lint_codes.FOLLOWS_INSTALLED, schemas.place(given, ()), base=base)

    def _unused(self) -> None:
        """Names that are declared and not used. Whatever looks like a use counts as one."""
        keys = self._reading.keys
        if not keys or not self._reading.whole or self._reading.pack is None:
            return  # what is wrong comes first: a use may be in it, or go by another name
        exceptions = get(self._reading.manifest, "exceptions")
        used = set() if exceptions is None else names(exceptions)
        for draft in self._reading.drafts:
            used |= names(draft.body)
        for declared in self._scope.parameters.values():
            for case in declared.cases:
                used |= names_in(case.source.text)
        for name, span in keys.items():
            if name in used:
                continue
            group, _, rest = name.partition(".")
            if group == "params":
                self._collector.report(lint_codes.UNUSED_PARAMETER, span, name=rest)
            elif group == "lists":
                self._collector.report(lint_codes.UNUSED_LIST, span, name=rest)
            else:
                self._collector.report(lint_codes.UNUSED_FIELD, span, path=name)


_MOST_OTHERS: Final = 60
"""How many other reasons are named at most: more than a diagnostic shows."""
_NEAREST: Final = "smtp"
"""The system of which a reason has the nearest code, so that many have the same."""
