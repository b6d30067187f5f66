"""Conditions as sentences, and changes as advice, in the reader's language.

A condition is put into words from its tree: the phrases of the fields come from the context schema, those of lists from
the lists, and what holds them together from the grammar of the language. Negations are moved inwards to where the verbs
are. Readers of a language that there are no words in are told in the pack's default, or English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeAlias

from sendable.language.cells import compare
from sendable.language.functions import FUNCTIONS
from sendable.language.measures import FLIPPED
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Negative,
    Node,
    Not,
    Or,
    Parameter,
    Path,
)
from sendable.language.types import Field, Kind, Value
from sendable.pack import locales
from sendable.pack.model import Pack
from sendable.render.words.clocks import shown_by_clocks
from sendable.render.words.languages import LANGUAGES, words_for


def condition(node: Node, pack: Pack, locale: str | None = None) -> str:
    """The condition as a clause, without a capital and a full stop."""
    return _Speaker(pack, locale).condition(node)


def value_in_words(value: Value, pack: Pack, locale: str | None = None) -> str:
    """A value as it stands in a sentence."""
    return _Speaker(pack, locale).value(value)


def advice(pack: Pack, path: str, old: Value | None, new: Value | None, locale: str | None = None) -> str:
    """What has to be done to bring a field from `old` to `new`, as an imperative without a capital and a full stop.

    None is the lack of a value.
    """
    return _Speaker(pack, locale).advice(pack.fields[path], old, new)


def to_look_up(pack: Pack, path: str, value: Value, locale: str | None = None) -> str:
    """That a field has to be looked up, and that it clears something if it has this value; an imperative likewise."""
    return _Speaker(pack, locale).to_look_up(pack.fields[path], value)


def passing(pack: Pack, path: str, locale: str | None = None) -> str:
    """That what a field says passes with time, as a clause."""
    return _Speaker(pack, locale).passing(pack.fields[path])


def sentence(clause: str) -> str:
    """The clause with a capital and a full stop."""
    return clause[:1].upper() + clause[1:] + ("" if clause.endswith((".", "!", "?")) else ".")


_OPPOSITES: Final[Mapping[ComparisonOperator, ComparisonOperator]] = MappingProxyType(
    {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
)
_NOW: Final = Path("now")
_SOME: Final = frozenset({(">", 0), (">=", 1), ("!=", 0)})
_NONE: Final = frozenset({("==", 0), ("<=", 0), ("<", 1)})
_GROUPED: Final = 1000
_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class _Several:
    """Clauses that hold together: all of them (`every`), or at least one."""

    every: bool
    parts: tuple[_Clause, ...]


_Clause: TypeAlias = str | _Several


def _joined(every: bool, parts: Sequence[_Clause]) -> _Clause:
    """Several clauses as one; what is of the same kind inside is taken apart."""
    flat: list[_Clause] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, _Several) and part.every is every else [part])
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else _Several(every, tuple(flat))


class _Speaker:
    """Speaks of one pack in one language."""

    def __init__(self, pack: Pack, locale: str | None) -> None:
        self._pack = pack
        spoken = (pack.locale_for(locale), pack.default_locale, "en")
        self._tag = next(tag for tag in spoken if tag.partition("-")[0] in LANGUAGES)
        self._grammar = words_for(self._tag).grammar

    def condition(self, node: Node) -> str:
        return self._told(self._clause(node, holds=True))

    # -- putting clauses together

    def _told(self, clause: _Clause) -> str:
        if isinstance(clause, str):
            return clause
        word = self._grammar.conjunction if clause.every else self._grammar.disjunction
        if all(isinstance(part, str) for part in clause.parts):
            return self._listed([str(part) for part in clause.parts], word)
        if all(isinstance(part, str) or all(isinstance(one, str) for one in part.parts) for part in clause.parts):
            *first, last = [self._inner(part) for part in clause.parts]
            return f"{'; '.join(first)}; {word} {last}"
        *first, last = [part if isinstance(part, str) else f"({self._told(part)})" for part in clause.parts]
        return f"{', '.join(first)} {word} {last}"

    def _inner(self, clause: _Clause) -> str:
        """A clause between semicolons."""
        if isinstance(clause, str):
            return clause
        word = self._grammar.conjunction if clause.every else self._grammar.disjunction
        *first, last = map(str, clause.parts)
        return f"{', '.join(first)}, {word} {last}"

    @staticmethod
    def _listed(parts: Sequence[str], word: str) -> str:
        *first, last = parts
        return f"{', '.join(first)} {word} {last}" if first else last

    # -- clauses

    def _clause(self, node: Node, *, holds: bool) -> _Clause:  # noqa: C901 - one match over the node classes
        """That the condition holds, or that it does not."""
        grammar = self._grammar
        match node:
            case Constant(bool() as value):
                return grammar.always if value is holds else grammar.never
            case Parameter(name):
                switched_on = (self._pack.parameters[name].value is True) is holds
                return (grammar.on if switched_on else grammar.off).format(name=_words(name))
            case Not(operand):
                return self._clause(operand, holds=not holds)
            case Comparison() | Membership() | And() | Or() if (told := self._clock(node, holds=holds)) is not None:
                return told
            case And(operands) | Or(operands):
                return _joined(isinstance(node, And) is holds, [self._clause(one, holds=holds) for one in operands])
            case Comparison(operands, operators):
                pairs = zip(operands, operators, operands[1:], strict=False)
                return _joined(holds, [self._comparison(left, sign, right, holds=holds) for left, sign, right in pairs])
            case Membership(item, container, negated):
                return self._membership(item, container, holds=holds is not negated)
            case Path(name):
                return self._boolean(self._pack.fields[name], holds=holds)
            case Call("known", (Path(name),)):
                return (grammar.data if holds else grammar.no_data).format(name=self._name(self._pack.fields[name]))
            case Call("default", (value, otherwise)):
                return self._defaulted(value, otherwise, holds=holds)
            case Call(function, arguments):
                pattern = (grammar.calls if holds else grammar.negated_calls)[function]
                return pattern.format(*map(self._noun, arguments))
            case _:
                return self._noun(node)

    # -- what clocks show

    def _clock(self, node: Node, *, holds: bool) -> str | None:
        """That clocks show a time of day, or a day of the week, now; None where the condition is about more."""
        words = self._grammar.clock
        match node:
            case Comparison(
                (
                    Path("now"),
                    Call("next_local", (start, Path("now"), zone)),
                    Call("next_local", (end, Path("now"), other)),
                ),
                ("<", "<="),
            ) if zone == other:
                pattern = words["outside" if holds else "between"]
                return pattern.format(self._name_of(start), self._name_of(end), zone=self._zone(zone))
            case _:
                shown = shown_by_clocks(node, self._pack)
        if shown is None:
            return None
        values, others = (shown.values, shown.others) if holds else (shown.others, shown.values)
        if not values or not others:
            return None
        if shown.function == "local_hour":
            return self._hours(sorted(values), sorted(others), shown.zone)
        few, form = (values, "on") if len(values) <= len(others) else (others, "others")
        days = self._listed([self._grammar.weekdays[one - 1] for one in sorted(few)], self._grammar.disjunction)
        return words[form].format(days, zone=self._zone(shown.zone))

    def _hours(self, hours: Sequence[int], others: Sequence[int], zone: Node) -> str | None:
        """That it is one of the hours; None where neither they nor the others come one after another."""
        in_turn, form = (hours, "between") if hours[-1] - hours[0] < len(hours) else (others, "outside")
        if in_turn[-1] - in_turn[0] >= len(in_turn):
            return None
        first, last = in_turn[0], in_turn[-1] + 1
        if first == 0:
            form, told = "before", [last]
        elif last == _HOURS:
            form, told = "from", [first]
        else:
            told = [first, last]
        words = self._grammar.clock
        return words[form].format(*map(words["hour"].format, told), zone=self._zone(zone))

    def _zone(self, node: Node) -> str:
        """What a time zone is called."""
        told = self._name_of(node).replace("_", " ")
        return self._grammar.clock["zone"].format(told) if isinstance(node, Constant | Parameter) else told

    def _name_of(self, node: Node) -> str:
        """A text that names something, without quotes where it is certain."""
        match node:
            case Constant(str(text)):
                return text
            case Parameter(name):
                return str(self._pack.parameters[name].value)
            case _:
                return self._noun(node)

    def _boolean(self, field: Field, *, holds: bool) -> str:
        phrase = self._phrase(field, "true" if holds else "false")
        pattern = self._grammar.is_case if holds else self._grammar.is_not_case
        return phrase or pattern.format(name=self._name(field))

    def _defaulted(self, value: Node, otherwise: Node, *, holds: bool) -> _Clause:
        """`default(condition, otherwise)`: what is said where the condition is not known goes with one side of it."""
        clause = self._clause(value, holds=holds)
        if isinstance(otherwise, Constant):
            return self._or_no_data(clause) if otherwise.value is holds else clause
        unknown = self._clause(otherwise, holds=holds)
        return self._grammar.otherwise.format(name=self._told(clause), value=self._told(unknown))

    def _or_no_data(self, clause: _Clause) -> str:
        return self._grammar.or_no_data.format(clause=self._told(clause))

    def _comparison(self, left: Node, sign: ComparisonOperator, right: Node, *, holds: bool) -> _Clause:
        sign = sign if holds else _OPPOSITES[sign]
        if isinstance(left, Constant) and not isinstance(right, Constant) and sign in ("==", "!="):
            left, right = right, left
        match left, right:
            case _, Constant(bool() as value):
                return self._clause(left, holds=(sign == "==") is value)
            case Call("default", (Path(name), Constant(otherwise))), (Constant(value) | Parameter(value)):
                known = self._comparison(Path(name), sign, right, holds=True)
                compared = value if isinstance(right, Constant) else self._pack.parameters[str(value)].value
                return self._or_no_data(known) if _compares(otherwise, sign, compared) else known
            case Path(name), Constant(value):
                told = self._with_constant(self._pack.fields[name], sign, value)
                if told is not None:
                    return told
            case _:
                pass
        return self._compared(left, sign, right)

    def _compared(self, left: Node, sign: ComparisonOperator, right: Node) -> str:
        """A comparison that no field has words of its own for."""
        if right == _NOW and left != _NOW:
            left, sign, right = right, FLIPPED[sign], left
        if left == _NOW:
            return self._grammar.since[sign].format(time=self._noun(right))
        kind = self._kind(left)
        if kind is Kind.BOOLEAN:
            pattern = self._grammar.same if sign == "==" else self._grammar.different
            sides = [self._told(self._clause(one, holds=True)) for one in (left, right)]
            return pattern.format(left=sides[0], right=sides[1])
        patterns = self._grammar.comparisons
        if kind is Kind.TIMESTAMP:
            patterns = self._grammar.times
        elif isinstance(right, Path) and kind in (Kind.INTEGER, Kind.NUMBER):
            patterns = self._grammar.limits
        return patterns[sign].format(left=self._noun(left), right=self._noun(right))

    def _with_constant(self, field: Field, sign: ComparisonOperator, value: Value) -> str | None:
        """A comparison that the field has a phrase for."""
        if field.type.enum is not None:
            return self._is(field, [str(value)], holds=sign == "==")
        if (sign, value) in _SOME:
            return self._phrase(field, "some")
        return self._phrase(field, "none") if (sign, value) in _NONE else None

    def _is(self, field: Field, values: Sequence[str], *, holds: bool) -> str:
        """That a field with an enum has one of the values, or none of them."""
        words = self._listed([self._value_of(field, value) for value in values], self._grammar.disjunction)
        phrase = self._phrase(field, "is" if holds else "is_not")
        if phrase is not None:
            return phrase.replace("{value}", words)
        pattern = self._grammar.comparisons["==" if holds else "!="]
        return pattern.format(left=self._name(field), right=words)

    def _membership(self, item: Node, container: Node, *, holds: bool) -> _Clause:
        grammar = self._grammar
        match item, container:
            case _, ListLiteral(()):
                return grammar.never if holds else grammar.always
            case Path(name), ListLiteral(items) if self._pack.fields[name].type.enum is not None:
                return self._is(self._pack.fields[name], [str(one.value) for one in items], holds=holds)
            case Call("default", (Path(name), Constant(otherwise))), ListLiteral(items):
                known = self._membership(Path(name), container, holds=holds)
                inside = otherwise in [one.value for one in items]
                return self._or_no_data(known) if inside is holds else known
            case _, Path(name):
                phrase = self._phrase(self._pack.fields[name], "contains" if holds else "lacks")
                if phrase is not None:
                    return phrase.replace("{item}", self._noun(item))
            case _, ListLiteral(items):
                values = self._listed([self._noun(one) for one in items], grammar.disjunction)
                pattern = grammar.comparisons["==" if holds else "!="]
                return pattern.format(left=self._noun(item), right=values)
            case _:
                pass
        pattern = grammar.among if holds else grammar.not_among
        return pattern.format(item=self._noun(item), list=self._noun(container))

    # -- nouns

    def _noun(self, node: Node) -> str:
        """What an expression that is no condition is called."""
        grammar = self._grammar
        match node:
            case Constant(value):
                return self.value(value)
            case Parameter(name):
                return self.value(self._pack.parameters[name].value)
            case Path(name):
                return self._name(self._pack.fields[name])
            case ListReference(name):
                found = self._pack.lists[name]
                return self._own(found.phrases) or grammar.list.format(name=_words(name))
            case ListLiteral(items):
                words = [self.value(one.value) for one in items]
                return self._listed(words, grammar.conjunction) if words else grammar.nothing
            case Arithmetic(operator, left, right):
                return grammar.sums[operator].format(self._noun(left), self._noun(right))
            case Negative(operand):
                return grammar.minus.format(self._noun(operand))
            case Call("default", (value, otherwise)):
                return grammar.otherwise.format(name=self._noun(value), value=self._noun(otherwise))
            case Call(function) if FUNCTIONS[function].result is not Kind.BOOLEAN:
                return self._called(node)
            case _:
                return self._told(self._clause(node, holds=True))

    def _called(self, node: Call) -> str:
        grammar = self._grammar
        match node:
            case Call("next_local", (clock, Path("now"), zone)):
                return grammar.clock["next"].format(self._name_of(clock), zone=self._zone(zone))
            case Call("next_local", (clock, moment, zone)):
                return grammar.calls["next_local"].format(self._name_of(clock), self._noun(moment), self._zone(zone))
            case Call("local_hour" | "local_weekday" as function, (moment, zone)):
                return grammar.calls[function].format(self._noun(moment), self._zone(zone))
            case Call("add_hours", (moment, Path() | Call() | Arithmetic() as hours)):
                return grammar.hours_after.format(self._noun(moment), self._noun(hours))
            case Call(function, arguments):
                return grammar.calls[function].format(*map(self._noun, arguments))

    def value(self, value: Value) -> str:
        match value:
            case bool():
                words = self._pack.words.get(self._tag) or locales.BUILT_IN[self._tag.partition("-")[0]]
                return words.yes if value else words.no
            case datetime():
                return locales.format_timestamp(value, self._tag)
            case int() | float():
                plain = isinstance(value, int) and -_GROUPED < value < _GROUPED
                return str(value) if plain else locales.format_number(value, self._tag)
            case str():
                return self._quoted(value)
            case tuple():
                return self._listed([self._quoted(one) for one in value], self._grammar.conjunction) if value else (
                    self._grammar.nothing
                )  # fmt: skip

    def _quoted(self, text: str) -> str:
        cleaned = "".join(char if char.isprintable() else " " for char in text)
        return self._grammar.quoted.replace("{}", cleaned)

    def _value_of(self, field: Field, value: str) -> str:
        """What a value of a field with an enum is called."""
        for tag in self._tags:
            words = field.phrases.get(tag, {}).get("values")
            if isinstance(words, dict) and value in words:
                return words[value]
        return self._quoted(_words(value))

    def _name(self, field: Field) -> str:
        return self._phrase(field, "name") or self._grammar.field.format(name=_words(field.path))

    def _phrase(self, field: Field, form: str) -> str | None:
        phrases = {tag: found.get(form) for tag, found in field.phrases.items()}
        return self._own({tag: phrase for tag, phrase in phrases.items() if isinstance(phrase, str)})

    def _own(self, phrases: Mapping[str, str]) -> str | None:
        return next((phrases[tag] for tag in self._tags if tag in phrases), None)

    @cached_property
    def _tags(self) -> tuple[str, ...]:
        """The locale, then its language: what phrases are looked for under."""
        return tuple(dict.fromkeys((self._tag, self._tag.partition("-")[0])))

    def _kind(self, node: Node) -> Kind | None:
        match node:
            case Path(name):
                return self._pack.fields[name].type.kind
            case Parameter(name):
                return self._pack.parameters[name].type.kind
            case Call("default", (value, _)):
                return self._kind(value)
            case Call("lookup", (_, ListReference(table))):
                return self._pack.lists[table].kind
            case Call(function):
                return FUNCTIONS[function].result
            case Not() | And() | Or() | Comparison() | Membership():
                return Kind.BOOLEAN
            case Constant(bool()):
                return Kind.BOOLEAN
            case Constant(datetime()):
                return Kind.TIMESTAMP
            case _:
                return None

    # -- advice

    def advice(self, field: Field, old: Value | None, new: Value | None) -> str:
        grammar, name = self._grammar, self._name(field)
        if new is None:
            return self._phrase(field, "remove") or grammar.remove.format(name=name)
        value = self._new_value(field, new)
        match new:
            case bool():
                phrase = self._phrase(field, "make_true" if new else "make_false")
                return phrase or grammar.see_to_it.format(clause=self._boolean(field, holds=new))
            case tuple():
                return self._items(field, old if isinstance(old, tuple) else (), new)
            case int() | float() if isinstance(old, int | float):
                phrase = self._phrase(field, "lower" if new < old else "raise")
                if phrase is not None:
                    return phrase.replace("{value}", value)
                return (grammar.lower if new < old else grammar.raise_).format(name=name, value=value)
            case _:
                phrase = self._phrase(field, "make")
                if phrase is not None:
                    return phrase.replace("{value}", value)
                if field.type.enum is not None:
                    return grammar.see_to_it.format(clause=self._is(field, [str(new)], holds=True))
                return grammar.change.format(name=name, value=value)

    def to_look_up(self, field: Field, value: Value) -> str:
        clause, name = self._fact(field, value), self._name(field)
        if isinstance(value, tuple):
            return self._grammar.look_up_list.format(name=name)
        if clause is None:
            return self._grammar.supply.format(name=name, value=self._new_value(field, value))
        return self._grammar.look_up.format(name=name, clause=clause)

    def passing(self, field: Field) -> str:
        return self._phrase(field, "pass") or self._grammar.passes.format(name=self._name(field))

    def _new_value(self, field: Field, value: Value) -> str:
        return self._value_of(field, str(value)) if field.type.enum is not None else self.value(value)

    def _fact(self, field: Field, value: Value) -> str | None:
        """That the field has the value, where that is a thing to find out and not just one value of many."""
        match value:
            case bool():
                return self._boolean(field, holds=value)
            case str() if field.type.enum is not None:
                return self._is(field, [value], holds=True)
            case int() | float():
                return self._grammar.comparisons["=="].format(left=self._name(field), right=self.value(value))
            case _:
                return None

    def _items(self, field: Field, old: tuple[str, ...], new: tuple[str, ...]) -> str:
        gone, added = [one for one in old if one not in new], [one for one in new if one not in old]
        told = []
        for items, form, generic in (
            (gone, "remove_item", self._grammar.remove_item),
            (added, "add_item", self._grammar.add_item),
        ):
            if items:
                words = self._listed([self._quoted(one) for one in items], self._grammar.conjunction)
                phrase = self._phrase(field, form)
                plain = generic.format(name=self._name(field), item=words)
                told.append(plain if phrase is None else phrase.replace("{item}", words))
        changed = self._grammar.change.format(name=self._name(field), value=self.value(new))
        return self._listed(told, self._grammar.conjunction) if told else changed


def _compares(left: Value, sign: ComparisonOperator, right: Value) -> bool:
    """What the comparison of two constants comes to; False where they are of different types."""
    try:
        return compare(sign, left, right)
    except TypeError:
        return False


def _words(name: str) -> str:
    """A name of the pack as words."""
    return name.replace("_", " ").replace(".", " ")
