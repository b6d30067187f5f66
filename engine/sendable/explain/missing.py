"""What has to be known before it is known whether a reason applies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, combinations, islice
from typing import Final

from sendable.decide.facts import Facts
from sendable.explain.candidates import Alternatives
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import Path, walk
from sendable.language.types import Value
from sendable.pack.model import Pack, Reason

_MOST_SETS: Final = 3
_MOST_PATHS: Final = 6
_MOST_VALUES: Final = 8
_MOST_TRIED: Final = 200


@dataclass(frozen=True, slots=True)
class Settling:
    """Fields that settle whether a reason applies, whatever their values turn out to be, and none of them too many."""

    paths: tuple[str, ...]
    outcomes: tuple[tuple[Mapping[str, Value], bool], ...]
    """What the condition comes to, by the values that make a difference: one of each stretch of values that do not."""


def settlings(pack: Pack, reason: Reason, facts: Facts) -> tuple[Settling, ...]:
    """The smallest sets of unknown fields that settle the condition of `reason`, which is unknown for `facts`.

    None where what is unknown is no field, such as a division by zero, or where there are too many values to try.
    """
    paths = dict.fromkeys(node.name for node in reversed(list(walk(reason.when.node))) if isinstance(node, Path))
    interpreter = Interpreter(pack.parameters, pack.lists)
    condition = partial(interpreter.evaluate, interpreter.prepare(reason.when.node))
    lacking = condition(facts)
    nameless = lacking.missing if isinstance(lacking, Unknown) else ()  # of a zone that is none, there is a name
    unknown = [path for path in paths if path not in facts or path in nameless][:_MOST_PATHS]
    alternatives = Alternatives(pack, [reason.when.node])

    def given(chosen: Sequence[str], known: Facts) -> Iterator[Facts]:
        """The facts with values for the chosen paths; those of the later ones depend on those of the earlier."""
        if not chosen:
            yield known
            return
        for value in islice(alternatives.of(chosen[0], known), _MOST_VALUES):
            if value is not None:
                yield from given(chosen[1:], {**known, chosen[0]: value})

    found: list[Settling] = []
    for chosen in chain.from_iterable(combinations(unknown, size) for size in range(1, len(unknown) + 1)):
        if len(found) == _MOST_SETS:
            break
        if any(set(one.paths) <= set(chosen) for one in found):
            continue
        outcomes = _outcomes(islice(given(chosen, facts), _MOST_TRIED), chosen, condition)
        if outcomes:
            found.append(Settling(chosen, outcomes))
    return tuple(found)


def _outcomes(
    tried: Iterable[Facts], chosen: Sequence[str], condition: Callable[[Facts], Value | Unknown]
) -> tuple[tuple[Mapping[str, Value], bool], ...]:
    """What the condition comes to, by the chosen paths' values; nothing where it is unknown with some of them."""
    found: list[tuple[Mapping[str, Value], bool]] = []
    for facts in tried:
        result = condition(facts)
        if isinstance(result, Unknown):
            return ()
        found.append(({path: facts[path] for path in chosen}, result is True))
    return tuple(found)
