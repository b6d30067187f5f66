"""What in a pack is no error and yet hardly meant: conditions, reasons and names that do nothing, poor texts.

Works on what the loader has read. A lint claims only what is certain, and each problem is reported once, at the token
that has to change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Final

from sendable.decide.findings import certainty_of, is_enforced, rank
from sendable.diagnostics import codes as diagnostics
from sendable.diagnostics.codes import Collector, Diagnostic, Severity
from sendable.diagnostics.places import Span
from sendable.documents import parse as documents
from sendable.documents.parse import Element, Scalar
from sendable.language.cells import Choices, Effort, Pessimist, TooManyError, number_cells
from sendable.language.checker import Scope
from sendable.language.functions import FUNCTIONS, ORDERINGS
from sendable.language.nodes import (
    And,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    ListLiteral,
    Membership,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    children,
    walk,
)
from sendable.language.space import CHANNEL, Outcome, Space, compare
from sendable.language.types import Kind, Type
from sendable.lints import silenced as allowances
from sendable.pack import locales
from sendable.pack.loader import Draft, Reading, code_of, read_pack
from sendable.pack.locales import BUILT_IN
from sendable.pack.lock import check_lock, is_locked, lock_text
from sendable.pack.messages import Alternative, Placeholder, Plural, Template, parse_template, placeholders
from sendable.pack.model import Channel, Expression, Localized, Pack, Reason


def lint_pack(root: FilePath, texts: Mapping[str, str] | None = None) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """The pack in the directory `root`, or None when there is an error in it, and every problem found, in order.

    `texts` stand for the files of these names. Severities and exclusions of the manifest, and comments that allow a
    code, are taken into account.
    """
    reading, found = read_and_lint(root, texts)
    if reading.pack is not None and is_locked(root):  # what is wrong otherwise comes first: it changes files
        check_lock(root, reading.digests, reading.collector)
        found = allowances.applied(reading)
    return reading.pack, found


def lint_and_lock(root: FilePath) -> tuple[tuple[Diagnostic, ...], str | None]:
    """The problems of the pack but for those of its lock, and the text of its lock: None when there is an error."""
    reading, found = read_and_lint(root)
    sound = reading.pack is not None and not any(one.severity is Severity.ERROR for one in found)
    return found, lock_text(reading.digests) if sound else None


def read_and_lint(root: FilePath, texts: Mapping[str, str] | None = None) -> tuple[Reading, tuple[Diagnostic, ...]]:
    """The same, with all that was read of the pack."""
    reading = read_pack(root, texts)
    lint(reading)
    return reading, allowances.applied(reading)


def lint(reading: Reading) -> None:
    """Reports the lints of a pack to its collector."""
    _Lints(reading).run()


_EMAILS: Final = {
    Channel.MARKETING: "marketing",
    Channel.ONE_TO_ONE: "one-to-one",
    Channel.TRANSACTIONAL: "transactional",
}
_FLIPPED: Final[dict[ComparisonOperator, ComparisonOperator]] = {
    "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip


class _Lints:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._collector = reading.collector
        self._scope = reading.scope

    def run(self) -> None:
        """Everything there is to say of the pack."""
        constant: set[str] = set()
        effort = Effort()
        atoms = _Atoms(self._scope, effort)
        for draft in self._reading.drafts:
            if draft.when is not None and draft.channels and not atoms.independent(draft.when.node):
                lints = _ConditionLints(self._reading, draft, draft.when, effort)
                if not lints.run():
                    constant.add(draft.id)
            _TextLints(self._reading, draft, effort).run()
        _primacy(self._reading, constant, effort)
        self._codes()
        self._unused()

    def _codes(self) -> None:
        """Codes of other systems that stand on several reasons, and ones marked so that do not."""
        found: dict[tuple[str, str], list[tuple[str, documents.Entry]]] = {}
        for draft in self._reading.drafts:
            codes = draft.body.get("codes")
            for entry in codes.entries if isinstance(codes, documents.Map) else ():
                code = code_of(entry.value)
                if entry.name != _NEAREST and isinstance(code, Scalar) and isinstance(code.value, str):
                    found.setdefault((entry.name, code.value), []).append((draft.id, entry))
        for (system, text), places in found.items():
            for reason, entry in places:
                others = [f"`{one}`" for one, _ in places if one != reason]
                shared = entry.value.get("shared") if isinstance(entry.value, documents.Map) else None
                marked = isinstance(shared, Scalar) and shared.value is True
                if others and not marked:
                    told = f"{' and '.join(others)} {'has' if len(others) == 1 else 'have'}"
                    self._collector.report(
                        diagnostics.SHARED_CODE, entry.value.span, others=told, code=text, system=system
                    )
                elif marked and not others and self._reading.whole:  # else it may be in what could not be read
                    self._collector.report(diagnostics.SHARED_WITH_NOBODY, entry.key.span, code=text, system=system)

    def _unused(self) -> None:
        """Names that are declared and not used. Whatever looks like a use counts as one."""
        keys = self._reading.keys
        if not keys or not self._reading.whole:
            return
        used: set[str] = set()
        for element in self._reading.documents.values():
            used |= _names(element)
        for name, span in keys.items():
            if name in used:
                continue
            group, _, rest = name.partition(".")
            if group == "params":
                self._collector.report(diagnostics.UNUSED_PARAMETER, span, name=rest)
            elif group == "lists":
                self._collector.report(diagnostics.UNUSED_LIST, span, name=rest)
            else:
                self._collector.report(diagnostics.UNUSED_FIELD, span, path=name)


_NEAREST: Final = "smtp"
"""The system of which a reason has the nearest code, so that many have the same."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")


