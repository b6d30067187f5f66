"""What texts are like that expressions give and lists are used for, and what somebody meant who wrote another one.

A domain, what stands before the @ and an address each have a form. A text without it is met by no well-formed address,
and mostly it shows what was meant: `@example.com` is a domain, `noreply*` all that begins like that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from sendable.language import addresses
from sendable.language.identifiers import trimmed
from sendable.language.nodes import (
    Call,
    Comparison,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Node,
    Not,
    Or,
    Path,
    walk,
)
from sendable.language.scope import Scope
from sendable.language.types import Kind, Spelling


class Form(Enum):
    """What a text is."""

    DOMAIN = auto()
    LOCAL_PART = auto()
    ADDRESS = auto()
    BASE = auto()
    """An address without its tag."""
    TEXT = auto()


class Case(Enum):
    """What is made of the letters of a text before it is compared."""

    AS_GIVEN = auto()
    LOWER = auto()
    FOLDED = auto()


@dataclass(frozen=True, slots=True)
class Subject:
    """What the texts are like that the expression `node` gives; `address` is what the domain or the like is taken of.

    `besides` are texts that it gives where there is none.
    """

    node: Node
    form: Form
    case: Case = Case.AS_GIVEN
    spelling: Spelling = Spelling.AS_GIVEN
    address: Node | None = None
    besides: frozenset[str] = frozenset()


_BUILT_IN: Final = frozenset({"contact.email", "email.from_address"})
_OF_ADDRESSES: Final = {"domain": Form.DOMAIN, "local_part": Form.LOCAL_PART, "base_address": Form.BASE}


def address_paths(nodes: Iterable[Node]) -> frozenset[str]:
    """The fields that are addresses: those of the engine, and whatever an expression takes the parts of one from."""
    taken = {
        argument.name
        for node in nodes
        for one in walk(node)
        if isinstance(one, Call) and (one.function in _OF_ADDRESSES or one.function == "valid_address")
        for argument in one.arguments
        if isinstance(argument, Path)
    }
    return _BUILT_IN | taken


def subject_of(node: Node, scope: Scope, paths: frozenset[str]) -> Subject | None:
    """What the texts of `node` are like; None where that is not known, or it gives none. `paths` are addresses."""
    match node:
        case Path(name) if scope.fields[name].type.kind is Kind.STRING:
            form = Form.ADDRESS if name in paths else Form.TEXT
            address = node if form is Form.ADDRESS else None
            return Subject(node, form, spelling=scope.fields[name].type.spelling, address=address)
        case Call("domain" | "local_part" | "base_address" as function, (argument,)):
            return Subject(node, _OF_ADDRESSES[function], Case.FOLDED, address=_as_given(argument))
        case Call("lower", (argument,)):
            inner = subject_of(argument, scope, paths)
            if inner is None:
                return Subject(node, Form.TEXT, Case.LOWER)
            case = Case.FOLDED if inner.case is Case.FOLDED else Case.LOWER
            return replace(inner, node=node, case=case, besides=frozenset(map(str.lower, inner.besides)))
        case Call("default", (value, Constant(str(otherwise)))):
            inner = subject_of(value, scope, paths)
            return None if inner is None else replace(inner, node=node, besides=inner.besides | {otherwise})
        case _:
            return None


def _as_given(address: Node) -> Node:
    """The address itself: the functions of addresses fold what they are given."""
    match address:
        case Call("lower", (inner,)):
            return _as_given(inner)
        case _:
            return address


# -- whether a text has a form

_BEYOND: Final = r"[^\x00-\x7f\s]"
_LABEL: Final = rf"(?:[A-Za-z0-9_-]|{_BEYOND})+"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[^\s\]]+\]")
_ATOM: Final = rf"(?:[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]|{_BEYOND})+"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_PATTERN: Final = re.compile(r"\*|^[%^]|[%$]$")
"""What stands in patterns of other languages. Some of it may stand before an @, where hardly anybody means it."""


def has_form(text: str, form: Form) -> bool:
    """Whether a well-formed address can have the text as this, in whatever case; an empty text stands for none."""
    match form:
        case Form.DOMAIN:
            return not text or _DOMAIN.fullmatch(text) is not None
        case Form.LOCAL_PART:
            return not text or (_is_local(text.removesuffix(".")) and ("+" not in text or text.startswith("+")))
        case Form.ADDRESS:
            local, at, domain = text.rpartition("@")
            return not text or (at == "@" and _is_local(local) and _DOMAIN.fullmatch(domain) is not None)
        case Form.BASE:
            local, at, domain = text.rpartition("@")
            untagged = f"{local.removesuffix('.')}{at}{domain}"
            return not text or (has_form(local, Form.LOCAL_PART) and has_form(untagged, Form.ADDRESS))
        case Form.TEXT:
            return True


def _is_local(text: str) -> bool:
    return _LOCAL.fullmatch(text) is not None and _PATTERN.search(text) is None


def needs_tag(text: str, form: Form) -> bool:
    """Whether only an address with a tag has it: a dot stands just before no @, and `local_part` leaves out the tag."""
    return form is Form.LOCAL_PART and text.endswith(".") and has_form(text, form)


def is_pattern(text: str) -> bool:
    """Whether the text has something in it that stands for any text elsewhere."""
    return _PATTERN.search(text) is not None


def cased(text: str, case: Case) -> str:
    """The text in the letters in which it is compared."""
    match case:
        case Case.AS_GIVEN:
            return text
        case Case.LOWER:
            return text.lower()
        case Case.FOLDED:
            return addresses.fold(text)


# -- what was meant


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody meant: a text of a form, and all domains `below` it, or all texts that begin or end with it.

    `form` is None where that depends on what it stands among.
    """

    text: str
    form: Form | None = None
    below: bool = False
    begins: bool = False
    ends: bool = False


