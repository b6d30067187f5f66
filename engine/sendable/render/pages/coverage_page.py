"""Coverage as one HTML page that needs nothing else: no script, no font, no other file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sendable.pack.locales import format_number
from sendable.pack.model import Pack
from sendable.render.pages.markup import Markup, join, tag
from sendable.render.pages.page import document
from sendable.render.words.forms import CoveragePageWords, Words
from sendable.render.words.languages import words_for
from sendable.testing.coverage import Coverage, Outcome, Subject
from sendable.testing.mutants import Change
from sendable.testing.mutation import Mutation
from sendable.testing.run import Run


def as_html(pack: Pack, run: Run, coverage: Coverage, mutation: Mutation | None = None, locale: str = "en") -> str:
    """The page: a summary, what was never seen, every outcome by reason, and the mutants where there are any."""
    words = words_for(locale)
    said = words.coverage_page
    title = said.title.format(name=pack.name)
    parts = [*_summary(pack, run, coverage, mutation, words)]
    if mutation is not None and mutation.survived:
        parts.append(_survivors(mutation, said))
    parts += [
        _reason(reason, tuple(outcomes), words)
        for reason, outcomes in groupby(coverage.outcomes, key=lambda one: one.reason)
    ]
    body = [tag("header", tag("h1", title)), tag("main", join(*parts, by="\n"), id="main")]
    return document(title, words.language, body, skip=said.to_report)


def _summary(pack: Pack, run: Run, coverage: Coverage, mutation: Mutation | None, words: Words) -> Iterator[Markup]:
    said = words.coverage_page
    counted, missing = len(coverage.counted), len(coverage.never_seen)
    seen = counted - missing
    ran = said.ran.format(cases=len(run.results), failed=len(run.failed))
    yield tag("p", f"{said.version} ", tag("code", pack.version), f". {ran}")
    share = said.share.format(share=format_number(coverage.percent, words.language), seen=seen, outcomes=counted)
    bar = tag("progress", str(seen), id="share", max=str(counted), value=str(seen))
    yield tag("p", tag("label", share, for_="share"), " ", bar)
    if mutation is not None:
        noticed, changes = len(mutation.killed), len(mutation.killed) + len(mutation.survived)
        equivalent = len(mutation.equivalent)
        yield tag("p", said.noticed.format(noticed=noticed, changes=changes, equivalent=equivalent))
        yield tag("ul", *(_kind(change, *figures, words) for change, figures in mutation.kinds.items()))
    reasons = dict.fromkeys(outcome.reason for outcome in coverage.never_seen)
    if reasons:
        count = {name: sum(outcome.reason == name for outcome in coverage.never_seen) for name in reasons}
        links = [tag("li", tag("a", name, href=f"#reason-{name}"), f": {count[name]}") for name in reasons]
        content = join(tag("h2", said.never_seen), tag("ul", *links))
        yield tag("nav", content, aria_label=said.lacking)


def _kind(change: Change, noticed: int, count: int, words: Words) -> Markup:
    return tag("li", f"{words.tests.kind.format(noticed=noticed, count=count)}: {words.tests.kinds[change]}")


def _survivors(mutation: Mutation, said: CoveragePageWords) -> Markup:
    items = []
    for survivor in mutation.survived:
        noticing = ""
        if survivor.case is not None:
            noticing = tag("details", tag("summary", said.noticing), tag("pre", survivor.case))
        items.append(tag("li", survivor.message, noticing))
    heading = tag("h2", said.survivors, id="survived")
    return tag("section", heading, tag("ul", *items), aria_labelledby="survived")


def _reason(reason: str, outcomes: tuple[Outcome, ...], words: Words) -> Markup:
    said = words.coverage_page
    counted = [one for one in outcomes if one.possible or one.seen]
    seen = sum(one.seen for one in counted)
    place = words.page.place.format(file=outcomes[0].span.file, line=outcomes[0].span.start.line)
    table = tag(
        "table",
        tag("caption", said.outcomes.format(reason=reason, place=place)),
        tag("thead", tag("tr", *(tag("th", name, scope="col") for name in (said.of, said.outcome, said.seen_by)))),
        tag("tbody", join(*(_row(one, words) for one in outcomes), by="\n")),
        class_="outcomes",
    )
    return tag(
        "section",
        tag("h2", tag("code", reason), id=f"reason-{reason}"),
        tag(
            "details",
            tag("summary", said.seen.format(seen=seen, outcomes=len(counted))),
            table,
            open=seen != len(counted),
        ),
        aria_labelledby=f"reason-{reason}",
    )


def _row(outcome: Outcome, words: Words) -> Markup:
    if outcome.subject in (Subject.MESSAGE, Subject.FIX, Subject.UNDETERMINED):
        what = tag("q", outcome.text, lang=outcome.outcome.partition(",")[0])
    else:
        what = tag("code", outcome.text)
    subject = words.tests.subjects[outcome.subject.value]
    seen = _seen_by(outcome, words.coverage_page)
    return tag("tr", tag("th", f"{subject} ", what, scope="row"), tag("td", outcome.outcome), seen)


def _seen_by(outcome: Outcome, said: CoveragePageWords) -> Markup:
    if outcome.seen:
        more = f" {said.and_more.format(count=len(outcome.cases) - 1)}" if len(outcome.cases) > 1 else ""
        return tag("td", f"✓ {outcome.cases[0]}{more}", class_="seen")
    if outcome.possible:
        return tag("td", f"✗ {said.never}", class_="never")
    return tag("td", f"– {said.impossible}", class_="impossible")
