"""What would make an email sendable: the smallest changes to its context, found on the conditions.

The search goes from the context as it is, one changed field at a time, towards one in which no reason is found, the
fewest changes first (A*). Whatever clears a finding changes a field that the finding rests on, so only those are tried,
with the values that the pack's conditions can tell apart. What is kept has been evaluated again, change by change.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, count
from types import MappingProxyType
from typing import Any, Final

from sendable.decide.facts import Facts
from sendable.decide.findings import certainty_of, is_enforced
from sendable.explain.candidates import Alternatives
from sendable.language.choices import walk_read
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import And, Node, Not, Or, Path, walk
from sendable.language.types import CHANNEL, NOW, Kind, Value
from sendable.pack.model import Actor, FixableBy, Pack, PolicyException, Reason, Retry

MOST_REMEDIES: Final = 5
"""How many remedies are told, at most."""

_MOST_STEPS: Final = 1_500
"""How many contexts are looked at, at most."""

_MOST_CHECKED: Final = 10
_MOST_SOLUTIONS: Final = 4 * MOST_REMEDIES


_RANK: Final = {actor: rank for rank, actor in enumerate(Actor)}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that would have to have another value. None is the lack of one: `new` None means to remove it."""

    path: str
    old: Value | None
    new: Value | None
    by: Actor
    example: bool
    """Whether `new` only stands for all the values that would do."""
    unknown: bool
    """Whether the lack of the value is what leaves a reason undetermined: then it has to be looked up."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes that make the email sendable together, and of which none can be left out."""

    steps: tuple[Change, ...]
    leaves: tuple[str, ...] = ()
    """The ids of the reasons that suppress the email all the same: none, unless only one reason was to be cleared."""

    @property
    def changes(self) -> Mapping[str, Value | None]:
        """The new value of each path; None means to remove it."""
        return MappingProxyType({step.path: step.new for step in self.steps})

    @property
    def by(self) -> Actor:
        """Who has to act; of several, the one who is hardest to move."""
        return max((step.by for step in self.steps), key=_RANK.__getitem__)


@dataclass(frozen=True, slots=True)
class Search:
    """What was found. `complete` is whether these are all the smallest remedies, within the values that differ."""

    remedies: tuple[Remedy, ...]
    complete: bool


def apply(facts: Facts, changes: Mapping[str, Value | None]) -> Facts:
    """The facts with the changes made."""
    changed = {**facts, **{path: value for path, value in changes.items() if value is not None}}
    return {path: value for path, value in changed.items() if changes.get(path, value) is not None}


def remedies(pack: Pack, facts: Facts, *, only: str | None = None) -> Search:
    """The remedies for the email of `facts`, the fewest changes first; with `only`, those that clear this one reason.

    No remedy where nothing suppresses, and none of a floor but by what whoever can lift it can change.
    """
    return _Search(pack, facts, only).run()


@dataclass(frozen=True, slots=True)
class _Rule:
    """A reason made ready to be evaluated.

    INVARIANT: `condition` and `paths` know where it is in force, and what is looked for to clear it does not: nobody is
    told to leave a rollout.
    """

    reason: Reason
    condition: Any
    paths: frozenset[str]
    exceptions: tuple[tuple[PolicyException, Any], ...]
    """Those that lift it for the email as it is, made ready too. No other is looked for: nobody is to match one."""


@dataclass(frozen=True, slots=True)
class _State:
    changes: Mapping[str, Value | None]
    facts: Facts
    found: Mapping[int, int]
    """The reasons that are found, each with how many changes it needs at least."""


