"""Texts in conditions that what they are compared with never has, such as `domain(x) == "Gmail.com"`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sendable.diagnostics import lint_codes
from sendable.diagnostics.record import Collector, Replacement, Rule
from sendable.language.affixes import AFFIXES
from sendable.language.nodes import (
    Call,
    Comparison,
    Constant,
    ListLiteral,
    Membership,
    Node,
    Not,
    Parameter,
    Path,
    walk,
)
from sendable.language.parser import unparse
from sendable.language.scope import Scope
from sendable.lints import forms
from sendable.lints.forms import Case, Form, Meant, Subject
from sendable.lints.written import Written


@dataclass(frozen=True)
class LiteralLints:
    """Finds them in one expression after another; `paths` are the fields that are addresses."""

    scope: Scope
    collector: Collector
    paths: frozenset[str]

    def run(self, written: Written) -> None:
        """Reports the texts of one expression that are never found, each with what would be."""
        for node in walk(written.node):
            if isinstance(node, ListLiteral):
                self._repeated(written, node)
            match node:
                case Comparison():
                    self._comparison(written, node)
                case Membership(item, ListLiteral() as literal) if (subject := self._subject(item)) is not None:
                    self._membership(written, node, subject, literal)
                case Call("in_domains", (domain, container)) if (subject := self._subject(domain)) is not None:
                    self._in_domains(written, node, subject, container)
                case Call(function, (text, Constant(str(part)) as literal)) if function in AFFIXES and part:
                    self._part(written, node, self._subject(text), literal)
                case Call(function, (Constant(str(text)) as literal, part)) if function in AFFIXES and _varies(part):
                    turned = unparse(Call(function, (part, literal)))
                    params = {"text": text, "part": unparse(part)}
                    self.collector.add(lint_codes.TURNED_ROUND, written.span(node), params, suggestion=turned)
                case _:
                    pass

    def _subject(self, node: Node) -> Subject | None:
        return forms.subject_of(node, self.scope, self.paths)

    def _repeated(self, written: Written, literal: ListLiteral) -> None:
        rest = tuple(dict.fromkeys(literal.items))
        seen: set[Constant] = set()
        for item in literal.items:
            if item in seen:
                edits = written.replacing(literal, ListLiteral(rest))
                params = {"value": item.value}
                self.collector.add(lint_codes.REPEATED_VALUE, written.span(item), params, edits=edits)
            seen.add(item)

    # -- equal texts

    def _comparison(self, written: Written, node: Comparison) -> None:
        for sign, (left, right) in zip(node.operators, pairwise(node.operands), strict=True):
            if sign not in ("==", "!="):
                continue
            for one, other in ((left, right), (right, left)):
                subject = self._subject(one) if isinstance(other, Constant | Parameter) else None
                if subject is not None and isinstance(other, Parameter):
                    self._set_to(written, subject, other)
                elif subject is not None and isinstance(other, Constant):
                    self._equal(written, node, subject, other, negated=sign == "!=")

    def _equal(self, written: Written, node: Comparison, subject: Subject, literal: Constant, *, negated: bool) -> None:
        found = _judged(literal, subject)
        if found is None:
            self._need_tags(written, [literal], subject)
            return
        new = found.instead
        if found.literal is not None and found.rule is lint_codes.OTHER_CASE:
            new = Comparison((Call("lower", (subject.node,)), found.literal), ("==",))
        if new is not None and negated:
            new = Comparison(new.operands, ("!=",)) if isinstance(new, Comparison) else Not(new)
        if new is not None:
            edits = written.replacing(node, new) if len(node.operators) == 1 else ()
            self._report(found.rule, written, literal, subject, new, edits)
        else:
            self._report_literal(found, written, literal, subject)

    def _set_to(self, written: Written, subject: Subject, parameter: Parameter) -> None:
        """A parameter may be set to another text tomorrow, and this one is never found today."""
        for value in self.scope.parameters[parameter.name].values:
            found = _judged(Constant(value), subject) if isinstance(value, str) else None
            if found is not None and isinstance(value, str):
                why = forms.why(value, subject.form, subject.case)
                params = {"value": value, "subject": unparse(subject.node), "why": why}
                self.collector.add(found.rule, written.span(parameter), params)

    def _membership(self, written: Written, node: Membership, subject: Subject, literal: ListLiteral) -> None:
        judged = {id(item): found for item in literal.items if (found := _judged(item, subject)) is not None}
        self._need_tags(written, [item for item in literal.items if id(item) not in judged], subject)
        if not judged:
            return
        lowered = any(found.rule is lint_codes.OTHER_CASE for found in judged.values())
        extras = [found.instead for found in judged.values() if found.instead is not None]
        items = [_kept(item, judged.get(id(item))) for item in literal.items]
        rest = tuple(dict.fromkeys(item for item in items if item is not None))
        if not lowered and not extras and len(rest) == len(set(literal.items)):
            for item in literal.items:
                if (single := judged.get(id(item))) is not None:
                    self._report_literal(single, written, item, subject)
            return
        head: Node = subject.node
        if lowered:
            head = Call("lower", (head,))
            rest = tuple(dict.fromkeys(Constant(str(item.value).lower()) for item in rest))
        new = forms.either([*([Membership(head, ListLiteral(rest), negated=False)] if rest else []), *extras])
        if node.negated:
            new = Membership(head, ListLiteral(rest), negated=True) if not extras else Not(new)
        edits = written.replacing(node, new)
        for item in literal.items:
            if (each := judged.get(id(item))) is not None:
                self._report(each.rule, written, item, subject, new, edits)

    def _need_tags(self, written: Written, literals: Sequence[Constant], subject: Subject) -> None:
        """Reports the texts that only an address with a tag has."""
        for literal in literals:
            text = str(literal.value)
            if forms.needs_tag(text, subject.form) and text not in subject.besides:
                params = {"value": text, "subject": unparse(subject.node)}
                meant = text.removesuffix(".")
                self.collector.add(lint_codes.DOT_AT_END, written.span(literal), params, suggestion=meant)

    def _in_domains(self, written: Written, node: Call, subject: Subject, container: Node) -> None:
        if subject.form in (Form.ADDRESS, Form.BASE) and subject.address is not None:
            taken = Call("domain", (subject.address,))
            what = "an address is no domain, and `domain` takes it out of one"
            edits = written.replacing(node.arguments[0], taken)
            self._add(lint_codes.NEVER_MATCHES, written, subject.node, taken, edits, value=subject.node, why=what)
            return
        if not isinstance(container, ListLiteral) or subject.form is Form.LOCAL_PART:
            return
        domain = Subject(subject.node, Form.DOMAIN, Case.FOLDED, address=subject.address)
        wrong = [item for item in container.items if not forms.has_form(str(item.value), Form.DOMAIN)]
        if not wrong:
            return
        meant = {id(item): forms.meant_by(str(item.value)) for item in wrong}
        rest: list[Constant] = []
        extras: list[Node] = []
        for item in container.items:
            one = meant.get(id(item))
            if id(item) not in meant:
                rest.append(item)
            elif one is not None and _is_domain(one):
                rest.append(Constant(one.text))
            elif one is not None and (extra := forms.condition(one, domain)) is not None:
                extras.append(extra)
        items = ListLiteral(tuple(dict.fromkeys(rest)))
        new = forms.either([*([Call("in_domains", (subject.node, items))] if rest else []), *extras])
        for item in wrong:
            one = meant[id(item)]
            edits = () if one is None else written.replacing(node, new)
            self._report(lint_codes.NEVER_MATCHES, written, item, domain, new if edits else None, edits)

    # -- parts of texts

    def _part(self, written: Written, node: Call, subject: Subject | None, literal: Constant) -> None:
        part = str(literal.value)
        if subject is None or fits_part(node.function, part, subject):
            return
        new = _mended_part(node.function, part, subject)
        as_given = subject.case is Case.AS_GIVEN and fits_part(node.function, part.lower(), subject)
        rule = lint_codes.OTHER_CASE if as_given else lint_codes.NEVER_MATCHES
        if isinstance(new, Call) and new.function == node.function and new.arguments[0] == subject.node:
            edits = written.replacing(literal, new.arguments[1])
            self._report(rule, written, literal, subject, new.arguments[1], edits)
        else:
            edits = () if new is None else written.replacing(node, new)
            self._report(rule, written, literal, subject, new, edits)

    # -- reports

    def _report_literal(self, found: _Judged, written: Written, literal: Constant, subject: Subject) -> None:
        edits = () if found.literal is None else written.replacing(literal, found.literal)
        self._report(found.rule, written, literal, subject, found.literal, edits)

    def _report(
        self,
        rule: Rule,
        written: Written,
        literal: Constant,
        subject: Subject,
        new: Node | None,
        edits: Sequence[Replacement],
    ) -> None:
        why = forms.why(str(literal.value), subject.form, subject.case)
        self._add(rule, written, literal, new, edits, value=literal, subject=subject.node, why=why)

    def _add(
        self,
        rule: Rule,
        written: Written,
        place: Node,
        new: Node | None,
        edits: Sequence[Replacement],
        *,
        value: Node,
        why: str,
        subject: Node | None = None,
    ) -> None:
        given = str(value.value) if isinstance(value, Constant) else unparse(value)
        of = "in_domains" if subject is None else unparse(subject)
        suggestion = None if new is None else unparse(new)
        params = {"value": given, "subject": of, "why": why}
        self.collector.add(rule, written.span(place), params, suggestion=suggestion, edits=edits)


@dataclass(frozen=True)
class _Judged:
    """What is to stand for a text that is not met: another text, or a condition; neither where nobody knows."""

    rule: Rule
    literal: Constant | None = None
    instead: Node | None = None


def _judged(literal: Constant, subject: Subject) -> _Judged | None:
    """What is wrong with a text that the subject is compared with; None where nothing is."""
    text = literal.value
    if not isinstance(text, str) or text in subject.besides:
        return None
    if forms.has_form(text, subject.form):
        if subject.form is Form.ADDRESS and subject.case is Case.AS_GIVEN:
            return _Judged(lint_codes.OTHER_CASE, Constant(text.lower())) if text != text.lower() else None
        meant = forms.cased(text, subject.case)
        return _Judged(lint_codes.NEVER_MATCHES, Constant(meant)) if meant != text else None
    found = forms.meant_by(text)
    if found is None:
        return _Judged(lint_codes.NEVER_MATCHES)
    form = forms.form_of(found, subject.form)
    if form is subject.form and not (found.below or found.begins or found.ends):
        if subject.form is Form.ADDRESS and subject.case is Case.AS_GIVEN:
            return _Judged(lint_codes.NEVER_MATCHES, instead=forms.condition(found, subject))
        mended = forms.cased(forms.written(found.text, form), subject.case)
        sure = mended != text and forms.has_form(mended, form)
        return _Judged(lint_codes.NEVER_MATCHES, Constant(mended) if sure else None)
    return _Judged(lint_codes.NEVER_MATCHES, instead=forms.condition(found, subject))


def _kept(item: Constant, found: _Judged | None) -> Constant | None:
    """What stands in a list where `item` stood: itself where it is right, nothing where a condition says it."""
    return item if found is None else found.literal


def _varies(node: Node) -> bool:
    """Whether an email has a say in what the text is."""
    return any(isinstance(one, Path) for one in walk(node))


def _is_domain(meant: Meant) -> bool:
    return not (meant.begins or meant.ends) and forms.form_of(meant, Form.DOMAIN) is Form.DOMAIN


# -- parts

_LABELS: Final = re.compile(r"(?:[A-Za-z0-9_.-]|[^\x00-\x7f\s])+")
_ATOMS: Final = re.compile(r"(?:[A-Za-z0-9!#$%&'+/=?^_`{|}~.-]|[^\x00-\x7f\s])+")
_ADDRESS: Final = re.compile(r"(?:[A-Za-z0-9!#$%&'+/=?^_`{|}~.@-]|[^\x00-\x7f\s])+")
_PUNYCODE: Final = re.compile(r"(?:^|\.)xn--", re.IGNORECASE)


def fits_part(function: str, part: str, subject: Subject) -> bool:
    """Whether a text of the subject's can begin with the part, end with it or have it, as the function asks."""
    case = Case.LOWER if subject.form is Form.ADDRESS and subject.case is Case.AS_GIVEN else subject.case
    if any(part in text for text in subject.besides) or _of_no_address(part, subject.form):
        return True
    if forms.cased(part, case) != part:
        return False
    begins, ends = function == "starts_with", function == "ends_with"
    match subject.form:
        case Form.DOMAIN:
            return (
                _LABELS.fullmatch(part) is not None
                and ".." not in part
                and not (begins and part.startswith("."))
                and not (ends and part.endswith("."))
                and not _PUNYCODE.search(part)
            )
        case Form.LOCAL_PART:
            return _ATOMS.fullmatch(part) is not None and "+" not in (part[1:] if begins else part)
        case Form.ADDRESS | Form.BASE:
            return (
                _ADDRESS.fullmatch(part) is not None
                and not (subject.form is Form.BASE and "+" in (part[1:] if begins else part))
                and part.count("@") < 2
                and not (begins and part.startswith("@"))
                and not (ends and part.endswith("@"))
            )
        case Form.TEXT:
            return True


