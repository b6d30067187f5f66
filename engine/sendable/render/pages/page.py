"""What all pages share: their looks, their head, and that they need nothing else and let nothing in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from sendable.render.pages.markup import Markup, join, tag

STYLE: Final = r"""
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --card: #ffffff; --ink: #1d1d21; --faint: #5b5b63; --line: #d8d5cd; --link: #1a4f8f;
  --good: #0b5f35; --good-back: #e3f3e9; --bad: #9c1c13; --bad-back: #fcebe8; --unsure: #704700; --unsure-back: #fbf0d9;
  --watch: #2c4a86; --watch-back: #e8eefa; --off: #a5a29a; --code-back: #f0eee8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #151518; --card: #1e1e23; --ink: #ececf0; --faint: #b2b2bc; --line: #3b3b44; --link: #9cc4f7;
    --good: #85dca4; --good-back: #14301f; --bad: #ffa198; --bad-back: #3c1916;
    --unsure: #f0c674; --unsure-back: #35280d;
    --watch: #a8c2f5; --watch-back: #1a2540; --off: #6d6d77; --code-back: #2a2a31;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 76rem; padding: 1.25rem 1rem 3rem;
  overflow-wrap: anywhere;
}
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.75rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 0 0 .75rem; }
h3 { font-size: 1.0625rem; margin: 0; }
p { margin: .5rem 0; }
h4, .label { font-size: .875rem; font-weight: 600; line-height: 1.25; margin: 1rem 0 .25rem; color: var(--faint); }
a { color: var(--link); text-underline-offset: .15em; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; font-size: .875em; }
code { overflow-wrap: anywhere; }
pre { background: var(--code-back); border-radius: .375rem; padding: .625rem .75rem; margin: .5rem 0; }
pre, pre code { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--faint); padding: .25rem 0; }
th, td {
  text-align: left; vertical-align: top; padding: .375rem .5rem .375rem 0; overflow-wrap: anywhere;
  border-bottom: 1px solid var(--line);
}
th[scope=row] { font-weight: normal; }
progress { width: 100%; height: 1rem; accent-color: var(--good); }
summary { cursor: pointer; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: .25rem; }
.skip { position: absolute; left: -100rem; } .skip:focus { position: static; }
.faint { color: var(--faint); } .small { font-size: .875rem; }
.seen { color: var(--good); } .never { color: var(--bad); font-weight: bold; } .impossible { color: var(--faint); }
.outcomes th[scope=row] { width: 55%; }
.outcomes th[scope=col], .outcomes th + td { overflow-wrap: break-word; }
.brand {
  display: flex; flex-wrap: wrap; gap: .25rem .75rem; color: var(--faint); font-size: .875rem; margin: 0 0 1rem;
}
.brand strong { color: var(--ink); letter-spacing: .01em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.125rem; }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.75rem; margin: .75rem 0 0; }
.facts div { min-width: 0; max-width: 100%; }
.facts dt { font-size: .8125rem; color: var(--faint); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.state {
  display: inline-block; font-size: .8125rem; font-weight: 600; line-height: 1.3; padding: .125rem .5rem;
  border-radius: 1rem; border: 1px solid currentColor; color: var(--faint); background: var(--card);
}
.state.firm { color: var(--ink); }
.state.good { color: var(--good); background: var(--good-back); }
.state.bad { color: var(--bad); background: var(--bad-back); }
.state.unsure { color: var(--unsure); background: var(--unsure-back); }
.state.watch { color: var(--watch); background: var(--watch-back); }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--faint); }
footer p { font-size: .875rem; overflow-wrap: anywhere; }

