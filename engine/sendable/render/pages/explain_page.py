"""One decision as a picture on an HTML page of its own: the way of an email through the reasons, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Final

from sendable.decide.decision import Certainty, Finding
from sendable.explain.exceptions import ExceptionTrace
from sendable.explain.explanation import Explanation
from sendable.explain.missing import Settling
from sendable.explain.remedies import Change, Remedy
from sendable.explain.traces import Part, Trace
from sendable.language.interpreter import Unknown
from sendable.language.nodes import And, Not, Or
from sendable.language.timestamps import write_timestamp
from sendable.language.types import CHANNEL
from sendable.pack import locales
from sendable.pack.model import Actor, Channel, PolicyException
from sendable.render.pages.markup import Markup, join, pair, tag
from sendable.render.pages.page import document
from sendable.render.pages.values import file_in_pack, value_as_text
from sendable.render.words.advice import advice_of, case_in_words, sentence_of
from sendable.render.words.exceptions import lifted_in_words, standing_in_words
from sendable.render.words.forms import ExplanationPageWords, PageWords, State, Words
from sendable.render.words.languages import words_for
from sendable.render.words.limits import outside_in_words

_MOST_OUTCOMES: Final = 8
_MOST_STEPS: Final = 3
"""Of how many changes a remedy that is not the first may be, and still be told at once."""


def explanation_page(explanation: Explanation, locale: str | None = None) -> str:
    """The page, for readers of `locale`, a BCP 47 tag; it needs no script, no font and no other file."""
    return _Page(explanation, locale).text


class _Look(Enum):
    """How a state looks; the value is its class in the style sheet. Nothing is told by it alone."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"
    WATCH = "watch"
    OFF = "off"


def _icon(strokes: str) -> Markup:
    return Markup(
        '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="11"></circle>'
        f'<path d="{strokes}"></path></svg>'
    )


_CROSS: Final = "M8 8l8 8M16 8l-8 8"
_TICK: Final = "M6.75 12.5l3.5 3.5 7-8"
_QUESTION: Final = "M9.25 9.5a2.8 2.8 0 1 1 4.1 2.5c-.9.5-1.35 1-1.35 2M12 17v.4"
_EYE: Final = "M5.5 12s2.4-4 6.5-4 6.5 4 6.5 4-2.4 4-6.5 4-6.5-4-6.5-4zM12 11.5v1"
_ENVELOPE: Final = "M6.5 8.25h11v7.5h-11zM6.5 8.75l5.5 4 5.5-4"
_DASH: Final = "M7.5 12h9"

_ICONS: Final = {
    _Look.GOOD: _icon(_TICK),
    _Look.BAD: _icon(_CROSS),
    _Look.UNSURE: _icon(_QUESTION),
    _Look.WATCH: _icon(_EYE),
    _Look.OFF: _icon(_DASH),
}


@dataclass(frozen=True, slots=True)
class _State:
    look: _Look
    word: str

    def badge(self) -> Markup:
        return tag("span", self.word, class_=f"state {self.look.value}")


