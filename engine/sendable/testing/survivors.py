"""Cases that would notice what no test notices: contexts are tried until the changed pack decides otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from itertools import chain, combinations, groupby, islice, product
from math import prod
from typing import Any, Final

from sendable.decide.decision import Decision
from sendable.decide.facts import Facts
from sendable.decide.turns import is_local
from sendable.diagnostics.places import Span
from sendable.language.cells import moments_around, within
from sendable.language.choices import walk_read
from sendable.language.naming import SAMPLES, named_by
from sendable.language.nodes import Arithmetic, Call, Constant, ListReference, Node, Path, children, walk
from sendable.language.types import CHANNEL, Kind, Type, Value
from sendable.language.values import ValueRefusedError, plain_value, read_fact
from sendable.language.zones import turns
from sendable.pack.model import Channel, Pack, Reason
from sendable.testing.cases import Aspect, Check, Seen, Suite
from sendable.testing.equivalence import space_of
from sendable.testing.mutants import AS_FOUND, Change, Mutant, lifting_of, nodes_of
from sendable.testing.worlds import SHOWN_ELSEWHERE, World


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test notices. `case`, which goes into the file `file`, would; None where none was found.

    Several entries that were left out of one list may have one case.
    """

    mutant: Mutant
    case: str | None
    file: str | None

    @property
    def message(self) -> str:
        """What is wrong with the tests."""
        return f"no test notices if {self.mutant.text}"


_MOST_TRIED: Final = 3_000
"""How many contexts are tried for one mutant from each start, at most."""

_MOST_BASES: Final = 6


@dataclass(frozen=True, slots=True)
class _Base:
    """A context to start from: a fixture, or nothing but what every context needs."""

    fixture: str | None
    file: str | None
    facts: Facts
    now: datetime | None
    """The time that the file sets for its cases, which a case need not repeat."""


@dataclass(frozen=True, slots=True)
class _Noticing:
    """A context that tells a mutant from the pack, the base it is made of, and what to expect."""

    base: _Base
    facts: Facts
    checks: tuple[Check, ...]


