"""Schemas as text for people: each key with what may stand there, and what it is for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sendable.diagnostics.wording import digits
from sendable.language.types import Field, Kind
from sendable.render.terminal.paint import Paint, Role, plain

_KINDS: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "map",
    "null": "null",
}
_OF_FIELDS: Final[Mapping[Kind, str]] = {
    Kind.STRING: "text",
    Kind.INTEGER: "whole number",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "true or false",
    Kind.TIMESTAMP: "time, such as 2026-11-23T09:00:00+01:00",
    Kind.STRING_LIST: "list of texts",
}
_ONE_OF: Final = "one of {}"
_BOUNDED: Final = {
    (False, False): "{kind}",
    (True, False): "{kind} from {least}",
    (False, True): "{kind} up to {most}",
    (True, True): "{kind} from {least} to {most}",
}
"""By whether there is a least value and a greatest one."""
_ANY_NAME: Final = "NAME"
_ITEM: Final = "[]"
_INDENT: Final = "    "
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a document: where it stands, what may stand there, and what it is for."""

    path: str
    kind: str
    needed: bool
    description: str


def keys_as_text(keys: Iterable[Key], width: int, paint: Paint = plain) -> Iterator[str]:
    """The lines of the keys: two or more each."""
    for key in keys:
        yield f"{paint(key.path, Role.HEADING)}  {key.kind}{', needed' if key.needed else ''}"
        yield from textwrap.wrap(
            key.description,
            max(width, 40),
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )


def keys_of_fields(fields: Iterable[Field]) -> Iterator[Key]:
    """The fields of a context."""
    for one in fields:
        kind = _OF_FIELDS[one.type.kind] if one.type.enum is None else _ONE_OF.format(", ".join(one.type.enum))
        bounds = _bounded(kind, one.type.minimum, one.type.maximum)
        yield Key(one.path, bounds, one.required, one.description)


def keys_of_schema(schema: Mapping[str, Any]) -> Iterator[Key]:
    """The keys of the documents that a JSON Schema is of, each before what stands in it."""
    yield from _inside(schema, schema, "", 0)


def _inside(whole: Mapping[str, Any], schema: Mapping[str, Any], prefix: str, depth: int) -> Iterator[Key]:
    if depth > _DEEPEST:
        return  # a schema may hold itself
    for form in _forms(whole, schema):
        needed = form.get("required", ())
        for name, one in form.get("properties", {}).items():
            yield from _key(whole, one, f"{prefix}{name}", depth, needed=name in needed)
        others = [form.get("additionalProperties"), *form.get("patternProperties", {}).values()]
        for one in others:
            if isinstance(one, dict):
                yield from _key(whole, one, f"{prefix}{_ANY_NAME}", depth)
        if isinstance(items := form.get("items"), dict):
            yield from _inside(whole, items, f"{prefix.removesuffix('.')}{_ITEM}.", depth + 1)


def _key(
    whole: Mapping[str, Any], schema: Mapping[str, Any], path: str, depth: int, *, needed: bool = False
) -> Iterator[Key]:
    forms = list(_forms(whole, schema))
    said = [one["description"] for one in (schema, *forms) if "description" in one]
    kinds = dict.fromkeys(kind for one in forms for kind in _kinds(one))
    yield Key(path, " or ".join(kinds) or "anything", needed, said[0] if said else "")
    yield from _inside(whole, schema, f"{path}.", depth + 1)


def _forms(whole: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the schema is: itself, what it refers to, or each of its alternatives."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        found: Any = whole
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        yield from _forms(whole, found)
        return
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not alternatives or "properties" in schema or "type" in schema:
        yield schema
        return
    for one in alternatives:
        yield from _forms(whole, one)


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield _ONE_OF.format(", ".join("null" if one is None else str(one) for one in schema["enum"]))
        return
    if "const" in schema:
        yield str(schema["const"])
        return
    declared = schema.get("type", ())
    for one in [declared] if isinstance(declared, str) else declared:
        yield (
            _bounded(_KINDS[one], schema.get("minimum"), schema.get("maximum"))
            if one in ("integer", "number")
            else (_KINDS[one])
        )


def _bounded(kind: str, least: float | None, most: float | None) -> str:
    form = _BOUNDED[least is not None, most is not None]
    return form.format(kind=kind, least=digits(least or 0), most=digits(most or 0))
