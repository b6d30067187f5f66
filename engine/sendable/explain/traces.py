"""Why a reason applies, or why it does not: its condition with the value of every part of it.

The values are those of the reference interpreter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sendable.decide.facts import Facts
from sendable.decide.findings import certainty_of, time_of
from sendable.diagnostics.places import Span
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import (
    And,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    children,
)
from sendable.language.parser import unparse
from sendable.language.scope import ParameterCase
from sendable.language.types import CHANNEL, Value
from sendable.pack.model import Expression, Mode, Pack, Reason

_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a condition, what it came to, and its own parts; constants are left out."""

    node: Node
    text: str
    """The part as it is written in the pack, on one line."""
    value: Value | Unknown
    parts: tuple[Part, ...]

    def walk(self) -> Iterator[Part]:
        """This part and every part of it, in the order they are written."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Outside(StrEnum):
    """Why a reason is not in force; of several, the first."""

    BEFORE = "before"
    """Its `from` is to come."""
    AFTER = "after"
    """Its `until` has passed."""
    ROLLOUT = "rollout"
    """It is not rolled out to the email, or it is not known whether it is."""


def outside(reason: Reason, facts: Facts) -> Outside | None:
    """Why the reason is not in force for `facts`; None where it is, and where it is never enforced."""
    if reason.mode is Mode.MONITOR:
        return None
    now, period, rollout = time_of(facts), reason.period, reason.rollout
    if period.start is not None and now < period.start:
        return Outside.BEFORE
    if period.end is not None and period.end <= now:
        return Outside.AFTER
    value = None if rollout is None else facts.get(rollout.by)
    held = rollout is None or (isinstance(value, str) and rollout.holds(reason.id, value))
    return None if held else Outside.ROLLOUT


@dataclass(frozen=True, slots=True)
class Trace:
    """One reason for one context."""

    reason: Reason
    considered: bool
    """Whether the reason is for emails of the channel at all."""
    condition: Part
    cases: Mapping[str, ParameterCase]
    """The cases of parameters that the reason reads or shows, where one holds, by the parameter's name."""
    outside: Outside | None
    """Why a reason that is enforced elsewhere is only monitored here; None where it is not so."""

    @property
    def monitored(self) -> bool:
        """Whether the reason suppresses nothing here, whatever its condition comes to."""
        return self.reason.mode is Mode.MONITOR or self.outside is not None

    @property
    def outcome(self) -> bool | None:
        """What the condition came to; None where it is unknown."""
        return None if isinstance(self.condition.value, Unknown) else self.condition.value is True

    @property
    def found(self) -> bool:
        """Whether the reason has a finding: it applies, or it is not known not to and takes no chance."""
        return self.considered and certainty_of(self.reason, self.outcome) is not None

    @property
    def reads(self) -> Mapping[str, Value | None]:
        """The paths that the condition reads, as they are written, each with its value; None where it is unknown."""
        return {
            part.node.name: None if isinstance(part.value, Unknown) else part.value
            for part in self.condition.walk()
            if isinstance(part.node, Path)
        }

    @property
    def parameters(self) -> Mapping[str, Value | Unknown]:
        """The parameters that the condition uses, with their values."""
        return {part.node.name: part.value for part in self.condition.walk() if isinstance(part.node, Parameter)}

    @property
    def memberships(self) -> tuple[Part, ...]:
        """The parts that ask whether something is in a list of the pack."""
        return tuple(part for part in self.condition.walk() if _asks_a_list(part.node))

    @property
    def decisive(self) -> Node:
        """The condition without what made no difference: the operands that it rests on here."""
        return _decisive(self.condition)

    @property
    def place(self) -> Span:
        """Where the condition stands in the pack."""
        return self.reason.when.source.span


def _decisive(part: Part) -> Node:
    """Of an `or` that is true only the true operands, of a false `and` the false ones; else the unknown ones."""
    node, value = part.node, part.value
    match node:
        case Not():
            return Not(_decisive(part.parts[0])) if part.parts else node
        case And() | Or():
            decides = isinstance(node, Or)
            same = [one for one in part.parts if _same(one.value, value)]
            kept = same if isinstance(value, Unknown) or value is decides else list(part.parts)
            operands = tuple(map(_decisive, kept))
            if not operands:
                return node
            return operands[0] if len(operands) == 1 else type(node)(operands)
        case _:
            return node


def _same(one: Value | Unknown, other: Value | Unknown) -> bool:
    return isinstance(one, Unknown) if isinstance(other, Unknown) else one is other


def _asks_a_list(node: Node) -> bool:
    return (isinstance(node, Membership) and isinstance(node.container, ListReference)) or (
        not isinstance(node, Membership) and any(isinstance(child, ListReference) for child in children(node))
    )


def trace(pack: Pack, reason: Reason, facts: Facts) -> Trace:
    """The trace of `reason` for `facts`."""
    interpreter = Interpreter(pack.parameters, pack.lists)
    condition = _part(interpreter, reason.when.node, reason.when.source.text, facts)
    held = ((name, interpreter.case_of(name, facts)) for name in sorted(reason.parameters))
    cases = {name: case for name, case in held if case is not None}
    return Trace(reason, facts[CHANNEL] in reason.channels, condition, cases, outside(reason, facts))


def part_of(pack: Pack, expression: Expression, facts: Facts) -> Part:
    """An expression of the pack with what each part of it came to for `facts`."""
    return _part(Interpreter(pack.parameters, pack.lists), expression.node, expression.source.text, facts)


def _written(node: Node, source: str) -> str:
    """How a node is written, on one line, with the parentheses that its first or last operand stands in."""
    start, end = node.start, node.end
    depth = lowest = 0
    for char in _QUOTED.sub("", source[start:end]):
        depth += (char == "(") - (char == ")")
        lowest = min(lowest, depth)
    for _ in range(-lowest):
        start = source.rfind("(", 0, max(start, 0))
    for _ in range(depth - lowest):
        end = source.find(")", end) + 1
    return " ".join(source[start:end].split()) if 0 <= start < end else unparse(node)


def _part(interpreter: Interpreter, node: Node, source: str, facts: Facts) -> Part:
    # INVARIANT: the recursion is no deeper than the parser lets an expression be.
    below = () if isinstance(node, ListLiteral) else children(node)
    parts = tuple(
        _part(interpreter, child, source, facts)
        for child in below
        if not isinstance(child, Constant | ListLiteral | ListReference)
    )
    return Part(node, _written(node, source), interpreter.evaluate(interpreter.prepare(node), facts), parts)
