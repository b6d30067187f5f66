"""Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sendable.diagnostics.wording import printed
from sendable.render.reports.format import Format, Reasons, Screen, Writer


def _reasons(report: Reasons, _screen: Screen) -> Iterator[str]:
    from sendable.render.pages.reference_page import reference_markdown

    yield f"{reference_markdown(report.policy, report.locales)}\n"


FORMAT: Final = Format(
    "md", {Reasons: Writer(_reasons, ", the same reference as Markdown")}, lambda text, _: printed(text)
)