def _names(document: Element) -> set[str]:
    """Every name in the texts of a file with reasons."""
    reasons = document.get("reasons") if isinstance(document, documents.Map) else None
    return {
        name
        for scalar in (_scalars(reasons) if isinstance(reasons, documents.Map) else ())
        if isinstance(scalar.value, str)
        for name in _NAME.findall(scalar.value)
    }


def _scalars(element: Element) -> Iterator[Scalar]:
    stack: list[Element] = [element]
    while stack:
        one = stack.pop()
        match one:
            case documents.Scalar():
                yield one
            case documents.Array():
                stack.extend(one.items)
            case documents.Map():
                stack.extend(entry.value for entry in one.entries)


@dataclass
class _Atoms:
    """What the parts that `and`, `or` and `not` join can come to; equal parts are looked at once."""

    scope: Scope
    effort: Effort
    _free: dict[Node, bool] = field(default_factory=dict)

    def independent(self, node: Node) -> bool:
        """Whether every part can be true and false, whatever the others are: then there is nothing odd about `node`.

        A quick answer for most conditions; False means only that it has to be looked at closely.
        """
        seen: set[Node] = set()
        stack = [node]
        while stack:
            one = stack.pop()
            if isinstance(one, And | Or | Not):
                stack.extend(children(one))
                continue
            names = {inner for inner in walk(one) if isinstance(inner, Path | Parameter)}
            if not names or names & seen or Path(CHANNEL) in names or not self._can_be_both(one):
                return False
            seen |= names
        return True

    def _can_be_both(self, atom: Node) -> bool:
        found = self._free.get(atom)
        if found is None:
            try:
                found = {True, False} <= Space(self.scope, _CHANNELS, (atom,), effort=self.effort).outcomes(atom)
            except TooManyError:
                found = False
            self._free[atom] = found = found and not (
                # one part of a chain, or one item of a list, may be out of range though the whole is not
                (isinstance(atom, Comparison) and len(atom.operators) > 1)
                or (isinstance(atom, Membership) and _declared(atom.item, self.scope) is not None)
            )
        return found


_CHANNELS: Final = tuple(channel.value for channel in Channel)


