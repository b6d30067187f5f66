"""Which changes of a pack its tests would not notice, told of those that change something."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, combinations, islice, product
from math import prod
from typing import Any, Final, TypeAlias

from sendable.decide.decision import Certainty, Decision, Finding
from sendable.decide.facts import Facts
from sendable.decide.findings import certainty_of, finding_of, parted, time_of
from sendable.diagnostics.places import Span
from sendable.language.cells import Choices, TooManyError
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import Arithmetic, Constant, ListReference, Node, Parameter, Path, children, walk
from sendable.language.space import Space
from sendable.language.types import CHANNEL, Kind, Spelling, Type, Value
from sendable.language.values import read_fact
from sendable.pack.messages import Origin
from sendable.pack.model import Channel, Expression, Pack, Reason, scope_of
from sendable.testing.cases import Aspect, Case, Check, Seen, Suite, plain_value
from sendable.testing.mutants import Change, Mutant, mutants, shown_names, with_child
from sendable.testing.run import compare


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test notices. `case`, which goes into the file `file`, would; None where none was found."""

    mutant: Mutant
    case: str | None
    file: str | None

    @property
    def message(self) -> str:
        """What is wrong with the tests."""
        return f"no test notices if {self.mutant.text}"


@dataclass(frozen=True, slots=True)
class Kill:
    """A mutant that a case notices."""

    mutant: Mutant
    case: Case


@dataclass(frozen=True, slots=True)
class Mutation:
    """What came of every mutant."""

    killed: tuple[Kill, ...]
    survived: tuple[Survivor, ...]
    equivalent: tuple[Mutant, ...]

    @property
    def score(self) -> float:
        """How many of the mutants that are not equivalent were killed, from 0 to 1."""
        counted = len(self.killed) + len(self.survived)
        return len(self.killed) / counted if counted else 1.0


def mutate(pack: Pack, suites: Sequence[Suite]) -> Mutation:
    """Runs the tests against every mutant of the pack. Every case must hold for the pack itself."""
    bench = _Bench(pack, [case for suite in suites for case in suite.cases])
    search = _Search(pack, suites)
    killed: list[Kill] = []
    survived: list[Survivor] = []
    equivalent: list[Mutant] = []
    for mutant in mutants(pack):
        killer = bench.killer(mutant)
        if killer is not None:
            killed.append(Kill(mutant, killer))
        elif is_equivalent(pack, mutant):
            equivalent.append(mutant)
        else:
            survived.append(search.survivor(mutant))
    return Mutation(tuple(killed), tuple(survived), tuple(equivalent))


# -- deciding with a mutant

_Found: TypeAlias = tuple[Certainty, tuple[str, ...]] | None
"""What a reason's condition makes for some facts: the certainty and the missing paths of a finding, or none."""


def _found(reason: Reason, result: Value | Unknown) -> _Found:
    unknown = isinstance(result, Unknown)
    certainty = certainty_of(reason, None if unknown else result is True)
    if certainty is None:
        return None
    return certainty, tuple(sorted(result.missing)) if isinstance(result, Unknown) else ()


