"""Context schemas with what they refer to put in: `$ref` within the file, `anyOf` with null, `allOf` of one.

Programs that write schemas, such as Pydantic, keep each model under `$defs` and refer to it wherever it is used.
Nothing is ever fetched: what a reference names stands in the same file, or nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from sendable.diagnostics import codes
from sendable.diagnostics.wording import Near

SchemaPath: TypeAlias = tuple[str | int, ...]
Report: TypeAlias = Callable[..., None]
"""Called with a rule, the path in the schema, whether the key itself is meant, and the rule's parameters."""

ANNOTATIONS: Final = frozenset({
    "$schema", "$id", "$comment", "$defs", "title", "description", "markdownDescription", "enumDescriptions",
    "markdownEnumDescriptions", "examples", "default", "defaultSnippets", "deprecated", "errorMessage", "readOnly",
    "writeOnly",
})  # fmt: skip
"""Keywords that say nothing of what a value can be."""
_JOINED: Final = frozenset({"$ref", "anyOf", "allOf"})
_NULL: Final = ({"type": "null"}, {"const": None})
_MOST: Final = 10_000


class TooManyPartsError(Exception):
    """A schema stands for more parts than are read."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a schema says in all: its keywords, each with the place where it stands."""

    place: SchemaPath
    keywords: Mapping[str, Any]
    places: Mapping[str, SchemaPath]
    followed: frozenset[str]
    """The references that led here from the top of the file."""

    def at(self, keyword: str) -> SchemaPath:
        """Where the keyword stands, or would."""
        return self.places.get(keyword, (*self.place, keyword))


@dataclass(slots=True)
class Resolver:
    """Puts in what the schemas of the file `root` refer to; what can't be is told to `report`."""

    root: object
    report: Report
    _seen: int = field(default=0, init=False)

    def resolve(self, schema: object, place: SchemaPath, followed: frozenset[str] = frozenset()) -> Schema | None:
        """The schema at `place`, which `followed` led to; None where it is none, which is then reported.

        Raises TooManyPartsError where it is one too many: a small file can stand for endlessly many fields.
        """
        self._seen += 1
        if self._seen > _MOST:
            raise TooManyPartsError
        if not isinstance(schema, dict):
            self.report(codes.WRONG_FORM, place, value=schema, found="no map", expected="a map of keys and values")
            return None
        own = {keyword: value for keyword, value in schema.items() if keyword not in _JOINED}
        found = Schema(place, own, {keyword: (*place, keyword) for keyword in own}, followed)
        for other, where, reference in self._joined(schema, place, followed):
            through = followed if reference is None else followed | {reference}
            inner = self.resolve(other, where, through) if other is not None else None
            merged = None if inner is None else self._merged(found, inner)
            if merged is None:
                return None
            found = merged
        return found

    def _joined(
        self, schema: dict[Any, Any], place: SchemaPath, followed: frozenset[str]
    ) -> Iterator[tuple[object, SchemaPath, str | None]]:
        """The schemas that hold besides, each with its place and the reference to it; None for what is reported."""
        if "$ref" in schema:
            yield self._target(schema["$ref"], (*place, "$ref"), followed)
        for keyword in ("anyOf", "allOf"):
            if keyword in schema:
                yield self._only(keyword, schema[keyword], (*place, keyword))

    def _target(
        self, reference: object, place: SchemaPath, followed: frozenset[str]
    ) -> tuple[object, SchemaPath, str | None]:
        nothing = (None, place, None)
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            self.report(codes.REMOTE_REFERENCE, place, reference=reference)
            return nothing
        if reference == "#" or reference in followed:
            self.report(codes.REFERENCE_CIRCLE, place, reference=reference)
            return nothing
        steps = [unquote(step).replace("~1", "/").replace("~0", "~") for step in reference.split("/")[1:]]
        target: object = self.root
        for number, step in enumerate(steps):
            if not isinstance(target, dict) or step not in target:
                names = [name for name in target if isinstance(name, str)] if isinstance(target, dict) else []
                meant = Near(step, names, "/".join(["#", *steps[:number], ""]))
                self.report(codes.REFERENCE_NOWHERE, place, suggestion=meant, reference=reference)
                return nothing
            target = target[step]
        return target, tuple(steps), reference

    def _only(self, keyword: str, options: object, place: SchemaPath) -> tuple[object, SchemaPath, str | None]:
        """The one option that is not null: a field has one type."""
        given = options if isinstance(options, list) else []
        real = [number for number, one in enumerate(given) if keyword == "allOf" or one not in _NULL]
        if len(real) == 1:
            return given[real[0]], (*place, real[0]), None
        advice = "a field has one type: of `anyOf` one can be null, and of `allOf` there can be but one"
        self.report(codes.CONTEXT_SCHEMA_KEYWORD, place, key=True, keyword=keyword, advice=advice)
        return None, place, None

    def _merged(self, outer: Schema, inner: Schema) -> Schema | None:
        """Both together; what describes a field is said by the one nearer to it."""
        for keyword in inner.keywords.keys() & outer.keywords.keys() - ANNOTATIONS:
            if inner.keywords[keyword] != outer.keywords[keyword]:
                advice = "it stands in what is referred to as well, with another value: write it in one place"
                self.report(codes.CONTEXT_SCHEMA_KEYWORD, outer.at(keyword), key=True, keyword=keyword, advice=advice)
                return None
        return Schema(
            outer.place,
            {**inner.keywords, **outer.keywords},
            {**inner.places, **outer.places},
            outer.followed | inner.followed,
        )
