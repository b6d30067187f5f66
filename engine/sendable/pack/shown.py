"""What an author writes of a case or an exception for those who read decisions, such as who answers for it."""

from __future__ import annotations

from sendable.diagnostics import codes
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import UNSHOWN, character
from sendable.documents.elements import Element, Scalar


def shown_text(element: Element | None, collector: Collector) -> str | None:
    """A text that people are shown; what no reader is shown in it is reported. None where there is no text."""
    if not isinstance(element, Scalar) or not isinstance(element.value, str):
        return None
    source = element.embedded()
    for found in UNSHOWN.finditer(source.text):
        collector.report(codes.CONTROL_CHARACTER, source.span_of(*found.span()), character=character(found[0]))
    return element.value
