"""Outcomes to a decision: findings made, ordered and parted into those that suppress and those only monitored."""

from __future__ import annotations

from functools import partial

from sendable.compiler import Outcome, Program
from sendable.facts import Facts
from sendable.findings import finding_of as make_finding
from sendable.findings import parted, time_of
from sendable.model import Channel, Decision, Finding, Pack, TimedDecision


def decide(pack: Pack, program: Program, facts: Facts) -> Decision:
    """The decision for `facts`, which hold the declared paths with data, `now` among them."""
    now = time_of(facts)
    reasons, monitored = parted(finding_of(pack, program, facts, outcome) for outcome in program.outcomes(facts))
    clearing = program.clearing(Channel(str(facts["email.channel"])))
    if clearing.paths:
        return TimedDecision(reasons, monitored, now, pack, clearing, facts)
    return Decision(reasons, monitored, now, pack)


def finding_of(pack: Pack, program: Program, facts: Facts, outcome: Outcome) -> Finding:
    """The finding that an outcome for `facts` is."""
    return make_finding(pack, outcome.reason, outcome.missing, facts, partial(program.value, facts=facts))