@dataclass
class _ConditionLints:
    reading: Reading
    draft: Draft
    when: Expression
    effort: Effort

    def run(self) -> bool:
        """Reports what is odd about the condition of one reason; False where that is all there is to say of it."""
        node = self.when.node
        channels = tuple(sorted(channel.value for channel in self.draft.channels))
        recovered = frozenset(self._ranges(node, Space(self.reading.scope, channels, (node,), effort=self.effort)))
        space = Space(self.reading.scope, channels, (node,), recovered, self.effort)
        if self._constants(node, space, recovered):
            return False
        self._operands(node, space)
        return not recovered

    def _report(self, rule: diagnostics.Rule, node: Node, **params: object) -> None:
        span = self.when.source.span_of(node.start, node.end)
        self.reading.collector.add(rule, span, params)

    def _text(self, node: Node) -> str:
        return " ".join(self.when.source.text[node.start : node.end].split())

    # a condition that tells no emails apart

    def _constants(self, node: Node, space: Space, recovered: frozenset[Node]) -> bool:
        """Whether the condition was reported to be constant for every channel."""
        groups = [space.channels]
        if any(one == Path(CHANNEL) for one in walk(node)):
            groups = [(channel,) for channel in space.channels]
        found: dict[diagnostics.Rule, list[str]] = {}
        for group in groups:
            try:
                outcomes = Space(space.scope, group, (node,), recovered, self.effort).outcomes(node)
            except TooManyError:
                continue
            if outcomes == {None}:
                found.setdefault(diagnostics.ALWAYS_UNKNOWN, []).extend(group)
            elif True not in outcomes:
                found.setdefault(diagnostics.NEVER_TRUE, []).extend(group)
            elif False not in outcomes:
                found.setdefault(diagnostics.ALWAYS_TRUE, []).extend(group)
        for rule, channels in found.items():
            everywhere = len(channels) == len(space.channels)
            advice = "the reason never applies: check what the condition compares"
            if not everywhere:
                advice = f"take {', '.join(f'`{channel}`' for channel in channels)} out of `channels`"
            self._report(rule, node, emails=_emails(map(Channel, channels)), advice=advice)
        return sum(map(len, found.values())) == len(space.channels)

    # comparisons outside of what a field can be

    def _ranges(self, node: Node, space: Space) -> Iterator[Node]:
        """The comparisons that a declared range decides, each reported."""
        for one in walk(node):
            if isinstance(one, Comparison):
                for sign, (left, right) in zip(one.operators, pairwise(one.operands), strict=True):
                    pair = Comparison((left, right), (sign,), start=left.start, end=right.end)
                    if self._outside(pair, left, sign, right, space) or self._outside(
                        pair, right, _FLIPPED[sign], left, space
                    ):
                        yield pair
            elif isinstance(one, Membership) and isinstance(one.container, ListLiteral):
                outside = [item for item in one.container.items if self._outside(item, one.item, "==", item, space)]
                yield from [one] if outside else ()

    def _outside(self, place: Node, subject: Node, sign: ComparisonOperator, other: Node, space: Space) -> bool:
        declared = _declared(subject, space.scope)
        constant, value = space.terms.constant(other)
        if declared is None or not constant or isinstance(value, bool) or not isinstance(value, int | float):
            return False
        outcomes = {compare(sign, number, value) for number in number_cells((value,), declared)}
        whole = declared.kind is Kind.INTEGER and value != int(value) and sign not in ORDERINGS
        if len(outcomes) != 1 or (declared.minimum is None and declared.maximum is None and not whole):
            return False
        always = "always" if True in outcomes else "never"
        text = self._text(place) if isinstance(place, Comparison) else f"{self._text(subject)} == {self._text(other)}"
        self._report(
            diagnostics.OUT_OF_RANGE,
            place,
            text=text,
            always=always,
            subject=self._text(subject),
            range=_range(declared, whole=whole),
        )
        return True

    # operands that change nothing

    def _operands(self, node: Node, space: Space) -> None:
        for place in sorted(_places(node), key=len):
            operand, joined = _at(node, place), _at(node, place[:-1])
            if operand is None or not isinstance(joined, And | Or) or _gone(operand):
                continue
            if sum(not _gone(one) for one in joined.operands) < 2:
                continue  # the others went already
            reduced = _put(node, place, _NEUTRAL[isinstance(joined, And)])
            try:
                idle = space.same(node, reduced)
            except TooManyError:
                continue
            if idle:
                self._report(diagnostics.IDLE_OPERAND, operand, text=self._text(operand))
                node = reduced


_NEUTRAL: Final = (Constant(value=False), Constant(value=True))
"""What stands where an operand was: `false` in an `or`, `true` in an `and`."""


def _gone(node: Node) -> bool:
    return any(node is neutral for neutral in _NEUTRAL)


def _declared(subject: Node, scope: Scope) -> Type | None:
    """The declared numeric type of a term with one."""
    match subject:
        case Path(name):
            declared = scope.fields[name].type
            return declared if declared.numeric else None
        case Call(name) if FUNCTIONS[name].minimum is not None:
            return Type(FUNCTIONS[name].result or Kind.NUMBER, minimum=FUNCTIONS[name].minimum)
        case _:
            return None


