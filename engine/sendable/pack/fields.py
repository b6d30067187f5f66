"""Context schemas to declared fields: the built-in table and those of a pack.

A context schema is a JSON Schema (2020-12) of which a small part is read: nested objects whose properties have a type,
values (`enum`, `const`), bounds, a longest length, for timestamps `format: date-time`, and for what people type
`identifier: true`. Whatever could mean something that the engine would not hold a context to is an error rather than
ignored. What it refers to stands in the same file: see `references`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from sendable.diagnostics import codes
from sendable.diagnostics.record import Rule
from sendable.diagnostics.wording import Near, lacking
from sendable.language.types import LARGEST_NUMBER, Field, Kind, Spelling, Type
from sendable.pack.messages import CLEARS_AT
from sendable.pack.model import Actor
from sendable.pack.phrases import read_phrases
from sendable.pack.references import ANNOTATIONS, Report, Resolver, Schema, SchemaPath, TooManyPartsError
from sendable.pack.resources import schema_path

_OBJECT: Final = ANNOTATIONS | {"type", "properties", "required", "additionalProperties"}
_ITEM: Final = ANNOTATIONS | {"type", "enum", "const", "maxLength"}
_LEAF: Final = _ITEM | {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "format",
    "items",
    "changed_by",
    "phrases",
    "identifier",
}
_KINDS: Final = {
    "boolean": Kind.BOOLEAN,
    "integer": Kind.INTEGER,
    "number": Kind.NUMBER,
    "string": Kind.STRING,
    "array": Kind.STRING_LIST,
}
_INSTEAD: Final = {
    "additionalProperties": "conditions read fields by their names: list them under `properties`",
    "patternProperties": "conditions read fields by their names: list them under `properties`",
    "pattern": "no text is held to a pattern: leave it out, and ask in a condition, with `starts_with` or `in`",
    "minLength": 'leave it out, and ask in a condition whether the text is `== ""`',
    "multipleOf": "leave it out: a number is held to `minimum` and `maximum`",
    "minItems": "leave it out, and ask in a condition with `count`",
    "maxItems": "leave it out, and ask in a condition with `count`",
    "uniqueItems": "leave it out: `in` and `overlaps` take no notice of how often an item is there",
    "prefixItems": "all items of a list are texts: write `items: {type: string}`",
    "oneOf": "a field has one type: declare one for each, under names of their own",
}
"""What to write instead of keywords that people, and programs, use."""
_FORMATS: Final = {
    "date": "a day is no point in time: write `format: date-time`, and give the time at which it begins",
    "time": "a time of day is no point in time: give its hour as a number, with `type: integer`",
    "duration": "give it as a number of hours or days, with `type: number`",
}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED: Final = frozenset({"params", "lists", "details", CLEARS_AT})
_DEEPEST: Final = 8
_ID: Final = ".id"


@cache
def built_in_fields() -> Mapping[str, Field]:
    """The fields that every pack has, from `context.schema.json`: path to field, in the order of the schema."""
    schema = json.loads(schema_path("context").read_text(encoding="utf-8"))

    def refuse(rule: Rule, path: SchemaPath, *_: object, **params: object) -> None:
        raise RuntimeError(f"context.schema.json, {'/'.join(map(str, path))}: {rule.message} {params}")

    return {field.path: field for field, _ in read_fields(schema, refuse)}


def read_fields(schema: object, report: Report) -> list[tuple[Field, SchemaPath]]:
    """The fields that `schema`, a JSON Schema as plain data, declares, each with the place of its name.

    What is wrong with it goes to `report`.
    """
    reader = _Reader(report, Resolver(schema, report))
    found: list[tuple[Field, SchemaPath]] = []
    try:
        top = reader.resolver.resolve(schema, ())
        if top is not None:
            found.extend(reader.read_object(top, "", required=True))
    except TooManyPartsError:
        report(codes.TOO_MANY_FIELDS, ())
        return []
    return found


def _inside(report: Report, place: SchemaPath, rule: Rule, below: SchemaPath, **params: Any) -> None:  # noqa: ANN401
    """Reports at a place below `place`."""
    report(rule, (*place, *below), **params)


@dataclass(frozen=True, slots=True)
class _Reader:
    report: Report
    resolver: Resolver

    def read_object(self, schema: Schema, prefix: str, *, required: bool) -> Iterator[tuple[Field, SchemaPath]]:
        if prefix.count(".") > _DEEPEST:
            self.report(codes.NESTED_TOO_DEEP, schema.place, limit=_DEEPEST)
            return
        self._check_keywords(schema, _OBJECT)
        kinds = schema.keywords.get("type", "object")
        if kinds not in ("object", ["object", "null"], ["null", "object"]):
            self.report(codes.NOT_A_CHOICE, schema.at("type"), value=kinds, allowed="object")
        properties = schema.keywords.get("properties", {})
        place = schema.at("properties")
        if not isinstance(properties, dict):
            self.report(codes.WRONG_FORM, place, value=properties, found="no map", expected="a map of fields")
            return
        needed = schema.keywords.get("required", [])
        if not isinstance(needed, list) or not all(isinstance(name, str) and name in properties for name in needed):
            self.report(
                codes.WRONG_FORM,
                schema.at("required"),
                value=needed,
                found="something else",
                expected="a list of names that stand under `properties`",
            )
        for name, declared in properties.items():
            inside = (*place, name)
            if not isinstance(name, str) or not _NAME.fullmatch(name) or (not prefix and name in _RESERVED):
                advice = f"names have the letters a to z, digits and _, and are not {', '.join(sorted(_RESERVED))}"
                self.report(codes.BAD_NAME, inside, key=True, value=name, advice=advice)
                continue
            found = self.resolver.resolve(declared, inside, schema.followed)
            is_required = required and isinstance(needed, list) and name in needed
            if found is None:
                continue
            if "properties" in found.keywords:
                yield from self.read_object(found, f"{prefix}{name}.", required=is_required)
            elif (field := self._read_leaf(found, prefix + name, required=is_required)) is not None:
                yield field, inside

    def _check_keywords(self, schema: Schema, allowed: frozenset[str]) -> bool:
        sound = True
        for keyword, value in schema.keywords.items():
            if keyword in allowed and not (keyword == "additionalProperties" and not isinstance(value, bool)):
                continue
            sound = False
            advice = f"a field is described by {', '.join(sorted(allowed - ANNOTATIONS))} and a description"
            self._refuse_keyword(schema, keyword, allowed, _INSTEAD.get(keyword, advice))
        return sound

    def _refuse_keyword(self, schema: Schema, keyword: str, allowed: frozenset[str], advice: str) -> None:
        self.report(
            codes.CONTEXT_SCHEMA_KEYWORD,
            schema.at(keyword),
            key=True,
            suggestion=Near(str(keyword), allowed) if keyword not in _INSTEAD and keyword not in allowed else None,
            keyword=keyword,
            advice=advice,
        )

    def _read_leaf(self, schema: Schema, path: str, *, required: bool) -> Field | None:
        keywords = schema.keywords
        if keywords.get("type") == "object" or "additionalProperties" in keywords:
            expected = "a field with a value of its own, or an object with its fields under `properties`"
            self.report(codes.WRONG_FORM, schema.place, value=path, found="an object of anything", expected=expected)
            return None
        if not self._check_keywords(schema, _LEAF):
            return None
        kind = self._read_kind(schema, _KINDS)
        if kind is None or (kind is Kind.STRING and not self._is_format_read(schema)):
            return None
        if kind is Kind.STRING and "format" in keywords:
            kind = Kind.TIMESTAMP
        changed_by = keywords.get("changed_by")
        if changed_by is not None and changed_by not in list(Actor):
            self.report(codes.NOT_A_CHOICE, schema.at("changed_by"), value=changed_by, allowed=", ".join(Actor))
            return None
        found = self._read_list(schema, path) if kind is Kind.STRING_LIST else self._read_type(kind, schema, path)
        if found is None:
            return None
        told = partial(_inside, self.report, schema.at("phrases"))
        phrases = read_phrases(keywords.get("phrases", {}), found, told)
        return Field(path, found, str(keywords.get("description", "")), required, changed_by, phrases)

    def _read_kind(self, schema: Schema, kinds: Mapping[str, Kind]) -> Kind | None:
        declared = schema.keywords.get("type")
        if declared is None and all(isinstance(one, str) for one in _values_of(schema) or [None]):
            declared = "string"  # as the values say
        names = [name for name in (declared if isinstance(declared, list) else [declared]) if name != "null"]
        if len(names) == 1 and isinstance(names[0], str) and names[0] in kinds:
            return kinds[names[0]]
        if declared is None:
            self.report(codes.MISSING_KEY, schema.place, **lacking(["type"]))
        else:
            self.report(codes.NOT_A_CHOICE, schema.at("type"), value=declared, allowed=", ".join(kinds))
        return None

    def _is_format_read(self, schema: Schema) -> bool:
        given = schema.keywords.get("format", "date-time")
        if given == "date-time":
            return True
        advice = _FORMATS.get(str(given), "no text is held to a format but `date-time`: leave it out")
        meant = Near(str(given), ["date-time"]) if str(given) not in _FORMATS else None
        self.report(
            codes.CONTEXT_SCHEMA_KEYWORD,
            schema.at("format"),
            suggestion=meant,
            keyword=f"format: {given}",
            advice=advice,
        )
        return False

    def _read_list(self, schema: Schema, path: str) -> Type | None:
        """A list of texts, with what is said of its items."""
        identifier = schema.keywords.get("identifier", False)
        if not self._is_identifier_allowed(schema, allowed=True):
            return None
        for keyword in ("enum", "const", "maxLength"):
            if keyword in schema.keywords:
                advice = f"of a list it is said of the items: `items: {{type: string, {keyword}: …}}`"
                self._refuse_keyword(schema, keyword, _LEAF, advice)
                return None
        given = schema.keywords.get("items")
        items = self.resolver.resolve(given, schema.at("items"), schema.followed) if given else None
        if given and items is None:
            return None
        kind = None if items is None else items.keywords.get("type", "string" if _values_of(items) else None)
        if items is None or kind != "string":
            expected = "a list of texts: `items: {type: string}`"
            if items is not None and (kind == "object" or "properties" in items.keywords):
                expected += ". Give the ids of the objects, and what else conditions ask of them as fields of its own"
            found = "a list of anything" if kind is None else f"a list of {_CALLED.get(str(kind), 'something else')}"
            self.report(codes.WRONG_FORM, schema.place, value=path, found=found, expected=expected)
            return None
        if not self._check_keywords(items, _ITEM):
            return None
        of = self._read_type(Kind.STRING, items, "")
        if of is None:
            return None
        if identifier and of.enum is not None:
            self._is_identifier_allowed(schema, allowed=False)
            return None
        spelling = Spelling.IDENTIFIER if identifier else Spelling.AS_GIVEN
        return Type(Kind.STRING_LIST, spelling=spelling, items=of.enum, longest=of.longest)

    def _is_identifier_allowed(self, schema: Schema, *, allowed: bool) -> bool:
        identifier = schema.keywords.get("identifier", False)
        if isinstance(identifier, bool) and (allowed or not identifier):
            return True
        self.report(
            codes.WRONG_FORM,
            schema.at("identifier"),
            value=identifier,
            found="not allowed here",
            expected="true or false, and true only for a field of the type string or array without an `enum`",
        )
        return False

    def _read_type(self, kind: Kind, schema: Schema, path: str) -> Type | None:
        keywords = schema.keywords
        is_text = kind is Kind.STRING
        if not self._is_identifier_allowed(schema, allowed=is_text and _values_of(schema) is None):
            return None
        if "items" in keywords:
            self._refuse_keyword(schema, "items", _LEAF, "a list has `type: array`")
            return None
        longest = keywords.get("maxLength")
        if longest is not None and (not is_text or not _is_whole(longest) or longest < 0):
            expected = "a whole number, for a field of the type string"
            self.report(
                codes.WRONG_FORM, schema.at("maxLength"), value=longest, found="not allowed here", expected=expected
            )
            return None
        if "enum" in keywords or (is_text and "const" in keywords):
            return self._read_values(kind, schema, longest)
        bounds = self._read_bounds(kind, schema)
        if bounds is None:
            return None
        if keywords.get("identifier", False):
            spelling = Spelling.IDENTIFIER
        else:
            spelling = Spelling.TRIMMED if is_text and path.endswith(_ID) else Spelling.AS_GIVEN
        low, high = bounds
        return Type(kind, minimum=low, maximum=high, spelling=spelling, longest=longest)

    def _read_values(self, kind: Kind, schema: Schema, longest: int | None) -> Type | None:
        values = _values_of(schema) or []
        if kind is not Kind.STRING or not values or not all(isinstance(value, str) for value in values):
            keyword = "enum" if "enum" in schema.keywords else "const"
            self.report(
                codes.WRONG_FORM,
                schema.at(keyword),
                value=schema.keywords[keyword],
                found="something else",
                expected="a list of the texts that a field of the type string can have"
                if keyword == "enum"
                else "the text that a field of the type string has",
            )
            return None
        short = [value for value in values if longest is None or len(value) <= longest]
        if len(short) < len(values):
            bound = f"at least {max(map(len, values))}, as one of the values is as long"
            self.report(codes.OUT_OF_BOUNDS, schema.at("maxLength"), value=longest, bound=bound)
            return None
        return Type(kind, enum=tuple(dict.fromkeys(values)))

    def _read_bounds(self, kind: Kind, schema: Schema) -> tuple[float | None, float | None] | None:
        """The least and the most that a number can be; None for what is reported."""
        bounds: dict[str, float] = {}
        for keyword, (end, step) in _BOUNDS.items():
            bound = schema.keywords.get(keyword)
            if bound is None:
                continue
            whole = kind is Kind.INTEGER
            if (
                kind not in (Kind.INTEGER, Kind.NUMBER)
                or isinstance(bound, bool)
                or not isinstance(bound, int | float)
                or (keyword == "const" and whole and bound != bound // 1)
            ):
                self._refuse_bound(schema, keyword, bound)
                return None
            if not -LARGEST_NUMBER <= bound <= LARGEST_NUMBER:  # neither is one that is no number
                self.report(codes.OUT_OF_BOUNDS, schema.at(keyword), value=bound, bound="within ±2^53")
                return None
            if step and not whole:
                advice = f"write `{end}`, with the {'least' if step > 0 else 'greatest'} number that is allowed"
                self._refuse_keyword(schema, keyword, _LEAF, advice)
                return None
            if step:
                bound = math.floor(bound) + 1 if step > 0 else math.ceil(bound) - 1
            for one in ("minimum", "maximum") if keyword == "const" else (end,):
                choose = max if one == "minimum" else min
                bounds[one] = choose(bounds.get(one, bound), bound)
        low, high = bounds.get("minimum"), bounds.get("maximum")
        if low is not None and high is not None and not _has_values(kind, low, high):
            bound = "at least the minimum, so that there is a value between the two"
            self.report(codes.OUT_OF_BOUNDS, schema.at("maximum"), value=high, bound=bound)
            return None
        return low, high

    def _refuse_bound(self, schema: Schema, keyword: str, bound: object) -> None:
        if keyword == "const" and isinstance(bound, bool):
            advice = "a flag that can be but one of the two tells nothing: leave it out, and compare it in a condition"
            self._refuse_keyword(schema, keyword, _LEAF, advice)
            return
        expected = "a number, for a field of the type integer or number"
        self.report(codes.WRONG_FORM, schema.at(keyword), value=bound, found="not allowed here", expected=expected)


_BOUNDS: Final = {
    "minimum": ("minimum", 0),
    "maximum": ("maximum", 0),
    "exclusiveMinimum": ("minimum", 1),
    "exclusiveMaximum": ("maximum", -1),
    "const": ("", 0),
}
"""What bounds a number, which end of it, and which way the first number within lies."""
_CALLED: Final = {
    "array": "lists",
    "boolean": "true and false",
    "integer": "whole numbers",
    "number": "numbers",
    "object": "objects",
}


def _values_of(schema: Schema) -> list[Any] | None:
    """The values that are counted, null aside; None where none are."""
    if "const" in schema.keywords:
        return [schema.keywords["const"]]
    enum = schema.keywords.get("enum")
    return [value for value in enum if value is not None] if isinstance(enum, list) else None


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def _has_values(kind: Kind, minimum: float, maximum: float) -> bool:
    """Whether any value of the kind lies within the bounds."""
    return math.ceil(minimum) <= math.floor(maximum) if kind is Kind.INTEGER else minimum <= maximum
