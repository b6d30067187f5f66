"""Documents against JSON Schemas: what jsonschema finds, said at the very place and in words for people.

Home of jsonschema. Our own schemas are the only ones it is given, and it can't fetch anything: the registry is empty.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from sendable.diagnostics import codes
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector, Rule
from sendable.diagnostics.wording import Near, lacking, near_miss, shown
from sendable.documents.elements import Element, Scalar, at, key_at, plain
from sendable.pack import misplaced
from sendable.pack.instead import instead
from sendable.pack.references import Report
from sendable.pack.resources import schema_path

_ONLY_COMMENTS: Final = "there are only comments in the file, if anything: write its keys, or remove it"
_FORMS = {
    "object": "a map of keys and values",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


# INVARIANT: what a schema takes for a whole number or a number is one for whoever builds on it. JSON Schema takes 100.0
# for a whole number, and YAML has numbers that are none.
_TYPES: Final = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda _, value: type(value) is int,
        "number": lambda _, value: type(value) is int or (type(value) is float and math.isfinite(value)),
    }
)


def _unique(_validator: object, wanted: bool, instance: object, _schema: object) -> Iterator[ValidationError]:
    """Whether items are unique, in one pass: jsonschema compares each with each where they are of several types."""
    if wanted and isinstance(instance, list) and any(True for _ in _repeated(instance)):
        yield ValidationError("items stand twice")


def _repeated(items: Iterable[object]) -> Iterator[int]:
    """The indices of items that an earlier one is equal to."""
    seen: set[str | tuple[str]] = set()
    for index, item in enumerate(items):
        written = item if isinstance(item, str) else (json.dumps(item, sort_keys=True),)
        if written in seen:
            yield index
        seen.add(written)


def _items(validator: Any, wanted: Any, instance: object, _schema: object) -> Iterator[ValidationError]:  # noqa: ANN401
    """What is wrong with items: jsonschema takes long to say that nothing is."""
    if isinstance(instance, list):
        sound = _item_check(json.dumps(wanted))
        for index, item in enumerate(instance):
            if not sound(item):
                yield from validator.descend(item, wanted, path=index)


@cache
def _item_check(schema: str) -> _Check:
    """A check for items of a schema, given as JSON; one that refers to others leaves all of them to jsonschema."""
    return (lambda _: False) if '"$ref"' in schema else _checked(json.loads(schema), {})


def _further(validator: Any, wanted: Any, instance: object, schema: Mapping[str, Any]) -> Iterator[ValidationError]:  # noqa: ANN401
    """What stands under keys that are not declared, in the order of the document: jsonschema takes any."""
    if isinstance(instance, dict):
        further = [key for key in instance if key not in schema.get("properties", ())]
        for key in further if isinstance(wanted, dict) else ():
            yield from validator.descend(instance[key], wanted, path=key)
        if wanted is False and further:
            yield ValidationError("there are unknown keys")


_KEYWORDS: Final = {"additionalProperties": _further, "items": _items, "uniqueItems": _unique}
_Validator: Final = extend(Draft202012Validator, _KEYWORDS, type_checker=_TYPES)  # type: ignore[no-untyped-call]

_MOST_OF_SLIPS: Final = 100
"""How many departures from its schema a document has at most that keys a level off are looked for in."""

MOST_DEPARTURES: Final = 1_000
"""After how many departures from its schema a document is not held to it any further."""


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads(schema_path(name).read_text(encoding="utf-8"))
    validator: Draft202012Validator = _Validator(schema, registry=Registry())
    return validator


def settled(root: Element, name: str, collector: Collector) -> Element | None:
    """Reports where `root` departs from the schema `name`, and gives it with keys a level off where they belong.

    None where it departs from it more often than can be told.
    """
    content, sound = _questionable(root, name)
    errors = () if sound else [*islice(_validator(name).iter_errors(content), _MOST_OF_SLIPS + 1)]
    if not errors:
        return root
    schema = _validator(name).schema
    assert isinstance(schema, Mapping)  # noqa: S101 - each of ours is
    if len(errors) <= _MOST_OF_SLIPS:
        root = misplaced.mended(root, schema, [tuple(error.absolute_path) for error in errors], collector)
    return None if validate(root, name, collector) > MOST_DEPARTURES else root


def validate(root: Element, name: str, collector: Collector) -> int:
    """Reports where the document `root` departs from the schema `name`, and gives how often it does.

    Where that is more than MOST_DEPARTURES, the rest was not looked at, and it is counted how many there are at least.
    """
    reporter = _Reporter(root, collector)
    content, sound = _questionable(root, name)
    if sound:
        return 0
    errors = [*islice(_validator(name).iter_errors(content), MOST_DEPARTURES + 1)]
    for error in sorted(errors[:MOST_DEPARTURES], key=_unknown_keys_first):
        reporter.report(error)
    if len(errors) > MOST_DEPARTURES:
        entries = content.get(_LARGE.get(name, "")) if isinstance(content, dict) else None
        told = {error.absolute_path[1] for error in errors if len(error.absolute_path) > 1}
        collector.ended(codes.WRONG_FORM, max(len(entries) - len(told), 1) if isinstance(entries, dict) else 1)
    return len(errors)


def keys_of(name: str, key: str) -> tuple[str, ...]:
    """The keys that what stands under the names below `key` can have in a document with the schema `name`."""
    schema = _validator(name).schema
    assert isinstance(schema, Mapping)  # noqa: S101 - each of ours is
    return tuple(_resolved(schema["properties"][key]["additionalProperties"], schema)["properties"])


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that one refers to, if it does."""
    reference = schema.get("$ref")
    found: Mapping[str, Any] = root
    for step in [] if reference is None else reference.removeprefix("#/").split("/"):
        found = found[step]
    return schema if reference is None else found


