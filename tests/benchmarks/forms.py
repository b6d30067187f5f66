"""A form is one way to ask one engine for the whole answer: an expression that is compared first and timed after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any, Final, TypeAlias

from sendable.decide import reference
from sendable.decide.decision import Decision
from sendable.decide.facts import FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.policy import Policy
from tests.benchmarks import hand

Answer: TypeAlias = frozenset[tuple[str, str]]
"""The ids of the reasons that keep an email from being sent, each `matched` or `undetermined`."""

PACKAGES: Final = {
    "simpleeval": "simpleeval",
    "datalogic_py": "datalogic-py",
    "zen": "zen-engine",
    "cedarpy": "cedarpy",
    "cel": "common-expression-language",
    "celpy": "cel-python",
    "json_logic": "json-logic-qubit",
}
"""The modules of the peers, and the packages they come from."""


@dataclass(frozen=True, slots=True)
class Form:
    """`code` is evaluated with `names`; `read` makes the answer of what comes out."""

    name: str
    code: str
    names: Mapping[str, Any] = field(repr=False)
    read: Callable[[Any], Answer]
    only_primary: bool = False

    def answer(self) -> Answer:
        """What the form says, evaluated once."""
        return self.read(eval(self.code, dict(self.names)))


class MissingPeerError(Exception):
    """A package that is compared with is not installed."""


def module(name: str) -> Any:
    """The peer's module; raises MissingPeerError with the command that installs it."""
    try:
        return import_module(name)
    except ImportError as error:
        command = 'pip install -e ".[bench]"'
        raise MissingPeerError(f"{PACKAGES[name]} can't be imported ({error}); install it: {command}") from error


def written(answer: Iterable[str]) -> Answer:
    """An answer of texts like `+previously_bounced` and `?spam_trap`."""
    return frozenset((one[1:], "matched" if one[0] == "+" else "undetermined") for one in answer)


def joined(answer: Any) -> Answer:
    """An answer in one text, each reason ended by a semicolon."""
    return written(str(answer).split(";")[:-1])


def numbered(ids: Sequence[str], answer: Iterable[Any]) -> Answer:
    """An answer with a number for each reason: 0 for no, 1 for matched, 2 for undetermined."""
    certainties = ("", "matched", "undetermined")
    return frozenset((one, certainties[int(number)]) for one, number in zip(ids, answer, strict=True) if number)


def decided(decision: Decision) -> Answer:
    """The answer in a decision."""
    return frozenset((finding.id, finding.certainty.value) for finding in decision.reasons)


def compiled(policy: Policy, context: dict[str, Any]) -> Form:
    """What a caller of sendable writes."""
    return Form("decide", "decide(context)", {"decide": policy.decide, "context": context}, decided)


def unvalidated(policy: Policy, context: dict[str, Any]) -> Form:
    """What a caller writes who has validated the context."""
    names = {"decide": policy.decide, "context": context}
    return Form("decide, validate=False", "decide(context, validate=False)", names, decided)


def interpreted(policy: Policy, context: dict[str, Any]) -> Form:
    """The reference, from the same context to the same decision."""
    names = {
        "decide": partial(reference.decide, policy.pack, InterpretedProgram(policy.pack)),
        "read": FactReader.of(policy.pack.fields.values()).read,
        "context": context,
    }
    return Form("the reference", "decide(read(context))", names, decided)


def by_hand(context: dict[str, Any]) -> tuple[Form, Form]:
    """The two forms written by hand: the first reason, and every reason."""

    def read(answer: hand.Found) -> Answer:
        matched, undetermined = answer
        return frozenset([(one, "matched") for one in matched] + [(one, "undetermined") for one in undetermined])

    first = Form(
        "first",
        "first(context)",
        {"first": hand.first, "context": context},
        lambda answer: frozenset() if answer is None else frozenset([(answer, "")]),
        only_primary=True,
    )
    return first, Form("every", "every(context)", {"every": hand.every, "context": context}, read)