class _Search:
    def __init__(self, pack: Pack, facts: Facts, only: str | None) -> None:
        self._pack = pack
        self._interpreter = Interpreter(pack.parameters, pack.lists)
        self._facts = facts
        channel = facts[CHANNEL]
        conditions = [(one, self._interpreter.prepare(one.condition)) for one in pack.exceptions]
        holding = [(one, prepared) for one, prepared in conditions if Interpreter.evaluate(prepared, facts) is True]
        self._rules = [
            _Rule(
                reason,
                self._interpreter.prepare(enforced.when.node),
                frozenset(_paths(enforced.when.node, pack)),
                tuple((one, prepared) for one, prepared in holding if reason.id in one.reasons),
            )
            for reason in pack.reasons
            for enforced in reason.apart
            if channel in reason.channels and is_enforced(enforced)
        ]
        self._readers: dict[str, list[int]] = {}
        for number, rule in enumerate(self._rules):
            lifting = (node for one, _ in rule.exceptions for node in walk(one.condition) if isinstance(node, Path))
            for path in rule.paths.union(node.name for node in lifting):
                self._readers.setdefault(path, []).append(number)
        self._targets = frozenset(
            number for number, rule in enumerate(self._rules) if only is None or rule.reason.id == only
        )
        self._alternatives = Alternatives(pack, [rule.reason.when.node for rule in self._rules])
        self._prepared = cache(self._interpreter.prepare)

    # -- the search

    def run(self) -> Search:
        facts = self._facts
        found = {
            number: self._least(number, facts) for number in range(len(self._rules)) if self._is_found(number, facts)
        }
        start = _State({}, facts, found)
        if self._is_clear(start):
            return Search((), complete=True)
        states, complete = self._fewest(start)
        if not states:
            states = self._any(start)
        told = self._told(states)
        complete = complete and not self._alternatives.bounded and len(told) <= MOST_REMEDIES
        return Search(told[:MOST_REMEDIES], complete)

    def _fewest(self, start: _State) -> tuple[list[_State], bool]:
        """The states in which all is clear, the fewest changes first (A*), and whether there are no more."""
        order = count()
        # Of states as near to the end the one with the fewest reasons comes first: of the values of a field, the one
        # that clears the most.
        heap = [(self._bound(start), len(start.found), 0, next(order), start)]
        seen: set[frozenset[tuple[str, Value | None]]] = {frozenset()}
        solutions: dict[frozenset[str], _State] = {}
        steps = 0
        while heap and steps < _MOST_STEPS and len(solutions) < _MOST_SOLUTIONS:
            *_, state = heapq.heappop(heap)
            if self._is_clear(state):
                paths = frozenset(state.changes)
                if paths not in solutions and not any(other < paths for other in solutions) and self._minimal(state):
                    solutions[paths] = state
                continue
            for following in self._following(state):
                steps += 1
                key = frozenset(following.changes.items())
                if key not in seen:
                    seen.add(key)
                    depth = len(following.changes)
                    distance = depth + self._bound(following)
                    heapq.heappush(heap, (distance, len(following.found), -depth, next(order), following))
        return list(solutions.values()), not heap

    def _any(self, start: _State) -> list[_State]:
        """Some state in which all is clear, by going where the least is left to do; none where none was found."""
        order = count()
        heap = [(self._bound(start), next(order), start)]
        steps = 0
        while heap and steps < _MOST_STEPS:
            _, _, state = heapq.heappop(heap)
            if self._is_clear(state):
                return [self._reduced(state)]
            for following in self._following(state):
                steps += 1
                heapq.heappush(heap, (self._bound(following), next(order), following))
        return []

    def _reduced(self, state: _State) -> _State:
        """The state without the changes that can be left out."""
        changes = dict(state.changes)
        for path in list(changes):
            fewer = {other: value for other, value in changes.items() if other != path}
            if not self._suppresses(apply(self._facts, fewer)):
                changes = fewer
        facts = apply(self._facts, changes)
        return _State(changes, facts, {one: 0 for one in range(len(self._rules)) if self._is_found(one, facts)})

    def _following(self, state: _State) -> Iterator[_State]:
        """The states one change away, which changes something that a finding rests on."""
        targets = self._targets.intersection(state.found)
        supports = self._supports(targets, state.facts)
        number = min(targets, key=lambda one: (len(supports[one]), one))
        rule = self._rules[number]
        for path in supports[number]:
            if path in state.changes or self._actor(path, rule.reason) is None:
                continue
            for value in self._alternatives.of(path, state.facts):
                changes = {**state.changes, path: value}
                yield self._changed(state, path, value, changes)

    def _changed(self, state: _State, path: str, value: Value | None, changes: dict[str, Value | None]) -> _State:
        facts = apply(state.facts, {path: value})
        readers = self._readers.get(path, ())
        found = {number: least for number, least in state.found.items() if number not in readers}
        found |= {number: self._least(number, facts) for number in readers if self._is_found(number, facts)}
        return _State(changes, facts, found)

    def _is_clear(self, state: _State) -> bool:
        return self._targets.isdisjoint(state.found)

    def _bound(self, state: _State) -> int:
        """How many changes are needed yet, at least: those of findings that have no field in common add up."""
        used: set[str] = set()
        needed = 0
        for number in sorted(
            self._targets.intersection(state.found), key=lambda one: (len(self._rules[one].paths), one)
        ):
            if used.isdisjoint(self._rules[number].paths):
                used |= self._rules[number].paths
                needed += state.found[number]
        return needed

    def _least(self, number: int, facts: Facts) -> int:
        """How many changes the finding needs, at least."""
        reason = self._rules[number].reason
        return self._changes_to(reason.when.node, facts, goal=False, strict=certainty_of(reason, None) is not None)

    def _changes_to(self, node: Node, facts: Facts, *, goal: bool, strict: bool) -> int:
        """How many changes bring the node to `goal`, at least; unknown will do too, unless `strict`."""
        truth = self._truth(node, facts)
        if truth is goal or (truth is None and not strict):
            return 0
        match node:
            case Not(operand):
                return self._changes_to(operand, facts, goal=not goal, strict=strict)
            case And(operands) | Or(operands):
                each = [self._changes_to(operand, facts, goal=goal, strict=strict) for operand in operands]
                if goal is isinstance(node, Or):
                    return min(each)
                used: set[str] = set()
                needed = 0
                for operand, least in zip(operands, each, strict=True):
                    paths = _paths(operand, self._pack)
                    if least and used.isdisjoint(paths):
                        used |= paths
                        needed += least
                return needed
            case _:
                return 1

    def _minimal(self, state: _State) -> bool:
        """Whether no change can be left out."""
        changes = list(state.changes.items())
        most = len(changes) if len(changes) <= _MOST_CHECKED else 1  # of many, only one is left out
        fewer = (one for size in range(1, most + 1) for one in combinations(changes, len(changes) - size))
        return all(self._suppresses(apply(self._facts, dict(one))) for one in fewer)

    def _suppresses(self, facts: Facts) -> bool:
        return any(self._is_found(number, facts) for number in self._targets)

    def _is_found(self, number: int, facts: Facts) -> bool:
        rule = self._rules[number]
        result = Interpreter.evaluate(rule.condition, facts)
        if certainty_of(rule.reason, None if isinstance(result, Unknown) else result is True) is None:
            return False
        return not any(Interpreter.evaluate(prepared, facts) is True for _, prepared in rule.exceptions)

    def _told(self, states: Iterable[_State]) -> tuple[Remedy, ...]:
        """The remedies as they are told: those that somebody can bring about before those that nobody can."""
        made = []
        for state in states:
            steps = tuple(
                self._change(path, new) for path, new in sorted(state.changes.items(), key=lambda one: one[0])
            )
            leaves = tuple(self._rules[number].reason.id for number in sorted(state.found))
            made.append(Remedy(steps, leaves))
        possible = [one for one in made if one.by is not Actor.NOBODY] or made
        removed = [sum(step.new is None for step in one.steps) for one in possible]
        ranked = zip(possible, removed, strict=True)
        possible = [
            one
            for one, _ in sorted(
                ranked, key=lambda one: (len(one[0].steps), len(one[0].leaves), _RANK[one[0].by], one[1])
            )
        ]
        return tuple(possible)

    # -- who can change what

    def _change(self, path: str, new: Value | None) -> Change:
        old = self._facts.get(path)
        rests = [self._rules[number] for number in self._readers[path] if self._is_found(number, self._facts)]
        concerned = rests or [self._rules[number] for number in self._readers[path]]
        actors = [actor for rule in concerned if (actor := self._actor(path, rule.reason)) is not None]
        by = max(actors, key=_RANK.__getitem__, default=Actor.NOBODY)
        unknown = new is not None and any(path in self._missing(rule) for rule in rests)
        if unknown:
            by = Actor.USER  # whoever decided it, it is the sender who does not know
        kind = self._pack.fields[path].type
        example = new is not None and (kind.kind not in (Kind.BOOLEAN, Kind.STRING_LIST)) and kind.enum is None
        return Change(path, old, new, by, example, unknown)

    def _missing(self, rule: _Rule) -> frozenset[str]:
        result = Interpreter.evaluate(rule.condition, self._facts)
        return result.missing if isinstance(result, Unknown) else frozenset()

    def _actor(self, path: str, reason: Reason) -> Actor | None:
        """Who can change the field for the reason's sake; None where it is not to be changed for it.

        A floor is lifted only by whom its author says: a setting that switches it off is no remedy.
        """
        if path in (NOW, CHANNEL):
            return None
        declared = self._pack.fields[path].changed_by
        if declared == Actor.TIME and self._pack.fields[path].type.kind is Kind.TIMESTAMP:
            return None  # a moment that is set comes by itself, and nothing moves it: `clears_at` says when
        later = reason.retry is Retry.LATER and reason.fixable_by is FixableBy.NOBODY
        own = Actor.TIME if later else Actor(reason.fixable_by.value)
        actor = own if declared is None else Actor(declared)
        read = self._pack.fields[path].type
        text = declared is None and read.kind is Kind.STRING and read.enum is None
        if later and (text or (actor is Actor.NOBODY and read.kind is not Kind.BOOLEAN)):
            return None  # what passes by itself is waited for: one of many other time zones, say, is no advice
        if reason.floor and actor is not own and self._facts.get(path) is not None:
            return None
        return actor

    # -- what a finding rests on

    def _supports(self, targets: Iterable[int], facts: Facts) -> Mapping[int, Sequence[str]]:
        """For each of the findings the fields of which one has to change before it does, in the order they are written.

        What it reads only through a case of a parameter is among them where one of the findings rests on it by itself.
        """
        parts = {one: tuple(self._rests_on(self._rules[one].reason.when.node, facts, goal=False)) for one in targets}
        asked = {path.name for some in parts.values() for part in some for path in walk(part) if isinstance(path, Path)}
        return {
            one: tuple(
                dict.fromkeys(
                    read.name
                    for part in some
                    for read in walk_read(part, self._pack.parameters)
                    if isinstance(read, Path) and read.name in asked
                )
            )
            for one, some in parts.items()
        }

    def _rests_on(self, node: Node, facts: Facts, *, goal: bool) -> Iterator[Node]:
        """The parts of which one has to change before the node, which has another value, can come to `goal`."""
        match node:
            case Not(operand):
                yield from self._rests_on(operand, facts, goal=not goal)
            case And(operands) | Or(operands):
                decisive = isinstance(node, Or)
                chosen: Iterable[Node] = operands
                if goal is not decisive:  # every operand has to come to it: first those that decide against it
                    values = [self._truth(operand, facts) for operand in operands]
                    wrong = decisive if decisive in values else None
                    chosen = [one for one, value in zip(operands, values, strict=True) if value is wrong]
                for one in chosen:
                    yield from self._rests_on(one, facts, goal=goal)
            case _:
                yield node

    def _truth(self, node: Node, facts: Facts) -> bool | None:
        result = Interpreter.evaluate(self._prepared(node), facts)
        return None if isinstance(result, Unknown) else result is True


def _paths(node: Node, pack: Pack) -> set[str]:
    """The fields that what the node comes to hangs on, by itself or through parameters.

    What only a case of a parameter reads is changed for nobody's sake, as a parameter is not; but where something else
    asks for a change of it, the parameter may be another one.
    """
    return {one.name for one in walk_read(node, pack.parameters) if isinstance(one, Path)}