# jsonschema takes a long time to say that nothing is wrong with thousands of entries. What certainly has nothing wrong
# is found out by plain functions and left out; jsonschema has the last word on everything else.

_Check: TypeAlias = Callable[[Any], bool]
_LARGE: Final = {"reasons": "reasons", "lists": "lists"}


def _questionable(root: Element, name: str) -> tuple[Any, bool]:
    """The document as plain data, without most of what certainly keeps to its schema, and whether all of it does."""
    content = plain(root)
    if _whole_check(name)(content):
        return content, True
    _leave_out_what_is_sound(content, name)
    return content, False


def _leave_out_what_is_sound(content: Any, name: str) -> None:  # noqa: ANN401 - a document of any form
    """Removes the entries of a document's one large map that certainly keep to its schema, all but the first."""
    key = _LARGE.get(name)
    entries = content.get(key) if isinstance(content, dict) else None
    if key is None or not isinstance(entries, dict):
        return
    checks = _entry_checks(name, key)
    for entry in list(entries)[1:]:
        if all(check(value) for check, value in zip(checks, (entry, entries[entry]), strict=True)):
            del entries[entry]
    body = next(iter(entries.values()), None)
    for part in ("entries", "more_entries"):
        inside = body.get(part) if isinstance(body, dict) else None
        if isinstance(body, dict) and isinstance(inside, list) and _checked(_TEXTS, {})(inside):
            body[part] = inside[:1]


_TEXTS: Final = {"uniqueItems": True, "items": {"type": "string", "minLength": 1}}


@cache
def _whole_check(name: str) -> _Check:
    """A check for a whole document."""
    schema = json.loads(schema_path(name).read_text(encoding="utf-8"))
    return _checked(schema, schema)


@cache
def _entry_checks(name: str, key: str) -> tuple[_Check, _Check]:
    """Checks for a key of the map and for what stands under it."""
    schema = json.loads(schema_path(name).read_text(encoding="utf-8"))
    entries = schema["properties"][key]
    return _checked(entries.get("propertyNames", {}), schema), _checked(entries["additionalProperties"], schema)