class _Page:
    def __init__(self, explanation: Explanation, locale: str | None) -> None:
        self._explanation = explanation
        self._requested = locale
        self._served = explanation.pack.locale_for(locale)
        self._words: Words = words_for(self._served)
        self._said: ExplanationPageWords = self._words.explanation_page
        self._page: PageWords = self._words.page
        self._lang = None if self._served.partition("-")[0] == self._words.language else self._served
        """The language of the pack's texts where the page is in another one."""
        decision = explanation.decision
        self._findings = {one.id: one for one in (*decision.reasons, *decision.monitored, *decision.excepted)}
        self._titles = {reason.id: reason.title[self._served] for reason in explanation.pack.reasons}

    @property
    def text(self) -> str:
        said, pack = self._said, self._explanation.pack
        email = self._explanation.facts.get("contact.email")
        title = f"{self._verdict.word} · {email}" if isinstance(email, str) else self._verdict.word
        side = [one for one in (self._clear(), self._still(), self._when(), self._missing()) if one]
        columns = join(self._way(), tag("div", join(*side, by="\n"), class_="side") if side else "", by="\n")
        body = [
            tag("header", tag("p", tag("strong", "sendable"), tag("span", said.explanation), class_="brand")),
            tag("main", join(self._answer(), tag("div", columns, class_="columns"), by="\n"), id="main"),
            tag("footer", tag("p", self._page.pack.format(name=pack.name, version=pack.version))),
        ]
        return document(title, self._words.language, body, skip=said.to_answer)

    # -- the answer

    @cached_property
    def _verdict(self) -> _State:
        primary = self._explanation.decision.reason
        if primary is None:
            return _State(_Look.GOOD, self._said.sendable)
        if primary.certainty is Certainty.UNDETERMINED:
            return _State(_Look.UNSURE, self._said.undetermined)
        return _State(_Look.BAD, self._said.suppressed)

    def _answer(self) -> Markup:
        said, decision = self._said, self._explanation.decision
        primary = decision.reason
        parts = [tag("h1", _ICONS[self._verdict.look], tag("span", self._verdict.word), id="answer")]
        if primary is None:
            told = self._words.exceptions.let_through if decision.excepted else said.nothing_found
            parts.append(tag("p", told, class_="message"))
        else:
            parts.append(tag("p", primary.message(self._requested), class_="message", lang=self._lang))
            parts.append(self._fix(primary))
        parts += [tag("dl", *self._answer_facts(), class_="facts"), self._jump()]
        look = self._verdict.look.value
        return tag("section", join(*parts, by="\n"), class_=f"card answer {look}", aria_labelledby="answer")

    def _fix(self, finding: Finding) -> Markup:
        label = tag("strong", f"{self._words.decision.fix}: ")
        return tag("p", label, tag("span", finding.fix(self._requested), lang=self._lang), class_="fix")

    def _answer_facts(self) -> Iterator[Markup]:
        said, words, explanation = self._said, self._words.decision, self._explanation
        email = explanation.facts.get("contact.email")
        if isinstance(email, str):
            yield pair(said.email_to, tag("bdi", _cut(email)))
        yield pair(said.channel, self._page.channels[Channel(str(explanation.facts[CHANNEL]))])
        primary = explanation.decision.reason
        if primary is not None:
            yield pair(words.retry, words.retries[primary.retry])
            yield pair(words.fixable_by, self._words.who[Actor(primary.fixable_by)])
        yield pair(said.decided, self._time(explanation.decision.now))

    def _time(self, moment: datetime) -> Markup:
        """A time to the minute for people, and exactly for programs."""
        shown = locales.format_timestamp(moment, locales.formatting_locale(self._requested, self._served))
        return tag("time", shown, datetime=write_timestamp(moment))

    def _jump(self) -> Markup:
        if self._explanation.decision.sendable:
            return Markup("")
        said = self._said
        targets = [("way", said.way), ("clear", said.clear), ("when", said.when)]
        if self._missing() is not None:
            targets.append(("missing", said.missing))
        links = [tag("li", tag("a", name, href=f"#{target}")) for target, name in targets]
        return tag("nav", tag("ul", *links, class_="jump"), aria_label=self._page.on_this_page)

    # -- the way

    def _way(self) -> Markup:
        said, decision = self._said, self._explanation.decision
        stopped = {finding.id for finding in decision.reasons}
        stops = [self._start()]
        cut = False
        for trace in self._explanation.traces:
            if trace.considered:
                cut = cut or trace.reason.id in stopped
                stops.append(self._stop(trace, cut=cut))
        stops.append(self._goal())
        others = [trace.reason.id for trace in self._explanation.traces if not trace.considered]
        rest: Markup | str = ""
        if others:
            names = tag("ul", *(tag("li", self._title(one)) for one in others), class_="plain small")
            rest = tag(
                "details", tag("summary", f"{said.other_channels} ({len(others)})"), names, class_="others faint"
            )
        content = join(
            tag("h2", said.way, id="way"),
            tag("p", said.way_note, class_="faint"),
            tag("ol", join(*stops, by="\n"), class_="way", role="list"),
            rest,
            by="\n",
        )
        return tag("section", content, aria_labelledby="way")

    def _start(self) -> Markup:
        icon = tag("div", _icon(_ENVELOPE), class_="mark")
        return tag("li", icon, tag("div", self._said.email, class_="body end"), class_="stop start")

    def _goal(self) -> Markup:
        reached = self._explanation.decision.sendable
        icon = tag("div", _ICONS[_Look.GOOD if reached else _Look.OFF], class_="mark")
        words = self._words.label(State.SENDABLE) if reached else self._said.not_reached
        body = tag("div", words, class_="body end" if reached else "body end faint")
        return tag("li", icon, body, class_="stop goal" if reached else "stop goal cut")

    def _state(self, trace: Trace) -> _State:
        """What the stop says: one of these for every outcome of a reason."""
        said = self._said
        if trace.outcome is False:
            return _State(_Look.GOOD, said.passed)
        if not trace.found:
            return _State(_Look.GOOD, said.unknown_passes)
        if trace.monitored:
            return _State(_Look.WATCH, said.monitored if trace.outcome else said.monitored_undetermined)
        finding = self._findings.get(trace.reason.id)
        if finding is not None and finding.exception is not None:
            return _State(_Look.WATCH, self._words.exceptions.counted)
        first = self._is_primary(trace)
        if trace.outcome:
            return _State(_Look.BAD, said.decides if first else said.applies_too)
        return _State(_Look.UNSURE, said.undetermined_decides if first else said.undetermined_too)

    def _is_primary(self, trace: Trace) -> bool:
        primary = self._explanation.decision.reason
        return primary is not None and primary.id == trace.reason.id

    def _stop(self, trace: Trace, *, cut: bool) -> Markup:
        state = self._state(trace)
        finding = self._findings.get(trace.reason.id)
        classes = [
            "stop",
            "passed" if finding is None else f"reason-stop {state.look.value}",
            *(["cut"] if cut else []),
        ]
        icon = tag("div", _ICONS[_Look.UNSURE if trace.outcome is None else state.look], class_="mark")
        body = self._row(trace, state) if finding is None else self._card(trace, finding, state)
        return tag("li", icon, tag("div", body, class_="body"), class_=" ".join(classes))

    def _row(self, trace: Trace, state: _State) -> Markup:
        word = tag("span", state.word, class_="small faint")
        name = tag("span", tag("span", self._title(trace.reason.id), class_="title"), word, class_="row")
        more = tag("div", self._place(trace), *self._condition(trace, "p"), class_="more")
        return tag("details", tag("summary", name), more)

    def _card(self, trace: Trace, finding: Finding, state: _State) -> Markup:
        target = f"reason-{finding.id}"
        heading = tag("h3", self._title(finding.id), id=target)
        parts = [
            tag("div", heading, state.badge(), class_="row"),
            self._place(trace),
            tag("p", finding.message(self._requested), lang=self._lang),
            self._fix(finding) if finding.exception is None else self._lifted(finding.exception),
            tag("details", tag("summary", self._said.why), *self._condition(trace, "h4"), open=self._is_primary(trace)),
        ]
        return tag("article", join(*parts, by="\n"), class_=f"card reason {state.look.value}", aria_labelledby=target)

    def _lifted(self, exception: PolicyException) -> Markup:
        """What lifts a finding, and its condition with what each part of it came to."""
        told = tag("p", lifted_in_words(exception, self._served, self._requested))
        [trace] = [one for one in self._explanation.exceptions if one.exception == exception]
        summary = tag("summary", self._words.exceptions.heading, " ", tag("code", exception.id))
        parts = tag("ul", self._part(trace.condition), class_="trace")
        return join(told, tag("details", summary, self._standing(trace), parts), by="\n")

    def _standing(self, trace: ExceptionTrace) -> Markup:
        return tag("p", standing_in_words(trace, self._served, self._requested))

    def _title(self, reason: str) -> Markup:
        return tag("span", self._titles[reason], lang=self._lang)

    def _place(self, trace: Trace) -> Markup:
        reason = trace.reason
        file = file_in_pack(trace.place, self._explanation.pack)
        place = self._page.place.format(file=file, line=trace.place.start.line)
        number = f"{self._page.priority} {reason.priority} · "
        return tag("p", number, tag("code", reason.id), f" · {place}", class_="small faint")

    def _condition(self, trace: Trace, heading: str) -> Iterator[Markup]:
        said = self._said
        node = trace.decisive if trace.found else trace.reason.when.node
        sentence = sentence_of(node, self._explanation.held, self._served)
        yield tag(heading, self._page.condition, class_="label")
        yield tag("p", sentence, class_="words", lang=self._lang)
        for name, case in trace.cases.items():
            told = case_in_words(name, case, self._explanation.pack, self._words, self._served)
            yield tag("p", told, class_="small")
        outside = outside_in_words(trace, self._served, self._requested)
        if outside is not None:
            yield tag("p", outside, class_="small")
        yield tag(heading, said.parts, class_="label")
        yield tag("ul", self._part(trace.condition), class_="trace")
        written = tag("pre", tag("code", trace.reason.when.source.text))
        yield tag("details", tag("summary", self._page.written), written, class_="small faint")

    def _part(self, part: Part) -> Markup:
        said = self._said
        match part.node:
            case And():
                name = tag("span", said.all_of)
            case Or():
                name = tag("span", said.any_of)
            case Not():
                name = tag("span", said.negation)
            case _:
                name = tag("code", part.text)
        below = tag("ul", join(*map(self._part, part.parts), by="\n")) if part.parts else ""
        return tag("li", name, " ", self._value(part), below)

    def _value(self, part: Part) -> Markup:
        if isinstance(part.value, Unknown):
            return tag("span", self._words.states[State.UNKNOWN], class_="value none")
        return tag("span", value_as_text(part.value), class_="value")

    # -- what would change it

    def _clear(self) -> Markup | None:
        explanation, said = self._explanation, self._said
        if explanation.decision.sendable:
            return None
        remedies = explanation.remedies
        if not remedies:
            content = tag("p", said.no_way)
        else:
            intro = said.one_way if len(remedies) == 1 else said.many_ways
            content = join(tag("p", intro, class_="faint"), self._remedies(remedies))
        more = "" if explanation.complete else tag("p", said.more_ways, class_="faint small")
        return self._section("clear", said.clear, content, more)

    def _remedies(self, remedies: Sequence[Remedy]) -> Markup:
        first, *others = remedies
        items = [tag("li", *self._remedy(first))]
        for other in others:
            if len(other.steps) <= _MOST_STEPS:
                items.append(tag("li", *self._remedy(other)))
            else:
                summary = tag("summary", self._said.other_way.format(count=len(other.steps)))
                items.append(tag("li", tag("details", summary, *self._remedy(other))))
        return tag("ol", join(*items, by="\n"), class_="remedies")

    def _remedy(self, remedy: Remedy) -> Iterator[Markup]:
        """The changes of the remedy, by who has to make them."""
        if len(remedy.steps) > 1:
            yield tag("p", self._said.together, class_="small faint")
        for actor in Actor:
            steps = [self._change(step) for step in remedy.steps if step.by is actor]
            if steps:
                yield tag("p", tag("strong", self._words.actor(actor)))
                yield tag("ul", *steps, class_="steps")

    def _change(self, change: Change) -> Markup:
        said = self._said
        advice = advice_of(change, self._explanation.pack, self._served)
        old, new = (
            said.no_value if one is None else tag("code", value_as_text(one)) for one in (change.old, change.new)
        )
        example = f" ({said.example})" if change.example else ""
        values = tag("p", tag("code", change.path), ": ", old, " → ", new, example, class_="change")
        return tag("li", tag("p", advice, lang=self._lang), values)

    def _still(self) -> Markup | None:
        explanation, said = self._explanation, self._said
        still = explanation.still  # a reason that does not apply now may be among them
        if not still and len(explanation.decision.reasons) < 2:
            return None
        if not still:
            return self._section("still", said.still, tag("p", said.still_nothing))
        items = []
        for reason in still:
            name = self._title(reason)
            items.append(tag("li", tag("a", name, href=f"#reason-{reason}") if reason in self._findings else name))
        return self._section("still", said.still, tag("p", said.still_intro), tag("ul", *items, class_="plain"))

    def _to_come(self) -> Iterator[Markup]:
        """Exceptions that begin later, and would lift what suppresses."""
        for one in self._explanation.exceptions:
            if one.is_to_come:
                yield self._standing(one)

    def _when(self) -> Markup | None:
        explanation, said = self._explanation, self._said
        if explanation.decision.sendable:
            return None
        if explanation.clears_at is not None:
            before, _, after = said.from_then.partition("{time}")
            told = tag("p", before, self._time(explanation.clears_at), after)
            return self._section("when", said.when, told, *self._to_come())
        passes = any(all(step.by is Actor.TIME for step in remedy.steps) for remedy in explanation.remedies)
        told = tag("p", said.some_day if passes else said.never)
        return self._section("when", said.when, told, *self._to_come())

    def _missing(self) -> Markup | None:
        said, explanation = self._said, self._explanation
        lacking = [one for one in explanation.exceptions if one.is_lacking]
        if not explanation.settlings and not lacking:
            return None
        parts: list[Markup] = []
        for reason, found in explanation.settlings.items():
            parts.append(tag("h3", self._title(reason)))
            if not found:
                parts.append(self._lacking(self._findings[reason].missing))
            for number, settling in enumerate(found):
                parts.append(tag("p", said.missing_intro if not number else said.either, class_="faint"))
                parts.append(self._lacking(settling.paths))
                parts.append(self._outcomes(settling))
        for trace in lacking:
            parts.append(self._standing(trace))
            if trace.missing:
                parts.append(self._lacking(trace.missing))
        return self._section("missing", said.missing, *parts)

    def _lacking(self, paths: Sequence[str]) -> Markup:
        fields = self._explanation.pack.fields
        return tag(
            "ul",
            *(
                tag("li", tag("code", path), tag("br"), tag("span", _description(fields[path].description)))
                for path in paths
            ),
            class_="plain",
        )

    def _outcomes(self, settling: Settling) -> Markup:
        said = self._said
        rows = [
            tag(
                "tr",
                *(tag("td", tag("code", value_as_text(value))) for value in values.values()),
                tag("td", said.applies if applies else said.applies_not),
            )
            for values, applies in settling.outcomes[:_MOST_OUTCOMES]
        ]
        if len(settling.outcomes) > _MOST_OUTCOMES:
            rows.append(tag("tr", *[tag("td", "…")] * (1 + len(settling.paths))))
        names = [tag("th", tag("code", path), scope="col") for path in settling.paths]
        head = tag("thead", tag("tr", *names, tag("th", said.outcome, scope="col")))
        return tag("table", tag("caption", said.value), head, tag("tbody", *rows), class_="small")

    def _section(self, target: str, name: str, *content: str) -> Markup:
        heading = tag("h2", name, id=target)
        return tag("section", join(heading, *content, by="\n"), class_="card", aria_labelledby=target)


def _cut(value: str) -> str:
    return value if len(value) <= 254 else f"{value[:253]}…"  # the longest address there is (RFC 5321, 4.5.3.1.3)


def _description(value: str) -> str:
    return " ".join(value.split())
