"""Outcomes to a decision: findings made, ordered and parted into those that suppress and those only monitored."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from datetime import datetime

from sendable.compiler import Outcome, Program
from sendable.facts import Facts
from sendable.model import Certainty, Channel, Decision, Finding, Mode, Pack, TimedDecision, to_come
from sendable.types import Value


def decide(pack: Pack, program: Program, facts: Facts) -> Decision:
    """The decision for `facts`, which hold the declared paths with data, `now` among them."""
    now = _now(facts)
    reasons: list[Finding] = []
    monitored: list[Finding] = []
    for outcome in program.outcomes(facts):
        finding = finding_of(pack, program, facts, outcome)
        (reasons if outcome.reason.mode is Mode.ENFORCE else monitored).append(finding)
    # Outcomes come by priority, and sorting is stable: matched findings first, each group still by priority.
    reasons.sort(key=_undetermined)
    monitored.sort(key=_undetermined)
    clearing = program.clearing(Channel(str(facts["email.channel"])))
    if clearing.paths:
        return TimedDecision(tuple(reasons), tuple(monitored), now, pack, clearing, facts)
    return Decision(tuple(reasons), tuple(monitored), now, pack)


def _now(facts: Facts) -> datetime:
    now = facts["now"]
    if not isinstance(now, datetime):
        raise TypeError("now is always filled in at the boundary")
    return now


def _undetermined(finding: Finding) -> bool:
    return finding.certainty is Certainty.UNDETERMINED


def finding_of(pack: Pack, program: Program, facts: Facts, outcome: Outcome) -> Finding:
    """The finding that an outcome for `facts` is."""
    reason = outcome.reason
    if outcome.missing is not None:
        return Finding(
            reason, Certainty.UNDETERMINED, tuple(sorted(outcome.missing)), None, pack, _shown(pack, facts, {})
        )
    details = {
        f"details.{name}": value
        for name, expression in reason.details.items()
        if (value := program.value(expression, facts)) is not None
    }
    clears_at = program.value(reason.clears_at, facts) if reason.clears_at is not None else None
    return Finding(
        reason,
        Certainty.MATCHED,
        (),
        to_come(clears_at, _now(facts)),
        pack,
        _shown(pack, facts, details),
    )


def _shown(pack: Pack, facts: Facts, details: dict[str, Value]) -> Mapping[str, Value]:
    """What the placeholders of a message can name."""
    parameters = {f"params.{parameter.name}": parameter.value for parameter in pack.parameters.values()}
    return ChainMap(details, facts, parameters)