_SIGNS: Final = {Form.DOMAIN: "@*%", Form.LOCAL_PART: "@*%+", Form.ADDRESS: "*%", Form.BASE: "*%+", Form.TEXT: ""}
"""What stands in parts that were meant to be found, though there is no letter or digit in them."""


def _of_no_address(part: str, form: Form) -> bool:
    """Whether the part is what somebody looks for who looks for what is no address, such as a blank or a comma.

    A field has any text. That nothing but signs is to be found in it is no slip.
    """
    return not any(one.isalnum() or one in _SIGNS[form] for one in part)


def _mended_part(function: str, part: str, subject: Subject) -> Node | None:
    """The condition that was meant by a part that does not fit; None where that is not sure."""
    bare = part if subject.form is Form.TEXT else part.strip(" \t*%")
    found: Node | None
    match subject.form:
        case Form.DOMAIN:
            found = _of_domain(function, bare, subject)
        case Form.LOCAL_PART:
            found = _of_local_part(function, bare, subject)
        case Form.ADDRESS | Form.BASE:
            found = _of_address(function, bare, subject)
        case Form.TEXT:
            found = _test(function, subject.node, forms.cased(bare, subject.case))
    if isinstance(found, Call) and found.function in AFFIXES:
        text, literal = found.arguments
        other = subject if text == subject.node else Subject(text, Form.ADDRESS, Case.LOWER)
        mended = str(literal.value) if isinstance(literal, Constant) else ""
        return found if mended and fits_part(found.function, mended, other) else None
    return found


