"""`policy.lock`: what each file of a pack holds, so that half a pack is never taken for a whole one.

A file that is cut off between two entries, one that is missing and one that was not copied yet leave a pack that loads.
The lock has the SHA-256 of every file that decides: the manifest and all that it names. It is JSON, which is no longer
valid wherever it is cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sendable.diagnostics import codes
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector
from sendable.documents.elements import Map, Scalar
from sendable.documents.folders import leads_out
from sendable.documents.parse import parse_document, read_source
from sendable.pack import schemas

LOCK: Final = "policy.lock"
_FORMAT: Final = 1


def lock_text(digests: Mapping[str, str]) -> str:
    """The lock of a pack whose files have these digests, by their names: the same files give the same text."""
    return json.dumps({"format": _FORMAT, "files": dict(sorted(digests.items()))}, indent=2, ensure_ascii=False) + "\n"


def is_locked(root: Path) -> bool:
    """Whether the pack in the directory `root` has a lock."""
    return os.path.lexists(root / LOCK)


def check_lock(root: Path, digests: Mapping[str, str], collector: Collector) -> None:
    """Reports what of the files of the pack in `root`, whose digests are given, the lock does not fit.

    That there is no lock is an error too.
    """
    if leads_out(root, LOCK):
        collector.report(codes.OUTSIDE_PACK, Span.whole_file(str(root / LOCK)), pattern=LOCK)
        return
    source = read_source(root / LOCK, str(root / LOCK), collector)
    element = None if source is None else parse_document(source, collector)
    if element is None or schemas.validate(element, "lock", collector):
        return
    files = element.get("files") if isinstance(element, Map) else None
    if not isinstance(files, Map):
        return
    for entry in files.entries:
        if entry.name not in digests:
            difference = f"is in `{LOCK}` and is no file of the pack"
            collector.report(codes.LOCK_DIFFERS, entry.key.span, file=entry.name, difference=difference)
        elif not isinstance(entry.value, Scalar) or entry.value.value != digests[entry.name]:
            difference = f"is not as it was when `{LOCK}` was written"
            collector.report(codes.LOCK_DIFFERS, entry.value.span, file=entry.name, difference=difference)
    for name in digests:
        if files.get(name) is None:
            whole = Span.whole_file(str(root / name))
            collector.report(codes.LOCK_DIFFERS, whole, file=name, difference=f"is not in `{LOCK}`")
