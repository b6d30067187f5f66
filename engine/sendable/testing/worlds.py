"""Deciding with a pack that has one change, and the cases that notice it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from sendable.decide.clearing import Clearing
from sendable.decide.decision import Certainty, Decision, Finding, TimedDecision, lifted, telling
from sendable.decide.facts import Facts
from sendable.decide.findings import certainty_of, finding_of, parted, time_of
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import ListReference, Node, Parameter
from sendable.language.scope import PolicyList
from sendable.language.types import CHANNEL, Value
from sendable.pack.model import Channel, Pack, Reason
from sendable.testing.cases import Case
from sendable.testing.mutants import AS_FOUND, Change, Mutant, expressions_of, uses
from sendable.testing.run import compare

Found: TypeAlias = tuple[Certainty, tuple[str, ...]] | None
"""What a reason's condition makes for some facts: the certainty and the missing paths of a finding, or none."""


def found_of(reason: Reason, result: Value | Unknown) -> Found:
    unknown = isinstance(result, Unknown)
    certainty = certainty_of(reason, None if unknown else result is True)
    if certainty is None:
        return None
    return certainty, tuple(sorted(result.missing)) if isinstance(result, Unknown) else ()


class World:
    """A pack, or a mutant of it, that finds and decides. The reference interpreter evaluates."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._interpreter = Interpreter(pack.parameters, pack.lists)
        self._prepared: dict[int, tuple[Node, Any]] = {}
        self._clearings: dict[Channel, Clearing] = {}
        self._limits = {reason.id: (reason.in_force, reason.apart) for reason in pack.reasons}
        self._exceptions = [(one, one.condition) for one in pack.exceptions]

    @classmethod
    def of(cls, pack: Pack, mutant: Mutant) -> World:
        """The world of the mutant."""
        changed = {reason.id: reason for reason in mutant.reasons}
        reasons = sorted((changed.get(one.id, one) for one in pack.reasons), key=lambda one: one.priority)
        parameters = pack.parameters
        if mutant.parameter is not None:
            parameters = {**parameters, mutant.parameter.name: mutant.parameter}
        lists = pack.lists
        if mutant.shorter is not None:
            lists = {**lists, mutant.shorter.name: mutant.shorter}
        exceptions = pack.exceptions if mutant.excepting is None else mutant.excepting.put_in(pack.exceptions)
        return cls(replace(pack, reasons=tuple(reasons), parameters=parameters, lists=lists, exceptions=exceptions))

    def evaluate(self, node: Node, facts: Facts) -> Value | Unknown:
        prepared = self._prepared.get(id(node))
        if prepared is None:  # by identity: the node is kept with what was prepared of it
            prepared = self._prepared[id(node)] = (node, self._interpreter.prepare(node))
        return self._interpreter.evaluate(prepared[1], facts)

    def find(self, reason: Reason, facts: Facts) -> Found:
        """What the reason makes for the facts."""
        if facts[CHANNEL] not in reason.channels:
            return None
        return found_of(reason, self.evaluate(reason.when.node, facts))

    def find_all(self, facts: Facts) -> dict[str, Found]:
        """What every reason makes for the facts, by id."""
        return {reason.id: self.find(reason, facts) for reason in self.pack.reasons}

    def decide(self, facts: Facts, found: Mapping[str, Found]) -> Decision:
        """The decision made of what was found."""
        made = (self._finding(self._half(one, facts), facts, it) for one in self.pack.reasons if (it := found[one.id]))
        suppressing, monitored = parted(made)
        holding = [one for one, condition in self._exceptions if self.evaluate(condition, facts) is True]
        reasons, excepted = lifted(suppressing, holding)
        clearing = self._clearing(Channel(str(facts[CHANNEL])))
        if clearing.paths:
            return telling(TimedDecision(reasons, monitored, time_of(facts), self.pack, clearing, facts, excepted))
        return telling(Decision(reasons, monitored, time_of(facts), self.pack))

    def _half(self, reason: Reason, facts: Facts) -> Reason:
        """The reason as it is for the facts, where it is not always enforced or always monitored."""
        limit, halves = self._limits[reason.id]
        return halves[0] if limit is None or self.evaluate(limit, facts) is True else halves[1]

    def _clearing(self, channel: Channel) -> Clearing:
        if channel not in self._clearings:
            self._clearings[channel] = Clearing(self.pack, channel)
        return self._clearings[channel]

    def _finding(self, reason: Reason, facts: Facts, found: tuple[Certainty, tuple[str, ...]]) -> Finding:
        certainty, missing = found

        def value(node: Node) -> Value | None:
            result = self.evaluate(node, facts)
            return None if isinstance(result, Unknown) else result

        return finding_of(self.pack, reason, None if certainty is Certainty.MATCHED else missing, facts, value)


class Bench:
    """The cases with what the pack finds for each, worked out once."""

    def __init__(self, pack: Pack, cases: Iterable[Case]) -> None:
        self._pack = pack
        world = World(pack)
        self._cases = [(case, world.find_all(case.facts)) for case in cases]
        self._readers = _readers_of_lists(pack, [case for case, _ in self._cases])

    def killer(self, mutant: Mutant) -> Case | None:
        """The first case that holds for the pack and not for the mutant."""
        world = World.of(self._pack, mutant)
        always = mutant.change in SHOWN_ELSEWHERE
        for case, found in self._concerned(mutant):
            if mutant.change in AS_FOUND:
                changed = {one: found[one] for one in mutant.ids}
            else:
                changed = {reason.id: world.find(reason, case.facts) for reason in mutant.reasons}
            touched = any(found[one] != changed[one] or (always and changed[one]) for one in changed)
            if not touched:
                continue
            decision = world.decide(case.facts, {**found, **changed})
            if next(compare(case.checks, decision), None) is not None:
                return case
        return None

    def _concerned(self, mutant: Mutant) -> Iterable[tuple[Case, Mapping[str, Found]]]:
        """The cases that the mutant can make a difference to, by what it takes out of a list."""
        if mutant.shorter is None:
            return self._cases
        readers = self._readers.get(mutant.shorter.name, {})
        numbers = {number for entry in (*mutant.gone, _ANY) for number in readers.get(entry, ())}
        return [self._cases[number] for number in sorted(numbers)]


SHOWN_ELSEWHERE: Final = AS_FOUND | {Change.PARAMETER, Change.CASE, Change.ENTRY, Change.STRETCH}
"""Changes that can show in what is told of a reason that is found as before."""


# -- which entries of lists a case depends on

_ANY: Final = ""
"""Stands for every entry of a list; no entry is empty."""


def _readers_of_lists(pack: Pack, cases: Sequence[Case]) -> dict[str, dict[str, list[int]]]:
    """By list and entry, the numbers of the cases in which somebody looked for the entry and found it.

    An entry that nobody found may be left out: nothing comes to anything else without it.
    """
    hits: dict[str, set[str]] = {name: set() for name in pack.lists}
    watched = {name: _watched(one, hits[name]) for name, one in pack.lists.items()}
    interpreter = Interpreter(pack.parameters, watched)
    readers = [reason for reason in pack.reasons if any(uses(reason, ListReference(name), pack) for name in pack.lists)]
    shown = [Parameter(name) for reason in readers for name in reason.parameters_shown]
    prepared = [interpreter.prepare(node) for reason in readers for node in expressions_of(reason)]
    prepared += [interpreter.prepare(node) for node in shown]
    prepared += [interpreter.prepare(one.condition) for one in pack.exceptions]
    found: dict[str, dict[str, list[int]]] = {name: {} for name in pack.lists}
    for number, case in enumerate(cases):
        for one in prepared:
            interpreter.evaluate(one, case.facts)
        for name, entries in hits.items():
            for entry in entries:
                found[name].setdefault(entry, []).append(number)
            entries.clear()
    return found


def _watched(whole: PolicyList, hits: set[str]) -> PolicyList:
    """The list as it is, but that what is found in it is put down."""
    entries: Any = _Entries(whole.entries, hits)
    return replace(whole, entries=entries, values=None if whole.values is None else _Values(whole.values, hits))


class _Entries(Collection[str]):
    """The entries of a list; whoever finds one leaves a note, and whoever asks for all leaves one of that."""

    def __init__(self, entries: frozenset[str], hits: set[str]) -> None:
        self._entries = entries
        self._hits = hits

    def __contains__(self, item: object) -> bool:
        found = item in self._entries
        if found:
            self._hits.add(str(item))
        return found

    def __iter__(self) -> Iterator[str]:
        self._hits.add(_ANY)
        return iter(self._entries)

    def __len__(self) -> int:
        self._hits.add(_ANY)
        return len(self._entries)

    def __bool__(self) -> bool:
        if len(self._entries) == 1:  # without the one it would be empty
            self._hits.add(_ANY)
        return bool(self._entries)

    def isdisjoint(self, others: Iterable[str]) -> bool:
        found = self._entries.intersection(others)
        self._hits |= found
        return not found


class _Values(dict[str, str | float]):
    """The values of a map; whoever finds one leaves a note."""

    def __init__(self, values: Mapping[str, str | float], hits: set[str]) -> None:
        super().__init__(values)
        self._hits = hits

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as dict has it
        if key in self:
            self._hits.add(key)
        return super().get(key, default)
