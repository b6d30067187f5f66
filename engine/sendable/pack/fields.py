"""Context schemas to declared fields: the built-in table and those of a pack.

A context schema is a JSON Schema (2020-12) of which a small part is read: nested objects whose properties have a type,
an `enum`, bounds, for timestamps `format: date-time`, and for what people type `identifier: true`. Whatever could
mean something that the engine would not hold a context to is an error rather than ignored, and no reference is ever
followed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, TypeAlias

from sendable.diagnostics import codes
from sendable.diagnostics.record import Rule
from sendable.diagnostics.wording import Near, lacking
from sendable.language.types import LARGEST_NUMBER, Field, Kind, Spelling, Type
from sendable.pack.messages import CLEARS_AT
from sendable.pack.model import Actor
from sendable.pack.phrases import read_phrases
from sendable.pack.resources import schema_path

SchemaPath: TypeAlias = tuple[str | int, ...]
Report: TypeAlias = Callable[..., None]
"""Called with a rule, the path in the schema, whether the key itself is meant, and the rule's parameters."""

_ANNOTATIONS: Final = frozenset({
    "$schema", "$id", "$comment", "title", "description", "markdownDescription", "enumDescriptions",
    "markdownEnumDescriptions", "examples", "default", "defaultSnippets", "deprecated", "errorMessage",
})  # fmt: skip
_OBJECT: Final = _ANNOTATIONS | {"type", "properties", "required", "additionalProperties"}
_LEAF: Final = _ANNOTATIONS | {
    "type",
    "enum",
    "minimum",
    "maximum",
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

    return {field.path: field for field in read_fields(schema, refuse)}


def read_fields(schema: object, report: Report) -> list[Field]:
    """The fields that `schema`, a JSON Schema as plain data, declares; what is wrong with it goes to `report`."""
    return _Reader(report).read_object(schema, (), "", required=True)


def _inside(report: Report, place: SchemaPath, rule: Rule, below: SchemaPath, **params: Any) -> None:  # noqa: ANN401
    """Reports at a place below `place`."""
    report(rule, (*place, *below), **params)


@dataclass(frozen=True, slots=True)
class _Reader:
    report: Report

    def read_object(self, schema: object, place: SchemaPath, prefix: str, *, required: bool) -> list[Field]:
        if not isinstance(schema, dict):
            self.report(codes.WRONG_FORM, place, value=schema, found="no map", expected="a map of keys and values")
            return []
        if len(place) > 2 * _DEEPEST:
            self.report(codes.NESTED_TOO_DEEP, place, limit=_DEEPEST)
            return []
        self._check_keywords(schema, place, _OBJECT)
        if schema.get("type", "object") not in ("object", ["object", "null"], ["null", "object"]):
            self.report(codes.NOT_A_CHOICE, (*place, "type"), value=schema["type"], allowed="object")
        properties = schema.get("properties", {})
        if not isinstance(properties, dict):
            self.report(
                codes.WRONG_FORM,
                (*place, "properties"),
                value=properties,
                found="no map",
                expected="a map of fields",
            )
            return []
        needed = schema.get("required", [])
        if not isinstance(needed, list) or not all(isinstance(name, str) and name in properties for name in needed):
            self.report(
                codes.WRONG_FORM,
                (*place, "required"),
                value=needed,
                found="something else",
                expected="a list of names that stand under `properties`",
            )
        fields: list[Field] = []
        for name, declared in properties.items():
            inside = (*place, "properties", name)
            if not isinstance(name, str) or not _NAME.fullmatch(name) or (not prefix and name in _RESERVED):
                advice = f"names have the letters a to z, digits and _, and are not {', '.join(sorted(_RESERVED))}"
                self.report(codes.BAD_NAME, inside, key=True, value=name, advice=advice)
                continue
            is_required = required and isinstance(needed, list) and name in needed
            if isinstance(declared, dict) and "properties" in declared:
                fields += self.read_object(declared, inside, f"{prefix}{name}.", required=is_required)
            else:
                field = self._read_leaf(declared, inside, prefix + name, required=is_required)
                if field is not None:
                    fields.append(field)
        return fields

    def _check_keywords(self, schema: dict[Any, Any], place: SchemaPath, allowed: frozenset[str]) -> bool:
        sound = True
        for keyword, value in schema.items():
            if keyword in allowed and not (keyword == "additionalProperties" and value is not True):
                continue
            sound = False
            if keyword in ("$ref", "$dynamicRef"):
                self.report(codes.REMOTE_REFERENCE, (*place, keyword), reference=value)
                continue
            advice = f"a field is described by {', '.join(sorted(allowed - _ANNOTATIONS))} and a description"
            self.report(
                codes.CONTEXT_SCHEMA_KEYWORD,
                (*place, keyword),
                key=True,
                suggestion=Near(str(keyword), allowed),
                keyword=keyword,
                advice=advice,
            )
        return sound

    def _read_leaf(self, schema: object, place: SchemaPath, path: str, *, required: bool) -> Field | None:
        if not isinstance(schema, dict):
            self.report(codes.WRONG_FORM, place, value=schema, found="no map", expected="a field with a type")
            return None
        if not self._check_keywords(schema, place, _LEAF):
            return None
        declared = schema.get("type")
        names = [name for name in (declared if isinstance(declared, list) else [declared]) if name != "null"]
        if len(names) != 1 or not isinstance(names[0], str) or names[0] not in _KINDS:
            if declared is None:
                self.report(codes.MISSING_KEY, place, **lacking(["type"]))
            else:
                self.report(codes.NOT_A_CHOICE, (*place, "type"), value=declared, allowed=", ".join(_KINDS))
            return None
        kind = _KINDS[names[0]]
        if kind is Kind.STRING_LIST and schema.get("items") != {"type": "string"}:
            self.report(
                codes.WRONG_FORM,
                place,
                value=path,
                found="a list of anything",
                expected="a list of texts: `items: {type: string}`",
            )
            return None
        if kind is Kind.STRING and "format" in schema:
            if schema["format"] != "date-time":
                self.report(codes.NOT_A_CHOICE, (*place, "format"), value=schema["format"], allowed="date-time")
                return None
            kind = Kind.TIMESTAMP
        changed_by = schema.get("changed_by")
        if changed_by is not None and changed_by not in list(Actor):
            self.report(codes.NOT_A_CHOICE, (*place, "changed_by"), value=changed_by, allowed=", ".join(Actor))
            return None
        found = self._read_type(kind, schema, place, path)
        if found is None:
            return None
        phrases = read_phrases(schema.get("phrases", {}), found, partial(_inside, self.report, (*place, "phrases")))
        return Field(path, found, str(schema.get("description", "")), required, changed_by, phrases)

    def _read_type(self, kind: Kind, schema: dict[Any, Any], place: SchemaPath, path: str) -> Type | None:
        enum = schema.get("enum")
        identifier = schema.get("identifier", False)
        if not isinstance(identifier, bool) or (
            identifier and (kind not in (Kind.STRING, Kind.STRING_LIST) or enum is not None)
        ):
            self.report(
                codes.WRONG_FORM,
                (*place, "identifier"),
                value=identifier,
                found="not allowed here",
                expected="true or false, and true only for a field of the type string or array without an `enum`",
            )
            return None
        if enum is not None:
            values = [value for value in enum if value is not None] if isinstance(enum, list) else []
            if kind is not Kind.STRING or not values or not all(isinstance(value, str) for value in values):
                self.report(
                    codes.WRONG_FORM,
                    (*place, "enum"),
                    value=enum,
                    found="something else",
                    expected="a list of the texts that a field of the type string can have",
                )
                return None
            return Type(kind, enum=tuple(values))
        bounds: dict[str, float] = {}
        for keyword in ("minimum", "maximum"):
            bound = schema.get(keyword)
            if bound is None:
                continue
            if kind not in (Kind.INTEGER, Kind.NUMBER) or isinstance(bound, bool) or not isinstance(bound, int | float):
                self.report(
                    codes.WRONG_FORM,
                    (*place, keyword),
                    value=bound,
                    found="not allowed here",
                    expected="a number, for a field of the type integer or number",
                )
                return None
            if not -LARGEST_NUMBER <= bound <= LARGEST_NUMBER:  # neither is one that is no number
                self.report(codes.OUT_OF_BOUNDS, (*place, keyword), value=bound, bound="within ±2^53")
                return None
            bounds[keyword] = bound
        if len(bounds) == 2 and not _has_values(kind, bounds["minimum"], bounds["maximum"]):
            span = (*place, "maximum")
            bound = "at least the minimum, so that there is a value between the two"
            self.report(codes.OUT_OF_BOUNDS, span, value=bounds["maximum"], bound=bound)
            return None
        if identifier:
            spelling = Spelling.IDENTIFIER
        else:
            spelling = Spelling.TRIMMED if kind is Kind.STRING and path.endswith(_ID) else Spelling.AS_GIVEN
        return Type(kind, minimum=bounds.get("minimum"), maximum=bounds.get("maximum"), spelling=spelling)


def _has_values(kind: Kind, minimum: float, maximum: float) -> bool:
    """Whether any value of the kind lies within the bounds."""
    return math.ceil(minimum) <= math.floor(maximum) if kind is Kind.INTEGER else minimum <= maximum
