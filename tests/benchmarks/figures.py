"""What was measured, and the tables it is told in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tabulate import tabulate

HAND_FIRST: Final = "by hand, the first reason"
HAND_EVERY: Final = "by hand, every reason"
COMPILED: Final = "sendable, compiled"
UNVALIDATED: Final = "sendable, compiled, validate=False"
INTERPRETED: Final = "sendable, interpreted"
CONVERTED: Final = ", converted beforehand"


@dataclass(frozen=True, slots=True)
class Row:
    """One engine: for each context, the nanoseconds of each of its forms; the fastest counts."""

    name: str
    times: Mapping[str, Mapping[str, float]]
    peer: str | None = None

    def best(self, context: str) -> float:
        """Nanoseconds for a decision."""
        return min(self.times[context].values())

    def form(self, context: str) -> str:
        """The form that was the fastest."""
        forms = self.times[context]
        return min(forms, key=lambda name: forms[name])


@dataclass(frozen=True, slots=True)
class Size:
    """A generated pack: times in seconds, of a decision in nanoseconds."""

    reasons: int
    fields: int
    loading: float
    first_decision: float
    decision: float
    unvalidated: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything of one run."""

    machine: str
    versions: str
    rounds: int
    contexts: tuple[str, ...]
    """The first is the clean one, the second the one with three findings."""
    with_functions: tuple[Row, ...]
    ready_made: tuple[Row, ...]
    sizes: tuple[Size, ...]
    internationalized: tuple[float, float]
    """By hand, every reason, and sendable: nanoseconds for a clean contact with an internationalized address."""
    addresses: tuple[float, float]
    """valid_address and email-validator: nanoseconds for a plain address."""
    dry_runs: Mapping[str, float]
    """Seconds for a dry-run of each file."""
    imports: float
    """Seconds that Python takes to import click, yaml and jsonschema."""
    memory: tuple[int, int, int]
    """Decisions, and the bytes that they left behind: Python's, and the process's, -1 where that is not told."""
    notes: Mapping[str, str] = field(default_factory=dict)


def report(figures: Figures, *, markdown: bool = False) -> str:
    """The figures as text, or as Markdown."""
    parts = [
        _introduction(figures),
        _table("", *_decisions(figures), markdown=markdown),
        _table("Size of the pack (a clean contact)", *_sizes(figures), markdown=markdown),
        _table("What was to be reached", *_goals(figures), markdown=markdown),
        _table("The fastest form of each peer", *_forms(figures), markdown=markdown),
    ]
    return "\n\n".join(parts) + "\n"


def _introduction(figures: Figures) -> str:
    return f"""\
Machine: {figures.machine}.
Beside: {figures.versions}.
Times are microseconds for a decision, the best of {figures.rounds} interleaved samples in one process. × hand is the
ratio to the hand-written chain for every reason, which calls the address functions; × peer is the ratio to the fastest
peer that is given the context as it comes. All answers were the reference's before anything was timed: every peer tells
undetermined from matched by a second expression for each floor; which fields are missing only sendable says."""


def _table(title: str, headers: list[str], rows: list[list[str]], *, markdown: bool) -> str:
    style = "pipe" if markdown else "simple"
    alignment = ["left", *["right"] * (len(headers) - 1)] if title != "The fastest form of each peer" else None
    text = tabulate(rows, headers, tablefmt=style, colalign=alignment, disable_numparse=True)
    if not title:
        return text
    return f"### {title}\n\n{text}" if markdown else f"{title}\n\n{text}"


def fastest_peer(figures: Figures, context: str, *, converted: bool) -> Row:
    """The fastest row of another engine."""
    rows = [row for row in figures.ready_made if row.peer is not None and row.name.endswith(CONVERTED) is converted]
    return min(rows, key=lambda row: row.best(context))


def named(rows: tuple[Row, ...], name: str) -> Row:
    """The row `name`."""
    return next(row for row in rows if row.name == name)


def _decisions(figures: Figures) -> tuple[list[str], list[list[str]]]:
    headers = [""]
    for context in figures.contexts:
        headers += [context, "× hand", "× peer"]
    by_hand = named(figures.with_functions, HAND_EVERY)
    table: list[list[str]] = []
    sections = (
        ("The address functions are called:", figures.with_functions, False),
        ("The address facts are ready-made:", figures.ready_made, True),
    )
    for title, rows, ready in sections:
        table.append([title, *[""] * (len(headers) - 1)])
        for row in sorted(rows, key=lambda row: row.best(figures.contexts[0])):
            line = [f"  {row.name}"]
            for context in figures.contexts:
                time = row.best(context)
                peer = _ratio(time / fastest_peer(figures, context, converted=False).best(context)) if ready else ""
                line += [_micro(time), _ratio(time / by_hand.best(context)), peer]
            table.append(line)
    return headers, table


