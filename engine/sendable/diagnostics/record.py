"""The record of one problem, and the collector that orders them.

A rule says once what a kind of problem is called, how grave it is and how it is worded. A diagnostic is a rule at a
place with its parameters; its text is made where it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from sendable.diagnostics.places import Span
from sendable.diagnostics.wording import LONGEST_SHOWN, Near, printed, shown


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

    `edits`, all of them together, put it right; none where it takes a person to say how. The suggestion is `sure` where
    it can stand for what was written without anybody being asked.
    """

    rule: Rule
    span: Span
    params: tuple[tuple[str, str], ...] = ()
    suggestion: str | None = None
    also: tuple[Span, ...] = ()
    edits: tuple[Replacement, ...] = ()
    sure: bool = True

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
        text = f"{shown(self.span.file)}:{self.span.start}: {self.severity} {self.code}: {self.message}"
        return printed(f"{text} ({self.help})" if self.help else text)


UNTOLD: Final = Rule(
    "SND519",
    "untold-problems",
    Severity.ERROR,
    "not told here: {least}{counts} more",
    "put right what is told, and check again",
)
"""Of what stands behind the last problem that is told; as grave as the gravest of those that are not."""

MOST_TOLD: Final = 500
"""How many problems of a pack are told: nobody reads more, and a hostile file has hundreds of thousands."""

_MOST_EFFORT: Final = 12_000_000
"""How much looking for near misses may take in a run, in comparisons of characters: about a second."""

MOST_KEPT: Final = 1_000
"""How many problems of one kind are kept; of the others it is only known how many there are."""


def by_severity(found: Iterable[Diagnostic]) -> Counter[Severity]:
    """How many problems there are of each severity, those that are not told included."""
    counts: Counter[Severity] = Counter()
    for one in found:
        if one.rule.code == UNTOLD.code:
            told = dict(one.params)
            counts += Counter({severity: int(told[severity]) for severity in Severity})
        else:
            counts[one.severity] += 1
    return counts


def counted(counts: Mapping[Severity, int]) -> str:
    """How many there are of each severity: `2 errors, 1 warning`; empty where there are none."""
    some = ((counts.get(severity, 0), severity) for severity in Severity)
    return ", ".join(f"{count:,} {severity}{'' if count == 1 else 's'}" for count, severity in some if count)


def untold(counts: Mapping[Severity, int], file: str, *, least: bool) -> tuple[Diagnostic, ...]:
    """What says that there are more problems, in `file` and elsewhere; nothing where there are none.

    With `least` there may be even more.
    """
    gravest = next((severity for severity in Severity if counts.get(severity)), None)
    if gravest is None:
        return ()
    numbers = ((severity.value, str(counts.get(severity, 0))) for severity in Severity)
    params = (("counts", counted(counts)), ("least", "at least " if least else ""), *numbers)
    return (Diagnostic(replace(UNTOLD, severity=gravest), Span.whole_file(file), params),)


def told(problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """At most 500 of the problems, the gravest ones, in their order, and behind them how many more there are."""
    found = tuple(problems)
    ordered = [one for one in found if one.rule.code != UNTOLD.code]
    chosen = sorted(range(len(ordered)), key=lambda index: [*Severity].index(ordered[index].severity))[:MOST_TOLD]
    first = [ordered[index] for index in sorted(chosen)]
    least = any(dict(one.params)["least"] for one in found if one.rule.code == UNTOLD.code)
    return (*first, *untold(by_severity(found) - by_severity(first), first[-1].span.file if first else "", least=least))


class PolicyError(Exception):
    """A pack that can't be loaded. `diagnostics` holds the problems found in it, in order, warnings included.

    Of more than 500 it has the gravest, and as the last one how many more there are.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))


class Placed(Protocol):
    """What stands somewhere in a file. Its place is looked for where it is told."""

    @property
    def span(self) -> Span: ...


class Collector:
    """Gathers the diagnostics of a run: each once, ordered by place.

    Of one kind at most 1,000 are kept. The others are counted, which takes next to no time and no memory.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span, tuple[tuple[str, str], ...]], Diagnostic] = {}
        self._reported: Counter[str] = Counter()
        self._severities: dict[str, Severity] = {}
        self._ended = False
        self._effort = _MOST_EFFORT

    def report(
        self,
        rule: Rule,
        place: Span | Placed,
        /,
        *,
        suggestion: str | Near | None = None,
        also: Iterable[Span | Placed] = (),
        **params: object,
    ) -> None:
        """Adds a diagnostic; one with the same rule, place and parameters is kept once."""
        self.add(rule, place, params, suggestion=suggestion, also=also)

    def add(
        self,
        rule: Rule,
        place: Span | Placed,
        params: Mapping[str, object],
        *,
        suggestion: str | Near | None = None,
        also: Iterable[Span | Placed] = (),
        edits: Iterable[Replacement] = (),
    ) -> None:
        """The same as `report`, with the parameters in a mapping, and with what puts it right."""
        if self.full(rule):
            self.more(rule)
            return
        texts = tuple((name, shown(value)) for name, value in params.items())
        span = _span_of(place)
        key = (rule.code, span, texts)
        if key not in self._found:
            meant = self._meant(suggestion)
            sure = not isinstance(suggestion, Near) or suggestion.is_sure(meant)
            self._found[key] = Diagnostic(rule, span, texts, meant, tuple(map(_span_of, also)), tuple(edits), sure)
            self.more(rule)

    def _meant(self, suggestion: str | Near | None) -> str | None:
        if not isinstance(suggestion, Near):
            return None if suggestion is None or len(suggestion) > LONGEST_SHOWN else suggestion
        if suggestion.effort > self._effort:
            return None
        self._effort -= suggestion.effort
        return suggestion.found()

    def full(self, rule: Rule) -> bool:
        """Whether enough of this kind are kept, so that place and near miss of the next one need not be found."""
        return self._reported[rule.code] >= MOST_KEPT

    def more(self, rule: Rule, count: int = 1) -> None:
        """Counts problems that are not described."""
        self._reported[rule.code] += count
        self._severities[rule.code] = rule.severity

    def ended(self, rule: Rule, count: int) -> None:
        """Counts what is certain where something is not looked at any further: there may be more."""
        self._ended = True
        self.more(rule, count)

    def kept(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are kept, ordered by file, place and code."""
        return tuple(sorted(self._found.values(), key=lambda found: (found.span, found.code, found.params)))

    def only_counted(
        self, severities: Mapping[str, Severity] | None = None, without: Container[str] = ()
    ) -> tuple[Diagnostic, ...]:
        """What says how many problems there are besides those that are kept; nothing where there are none.

        `severities` are those of codes that have another one than their rule, `without` are codes that do not count.
        """
        kept = Counter(one.code for one in self._found.values())
        counts: Counter[Severity] = Counter()
        for code, count in (self._reported - kept).items():
            if code not in without:
                counts[(severities or self._severities).get(code, self._severities[code])] += count
        last = max(self._found.values(), key=lambda found: found.span, default=None)
        return untold(counts, "" if last is None else last.span.file, least=self._ended)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """The diagnostics to be told, ordered by file, place and code, with how many there are more than those."""
        return told((*self.kept(), *self.only_counted()))

    @property
    def has_errors(self) -> bool:
        """Whether any diagnostic so far is an error."""
        return Severity.ERROR in self._severities.values()


def _span_of(place: Span | Placed) -> Span:
    return place if isinstance(place, Span) else place.span
