"""Which changes of a pack change nothing: no context can tell, and so no test has to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from sendable.decide.decision import Certainty
from sendable.language.cells import Choices, TooManyError
from sendable.language.choices import spread, substituted, walk_read
from sendable.language.functions import within
from sendable.language.interpreter import Unknown
from sendable.language.nodes import Call, ListReference, Node, Parameter, Path, children, walk
from sendable.language.space import Space
from sendable.language.types import CHANNEL
from sendable.pack.messages import Origin
from sendable.pack.model import Channel, Pack, Reason, scope_of
from sendable.testing.mutants import Change, Excepting, Mutant, expressions_of, lifting_of, nodes_of
from sendable.testing.worlds import Found, found_of


def is_equivalent(pack: Pack, mutant: Mutant) -> bool:
    """Whether it is certain that no context can tell the mutant from the pack."""
    by_id = {reason.id: reason for reason in pack.reasons}
    try:
        match mutant.change:
            case Change.PRIORITY:
                return _never_together(pack, *mutant.reasons)
            case Change.PARAMETER | Change.CASE:
                return all(_same_whatever(pack, reason, mutant) for reason in mutant.reasons)
            case Change.ENTRY | Change.STRETCH:
                return _covered(pack, mutant)
            case Change.EXCEPTION:
                return mutant.excepting is None or _lifts_the_same(pack, mutant.excepting, mutant.reasons)
            case Change.RETRY | Change.FIXABLE_BY | Change.CLEARS_AT:  # one that is not certain has none of its own
                return all(_never(pack, by_id[one], {Certainty.MATCHED}) for one in mutant.ids)
            case Change.MODE | Change.PERIOD | Change.ROLLOUT | Change.FLOOR | Change.CODE:
                return all(_never(pack, by_id[one], set(Certainty)) for one in mutant.ids)
            case _:
                return all(_same(pack, by_id[reason.id], reason) for reason in mutant.reasons)
    except TooManyError:
        return False


def _same(pack: Pack, reason: Reason, other: Reason) -> bool:
    """Whether the two find the same in every context."""
    expressions = (reason.when.node, other.when.node)
    for channels in _apart(pack, reason.channels | other.channels, reason.channels == other.channels, expressions):
        space = space_of(pack, channels, *expressions)

        def ask(choices: Choices, space: Space = space, channels: frozenset[Channel] = channels) -> bool:
            found = _found_in(space, reason, choices) if channels <= reason.channels else None
            changed = _found_in(space, other, choices) if channels <= other.channels else None
            return found == changed

        if not space.always(ask):
            return False
    return True


def space_of(pack: Pack, channels: Iterable[Channel], *nodes: Node) -> Space:
    return Space(scope_of(pack), tuple(sorted(channel.value for channel in channels)), nodes, settled=True)


def _found_in(space: Space, reason: Reason, choices: Choices) -> Found:
    """What the reason makes where the choices hold."""
    outcome = space.outcome(reason.when.node, choices)
    return found_of(reason, Unknown(space.missing(reason.when.node, choices)) if outcome is None else outcome)


def _apart(
    pack: Pack, channels: frozenset[Channel], same: bool, expressions: Iterable[Node]
) -> Iterator[frozenset[Channel]]:
    """The channels, one by one where that makes a difference, and else all at once."""
    if same and all(Path(CHANNEL) not in set(walk_read(root, pack.parameters)) for root in expressions):
        yield channels
    else:
        yield from (frozenset({channel}) for channel in channels)


def _same_whatever(pack: Pack, reason: Reason, mutant: Mutant) -> bool:
    """Whether the reason is the same with the parameter's other value, or its other cases."""
    parameter = mutant.parameter
    if parameter is None:
        return False
    name = Parameter(parameter.name)
    beside = [one for one in expressions_of(reason) if one is not reason.when.node]
    beside += lifting_of(reason, pack)
    if Origin.PARAMETER.named(parameter.name) in reason.shown or any(name in set(walk(one)) for one in beside):
        return False
    changed = substituted(reason.when.node, name.name, parameter.value)
    if parameter.cases:
        changed = spread(reason.when.node, {**pack.parameters, name.name: parameter})
    return _same(pack, reason, replace(reason, when=replace(reason.when, node=changed)))


def _lifts_the_same(pack: Pack, excepting: Excepting, reasons: Iterable[Reason]) -> bool:
    """Whether the exception lifts the same findings of the reasons after the change."""
    before, after = excepting.before, excepting.after
    others = () if after is None else after.reasons
    for reason in reasons:
        nodes = [before.condition, *([after.condition] if after is not None and reason.id in others else [])]
        space = space_of(pack, reason.channels, *nodes, reason.when.node)

        def ask(choices: Choices, space: Space = space, nodes: Sequence[Node] = nodes, reason: Reason = reason) -> bool:
            lifts = {space.outcome(node, choices) is True for node in nodes} | ({False} if len(nodes) == 1 else set())
            return len(lifts) == 1 or _found_in(space, reason, choices) is None

        if not space.always(ask):
            return False
    return True


def _never_together(pack: Pack, first: Reason, second: Reason) -> bool:
    """Whether the two never stand in one list with the same certainty, so that their order never shows."""
    if first.mode is not second.mode:
        return True
    for channel in first.channels & second.channels:
        space = space_of(pack, [channel], first.when.node, second.when.node)

        def ask(choices: Choices, space: Space = space) -> bool:
            one = _found_in(space, first, choices)
            other = None if one is None else _found_in(space, second, choices)
            return one is None or other is None or one[0] is not other[0]

        if not space.always(ask):
            return False
    return True


def _never(pack: Pack, reason: Reason, wanted: Collection[Certainty]) -> bool:
    """Whether the reason is never found with one of the certainties."""
    for channels in _apart(pack, reason.channels, True, [reason.when.node]):  # noqa: FBT003
        space = space_of(pack, channels, reason.when.node)

        def ask(choices: Choices, space: Space = space) -> bool:
            found = _found_in(space, reason, choices)
            return found is None or found[0] not in wanted

        if not space.always(ask):
            return False
    return True


def _covered(pack: Pack, mutant: Mutant) -> bool:
    """Whether domains that stay in the list are above all that went, and nobody asks but by `in_domains`."""
    if mutant.shorter is None:
        return False
    name, left = ListReference(mutant.shorter.name), mutant.shorter.entries
    for node in (one for reason in mutant.reasons for one in nodes_of(reason, pack)):
        if name in children(node) and not (isinstance(node, Call) and node.function == "in_domains"):
            return False
    return all(within(entry, left) for entry in mutant.gone)