class _World:
    """A pack, or a mutant of it, that finds and decides. The reference interpreter evaluates."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._interpreter = Interpreter(pack.parameters, pack.lists)
        self._prepared: dict[int, tuple[Node, Any]] = {}

    @classmethod
    def of(cls, pack: Pack, mutant: Mutant) -> _World:
        """The world of the mutant."""
        changed = {reason.id: reason for reason in mutant.reasons}
        reasons = sorted((changed.get(one.id, one) for one in pack.reasons), key=lambda one: one.priority)
        parameters = pack.parameters
        if mutant.parameter is not None:
            parameters = {**parameters, mutant.parameter.name: mutant.parameter}
        return cls(replace(pack, reasons=tuple(reasons), parameters=parameters))

    def evaluate(self, node: Node, facts: Facts) -> Value | Unknown:
        prepared = self._prepared.get(id(node))
        if prepared is None:  # by identity: the node is kept with what was prepared of it
            prepared = self._prepared[id(node)] = (node, self._interpreter.prepare(node))
        return self._interpreter.evaluate(prepared[1], facts)

    def find(self, reason: Reason, facts: Facts) -> _Found:
        """What the reason makes for the facts."""
        if facts[CHANNEL] not in reason.channels:
            return None
        return _found(reason, self.evaluate(reason.when.node, facts))

    def find_all(self, facts: Facts) -> dict[str, _Found]:
        """What every reason makes for the facts, by id."""
        return {reason.id: self.find(reason, facts) for reason in self.pack.reasons}

    def decide(self, facts: Facts, found: Mapping[str, _Found]) -> Decision:
        """The decision made of what was found."""
        made = (self._finding(reason, facts, one) for reason in self.pack.reasons if (one := found[reason.id]))
        return Decision(*parted(made), time_of(facts), self.pack)

    def _finding(self, reason: Reason, facts: Facts, found: tuple[Certainty, tuple[str, ...]]) -> Finding:
        certainty, missing = found

        def value(expression: Expression) -> Value | None:
            result = self.evaluate(expression.node, facts)
            return None if isinstance(result, Unknown) else result

        return finding_of(self.pack, reason, None if certainty is Certainty.MATCHED else missing, facts, value)


class _Bench:
    """The cases with what the pack finds for each, worked out once."""

    def __init__(self, pack: Pack, cases: Iterable[Case]) -> None:
        self._pack = pack
        world = _World(pack)
        self._cases = [(case, world.find_all(case.facts)) for case in cases]

    def killer(self, mutant: Mutant) -> Case | None:
        """The first case that holds for the pack and not for the mutant."""
        world = _World.of(self._pack, mutant)
        always = mutant.change in (Change.PRIORITY, Change.PARAMETER)  # what they change shows elsewhere, too
        for case, found in self._cases:
            changed = {reason.id: world.find(reason, case.facts) for reason in mutant.reasons}
            touched = any(found[one] != changed[one] or (always and changed[one]) for one in changed)
            if not touched:
                continue
            decision = world.decide(case.facts, {**found, **changed})
            if next(compare(case.checks, decision), None) is not None:
                return case
        return None


# -- equivalence


def is_equivalent(pack: Pack, mutant: Mutant) -> bool:
    """Whether it is certain that no context can tell the mutant from the pack."""
    by_id = {reason.id: reason for reason in pack.reasons}
    try:
        match mutant.change:
            case Change.PRIORITY:
                return _never_together(pack, *mutant.reasons)
            case Change.PARAMETER:
                return all(_same_whatever(pack, reason, mutant) for reason in mutant.reasons)
            case _:
                return all(_same(pack, by_id[reason.id], reason) for reason in mutant.reasons)
    except TooManyError:
        return False


def _same(pack: Pack, reason: Reason, other: Reason) -> bool:
    """Whether the two find the same in every context."""
    expressions = (reason.when.node, other.when.node)
    for channels in _apart(reason.channels | other.channels, reason.channels == other.channels, expressions):
        space = _space(pack, channels, *expressions)

        def ask(choices: Choices, space: Space = space, channels: frozenset[Channel] = channels) -> bool:
            found = _found_in(space, reason, choices) if channels <= reason.channels else None
            changed = _found_in(space, other, choices) if channels <= other.channels else None
            return found == changed

        if not space.always(ask):
            return False
    return True


def _space(pack: Pack, channels: Iterable[Channel], *nodes: Node) -> Space:
    return Space(scope_of(pack), tuple(sorted(channel.value for channel in channels)), nodes, settled=True)


def _found_in(space: Space, reason: Reason, choices: Choices) -> _Found:
    """What the reason makes where the choices hold."""
    outcome = space.outcome(reason.when.node, choices)
    return _found(reason, Unknown(space.missing(reason.when.node, choices)) if outcome is None else outcome)


def _apart(channels: frozenset[Channel], same: bool, expressions: Iterable[Node]) -> Iterator[frozenset[Channel]]:
    """The channels, one by one where that makes a difference, and else all at once."""
    if same and all(Path(CHANNEL) not in set(walk(root)) for root in expressions):
        yield channels
    else:
        yield from (frozenset({channel}) for channel in channels)


def _same_whatever(pack: Pack, reason: Reason, mutant: Mutant) -> bool:
    """Whether the reason is the same with the parameter's other value."""
    parameter = mutant.parameter
    if parameter is None or isinstance(parameter.value, datetime | tuple):
        return False
    name = Parameter(parameter.name)
    expressions = [*reason.details.values(), *([reason.clears_at] if reason.clears_at else [])]
    if Origin.PARAMETER.named(parameter.name) in shown_names(reason) or any(
        name in set(walk(one.node)) for one in expressions
    ):
        return False
    changed = _substituted(reason.when.node, name, Constant(parameter.value))
    return _same(pack, reason, replace(reason, when=replace(reason.when, node=changed)))


