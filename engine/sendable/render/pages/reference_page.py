"""The reasons of a pack for people to read up on: an HTML page of its own with a search, and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sendable.diagnostics.wording import visible
from sendable.language.parser import unparse
from sendable.pack import locales
from sendable.pack.messages import Placeholder, Plural, Template
from sendable.pack.model import Actor, Channel, Localized, Mode, Reason
from sendable.policy import Policy
from sendable.render.pages.markup import Markup, join, pair, tag
from sendable.render.pages.page import beside, document
from sendable.render.pages.values import file_in_pack
from sendable.render.reasons import in_markdown, reasons_as_markdown
from sendable.render.words.advice import case_in_words, sentence_of
from sendable.render.words.exceptions import exception_in_words
from sendable.render.words.forms import PageWords, ReasonWords, State, Words
from sendable.render.words.languages import LANGUAGES, words_for
from sendable.render.words.limits import limits_in_words

_SCRIPT: Final = beside("search.js")
"""Hides what does not have every word. Without it the page is whole, and has no search box."""


def reference_page(policy: Policy, served: Sequence[str] | None = None) -> str:
    """The page: every reason in each of the locales `served`, by default all of the pack's.

    What is around the texts of the pack is in the language of the first. A pack makes the same page everywhere.
    """
    return _Reference(policy, served or policy.pack.locales).page()


def reference_markdown(policy: Policy, served: Sequence[str] | None = None) -> str:
    """The same as Markdown: a table of the reasons, whose ids lead to a section for each."""
    return _Reference(policy, served or policy.pack.locales).markdown()


class _Reference:
    def __init__(self, policy: Policy, served: Sequence[str]) -> None:
        self._pack = policy.pack
        self._served = tuple(served)
        self._main = self._served[0]
        self._words: Words = words_for(self._main)
        self._said: ReasonWords = self._words.reasons
        self._page: PageWords = self._words.page

    # -- HTML

    def page(self) -> str:
        said, pack = self._said, self._pack
        title = said.reference.format(name=pack.name)
        description = tag("p", pack.description, class_="intro") if pack.description else ""
        content = join(
            tag("h1", title, id="top"),
            description,
            tag("p", said.reference_intro, class_="intro faint"),
            tag("div", self._contents(), self._entries(), class_="reference"),
            by="\n",
        )
        body = [
            tag("header", tag("p", tag("strong", "sendable"), tag("span", self._count()), class_="brand")),
            tag("main", content, id="main"),
            tag("footer", tag("p", self._page.pack.format(name=pack.name, version=pack.version))),
        ]
        return document(title, self._words.language, body, skip=said.to_reasons, script=_SCRIPT)

    def _count(self) -> str:
        return self._said.reason_count.format(count=len(self._pack.reasons))

    def _contents(self) -> Markup:
        said = self._said
        form = tag(
            "form",
            tag("label", said.search, for_="words"),
            tag("input", type="search", id="words", autocomplete="off", spellcheck="false"),
            tag("output", id="count", for_="words", aria_live="polite"),
            id="search",
            class_="search",
            role="search",
            hidden=True,
            data_found=said.search_found,
            data_none=said.search_none,
        )
        items = [tag("li", self._link(reason), data_of=f"reason-{reason.id}") for reason in self._pack.reasons]
        heading = tag("h2", said.contents, id="contents")
        nav = tag("nav", heading, tag("ol", join(*items, by="\n")), aria_labelledby="contents")
        return tag("div", form, nav, class_="contents")

    def _link(self, reason: Reason) -> Markup:
        number = tag("span", str(reason.priority), class_="number")
        title = tag("span", reason.title[self._main], lang=self._lang(self._main))
        return tag("a", number, title, href=f"#reason-{reason.id}")

    def _lang(self, locale: str) -> str | None:
        """The language of a text in `locale`, where the words around it are in another one."""
        return None if locale.partition("-")[0] == words_for(locale).language else locale

    def _entries(self) -> Markup:
        heading = tag("h2", self._said.reasons, id="reasons")
        return tag("section", heading, join(*map(self._entry, self._pack.reasons), by="\n"), aria_labelledby="reasons")

    def _entry(self, reason: Reason) -> Markup:
        target = f"title-{reason.id}"
        content = join(
            tag("h3", tag("span", reason.title[self._main], lang=self._lang(self._main)), id=target),
            tag("p", tag("code", reason.id), f" · {self._place(reason)}", class_="small faint"),
            *self._tags(reason),
            tag(
                "dl",
                *(pair(name, tag("code", value) if code else value) for name, value, code in self._facts(reason)),
                class_="facts",
            ),
            tag("h4", self._page.written),
            tag("pre", tag("code", unparse(reason.when.node))),
            tag("div", *(self._language(reason, locale) for locale in self._served), class_="languages"),
            *self._codes(reason),
            by="\n",
        )
        return tag("article", content, class_="card entry", id=f"reason-{reason.id}", aria_labelledby=target)

    def _place(self, reason: Reason) -> str:
        span = reason.when.source.span
        return self._page.place.format(file=file_in_pack(span, self._pack), line=span.start.line)

    def _tags(self, reason: Reason) -> Iterator[Markup]:
        tags = []
        if reason.floor:
            tags.append(tag("span", self._page.floor, class_="state firm"))
        if reason.mode is Mode.MONITOR:
            tags.append(tag("span", self._words.label(State.MONITORED), class_="state watch"))
        if tags:
            yield tag("p", *tags, class_="tags")

    def _facts(self, reason: Reason) -> Iterator[tuple[str, str, bool]]:
        """What is set for the reason: a name, a value, and whether the value is code."""
        said, page, words = self._said, self._page, self._words.decision
        yield page.priority, str(reason.priority), False
        yield said.channels_name, ", ".join(page.channels[one] for one in Channel if one in reason.channels), False
        yield said.basis, said.bases[reason.basis], False
        yield said.on_unknown, said.on_unknowns[reason.on_unknown], False
        yield words.retry, words.retries[reason.retry], False
        yield words.fixable_by, self._words.who[Actor(reason.fixable_by)], False
        limits = limits_in_words(reason, self._main)
        if limits is not None:
            yield self._words.limits.enforced, limits, False
        if reason.clears_at is not None:
            yield words.clears_at, unparse(reason.clears_at.node), True
        for name in sorted(reason.parameters):
            for case in self._pack.parameters[name].cases:
                told = case_in_words(name, case, self._pack, self._words, self._main)
                yield self._words.cases.cases, told, False
        for exception in self._pack.exceptions:
            if reason.id in exception.reasons:
                told = exception_in_words(exception, self._pack, self._main)
                yield self._words.exceptions.heading, told, False

    def _language(self, reason: Reason, locale: str) -> Markup:
        words, lang = words_for(locale), self._lang(locale)
        sentence = tag("span", sentence_of(reason.when.node, self._pack, locale), lang=lang)
        pairs = [
            (words.page.condition, sentence),
            (words.reasons.message, _text(reason.message, locale, lang)),
            (words.decision.fix, _text(reason.fix, locale, lang)),
        ]
        if reason.undetermined is not None:
            pairs.append((words.reasons.if_unknown, _text(reason.undetermined, locale, lang)))
        heading = tag("h4", f"{_name(locale)}: ", tag("span", reason.title[locale], lang=lang))
        texts = tag("dl", *(pair(key, value) for key, value in pairs), class_="texts")
        return tag(
            "div", heading, texts, class_=f"language {'five' if reason.undetermined else 'four'}", lang=words.language
        )

    def _codes(self, reason: Reason) -> Iterator[Markup]:
        if reason.codes:
            yield tag("h4", self._said.codes)
            codes = (pair(system, tag("code", code)) for system, code in reason.codes.items())
            yield tag("dl", *codes, class_="codes small")

    # -- Markdown

    def markdown(self) -> str:
        said, page, pack = self._said, self._page, self._pack
        parts = [f"# {in_markdown(said.reference.format(name=pack.name))}"]
        if pack.description:
            parts.append(in_markdown(" ".join(pack.description.split())))
        parts.append(in_markdown(page.pack.format(name=pack.name, version=pack.version)) + ".")
        parts.append(reasons_as_markdown(pack.reasons, self._main))
        for reason in pack.reasons:
            parts += self._section(reason)
        return "\n\n".join(parts)

    def _section(self, reason: Reason) -> Iterator[str]:
        said, page = self._said, self._page
        yield f"## `{reason.id}`"
        yield f"**{in_markdown(reason.title[self._main])}** · {in_markdown(self._place(reason))}"
        marks = [page.floor] * reason.floor + [self._words.label(State.MONITORED)] * (reason.mode is Mode.MONITOR)
        facts = [f"- **{mark}**" for mark in marks]
        facts += [
            f"- {name}: {_code(value) if code else in_markdown(value)}" for name, value, code in self._facts(reason)
        ]
        if reason.codes:
            codes = ", ".join(f"{system} {_code(code)}" for system, code in reason.codes.items())
            facts.append(f"- {said.codes}: {codes}")
        yield "\n".join(facts)
        yield f"{page.written}:"
        yield _code(unparse(reason.when.node), block=True)
        yield "\n".join(self._table(reason))

    def _table(self, reason: Reason) -> Iterator[str]:
        """A column for each language, a row for each text."""
        said, page = self._said, self._page
        yield _row("", *map(_name, self._served))
        yield _row(*["---"] * (1 + len(self._served)))
        yield _row(said.name, *(in_markdown(reason.title[locale]) for locale in self._served))
        sentences = (sentence_of(reason.when.node, self._pack, locale) for locale in self._served)
        yield _row(page.condition, *map(in_markdown, sentences))
        texts = [(said.message, reason.message), (self._words.decision.fix, reason.fix)]
        if reason.undetermined is not None:
            texts.append((said.if_unknown, reason.undetermined))
        for name, text in texts:
            yield _row(name, *("<br>".join(map(in_markdown, _plain(text, locale))) for locale in self._served))


# -- texts of a pack


def _templates(localized: Localized, locale: str) -> Iterator[tuple[str, Template]]:
    """The templates of a text, one for each alternative and form, with what tells a form from the others."""
    for alternative in localized.texts[locale]:
        match alternative:
            case Template():
                yield "", alternative
            case Plural():
                for category in locales.CATEGORIES:
                    if category in alternative.forms:
                        yield category, alternative.forms[category]


def _text(localized: Localized, locale: str, lang: str | None) -> Markup:
    shown = [
        join(tag("span", f"{form}: ", class_="faint small") if form else "", tag("span", _filled(template), lang=lang))
        for form, template in _templates(localized, locale)
    ]
    return shown[0] if len(shown) == 1 else tag("ul", *(tag("li", one) for one in shown))


def _filled(template: Template) -> Markup:
    return join(
        *(tag("code", part.name, class_="slot") if isinstance(part, Placeholder) else part for part in template.parts)
    )


def _plain(localized: Localized, locale: str) -> list[str]:
    return [f"{form}: {template}" if form else str(template) for form, template in _templates(localized, locale)]


def _name(locale: str) -> str:
    """A locale by its language's name in that language; its tag where there are no words in that language."""
    return LANGUAGES[locale].name if locale in LANGUAGES else locale


# -- Markdown


def _code(text: str, *, block: bool = False) -> str:
    """`text` as code, between more backticks than it has side by side."""
    text = visible(text if block else " ".join(text.split()))  # a line feed would end what stands in a line
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    if block:
        fence = "`" * max(3, longest + 1)
        return f"{fence}\n{text}\n{fence}"
    fence = "`" * (longest + 1)
    around = " " if longest else ""
    return f"{fence}{around}{text}{around}{fence}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
