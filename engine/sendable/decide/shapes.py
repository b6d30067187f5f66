"""The shape of a context: which keys it has, and which keys each group of fields in it has.

A sender's contexts are mostly of one shape, or a few. Code that knows the shape reads each field with one look-up that
can't miss, and need not ask for those that are not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from sendable.decide.facts import FactReader

Shape: TypeAlias = tuple[tuple[str, frozenset[str]], ...]
"""The keys of the context, under "", and of each group in it, under its path; in the order of the declared groups."""


def shape_of(context: Mapping[Any, Any], reader: FactReader) -> Shape | None:
    """The shape of `context`, None where it is not all plain dictionaries with text for keys."""
    found: list[tuple[str, frozenset[str]]] = []
    return tuple(found) if _collect(context, reader, "", found) else None


def _collect(context: Any, reader: FactReader, path: str, found: list[tuple[str, frozenset[str]]]) -> bool:  # noqa: ANN401
    if type(context) is not dict or not all(type(key) is str for key in context):
        return False
    found.append((path, frozenset(context)))
    return all(_collect(context[key], inner, name, found) for key, name, inner in reader.groups if key in context)
