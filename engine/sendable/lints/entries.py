"""Entries of lists that nothing the list is used for is ever equal to, such as `*.example.edu` among domains."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sendable.diagnostics import lint_codes, list_codes
from sendable.diagnostics.record import Replacement
from sendable.diagnostics.wording import is_slip, near_miss
from sendable.documents.elements import Array, Map, Scalar, entries, get, items
from sendable.language import addresses
from sendable.language.identifiers import trimmed
from sendable.language.nodes import Call, ListReference, Membership, Node, Not, Path, walk
from sendable.language.parser import unparse
from sendable.language.scope import Scope
from sendable.language.types import Kind, Spelling
from sendable.lints import forms
from sendable.lints.forms import Case, Form, Meant, Subject
from sendable.lints.written import Written
from sendable.pack.data_files import DataFile, first_of
from sendable.pack.lists import entries_of
from sendable.pack.reading import Reading


@dataclass
class _Use:
    """A place that looks something up in a list, and what it is to ask besides for what somebody meant by an entry.

    `open` is a use of which nothing is known: everything may be found there. `below` asks for parent domains too.
    """

    written: Written
    node: Node
    subject: Subject | None = None
    below: bool = False
    fixed: bool = False
    """Whether nothing can be asked besides, as in a map."""
    among: tuple[str, ...] | None = None
    extras: list[Node] = field(default_factory=list)
    deeper: bool = False
    """Whether it is to ask for parent domains."""

    def finds(self, text: str) -> bool:
        """Whether it can find the entry."""
        if self.subject is None:
            return True
        folded = addresses.fold(text)
        if folded in map(addresses.fold, self.subject.besides):
            return True
        if self.among is not None:
            return folded in map(addresses.fold, self.among)
        if self.subject.spelling is not Spelling.AS_GIVEN and self.subject.form is Form.TEXT:
            return trimmed(text) == text
        return forms.has_form(folded, self.subject.form)

    @property
    def negated(self) -> bool:
        return isinstance(self.node, Membership) and self.node.negated

    def edits(self) -> tuple[Replacement, ...]:
        """What makes it ask for all that was meant; nothing where it does already, or can't."""
        if not self.extras and not self.deeper:
            return ()
        base = self.node
        if isinstance(base, Membership):
            base = Membership(base.item, base.container, negated=False)
            if self.deeper:
                base = Call("in_domains", (base.item, base.container))
        new = forms.either([base, *self.extras])
        return self.written.replacing(self.node, Not(new) if self.negated else new)


@dataclass(frozen=True)
class _Mended:
    """What is to stand for an entry: a text, None where it is taken out; and whether conditions change with it.

    It is `sure` where nobody has to be asked.
    """

    text: str | None
    uses: bool
    sure: bool = True


