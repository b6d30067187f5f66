"""Exceptions that are hardly meant: conditions that never hold, reasons of which they lift nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sendable.decide.findings import certainty_of
from sendable.diagnostics import lint_codes
from sendable.documents.elements import items, string
from sendable.language.cells import Choices, Effort, TooManyError
from sendable.language.nodes import Node
from sendable.language.space import Space
from sendable.lints.conditions import ConditionLints, emails
from sendable.lints.written import condition
from sendable.pack.model import Channel, PolicyException, Reason
from sendable.pack.reading import Reading


def exceptions(reading: Reading, effort: Effort) -> None:
    """Reports what is odd about the exceptions of a pack, apart from when they lapse."""
    reasons = {draft.id: draft.reason for draft in reading.drafts if draft.reason is not None}
    for draft in reading.exceptions:
        when = condition(draft)
        if when is None or not _Condition(reading, when, effort).run() or draft.exception is None:
            continue
        for item in items(draft.body.get("reasons")):
            reason = reasons.get(string(item) or "")
            why = None if reason is None else _why_nothing(reading, draft.exception, reason, effort)
            if reason is not None and why is not None:
                reading.collector.report(lint_codes.LIFTS_NOTHING, item, reason=reason.id, why=why)


@dataclass
class _Condition(ConditionLints):
    """The condition of an exception: it may hold for all emails, and for one channel alone, but it has to hold."""

    def _constants(self, node: Node, space: Space, recovered: frozenset[Node]) -> bool:
        try:
            outcomes = Space(space.scope, space.channels, (node,), recovered, self.effort).outcomes(node)
        except TooManyError:
            return False
        if True in outcomes:
            return False
        rule = lint_codes.ALWAYS_UNKNOWN if outcomes == {None} else lint_codes.NEVER_TRUE
        advice = "the exception lifts nothing: check what the condition compares"
        self._report(rule, node, emails=emails(map(Channel, space.channels)), advice=advice)
        return True


def _why_nothing(reading: Reading, exception: PolicyException, reason: Reason, effort: Effort) -> str | None:
    """Why the exception never lifts a finding of the reason; None where it may lift one."""
    channels = tuple(sorted(channel.value for channel in reason.channels))
    mine, theirs = exception.when.node, reason.when.node
    try:
        if True not in Space(reading.scope, channels, (mine,), effort=effort).outcomes(mine):
            return f"the condition is never true for {emails(reason.channels)}, which the reason is for"
        space = Space(reading.scope, channels, (mine, theirs), effort=effort)

        def apart(choices: Choices) -> bool:
            holds = space.outcome(mine, choices) is True
            return not holds or certainty_of(reason, space.outcome(theirs, choices)) is None

        return "where the condition is true, that of the reason is not" if space.always(apart) else None
    except TooManyError:
        return None
