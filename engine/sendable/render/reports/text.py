"""Text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sendable.diagnostics.wording import printed, shown
from sendable.render.reports.format import (
    Audience,
    Decisions,
    Explanations,
    Format,
    Problems,
    Reasons,
    RunOfTests,
    Screen,
    Writer,
)
from sendable.render.terminal.paint import Role, plain


def _problems(report: Problems, screen: Screen) -> Iterator[str]:
    from sendable.render.terminal import diagnostics

    for text in diagnostics.as_text(report.found, screen.paint):
        yield f"{text}\n"
    if not report.found:
        yield f"{shown(report.pack)}: {screen.paint('no problems', Role.GOOD)}\n"


def _tested(report: RunOfTests, screen: Screen) -> Iterator[str]:
    from sendable.render.terminal import tests

    lines = [*tests.run_as_text(report.run, screen.paint, report.words)]
    if report.coverage is not None:
        lines += ["", *tests.coverage_as_text(report.coverage, screen.paint, report.words)]
    if report.mutation is not None:
        lines += ["", *tests.mutation_as_text(report.mutation, screen.paint, report.words)]
    for line in lines:
        yield f"{line}\n"


def _reasons(report: Reasons, screen: Screen) -> Iterator[str]:
    from sendable.render.terminal.table import reasons_as_text

    yield f"{reasons_as_text(report.policy.reasons, report.served, screen.width)}\n"


def _explanations(report: Explanations, screen: Screen) -> Iterator[str]:
    from sendable.render.terminal.explain import explanation_as_text
    from sendable.render.terminal.text import TextStyle

    style = TextStyle(report.locale, report.policy.pack.locale_for(report.locale), screen.width, screen.paint)
    for number, (place, one) in enumerate(report.explained):
        text = explanation_as_text(one, place, style, full=report.full, reason=report.reason)
        yield f"\n{text}" if number else text


def _decisions(report: Decisions, screen: Screen) -> Iterator[str]:
    from sendable.render.terminal.text import TextStyle, counts_as_text, decision_as_text

    style = TextStyle(report.locale, report.policy.pack.locale_for(report.locale), screen.width, screen.paint)
    separator = ""
    for decision, item in report.decided:
        contact = item.context.get("contact")
        email = contact.get("email") if isinstance(contact, dict) else None
        yield separator + decision_as_text(decision, item.place, email, style)
        separator = "\n"
    if report.counts.total() > 1:
        yield f"{separator}{counts_as_text(report.counts, style)}\n"


def _audience(report: Audience, _screen: Screen) -> Iterator[str]:
    from sendable.render.terminal.audience import summary_as_text

    yield summary_as_text(report.summary, report.policy.pack, report.served).rstrip("\n") + "\n"


FORMAT: Final = Format(
    "text",
    {
        Problems: Writer(_problems, " for people"),
        RunOfTests: Writer(_tested, " for people"),
        Reasons: Writer(_reasons, " for people"),
        Explanations: Writer(_explanations, " for people"),
        Decisions: Writer(_decisions, " for people"),
        Audience: Writer(_audience, " for people"),
    },
    lambda text, screen: printed(text, painted=screen.paint is not plain),
)