_ANNOTATIONS: Final = frozenset({"description", "markdownDescription", "markdownEnumDescriptions", "defaultSnippets",
                                 "errorMessage", "patternErrorMessage", "title", "$comment", "else",
                                 "then", "$defs", "$schema", "$id", "default", "examples"})  # fmt: skip
_CLASSES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def _checked(schema: Mapping[str, Any], root: Mapping[str, Any]) -> _Check:
    """A function that is True only of what keeps to `schema`; it may be False of some that does.

    INVARIANT: an `if` of our schemas asks for a type or for keys, which is decided exactly.
    """
    done = {"properties"} if "additionalProperties" in schema else set()  # the two are checked together
    checks = [
        _check(keyword, wanted, schema, root)
        for keyword, wanted in schema.items()
        if keyword not in _ANNOTATIONS | done
    ]
    return lambda value: all(check(value) for check in checks)


_BOUNDS: Final[Mapping[str, tuple[frozenset[type], Callable[[Any, Any], bool]]]] = {
    "minimum": (frozenset({int, float}), operator.ge),
    "maximum": (frozenset({int, float}), operator.le),
    "minLength": (frozenset({str}), lambda value, wanted: len(value) >= wanted),
    "maxLength": (frozenset({str}), lambda value, wanted: len(value) <= wanted),
    "maxItems": (frozenset({list}), lambda value, wanted: len(value) <= wanted),
    "minItems": (frozenset({list}), lambda value, wanted: len(value) >= wanted),
    "minProperties": (frozenset({dict}), lambda value, wanted: len(value) >= wanted),
    "maxProperties": (frozenset({dict}), lambda value, wanted: len(value) <= wanted),
    "required": (frozenset({dict}), lambda value, wanted: all(key in value for key in wanted)),
    "uniqueItems": (
        frozenset({list}),
        lambda value, _: all(type(one) is str for one in value) and len(set(value)) == len(value),
    ),
}
"""Keywords that bound values of some types and say nothing of others: the types, and whether a value keeps to one."""


