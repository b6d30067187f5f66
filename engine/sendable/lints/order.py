"""Reasons that others always come before, so that nobody ever reads their texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sendable.decide.findings import certainty_of, is_enforced, rank
from sendable.diagnostics import lint_codes
from sendable.language.cells import Choices, Effort, Pessimist, TooManyError
from sendable.language.nodes import Node, Path, walk
from sendable.language.space import Space
from sendable.pack.model import Channel, Reason
from sendable.pack.reading import Draft, Reading

_MOST_PAIRS: Final = 20_000
"""How many pairs of reasons are looked at in a pack, and at least how many for each reason."""
_LEAST_PAIRS: Final = 10


@dataclass(frozen=True)
class _Rival:
    """An enforced reason that takes part in the question which comes first."""

    reason: Reason
    draft: Draft
    space: Space
    names: frozenset[str]

    @property
    def node(self) -> Node:
        return self.reason.when.node


def primacy(reading: Reading, constant: Collection[str], effort: Effort) -> None:
    """Reports each reason that another with a lower number covers on every channel.

    Matched findings come before undetermined ones: a reason that is true has to be met by one that is true, one that is
    unknown and suppresses by one that is true, or unknown and suppresses too.
    """
    rivals = sorted(_rivals(reading, constant, effort), key=lambda rival: rival.reason.priority)
    budget = max(_LEAST_PAIRS, _MOST_PAIRS // max(1, len(rivals)))
    by_node: dict[Node, list[_Rival]] = {}
    by_name: dict[str, list[_Rival]] = {}
    for rival in rivals:
        _report_covered(reading, rival, _covered(rival, by_node, by_name, budget))
        if rival.reason.in_force is not None:
            continue  # where it is only monitored, it comes before nobody
        by_node.setdefault(rival.node, []).append(rival)
        for name in rival.names:
            by_name.setdefault(name, []).append(rival)


def _rivals(reading: Reading, constant: Collection[str], effort: Effort) -> Iterator[_Rival]:
    """The enforced reasons; without those whose conditions are `constant`, which is reported by itself."""
    for draft in reading.drafts:
        reason = draft.reason
        if reason is not None and is_enforced(reason) and reason.channels and draft.id not in constant:
            node = reason.when.node
            space = Space(reading.scope, tuple(sorted(reason.channels)), (node,), effort=effort)
            names = frozenset(one.name for one in walk(node) if isinstance(one, Path))
            yield _Rival(reason, draft, space, names)


def _covered(
    rival: _Rival, by_node: Mapping[Node, list[_Rival]], by_name: Mapping[str, list[_Rival]], budget: int
) -> dict[Channel, _Rival]:
    """For each channel of `rival` a reason before it that covers it; empty when one has none."""
    found: dict[Channel, _Rival] = {}
    try:
        witness = rival.space.witness(rival.node, wanted=True)
    except TooManyError:
        return found
    if witness is None:
        return found
    for other in islice(_before(rival, by_node, by_name), budget):
        if other.space.outcome(other.node, Pessimist(witness)) is not True:
            continue
        for channel in rival.reason.channels & other.reason.channels - found.keys():
            if _covers(other, rival, channel):
                found[channel] = other
        if len(found) == len(rival.reason.channels):
            return found
    return {}


def _before(
    rival: _Rival, by_node: Mapping[Node, list[_Rival]], by_name: Mapping[str, list[_Rival]]
) -> Iterator[_Rival]:
    """Reasons before `rival` on one of its channels: of the same condition, and those that read what it reads."""
    seen: set[str] = set()
    for group in (by_node.get(rival.node, ()), *(by_name.get(name, ()) for name in sorted(rival.names))):
        for other in group:
            if other.reason.id not in seen and not rival.reason.channels.isdisjoint(other.reason.channels):
                seen.add(other.reason.id)
                yield other


def _covers(other: _Rival, rival: _Rival, channel: Channel) -> bool:
    space = Space(rival.space.scope, (channel.value,), (rival.node, other.node), effort=rival.space.effort)

    def ask(choices: Choices) -> bool:
        mine = certainty_of(rival.reason, space.outcome(rival.node, choices))
        if mine is None:
            return True
        theirs = certainty_of(other.reason, space.outcome(other.node, choices))
        return theirs is not None and rank(other.reason, theirs) < rank(rival.reason, mine)

    try:
        return space.always(ask)
    except TooManyError:
        return False


def _report_covered(reading: Reading, rival: _Rival, covered: Mapping[Channel, _Rival]) -> None:
    if not covered:
        return
    others = {other.reason.id: other for other in sorted(covered.values(), key=lambda one: one.reason.priority)}
    names = " and ".join(f"`{name}`" for name in others)
    priority = rival.draft.body.get("priority")
    reading.collector.report(
        lint_codes.NEVER_PRIMARY,
        rival.draft.key.span if priority is None else priority.span,
        also=[other.draft.key.span for other in others.values()],
        reason=rival.reason.id,
        others=f"{names} {'comes' if len(others) == 1 else 'come'}",
    )
