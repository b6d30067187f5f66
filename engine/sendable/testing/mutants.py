"""Changes of a pack, each a small one that somebody could make by mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

from sendable.diagnostics.places import Span
from sendable.language.choices import walk_read
from sendable.language.functions import FUNCTIONS, add_hours
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Negative,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    children,
)
from sendable.language.parser import unparse
from sendable.language.scope import ParameterCase, ParameterDeclaration, PolicyList
from sendable.language.timestamps import write_timestamp
from sendable.language.types import LARGEST_NUMBER, Value
from sendable.language.unknowns import may_be_unknown
from sendable.language.zones import clock_of
from sendable.pack.model import Channel, FixableBy, Mode, OnUnknown, Pack, PolicyException, Reason, Retry, scope_of
from sendable.pack.periods import FROM, UNTIL
from sendable.pack.rollouts import WHOLE, Rollout


class Change(StrEnum):
    """The kinds of changes."""

    COMPARISON = "comparison"
    BOUND = "bound"
    NEGATION = "negation"
    OPERAND = "operand"
    LOGIC = "logic"
    DEFAULT = "default"
    PRIORITY = "priority"
    ON_UNKNOWN = "on_unknown"
    CHANNEL = "channel"
    MODE = "mode"
    EXCEPTION = "exception"
    PERIOD = "period"
    ROLLOUT = "rollout"
    FLOOR = "floor"
    RETRY = "retry"
    FIXABLE_BY = "fixable_by"
    CLEARS_AT = "clears_at"
    CODE = "code"
    PARAMETER = "parameter"
    CASE = "case"
    ENTRY = "entry"
    STRETCH = "stretch"


AS_FOUND: Final = frozenset(
    {
        Change.PRIORITY,
        Change.MODE,
        Change.EXCEPTION,
        Change.PERIOD,
        Change.ROLLOUT,
        Change.FLOOR,
        Change.RETRY,
        Change.FIXABLE_BY,
        Change.CLEARS_AT,
        Change.CODE,
    }
)
"""Changes that leave it as it is which reasons are found, and change what is told of them."""


@dataclass(frozen=True, slots=True)
class Excepting:
    """An exception and what becomes of it; None where it is left out."""

    before: PolicyException
    after: PolicyException | None

    def put_in(self, exceptions: tuple[PolicyException, ...]) -> tuple[PolicyException, ...]:
        """The exceptions of a pack with the change made."""
        changed = ((self.after if one is self.before else one) for one in exceptions)
        return tuple(one for one in changed if one is not None)

    @property
    def conditions(self) -> tuple[Node, ...]:
        """When it holds, before and after."""
        return tuple(one.condition for one in (self.before, self.after) if one is not None)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A pack with one change. `reasons` are those that the change is in, or concerns, as they become."""

    change: Change
    text: str
    """The change in words that go on after `no test notices if`."""
    span: Span
    reasons: tuple[Reason, ...]
    parameter: ParameterDeclaration | None = None
    shorter: PolicyList | None = None
    """The list, without the entries `gone`."""
    gone: frozenset[str] = frozenset()
    excepting: Excepting | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the reasons it changes."""
        return tuple(reason.id for reason in self.reasons)


def mutants(pack: Pack, counted: Collection[str] = ()) -> Iterator[Mutant]:
    """Every mutant of the pack that would load. Of a list that is `counted` any entry is as good as another."""
    for reason in pack.reasons:
        yield from _of_condition(reason)
        yield from _of_on_unknown(pack, reason)
        yield from _of_channels(reason)
        yield from _of_what_is_told(reason)
    yield from _of_priorities(pack)
    yield from _of_parameters(pack)
    yield from _of_lists(pack, counted)
    yield from _of_exceptions(pack)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A tree with one change: what kind, in words without the reason's name, where, and the tree."""

    change: Change
    text: str
    place: Node
    node: Node


def _becomes(before: str, after: str) -> str:
    return f"`{before}` becomes `{after}` in"