_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MAIL: Final = re.compile(r"(?i:mailto):")
_IN_BRACKETS: Final = re.compile(r"[^<>]*<([^<>]*)>")
_AROUND: Final = " \t,;\"'<>"


def meant_by(text: str) -> Meant | None:
    """What is meant by a text that has not the form it needs; None where that is anybody's guess."""
    given = trimmed(text)
    bracketed = _IN_BRACKETS.fullmatch(given)
    given = (bracketed[1] if bracketed else given).strip(_AROUND)
    if _SCHEME.match(given):
        host = re.split(r"[/?#\\]", _SCHEME.sub("", given, count=1), maxsplit=1)[0]
        host = host.rpartition("@")[2].partition(":")[0].removeprefix("www.").strip(".")
        return Meant(host, Form.DOMAIN) if host and has_form(host, Form.DOMAIN) else None
    given = _MAIL.sub("", given, count=1)
    local, at, domain = given.rpartition("@")
    if at:
        return _of_address(local, domain)
    for sign in ("*.", "%.", "."):
        if given.startswith(sign):
            rest = given.removeprefix(sign).removesuffix(".")
            return Meant(rest, Form.DOMAIN, below=True) if rest and has_form(rest, Form.DOMAIN) else None
    host, slash, _ = given.partition("/")
    if slash and "." in host.strip(".") and has_form(host, Form.DOMAIN):
        return Meant(host.removeprefix("www."), Form.DOMAIN)
    bare = given.strip("*%")
    if not bare or is_pattern(bare) or " " in bare:
        return None
    begins, ends = given[-1] in "*%", given[0] in "*%"
    return Meant(bare if begins or ends else bare.strip("."), begins=begins, ends=ends)


def _of_address(local: str, domain: str) -> Meant | None:
    domain = domain.removesuffix(".")
    if local in ("", "*", "%"):
        below = domain.startswith(("*.", "."))
        domain = domain.removeprefix("*").removeprefix(".")
        return Meant(domain, Form.DOMAIN, below=below) if domain and has_form(domain, Form.DOMAIN) else None
    if domain in ("", "*", "%"):
        return Meant(local, Form.LOCAL_PART) if _is_local(local) else None
    address = f"{local}@{domain}"
    return Meant(address, Form.ADDRESS) if has_form(address, Form.ADDRESS) else None


def form_of(meant: Meant, among: Form) -> Form:
    """The form of what is meant, where it stands among texts of the form `among`."""
    if meant.form is not None:
        return among if meant.form is Form.ADDRESS and among is Form.BASE else meant.form
    if among not in (Form.ADDRESS, Form.BASE):
        return among
    return Form.DOMAIN if "." in meant.text else Form.LOCAL_PART


def written(text: str, form: Form) -> str:
    """The text as it is met: what stands before an @ has no tag, nor has an address without one."""
    match form:
        case Form.LOCAL_PART:
            return text.partition("+")[0] or text
        case Form.BASE:
            local, at, domain = text.rpartition("@")
            return f"{written(local, Form.LOCAL_PART)}{at}{domain}"
        case _:
            return text