def _substituted(node: Node, wanted: Node, other: Node) -> Node:
    if node == wanted:
        return other
    for index, child in enumerate(children(node)):
        node = with_child(node, index, _substituted(child, wanted, other))
    return node


def _never_together(pack: Pack, first: Reason, second: Reason) -> bool:
    """Whether the two never stand in one list with the same certainty, so that their order never shows."""
    if first.mode is not second.mode:
        return True
    for channel in first.channels & second.channels:
        space = _space(pack, [channel], first.when.node, second.when.node)

        def ask(choices: Choices, space: Space = space) -> bool:
            one = _found_in(space, first, choices)
            other = None if one is None else _found_in(space, second, choices)
            return one is None or other is None or one[0] is not other[0]

        if not space.always(ask):
            return False
    return True


# -- cases that would notice

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


@dataclass(slots=True)
class _Search:
    """Looks for contexts in which a mutant decides otherwise than the pack."""

    pack: Pack
    suites: Sequence[Suite]
    world: _World = field(init=False)
    bases: list[_Base] = field(init=False)
    used: dict[str, dict[Value, None]] = field(init=False)

    def __post_init__(self) -> None:
        self.world = _World(self.pack)
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
        for suite in self.suites:
            for fixture in suite.fixtures.values():
                facts = fixture.facts if suite.now is None else {"now": suite.now, **fixture.facts}
                if "now" in facts and all(path in facts for path in needed) and fixture.name not in seen:
                    seen.add(fixture.name)
                    yield _Base(fixture.name, suite.file, facts, suite.now)
        moment = next((suite.now for suite in self.suites if suite.now is not None), _SOME_DAY)
        file = self.suites[0].file if self.suites else None
        for channel in Channel:
            facts = {"now": moment, CHANNEL: channel.value, "contact.email": "kim@example.com"}
            yield _Base(None, file, facts, None)

    def survivor(self, mutant: Mutant) -> Survivor:
        """The mutant with a case that would notice it, if one is found."""
        world = _World.of(self.pack, mutant)
        by_id = {reason.id: reason for reason in self.pack.reasons}
        before = [by_id[one] for one in mutant.ids]
        pairs = list(zip(before, mutant.reasons, strict=True))
        if mutant.change is Change.CHANNEL:
            channels = frozenset(chain.from_iterable(one.channels ^ other.channels for one, other in pairs))
        else:
            channels = frozenset(chain.from_iterable(one.channels for one in before))
        bases = [base for base in self.bases if base.facts[CHANNEL] in channels]
        # The fixtures first, and behind them the bare contexts.
        for base in [*bases[:_MOST_BASES], *(base for base in bases if base.fixture is None)]:
            for facts in self._near(base, (*before, *mutant.reasons), world):
                if self._differs(facts, before, mutant, world):
                    found = self._telling(facts, world)
                    if found:
                        return Survivor(mutant, self._case(mutant, base, facts, found), base.file)
        return Survivor(mutant, None, None)

    def _differs(self, facts: Facts, before: Sequence[Reason], mutant: Mutant, world: _World) -> bool:
        found = [self.world.find(reason, facts) for reason in before]
        changed = [world.find(reason, facts) for reason in mutant.reasons]
        if mutant.change is Change.PRIORITY:
            return None not in changed
        return found != changed or (mutant.change is Change.PARAMETER and any(changed))

    def _telling(self, facts: Facts, world: _World) -> dict[Aspect, tuple[Seen, str | None]]:
        """What to expect so that the pack passes and the mutant does not; empty where nothing shows."""
        decision = self.world.decide(facts, self.world.find_all(facts))
        changed = world.decide(facts, world.find_all(facts))
        first = Aspect.SENDABLE if decision.sendable else Aspect.REASON
        locale = self.pack.default_locale
        found: dict[Aspect, tuple[Seen, str | None]] = {}
        aspects = (first, Aspect.REASONS, Aspect.MONITORED, Aspect.CERTAINTY, Aspect.MISSING, Aspect.CLEARS_AT)
        for aspect in (*aspects, Aspect.TEXT, Aspect.FIX):
            spoken = locale if aspect in (Aspect.TEXT, Aspect.FIX) else None
            check = Check(aspect, None, Span.whole_file(""), spoken)
            wanted = check.look(decision)
            if aspect is first or wanted != check.look(changed):
                found[aspect] = (wanted, spoken)
            if wanted != check.look(changed):
                return found
        return {}

    # -- contexts to try

    def _near(self, base: _Base, reasons: Sequence[Reason], world: _World) -> Iterator[Facts]:
        """Contexts like the base, those with the fewest changes first."""
        values = self._values(base, reasons, world)
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

    def _values(self, base: _Base, reasons: Sequence[Reason], world: _World) -> dict[str, list[Value | None]]:
        """The values to try for each path that the reasons read."""
        nodes = [reason.when.node for reason in reasons]
        known: dict[str, list[Value | None]] = {}
        for pack in (self.pack, world.pack):
            for path, found in _space(pack, Channel, *nodes).values().items():
                known[path] = list(dict.fromkeys([*known.get(path, ()), *found]))
        paths = dict.fromkeys(node.name for root in nodes for node in walk(root) if isinstance(node, Path))
        spelled = list(_spelled(self._words(nodes)))
        numbers: list[object] = [node.value for root in nodes for node in walk(root) if isinstance(node, Constant)]
        numbers += [one.value for world in (self.world, world) for one in world.pack.parameters.values()]
        result: dict[str, list[Value | None]] = {}
        for path in paths:
            if path == CHANNEL:
                continue  # there is a base for every channel
            declared = self.pack.fields[path]
            typical = path not in known or _counted_with(nodes)
            tried = self._tried(path, known.get(path, ()), base, spelled, numbers, typical=typical)
            if not declared.required and path != "now":
                tried.append(None)
            if declared.type.spelling is not Spelling.AS_GIVEN:  # a context has no other
                tried = [one for one in tried if one is None or read_fact(one, declared.type) == one]
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
                return [*known, *(one for one in _TYPICAL if _allowed(one, declared))]
            case _:
                return list(known)

    def _words(self, roots: Iterable[Node]) -> list[str]:
        """Texts that the conditions look for: their literals, and some entries of their lists."""
        found: dict[str, None] = {}
        for node in chain.from_iterable(map(walk, roots)):
            match node:
                case Constant(str(value)):
                    found[value] = None
                case ListReference(name):
                    entries = self.pack.lists[name].entries
                    found |= dict.fromkeys(sorted(one for one in entries if one.isascii())[:1] or sorted(entries)[:1])
                case _:
                    pass
        return list(found)

    # -- the case as text

    def _case(
        self, mutant: Mutant, base: _Base, facts: Facts, expected: Mapping[Aspect, tuple[Seen, str | None]]
    ) -> str:
        lines = [f"  - name: {_scalar(f'notices if {mutant.text}')}"]
        start: Mapping[str, Value] = {} if base.fixture is None else base.facts
        if base.fixture is not None:
            lines.append(f"    given: {base.fixture}")
        patch: dict[str, Value | None] = {
            path: value for path, value in facts.items() if path not in start or start[path] != value
        }
        patch |= dict.fromkeys(path for path in start if path not in facts)
        if patch:
            lines.append("    patch:")
            lines += [f"      {path}: {_written(value)}" for path, value in patch.items()]
        lines.append("    expect:")
        for aspect, (wanted, locale) in expected.items():
            if locale is None:
                lines.append(f"      {aspect}: {_written(wanted)}")
            else:
                lines += [f"      {aspect}:", f"        {locale}: {_written(wanted)}"]
        return "\n".join(lines) + "\n"


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


_TYPICAL: Final = (0, 1, 2, 3, 5, 9, 10, 11, 90, 100, 101)
"""Numbers whose sums and quotients hit round bounds."""

_LONGEST_LIST: Final = 12


def _sizes(numbers: Iterable[object]) -> list[int]:
    """How long lists are tried: about as long as the numbers say."""
    found = {int(one) + more for one in numbers if isinstance(one, int | float) for more in (-1, 0, 1)}
    return sorted(size for size in found if 0 < size <= _LONGEST_LIST)


def _counted_with(roots: Iterable[Node]) -> bool:
    return any(isinstance(node, Arithmetic) for root in roots for node in walk(root))


def _allowed(number: float, declared: Type) -> bool:
    low = declared.minimum is None or number >= declared.minimum
    return low and (declared.maximum is None or number <= declared.maximum)


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