def _test(function: str, text: Node, part: str) -> Node:
    return Call(function, (text, Constant(part)))


def _of_domain(function: str, part: str, subject: Subject) -> Node | None:
    before, at, after = part.rpartition("@")
    if not at:
        folded = forms.cased(part, Case.FOLDED)
        if function == "starts_with":
            folded = folded.lstrip(".")
        return _test(function, subject.node, folded.rstrip(".") if function == "ends_with" else folded)
    if before.strip("*%"):
        return None if subject.address is None else _test(function, Call("lower", (subject.address,)), part.lower())
    folded = forms.cased(after, Case.FOLDED).rstrip(".")
    if function == "ends_with":
        return Comparison((subject.node, Constant(folded)), ("==",)) if forms.has_form(folded, Form.DOMAIN) else None
    return _test("starts_with", subject.node, folded)


def _of_local_part(function: str, part: str, subject: Subject) -> Node | None:
    before, at, after = part.partition("@")
    if at and not after.strip("*%"):
        folded = forms.cased(before, Case.FOLDED)
        if function != "starts_with":
            return _test("ends_with", subject.node, folded)
        local = forms.written(folded, Form.LOCAL_PART)
        return Comparison((subject.node, Constant(local)), ("==",)) if forms.has_form(local, Form.LOCAL_PART) else None
    if not at and "+" not in part:
        return _test(function, subject.node, forms.cased(part, Case.FOLDED))
    if subject.address is None:
        return None
    if not at and function == "ends_with":  # a tag stands just before the @
        return _test("contains", Call("lower", (subject.address,)), f"{part.lower()}@")
    return _test(function, Call("lower", (subject.address,)), part.lower())


def _of_address(function: str, part: str, subject: Subject) -> Node | None:
    node = Call("lower", (subject.node,)) if subject.case is Case.AS_GIVEN else subject.node
    if subject.address is None:
        return None
    if subject.form is Form.BASE and "+" in part:
        node = Call("lower", (subject.address,))
    if function == "starts_with" and part.startswith("@"):
        return _test(function, Call("domain", (subject.address,)), forms.cased(part[1:], Case.FOLDED))
    if function == "ends_with" and part.endswith("@"):
        return _test(function, Call("local_part", (subject.address,)), forms.cased(part[:-1], Case.FOLDED))
    return _test(function, node, part.lower())