def _range(declared: Type, *, whole: bool) -> str:
    if whole:
        return "a whole number"
    bounds = [
        f"at {word} {bound:g}"
        for word, bound in (("least", declared.minimum), ("most", declared.maximum))
        if bound is not None
    ]
    return " and ".join(bounds)


def _emails(channels: Iterable[Channel]) -> str:
    """What emails in these channels are called."""
    concerned = set(channels)
    names = [_EMAILS[channel] for channel in Channel if channel in concerned]
    if len(names) == len(Channel):
        return "any email"
    return f"{' and '.join(names)} emails"


_Place = tuple[int, ...]
"""The way from a condition to an operand in it: the positions among the children."""


def _places(node: Node, here: _Place = ()) -> Iterator[_Place]:
    """The operands of every `and` and `or` that `node` is made of; of one, the last comes first."""
    if not isinstance(node, And | Or | Not):
        return
    inside = children(node)
    for index in reversed(range(len(inside))):
        if isinstance(node, And | Or):
            yield (*here, index)
        yield from _places(inside[index], (*here, index))


def _at(node: Node, place: _Place) -> Node | None:
    for index in place:
        if index >= len(children(node)):
            return None
        node = children(node)[index]
    return node


def _put(node: Node, place: _Place, operand: Node) -> Node:
    """`node` with `operand` at the place of another, inside `and`, `or` and `not`."""
    if not place:
        return operand
    index, *rest = place
    match node:
        case And(operands) | Or(operands):
            changed = _put(operands[index], tuple(rest), operand)
            return replace(node, operands=(*operands[:index], changed, *operands[index + 1 :]))
        case Not(inner):
            return replace(node, operand=_put(inner, tuple(rest), operand))
        case _:
            return node


# -- which reason comes first


_MOST_PAIRS: Final = 20_000
"""How many pairs of reasons are looked at in a pack, and at least how many for each reason."""
_LEAST_PAIRS: Final = 10


@dataclass(frozen=True)
class _Rival:
    """An enforced reason that takes part in the question which comes first."""

    reason: Reason
    draft: Draft
    space: Space
    names: frozenset[str]

    @property
    def node(self) -> Node:
        return self.reason.when.node


