"""The functions of a pack, made when they are first needed: what `decide` runs.

What they can't handle goes the long way through `facts.FactReader`, which converts it or says everything that is wrong
with it. After its first decisions a channel gets functions for the shapes that most of its contexts had (`shapes`).
Each begins with a test of the shape, and hands every other context on to the function for all shapes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

from sendable.decide.decision import Decision
from sendable.decide.facts import FactReader, Facts
from sendable.decide.shapes import Shape, shape_of
from sendable.decide.writer import write, write_for_facts
from sendable.language.types import CHANNEL
from sendable.pack.model import Channel, Pack

PROFILED: Final = 100
"""How many contexts of a channel are looked at before functions for their shapes are made."""

_MOST_SHAPES: Final = 3
_FEWEST_OF_A_SHAPE: Final = PROFILED // 5
_MOST_REASONS: Final = 300  # beyond, writing another function takes longer than anybody wants to wait


class CompiledProgram:
    """The compiled functions of a pack, each made when an email of its channel is decided for the first time.

    Safe to share between threads: at worst two of them make the same function.
    """

    def __init__(self, pack: Pack, reader: FactReader) -> None:
        self._pack = pack
        self._reader = reader
        self.checked: dict[object, Decide] = {}
        self.unchecked: dict[object, Decide] = {}
        self._of_facts: dict[Channel, Decide] = {}
        for channel in Channel:
            self.checked[channel.value] = self._first(channel, validate=True)
            self.unchecked[channel.value] = self._first(channel, validate=False)

    def _first(self, channel: Channel, *, validate: bool) -> Decide:
        """What stands for a function until it is called."""

        def make(context: dict[str, Any], now: datetime | None) -> Decision | None:
            function: Decide = write(self._pack, channel, validate=validate).compiled()
            if len(self._pack.reasons) <= _MOST_REASONS:
                function = self._profiled(function, channel, validate=validate)
            self._table(validate=validate)[channel.value] = function
            return function(context, now)

        return make

    def _profiled(self, function: Decide, channel: Channel, *, validate: bool) -> Decide:
        """The function for all shapes, which in the end gives way to functions for those that it has seen often."""
        seen: list[Shape | None] = []

        def decide(context: dict[str, Any], now: datetime | None) -> Decision | None:
            decision = function(context, now)
            if decision is not None:
                seen.append(shape_of(context, self._reader))
                if len(seen) >= PROFILED:  # more, where several threads decide at once
                    chain = function
                    for shape, times in reversed(Counter(seen).most_common(_MOST_SHAPES)):
                        if shape is not None and times >= _FEWEST_OF_A_SHAPE:
                            written = write(self._pack, channel, validate=validate, shape=shape)
                            chain = written.compiled(otherwise=chain)
                    self._table(validate=validate)[channel.value] = chain
            return decision

        return decide

    def _table(self, *, validate: bool) -> dict[object, Decide]:
        return self.checked if validate else self.unchecked

    def decide(self, context: object, now: datetime | None) -> Decision:
        """The long way: for what is no plain JSON, and for what is wrong, which is said by ContextError."""
        return self.decide_facts(self._reader.read(context, now))

    def decide_facts(self, facts: Facts) -> Decision:
        """Decides a context that has been read."""
        channel = Channel(str(facts[CHANNEL]))
        function = self._of_facts.get(channel)
        if function is None:
            function = self._of_facts[channel] = write_for_facts(self._pack, channel).compiled()
        decision = function(facts, None)
        if decision is None:
            raise TypeError("facts are always decided")
        return decision


Decide: TypeAlias = Callable[[dict[str, Any], datetime | None], Decision | None]
"""Decides a context; None where it has to go the long way."""