def _of_condition(reason: Reason) -> Iterator[Mutant]:
    for variant, where in _told_apart(reason.when.node):
        changed = replace(reason, when=replace(reason.when, node=variant.node))
        span = reason.when.source.span_of(variant.place.start, variant.place.end)
        yield Mutant(variant.change, f"{variant.text} `{reason.id}`{where}", span, (changed,))


def _told_apart(node: Node) -> Iterator[tuple[_Variant, str]]:
    """Every condition that is `node` with one change, and of those of the same words which of them it is."""
    variants: dict[Node, _Variant] = {}
    for variant in _variants(node, boolean=True):
        if variant.node != node:
            variants.setdefault(variant.node, variant)
    named: dict[str, list[_Variant]] = {}
    for variant in variants.values():
        named.setdefault(variant.text, []).append(variant)
    for variant in variants.values():
        alike = named[variant.text]
        yield variant, f" (place {alike.index(variant) + 1} of {len(alike)})" if len(alike) > 1 else ""


def _of_exceptions(pack: Pack) -> Iterator[Mutant]:
    """Each exception left out, with one reason fewer, with a bound a second off, and with each change of `when`."""
    by_id = {reason.id: reason for reason in pack.reasons}
    for one in pack.exceptions:
        reasons, span, name = (
            tuple(by_id[name] for name in one.reasons),
            one.when.source.span,
            f"the exception `{one.id}`",
        )
        found: list[tuple[str, Span, tuple[Reason, ...], PolicyException | None]] = [
            (f"{name} is left out", span, reasons, None)
        ]
        for reason in reasons if len(reasons) > 1 else ():
            fewer = tuple(other for other in one.reasons if other != reason.id)
            found.append((f"`{reason.id}` is left out of {name}", span, (reason,), replace(one, reasons=fewer)))
        for key, moment in ((FROM, one.period.start), (UNTIL, one.period.end)):
            if moment is None:
                continue
            for shifted in _seconds_off(moment):
                text = _becomes(f"{key}: {write_timestamp(moment)}", f"{key}: {write_timestamp(shifted)}")
                period = replace(one.period, start=shifted) if key == FROM else replace(one.period, end=shifted)
                changed = replace(one, period=period, until=period.end or one.until)
                found.append((f"{text} {name}", span, reasons, changed))
        for variant, where in _told_apart(one.when.node):
            place = one.when.source.span_of(variant.place.start, variant.place.end)
            changed = replace(one, when=replace(one.when, node=variant.node))
            found.append((f"{variant.text} {name}{where}", place, reasons, changed))
        for text, place, concerned, after in found:
            yield Mutant(Change.EXCEPTION, text, place, concerned, excepting=Excepting(one, after))


def _variants(node: Node, *, boolean: bool) -> Iterator[_Variant]:
    """Every tree that is `node` with one change; `boolean` where it is an operand of logic, and so can be negated."""
    yield from _own_variants(node, boolean=boolean)
    logic = isinstance(node, And | Or | Not)
    for index, child in enumerate(children(node)):
        for variant in _variants(child, boolean=logic):
            yield replace(variant, node=with_child(node, index, variant.node))


def _own_variants(node: Node, *, boolean: bool) -> Iterator[_Variant]:  # noqa: C901 - one match over the node classes
    if boolean and isinstance(node, Path | Parameter | Call | Constant):
        yield from _negated(node)
    match node:
        case Not(operand):
            text = _becomes(unparse(node), unparse(operand))
            yield _Variant(Change.NEGATION, text, node, operand)
        case And(operands) | Or(operands):
            yield from _of_logic(node, operands)
        case Comparison(operands, operators):
            yield from _of_comparison(node, operands, operators)
        case Membership(item, container, negated):
            yield from _of_membership(node, item, container, negated=negated)
        case Call("default", (value, otherwise)):
            yield _Variant(Change.DEFAULT, _becomes(unparse(node), unparse(value)), node, value)
            if isinstance(otherwise, Constant) and isinstance(otherwise.value, bool):
                changed = Call("default", (value, Constant(not otherwise.value)))
                yield _Variant(Change.DEFAULT, _becomes(unparse(node), unparse(changed)), otherwise, changed)
            yield from _of_bounds(node, (value, otherwise))
        case Arithmetic(_, left, right):
            yield from _of_bounds(node, (left, right))
        case Call(function, arguments):
            yield from _of_bounds(node, arguments)
            for place, naming in FUNCTIONS[function].named:
                argument = arguments[place]
                if naming is clock_of and isinstance(argument, Constant):
                    for clock in _minutes_off(str(argument.value)):
                        other = with_child(node, place, Constant(clock))
                        yield _Variant(Change.BOUND, _becomes(unparse(node), unparse(other)), argument, other)
        case Constant() | ListLiteral() | Path() | Parameter() | ListReference() | Negative():
            pass


