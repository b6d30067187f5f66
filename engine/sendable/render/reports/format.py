"""What commands report, and how a format writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sendable.pack.locales import format_number
from sendable.render.terminal.paint import Paint, plain

if TYPE_CHECKING:
    from collections import Counter

    from sendable.audience.summary import Summary
    from sendable.decide.decision import Decision
    from sendable.decide.documents import ContextDocument
    from sendable.diagnostics.record import Diagnostic, Severity
    from sendable.explain.explanation import Explanation
    from sendable.policy import Policy
    from sendable.render.words.forms import State, Words
    from sendable.testing.coverage import Coverage
    from sendable.testing.mutation import Mutation
    from sendable.testing.run import Run


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of a pack, and of which severities they make the command fail."""

    pack: str
    found: tuple[Diagnostic, ...]
    failing: frozenset[Severity]


@dataclass(frozen=True, slots=True)
class RunOfTests:
    """What came of the tests of a pack, and of coverage and mutation where they were asked for."""

    run: Run
    coverage: Coverage | None
    mutation: Mutation | None
    words: Words
    least: float | None = None
    """How many percent the coverage and the mutation score have to come to, where either was measured."""

    @property
    def shortfalls(self) -> Mapping[str, str]:
        """What is below `least`, each with a sentence about it."""
        said = self.words.tests
        least = 0 if self.least is None else self.least
        # As exact as a share: 0.29 * 100 is less than 29, and 1.1 / 100 more than 0.011.
        least_share = round(least / 100, 12)
        told = {}
        if self.coverage is not None and self.coverage.share < least_share:
            told["coverage"] = (said.coverage_below, self.coverage.percent)
        if self.mutation is not None and self.mutation.score < least_share:
            told["mutation-score"] = (said.mutation_below, self.mutation.percent)
        tag = self.words.language
        return {
            name: below.format(share=format_number(percent, tag), least=format_number(least, tag))
            for name, (below, percent) in told.items()
        }


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why a command could not answer what it was asked, and the problems that are the cause.

    `failed` says that it is what was checked that does not hold.
    """

    command: str
    why: str
    advice: str
    found: tuple[Diagnostic, ...]
    failed: bool


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons of a policy, for readers of one of its locales."""

    policy: Policy
    served: str

    @property
    def locales(self) -> tuple[str, ...]:
        """Every locale of the pack, the one served first."""
        return (self.served, *(locale for locale in self.policy.pack.locales if locale != self.served))


@dataclass(frozen=True, slots=True)
class Explanations:
    """Explanations with the places of their contexts; with `full` or of one `reason` where that was asked for."""

    policy: Policy
    explained: tuple[tuple[str, Explanation], ...]
    locale: str | None
    full: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions as they come. `counts` are the contexts by what they were found to be, once all have come."""

    policy: Policy
    decided: Iterable[tuple[Decision, ContextDocument]]
    counts: Counter[State]
    locale: str | None


@dataclass(frozen=True, slots=True)
class Audience:
    """An audience counted, for readers of one of the locales of its policy."""

    policy: Policy
    summary: Summary
    served: str


Report: TypeAlias = Problems | RunOfTests | Unanswered | Reasons | Explanations | Decisions | Audience


@dataclass(frozen=True, slots=True)
class Screen:
    """What text for people is written on."""

    width: int = 80
    paint: Paint = plain


@dataclass(frozen=True, slots=True)
class Writer:
    """How a format writes one kind of report."""

    write: Callable[[Any, Screen], Iterator[str]]
    """The pieces of what is written, of the report and the screen; the last one ends a line."""
    help: str = ""
    """What stands behind the format's name in the help of a command."""
    only_one: bool = False
    """Whether it has room for one explanation only."""
    at_once: bool = False
    """Whether somebody waits for each piece."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format, as its module registers it by the name FORMAT."""

    name: str
    writers: Mapping[type[Report], Writer]
    clean: Callable[[str, Screen], str]
    """What is done to each piece before it is written, so that nothing in it acts on whoever shows it."""
