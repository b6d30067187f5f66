"""The record of one problem, and the collector that orders them.

A rule says once what a kind of problem is called, how grave it is and how it is worded. A diagnostic is a rule at a
place with its parameters; its text is made where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sendable.diagnostics.places import Span
from sendable.diagnostics.wording import shown


class Severity(StrEnum):
    """How grave a diagnostic is: an error keeps a pack from loading, but for some of lint's; others never do."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of problem. `message` and `help` name their parameters in braces.

    `loads` is of an error that only lint finds: the pack can be used all the same, and its authors can weigh it.
    """

    code: str
    name: str
    severity: Severity
    message: str
    help: str = ""
    loads: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is to stand in a place of a file. An item of a list with nothing in its place is taken out."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem at one place. `also` are further places that belong to it, such as the first of two equal keys.

    `edits`, all of them together, put it right; none where it takes a person to say how.
    """

    rule: Rule
    span: Span
    params: tuple[tuple[str, str], ...] = ()
    suggestion: str | None = None
    also: tuple[Span, ...] = ()
    edits: tuple[Replacement, ...] = ()

    @property
    def code(self) -> str:
        """The rule's code, `SND` and three digits."""
        return self.rule.code

    @property
    def severity(self) -> Severity:
        """How grave the problem is."""
        return self.rule.severity

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        return self.rule.message.format(**dict(self.params))

    @property
    def help(self) -> str:
        """What to do about it: the near miss if there is one, then the rule's advice; may be empty."""
        meant = f"did you mean `{self.suggestion}`?" if self.suggestion is not None else ""
        advice = self.rule.help.format(**{"advice": "", **dict(self.params)})  # nobody has advice on everything
        return " ".join(part for part in (meant, advice) if part)

    def __str__(self) -> str:
        start = self.span.start
        text = f"{self.span.file}:{start.line}:{start.column}: {self.severity} {self.code}: {self.message}"
        return f"{text} ({self.help})" if self.help else text


class PolicyError(Exception):
    """A pack that can't be loaded. `diagnostics` holds every problem found in it, in order, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))


class Collector:
    """Gathers the diagnostics of a run: each once, ordered by place."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span, tuple[tuple[str, str], ...]], Diagnostic] = {}

    def report(
        self, rule: Rule, span: Span, /, *, suggestion: str | None = None, also: Iterable[Span] = (), **params: object
    ) -> None:
        """Adds a diagnostic; one with the same rule, place and parameters is kept once."""
        self.add(rule, span, params, suggestion=suggestion, also=also)

    def add(
        self,
        rule: Rule,
        span: Span,
        params: Mapping[str, object],
        *,
        suggestion: str | None = None,
        also: Iterable[Span] = (),
        edits: Iterable[Replacement] = (),
    ) -> None:
        """The same as `report`, with the parameters in a mapping, and with what puts it right."""
        texts = tuple((name, shown(value)) for name, value in params.items())
        found = Diagnostic(rule, span, texts, suggestion, tuple(also), tuple(edits))
        self._found.setdefault((rule.code, span, texts), found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, ordered by file, place and code."""
        return tuple(sorted(self._found.values(), key=lambda found: (found.span, found.code, found.params)))

    @property
    def has_errors(self) -> bool:
        """Whether any diagnostic so far is an error."""
        return any(found.severity is Severity.ERROR for found in self._found.values())