# -- conditions that say it


def condition(meant: Meant, subject: Subject) -> Node | None:
    """A condition that is true where the subject's address is what is meant; None where there is none."""
    form = form_of(meant, subject.form)
    if meant.begins or meant.ends:
        return _pattern(meant, subject)
    address = subject.address
    if address is None:
        return None
    if form is Form.ADDRESS:
        return Comparison((Call("lower", (address,)), Constant(meant.text.lower())), ("==",))
    if form is Form.BASE:
        base = Constant(addresses.fold(written(meant.text, form)))
        return Comparison((Call("base_address", (address,)), base), ("==",))
    if form is Form.LOCAL_PART:
        local = Constant(addresses.fold(written(meant.text, form)))
        return Comparison((Call("local_part", (address,)), local), ("==",))
    domain = Constant(addresses.fold(meant.text))
    if meant.below:
        return Call("in_domains", (Call("domain", (address,)), ListLiteral((domain,))))
    return Comparison((Call("domain", (address,)), domain), ("==",))


def _pattern(meant: Meant, subject: Subject) -> Node:
    node = subject.node if subject.case is not Case.AS_GIVEN else Call("lower", (subject.node,))
    part = Constant(cased(meant.text, Case.LOWER if subject.case is Case.AS_GIVEN else subject.case))
    function = "contains" if meant.begins and meant.ends else "starts_with" if meant.begins else "ends_with"
    return Call(function, (node, part))


def in_list(form: Form, address: Node, container: ListReference, *, negated: bool = False) -> Node:
    """The condition that the address, or its part of the form, is in a list of the pack."""
    match form:
        case Form.DOMAIN:
            found: Node = Call("in_domains", (Call("domain", (address,)), container))
            return Not(found) if negated else found
        case Form.LOCAL_PART:
            return Membership(Call("local_part", (address,)), container, negated)
        case Form.BASE:
            return Membership(Call("base_address", (address,)), container, negated)
        case Form.ADDRESS | Form.TEXT:
            return Membership(address, container, negated)


def either(nodes: Iterable[Node]) -> Node:
    """The condition that one of the nodes holds."""
    operands = tuple(dict.fromkeys(nodes))
    return operands[0] if len(operands) == 1 else Or(operands)


# -- what is said of it


def why(text: str, form: Form, case: Case) -> str:
    """What keeps a text of the subject's from being this one."""
    what = _CALLED[form]
    if _SCHEME.match(text):
        return f"{what} is no address of a web page"
    if is_pattern(text.strip()):
        return "a sign such as * stands for itself, and not for any text"
    if text != trimmed(text) or re.search(r"\s", text):
        return f"{what} has no blanks around it or in it"
    if (misplaced := _misplaced(text, form)) is not None:
        return misplaced
    if case is Case.FOLDED and text == text.lower() and cased(text, case).isascii() and not text.isascii():
        return f"{what} is compared as `{cased(text, case)}`"
    if case is Case.FOLDED and "xn--" in text.lower():
        return f"{what} is compared in its own letters, and not in Punycode"
    if cased(text, case) != text:
        return f"{what} is compared in lower case"
    if form in (Form.ADDRESS, Form.BASE) and "@" not in text:
        return "an address has an @"
    if text.startswith(".") or text.endswith("."):
        return f"{what} has no dot at either end"
    return f"{what} does not look like that"


def _misplaced(text: str, form: Form) -> str | None:
    """What is wrong about the @ or the plus in a text of this form; None where nothing is."""
    match form:
        case Form.ADDRESS | Form.BASE if text.strip("@") != text:
            return "an address has something on both sides of its @"
        case Form.DOMAIN if "@" in text:
            return "a domain is what stands after the @, without it"
        case Form.LOCAL_PART if "@" in text:
            return "it is what stands before the @, without it"
        case Form.LOCAL_PART if "+" in text:
            return "`local_part` leaves out the tag that follows a plus"
        case Form.BASE if "+" in text:
            return "`base_address` leaves out the tag that follows a plus"
        case _:
            return None


_CALLED: Final = {
    Form.DOMAIN: "a domain",
    Form.LOCAL_PART: "what stands before the @",
    Form.ADDRESS: "an address",
    Form.BASE: "an address",
    Form.TEXT: "the text",
}
