"""Formats by their names. Each module of this folder with a `FORMAT` is one, and nothing else names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from sendable.render import reports
from sendable.render.reports.format import Format, Report, Screen, Writer

_FIRST: Final = ("json", "text")
"""What is offered before all else, the first one last."""


@cache
def formats() -> dict[str, Format]:
    """Every format by its name."""
    names = (f"{reports.__name__}.{one.name}" for one in iter_modules(reports.__path__))
    modules = [import_module(name) for name in names if name != __name__]
    found: list[Format] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {one.name: one for one in sorted(found, key=lambda one: (-_rank(one.name), one.name))}


def _rank(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else -1


def writers(report: type[Report]) -> dict[str, Writer]:
    """How a report of this kind can be written, by the names of the formats."""
    return {name: _cleaned(one, one.writers[report]) for name, one in formats().items() if report in one.writers}


def _cleaned(form: Format, writer: Writer) -> Writer:
    def write(report: Report, screen: Screen) -> Iterator[str]:
        return (form.clean(piece, screen) for piece in writer.write(report, screen))

    return replace(writer, write=write)
