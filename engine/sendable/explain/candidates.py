"""The values of a field that the conditions of a pack can tell apart in one context.

Both of a boolean, all of an enum; for a number or a time those at which a comparison changes and those beside them; for
a text what it is compared with, for a list itself with and without what is looked for in it; and the lack of a value.
They are only candidates: what they bring about is for whoever tries them to see.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache, partial
from heapq import nsmallest
from itertools import chain, islice, pairwise
from typing import Any, Final

from sendable.decide.facts import Facts
from sendable.language import addresses, zones
from sendable.language.affixes import AFFIXES
from sendable.language.cells import MOST_COMBINED, moments_around, number_cells, some_of
from sendable.language.functions import FIRST_MOMENT, FUNCTIONS, LAST_MOMENT
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.naming import SAMPLES, named_by
from sendable.language.nodes import (
    Call,
    Comparison,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Node,
    Parameter,
    Path,
    children,
    walk,
)
from sendable.language.types import LARGEST_NUMBER, NOW, Field, Kind, Type, Value
from sendable.language.values import ValueRefusedError, read_fact
from sendable.pack.model import Pack

_MOST_ENTRIES: Final = 3
_LONGEST_LIST: Final = 1_000
_MOST_SIZED: Final = 8
_SECOND: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_HOURS: Final = 24
_ON_CLOCKS: Final = ("local_hour", "local_weekday")
_LONGEST: Final = 24 * 365_000
_DIGITS: Final = 9
"""Beyond them is what adding and multiplying did, and not what anybody wrote."""
_ADDRESS_FUNCTIONS: Final = frozenset(
    name for name, function in FUNCTIONS.items() if function.parameters[0][0] == "address"
)
_SAMPLE_ADDRESS: Final = "name@example.com"
_SAMPLE_TEXT: Final = "other"


class Alternatives:
    """What the fields of a context could have for values, as far as the `conditions` can tell."""

    def __init__(self, pack: Pack, conditions: Iterable[Node]) -> None:
        self._pack = pack
        self._conditions = tuple(conditions)
        self._interpreter = Interpreter(pack.parameters, pack.lists)
        self._atoms_of = cache(self._find_atoms)
        self._prepared = cache(self._interpreter.prepare)
        self._names = named_by(node for condition in self._conditions for node in walk(condition))
        self.bounded = False
        """Whether more than could be tried makes a difference to a list that was asked for."""

    def of(self, path: str, facts: Facts) -> Iterator[Value | None]:
        """The values to try instead of the one in `facts`, the likeliest first; None is the lack of one."""
        declared = self._pack.fields[path]
        seen: set[Value | None] = {facts.get(path)}
        absent = () if declared.required else (None,)
        sample = (_SAMPLE_TEXT,) if declared.type.kind is Kind.STRING and path not in self._names else ()
        parts = self._parts(path) if declared.type.kind is Kind.STRING and declared.type.enum is None else ()
        for value in chain(self._values(declared, facts), absent, sample, parts):
            if value not in seen and (value is None or _allowed(value, declared)):
                seen.add(value)
                yield value

    def _find_atoms(self, path: str) -> tuple[Node, ...]:
        """The comparisons, memberships and calls that read the field."""
        found: dict[Node, None] = {}
        for condition in self._conditions:
            for node in walk(condition):
                if isinstance(node, Comparison | Membership | Call) and any(
                    isinstance(part, Path) and part.name == path for part in walk(node)
                ):
                    found[node] = None
        return tuple(found)

    def _values(self, declared: Field, facts: Facts) -> Iterator[Value]:
        path, old = declared.path, facts.get(declared.path)
        match declared.type.kind:
            case Kind.BOOLEAN:
                yield from (False, True)
            case Kind.STRING if declared.type.enum is not None:
                yield from declared.type.enum
            case Kind.INTEGER | Kind.NUMBER:
                near = old if isinstance(old, int | float) else 0
                numbers = {*self._samples(declared.type), *number_cells(self._points(path, facts), declared.type, near)}
                yield from sorted(numbers, key=lambda number: (abs(number - near), number))
            case Kind.TIMESTAMP:
                yield from self._times(path, facts)
            case Kind.STRING:
                yield from self._texts(path, facts)
            case Kind.STRING_LIST:
                yield from self._lists(path, facts)

    def _evaluated(self, node: Node, facts: Facts) -> Value | None:
        result = self._interpreter.evaluate(self._prepared(node), facts)
        return None if isinstance(result, Unknown) else result

    @staticmethod
    def _samples(declared: Type) -> tuple[int | float, ...]:
        low, _ = declared.bounds
        return (int(low) if float(low).is_integer() else low, 0, 1)

    def _points(self, path: str, facts: Facts) -> Iterator[int | float]:
        """The numbers at which a comparison with what is known changes, as the field does."""
        for atom in self._atoms_of(path):
            for left, right in _compared(atom):
                root = self._root(path, left, right, facts)
                if root is not None:
                    yield int(root) if root.is_integer() else root

    def _root(self, path: str, left: Node, right: Node, facts: Facts) -> float | None:
        """Where two sides meet as the field changes, on the line through two points; None where they never do."""
        zero, one = (self._difference(left, right, {**facts, path: at}) for at in (0, 1))
        if zero is None or one is None or zero == one:
            return None
        root = round(zero / (zero - one), _DIGITS)
        return root if abs(root) < LARGEST_NUMBER else None

    def _difference(self, left: Node, right: Node, facts: Facts) -> float | None:
        """By how much the left side is more than the right; None where one is unknown, or no number and no time."""
        values: list[Any] = [self._evaluated(side, facts) for side in (left, right)]
        if all(isinstance(value, datetime) for value in values):
            return float((values[0] - values[1]) / _SECOND)
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            return None
        return float(values[0] - values[1])

    def _times(self, path: str, facts: Facts) -> Iterator[datetime]:
        now = facts[NOW]
        assert isinstance(now, datetime)  # noqa: S101 - filled in at the boundary
        for atom in self._atoms_of(path):
            if not isinstance(atom, Comparison):
                continue
            for left, right in pairwise(atom.operands):
                for side in (left, right):
                    value = self._evaluated(side, facts)
                    if isinstance(value, datetime) and side != Path(path):
                        yield from moments_around(value, _SECOND)
                yield from self._since(path, left, right, facts, now)
        yield from moments_around(now, _SECOND)
        yield from self._turned(path, facts, now)

    def _turned(self, path: str, facts: Facts, now: datetime) -> Iterator[datetime]:
        """The next times at which clocks show another hour, and the next days, where that is asked for."""
        start = facts.get(path, now)
        for atom in self._atoms_of(path):
            if isinstance(atom, Call) and atom.function in _ON_CLOCKS and isinstance(start, datetime):
                zone = self._evaluated(atom.arguments[1], facts)
                if isinstance(zone, str):
                    yield from islice(zones.turns(start, zone), _HOURS)
                    yield from (start + day * _DAY for day in range(1, 7) if LAST_MOMENT - start > day * _DAY)

    def _since(self, path: str, left: Node, right: Node, facts: Facts, now: datetime) -> Iterator[datetime]:
        """The times at which hours or days since the field come to what they are compared with."""
        ago = now - _HOUR if now - FIRST_MOMENT > _HOUR else now + _HOUR
        zero, one = (self._difference(left, right, {**facts, path: at}) for at in (now, ago))
        if zero is None or one is None or zero == one:
            return
        share = zero / (zero - one)
        if abs(share) < _LONGEST:
            away = share * (ago - now)
            if FIRST_MOMENT - now < away < LAST_MOMENT - now:
                yield from moments_around(now + away, _SECOND)

    def _texts(self, path: str, facts: Facts) -> Iterator[str]:
        atoms = self._atoms_of(path)
        if path in self._names:
            yield from SAMPLES[self._names[path]]
            return
        if any(isinstance(atom, Call) and atom.function in _ADDRESS_FUNCTIONS for atom in atoms):
            yield from self._addresses(path, str(facts.get(path) or ""))
        if any(isinstance(atom, Call) and atom.function == "is_ascii" for atom in atoms):
            old = str(facts.get(path) or "")
            yield f"å{old}" if old.isascii() else old.encode("ascii", "ignore").decode("ascii")
        for atom in (one for one in atoms if not _asks_for_part(one)):
            for part in children(atom):
                yield from self._texts_of(part, path, facts)

    def _addresses(self, path: str, old: str) -> Iterator[str]:
        """Addresses that are valid, the ones most like the old one first."""
        local, at, domain = old.rpartition("@")
        meant = self._meant(domain, path)
        if at and meant is not None:
            yield f"{local}@{meant}"
        if at and domain:
            yield f"name@{domain}"
        yield _SAMPLE_ADDRESS

    def _texts_of(self, part: Node, path: str, facts: Facts) -> Iterable[str]:
        """The texts that a part of a question about the field is, or has in it."""
        match part:
            case ListReference(name):
                listed = self._pack.lists[name]
                self.bounded = self.bounded or listed.hashed  # no address is known of a digest
                return [] if listed.hashed else nsmallest(_MOST_ENTRIES, listed.entries)
            case ListLiteral(items):
                return (item.value for item in items if isinstance(item.value, str))
            case Constant() | Parameter() | Path() if part != Path(path):
                value = self._evaluated(part, facts)
                return (value,) if isinstance(value, str) else ()
            case _:
                value = self._evaluated(part, facts)
                return value[:_MOST_ENTRIES] if isinstance(value, tuple) else ()

    def _parts(self, path: str) -> Iterator[str]:
        """The parts that conditions ask for in the text: as whole texts hardly what anybody has, and so the last."""
        for atom in filter(_asks_for_part, self._atoms_of(path)):
            for part in children(atom):
                yield from (value for value in self._constants(part) if isinstance(value, str))

    def _constants(self, node: Node) -> tuple[Value, ...]:
        match node:
            case Constant(value):
                return (value,)
            case Parameter(name):
                return self._pack.parameters[name].values
            case _:
                return ()

    def _meant(self, domain: str, path: str) -> str | None:
        """What a map of the pack that the field is looked up in has in the place of the domain."""
        for atom in self._atoms_of(path):
            for part in walk(atom):
                if isinstance(part, ListReference) and (values := self._pack.lists[part.name].values):
                    meant = values.get(addresses.fold(domain))
                    return meant if isinstance(meant, str) else None
        return None

    def _lists(self, path: str, facts: Facts) -> Iterator[tuple[str, ...]]:
        """With and without what is looked for, and of the sizes that are counted, the fewest items changed first."""
        old = facts.get(path)
        items = old if isinstance(old, tuple) else ()
        found = list(self._with_and_without(path, facts, items))
        sizes = tuple(dict.fromkeys(self._sizes(path, facts, len(items))))
        found += [
            (*some[:size], *(f"{_SAMPLE_TEXT}{number}" for number in range(size - len(some))))
            for some in (items, *found[:_MOST_SIZED])
            for size in sizes
        ]
        yield from sorted([*found, ()], key=lambda one: len(set(one) ^ set(items)))

    def _with_and_without(self, path: str, facts: Facts, items: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The list with any selection of what is looked for in it added, or taken out where it is there."""
        wanted = list(self._looked_for(path, facts))
        # Items that count for the same questions stand and fall together.
        alike: dict[frozenset[int], list[str]] = {}
        for item in dict.fromkeys(items):
            counts = frozenset(number for number, (has, _) in enumerate(wanted) if has(item))
            if counts:
                alike.setdefault(counts, []).append(item)
        answered = frozenset[int]().union(*alike)
        lacking = (one for number, (_, one) in enumerate(wanted) if number not in answered)
        switches = [(-1, tuple(some)) for some in alike.values()]
        switches += [(1, (one,)) for one in dict.fromkeys(lacking)]
        self.bounded = self.bounded or len(switches) > MOST_COMBINED
        found = []
        for chosen in some_of(switches):
            removed = {one for way, some in chosen if way < 0 for one in some}
            added = [one for way, some in chosen if way > 0 for one in some]
            if chosen:
                found.append((*(one for one in items if one not in removed), *added))
        return found

    def _looked_for(self, path: str, facts: Facts) -> Iterator[tuple[Callable[[str], bool], str]]:
        """What is looked for in the list: whether an item is it, and an item that is."""
        for atom in self._atoms_of(path):
            if isinstance(atom, Membership) and atom.container == Path(path):
                item = self._evaluated(atom.item, facts)
                if isinstance(item, str):
                    yield item.__eq__, item
            elif isinstance(atom, Call) and atom.function == "overlaps":
                for argument in atom.arguments:
                    entries = self._entries(argument, facts)
                    if argument != Path(path) and entries:
                        folds = isinstance(argument, ListReference)
                        yield partial(_is_among, entries, folds), min(entries)

    def _sizes(self, path: str, facts: Facts, size: int) -> Iterator[int]:
        """How many items would make a difference, where they are counted; else a few more or fewer."""
        for atom in self._atoms_of(path):
            for left, right in pairwise(atom.operands) if isinstance(atom, Comparison) else ():
                none, one = (self._difference(left, right, {**facts, path: items}) for items in ((), ("x",)))
                if none is not None and one is not None and none != one and 0 <= none / (none - one) < _LONGEST_LIST:
                    yield from (max(math.floor(none / (none - one)) + step, 0) for step in (0, -1, 1, 2))
        yield from (one for one in (size - 1, 1, size + 1) if one >= 0)

    def _entries(self, node: Node, facts: Facts) -> frozenset[str]:
        if isinstance(node, ListReference):
            return self._pack.lists[node.name].entries
        value = self._evaluated(node, facts)
        return frozenset(value) if isinstance(value, tuple) else frozenset()


def _is_among(entries: frozenset[str], folds: bool, item: str) -> bool:
    return (addresses.fold(item) if folds else item) in entries


def _asks_for_part(atom: Node) -> bool:
    return isinstance(atom, Call) and atom.function in AFFIXES


def _compared(atom: Node) -> Iterator[tuple[Node, Node]]:
    """What is compared with each other in a comparison, and in the question whether something is one of several."""
    match atom:
        case Comparison(operands):
            yield from pairwise(operands)
        case Membership(item, ListLiteral(items)):
            yield from ((item, one) for one in items)
        case _:
            pass


def _allowed(value: Value, declared: Field) -> bool:
    """Whether a context may have the value in this field, and it is read as it is."""
    try:
        return read_fact(value, declared.type) == value
    except ValueRefusedError:
        return False
