"""Texts that are hardly meant: the same in two languages, or in the wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sendable.diagnostics import lint_codes
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector, Rule
from sendable.documents.elements import Array, Element, Map, Scalar
from sendable.language.cells import Effort, TooManyError
from sendable.language.nodes import Node, Path
from sendable.language.space import Outcome, Space
from sendable.lints import silenced
from sendable.pack import locales
from sendable.pack.locales import BUILT_IN
from sendable.pack.messages import CLEARS_AT, Alternative, Placeholder, Plural, Template, parse_template, placeholders
from sendable.pack.model import Localized
from sendable.pack.reading import Draft, Reading

_LANGUAGES: Final = {
    "sv": (
        "Swedish",
        re.compile(
            r"[åäöÅÄÖ]|\b(?:aldrig|all|alla|allt|att|av|bara|bort|den|det|detta|dig|din|dina|ditt|du|e-post|efter|eller|"
            r"en|ett|fler|gick|har|hos|igen|ingen|inget|inkorg|inkorgen|inte|kan|konto|kontot|kontakt|kontakta|kontakten|"
            r"kontrollera|kunde|med|mejl|mejla|mejlet|mottagare|mottagaren|nu|och|om|person|redan|saknas|sedan|senare|ska|"
            r"skicka|skickas|skickades|som|till|under|ut|utan|utskick|vi|vid|ni|nya|vara|varit|eftersom|innan|avsluta|"
            r"adressen|adress|upp|annan|annat|andra|mer|mycket|ditt|era|ert|er)\b",
            re.IGNORECASE,
        ),
    ),
}
"""By language its name and what a text in it has somewhere: a letter or a word of its own."""
_TAGS: Final = (
    "a|b|blockquote|br|center|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|script|small|span|strong|style|sub|sup|"
    "table|td|th|tr|u|ul"
)
_MARKUP: Final = re.compile(
    rf"</?(?:{_TAGS})(?:\s+[\w-]+\s*=[^<>]*|\s*/?)>"
    r"|&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|amp|apos|aring|auml|bull|copy|eacute|euro|gt|hellip|laquo|ldquo|lsquo|lt|mdash|"
    r"middot|nbsp|ndash|ouml|quot|raquo|rarr|rdquo|reg|rsquo|shy|times|trade);"
    r"|\*\*[^\s*][^*]*\*\*|\[[^\[\]]+\]\((?:https?:|mailto:)[^()\s]*\)",
    re.IGNORECASE,
)
"""Tags and references of HTML, and bold words and links of Markdown."""
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


@dataclass
class _Alternative:
    """One alternative of a text as it stands in its file."""

    alternative: Alternative
    scalars: tuple[Scalar, ...]
    count: Scalar | None = None

    def places(self, name: str) -> list[Span]:
        """Where the placeholder `name` stands; where the plural names it, if only there."""
        found = [
            scalar.embedded().span_of(part.start, part.end)
            for scalar in self.scalars
            for part in _template(scalar).parts
            if isinstance(part, Placeholder) and part.name == name
        ]
        return found or ([self.count.span] if self.count is not None else [])


def _template(scalar: Scalar) -> Template:
    return parse_template(scalar.embedded(), Collector()) or Template(())


@dataclass
class TextLints:
    reading: Reading
    draft: Draft
    effort: Effort

    def run(self) -> None:
        """Reports what is odd about the texts of one reason."""
        reason = self.draft.reason
        if reason is not None:
            self._unknowns("message", reason.message, wanted=True)
            self._unknowns("fix", reason.fix, wanted=True)
            if reason.undetermined is not None:
                self._unknowns("undetermined", reason.undetermined, wanted=None)
        for key in ("title", "message", "fix", "undetermined"):
            texts = self._texts(key)
            self._languages(texts, title=key == "title")
            for scalar in (one for element in texts.values() for one in _texts_in(element)):
                self._markup(scalar)

    def _texts(self, key: str) -> dict[str, Element]:
        """The texts under `key` by the pack's locales, in their order."""
        body = self.draft.body.get(key)
        if not isinstance(body, Map):
            return {}
        given = {locales.canonical(entry.name): entry.value for entry in body.entries}
        return {tag: given[tag] for tag in self.reading.locales if tag in given}

    # placeholders without data

    def _unknowns(self, key: str, localized: Localized, *, wanted: Outcome) -> None:
        named_last = set().union(*(placeholders(text[-1]) for text in localized.texts.values()))
        unknown = [name for name in sorted(named_last) if self._may_be_unknown(name, wanted)]
        if not unknown:
            return
        last = {tag: found for tag, element in self._texts(key).items() if (found := _last(element)) is not None}
        for name in unknown:
            named = [(tag, span) for tag, one in last.items() for span in one.places(name)]
            if named:
                words = BUILT_IN if self.reading.pack is None else self.reading.pack.words
                word = words[named[0][0]].unknown_value if named[0][0] in words else "…"
                self.reading.collector.report(
                    lint_codes.MAY_BE_UNKNOWN,
                    named[0][1],
                    also=[span for _, span in named[1:]],
                    placeholder=f"{{{name}}}",
                    word=word,
                )

    def _may_be_unknown(self, name: str, wanted: Outcome) -> bool:
        when = self.draft.when
        group, _, rest = name.partition(".")
        if when is None or not self.draft.channels:
            return False
        subject: Node
        if group == "details":
            if rest not in self.draft.details:
                return False
            if wanted is None:
                return True  # details are of a reason that matched
            subject = self.draft.details[rest].node
        elif name == CLEARS_AT:
            return True  # another reason can keep the email back for good, whatever becomes of this one
        elif name in self.reading.scope.fields and not self.reading.scope.fields[name].required:
            subject = Path(name)
        else:
            return False
        channels = tuple(sorted(channel.value for channel in self.draft.channels))
        try:
            space = Space(self.reading.scope, channels, (when.node, subject), effort=self.effort)
            return space.may_be_unknown_when(when.node, wanted, subject)
        except TooManyError:
            return False

    # markup

    def _markup(self, scalar: Scalar) -> None:
        """Reports the first of what would look otherwise on a page that took the text for HTML or Markdown."""
        embedded = scalar.embedded()
        found = _MARKUP.search(embedded.text)
        if found is not None:
            span = embedded.span_of(found.start(), found.end())
            self.reading.collector.report(lint_codes.MARKUP, span, markup=found[0])

    # languages

    def _languages(self, texts: Mapping[str, Element], *, title: bool) -> None:
        seen: dict[tuple[str, ...], str] = {}
        for tag, element in texts.items():
            language = tag.partition("-")[0]
            written = tuple(" ".join(scalar.text.split()) for scalar in _texts_in(element))
            other = seen.setdefault(written, tag)
            if other.partition("-")[0] != language:
                if _words(written) > 1:
                    self._report(lint_codes.SAME_TEXT, element, also=[texts[other]], locale=tag, other=other)
            elif not title and language in _LANGUAGES:
                name, evidence = _LANGUAGES[language]
                if not any(map(evidence.search, written)) and _words(written) > 2:
                    self._report(lint_codes.OTHER_LANGUAGE, element, language=name)

    def _report(self, rule: Rule, element: Element, *, also: Sequence[Element] = (), **params: object) -> None:
        self.reading.collector.add(rule, _first(element), params, also=map(_first, also))


