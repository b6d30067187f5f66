"""A whole audience on an HTML page of its own: who gets the email, who does not and why, and what would gain most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sendable.audience.summary import InvalidValues, ReasonCount, Summary
from sendable.pack import locales
from sendable.pack.messages import Alternative, Placeholder, Plural
from sendable.pack.model import Actor, Localized, Reason
from sendable.policy import Policy
from sendable.render.pages.charts import EM, SQUARE, WIDTH, Bar, Chart, bar_chart, cut
from sendable.render.pages.markup import Markup, join, pair, tag
from sendable.render.pages.page import document
from sendable.render.words.exceptions import lifted_in_words
from sendable.render.words.figures import told_of, unmatched_as_text
from sendable.render.words.forms import AudiencePageWords, State, Words
from sendable.render.words.languages import words_for

_MOST_BARS: Final = 15
_MOST_SQUARES: Final = 8
_MOST_ROWS: Final = 10
"""Of a table before the rest is folded away."""
_MOST_GAINS: Final = 5


def audience_page(
    summary: Summary, policy: Policy, samples: Mapping[str, Sequence[str]], locale: str | None = None
) -> str:
    """The page, for readers of `locale`, a BCP 47 tag; it needs no script, no font and no other file.

    `samples` are contacts by the id of a reason, shown as they are: whoever has them to mask does so before. The same
    summary makes the same page. Raises ValueError for a summary whose figures do not add up.
    """
    return _Page(summary, policy, samples, locale).text


class _Page:
    def __init__(
        self, summary: Summary, policy: Policy, samples: Mapping[str, Sequence[str]], locale: str | None
    ) -> None:
        _check(summary)
        self._summary = summary
        self._pack = policy.pack
        self._samples = samples
        self._served = self._pack.locale_for(locale)
        self._numbers = locales.formatting_locale(locale, self._served)
        self._words: Words = words_for(self._served)
        self._said: AudiencePageWords = self._words.audience_page
        self._lang = None if self._served.partition("-")[0] == self._words.language else self._served
        """The language of the pack's texts where the page is in another one."""
        self._reasons: Mapping[str, Reason] = {reason.id: reason for reason in self._pack.reasons}
        found = [one.reason for one in summary.reasons]
        self._shown = [*found, *(one for one in samples if one not in found)]
        """The ids of the reasons that have an entry."""
        self._anchors = {reason: f"reason-{number}" for number, reason in enumerate(self._shown, 1)}

    @property
    def text(self) -> str:
        words, said, summary = self._words, self._said, self._summary
        if summary.contacts:
            title = said.heading.format(
                sendable=self._number(summary.sendable), contacts=self._number(summary.contacts)
            )
            parts = [
                self._answer(title),
                self._funnel(),
                self._why(),
                self._gains(),
                self._overlaps(),
                self._monitored(),
                self._excepted(),
                self._undetermined(),
                self._invalid(),
                self._repeated(),
                self._columns(),
                self._one_by_one(),
            ]
        else:
            title = said.heading_none
            content = join(tag("h1", title, id="answer"), tag("p", said.nobody), by="\n")
            parts = [tag("section", content, class_="card answer", aria_labelledby="answer")]
        body = [
            tag("header", tag("p", tag("strong", "sendable"), tag("span", said.audience_summed_up), class_="brand")),
            tag("main", join(*parts, by="\n"), id="main", class_="audience"),
            tag("footer", tag("p", words.page.pack.format(name=self._pack.name, version=self._pack.version))),
        ]
        return document(title, words.language, body, skip=said.to_figures)

    # -- numbers and names

    def _number(self, value: int) -> str:
        return locales.format_number(value, self._numbers)

    def _share(self, part: int, whole: int | None = None) -> str:
        """`part` of the audience to a tenth of a percent; some are never written as none, nor nearly all as all."""
        whole = self._summary.contacts if whole is None else whole
        tenths = (2000 * part + whole) // (2 * whole)
        if part and not tenths:
            return self._said.below.format(share=self._percent(1))
        if part < whole and tenths == 1000:
            return self._said.above.format(share=self._percent(999))
        return self._percent(tenths)

    def _percent(self, tenths: int) -> str:
        return self._said.percent.format(number=locales.format_number(tenths / 10, self._numbers))

    def _title(self, reason: str) -> str:
        known = self._reasons.get(reason)
        return reason if known is None else " ".join(known.title[self._served].split())

    def _link(self, reason: str) -> Markup:
        return tag("a", self._title(reason), href=f"#{self._anchors[reason]}", lang=self._lang)

    # -- the answer

    def _answer(self, title: str) -> Markup:
        said, summary = self._said, self._summary
        facts = [
            (self._words.label(State.SENDABLE), summary.sendable),
            (self._words.label(State.SUPPRESSED), summary.suppressed),
            (self._words.label(State.UNDETERMINED), summary.undetermined),
            (self._words.label(State.INVALID), summary.invalid),
        ]
        pairs = (pair(name, f"{self._number(count)} ({self._share(count)})") for name, count in facts)
        targets = {
            "funnel": said.funnel,
            "why": said.reasons,
            "gains": said.gains,
            "overlaps": said.overlaps,
            "monitored": said.monitored,
            "excepted": self._words.exceptions.heading,
            "missing": said.missing,
            "invalid": said.invalid_values,
            "repeated": said.repeated,
            "columns": said.columns,
            "samples": said.samples,
        }
        if summary.repeated is None:
            del targets["repeated"]
        if not summary.monitored:
            del targets["monitored"]
        if not summary.excepted:
            del targets["excepted"]
        links = [tag("li", tag("a", name, href=f"#{target}")) for target, name in targets.items()]
        content = join(
            tag("h1", title, id="answer"),
            tag("dl", *pairs, class_="facts"),
            *(tag("p", unmatched_as_text(one, self._words.summary, self._numbers)) for one in summary.unmatched),
            tag("nav", tag("ul", *links, class_="jump"), aria_label=self._words.page.on_this_page),
            by="\n",
        )
        look = "good" if summary.sendable else "bad"
        return tag("section", content, class_=f"card answer plainly {look}", aria_labelledby="answer")

    # -- the funnel

    def _funnel(self) -> Markup:
        said, summary = self._said, self._summary
        whole = summary.contacts
        steps = [
            (self._words.label(State.INVALID), summary.invalid, "off"),
            (self._words.label(State.UNDETERMINED), summary.undetermined, "unsure"),
            (self._words.label(State.SUPPRESSED), summary.suppressed, "bad"),
        ]
        rows = [_Row(said.audience, (self._number(whole), self._share(whole), self._number(whole)))]
        bars = [Bar(said.audience, self._number(whole), ((0, 1, "rest"),))]
        left = whole
        for name, count, look in steps:
            before, left = left, left - count
            figure = f"−{self._number(count)}" if count else self._number(0)
            rows.append(_Row(name, (figure, self._share(count), self._number(left))))
            bars.append(Bar(name, figure, ((0, left / whole, "rest"), (left / whole, before / whole, look))))
        last = self._words.label(State.SENDABLE)
        total = _Row(last, (self._number(left), self._share(left), self._number(left)))
        bars.append(Bar(last, self._number(left), ((0, left / whole, "good"),)))
        figures = "; ".join(f"{bar.name}: {bar.figure}" for bar in bars)
        chart = bar_chart(bars).svg("funnel-chart", said.funnel, said.funnel_described.format(figures=figures))
        table = _table(said.funnel, (said.step, said.contacts, said.share, said.left), rows, total)
        numbers = (summary.sendable, summary.suppressed, summary.undetermined, summary.invalid)
        sum_ = f"{' + '.join(map(self._number, numbers))} = {self._number(whole)}"
        proof = tag("p", tag("strong", said.adds_up), " ", tag("span", sum_, class_="sum"), class_="small")
        return self._section("funnel", said.funnel, said.funnel_note, _beside(chart, join(table, proof, by="\n")))

    # -- the reasons

    @cached_property
    def _ranked(self) -> list[ReasonCount]:
        """The reasons, the most frequent primary one first."""
        return sorted(self._summary.reasons, key=lambda one: -one.primary)

    def _why(self) -> Markup:
        said, summary = self._said, self._summary
        if not summary.reasons:
            return self._section("why", said.reasons, said.no_reasons)
        rows = [
            _Row(
                self._link(one.reason),
                (
                    self._number(one.primary),
                    self._share(one.primary),
                    self._number(one.alone),
                    self._number(one.any),
                ),
            )
            for one in self._ranked
        ]
        total = _Row(
            said.sum,
            (
                self._number(sum(one.primary for one in self._ranked)),
                self._share(summary.suppressed),
                self._number(sum(one.alone for one in self._ranked)),
                "",
            ),
        )
        columns = (said.reason, said.contacts, said.share, said.alone, said.any)
        table = _table(said.reasons, columns, rows, total)
        if not summary.suppressed:
            return self._section("why", said.reasons, said.reasons_note, table)
        return self._section("why", said.reasons, said.reasons_note, _beside(self._reason_chart(), table))

    def _reason_chart(self) -> Markup:
        said = self._said
        counted = [(self._title(one.reason), one.primary, one.alone) for one in self._ranked if one.primary]
        if len(counted) > _MOST_BARS:
            rest = counted[_MOST_BARS - 1 :]
            name = said.others.format(count=self._number(len(rest)))
            others = (name, sum(primary for _, primary, _ in rest), sum(alone for _, _, alone in rest))
            counted[_MOST_BARS - 1 :] = [others]
        most = max(primary for _, primary, _ in counted)
        bars = [
            Bar(
                name,
                self._number(primary),
                ((0, alone / most, "bad"), (alone / most, primary / most, "part")),
            )
            for name, primary, alone in counted
        ]
        figures = "; ".join(
            f"{name}: {self._number(primary)}, {said.reason_alone}: {self._number(alone)}"
            for name, primary, alone in counted
        )
        key = _key((("bad", said.reason_alone), ("part", said.together)))
        described = said.reasons_described.format(figures=figures)
        return join(bar_chart(bars).svg("why-chart", said.reasons, described), key, by="\n")

    # -- what would gain most

    def _gains(self) -> Markup:
        said, summary = self._said, self._summary
        best = sorted((one for one in summary.reasons if one.alone), key=lambda one: -one.alone)
        if not best:
            return self._section("gains", said.gains, said.gains_none)
        before, _, after = said.gains_lead.partition("{title}")
        most = best[0]
        lead = tag(
            "p",
            before,
            tag("strong", self._title(most.reason), lang=self._lang),
            after.format(
                gain=self._number(most.alone),
                then=self._share(summary.sendable + most.alone),
                now=self._share(summary.sendable),
            ),
            class_="lead",
        )
        rows = [
            _Row(
                self._floored(one.reason),
                (
                    f"+{self._number(one.alone)}",
                    self._number(summary.sendable + one.alone),
                    self._share(summary.sendable + one.alone),
                    self._by(one.reason),
                ),
            )
            for one in best[:_MOST_GAINS]
        ]
        columns = (said.reason, said.gain, said.sendable_then, said.share, said.fixable_by)
        table = _table(said.gains, columns, rows, words=1)
        return self._section("gains", said.gains, "", lead, table, tag("p", said.gains_note, class_="faint small"))

    def _floored(self, reason: str) -> Markup:
        """The reason's link, and that it may not be lifted where that is so: a gain is no advice."""
        known = self._reasons.get(reason)
        if known is None or not known.floor:
            return self._link(reason)
        return join(self._link(reason), " ", tag("span", self._words.page.floor, class_="state firm"))

    def _by(self, reason: str) -> str:
        known = self._reasons.get(reason)
        return "" if known is None else self._words.who[Actor(known.fixable_by)]

    # -- the overlaps

    def _overlaps(self) -> Markup:
        said = self._said
        pairs = sorted(self._summary.overlaps.items(), key=lambda one: -one[1])
        if not pairs:
            return self._section("overlaps", said.overlaps, said.overlaps_none)
        columns = (said.reason, said.contacts, said.share)
        named = [(self._both(*pair), count) for pair, count in pairs]
        table = self._folded(said.overlaps, columns, named, said.more_pairs, None)
        chart = self._squares(pairs) if len(pairs) > 1 else None
        content = table if chart is None else _beside(chart, table)
        return self._section("overlaps", said.overlaps, said.overlaps_note, content)

    def _both(self, first: str, second: str) -> Markup:
        return join(
            tag("span", self._title(first), lang=self._lang),
            tag("span", f" {self._said.and_reason.lower()} ", class_="faint"),
            tag("span", self._title(second), lang=self._lang),
        )

    def _squares(self, pairs: Sequence[tuple[tuple[str, str], int]]) -> Markup:
        """A grid of the reasons of the most frequent pairs, in the order of the priorities."""
        said, overlaps = self._said, self._summary.overlaps
        chosen: dict[str, None] = {}
        for both, _ in pairs:
            if len(chosen.keys() | set(both)) <= _MOST_SQUARES:
                chosen.update(dict.fromkeys(both))
        order = [one for one in self._anchors if one in chosen]
        most = pairs[0][1]
        last = len(order) - 1
        chart = Chart(SQUARE * len(order) + 16)
        figures = []
        for row, second in enumerate(order):
            top, edge = SQUARE * row, SQUARE * row + (6 if row else 0)
            for column, first in enumerate(order[:row]):
                count = overlaps.get((first, second), overlaps.get((second, first), 0))
                look = f"heat heat-{-(-5 * count // most)}"
                chart.bar(SQUARE * column + 1, top + 1, SQUARE - 2, SQUARE - 2, look)
                if count:
                    figures.append(f"{self._title(first)}, {self._title(second)}: {self._number(count)}")
            name = cut(self._title(second), WIDTH - edge - 2 * EM)
            chart.text(edge, top + SQUARE / 2 + 4, f"{self._number(row + 1)} {name}", "name")
            if row < last:
                middle = SQUARE * (row + 0.5)
                chart.text(middle, SQUARE * len(order) + 12, self._number(row + 1), "name center")
        described = said.overlaps_described.format(figures="; ".join(figures))
        steps = [(level, most * (level - 1) // 5 + 1, most * level // 5) for level in range(1, 6)]
        names = [
            (
                f"heat heat-{level}",
                self._number(low)
                if low == high
                else said.from_to.format(low=self._number(low), high=self._number(high)),
            )
            for level, low, high in steps
            if low <= high
        ]
        key = _key((("heat heat-0", said.no_overlap), *names))
        return join(chart.svg("overlaps-chart", said.overlaps, described), key, by="\n")

    # -- what is only monitored

    def _monitored(self) -> Markup:
        said, found = self._said, self._summary.monitored
        if not found:
            return join()
        rows = [
            _Row(
                join(tag("span", self._title(one.reason), lang=self._lang), " ", tag("code", one.reason)),
                (self._number(one.contacts), self._share(one.contacts), self._number(one.sendable)),
            )
            for one in found
        ]
        table = _table(said.monitored, (said.reason, said.contacts, said.share, said.newly), rows)
        return self._section("monitored", said.monitored, said.monitored_note, table)

    # -- what exceptions lift

    def _excepted(self) -> Markup:
        said, words, found = self._said, self._words.exceptions, self._summary.excepted
        if not found:
            return join()
        rows = []
        for one in found:
            told = tag("p", lifted_in_words(one.exception, self._served))
            reasons = (tag("span", self._title(reason), lang=self._lang) for reason in one.reasons)
            name = join(tag("code", one.exception.id), " ", join(*reasons, by=", "), told)
            figures = (self._number(one.contacts), self._share(one.contacts), self._number(one.sendable))
            rows.append(_Row(name, figures))
        table = _table(words.heading, (words.heading, said.contacts, said.share, said.newly), rows)
        return self._section("excepted", words.heading, words.note, table)

    # -- the fields

    def _undetermined(self) -> Markup:
        said = self._said
        if not self._summary.missing:
            return self._section("missing", said.missing, said.missing_none)
        table = self._by_fields(said.missing, self._summary.missing, self._summary.undetermined)
        return self._section("missing", said.missing, said.missing_note, table)

    def _invalid(self) -> Markup:
        said = self._said
        if not self._summary.invalid_fields:
            return self._section("invalid", said.invalid_values, said.invalid_none)
        table = self._by_fields(said.invalid_values, self._summary.invalid_fields, self._summary.invalid)
        told = tag("ul", *map(self._values, self._summary.invalid_values)) if self._summary.invalid_values else ""
        return self._section("invalid", said.invalid_values, said.invalid_note, join(table, told, by="\n"))

    def _values(self, values: InvalidValues) -> Markup:
        """What is not allowed in a field, and how a value of it is written."""
        told = told_of(values, self._words.summary, self._pack.fields.get(values.field))
        content = f": {self._number(values.contacts)}{''.join(f'; {one}' for one in told)}."
        return tag("li", tag("code", values.field), content)

    def _by_fields(self, name: str, counts: Mapping[tuple[str, ...], int], whole: int) -> Markup:
        said = self._said
        named = [(_codes(fields), count) for fields, count in counts.items()]
        return self._folded(name, (said.fields, said.contacts, said.share), named, said.more_rows, whole)

    def _folded(
        self, name: str, columns: Sequence[str], named: Sequence[tuple[Markup, int]], more: str, whole: int | None
    ) -> Markup:
        """A table of the first, and one of the rest that unfolds. `whole` is what they add up to, if to anything."""
        said = self._said

        def row(shown: str, count: int) -> _Row:
            return _Row(shown, (self._number(count), self._share(count)))

        first, rest = (named, ()) if len(named) <= _MOST_ROWS + 1 else (named[:_MOST_ROWS], named[_MOST_ROWS:])
        rows = [row(*one) for one in first]
        total = None if whole is None else row(said.sum, whole)
        if not rest:
            return _table(name, columns, rows, total)
        summary = more.format(count=self._number(len(rest)))
        if total:
            rows.append(row(summary, sum(count for _, count in rest)))
        details = tag("details", tag("summary", summary), _table(summary, columns, [row(*one) for one in rest]))
        return join(_table(name, columns, rows, total), details, by="\n")

    # -- addresses and keys on several rows

    def _repeated(self) -> Markup:
        said, repeated = self._said, self._summary.repeated
        if repeated is None:
            return join()
        if not repeated.any:
            return self._section("repeated", said.repeated, said.repeated_none)
        rows = []
        if repeated.addresses:
            rows.append(_Row(said.addresses, (self._number(repeated.addresses), self._number(repeated.rows))))
            rows.append(_Row(said.disagreeing, (self._number(repeated.disagreeing), "")))
            before, _, after = said.disagreeing_in.partition("{field}")
            rows += [
                _Row(join(before, tag("code", field), after), (self._number(count), ""))
                for field, count in repeated.fields.items()
            ]
        if repeated.keys:
            rows.append(_Row(said.keys, (self._number(repeated.keys), self._number(repeated.key_rows))))
        note = said.repeated_strictest if self._summary.as_strictest else said.repeated_note
        table = _table(said.repeated, (said.repeated_what, said.number, said.rows), rows)
        return self._section("repeated", said.repeated, note, table)

    # -- the columns

    def _columns(self) -> Markup:
        said, unused, ignored = self._said, self._summary.unused_columns, self._summary.ignored_columns
        if not (unused or ignored):
            return self._section("columns", said.columns, said.columns_none)
        content = []
        if unused:
            content.append(tag("p", _codes(unused)))
        if ignored:
            content.append(tag("p", said.columns_ignored, " ", _codes(ignored)))
        return self._section("columns", said.columns, said.columns_note, *content)

    # -- reason by reason

    def _one_by_one(self) -> Markup:
        said = self._said
        if not self._shown:
            return self._section("samples", said.samples, said.no_reasons)
        entries = tag("div", join(*map(self._entry, self._shown), by="\n"), class_="entries")
        heading = tag("h2", said.samples, id="samples")
        note = tag("p", said.samples_note, class_="faint")
        return tag("section", join(heading, note, entries, by="\n"), aria_labelledby="samples")

    def _entry(self, reason: str) -> Markup:
        said, known = self._said, self._reasons.get(reason)
        target = self._anchors[reason]
        title = tag("span", self._title(reason), lang=self._lang if known else None)
        parts = [tag("h3", title, id=f"title-{target}"), tag("p", tag("code", reason), class_="small faint")]
        texts = []
        if known is not None:
            texts.append(pair(said.message, tag("div", self._told(known.message), lang=self._lang)))
            texts.append(pair(said.fix, tag("div", self._told(known.fix), lang=self._lang)))
        samples = self._samples.get(reason, ())
        if samples:
            items = (tag("li", tag("bdi", one)) for one in samples)
            texts.append(pair(said.sample, tag("ul", *items, class_="contacts")))
        else:
            texts.append(pair(said.sample, tag("span", said.no_sample, class_="faint")))
        parts.append(tag("dl", *texts, class_="texts"))
        return tag("article", join(*parts, by="\n"), class_="card entry", id=target, aria_labelledby=f"title-{target}")

    def _told(self, localized: Localized) -> Markup:
        """A text of the pack, in each of its alternatives, with the fields in the place of a contact's data."""
        shown = [_filled(one) for one in localized.texts[self._served]]
        return shown[0] if len(shown) == 1 else tag("ul", *(tag("li", one) for one in shown))

    # -- parts of the page

    def _section(self, target: str, name: str, note: str, *content: str) -> Markup:
        intro = [tag("p", note, class_="faint intro")] if note else []
        inside = join(tag("h2", name, id=target), *intro, *content, by="\n")
        return tag("section", inside, class_="card", aria_labelledby=target)


def _codes(names: Iterable[str]) -> Markup:
    return join(*(tag("code", name) for name in names), by=", ")


def _filled(text: Alternative) -> Markup:
    template = text.forms[locales.OTHER] if isinstance(text, Plural) else text
    parts = (tag("code", one.name, class_="slot") if isinstance(one, Placeholder) else one for one in template.parts)
    return join(*parts)


def _check(summary: Summary) -> None:
    """Nothing is shown as a sum that is none."""
    parts = summary.sendable + summary.suppressed + summary.undetermined + summary.invalid
    for name, whole, given in (
        ("contacts", summary.contacts, parts),
        ("suppressed", summary.suppressed, sum(one.primary for one in summary.reasons)),
        ("undetermined", summary.undetermined, sum(summary.missing.values())),
        ("invalid", summary.invalid, sum(summary.invalid_fields.values())),
    ):
        if whole != given:
            raise ValueError(f"the figures do not add up: {name} is {whole}, and its parts are {given}")


# -- tables


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    cells: tuple[str, ...]


def _table(
    name: str, columns: Sequence[str], rows: Iterable[_Row], total: _Row | None = None, *, words: int = 0
) -> Markup:
    """A table of figures; the last columns, as many as `words`, are no figures.

    Where the page is narrow the style sheet stacks its cells. The roles keep it a table for assistive technology.
    """
    figures = len(columns) - words

    def row(one: _Row) -> Markup:
        cells = (
            tag("td", cell, role="cell", data_name=column, class_="figure" if number < figures else None)
            for number, (column, cell) in enumerate(zip(columns[1:], one.cells, strict=True), 1)
        )
        return tag("tr", tag("th", one.name, scope="row", role="rowheader"), *cells, role="row")

    heads = (
        tag("th", column, scope="col", role="columnheader", class_="figure" if 0 < number < figures else None)
        for number, column in enumerate(columns)
    )
    return tag(
        "table",
        tag("caption", name, class_="unseen"),
        tag("thead", tag("tr", *heads, role="row"), role="rowgroup"),
        tag("tbody", join(*map(row, rows), by="\n"), role="rowgroup"),
        tag("tfoot", row(total), role="rowgroup") if total else "",
        role="table",
        class_="figures",
    )


def _beside(chart: Markup, table: Markup) -> Markup:
    return tag("div", tag("figure", chart), tag("div", table), class_="beside")


def _key(looks: Iterable[tuple[str, str]]) -> Markup:
    """What the fills of a chart mean."""
    items = (tag("li", _swatch(look), tag("span", name)) for look, name in looks)
    return tag("figcaption", tag("ul", *items, class_="key"))


def _swatch(look: str) -> Markup:
    square = tag("rect", x="1", y="1", width="14", height="14", class_=look)
    return tag("svg", square, viewBox="0 0 16 16", class_="chart swatch", aria_hidden="true", focusable="false")
