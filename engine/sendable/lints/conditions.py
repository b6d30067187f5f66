"""Conditions that are hardly meant: always or never true, or with a part that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Final

from sendable.diagnostics import lint_codes
from sendable.diagnostics.record import Rule
from sendable.diagnostics.wording import digits
from sendable.language.cells import Effort, TooManyError, compare, number_cells
from sendable.language.functions import FUNCTIONS, ORDERINGS
from sendable.language.measures import FLIPPED
from sendable.language.nodes import (
    And,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    ListLiteral,
    Membership,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    children,
    walk,
)
from sendable.language.scope import Scope
from sendable.language.space import Space
from sendable.language.types import CHANNEL, Kind, Type
from sendable.lints.written import Written
from sendable.pack.model import Channel
from sendable.pack.reading import Reading

_EMAILS: Final = {
    Channel.MARKETING: "marketing",
    Channel.ONE_TO_ONE: "one-to-one",
    Channel.TRANSACTIONAL: "transactional",
}


@dataclass
class Atoms:
    """What the parts that `and`, `or` and `not` join can come to; equal parts are looked at once."""

    scope: Scope
    effort: Effort
    _free: dict[Node, bool] = field(default_factory=dict)

    def independent(self, node: Node) -> bool:
        """Whether every part can be true and false, whatever the others are: then there is nothing odd about `node`.

        A quick answer for most conditions; False means only that it has to be looked at closely.
        """
        seen: set[Node] = set()
        stack = [node]
        while stack:
            one = stack.pop()
            if isinstance(one, And | Or | Not):
                stack.extend(children(one))
                continue
            names = {inner for inner in walk(one) if isinstance(inner, Path | Parameter)}
            if not names or names & seen or Path(CHANNEL) in names or not self._can_be_both(one):
                return False
            seen |= names
        return True

    def _can_be_both(self, atom: Node) -> bool:
        found = self._free.get(atom)
        if found is None:
            try:
                found = {True, False} <= Space(self.scope, _CHANNELS, (atom,), effort=self.effort).outcomes(atom)
            except TooManyError:
                found = False
            self._free[atom] = found = found and not (
                # one part of a chain, or one item of a list, may be out of range though the whole is not
                (isinstance(atom, Comparison) and len(atom.operators) > 1)
                or (isinstance(atom, Membership) and _declared(atom.item, self.scope) is not None)
            )
        return found


_CHANNELS: Final = tuple(channel.value for channel in Channel)


@dataclass
class ConditionLints:
    reading: Reading
    when: Written
    effort: Effort

    def run(self) -> bool:
        """Reports what is odd about the condition of one reason; False where that is all there is to say of it."""
        node = self.when.node
        channels = tuple(sorted(channel.value for channel in self.when.draft.channels))
        recovered = frozenset(self._ranges(node, Space(self.reading.scope, channels, (node,), effort=self.effort)))
        space = Space(self.reading.scope, channels, (node,), recovered, self.effort)
        if self._constants(node, space, recovered):
            return False
        idle = self._operands(node, space)
        self._parts(node, space, idle)
        return not recovered

    def _report(self, rule: Rule, node: Node, **params: object) -> None:
        self.reading.collector.add(rule, self.when.span(node), params)

    # a condition that tells no emails apart

    def _constants(self, node: Node, space: Space, recovered: frozenset[Node]) -> bool:
        """Whether the condition was reported to be constant for every channel."""
        groups = [space.channels]
        if any(one == Path(CHANNEL) for one in walk(node)):
            groups = [(channel,) for channel in space.channels]
        found: dict[Rule, list[str]] = {}
        for group in groups:
            try:
                outcomes = Space(space.scope, group, (node,), recovered, self.effort).outcomes(node)
            except TooManyError:
                continue
            if outcomes == {None}:
                found.setdefault(lint_codes.ALWAYS_UNKNOWN, []).extend(group)
            elif True not in outcomes:
                found.setdefault(lint_codes.NEVER_TRUE, []).extend(group)
            elif False not in outcomes:
                found.setdefault(lint_codes.ALWAYS_TRUE, []).extend(group)
        for rule, channels in found.items():
            everywhere = len(channels) == len(space.channels)
            advice = "the reason never applies: check what the condition compares"
            if not everywhere:
                advice = f"take {', '.join(f'`{channel}`' for channel in channels)} out of `channels`"
            self._report(rule, node, emails=emails(map(Channel, channels)), advice=advice)
        return sum(map(len, found.values())) == len(space.channels)

    # comparisons outside of what a field can be

    def _ranges(self, node: Node, space: Space) -> Iterator[Node]:
        """The comparisons that a declared range decides, each reported."""
        for one in walk(node):
            if isinstance(one, Comparison):
                for sign, (left, right) in zip(one.operators, pairwise(one.operands), strict=True):
                    pair = Comparison((left, right), (sign,), start=left.start, end=right.end)
                    if self._outside(pair, left, sign, right, space) or self._outside(
                        pair, right, FLIPPED[sign], left, space
                    ):
                        yield pair
            elif isinstance(one, Membership) and isinstance(one.container, ListLiteral):
                outside = [item for item in one.container.items if self._outside(item, one.item, "==", item, space)]
                yield from [one] if outside else ()

    def _outside(self, place: Node, subject: Node, sign: ComparisonOperator, other: Node, space: Space) -> bool:
        declared = _declared(subject, space.scope)
        constant, value = space.terms.constant(other)
        if declared is None or not constant or isinstance(value, bool) or not isinstance(value, int | float):
            return False
        outcomes = {compare(sign, number, value) for number in number_cells((value,), declared)}
        whole = declared.kind is Kind.INTEGER and value != int(value) and sign not in ORDERINGS
        if len(outcomes) != 1 or (declared.minimum is None and declared.maximum is None and not whole):
            return False
        always = "always" if True in outcomes else "never"
        text = (
            self.when.text(place)
            if isinstance(place, Comparison)
            else f"{self.when.text(subject)} == {self.when.text(other)}"
        )
        self._report(
            lint_codes.OUT_OF_RANGE,
            place,
            text=text,
            always=always,
            subject=self.when.text(subject),
            range=_range(declared, whole=whole),
        )
        return True

    # operands that change nothing

    def _operands(self, node: Node, space: Space) -> list[Node]:
        """Reports the operands that change nothing, which it gives."""
        reported: list[Node] = []
        for place in sorted(_places(node), key=len):
            operand, joined = _at(node, place), _at(node, place[:-1])
            if operand is None or not isinstance(joined, And | Or) or _gone(operand):
                continue
            if len([*islice((one for one in joined.operands if not _gone(one)), 2)]) < 2:
                continue  # the others went already
            reduced = _put(node, place, _NEUTRAL[isinstance(joined, And)])
            try:
                idle = space.same(node, reduced)
            except TooManyError:
                continue
            if idle:
                self._report(lint_codes.IDLE_OPERAND, operand, text=self.when.text(operand))
                reported.append(operand)
                node = reduced
        return reported

    # parts that are always the same

    def _parts(self, node: Node, space: Space, idle: Iterable[Node]) -> None:
        """Reports the largest parts that are never true, or never false, but for those that are `idle`."""
        for part in _inside(node):
            if isinstance(part, Constant) or any(part is one for one in idle) or part in space.recovered:
                continue
            try:
                outcomes = space.outcomes(part)
            except TooManyError:
                continue
            if {True, False} <= outcomes:
                self._parts(part, space, idle)
            elif outcomes != {None}:
                never = "true" if True not in outcomes else "false"
                self._report(lint_codes.CONSTANT_PART, part, text=self.when.text(part), never=never)


_NEUTRAL: Final = (Constant(value=False), Constant(value=True))
"""What stands where an operand was: `false` in an `or`, `true` in an `and`."""


def _gone(node: Node) -> bool:
    return any(node is neutral for neutral in _NEUTRAL)


def _declared(subject: Node, scope: Scope) -> Type | None:
    """The declared numeric type of a term with one."""
    match subject:
        case Path(name):
            declared = scope.fields[name].type
            return declared if declared.numeric else None
        case Call(name):
            return FUNCTIONS[name].number
        case _:
            return None


def _range(declared: Type, *, whole: bool) -> str:
    if whole:
        return "a whole number"
    bounds = [
        f"at {word} {digits(bound)}"
        for word, bound in (("least", declared.minimum), ("most", declared.maximum))
        if bound is not None
    ]
    return " and ".join(bounds)


def emails(channels: Iterable[Channel]) -> str:
    """What emails in these channels are called."""
    concerned = set(channels)
    names = [_EMAILS[channel] for channel in Channel if channel in concerned]
    if len(names) == len(Channel):
        return "any email"
    return f"{' and '.join(names)} emails"


def _inside(node: Node) -> tuple[Node, ...]:
    """The conditions that `node` is made of."""
    match node:
        case And() | Or() | Not():
            return children(node)
        case _:
            return ()


_Place = tuple[int, ...]
"""The way from a condition to an operand in it: the positions among the children."""


def _places(node: Node, here: _Place = ()) -> Iterator[_Place]:
    """The operands of every `and` and `or` that `node` is made of; of one, the last comes first."""
    if not isinstance(node, And | Or | Not):
        return
    inside = children(node)
    for index in reversed(range(len(inside))):
        if isinstance(node, And | Or):
            yield (*here, index)
        yield from _places(inside[index], (*here, index))


def _at(node: Node, place: _Place) -> Node | None:
    for index in place:
        if index >= len(children(node)):
            return None
        node = children(node)[index]
    return node


def _put(node: Node, place: _Place, operand: Node) -> Node:
    """`node` with `operand` at the place of another, inside `and`, `or` and `not`."""
    if not place:
        return operand
    index, *rest = place
    match node:
        case And(operands) | Or(operands):
            changed = _put(operands[index], tuple(rest), operand)
            return replace(node, operands=(*operands[:index], changed, *operands[index + 1 :]))
        case Not(inner):
            return replace(node, operand=_put(inner, tuple(rest), operand))
        case _:
            return node