def _sizes(figures: Figures) -> tuple[list[str], list[list[str]]]:
    headers = ["reasons", "fields", "loading, s", "first decision, s", "decision, µs", "ns a reason", "unvalidated, µs"]
    rows = [
        [
            f"{size.reasons:,}",
            f"{size.fields:,}",
            f"{size.loading:.3f}",
            f"{size.first_decision:.3f}",
            _micro(size.decision),
            f"{size.decision / size.reasons:.1f}",
            _micro(size.unvalidated),
        ]
        for size in figures.sizes
    ]
    return headers, rows


@dataclass(frozen=True, slots=True)
class _Goal:
    what: str
    measured: float
    limit: float | None
    least: bool = False
    unit: str = "×"

    def line(self) -> list[str]:
        shown = f"{self.measured:,.0f} {self.unit}" if self.unit != "×" else _ratio(self.measured)
        if self.limit is None:
            return [self.what, shown, "", ""]
        reached = self.measured >= self.limit if self.least else self.measured <= self.limit
        limit = f"{self.limit:,.0f}" if self.unit != "×" else f"{self.limit:g}"
        return [self.what, shown, f"{'at least' if self.least else 'at most'} {limit}", "yes" if reached else "no"]


def _goals(figures: Figures) -> tuple[list[str], list[list[str]]]:
    return ["", "measured", "asked for", "reached"], [goal.line() for goal in _every_goal(figures)]


def _every_goal(figures: Figures) -> Iterator[_Goal]:
    clean, findings = figures.contexts[:2]
    functions, ready = figures.with_functions, figures.ready_made
    by_hand = min(named(functions, HAND_FIRST).best(clean), named(functions, HAND_EVERY).best(clean))
    compiled, unvalidated = named(functions, COMPILED), named(functions, UNVALIDATED)
    yield _Goal("clean, validated / the faster chain by hand", compiled.best(clean) / by_hand, 2.0)
    yield _Goal("clean, validate=False / the faster chain by hand", unvalidated.best(clean) / by_hand, 1.4)
    every = named(functions, HAND_EVERY).best(findings)
    yield _Goal("three findings, validated / every reason by hand", compiled.best(findings) / every, 4.0)
    own = named(ready, COMPILED).best(clean)
    for converted in (False, True):
        peer = fastest_peer(figures, clean, converted=converted)
        yield _Goal(f"clean, validated, ready-made facts / {peer.name}", own / peer.best(clean), 0.8)
    for name in ("simpleeval", f"simpleeval{CONVERTED}"):
        for form, time in sorted(named(ready, name).times[clean].items(), key=lambda item: item[1]):
            yield _Goal(f"clean: {name} ({form}) / validated, ready-made facts", time / own, 60.0, least=True)
    interpreted = named(functions, INTERPRETED).best(clean)
    yield _Goal("clean: the reference / validated", interpreted / compiled.best(clean), None)
    hand, sendable = figures.internationalized
    yield _Goal("clean, internationalized address, validated / every reason by hand", sendable / hand, None)
    small, large = figures.sizes[0], figures.sizes[-1]
    grown = f"{large.reasons:,} reasons / {small.reasons:,}"
    yield _Goal(
        f"{grown}: a decision, for each reason",
        (large.decision / large.reasons) / (small.decision / small.reasons),
        None,
    )
    yield _Goal(
        f"{grown}: loading, for each reason", (large.loading / large.reasons) / (small.loading / small.reasons), None
    )
    for file, time in figures.dry_runs.items():
        yield _Goal(f"dry-run {file} / importing click, yaml, jsonschema", time / figures.imports, 2.5)
    own_address, library = figures.addresses
    yield _Goal("a plain address: email-validator / valid_address", library / own_address, 15.0, least=True)
    times, traced, resident = figures.memory
    yield _Goal(f"left behind by {times:,} decisions, Python's objects", traced, times / 100, unit="bytes")
    if resident >= 0:
        yield _Goal(f"left behind by {times:,} decisions, the process", resident, times, unit="bytes")


def _forms(figures: Figures) -> tuple[list[str], list[list[str]]]:
    rows = [
        [row.name, *(row.form(context) for context in figures.contexts), figures.notes.get(row.peer or "", "")]
        for row in figures.ready_made
        if row.peer is not None
    ]
    return ["", *figures.contexts, "how it is asked"], rows


def _micro(nanoseconds: float) -> str:
    return f"{nanoseconds / 1000:,.2f}"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