@dataclass(slots=True)
class Search:
    """Looks for contexts in which a mutant decides otherwise than the pack."""

    pack: Pack
    suites: Sequence[Suite]
    world: World = field(init=False)
    bases: list[_Base] = field(init=False)
    used: dict[str, dict[Value, None]] = field(init=False)
    told: dict[tuple[str, ...], _Noticing] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.pack)
        self.used = {}
        for case in (case for suite in self.suites for case in suite.cases):
            for path, value in case.facts.items():
                self.used.setdefault(path, {})[value] = None
        self.bases = sorted(self._bases(), key=lambda base: self._count(base.facts))

    def _count(self, facts: Facts) -> int:
        return sum(found is not None for found in self.world.find_all(facts).values())

    def _bases(self) -> Iterator[_Base]:
        seen: set[str] = set()
        needed = [path for path, declared in self.pack.fields.items() if declared.required]
        own = [suite for suite in self.suites if suite.own]
        for suite in own:
            for fixture in suite.fixtures.values():
                facts = fixture.facts if suite.now is None else {"now": suite.now, **fixture.facts}
                if "now" in facts and all(path in facts for path in needed) and fixture.name not in seen:
                    seen.add(fixture.name)
                    yield _Base(fixture.name, suite.file, facts, suite.now)
        moment = next((suite.now for suite in self.suites if suite.now is not None), _SOME_DAY)
        file = own[0].file if own else None
        for channel in Channel:
            facts = {"now": moment, CHANNEL: channel.value, "contact.email": "kim@example.com"}
            yield _Base(None, file, facts, None)

    def survivors(self, unnoticed: Iterable[Mutant]) -> Iterator[Survivor]:
        """The mutants, each with a case that would notice it if one is found, in their order."""
        for name, group in groupby(unnoticed, key=_list_of):
            if name is not None:
                yield from self._of_entries(list(group))
            else:
                yield from (self._told(one, self._noticing(one)) for one in group)

    def _told(self, mutant: Mutant, noticing: _Noticing | None) -> Survivor:
        if noticing is None:
            return Survivor(mutant, None, None)
        return Survivor(mutant, self._case(mutant.text, noticing), noticing.base.file)

    def _of_entries(self, unnoticed: list[Mutant]) -> Iterator[Survivor]:
        """The mutants that each leave one entry out of the same list: one case for all that differ in nothing else."""
        first, *others = unnoticed
        noticing = self._noticing(first)
        path = None if noticing is None else self._path_of(first, noticing)
        if noticing is None or path is None or not others:
            yield from (self._told(one, self._noticing(one)) for one in unnoticed)
            return
        alike = {_entry(first): noticing.facts[path]}
        for other in others:
            value = str(noticing.facts[path]).replace(_entry(first), _entry(other))
            facts = {**noticing.facts, path: value}
            if self._checks_in(facts, other, World.of(self.pack, other)) == noticing.checks:
                alike[_entry(other)] = value
        title = f"an entry is left out of the list `{_list_of(first)}`"
        case = self._case(title, noticing, {path: tuple(alike.values())})
        for one in unnoticed:
            yield (
                Survivor(one, case, noticing.base.file)
                if _entry(one) in alike
                else self._told(one, self._noticing(one))
            )

    @staticmethod
    def _path_of(mutant: Mutant, noticing: _Noticing) -> str | None:
        """The path whose value has the entry in it, where it is one."""
        found = [
            path
            for path, value in noticing.facts.items()
            if isinstance(value, str) and _entry(mutant) in value and value != noticing.base.facts.get(path)
        ]
        return found[0] if len(found) == 1 else None

    def _noticing(self, mutant: Mutant) -> _Noticing | None:
        """A context in which the mutant decides otherwise than the pack, if one is found."""
        world = World.of(self.pack, mutant)
        before = self._before(mutant)
        if mutant.change is Change.CHANNEL:
            pairs = zip(before, mutant.reasons, strict=True)
            channels = frozenset(chain.from_iterable(one.channels ^ other.channels for one, other in pairs))
        else:
            channels = frozenset(chain.from_iterable(one.channels for one in before))
        bases = [base for base in self.bases if base.facts[CHANNEL] in channels]
        # What told another change of the same reason first; then the fixtures, and behind them the bare contexts.
        bases = [*bases[:_MOST_BASES], *(base for base in bases if base.fixture is None)]
        near = (
            (base, facts) for base in bases for facts in self._near(base, (*before, *mutant.reasons), mutant, world)
        )
        told = self.told.get(mutant.ids)
        for base, facts in near if told is None else chain([(told.base, told.facts)], near):
            checks = self._checks_in(facts, mutant, world)
            if checks:
                self.told[mutant.ids] = _Noticing(base, facts, checks)
                return self.told[mutant.ids]
        return None

    def _before(self, mutant: Mutant) -> list[Reason]:
        by_id = {reason.id: reason for reason in self.pack.reasons}
        return [by_id[one] for one in mutant.ids]

    def _differs(self, facts: Facts, mutant: Mutant, world: World) -> bool:
        found = [self.world.find(reason, facts) for reason in self._before(mutant)]
        if mutant.change is Change.PRIORITY:
            return None not in found
        if mutant.change in AS_FOUND:
            return any(found)
        changed = [world.find(reason, facts) for reason in mutant.reasons]
        return found != changed or (mutant.change in SHOWN_ELSEWHERE and any(changed))

    def _checks_in(self, facts: Facts, mutant: Mutant, world: World) -> tuple[Check, ...]:
        """What to expect so that the pack passes and the mutant does not; empty where nothing shows."""
        if not self._differs(facts, mutant, world):
            return ()
        decision = self.world.decide(facts, self.world.find_all(facts))
        changed = world.decide(facts, world.find_all(facts))
        told: list[Check] = []
        for check in self._checks(mutant, decision):
            wanted = check.look(decision)
            differs = wanted != check.look(changed)
            if differs or not told:
                told.append(replace(check, wanted=wanted))
            if differs:
                return tuple(told)
        return ()

    def _checks(self, mutant: Mutant, decision: Decision) -> Iterator[Check]:
        """What can be looked at: first what every case should say, then what comes soonest to mind."""
        whole = Span.whole_file("")
        aspects = [Aspect.SENDABLE if decision.sendable else Aspect.REASON, Aspect.REASONS, Aspect.MONITORED]
        aspects += [Aspect.EXCEPTED] if self.pack.exceptions else []
        yield from (Check(one, None, whole) for one in (*aspects, Aspect.CERTAINTY, Aspect.MISSING, Aspect.CLEARS_AT))
        systems = dict.fromkeys(system for reason in self._before(mutant) for system in reason.codes)
        found = {finding.id for finding in (*decision.reasons, *decision.monitored, *decision.excepted)}
        for of in (None, *(one for one in mutant.ids if one in found)):
            for aspect in (Aspect.RETRY, Aspect.FIXABLE_BY, Aspect.FLOOR, Aspect.CLEARS_AT):
                yield Check(aspect, None, whole, of=of)
            yield from (Check(Aspect.CODES, None, whole, system, of) for system in systems)
            for aspect in (Aspect.TEXT, Aspect.FIX):
                yield Check(aspect, None, whole, self.pack.default_locale, of)

    # -- contexts to try

    def _near(self, base: _Base, reasons: Sequence[Reason], mutant: Mutant, world: World) -> Iterator[Facts]:
        """Contexts like the base, those with the fewest changes first."""
        values = self._values(base, reasons, mutant, world)
        return islice(self._changed(base.facts, values), _MOST_TRIED)

    @staticmethod
    def _changed(facts: Facts, values: Mapping[str, Sequence[Value | None]]) -> Iterator[Facts]:
        for number in range(len(values) + 1):
            # Of as many paths those with few values come first, so that many values of one leave time for the others.
            for paths in sorted(combinations(values, number), key=lambda one: prod(len(values[path]) for path in one)):
                others = [[one for one in values[path] if one != facts.get(path)] for path in paths]
                for chosen in product(*others):
                    changed = facts | {path: one for path, one in zip(paths, chosen, strict=True) if one is not None}
                    removed = {path for path, one in zip(paths, chosen, strict=True) if one is None}
                    yield {path: one for path, one in changed.items() if path not in removed}

    def _values(
        self, base: _Base, reasons: Sequence[Reason], mutant: Mutant, world: World
    ) -> dict[str, list[Value | None]]:
        """The values to try for each path that the reasons read, those of the conditions first."""
        lifting = dict.fromkeys(chain.from_iterable(lifting_of(reason, self.pack) for reason in reasons))
        conditions = tuple(lifting) if mutant.excepting is None else mutant.excepting.conditions
        nodes = [*(reason.when.node for reason in reasons), *conditions]
        nodes += [reason.in_force for reason in reasons if reason.in_force is not None]
        known: dict[str, list[Value | None]] = {}
        for pack in (self.pack, world.pack):
            for path, found in space_of(pack, Channel, *nodes).values().items():
                known[path] = list(dict.fromkeys([*known.get(path, ()), *found]))
        packs = (self.pack, world.pack)
        every = [one for reason in reasons for pack in packs for one in nodes_of(reason, pack)]
        every += [one for root in conditions for pack in packs for one in walk_read(root, pack.parameters)]
        paths = dict.fromkeys(node.name for node in every if isinstance(node, Path))
        spelled = list(_spelled([*sorted(mutant.gone)[:1], *self._words(every)]))
        numbers: list[object] = [node.value for node in every if isinstance(node, Constant)]
        parameters = (one for pack in (self.pack, world.pack) for one in pack.parameters.values())
        numbers += [value for one in parameters for value in one.values]
        names = named_by(every)
        result: dict[str, list[Value | None]] = {}
        for path in paths:
            if path == CHANNEL:
                continue  # there is a base for every channel
            declared = self.pack.fields[path]
            typical = path not in known or _counted_with(nodes)
            tried: list[Value | None] = [*_rolled_out(path, reasons)]
            tried += self._tried(path, known.get(path, ()), base, spelled, numbers, typical=typical)
            if path in names:
                tried = [*SAMPLES[names[path]], *self.used.get(path, {})]
            if declared.type.kind is Kind.TIMESTAMP:
                tried += self._turned(path, every, base, world)
            if not declared.required and path != "now":
                tried.append(None)
            tried = [one for one in tried if one is None or _is_had(one, declared.type)]
            result[path] = list(dict.fromkeys(tried))
        return result

    def _tried(
        self,
        path: str,
        known: Sequence[Value | None],
        base: _Base,
        spelled: Sequence[str],
        numbers: Sequence[object],
        *,
        typical: bool,
    ) -> list[Value | None]:
        """Values to try for one path: those `known` to make a difference, and others that may, by its kind."""
        declared = self.pack.fields[path].type
        used = islice(self.used.get(path, {}), 12)
        match declared.kind:
            case Kind.STRING if declared.enum is None:
                return [*used, *spelled]
            case Kind.STRING_LIST:
                items = [*spelled, *(one for one in base.facts.values() if isinstance(one, str))]
                sizes = [tuple(f"item {number}" for number in range(size)) for size in _sizes(numbers)]
                return [*used, *known, *((item,) for item in items), *sizes]
            case Kind.TIMESTAMP:
                return [*known, *_moments(base.facts["now"], numbers)]
            case Kind.INTEGER | Kind.NUMBER if typical:
                return [*known, *(one for one in _TYPICAL if within(one, declared))]
            case _:
                return list(known)

    def _turned(self, path: str, nodes: Iterable[Node], base: _Base, world: World) -> Iterator[datetime]:
        """The moments at which what clocks show at the path's time turns, where it is asked for, and beside them."""
        start = base.facts.get(path, base.facts["now"])
        for node in dict.fromkeys(nodes):
            if isinstance(start, datetime) and is_local(node) and Path(path) in walk(node):
                for one in (self.world, world):
                    shown = one.evaluate(node, {**base.facts, path: start})
                    if isinstance(shown, datetime):
                        yield from moments_around(shown, _INSTANT)
                zone = self.world.evaluate(children(node)[-1], base.facts)
                days = (start + timedelta(days=ahead) for ahead in range(1, 7) if start.year < _LAST_YEAR)
                yield from chain(days, islice(turns(start, zone if isinstance(zone, str) else "UTC"), 24))
                yield _SKIPPED_DAY

    def _words(self, nodes: Iterable[Node]) -> list[str]:
        """Texts that the conditions look for: their literals, and some entries of their lists."""
        found: dict[str, None] = {}
        for node in nodes:
            match node:
                case Constant(str(value)):
                    found[value] = None
                case Call("is_ascii"):
                    found["å"] = None
                case ListReference(name):
                    entries = () if self.pack.lists[name].hashed else self.pack.lists[name].entries
                    found |= dict.fromkeys(nsmallest(1, filter(str.isascii, entries)) or nsmallest(1, entries))
                case _:
                    pass
        return list(found)

    # -- the case as text

    @staticmethod
    def _case(text: str, noticing: _Noticing, each: Mapping[str, tuple[Value, ...]] | None = None) -> str:
        """The case as it stands under `cases`; `each` are values of which each is one."""
        base, facts, table = noticing.base, noticing.facts, each or {}
        lines = [f"  - name: {_scalar(f'notices if {text}')}"]
        start: Mapping[str, Value] = {} if base.fixture is None else base.facts
        if base.fixture is not None:
            lines.append(f"    given: {base.fixture}")
        patch: dict[str, Value | None] = {
            path: value for path, value in facts.items() if path not in start or start[path] != value
        }
        patch |= dict.fromkeys(path for path in start if path not in facts)
        patch = {path: value for path, value in patch.items() if path not in table}
        if patch:
            lines.append("    patch:")
            lines += [f"      {path}: {_written(value)}" for path, value in patch.items()]
        if table:
            lines.append("    each:")
        for path, values in table.items():
            lines.append(f"      {path}:")
            lines += [f"        - {_written(value)}" for value in values]
        lines.append("    expect:")
        expected: dict[str, Any] = {}
        for check in noticing.checks:
            inner = expected if check.of is None else expected.setdefault(Aspect.OF, {}).setdefault(check.of, {})
            if check.key is None:
                inner[check.aspect] = check.wanted
            else:
                inner.setdefault(check.aspect, {})[check.key] = check.wanted
        return "\n".join([*lines, *_map_lines(expected, "      ")]) + "\n"


