"""A frame under construction: what columns are added to it, and which of them hold the paths of a context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw

from sendable.audience.engines.operations import (
    Applied,
    Asked,
    Engine,
    NativeFrame,
    Operation,
    PerValue,
    Reading,
    TextTest,
)
from sendable.language.types import Kind


@dataclass(frozen=True, slots=True)
class Source:
    """A column that holds a declared path, normalized: its name, the kind of its values, whether they are integers."""

    name: str
    kind: Kind
    whole: bool = False

    @property
    def expression(self) -> nw.Expr:
        """The column."""
        return nw.col(self.name)


class Table:
    """A frame under construction: columns are added to it, by Narwhals where it can and by the engine where not.

    What is added is there after `flush`. Until then operations may read columns that are added by Narwhals, and what is
    derived may read both; so few steps are made of many columns, and engines bind each step anew.
    """

    def __init__(self, native: NativeFrame, engine: Engine) -> None:
        self.native = native
        self.engine = engine
        self._columns = 0
        self._known: dict[object, str] = {}
        self._layers: dict[int, list[nw.Expr]] = {}
        self._expressions: list[nw.Expr] = []
        self._operations: dict[str, Applied] = {}
        self._tests: dict[str, Asked] = {}
        self._readings: dict[str, Reading] = {}
        self._derived: list[tuple[str, PerValue, Sequence[str], str | None, type]] = []

    def fresh(self) -> str:
        """A name for a column that the frame does not have."""
        self._columns += 1
        return f"sendable_{self._columns}"

    def with_column(self, expression: nw.Expr) -> str:
        """Adds the column `expression`; its name."""
        name = self.fresh()
        self._expressions.append(expression.alias(name))
        return name

    def with_column_once(self, key: object, expression: nw.Expr, layer: int) -> str:
        """Adds the column `expression`, where none was added by that key; its name.

        It is made after all others that are added, and may read those, and those of its kind in lower layers.
        """
        if key not in self._known:
            name = self._known[key] = self.fresh()
            self._layers.setdefault(layer, []).append(expression.alias(name))
        return self._known[key]

    def with_operation(self, operation: Operation, *columns: str) -> str:
        """Adds the column that the operation makes of `columns`; its name."""
        key = (operation, columns)
        if key not in self._known:
            name = self._known[key] = self.fresh()
            self._operations[name] = key
        return self._known[key]

    def with_test(self, test: TextTest, column: str, function: PerValue) -> str:
        """Adds the column with the answers to the test of `column`, as `function` gives them; its name."""
        key = (test, column)
        if key not in self._known:
            name = self._known[key] = self.fresh()
            self._tests[name] = Asked(test, column, function)
        return self._known[key]

    def with_reading(self, reading: Reading) -> str:
        """Adds the column of what Python makes of the odd texts of a column; its name."""
        name = self.fresh()
        self._readings[name] = reading
        return name

    def with_derived(
        self, key: object, function: PerValue, columns: Sequence[str], needed: str | None = None, kind: type = bool
    ) -> str:
        """Adds the column of `function`, computed in Python for each distinct value of `columns`; its name.

        It is null where the column `needed` is not true.
        """
        if key not in self._known:
            name = self._known[key] = self.fresh()
            self._derived.append((name, function, columns, needed, kind))
        return self._known[key]

    def added(self, expression: nw.Expr) -> str:
        """Makes the column `expression`, and all that were added before; its name."""
        name = self.with_column(expression)
        self.flush()
        return name

    def flush(self) -> None:
        """Makes the columns that were added."""
        self._make(self._expressions)
        while self._operations:
            # Operations may read what others make.
            ready = {
                name: applied
                for name, applied in self._operations.items()
                if self._operations.keys().isdisjoint(applied[1])
            }
            self.native = self.engine.add(self.native, ready)
            self._operations = {name: one for name, one in self._operations.items() if name not in ready}
        if self._tests:
            self.native = self.engine.test(self.native, self._tests)
        if self._readings:
            self.native = self.engine.read(self.native, self._readings)
        for derived in self._derived:
            self.native = self.engine.derive(self.native, *derived)
        for layer in sorted(self._layers):
            self._make(self._layers[layer])
        self.native = self.engine.settled(self.native)
        self._expressions, self._operations, self._tests, self._readings, self._derived = [], {}, {}, {}, []
        self._layers = {}

    def _make(self, expressions: Sequence[nw.Expr]) -> None:
        if expressions:
            self.native = nw.from_native(self.native).with_columns(*expressions).to_native()