@dataclass(frozen=True)
class EntryLints:
    """Finds them in the lists of a pack; `paths` are the fields that are addresses."""

    reading: Reading
    paths: frozenset[str]

    def run(self, written: Iterable[Written]) -> None:
        """Reports the entries of every list, as the expressions `written` use it."""
        uses: dict[str, list[_Use]] = {}
        for one in written:
            for name, use in _uses(one, self.reading.scope, self.paths):
                uses.setdefault(name, []).append(use)
        for name, (scalars, is_map) in _lists(self.reading).items():
            mine = uses.get(name, [])
            if self.reading.scope.lists[name].hashed:
                continue  # the checker has held what they are asked for to whole addresses
            left = [use for use in mine if not self._wrong_list(name, use, mine, scalars)]
            if left:
                self._entries(name, left, scalars, is_map=is_map)
        for name, files in self.reading.files.items():
            self._data(name, uses.get(name, []), files)

    # -- single entries

    def _entries(self, name: str, uses: Sequence[_Use], scalars: Sequence[Scalar], *, is_map: bool) -> None:
        if any(use.subject is None for use in uses):
            return
        self._need_tags(uses, scalars)
        wrong = [one for one in scalars if not any(use.finds(str(one.value)) for use in uses)]
        if not wrong:
            return
        there = {addresses.fold(str(one.value)) for one in scalars}
        mended: list[tuple[Scalar, _Mended | None]] = []
        for scalar in wrong:
            text = str(scalar.value)
            found = _mend(text, uses)
            if found is not None and found.text is not None:
                form = addresses.fold(found.text)
                if form in there and form != addresses.fold(text):  # it stands there already
                    found = _Mended(None, found.uses)
                there.add(form)
            mended.append((scalar, found))
        changes = [use.edits() for use in uses if use.extras or use.deeper]
        possible = all(changes)
        for scalar, found in mended:
            edits: tuple[Replacement, ...] = ()
            if (
                found is not None
                and found.sure
                and (possible or not found.uses)
                and not (is_map and found.text is None)
            ):
                beside = [edit for change in changes for edit in change] if found.uses else []
                edits = (*_entry_edit(scalar, found.text), *beside)
            self._report(name, uses[0], scalar, found, edits)

    def _data(self, name: str, uses: Sequence[_Use], files: Sequence[DataFile]) -> None:
        """Reports the entries of files of data, all at once: nobody changes them one by one here."""
        whole = self.reading.scope.lists[name]
        asked = [use.subject for use in uses if use.subject is not None]
        if whole.hashed or not asked or len(asked) < len(uses):
            return
        wrong = frozenset(entry for entry in whole.entries if not any(use.finds(entry) for use in uses))
        place = next((span for one in files if (span := first_of(one, wrong)) is not None), None) if wrong else None
        if place is not None:  # those of documents are reported where they stand
            entry = min(wrong)
            params = {
                "count": "one entry" if len(wrong) == 1 else f"{len(wrong):,} entries",
                "list": name,
                "subject": unparse(asked[0].node),
                "entry": entry,
                "why": forms.why(entry, asked[0].form, Case.AS_GIVEN),
            }
            also = [uses[0].written.span(uses[0].node)]
            self.reading.collector.add(list_codes.NEVER_FOUND_IN_DATA, place, params, also=also)

    def _need_tags(self, uses: Sequence[_Use], scalars: Sequence[Scalar]) -> None:
        """Reports the entries that only an address with a tag has, if anything that looks them up."""
        for scalar in scalars:
            text = addresses.fold(str(scalar.value))
            if not text.endswith("."):
                continue
            finding = [use for use in uses if use.finds(text)]
            subjects = [use.subject for use in finding if use.subject is not None]
            if subjects and all(forms.needs_tag(text, one.form) for one in subjects):
                params = {"value": text, "subject": unparse(subjects[0].node)}
                also = [finding[0].written.span(finding[0].node)]
                meant = text.removesuffix(".")
                self.reading.collector.add(lint_codes.DOT_AT_END, scalar.span, params, suggestion=meant, also=also)

    def _report(
        self, name: str, use: _Use, scalar: Scalar, found: _Mended | None, edits: Sequence[Replacement]
    ) -> None:
        text, subject = str(scalar.value), use.subject
        assert subject is not None  # noqa: S101 - lists with an unknown use are left alone
        why = forms.why(text, subject.form, Case.AS_GIVEN)
        if use.among is not None:
            why = f"its values are {', '.join(use.among)}"
        suggestion = None if found is None or found.text in (None, text) else found.text
        asked = use.edits() if edits and found is not None and found.uses else ()
        if asked:
            advice = f"let the condition ask `{' '.join(asked[0].text.split())}`"
        elif found is not None and found.text is None:
            advice = "take it out: what is meant stands there already"
        else:
            advice = "" if suggestion is not None else "write it as it is looked up, or take it out"
        params = {"entry": text, "list": name, "subject": unparse(subject.node), "why": why, "advice": advice}
        self.reading.collector.add(
            lint_codes.NEVER_FOUND, scalar.span, params, suggestion=suggestion, also=[use.written.span(use.node)],
            edits=edits,
        )  # fmt: skip

    # -- a list that is another's

    def _wrong_list(self, name: str, use: _Use, uses: Sequence[_Use], scalars: Sequence[Scalar]) -> bool:
        """Whether the use looks for one thing in a list of another, which is reported."""
        subject = use.subject
        if subject is None or subject.address is None or use.fixed or len(scalars) < _SEVERAL:
            return False
        texts = [addresses.fold(str(one.value)) for one in scalars]
        form = next((form for form in _OTHERS[subject.form] if _all_of(texts, form, subject, use, uses)), None)
        if form is None:
            return False
        new = forms.in_list(form, subject.address, ListReference(name), negated=use.negated)
        self.reading.collector.add(
            lint_codes.NEVER_MATCHES,
            use.written.span(use.node),
            {
                "value": unparse(subject.node),
                "subject": f"lists.{name}",
                "why": f"the list has {_PLURALS[form]}, and this is {_SINGLE[subject.form]}",
            },
            suggestion=unparse(new),
            edits=use.written.replacing(use.node, new),
        )
        return True