/* an explanation */
.answer { border-left: .5rem solid var(--off); margin-bottom: 2rem; padding: 1.25rem 1.25rem 1.125rem; }
.answer.good { border-left-color: var(--good); } .answer.bad { border-left-color: var(--bad); }
.answer.unsure { border-left-color: var(--unsure); }
.answer h1 { display: flex; gap: .625rem; align-items: center; }
.answer.good h1 { color: var(--good); }
.answer.bad h1 { color: var(--bad); } .answer.unsure h1 { color: var(--unsure); }
.answer h1 svg { width: 2rem; height: 2rem; flex: none; }
.answer .message { font-size: 1.1875rem; line-height: 1.45; margin: .75rem 0 .5rem; max-width: 60ch; }
.answer .fix { max-width: 65ch; }
.jump { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: .875rem 0 0; }
.columns { display: grid; gap: 2rem; grid-template-columns: minmax(0, 1fr); }
.side { display: grid; gap: 1.25rem; align-content: start; }
.side section > h2 { font-size: 1.125rem; margin-bottom: .5rem; }
@media (min-width: 64rem) {
  .columns { grid-template-columns: minmax(0, 1fr) 25rem; gap: 2.5rem; }
}
.way { list-style: none; margin: 0; padding: 0; }
.stop { position: relative; display: grid; grid-template-columns: 1.75rem minmax(0, 1fr); gap: 0 .75rem; }
.stop::before {
  content: ""; position: absolute; left: .875rem; margin-left: -1.5px; top: 0; bottom: 0;
  border-left: 3px solid var(--good);
}
.stop.cut::before { border-left: 3px dotted var(--off); }
.stop.start::before { top: 1rem; } .stop.goal::before { bottom: auto; height: 1rem; }
.mark { position: relative; width: 1.75rem; height: 1.75rem; display: grid; place-items: center; margin-top: .25rem; }
.mark svg { width: 1.75rem; height: 1.75rem; background: var(--paper); border-radius: 50%; color: var(--good); }
.mark circle, h1 circle { fill: currentColor; }
.mark path, h1 path {
  fill: none; stroke: var(--paper); stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round;
}
h1 path { stroke: var(--card); }
.passed > .mark svg { width: 1.25rem; height: 1.25rem; }
.cut > .mark svg { color: var(--faint); } .bad > .mark svg { color: var(--bad); }
.unsure > .mark svg { color: var(--unsure); } .watch > .mark svg { color: var(--watch); }
.stop > .body { padding: .25rem 0; min-width: 0; }
.end { font-weight: 600; padding-top: .125rem; } .end .faint { font-weight: normal; }
.row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .75rem; align-items: baseline; }
.passed .row { display: grid; grid-template-columns: minmax(0, 1fr) auto; }
.passed .row > :last-child { text-align: right; }
.passed summary { padding: .125rem .375rem; margin: 0 -.375rem; border-radius: .25rem; list-style: none; }
.passed summary::-webkit-details-marker { display: none; }
.passed summary:hover { background: var(--code-back); }
.passed summary .title::after { content: "\a0▸" / ""; color: var(--faint); font-size: .8em; }
.passed [open] > summary .title::after { content: "\a0▾" / ""; }
.passed .more { border-left: 2px solid var(--line); padding: 0 0 .25rem .75rem; margin: .25rem 0 .75rem; }
.reason { border-color: var(--off); margin: .25rem 0 .75rem; }
.reason.bad { border-color: var(--bad); } .reason.unsure { border-color: var(--unsure); }
.reason.watch { border-color: var(--watch); }
.reason .row { gap: .375rem .75rem; }
.reason details { margin-top: .75rem; }
.reason details details { margin-top: .25rem; }
.words { border-left: 3px solid var(--line); padding-left: .75rem; margin: .25rem 0 .5rem; }
.trace, .trace ul { list-style: none; padding: 0; margin: 0; }
.trace ul { border-left: 2px solid var(--line); margin-left: .1875rem; padding-left: .75rem; }
.trace ul ul ul ul ul ul { padding-left: 0; margin-left: 0; border: 0; }
.trace li { margin: .25rem 0; }
.trace { font-size: .9375em; }
.value {
  font: .8125rem/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; border-radius: .25rem;
  background: var(--code-back); padding: .0625rem .375rem;
}
.value.none { font-family: inherit; color: var(--unsure); background: var(--unsure-back); }
.remedies { padding: 0; margin: 0; list-style: none; counter-reset: remedy; }
.remedies > li { padding: .75rem 0; border-top: 1px solid var(--line); }
.remedies > li:first-child { border-top: 0; padding-top: 0; } .remedies > li:last-child { padding-bottom: 0; }
.remedies p { margin: 0; }
.steps { list-style: none; padding: 0; margin: .125rem 0 .75rem; }
.steps:last-child { margin-bottom: 0; }
.steps li + li { margin-top: .5rem; }
.change { color: var(--faint); font-size: .875rem; }
.plain { padding-left: 1.25rem; margin: .25rem 0; }
.others { margin: 1.5rem 0 0 2.5rem; }

@media (max-width: 30rem) {
  .card { padding: .875rem; } .answer { padding: 1rem; border-left-width: .375rem; }
  .facts { display: block; } .facts div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .75rem; }
  .facts dt { line-height: 1.9; } .passed .row > :last-child { max-width: 6.5rem; line-height: 1.3; }
  .stop { grid-template-columns: 1.75rem minmax(0, 1fr); gap: 0 .5rem; }
  .others { margin-left: 2.25rem; }
}
.side h3 { margin-top: 1.25rem; } .side h2 + h3 { margin-top: 0; }