def _primacy(reading: Reading, constant: Collection[str], effort: Effort) -> None:
    """Reports each reason that another with a lower number covers on every channel.

    Matched findings come before undetermined ones: a reason that is true has to be met by one that is true, one that is
    unknown and suppresses by one that is true, or unknown and suppresses too.
    """
    rivals = sorted(_rivals(reading, constant, effort), key=lambda rival: rival.reason.priority)
    budget = max(_LEAST_PAIRS, _MOST_PAIRS // max(1, len(rivals)))
    by_node: dict[Node, list[_Rival]] = {}
    by_name: dict[str, list[_Rival]] = {}
    for rival in rivals:
        _report_covered(reading, rival, _covered(rival, by_node, by_name, budget))
        by_node.setdefault(rival.node, []).append(rival)
        for name in rival.names:
            by_name.setdefault(name, []).append(rival)


def _rivals(reading: Reading, constant: Collection[str], effort: Effort) -> Iterator[_Rival]:
    """The enforced reasons; without those whose conditions are `constant`, which is reported by itself."""
    for draft in reading.drafts:
        reason = draft.reason
        if reason is not None and is_enforced(reason) and reason.channels and draft.id not in constant:
            node = reason.when.node
            space = Space(reading.scope, tuple(sorted(reason.channels)), (node,), effort=effort)
            names = frozenset(one.name for one in walk(node) if isinstance(one, Path))
            yield _Rival(reason, draft, space, names)


def _covered(
    rival: _Rival, by_node: Mapping[Node, list[_Rival]], by_name: Mapping[str, list[_Rival]], budget: int
) -> dict[Channel, _Rival]:
    """For each channel of `rival` a reason before it that covers it; empty when one has none."""
    found: dict[Channel, _Rival] = {}
    try:
        witness = rival.space.witness(rival.node, wanted=True)
    except TooManyError:
        return found
    if witness is None:
        return found
    looked_at: set[str] = set()
    candidates = [by_node.get(rival.node, ()), *(by_name.get(name, ()) for name in sorted(rival.names))]
    for group in candidates:
        for other in group:
            if len(looked_at) >= budget:
                return {}
            if other.reason.id in looked_at or rival.reason.channels.isdisjoint(other.reason.channels):
                continue
            looked_at.add(other.reason.id)
            if other.space.outcome(other.node, Pessimist(witness)) is not True:
                continue
            for channel in rival.reason.channels & other.reason.channels - found.keys():
                if _covers(other, rival, channel):
                    found[channel] = other
            if len(found) == len(rival.reason.channels):
                return found
    return {}


def _covers(other: _Rival, rival: _Rival, channel: Channel) -> bool:
    space = Space(rival.space.scope, (channel.value,), (rival.node, other.node), effort=rival.space.effort)

    def ask(choices: Choices) -> bool:
        mine = certainty_of(rival.reason, space.outcome(rival.node, choices))
        if mine is None:
            return True
        theirs = certainty_of(other.reason, space.outcome(other.node, choices))
        return theirs is not None and rank(other.reason, theirs) < rank(rival.reason, mine)

    try:
        return space.always(ask)
    except TooManyError:
        return False


def _report_covered(reading: Reading, rival: _Rival, covered: Mapping[Channel, _Rival]) -> None:
    if not covered:
        return
    others = {other.reason.id: other for other in sorted(covered.values(), key=lambda one: one.reason.priority)}
    names = " and ".join(f"`{name}`" for name in others)
    priority = rival.draft.body.get("priority")
    reading.collector.report(
        diagnostics.NEVER_PRIMARY,
        rival.draft.key.span if priority is None else priority.span,
        also=[other.draft.key.span for other in others.values()],
        reason=rival.reason.id,
        others=f"{names} {'comes' if len(others) == 1 else 'come'}",
    )


# -- texts


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
class _TextLints:
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
            self._languages(self._texts(key), title=key == "title")

    def _texts(self, key: str) -> dict[str, Element]:
        """The texts under `key` by the pack's locales, in their order."""
        body = self.draft.body.get(key)
        if not isinstance(body, documents.Map):
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
                    diagnostics.MAY_BE_UNKNOWN,
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

    # languages

    def _languages(self, texts: Mapping[str, Element], *, title: bool) -> None:
        seen: dict[tuple[str, ...], str] = {}
        for tag, element in texts.items():
            language = tag.partition("-")[0]
            written = tuple(" ".join(scalar.text.split()) for scalar in _texts_in(element))
            other = seen.setdefault(written, tag)
            if other.partition("-")[0] != language:
                if _words(written) > 1:
                    self._report(diagnostics.SAME_TEXT, element, also=[texts[other]], locale=tag, other=other)
            elif not title and language in _LANGUAGES:
                name, evidence = _LANGUAGES[language]
                if not any(map(evidence.search, written)) and _words(written) > 2:
                    self._report(diagnostics.OTHER_LANGUAGE, element, language=name)

    def _report(
        self, rule: diagnostics.Rule, element: Element, *, also: Sequence[Element] = (), **params: object
    ) -> None:
        self.reading.collector.add(rule, _first(element), params, also=map(_first, also))


def _words(written: Iterable[str]) -> int:
    """How many words there are outside of placeholders."""
    return sum(len(_WORD.findall(re.sub(r"\{[^{}]*\}", " ", text))) for text in written)


def _first(element: Element) -> Span:
    """Where a text begins: the first string in it."""
    return next((scalar.span for scalar in _texts_in(element)), element.span)


def _texts_in(element: Element) -> Iterator[Scalar]:
    """The strings that a text is made of, in their order."""
    match element:
        case documents.Scalar():
            if isinstance(element.value, str):
                yield element
        case documents.Array():
            for item in element.items:
                yield from _texts_in(item)
        case documents.Map():
            for entry in element.entries:
                if entry.name != "count":
                    yield from _texts_in(entry.value)


def _last(element: Element) -> _Alternative | None:
    """The alternative that is shown when no other can be."""
    if isinstance(element, documents.Array):
        if not element.items:
            return None
        element = element.items[-1]
    scalars = tuple(_texts_in(element))
    templates = [parse_template(scalar.embedded(), Collector()) for scalar in scalars]
    if not templates or any(template is None for template in templates):
        return None
    forms = {str(index): template for index, template in enumerate(templates) if template is not None}
    if isinstance(element, documents.Map):
        count = element.get("count")
        if not isinstance(count, documents.Scalar) or not isinstance(count.value, str):
            return None
        return _Alternative(Plural(count.value, forms), scalars, count)
    return _Alternative(forms["0"], scalars)