_SEVERAL: Final = 2
"""From how many entries on a list shows what it is of."""
_PLURALS: Final = {
    Form.DOMAIN: "domains",
    Form.LOCAL_PART: "names that stand before an @",
    Form.ADDRESS: "addresses",
    Form.BASE: "addresses",
    Form.TEXT: "texts",
}
_SINGLE: Final = {
    Form.DOMAIN: "a domain",
    Form.LOCAL_PART: "what stands before the @",
    Form.ADDRESS: "an address",
    Form.BASE: "an address",
    Form.TEXT: "a text",
}
_OTHERS: Final = {
    Form.DOMAIN: (Form.ADDRESS, Form.LOCAL_PART),
    Form.LOCAL_PART: (Form.ADDRESS, Form.DOMAIN),
    Form.ADDRESS: (Form.DOMAIN, Form.LOCAL_PART),
    Form.BASE: (Form.DOMAIN, Form.LOCAL_PART),
    Form.TEXT: (),
}


def _all_of(texts: Sequence[str], form: Form, subject: Subject, use: _Use, uses: Sequence[_Use]) -> bool:
    """Whether the list is of this form, and has nothing for the use, whose subject is another."""
    if any(text.endswith(".") for text in texts):
        return False
    if not all(forms.has_form(text, form) and (form is not Form.DOMAIN or "." in text) for text in texts):
        return False
    if not any(forms.has_form(text, subject.form) for text in texts):
        return True
    # A domain without a dot, and a name with dots before an @, may be: other uses say what the list is of.
    others = [other.subject.form for other in uses if other is not use and other.subject is not None]
    dotted = {"." in text for text in texts}
    return bool(others) and set(others) == {form} and dotted == {form is Form.DOMAIN}


# -- what was meant


def _mend(text: str, uses: Sequence[_Use]) -> _Mended | None:
    """What is to stand for the entry, with what each use has to ask besides; None where that is not sure."""
    among = uses[0].among
    if among is not None:
        meant = near_miss(trimmed(text), among)
        return None if meant is None else _Mended(meant, uses=False, sure=is_slip(trimmed(text), meant))
    found = forms.meant_by(text)
    if found is None:
        return None
    plans = [_plan(found, use) for use in uses]
    sure = [plan for plan in plans if plan is not None]
    if not sure or len(sure) < len(plans):
        return None
    changed = False
    for use, (_, extra, deeper) in zip(uses, sure, strict=True):
        use.deeper = use.deeper or deeper
        if extra is not None and extra not in use.extras:
            use.extras.append(extra)
        changed = changed or deeper or extra is not None
    return _Mended(sure[0][0], uses=changed)