def _map_lines(document: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _map_lines(value, f"{indent}  ")
        else:
            yield f"{indent}{key}: {_written(value)}"


def _list_of(mutant: Mutant) -> str | None:
    """The list that one entry is left out of; None of any other change."""
    return mutant.shorter.name if mutant.change is Change.ENTRY and mutant.shorter is not None else None


def _entry(mutant: Mutant) -> str:
    """The entry that is left out."""
    [entry] = mutant.gone
    return entry


_SOME_DAY: Final = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def _spelled(words: Iterable[str]) -> Iterator[str]:
    """Addresses and other texts that have one of the words in some place."""
    yield from ("kim@example.com", "kim", "x")
    spell: tuple[Callable[[str], str], ...] = (
        lambda word: word,
        lambda word: f"{word}@example.com",
        lambda word: f"kim@{word}",
        lambda word: f"kim@x.{word}",
        lambda word: f"x{word}",
        lambda word: f"{word}x",
    )
    words = list(words)
    for word in words:
        yield from (one(word) for one in spell)
    yield from (f"{one}@{other}" for one in words for other in words if one != other)


def _moments(now: Value, numbers: Iterable[object]) -> Iterator[datetime]:
    """Points in time that many hours and days before now, and a little more and less."""
    if not isinstance(now, datetime):
        return
    for number in dict.fromkeys([0, *(one for one in numbers if isinstance(one, int | float))]):
        for unit in (timedelta(hours=1), timedelta(days=1)):
            for more in (timedelta(), timedelta(minutes=1), timedelta(minutes=-1)):
                try:
                    yield now - unit * number + more
                except OverflowError:
                    continue


_MOST_NAMES: Final = 2_000


def _rolled_out(path: str, reasons: Iterable[Reason]) -> Iterator[str]:
    """A text that each reason which is rolled out by the path is rolled out to, and one to which it is not."""
    names = [f"id-{number}" for number in range(_MOST_NAMES)]
    for reason in reasons:
        if reason.rollout is not None and reason.rollout.by == path:
            for wanted in (True, False):
                yield from islice((one for one in names if reason.rollout.holds(reason.id, one) is wanted), 1)


_INSTANT: Final = timedelta(microseconds=1)
_LAST_YEAR: Final = 9999
_SKIPPED_DAY: Final = datetime(2011, 12, 30, 9, tzinfo=UTC)
"""An hour before Samoa's clocks skipped a day, Pacific/Apia, all of whose times of day come at one moment."""
_TYPICAL: Final = (0, 1, 2, 3, 5, 9, 10, 11, 90, 100, 101)
"""Numbers whose sums and quotients hit round bounds."""

_LONGEST_LIST: Final = 12


def _sizes(numbers: Iterable[object]) -> list[int]:
    """How long lists are tried: about as long as the numbers say."""
    found = {int(one) + more for one in numbers if isinstance(one, int | float) for more in (-1, 0, 1)}
    return sorted(size for size in found if 0 < size <= _LONGEST_LIST)


def _counted_with(roots: Iterable[Node]) -> bool:
    return any(isinstance(node, Arithmetic) for root in roots for node in walk(root))


def _is_had(value: Value, declared: Type) -> bool:
    """Whether a context has the value, as it is read."""
    try:
        return read_fact(value, declared) == value
    except ValueRefusedError:
        return False


_PLAIN: Final = re.compile(r"[a-z][a-z0-9_]*")
_SPECIAL: Final = frozenset({"true", "false", "null"})


def _written(value: Seen | Value) -> str:
    """`value` as YAML, on one line."""
    match value:
        case None:
            return "null"
        case bool() | int() | float():
            return json.dumps(value)
        case str():
            return _scalar(value)
        case tuple():
            return f"[{', '.join(map(_scalar, value))}]"
        case datetime():
            return _scalar(str(plain_value(value)))


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text not in _SPECIAL:
        return text
    # A text of JSON is one of YAML, but for characters that neither may hold bare.
    return json.dumps(text, ensure_ascii=not text.isprintable())