def _check(keyword: str, wanted: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> _Check:  # noqa: ANN401
    if keyword in _BOUNDS:
        types, keeps = _BOUNDS[keyword]
        return lambda value: type(value) not in types or keeps(value, wanted)
    match keyword:
        case "$ref":
            return _checked(_resolved({keyword: wanted}, root), root)
        case "type":
            names = wanted if isinstance(wanted, list) else [wanted]
            classes = {one for name in names for one in _CLASSES.get(name, ())}
            return lambda value: type(value) in classes and (type(value) is not float or math.isfinite(value))
        case "enum":
            return lambda value: type(value) is str and value in wanted
        case "pattern":
            search = re.compile(wanted).search
            return lambda value: type(value) is not str or search(value) is not None
        case "items":
            item = _checked(wanted, root)
            return lambda value: type(value) is not list or all(map(item, value))
        case "propertyNames":
            named = _checked(wanted, root)
            return lambda value: type(value) is not dict or all(map(named, value))
        case "properties" | "additionalProperties":
            further = schema.get("additionalProperties", True)
            return _properties_check(schema.get("properties", {}), further, root)
        case "if" if set(wanted) <= {"type", "required"}:
            holds, yes, no = (_checked(schema.get(part, {}), root) for part in ("if", "then", "else"))
            return lambda value: (yes if holds(value) else no)(value)
        case _:
            return lambda _: False  # jsonschema has the last word


def _properties_check(properties: Mapping[str, Any], further: Any, root: Mapping[str, Any]) -> _Check:  # noqa: ANN401
    @cache  # a document has few of the keys that it could have, and a check takes longer to make than to ask
    def of(key: str | None) -> _Check:
        if key is not None:
            return _checked(properties[key], root)
        return _checked(further, root) if isinstance(further, dict) else lambda _: further is True

    def check(value: Any) -> bool:  # noqa: ANN401 - a document of any form
        return type(value) is not dict or all(
            of(key if key in properties else None)(inside) for key, inside in value.items()
        )

    return check


def _unknown_keys_first(error: ValidationError) -> bool:
    # A misspelt key is unknown, and the one it was meant to be is missing: that is one mistake.
    return error.validator != "additionalProperties"


class _Reporter:
    def __init__(self, root: Element, collector: Collector) -> None:
        self._root = root
        self._collector = collector
        self._meant: set[tuple[str | int, ...]] = set()

    def report(self, error: ValidationError) -> None:
        """Adds the diagnostics of one error."""
        path = tuple(error.absolute_path)
        instance: Any = error.instance
        wanted: Any = error.validator_value
        if "propertyNames" in error.absolute_schema_path:
            name = (*path, str(instance))
            self._add(codes.BAD_NAME, name, key=True, value=_written(instance), advice=_advice(error))
            return
        match error.validator:
            case "additionalProperties":
                self._unknown_keys(path, instance, _properties(error), _required(error))
            case "required":
                keys = [key for key in wanted if key not in instance and (*path, key) not in self._meant]
                if keys:
                    self._add(codes.MISSING_KEY, path, key=True, **lacking(keys))
            case "minLength":
                self._add(codes.EMPTY, path, item="character")
            case "minItems" | "minProperties":
                self._add(codes.EMPTY, path, key=True, item="entry")
            case "uniqueItems":
                self._repeated_items(path, instance)
            case "type" if instance is None:
                advice = "write it behind the colon, or remove the key" if path else _ONLY_COMMENTS
                self._add(codes.NOTHING, path, expected=_expected(wanted), advice=advice)
            case _:
                self._wrong_value(path, error)

    def _wrong_value(self, path: tuple[str | int, ...], error: ValidationError) -> None:
        """Reports a value that is there and not as the schema has it."""
        instance: Any = error.instance
        wanted: Any = error.validator_value
        value = _written(instance)
        match error.validator:
            case "type":
                types = [wanted] if isinstance(wanted, str) else wanted
                advice = _form_needed(error) or instead(instance, types) or _said(error, "errorMessage")
                expected = _expected(wanted)
                self._add(codes.WRONG_FORM, path, value=value, found=_form(instance), expected=expected, advice=advice)
            case "enum":
                choices = [str(choice) for choice in wanted if choice is not None]
                inside = instance if isinstance(instance, dict | list) else [instance]
                suggestion = Near(str(next(iter(inside), "")), choices)
                allowed = ", ".join(choices)
                self._add(codes.NOT_A_CHOICE, path, suggestion=suggestion, value=value, allowed=allowed)
            case "pattern":
                self._add(codes.BAD_NAME, path, value=value, advice=_advice(error))
            case "minimum":
                self._add(codes.OUT_OF_BOUNDS, path, value=value, bound=f"at least {wanted}")
            case "maximum":
                self._add(codes.OUT_OF_BOUNDS, path, value=value, bound=f"at most {wanted}")
            case "maxLength":
                self._add(codes.OUT_OF_BOUNDS, path, value=value, bound=f"at most {wanted} characters long")
            case "maxItems" | "maxProperties":
                self._add(
                    codes.OUT_OF_BOUNDS, path, value=f"{len(instance)} entries", bound=f"at most {wanted} entries"
                )
            case keyword:
                expected = f"as `{keyword}` in the schema says"
                self._add(codes.WRONG_FORM, path, value=value, found="something else", expected=expected)

    def _add(
        self,
        rule: Rule,
        path: tuple[str | int, ...],
        *,
        key: bool = False,
        suggestion: str | Near | None = None,
        **params: object,
    ) -> None:
        self._collector.add(rule, place(self._root, path, key=key), params, suggestion=suggestion)

    def _unknown_keys(
        self, path: tuple[str | int, ...], instance: Mapping[str, object], allowed: list[str], required: list[str]
    ) -> None:
        unknown = [key for key in instance if key not in allowed]
        needed = [key for key in required if key not in instance]
        for key in unknown:
            if self._collector.full(codes.UNKNOWN_KEY):
                self._collector.more(codes.UNKNOWN_KEY)
            else:
                suggestion = near_miss(key, [one for one in allowed if one not in instance])
                keys = ", ".join(allowed)
                if suggestion is not None:
                    self._meant.add((*path, suggestion))
                elif len(unknown) == len(needed) == 1:  # one mistake, most likely, and nothing to be sure of
                    self._meant.add((*path, needed[0]))
                    keys += f"; `{needed[0]}` is missing"
                self._add(
                    codes.UNKNOWN_KEY,
                    (*path, key),
                    key=True,
                    suggestion=None if suggestion is None else Near(key, [suggestion]),
                    unknown=key,
                    allowed=keys,
                )

    def _repeated_items(self, path: tuple[str | int, ...], items: Sequence[object]) -> None:
        for index in _repeated(items):
            if self._collector.full(codes.REPEATED_ITEM):
                self._collector.more(codes.REPEATED_ITEM)
            else:
                self._add(codes.REPEATED_ITEM, (*path, index), item=_written(items[index]))


def _expected(types: str | list[str]) -> str:
    return " or ".join(_FORMS[one] for one in (types if isinstance(types, list) else [types]))


def _properties(error: ValidationError) -> list[str]:
    schema = error.schema
    return list(schema.get("properties", ())) if isinstance(schema, Mapping) else []


def _required(error: ValidationError) -> list[str]:
    schema = error.schema
    return list(schema.get("required", ())) if isinstance(schema, Mapping) else []


def _said(error: ValidationError, keyword: str) -> str:
    """What the schema itself says to whoever breaks it there, as editors show it; empty where it says nothing."""
    message = error.schema.get(keyword) if isinstance(error.schema, Mapping) else None
    return str(message) if message else ""


def _form_needed(error: ValidationError) -> str:
    """What a text has to look like that is written as a number: in quotes it would be none of those either."""
    if not isinstance(error.instance, int | float) or isinstance(error.instance, bool):
        return ""
    shown_how = isinstance(error.schema, Mapping) and "examples" in error.schema
    return _said(error, "patternErrorMessage") or (_said(error, "errorMessage") if shown_how else "")


def _advice(error: ValidationError) -> str:
    return _said(error, "patternErrorMessage") or f"it must match {error.validator_value}"


def _form(value: object) -> str:
    match value:
        case None:
            return _FORMS["null"]
        case bool():
            return _FORMS["boolean"]
        case int():
            return _FORMS["integer"]
        case float() if math.isfinite(value):
            return _FORMS["number"]
        case float():
            return "no number that can be counted with"
        case str():
            return _FORMS["string"]
        case list():
            return _FORMS["array"]
        case _:
            return _FORMS["object"]


def _written(value: object) -> str:
    """`value` as its author wrote it, more or less, and shortened."""
    match value:
        case None:
            text = "null"
        case bool():
            text = str(value).lower()
        case int():
            text = str(value) if abs(value) < 10**20 else "…"
        case dict() if value and all(isinstance(one, bool | int | str) for one in value.values()):
            text = f"{{{', '.join(f'{key}: {_written(one)}' for key, one in value.items())}}}"
        case list() | dict():
            text = "…" if value else ("[]" if isinstance(value, list) else "{}")
        case _:
            text = str(value)
    return shown(text[:60] + "…" if len(text) > 60 else text)


def place(root: Element, path: Sequence[str | int], *, key: bool = False) -> Span:
    """The place of what `path` leads to in the document `root`, or of its `key` where it has one."""
    if key and (found := key_at(root, path)) is not None:
        return found.span
    element = at(root, path)
    return element.span if isinstance(element, Scalar) else element.head


def report_at(root: Element, collector: Collector) -> Report:
    """A reporter for `fields.read_fields` that places its findings in the document `root`."""

    def report(
        rule: Rule,
        path: Sequence[str | int],
        *,
        key: bool = False,
        suggestion: str | Near | None = None,
        **params: object,
    ) -> None:
        texts = {
            name: _written(value) if name in ("value", "reference", "keyword") else value
            for name, value in params.items()
        }
        collector.add(rule, place(root, path, key=key), texts, suggestion=suggestion)

    return report
