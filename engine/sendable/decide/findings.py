"""What a reason finds, stated once: the reference uses it, whoever writes code or columns spells it out, the rest asks.

True: a matched finding. Unknown, where the reason suppresses then: an undetermined one. Findings of enforced reasons
suppress, those of monitored ones are told beside them; matched ones come before undetermined ones, each by priority.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache

from sendable.decide.decision import Certainty, Finding, to_come
from sendable.decide.facts import Facts
from sendable.language.nodes import Node, Parameter
from sendable.language.types import Value
from sendable.pack.messages import Origin
from sendable.pack.model import Channel, Mode, OnUnknown, Pack, PolicyException, Reason


def certainty_of(reason: Reason, outcome: bool | None) -> Certainty | None:
    """The certainty of the finding that the outcome of the reason's condition makes; None where it makes none.

    `outcome` is None where it is unknown.
    """
    if outcome is None:
        return Certainty.UNDETERMINED if reason.on_unknown is OnUnknown.SUPPRESS else None
    return Certainty.MATCHED if outcome else None


def certainties(reason: Reason) -> tuple[Certainty, ...]:
    """The certainties that findings of the reason can have."""
    return (Certainty.MATCHED, *((Certainty.UNDETERMINED,) if reason.on_unknown is OnUnknown.SUPPRESS else ()))


def is_enforced(reason: Reason) -> bool:
    """Whether findings of the reason suppress; where it is in force, if it is not always. See `Reason.apart`."""
    return reason.mode is Mode.ENFORCE


def lifting(pack: Pack, channel: Channel) -> tuple[PolicyException, ...]:
    """The exceptions of the pack that can lift a finding of an email of `channel`, in their order."""
    found = {one.id for one in pack.reasons if channel in one.channels and is_enforced(one)}
    return tuple(one for one in pack.exceptions if not found.isdisjoint(one.reasons))


def rank(reason: Reason, certainty: Certainty) -> tuple[bool, int]:
    """What findings stand in the order of."""
    return certainty is Certainty.UNDETERMINED, reason.priority


def finding_of(
    pack: Pack,
    reason: Reason,
    missing: Iterable[str] | None,
    facts: Facts,
    value: Callable[[Node], Value | None],
) -> Finding:
    """The finding of a reason for `facts`: undetermined for lack of the paths `missing`, matched where that is None.

    `value` is what an expression of the pack comes to for the facts, None where it is unknown.
    """
    parameters: Facts = {}
    for one in pack.parameters.values():
        held = value(_named(one.name)) if one.cases else one.value
        if held is not None:
            parameters[Origin.PARAMETER.named(one.name)] = held
    details: Facts = {}
    shown: Mapping[str, Value] = ChainMap(details, facts, parameters)
    if missing is not None:
        lacking = tuple(sorted(missing))
        return Finding(reason, Certainty.UNDETERMINED, lacking, None, pack, shown)
    for name, expression in reason.details.items():
        found = value(expression.node)
        if found is not None:
            details[Origin.DETAIL.named(name)] = found
    clears_at = None if reason.clears_at is None else value(reason.clears_at.node)
    moment = to_come(clears_at, time_of(facts))
    return Finding(reason, Certainty.MATCHED, (), moment, pack, shown)


@cache
def _named(parameter: str) -> Parameter:
    """The node that names a parameter; the same each time, so that what is prepared of it is prepared once."""
    return Parameter(parameter)


def parted(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that suppress and those that are only monitored, each in their order."""
    ordered = sorted(findings, key=lambda one: rank(one.reason, one.certainty))
    suppressing = tuple(one for one in ordered if is_enforced(one.reason))
    return suppressing, tuple(one for one in ordered if not is_enforced(one.reason))


def time_of(facts: Facts) -> datetime:
    """The time of the decision, which is filled in at the boundary."""
    now = facts["now"]
    if not isinstance(now, datetime):
        raise TypeError("now is always filled in at the boundary")
    return now
