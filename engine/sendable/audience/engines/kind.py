"""What is known of an engine before its package is imported, and how that is put off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

from sendable.audience.engines.files import AudienceEngine, Progress
from sendable.audience.engines.operations import Engine


class Told(StrEnum):
    """What an engine tells of how far it is."""

    CONTACTS = "contacts"
    """How many have been read."""
    HUNDREDTHS = "hundredths"
    """How much of the whole has been done."""
    BY_ITSELF = "by itself"
    """Nothing: it shows that itself."""


@dataclass(frozen=True, slots=True)
class Kind:
    """An engine, as its module registers it by the name KIND."""

    name: str
    title: str
    where: str
    """Where it decides, as the help of a command goes on behind its name."""
    extra: str
    """The extra of this package that installs what it needs."""
    packages: frozenset[str]
    """The packages that it needs, but for Narwhals, and whose errors are about what can't be read or written."""
    frames: frozenset[str]
    """The packages, without an underscore before their names, whose lazy frames are its own."""
    told: Told
    columns: Callable[[], Engine]
    files: Callable[[Progress | None], AudienceEngine]
    """Raises ModuleNotFoundError where a package is not installed, and NotStartedError."""


class NotStartedError(RuntimeError):
    """An engine that is installed can't be started: why, and what to do about it."""

    def __init__(self, why: str, advice: str) -> None:
        super().__init__(why)
        self.advice = advice


class Later:
    """A module that is imported when something of it is first asked for: an extra, which may be missing."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module has
        return getattr(import_module(self._name), name)

    def __reduce__(self) -> tuple[type[Later], tuple[str]]:
        # Functions that Spark sends to other machines have it among their names.
        return Later, (self._name,)
