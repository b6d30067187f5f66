"""The exceptions of a manifest, with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sendable.diagnostics import codes, limit_codes
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import Near
from sendable.documents.elements import Element, Map, Scalar, entries, items, string
from sendable.language.checker import check
from sendable.language.parser import parse
from sendable.language.scope import Scope
from sendable.language.types import Kind
from sendable.pack.few import few_cases
from sendable.pack.model import Expression, Mode, PolicyException
from sendable.pack.periods import read_period
from sendable.pack.reading import Draft, ExceptionDraft
from sendable.pack.shown import shown_text

_MOST_EXCEPTIONS: Final = 1_000
"""The bound that the schema of the manifest reports: what is beyond is not read."""


def read_exceptions(
    listed: Element | None, scope: Scope, drafts: Iterable[Draft], collector: Collector, *, whole: bool
) -> tuple[ExceptionDraft, ...]:
    """The exceptions under the key of the manifest, in their order; what is wrong with them is reported.

    `drafts` are the reasons of the pack, and `whole` is whether these are all: else what is named may be another one.
    """
    reasons = {draft.id: draft for draft in drafts}
    reader = _Reader(scope, reasons, collector, whole=whole)
    return tuple(
        reader.read(ExceptionDraft(entry.name, entry.key, entry.value))
        for entry in entries(listed)[:_MOST_EXCEPTIONS]
        if isinstance(entry.value, Map)
    )


class _Reader:
    def __init__(self, scope: Scope, reasons: Mapping[str, Draft], collector: Collector, *, whole: bool) -> None:
        self._scope = scope
        self._reasons = reasons
        self._collector = collector
        self._whole = whole

    def read(self, draft: ExceptionDraft) -> ExceptionDraft:
        """The exception as far as it can be read, and the exception itself where nothing in it is an error."""
        body = draft.body
        when = self._condition(body.get("when"))
        period = read_period(body, self._collector)
        reasons = tuple(one for item in items(body.get("reasons")) if (one := self._lifted(item)) is not None)
        owner, why = (shown_text(body.get(key), self._collector) for key in ("owner", "why"))
        if when is not None and body.end is not None:
            self._collector.report(codes.CONDITION_IN_BRACES, when.source.span)
        draft = replace(draft, when=when)
        empty = period.start is not None and period.end is not None and period.end <= period.start
        if when is None or period.end is None or empty or not reasons or not owner or not why:
            return draft
        exception = PolicyException(draft.id, reasons, when, period, period.end, owner, why)
        return replace(draft, exception=exception)

    def _condition(self, element: Element | None) -> Expression | None:
        if not isinstance(element, Scalar) or not isinstance(element.value, str):
            return None
        source = element.embedded()
        node = parse(source, self._collector)
        if node is None or not check(node, source, self._scope, self._collector, key="when", expected=Kind.BOOLEAN):
            return None
        return Expression(node, source) if few_cases(node, element, self._scope, self._collector) else None

    def _lifted(self, item: Element) -> str | None:
        """The id of a reason that an exception can lift; any other is reported, but for what the schema reports."""
        name = string(item)
        if name is None:
            return None
        reason = self._reasons.get(name)
        if reason is None:
            if self._whole:
                self._collector.report(
                    limit_codes.EXCEPTION_UNKNOWN_REASON, item, suggestion=Near(name, self._reasons), reason=name
                )
            return None
        if _says(reason, "floor", wanted=True):
            self._collector.report(limit_codes.EXCEPTION_OF_FLOOR, item, also=[reason.key], reason=name)
        elif _says(reason, "mode", wanted=Mode.MONITOR.value):
            self._collector.report(limit_codes.EXCEPTION_OF_MONITORED, item, also=[reason.key], reason=name)
        return name


def _says(reason: Draft, key: str, *, wanted: object) -> bool:
    element = reason.body.get(key)
    return isinstance(element, Scalar) and element.value == wanted
