"""Pages to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sendable.diagnostics.wording import in_markup
from sendable.render.reports.format import Explanations, Format, Reasons, Screen, Writer


def _reasons(report: Reasons, _screen: Screen) -> Iterator[str]:
    from sendable.render.pages.reference_page import reference_page

    yield reference_page(report.policy, report.locales).rstrip("\n") + "\n"


def _explanations(report: Explanations, _screen: Screen) -> Iterator[str]:
    from sendable.render.pages.explain_page import explanation_page

    for _, one in report.explained:
        yield explanation_page(one, report.locale)


FORMAT: Final = Format(
    "html",
    {
        Reasons: Writer(_reasons, ", a reference in all languages of the pack"),
        Explanations: Writer(_explanations, ", a page to look at, of one context", only_one=True),
    },
    lambda text, _: in_markup(text),
)