/* a reference */
.search { margin: 0 0 1rem; }
.search label { display: block; font-weight: 600; margin-bottom: .25rem; }
.search input {
  font: inherit; width: 100%; padding: .5rem .75rem; color: var(--ink); background: var(--card);
  border: 1px solid var(--faint); border-radius: .5rem;
}
.search output { display: block; min-height: 1.5em; font-size: .875rem; color: var(--faint); margin-top: .25rem; }
.contents ol { list-style: none; margin: 0; padding: 0; }
.contents a {
  display: grid; grid-template-columns: 2.25rem minmax(0, 1fr); gap: .5rem; padding: .25rem .375rem; margin: 0 -.375rem;
  text-decoration: none; border-radius: .25rem; line-height: 1.35; font-size: .9375rem;
}
.contents a:hover { background: var(--code-back); text-decoration: underline; }
.contents .number { color: var(--faint); font-variant-numeric: tabular-nums; text-align: right; }
.reference > section { margin-top: 2rem; }
.intro { max-width: 65ch; margin: .5rem 0 1.5rem; }
.entry { margin-bottom: 1.25rem; scroll-margin-top: 1rem; }
.entry:target { outline: 3px solid var(--link); outline-offset: 2px; }
.entry h3 { font-size: 1.1875rem; }
.entry h3 + p { margin-top: .125rem; }
.entry .number { font-variant-numeric: tabular-nums; }
.tags { display: flex; flex-wrap: wrap; gap: .375rem; margin: .5rem 0; }
pre + .languages { margin-top: 1rem; }
.languages { display: grid; gap: 1rem 1.5rem; grid-template-columns: minmax(0, 1fr); }
.language { border-top: 2px solid var(--line); padding-top: .5rem; min-width: 0; }
.language > h4 { margin-top: 0; color: var(--ink); font-size: 1rem; }
.texts { margin: 0; }
.texts dt { font-size: .8125rem; color: var(--faint); margin-top: .5rem; } .texts dd { margin: 0; }
.texts ul { margin: 0; padding-left: 1.125rem; }
.slot { color: var(--watch); background: var(--watch-back); border-radius: .25rem; padding: 0 .25rem; }
.codes { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; }
.codes div { display: flex; gap: .375rem; min-width: 0; max-width: 100%; }
.codes dt { color: var(--faint); } .codes dd { margin: 0; min-width: 0; }
@media (min-width: 46rem) {
  .languages { grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 0 1.5rem; }
  .language { display: grid; grid-template-rows: subgrid; align-content: start; }
  .language.four { grid-row: span 4; } .language.five { grid-row: span 5; }
  .language .texts { display: contents; }
}
@media (min-width: 64rem) {
  .reference > section { margin-top: 0; }
  .reference { display: grid; grid-template-columns: 19rem minmax(0, 1fr); gap: 2.5rem; align-items: start; }
  .contents { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; padding: .25rem .5rem; }
}
/* an audience */
.audience { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); }
.audience > .answer { margin-bottom: 0; }
.audience .answer.plainly h1 { color: var(--ink); display: block; }
.audience .lead { font-size: 1.0625rem; max-width: 65ch; }
.audience section { min-width: 0; }
.audience .card > .intro { margin: 0 0 1rem; }
.beside { display: grid; gap: 1.25rem 2.5rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
figure { margin: 0; max-width: 26rem; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { font-size: 12px; fill: currentColor; color: var(--ink); }
.chart .number { font-variant-numeric: tabular-nums; }
.chart .right { text-anchor: end; } .chart .center { text-anchor: middle; }
.chart path, .chart rect { stroke-width: 1; }
.chart .good { fill: var(--good); stroke: var(--good); } .chart .bad { fill: var(--bad); stroke: var(--bad); }
.chart .unsure { fill: var(--unsure); stroke: var(--unsure); } .chart .off { fill: var(--faint); stroke: var(--faint); }
.chart .rest { fill: var(--line); stroke: var(--off); } .chart .part { fill: var(--bad-back); stroke: var(--bad); }
.chart .heat { fill: var(--watch); stroke: var(--off); } .chart .heat-0 { fill: none; stroke: var(--line); }
.chart .heat-1 { fill-opacity: .15; } .chart .heat-2 { fill-opacity: .35; } .chart .heat-3 { fill-opacity: .55; }
.chart .heat-4 { fill-opacity: .75; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: .75rem 0 0; padding: 0; }
.key li { display: flex; gap: .375rem; align-items: center; font-size: .8125rem; color: var(--faint); }
.chart.swatch { width: 1rem; height: 1rem; flex: none; }
.figures { font-size: .9375rem; }
.figures .figure { text-align: right; font-variant-numeric: tabular-nums; padding: .375rem 0 .375rem .75rem; }
.figures td.figure { white-space: nowrap; }
.figures thead th { font-size: .8125rem; color: var(--faint); vertical-align: bottom; overflow-wrap: normal; }
.figures td:not(.figure), .figures thead th:last-child:not(.figure) { padding-left: 1.25rem; }
.figures tfoot th, .figures tfoot td { font-weight: 600; border-bottom: 0; border-top: 2px solid var(--line); }
.figures .state { font-size: .75rem; }
.audience > .card > .figures { max-width: 56rem; }
.audience .figures + details { margin-top: .75rem; }
.sum { font-variant-numeric: tabular-nums; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  padding: 0;
}
.entries { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.entries .entry { margin: 0; }
.entries .entry h3 { font-size: 1.0625rem; }
.contacts { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .125rem 1rem; }
.texts .contacts { padding: 0; }
.contacts li { overflow-wrap: anywhere; min-width: 0; }
@media (min-width: 46rem) { .entries { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (min-width: 64rem) { .beside { grid-template-columns: 23rem minmax(0, 1fr); } }
@media (max-width: 40rem) {
  .figures, .figures tbody, .figures tfoot { display: block; }
  .figures thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .figures tr { display: flex; flex-wrap: wrap; align-items: end; gap: 0 .75rem; padding: .5rem 0; }
  .figures tr { border-bottom: 1px solid var(--line); }
  .figures tfoot tr { border-top: 2px solid var(--line); border-bottom: 0; }
  .figures tr > *, .figures tfoot tr > * { border: 0; padding: 0; }
  .figures th[scope=row] { flex: 0 0 100%; min-width: 0; } .figures td { flex: 0 0 4rem; min-width: min-content; }
  .figures .figure, .figures td:not(.figure) { text-align: left; padding: 0; }
  .figures td::before {
    content: attr(data-name) / ""; display: block; font-size: .75rem; line-height: 1.3; color: var(--faint);
    font-weight: normal; white-space: normal;
  }
  .figures td:not(.figure) { flex: 1 1 8rem; }
  .figures td:empty { display: none; }
}

[hidden] { display: none !important; }

@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #ffffff; --ink: #000000; --faint: #4a4a50; --line: #bdbdbd; --link: #1a4f8f;
    --good: #0b5f35; --good-back: #ffffff; --bad: #9c1c13; --bad-back: #ffffff; --unsure: #704700;
    --unsure-back: #ffffff; --watch: #2c4a86; --watch-back: #ffffff; --off: #8a8a8a; --code-back: #f4f4f4;
  }
  @page { margin: 16mm 14mm; }
  html { font-size: 10pt; }
  body { padding: 0; max-width: none; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .skip, .jump, .search, .reason details:not([open]), .passed summary .title::after { display: none; }
  .columns, .reference { display: block; } .reference > section { margin-top: 1.5rem; }
  summary { list-style: none; }
  .passed summary, .contents a { margin: 0; padding-left: 0; padding-right: 0; }
  .side { margin-top: 1.5rem; }
  .contents { position: static; max-height: none; overflow: visible; }
  .contents ol { columns: 2; }
  .stop, .card, .steps > li, .texts > div { break-inside: avoid; }
  .languages { grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); }
  .passed .mark { height: 1.25rem; margin-top: .125rem; } .passed > .body { padding: 0; }
  .passed > .body, .end { line-height: 1.4; }
  .audience { display: block; } .audience > * + * { margin-top: 1rem; } .audience > .card { break-inside: auto; }
  .beside > * + * { margin-top: 1rem; } .beside, .entries { display: block; } .entries .entry { margin-bottom: .75rem; }
  figure, .figures tr, .audience .entry { break-inside: avoid; }
  .figures tfoot { display: table-row-group; } .audience .intro { break-after: avoid; }
  .entry { break-inside: auto; }
  h1, h2, h3, h4 { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""
"""The one style sheet. Every state that has a colour has a word too."""

_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'"


def document(title: str, language: str, body: Iterable[str], *, skip: str, script: str = "") -> str:
    """A page whose `body` has an element with the id `main`; `skip` is what the link to it says.

    Its Content-Security-Policy lets in the style sheet and `script`, known by their digests, and nothing else.
    """
    policy = f"{_POLICY}; style-src {_digest(STYLE)}" + (f"; script-src {_digest(script)}" if script else "")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        "\n",
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        "\n",
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        "\n",
        tag("title", title),
        "\n",
        tag("style", Markup(STYLE)),
    )
    inside = join(
        tag("a", skip, class_="skip", href="#main"),
        *body,
        *([tag("script", Markup(script))] if script else []),
        by="\n",
    )
    return f"<!DOCTYPE html>\n{tag('html', head, Markup(chr(10)), tag('body', inside), lang=language)}\n"


def _digest(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