_FOR_READERS: Final = frozenset({"title", "message", "fix", "undetermined", "description", "texts", "phrases"})
"""The keys that texts for people stand under, however deep."""


def texts_cut_short(reading: Reading) -> None:
    """Reports texts for people that end at what YAML takes for a comment."""
    for document in reading.documents.values():
        for scalar in _read_by_people(document, below=False):
            comment = scalar.comment
            if comment is not None and not silenced.is_allowance(scalar.source, comment):
                line = scalar.source.lines[comment.start.line - 1]
                reading.collector.report(
                    lint_codes.TEXT_CUT_SHORT, comment, rest=line[comment.start.column - 1 :].rstrip()
                )


def _read_by_people(element: Element, *, below: bool) -> Iterator[Scalar]:
    match element:  # INVARIANT: the recursion is no deeper than `parse.DEEPEST`
        case Scalar():
            if below and not element.style:
                yield element
        case Array():
            for item in element.items:
                yield from _read_by_people(item, below=below)
        case Map():
            for entry in element.entries:
                yield from _read_by_people(entry.value, below=below or entry.name in _FOR_READERS)


def _words(written: Iterable[str]) -> int:
    """How many words there are outside of placeholders."""
    return sum(len(_WORD.findall(re.sub(r"\{[^{}]*\}", " ", text))) for text in written)


def _first(element: Element) -> Span:
    """Where a text begins: the first string in it."""
    return next((scalar.span for scalar in _texts_in(element)), element.span)


def _texts_in(element: Element) -> Iterator[Scalar]:
    """The strings that a text is made of, in their order."""
    match element:
        case Scalar():
            if isinstance(element.value, str):
                yield element
        case Array():
            for item in element.items:
                yield from _texts_in(item)
        case Map():
            for entry in element.entries:
                if entry.name != "count":
                    yield from _texts_in(entry.value)


def _last(element: Element) -> _Alternative | None:
    """The alternative that is shown when no other can be."""
    if isinstance(element, Array):
        if not element.items:
            return None
        element = element.items[-1]
    scalars = tuple(_texts_in(element))
    templates = [parse_template(scalar.embedded(), Collector()) for scalar in scalars]
    if not templates or any(template is None for template in templates):
        return None
    forms = {str(index): template for index, template in enumerate(templates) if template is not None}
    if isinstance(element, Map):
        count = element.get("count")
        if not isinstance(count, Scalar) or not isinstance(count.value, str):
            return None
        return _Alternative(Plural(count.value, forms), scalars, count)
    return _Alternative(forms["0"], scalars)
