"""Which changes of a pack its tests would not notice, told of those that change something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from sendable.pack.model import Pack
from sendable.testing.cases import Case, Suite
from sendable.testing.equivalence import is_equivalent
from sendable.testing.mutants import Change, Mutant, mutants
from sendable.testing.survivors import Search, Survivor
from sendable.testing.worlds import Bench


@dataclass(frozen=True, slots=True)
class Kill:
    """A mutant that a case notices, or where there is None, the number of entries that the tests say a list has."""

    mutant: Mutant
    case: Case | None


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

    @property
    def percent(self) -> float:
        """The score in percent, rounded down to one decimal: 100 only where every change was noticed."""
        return int(self.score * 1000) / 10

    @property
    def kinds(self) -> dict[Change, tuple[int, int]]:
        """What the score is of: for each kind, how many changes are noticed, and of how many that change something."""
        noticed = Counter(one.mutant.change for one in self.killed)
        counted = noticed + Counter(one.mutant.change for one in self.survived)
        return {change: (noticed[change], counted[change]) for change in Change if counted[change]}


def mutate(pack: Pack, suites: Sequence[Suite]) -> Mutation:
    """Runs the tests against every mutant of the pack. Every case must hold for the pack itself."""
    bench = Bench(pack, [case for suite in suites for case in suite.cases])
    killed: list[Kill] = []
    unnoticed: list[Mutant] = []
    equivalent: list[Mutant] = []
    counted = frozenset(chain.from_iterable(suite.counted for suite in suites))
    for mutant in mutants(pack, counted):
        killer = bench.killer(mutant)
        if killer is not None or (mutant.shorter is not None and mutant.shorter.name in counted):
            killed.append(Kill(mutant, killer))
        elif is_equivalent(pack, mutant):
            equivalent.append(mutant)
        else:
            unnoticed.append(mutant)
    return Mutation(tuple(killed), tuple(Search(pack, suites).survivors(unnoticed)), tuple(equivalent))
