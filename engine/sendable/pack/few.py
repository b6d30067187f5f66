"""How many combinations of cases an expression may hang on."""

from __future__ import annotations

from typing import Final

from sendable.diagnostics import codes
from sendable.diagnostics.record import Collector
from sendable.documents.elements import Scalar
from sendable.language.choices import combinations
from sendable.language.nodes import Node
from sendable.language.scope import Scope

_MOST: Final = 1_000


def few_cases(node: Node, at: Scalar, scope: Scope, collector: Collector) -> bool:
    """Whether each comparison of the expression that stands at `at` hangs on few enough; reported where it does not.

    Whoever proves something of an expression, or asks when it changes, looks at each combination by itself.
    """
    count = combinations(node, scope.parameters)
    if count > _MOST:
        collector.report(codes.TOO_MANY_CASES, at, count=f"{count:,}")
    return count <= _MOST
