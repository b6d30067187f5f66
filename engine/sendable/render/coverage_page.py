"""Coverage as one HTML page that needs nothing else: no script, no font, no other file."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Final

from sendable.coverage import Coverage, Outcome, Subject
from sendable.model import Pack
from sendable.mutation import Mutation
from sendable.testing import Run

_STYLE: Final = """\
:root { color-scheme: light dark; --line: #c8c8c8; --good: #0a5c2b; --bad: #a3160e; --faint: #595959; --back: #f4f4f4; }
@media (prefers-color-scheme: dark) {
  :root { --line: #4a4a4a; --good: #7ddc9f; --bad: #ff9d94; --faint: #b4b4b4; --back: #232323; }
}
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h2 { margin: 2rem 0 .5rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
pre { background: var(--back); padding: .75rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--faint); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
th[scope=row] { font-weight: normal; width: 55%; }
progress { width: 100%; height: 1rem; }
.seen { color: var(--good); } .never { color: var(--bad); font-weight: bold; } .impossible { color: var(--faint); }
.skip { position: absolute; left: -100rem; } .skip:focus { position: static; }
summary { cursor: pointer; }
summary:focus-visible, a:focus-visible { outline: 3px solid; outline-offset: 2px; }
"""


def as_html(pack: Pack, run: Run, coverage: Coverage, mutation: Mutation | None = None) -> str:
    """The page: a summary, what was never seen, every outcome by reason, and the mutants where there are any."""
    return "\n".join(_page(pack, run, coverage, mutation)) + "\n"


def _page(pack: Pack, run: Run, coverage: Coverage, mutation: Mutation | None) -> Iterator[str]:
    title = f"Coverage of the pack {escape(pack.name)}"
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield '<head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{title}</title>"
    yield f"<style>\n{_STYLE}</style></head>"
    yield '<body><a class="skip" href="#main">To the report</a>'
    yield f'<header><h1>{title}</h1></header><main id="main">'
    yield from _summary(pack, run, coverage, mutation)
    if mutation is not None and mutation.survived:
        yield from _survivors(mutation)
    for reason, outcomes in groupby(coverage.outcomes, key=lambda one: one.reason):
        yield from _reason(reason, tuple(outcomes))
    yield "</main></body></html>"


def _summary(pack: Pack, run: Run, coverage: Coverage, mutation: Mutation | None) -> Iterator[str]:
    counted, missing = len(coverage.counted), len(coverage.never_seen)
    seen = counted - missing
    yield f"<p>Version <code>{escape(pack.version)}</code>. {len(run.results)} cases, {len(run.failed)} failed.</p>"
    yield f'<p><label for="share">{coverage.percent:g} % of the outcomes that can come about were seen: '
    yield f'{seen} of {counted}.</label> <progress id="share" max="{counted}" value="{seen}">{seen}</progress></p>'
    if mutation is not None:
        noticed, changes = len(mutation.killed), len(mutation.killed) + len(mutation.survived)
        yield f"<p>{noticed} of {changes} changes to the pack are noticed by a test; "
        yield f"{len(mutation.equivalent)} more change nothing.</p>"
    reasons = dict.fromkeys(outcome.reason for outcome in coverage.never_seen)
    if reasons:
        yield '<nav aria-label="Reasons with something never seen"><h2>Never seen</h2><ul>'
        for reason in reasons:
            count = sum(outcome.reason == reason for outcome in coverage.never_seen)
            yield f'<li><a href="#reason-{escape(reason)}">{escape(reason)}</a>: {count}</li>'
        yield "</ul></nav>"


def _survivors(mutation: Mutation) -> Iterator[str]:
    yield '<section aria-labelledby="survived"><h2 id="survived">Changes that no test notices</h2><ul>'
    for survivor in mutation.survived:
        yield f"<li>{escape(survivor.message)}"
        if survivor.case is not None:
            yield f"<details><summary>A case that would notice</summary><pre>{escape(survivor.case)}</pre></details>"
        yield "</li>"
    yield "</ul></section>"


def _reason(reason: str, outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    name = escape(reason)
    counted = [one for one in outcomes if one.possible or one.seen]
    seen = sum(one.seen for one in counted)
    place = f"{outcomes[0].span.file}, line {outcomes[0].span.start.line}"
    yield f'<section aria-labelledby="reason-{name}"><h2 id="reason-{name}"><code>{name}</code></h2>'
    yield f"<details{'' if seen == len(counted) else ' open'}><summary>{seen} of {len(counted)} seen</summary>"
    yield f"<table><caption>Outcomes of {name} ({escape(place)})</caption>"
    yield '<thead><tr><th scope="col">Of</th><th scope="col">Outcome</th><th scope="col">Seen by</th></tr></thead>'
    yield "<tbody>"
    for one in outcomes:
        spoken = one.subject in (Subject.MESSAGE, Subject.FIX, Subject.UNDETERMINED)
        tag = f'q lang="{escape(one.outcome.partition(",")[0])}"' if spoken else "code"
        what = f"{one.subject} <{tag}>{escape(one.text)}</{tag.partition(' ')[0]}>"
        yield f'<tr><th scope="row">{what}</th><td>{escape(one.outcome)}</td>{_seen_by(one)}</tr>'
    yield "</tbody></table></details></section>"


def _seen_by(outcome: Outcome) -> str:
    if outcome.seen:
        more = f" and {len(outcome.cases) - 1} more" if len(outcome.cases) > 1 else ""
        return f'<td class="seen">✓ {escape(outcome.cases[0])}{more}</td>'
    if outcome.possible:
        return '<td class="never">✗ never seen</td>'
    return '<td class="impossible">– can’t come about</td>'