def _negated(node: Path | Parameter | Call | Constant) -> Iterator[_Variant]:
    changed = Constant(not node.value) if isinstance(node, Constant) else Not(node)
    yield _Variant(Change.NEGATION, _becomes(unparse(node), unparse(changed)), node, changed)


def _of_logic(node: And | Or, operands: tuple[Node, ...]) -> Iterator[_Variant]:
    for index, operand in enumerate(operands):
        rest = (*operands[:index], *operands[index + 1 :])
        left = rest[0] if len(rest) == 1 else _like(node, rest)
        yield _Variant(Change.OPERAND, f"`{unparse(operand)}` is left out of", operand, left)
    other: Node = Or(operands) if isinstance(node, And) else And(operands)
    words = ("and", "or") if isinstance(node, And) else ("or", "and")
    first = unparse(operands[0])
    if isinstance(operands[0], And | Or):
        first = f"({first})"
    where = f"{_shortened(first)} {{}} …"
    yield _Variant(Change.LOGIC, _becomes(where.format(words[0]), where.format(words[1])), node, other)


def _like(node: And | Or, operands: tuple[Node, ...]) -> Node:
    return And(operands) if isinstance(node, And) else Or(operands)


_NEIGHBOURS: Final[dict[ComparisonOperator, tuple[ComparisonOperator, ...]]] = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", "!=", ">="),
    "<=": ("<", "==", ">"),
    ">": (">=", "!=", "<="),
    ">=": (">", "==", "<"),
}
"""What becomes of each comparison: the bound in or out, only or all but the bound, and the opposite."""


def _of_comparison(
    node: Comparison, operands: tuple[Node, ...], operators: tuple[ComparisonOperator, ...]
) -> Iterator[_Variant]:
    for index, operator in enumerate(operators):
        right = unparse(operands[index + 1])
        for other in _NEIGHBOURS[operator]:
            changed = Comparison(operands, (*operators[:index], other, *operators[index + 1 :]))
            text = _becomes(f"{operator} {right}", f"{other} {right}")
            yield _Variant(Change.COMPARISON, text, node, changed)
    for index, operand in enumerate(operands):
        for shifted in _shifted(operand):
            changed = Comparison((*operands[:index], shifted, *operands[index + 1 :]), operators)
            if index:
                before, after = (f"{operators[index - 1]} {unparse(one)}" for one in (operand, shifted))
            else:
                before, after = (f"{unparse(one)} {operators[0]}" for one in (operand, shifted))
            yield _Variant(Change.BOUND, _becomes(before, after), operand, changed)


def _shifted(node: Node) -> Iterator[Constant]:
    """The number that `node` is, one more and one less; the point in time, a second later and a second earlier."""
    match node:
        case Constant(datetime() as moment):
            yield from map(Constant, _seconds_off(moment))
            return
        case Constant(value) if isinstance(value, int | float) and not isinstance(value, bool):
            number = value
        case Negative(Constant(value)) if isinstance(value, int | float) and not isinstance(value, bool):
            number = -value
        case _:
            return
    for step in (1, -1):
        if abs(number + step) <= LARGEST_NUMBER:
            yield Constant(number + step)


def _seconds_off(moment: datetime) -> Iterator[datetime]:
    """A second later, and a second earlier."""
    yield from (one for step in (1, -1) if (one := add_hours(moment, step / 3600)) is not None)


