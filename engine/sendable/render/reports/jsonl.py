"""JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sendable.diagnostics.wording import in_json
from sendable.render.reports.decisions import decision_as_json
from sendable.render.reports.format import Decisions, Format, Screen, Writer


def _decisions(report: Decisions, _screen: Screen) -> Iterator[str]:
    for decision, _ in report.decided:
        yield f"{decision_as_json(decision, report.locale)}\n"


FORMAT: Final = Format(
    "jsonl", {Decisions: Writer(_decisions, ", one decision a line", at_once=True)}, lambda text, _: in_json(text)
)
