"""Lists of digests: what can be asked of them, which is whether they have a whole address and nothing else."""

from __future__ import annotations

from sendable.diagnostics import list_codes
from sendable.diagnostics.places import Embedded
from sendable.diagnostics.record import Collector
from sendable.language.nodes import ListReference, Membership, Node, Path, children
from sendable.language.scope import Scope
from sendable.language.types import Kind


def ask_digests_only_for_addresses(node: Node, source: Embedded, scope: Scope, collector: Collector) -> bool:
    """Reports where the expression asks a list of digests for anything but a text as it was given; True if nowhere."""
    sound = True
    pending = [node]
    while pending:
        match pending.pop():
            case Membership(Path(path), ListReference()) if _is_free_text(path, scope):
                pass
            case ListReference(name, start=start, end=end) if name in scope.lists and scope.lists[name].hashed:
                collector.report(list_codes.HASHED_USE, source.span_of(start, end), list=name)
                sound = False
            case other:
                pending.extend(children(other))
    return sound


def _is_free_text(path: str, scope: Scope) -> bool:
    field = scope.fields.get(path)
    return field is None or (field.type.kind is Kind.STRING and field.type.enum is None)