def _minutes_off(clock: str) -> Iterator[str]:
    """The time of day `HH:MM` a minute later, and a minute earlier; nothing for any other text."""
    found = clock_of(clock)
    if found is not None:
        for step in (1, -1):
            hour, minute = divmod((found.hour * 60 + found.minute + step) % (24 * 60), 60)
            yield f"{hour:02}:{minute:02}"


def _of_bounds(node: Node, operands: tuple[Node, ...]) -> Iterator[_Variant]:
    for index, operand in enumerate(operands):
        for shifted in _shifted(operand):
            changed = with_child(node, index, shifted)
            yield _Variant(Change.BOUND, _becomes(unparse(node), unparse(changed)), operand, changed)


def _of_membership(node: Membership, item: Node, container: Node, *, negated: bool) -> Iterator[_Variant]:
    words = ("not in", "in") if negated else ("in", "not in")
    right = unparse(container)
    text = _becomes(f"{words[0]} {right}", f"{words[1]} {right}")
    yield _Variant(Change.COMPARISON, text, node, Membership(item, container, not negated))
    if isinstance(container, ListLiteral) and len(container.items) > 1:
        for index, dropped in enumerate(container.items):
            rest = ListLiteral((*container.items[:index], *container.items[index + 1 :]))
            text = f"`{unparse(dropped)}` is left out of `{words[0]} {right}` in"
            yield _Variant(Change.OPERAND, text, dropped, Membership(item, rest, negated))


def with_child(node: Node, index: int, child: Node) -> Node:
    """`node` with another operand at `index`, in the order of `children`."""
    match node:
        case Not():
            return Not(child)
        case Negative():
            return Negative(child)
        case And(operands):
            return And((*operands[:index], child, *operands[index + 1 :]))
        case Or(operands):
            return Or((*operands[:index], child, *operands[index + 1 :]))
        case Comparison(operands, operators):
            return Comparison((*operands[:index], child, *operands[index + 1 :]), operators)
        case Membership(item, container, negated):
            return Membership(child, container, negated) if index == 0 else Membership(item, child, negated)
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, child, right) if index == 0 else Arithmetic(operator, left, child)
        case Call(function, arguments):
            return Call(function, (*arguments[:index], child, *arguments[index + 1 :]))
        case ListLiteral() | Constant() | Path() | Parameter() | ListReference():
            return node


