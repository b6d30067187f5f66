"""The reference: what evaluates a pack's conditions one by one, and what makes a decision of the outcomes.

A program answers, for one set of facts, which reasons of the email's channel apply. The interpreted program is the
reference; a faster one has the same protocol and must give the same outcomes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sendable.decide.clearing import Clearing
from sendable.decide.decision import Decision, Finding, TimedDecision, lifted, telling
from sendable.decide.facts import Facts
from sendable.decide.findings import certainty_of, lifting, parted, time_of
from sendable.decide.findings import finding_of as make_finding
from sendable.language.interpreter import Interpreter, Unknown
from sendable.language.nodes import Node, Parameter
from sendable.language.types import CHANNEL, Value
from sendable.pack.model import Channel, Pack, PolicyException, Reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reason that applies (`missing` is None), or that suppresses because it is unknown for lack of `missing`."""

    reason: Reason
    missing: frozenset[str] | None


class Program(Protocol):
    """What can evaluate a pack's expressions. Safe to share between threads."""

    def outcomes(self, facts: Facts) -> Sequence[Outcome]:
        """The reasons that apply to the email, in the order of their priorities."""

    def holding(self, facts: Facts) -> Sequence[PolicyException]:
        """The exceptions that hold for the email, in the order of the pack: those that are definitely true."""

    def value(self, node: Node, facts: Facts) -> Value | None:
        """What an expression of the pack other than a condition, or a parameter, comes to; None where it is unknown."""

    def clearing(self, channel: Channel) -> Clearing:
        """What the passing of time does to emails of `channel`."""


class InterpretedProgram:
    """The program that walks the trees of the expressions: the reference."""

    def __init__(self, pack: Pack) -> None:
        interpreter = Interpreter(pack.parameters, pack.lists)
        self._evaluate = interpreter.evaluate
        self._by_channel: dict[str, list[tuple[Reason, ast.expr]]] = {}
        self._prepared: dict[int, ast.expr] = {}
        for reason in (one for whole in pack.reasons for one in whole.apart):
            condition = interpreter.prepare(reason.when.node)
            for channel in reason.channels:
                self._by_channel.setdefault(channel.value, []).append((reason, condition))
            for expression in (reason.clears_at, *reason.details.values()):
                if expression is not None:
                    # By identity: the pack keeps its expressions alive as long as this program.
                    self._prepared[id(expression.node)] = interpreter.prepare(expression.node)
        self._parameters = {name: interpreter.prepare(Parameter(name)) for name in pack.parameters}
        self._exceptions = {
            channel.value: [(one, interpreter.prepare(one.condition)) for one in lifting(pack, channel)]
            for channel in Channel
        }
        self._clearings = {channel: Clearing(pack, channel) for channel in Channel}

    def outcomes(self, facts: Facts) -> Sequence[Outcome]:
        """See `Program.outcomes`."""
        found: list[Outcome] = []
        for reason, condition in self._by_channel.get(str(facts[CHANNEL]), ()):
            result = self._evaluate(condition, facts)
            unknown = isinstance(result, Unknown)
            if certainty_of(reason, None if unknown else result is True) is not None:
                found.append(Outcome(reason, result.missing if isinstance(result, Unknown) else None))
        return found

    def holding(self, facts: Facts) -> Sequence[PolicyException]:
        """See `Program.holding`."""
        exceptions = self._exceptions.get(str(facts[CHANNEL]), ())
        return [one for one, condition in exceptions if self._evaluate(condition, facts) is True]

    def value(self, node: Node, facts: Facts) -> Value | None:
        """See `Program.value`."""
        prepared = self._parameters[node.name] if isinstance(node, Parameter) else self._prepared[id(node)]
        result = self._evaluate(prepared, facts)
        return None if isinstance(result, Unknown) else result

    def clearing(self, channel: Channel) -> Clearing:
        """See `Program.clearing`."""
        return self._clearings[channel]


def compile_pack(pack: Pack) -> Program:
    """The program of `pack`."""
    return InterpretedProgram(pack)


def decide(pack: Pack, program: Program, facts: Facts) -> Decision:
    """The decision for `facts`, which hold the declared paths with data, `now` among them."""
    now = time_of(facts)
    found, monitored = parted(finding_of(pack, program, facts, outcome) for outcome in program.outcomes(facts))
    reasons, excepted = lifted(found, program.holding(facts) if found else ())
    clearing = program.clearing(Channel(str(facts[CHANNEL])))
    if clearing.paths:
        return telling(TimedDecision(reasons, monitored, now, pack, clearing, facts, excepted))
    return telling(Decision(reasons, monitored, now, pack))


def finding_of(pack: Pack, program: Program, facts: Facts, outcome: Outcome) -> Finding:
    """The finding that an outcome for `facts` is."""
    return make_finding(pack, outcome.reason, outcome.missing, facts, partial(program.value, facts=facts))