def _plan(meant: Meant, use: _Use) -> tuple[str | None, Node | None, bool] | None:
    """For one use: the entry's new text, a condition to ask besides, and whether to ask for parent domains."""
    subject = use.subject
    if subject is None or subject.form is Form.TEXT:
        return (meant.text, None, False) if not (meant.begins or meant.ends or meant.form) else None
    form = forms.form_of(meant, subject.form)
    if meant.begins or meant.ends:
        folded = addresses.fold(meant.text)
        dotted = forms.needs_tag(folded, subject.form)
        kept = meant.text if forms.has_form(folded, subject.form) and not dotted else None
        extra = forms.condition(meant, subject)
        return None if use.fixed or extra is None else (kept, extra, False)
    text = forms.written(meant.text, form)
    if form is subject.form:
        deeper = meant.below and not use.below
        return None if deeper and use.fixed else (text, None, deeper)
    if use.fixed or subject.address is None:
        return None
    name = next(one for one in walk(use.node) if isinstance(one, ListReference))
    return text, forms.in_list(form, subject.address, name), False


# -- how lists are used


def _uses(written: Written, scope: Scope, paths: frozenset[str]) -> Iterator[tuple[str, _Use]]:
    for node in walk(written.node):
        match node:
            case Membership(item, ListReference(name)):
                yield name, _Use(written, node, forms.subject_of(item, scope, paths), among=_among(item, scope))
            case Call("in_domains", (domain, ListReference(name))):
                subject = forms.subject_of(domain, scope, paths)
                address = None if subject is None else subject.address
                folded = Subject(domain, Form.DOMAIN, Case.FOLDED, address=address)
                yield name, _Use(written, node, folded, below=True)
            case Call("lookup", (key, ListReference(name))):
                yield name, _Use(written, node, forms.subject_of(key, scope, paths), fixed=True)
            case Call("overlaps", (Path(path), ListReference(name)) | (ListReference(name), Path(path))):
                spelling = scope.fields[path].type.spelling
                yield name, _Use(written, node, Subject(Path(path), Form.TEXT, spelling=spelling), fixed=True)
            case Call(_, arguments):
                for argument in arguments:
                    if isinstance(argument, ListReference):
                        yield argument.name, _Use(written, node)
            case _:
                pass


def _among(item: Node, scope: Scope) -> tuple[str, ...] | None:
    """The values that the item can have, where they are counted."""
    if not isinstance(item, Path) or scope.fields[item.name].type.kind is not Kind.STRING:
        return None
    return scope.fields[item.name].type.enum


def _lists(reading: Reading) -> Mapping[str, tuple[Sequence[Scalar], bool]]:
    """The entries of each list as they are written, and whether it is a map."""
    found: dict[str, tuple[list[Scalar], bool]] = {}
    for document in reading.documents.values():
        declared = (*entries(get(document, "lists")), *entries(get(get(document, "changes"), "lists")))
        for entry in declared:
            body = entries_of(entry)
            scalars = [one.key for one in body.entries] if isinstance(body, Map) else list(items(body))
            known = reading.scope.lists.get(entry.name)
            if known is None or not isinstance(body, Map | Array):
                continue
            texts = [one for one in scalars if isinstance(one, Scalar) and isinstance(one.value, str)]
            if reading.inherited:  # what a pack takes out of a list of its base, it does not have
                texts = [one for one in texts if addresses.fold(one.text) in known.entries]
            found.setdefault(entry.name, ([], isinstance(body, Map)))[0].extend(texts)
    return found


_PLAIN: Final = re.compile(r"(?!(?:true|false|null|yes|no|on|off)$)[^\W\d_][\w.@+-]*", re.IGNORECASE)


def _entry_edit(scalar: Scalar, text: str | None) -> tuple[Replacement, ...]:
    """What writes the text in the place of an entry, with its quotes."""
    if text == scalar.value:
        return ()
    if text is None:
        return (Replacement(scalar.span, ""),)
    if scalar.style == "'":
        doubled = text.replace("'", "''")
        return (Replacement(scalar.span, f"'{doubled}'"),)
    plain = not scalar.style and _PLAIN.fullmatch(text)
    return (Replacement(scalar.span, text if plain else json.dumps(text, ensure_ascii=False)),)