def _shortened(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _of_on_unknown(pack: Pack, reason: Reason) -> Iterator[Mutant]:
    other = OnUnknown.IGNORE if reason.on_unknown is OnUnknown.SUPPRESS else OnUnknown.SUPPRESS
    if reason.floor and other is OnUnknown.IGNORE and may_be_unknown(reason.when.node, scope_of(pack)):
        return  # the loader refuses it (SND505): nobody can make this change unnoticed
    text = f"`on_unknown: {reason.on_unknown}` becomes `on_unknown: {other}` in `{reason.id}`"
    yield Mutant(Change.ON_UNKNOWN, text, reason.when.source.span, (replace(reason, on_unknown=other),))


def _of_channels(reason: Reason) -> Iterator[Mutant]:
    for channel in Channel:
        if channel not in reason.channels:
            channels = reason.channels | {channel}
            text = f"`{reason.id}` is for `{channel}` emails too"
        elif len(reason.channels) > 1:
            channels = reason.channels - {channel}
            text = f"`{reason.id}` is no longer for `{channel}` emails"
        else:
            continue  # a reason for no email at all is refused by the schema
        yield Mutant(Change.CHANNEL, text, reason.when.source.span, (replace(reason, channels=channels),))


def _of_what_is_told(reason: Reason) -> Iterator[Mutant]:
    """Changes of what those who get a decision act on."""
    span, name = reason.when.source.span, f"`{reason.id}`"
    mode = Mode.MONITOR if reason.mode is Mode.ENFORCE else Mode.ENFORCE
    if not (mode is Mode.MONITOR and reason.floor):  # which the loader refuses (SND506)
        text = f"{_becomes(f'mode: {reason.mode}', f'mode: {mode}')} {name}"
        yield Mutant(Change.MODE, text, span, (replace(reason, mode=mode),))
    yield from _of_limits(reason)
    if reason.floor:
        yield Mutant(Change.FLOOR, f"`floor: true` is left out of {name}", span, (replace(reason, floor=False),))
    # One other value will do: whoever notices it says what the value is, and so notices all.
    retry = next(one for one in Retry if one is not reason.retry)
    text = f"{_becomes(f'retry: {reason.retry}', f'retry: {retry}')} {name}"
    yield Mutant(Change.RETRY, text, span, (replace(reason, retry=retry),))
    who = next(one for one in FixableBy if one is not reason.fixable_by)
    text = f"{_becomes(f'fixable_by: {reason.fixable_by}', f'fixable_by: {who}')} {name}"
    yield Mutant(Change.FIXABLE_BY, text, span, (replace(reason, fixable_by=who),))
    if reason.clears_at is not None:
        yield Mutant(Change.CLEARS_AT, f"`clears_at` is left out of {name}", span, (replace(reason, clears_at=None),))
    for system in reason.codes:
        rest = {one: code for one, code in reason.codes.items() if one != system}
        text = f"the code of `{system}` is left out of {name}"
        yield Mutant(Change.CODE, text, span, (replace(reason, codes=rest),))


def _of_limits(reason: Reason) -> Iterator[Mutant]:
    """Changes of when and to whom the reason is enforced: each bound a second off, and everybody or nobody at all."""
    span, name = reason.when.source.span, f"`{reason.id}`"
    for key, moment in ((FROM, reason.period.start), (UNTIL, reason.period.end)):
        if moment is None:
            continue
        for shifted in (one for step in (1, -1) if (one := add_hours(moment, step / 3600)) is not None):
            text = _becomes(f"{key}: {write_timestamp(moment)}", f"{key}: {write_timestamp(shifted)}")
            period = replace(reason.period, start=shifted) if key == FROM else replace(reason.period, end=shifted)
            yield Mutant(Change.PERIOD, f"{text} {name}", span, (replace(reason, period=period),))
    rollout = reason.rollout
    if rollout is None:
        return
    for share in (0, WHOLE):
        if rollout.share != share * 10**rollout.decimals:
            text = _becomes(f"share: {rollout.percent} %", f"share: {share} %")
            changed = replace(reason, rollout=Rollout(share, 0, rollout.by))
            yield Mutant(Change.ROLLOUT, f"{text} {name}", span, (changed,))


def _of_priorities(pack: Pack) -> Iterator[Mutant]:
    for first, second in pairwise(pack.reasons):
        text = f"`{first.id}` ({first.priority}) and `{second.id}` ({second.priority}) change places"
        changed = (replace(first, priority=second.priority), replace(second, priority=first.priority))
        yield Mutant(Change.PRIORITY, text, first.when.source.span, changed)


def _of_parameters(pack: Pack) -> Iterator[Mutant]:
    for parameter in pack.parameters.values():
        name = Parameter(parameter.name)
        using = tuple(one for one in pack.reasons if parameter.name in one.parameters or name in {*nodes_of(one, pack)})
        if not using:
            continue
        place = using[0].when.source.span
        for value in _other_values(parameter, parameter.value):
            text = f"the parameter `{parameter.name}` is {_as_set(value)} instead of {_as_set(parameter.value)}"
            yield Mutant(Change.PARAMETER, text, place, using, replace(parameter, value=value))
        for text, span, cases in _other_cases(parameter):
            changed = replace(parameter, cases=cases)
            yield Mutant(Change.CASE, text, span, using, changed)


def _as_set(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _other_values(parameter: ParameterDeclaration, value: Value) -> Iterator[Value]:
    match value:
        case bool():
            yield not value
        case int() | float():
            low, high = parameter.type.bounds
            yield from (one for one in (value + 1, value - 1) if low <= one <= high)
        case str():
            yield from _minutes_off(value)
        case _:
            pass


def _other_cases(parameter: ParameterDeclaration) -> Iterator[tuple[str, Span, tuple[ParameterCase, ...]]]:
    """The cases with one change: a value, one that is left out, two neighbours that change places."""
    cases = parameter.cases
    for index, case in enumerate(cases):
        before, after, place = cases[:index], cases[index + 1 :], case.source.span
        name, of = f"`{unparse(case.when)}`", f"the parameter `{parameter.name}`"
        for value in _other_values(parameter, case.value):
            text = f"{of} is {_as_set(value)} instead of {_as_set(case.value)} in the case {name}"
            yield text, place, (*before, replace(case, value=value), *after)
        yield f"the case {name} of {of} is left out", place, (*before, *after)
        if after:
            text = f"the cases {name} and `{unparse(after[0].when)}` of {of} change places"
            yield text, place, (*before, after[0], case, *after[1:])


_MOST_ENTRIES: Final = 1_000
_STRETCHES: Final = 20


def _of_lists(pack: Pack, counted: Collection[str]) -> Iterator[Mutant]:
    """Each entry left out; of a long list, which nobody writes tests about entry by entry, each twentieth of it.

    A list that takes entries from files of data is left out as a whole.
    """
    for one in pack.lists.values():
        using = tuple(reason for reason in pack.reasons if uses(reason, ListReference(one.name), pack))
        if not using or one.hashed:  # nobody need have an address of a digest to test with
            continue
        place = using[0].when.source.span
        if one.from_files:  # they are others', and change from day to day
            text = f"all {len(one.entries):,} entries are left out of the list `{one.name}`"
            empty = replace(one, entries=frozenset())
            yield Mutant(Change.STRETCH, text, place, using, shorter=empty, gone=one.entries)
            continue
        entries = sorted(one.entries)
        if one.name in counted:
            gone = frozenset(entries[:1])
            text = f"any one of the {len(entries)} entries is left out of the list `{one.name}`"
            yield Mutant(Change.ENTRY, text, place, using, shorter=_without(one, gone), gone=gone)
            continue
        long = len(entries) > _MOST_ENTRIES
        step = -(-len(entries) // _STRETCHES) if long else 1
        for index in range(0, len(entries), step):
            some = entries[index : index + step]
            gone = frozenset(some)
            what = f"the {len(some)} entries from `{some[0]}` to `{some[-1]}` are" if long else f"`{some[0]}` is"
            text = f"{what} left out of the list `{one.name}`"
            change = Change.STRETCH if long else Change.ENTRY
            yield Mutant(change, text, place, using, shorter=_without(one, gone), gone=gone)


def _without(whole: PolicyList, gone: frozenset[str]) -> PolicyList:
    values = None if whole.values is None else {key: one for key, one in whole.values.items() if key not in gone}
    return replace(whole, entries=whole.entries - gone, values=values)


def expressions_of(reason: Reason) -> Iterator[Node]:
    """Every expression of the reason: its condition, its details, when it clears and where it is enforced."""
    yield reason.when.node
    yield from (one.node for one in reason.details.values())
    if reason.clears_at is not None:
        yield reason.clears_at.node
    if reason.in_force is not None:
        yield reason.in_force


def lifting_of(reason: Reason, pack: Pack) -> tuple[Node, ...]:
    """When the exceptions of the pack hold that name the reason."""
    return tuple(one.condition for one in pack.exceptions if reason.id in one.reasons)


def nodes_of(reason: Reason, pack: Pack) -> Iterator[Node]:
    """Every node that what is found and told of the reason hangs on: cases of parameters and exceptions among them."""
    shown = (Parameter(name) for name in reason.parameters_shown)
    for root in (*expressions_of(reason), *shown, *lifting_of(reason, pack)):
        yield from walk_read(root, pack.parameters)


def uses(reason: Reason, name: ListReference, pack: Pack) -> bool:
    """Whether an expression of the reason reads the list, by itself, through a parameter or through an exception."""
    return name in set(nodes_of(reason, pack))
