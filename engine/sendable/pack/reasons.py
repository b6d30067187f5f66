"""A reason as its file has it to a reason of the pack, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from sendable.diagnostics import codes, limit_codes
from sendable.diagnostics.places import Embedded, Span
from sendable.diagnostics.record import Collector, Rule
from sendable.diagnostics.wording import UNSHOWN, Near, character
from sendable.documents.elements import Array, Element, Map, Scalar, entries, get, items, string
from sendable.language.checker import check
from sendable.language.nodes import Path
from sendable.language.parser import parse
from sendable.language.scope import Scope
from sendable.language.types import DESCRIBED, Kind
from sendable.language.unknowns import may_be_unknown
from sendable.pack import locales, schemas
from sendable.pack.few import few_cases
from sendable.pack.locales import tag_of
from sendable.pack.messages import (
    CLEARS_AT,
    Origin,
    Placeholder,
    Plural,
    Template,
    Text,
    foreign_placeholders,
    origin_of,
    parse_template,
    placeholders,
    report_placeholder,
)
from sendable.pack.model import Basis, Channel, Expression, FixableBy, Localized, Mode, OnUnknown, Reason, Retry
from sendable.pack.periods import FROM, UNTIL, read_period
from sendable.pack.reading import Draft, Manifest
from sendable.pack.rollouts import WHOLE, Rollout, read_share

_ROLLOUT: Final = "rollout"

_Choice = TypeVar("_Choice", Basis, Channel, Mode, OnUnknown, Retry, FixableBy)


class ReasonBuilder:
    """Builds one reason, or None where the schema or a check found an error in it."""

    def __init__(self, collector: Collector, manifest: Manifest, scope: Scope, draft: Draft) -> None:
        self._collector = collector
        self._manifest = manifest
        self._scope = scope
        self._draft = draft
        self._body = draft.body

    def build(self) -> Draft:
        """The reason as far as it can be read, and the reason itself where nothing in it is an error."""
        draft = replace(
            self._draft,
            channels=self._channels(),
            on_unknown=self._choice("on_unknown", OnUnknown),
            when=self._expression("when", self._body.get("when"), Kind.BOOLEAN),
            details=self._details(),
        )
        return replace(draft, reason=self._reason(draft))

    def _reason(self, draft: Draft) -> Reason | None:
        """The reason that `draft` becomes with all that it lacks, or None where anything in it is an error."""
        clears_at = self._expression("clears_at", self._body.get("clears_at"), Kind.TIMESTAMP)
        mode = self._choice("mode", Mode) or Mode.ENFORCE
        floor = self._value("floor") is True
        if floor:
            self._check_floor(draft.when, draft.on_unknown, mode)
        elif mode is Mode.MONITOR:
            self._check_limits(limit_codes.MONITORED_ANYWAY)
        title = self._title()
        details = frozenset(entry.name for entry in entries(self._body.get("details")))
        message = self._localized("message", details)
        fix = self._localized("fix", details)
        undetermined = self._localized("undetermined", details)
        basis, retry, fixable_by = (
            self._choice("basis", Basis),
            self._choice("retry", Retry),
            self._choice("fixable_by", FixableBy),
        )
        priority = self._value("priority")
        period, rollout = read_period(self._body, self._collector), self._rollout()
        if (
            draft.when is None
            or draft.on_unknown is None
            or basis is None
            or retry is None
            or fixable_by is None
            or title is None
            or message is None
            or fix is None
            or not isinstance(priority, int)
        ):
            return None
        return Reason(
            id=draft.id,
            title=title,
            priority=priority,
            channels=draft.channels,
            basis=basis,
            floor=floor,
            mode=mode,
            when=draft.when,
            on_unknown=draft.on_unknown,
            retry=retry,
            fixable_by=fixable_by,
            clears_at=clears_at,
            codes={one.name: string(code_of(one.value)) or "" for one in entries(self._body.get("codes"))},
            details=draft.details,
            message=message,
            fix=fix,
            undetermined=undetermined,
            period=period,
            rollout=rollout,
        )

    def _channels(self) -> frozenset[Channel]:
        names = map(string, items(self._body.get("channels")))
        return frozenset(Channel(name) for name in names if name is not None and name in list(Channel))

    def _details(self) -> dict[str, Expression]:
        found = ((one.name, self._expression(one.name, one.value, None)) for one in entries(self._body.get("details")))
        return {name: expression for name, expression in found if expression is not None}

    # -- simple values

    def _value(self, key: str) -> object:
        element = self._body.get(key)
        return element.value if isinstance(element, Scalar) else None

    def _choice(self, key: str, choices: type[_Choice]) -> _Choice | None:
        value = self._value(key)
        return choices(value) if isinstance(value, str) and value in list(choices) else None

    # -- expressions

    def _expression(self, key: str, element: Element | None, expected: Kind | None) -> Expression | None:
        if not isinstance(element, Scalar) or not isinstance(element.value, str):
            return None
        source = element.embedded()
        node = parse(source, self._collector)
        if node is None or not check(node, source, self._scope, self._collector, key=key, expected=expected):
            return None
        return Expression(node, source) if few_cases(node, element, self._scope, self._collector) else None

    def _check_floor(self, when: Expression | None, on_unknown: OnUnknown | None, mode: Mode) -> None:
        if on_unknown is OnUnknown.IGNORE and when is not None and may_be_unknown(when.node, self._scope):
            span = self._span("on_unknown")
            self._collector.report(codes.FLOOR_IGNORES_UNKNOWN, span, reason=self._draft.id)
        if mode is not Mode.ENFORCE:
            self._collector.report(codes.FLOOR_MONITORED, self._span("mode"), reason=self._draft.id)

        self._check_limits(limit_codes.FLOOR_LIMITED)

    def _check_limits(self, rule: Rule) -> None:
        """Reports what limits where the reason is enforced, and may not."""
        for key in (FROM, UNTIL, _ROLLOUT):
            entry = self._body.entry(key)
            if entry is not None:
                self._collector.report(rule, entry.key, reason=self._draft.id, key=key)

    def _rollout(self) -> Rollout | None:
        body = self._body.get(_ROLLOUT)
        share, by = get(body, "share"), get(body, "by")
        expression = self._expression("by", by, Kind.STRING)
        if by is not None and expression is not None and not isinstance(expression.node, Path):
            advice = "write the name of a field, such as account.id"
            self._collector.report(codes.BAD_NAME, by.span, value=string(by), advice=advice)
            return None
        text = string(share)
        read = None if text is None else read_share(text)
        if share is not None and read is not None and read[0] > WHOLE * 10 ** read[1]:
            self._collector.report(codes.OUT_OF_BOUNDS, share.span, value=text, bound=f"at most {WHOLE} %")
        if read is None or expression is None or not isinstance(expression.node, Path):
            return None
        return Rollout(*read, expression.node.name)

    def _span(self, key: str) -> Span:
        element = self._body.get(key)
        return element.span if element is not None else self._draft.key.span

    # -- texts

    def _by_locale(self, key: str) -> dict[str, Element] | None:
        """The elements of a text by the manifest's locales; what is missing or too much is reported."""
        element = self._body.get(key)
        if not isinstance(element, Map):
            return None
        found: dict[str, Element] = {}
        tags = {tag for entry in element.entries if (tag := tag_of(entry.name)) is not None}
        missing = [tag for tag in self._manifest.locales if tag not in tags]
        known = (*self._manifest.locales, *self._manifest.foreign)
        unknown = sum(tag_of(entry.name) not in known for entry in element.entries) + element.repeated
        only = missing[0] if len(missing) == 1 and unknown == 1 else None
        for entry in element.entries:
            tag = tag_of(entry.name)
            if tag in self._manifest.locales:
                found[tag] = entry.value
            elif tag is not None and tag not in known and self._manifest.locales:
                allowed = ", ".join(self._manifest.locales)
                suggestion = only or Near(entry.name, self._manifest.locales)
                self._collector.report(
                    codes.UNKNOWN_LOCALE,
                    entry.key,
                    suggestion=suggestion,
                    locale=entry.key.value,
                    allowed=allowed,
                )
        for tag in missing:
            if tag != only:  # else the one that is unknown, or stands twice, was meant to be it, which is said there
                everywhere = ", ".join(self._manifest.locales)
                span = schemas.place(self._body, (key,), key=True)
                where = f": give it by a change of `{key}` of `{self._draft.id}`" if self._draft.inherited else ""
                self._collector.report(codes.MISSING_LOCALE, span, locale=tag, locales=everywhere, where=where)
        return found

    def _title(self) -> dict[str, str] | None:
        found = self._by_locale("title")
        if found is None:
            return None
        titles: dict[str, str] = {}
        for tag, element in found.items():
            if isinstance(element, Scalar) and isinstance(element.value, str):
                titles[tag] = element.value
                source = element.embedded()
                if self._seen(source) and self._no_foreign(source, frozenset()):
                    self._no_placeholder(source)
        return titles

    def _seen(self, source: Embedded) -> bool:
        """Whether a text has only what can be shown to a reader; the rest is reported."""
        unshown = list(UNSHOWN.finditer(source.text))
        for found in unshown:
            span = source.span_of(*found.span())
            self._collector.report(codes.CONTROL_CHARACTER, span, character=character(found[0]))
        return not unshown

    def _no_placeholder(self, source: Embedded) -> None:
        """Reports placeholders in a title, which is shown as it is."""
        template = parse_template(source, Collector())
        for part in template.parts if template is not None else ():
            if isinstance(part, Placeholder):
                advice = "a title has none: it would be shown with its braces"
                report_placeholder(source, part.start, part.end, None, self._collector, advice=advice)

    def _no_foreign(self, source: Embedded, details: frozenset[str]) -> bool:
        """Whether no placeholder in a text is written as another language has it; those are reported."""
        sound = True
        for one in foreign_placeholders(source.text):
            kind = self._declared(one.name, details)
            if kind is not None and not (one.is_amount and kind in (Kind.INTEGER, Kind.NUMBER)):
                sound = False
                report_placeholder(source, one.start, one.end, one.name, self._collector)
        return sound

    def _localized(self, key: str, details: frozenset[str]) -> Localized | None:
        found = self._by_locale(key)
        if found is None:
            return None
        texts: dict[str, Text] = {}
        for tag, element in found.items():
            text = self._text(element, tag, details)
            if text is not None:
                texts[tag] = text
        self._check_same_placeholders(found, texts)
        return Localized(texts)

    def _text(self, element: Element, locale: str, details: frozenset[str]) -> Text | None:
        """The text of one locale: a string, a plural, or a list of either."""
        parts = items(element) if isinstance(element, Array) else (element,)
        alternatives = [self._alternative(part, locale, details) for part in parts]
        if not alternatives or any(alternative is None for alternative in alternatives):
            return None
        return tuple(alternative for alternative in alternatives if alternative is not None)

    def _alternative(self, element: Element, locale: str, details: frozenset[str]) -> Template | Plural | None:
        if isinstance(element, Map):
            return self._plural(element, locale, details)
        if not isinstance(element, Scalar) or not isinstance(element.value, str):
            return None
        source = element.embedded()
        template = parse_template(source, self._collector)
        if template is None:
            return None
        sound = self._seen(source) and self._no_foreign(source, details)
        for part in template.parts:
            if isinstance(part, str) or self._declared(part.name, details) is not None:
                continue
            sound = False
            self._undeclared(part.name, source.span_of(part.start, part.end), details)
        return template if sound else None

    def _plural(self, element: Map, locale: str, details: frozenset[str]) -> Plural | None:
        count = element.get("count")
        name = string(count)
        forms = {
            entry.name: self._alternative(entry.value, locale, details)
            for entry in element.entries
            if entry.key.value != "count"
        }
        for category in sorted(locales.plural_categories(locale) - set(forms)):
            self._collector.report(codes.MISSING_PLURAL, element.head, category=category, locale=locale)
        if name is None or count is None:
            return None
        kind = self._declared(name, details)
        if kind is None:
            self._undeclared(name, count.span, details)
            return None
        if kind not in (Kind.INTEGER, Kind.NUMBER):
            self._collector.report(codes.COUNT_NOT_NUMBER, count, count=name, found=DESCRIBED[kind])
            return None
        templates = {category: form for category, form in forms.items() if isinstance(form, Template)}
        return Plural(name, templates) if len(templates) == len(forms) else None

    def _declared(self, name: str, details: frozenset[str]) -> Kind | None:
        """The kind of what a placeholder names; None when nothing is declared under that name."""
        origin, rest = origin_of(name)
        if origin is Origin.PARAMETER and rest in self._scope.parameters:
            return self._scope.parameters[rest].type.kind
        if origin is Origin.DETAIL and rest in details:
            return Kind.NUMBER  # a detail can be of any kind, and what it is shows where it is used
        if origin is Origin.DECISION:
            return Kind.TIMESTAMP
        declared = self._scope.fields.get(name)
        return None if declared is None else declared.type.kind

    def _undeclared(self, name: str, span: Span, details: frozenset[str]) -> None:
        if self._scope.may_be_declared(name):
            return  # what keeps it from being declared is reported
        if self._collector.full(codes.UNDECLARED_PLACEHOLDER):
            self._collector.more(codes.UNDECLARED_PLACEHOLDER)
            return
        names = [
            *self._scope.fields,
            *(Origin.PARAMETER.named(parameter) for parameter in self._scope.parameters),
            *(Origin.DETAIL.named(detail) for detail in details),
            CLEARS_AT,
        ]
        suggestion = Near(name, names)
        self._collector.report(codes.UNDECLARED_PLACEHOLDER, span, suggestion=suggestion, placeholder=name)

    def _check_same_placeholders(self, elements: Mapping[str, Element], texts: Mapping[str, Text]) -> None:
        """Every locale must say the same thing, with the same alternatives and the same placeholders."""
        if len(texts) != len(elements) or not texts:
            return  # a text with an error is already reported
        first = next((tag for tag in self._manifest.locales if tag in texts), None)
        if first is None:
            return
        expected = [placeholders(alternative) for alternative in texts[first]]
        for tag, text in texts.items():
            found = [placeholders(alternative) for alternative in text]
            if found == expected:
                continue
            self._collector.report(
                codes.DIFFERENT_PLACEHOLDERS,
                schemas.place(elements[tag], ()),
                locale=tag,
                difference=_difference(found, expected, first),
            )


def _difference(found: list[frozenset[str]], expected: list[frozenset[str]], first: str) -> str:
    if len(found) != len(expected):
        return f"has {len(found)} alternatives, and the one in `{first}` has {len(expected)}"
    for one, other in zip(found, expected, strict=True):
        if other - one:
            return f"lacks the placeholder `{{{min(other - one)}}}` that the one in `{first}` has"
        if one - other:
            return f"has the placeholder `{{{min(one - other)}}}` that the one in `{first}` lacks"
    return f"has other placeholders than the one in `{first}`"


def code_of(element: Element) -> Element | None:
    """The text of a code, whether it is marked as shared or not."""
    return element.get("code") if isinstance(element, Map) else element
