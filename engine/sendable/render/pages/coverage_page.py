"""Coverage as one HTML page that needs nothing else: no script, no font, no other file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sendable.pack.model import Pack
from sendable.render.pages.markup import Markup, join, tag
from sendable.render.pages.page import document
from sendable.testing.coverage import Coverage, Outcome, Subject
from sendable.testing.mutation import Mutation
from sendable.testing.run import Run


def as_html(pack: Pack, run: Run, coverage: Coverage, mutation: Mutation | None = None) -> str:
    """The page: a summary, what was never seen, every outcome by reason, and the mutants where there are any."""
    title = f"Coverage of the pack {pack.name}"
    parts = [*_summary(pack, run, coverage, mutation)]
    if mutation is not None and mutation.survived:
        parts.append(_survivors(mutation))
    parts += [
        _reason(reason, tuple(outcomes)) for reason, outcomes in groupby(coverage.outcomes, key=lambda one: one.reason)
    ]
    body = [tag("header", tag("h1", title)), tag("main", join(*parts, by="\n"), id="main")]
    return document(title, "en", body, skip="To the report")


def _summary(pack: Pack, run: Run, coverage: Coverage, mutation: Mutation | None) -> Iterator[Markup]:
    counted, missing = len(coverage.counted), len(coverage.never_seen)
    seen = counted - missing
    yield tag("p", "Version ", tag("code", pack.version), f". {len(run.results)} cases, {len(run.failed)} failed.")
    share = f"{coverage.percent:g} % of the outcomes that can come about were seen: {seen} of {counted}."
    bar = tag("progress", str(seen), id="share", max=str(counted), value=str(seen))
    yield tag("p", tag("label", share, for_="share"), " ", bar)
    if mutation is not None:
        noticed, changes = len(mutation.killed), len(mutation.killed) + len(mutation.survived)
        equivalent = f"{len(mutation.equivalent)} more change nothing."
        yield tag("p", f"{noticed} of {changes} changes to the pack are noticed by a test; {equivalent}")
    reasons = dict.fromkeys(outcome.reason for outcome in coverage.never_seen)
    if reasons:
        count = {name: sum(outcome.reason == name for outcome in coverage.never_seen) for name in reasons}
        links = [tag("li", tag("a", name, href=f"#reason-{name}"), f": {count[name]}") for name in reasons]
        content = join(tag("h2", "Never seen"), tag("ul", *links))
        yield tag("nav", content, aria_label="Reasons with something never seen")


def _survivors(mutation: Mutation) -> Markup:
    items = []
    for survivor in mutation.survived:
        noticing = ""
        if survivor.case is not None:
            noticing = tag("details", tag("summary", "A case that would notice"), tag("pre", survivor.case))
        items.append(tag("li", survivor.message, noticing))
    heading = tag("h2", "Changes that no test notices", id="survived")
    return tag("section", heading, tag("ul", *items), aria_labelledby="survived")


def _reason(reason: str, outcomes: tuple[Outcome, ...]) -> Markup:
    counted = [one for one in outcomes if one.possible or one.seen]
    seen = sum(one.seen for one in counted)
    place = f"{outcomes[0].span.file}, line {outcomes[0].span.start.line}"
    table = tag(
        "table",
        tag("caption", f"Outcomes of {reason} ({place})"),
        tag("thead", tag("tr", *(tag("th", name, scope="col") for name in ("Of", "Outcome", "Seen by")))),
        tag("tbody", join(*map(_row, outcomes), by="\n")),
        class_="outcomes",
    )
    return tag(
        "section",
        tag("h2", tag("code", reason), id=f"reason-{reason}"),
        tag("details", tag("summary", f"{seen} of {len(counted)} seen"), table, open=seen != len(counted)),
        aria_labelledby=f"reason-{reason}",
    )


def _row(outcome: Outcome) -> Markup:
    if outcome.subject in (Subject.MESSAGE, Subject.FIX, Subject.UNDETERMINED):
        what = tag("q", outcome.text, lang=outcome.outcome.partition(",")[0])
    else:
        what = tag("code", outcome.text)
    return tag("tr", tag("th", f"{outcome.subject} ", what, scope="row"), tag("td", outcome.outcome), _seen_by(outcome))


def _seen_by(outcome: Outcome) -> Markup:
    if outcome.seen:
        more = f" and {len(outcome.cases) - 1} more" if len(outcome.cases) > 1 else ""
        return tag("td", f"✓ {outcome.cases[0]}{more}", class_="seen")
    if outcome.possible:
        return tag("td", "✗ never seen", class_="never")
    return tag("td", "– can’t come about", class_="impossible")
