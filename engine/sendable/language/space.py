"""What expressions can come to over every valid context: what lints, coverage and mutation prove by, in one place.

The values of each field are parted into cells within which no comparison of the expressions can tell two values apart:
the values named and "any other" for texts, the points and the gaps between them for numbers and timestamps; of fields
that are compared with each other, also every order among them. A list is a set of which it matters whether it has the
items that are looked for in it, something of the lists that it is compared with, and how many there are. What can't be
parted like that, such as `valid_address(x)`, is free to be true or false, but it is unknown exactly where the engine
says so, and equal parts are equal. So the outcomes found are all that can occur and perhaps more: a claim about *every*
context is certain. Cells are tried one after another and only where the outcome hangs on them, up to a bound; beyond it
nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain, cycle, islice, pairwise
from typing import Final, TypeAlias, TypeVar

from sendable.language import addresses
from sendable.language.affixes import AFFIXES, possible
from sendable.language.cells import (
    OTHER,
    UNKNOWN,
    Cell,
    Choices,
    Effort,
    Key,
    Other,
    compare,
    explore,
    moment_cells,
    moments_among,
    number_cells,
    numbers_among,
    some_of,
    text_cells,
    texts_among,
    within,
)
from sendable.language.choices import Spreads
from sendable.language.functions import FUNCTIONS, listed
from sendable.language.measures import FLIPPED, Measured, Measures
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
    Node,
    Not,
    Or,
    Parameter,
    Path,
    children,
    walk,
)
from sendable.language.scope import Scope
from sendable.language.terms import MOST_SIZES, Group, Terms, cost_of
from sendable.language.types import CHANNEL, NOW, Kind, Type, Value

Outcome: TypeAlias = bool | None
"""What a condition comes to; None is unknown."""


_Answer = TypeVar("_Answer")
_FREE: Final[tuple[Cell, ...]] = (True, False)
_FREE_OR_UNKNOWN: Final[tuple[Cell, ...]] = (True, False, UNKNOWN)


@dataclass
class Space:
    """The contexts of emails in `channels`, as far as the expressions `nodes` can tell them apart.

    What parameters are set to, case by case, and what the lists of the pack have counts where the space is `settled`.
    Else it may change tomorrow: a parameter is all that it can be within its bounds, and a list anything. Comparisons
    among `recovered` are free to come to anything: they are reported by themselves. `besides` are paths to tell the
    values of apart as well, each with numbers that make a difference to it.
    """

    scope: Scope
    channels: tuple[str, ...]
    nodes: tuple[Node, ...]
    recovered: frozenset[Node] = frozenset()
    effort: Effort = field(default_factory=Effort, repr=False)
    settled: bool = False
    besides: Mapping[str, Iterable[float]] = field(default_factory=dict)
    _cells: dict[Node, Sequence[Cell]] = field(default_factory=dict, repr=False)
    _parts: dict[Node, Sequence[frozenset[str]]] = field(default_factory=dict, repr=False)
    _spreads: Spreads | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._spreads = Spreads(self.scope.parameters) if self.settled else None
        if self._spreads is not None and self._spreads.any:
            boolean = Terms(self.scope, (), {}, settled=True).is_boolean
            self.nodes = tuple(self._spreads.of(one) if boolean(one) else one for one in self.nodes)

    # -- evaluation

    def outcome(self, node: Node, choices: Choices) -> Outcome:  # noqa: C901 - one match over the node classes
        """What the boolean expression `node` comes to where `choices` hold."""
        if self._spreads is not None:
            node = self._spreads.of(node)
        match node:
            case Comparison():
                return self._comparison(node, choices)
            case And():
                return self._all(node.operands, choices, decisive=False)
            case Or():
                return self._all(node.operands, choices, decisive=True)
            case Path():
                return _as_outcome(self._of_leaf(node, choices))
            case Not(operand):
                found = self.outcome(operand, choices)
                return None if found is None else not found
            case Constant(value):
                return bool(value)
            case Parameter(name):
                if self.settled:
                    return bool(self.scope.parameters[name].value)
                # A switch: what it is set to is nobody's mistake.
                return choices.choose(("switch", node), _FREE) is True
            case Membership(item, container, negated):
                found = self._membership(node, item, container, choices)
                return found if found is None or not negated else not found
            case Call("known", (argument,)):
                return self.known(argument, choices)
            case Call("default", (value, otherwise)):
                found = self.outcome(value, choices)
                return self.outcome(otherwise, choices) if found is None else found
            case Call("overlaps", (left, right)) if (shared := self._overlap(left, right, choices)) is not None:
                return _as_outcome(shared)
            case Call(function, (text, part)) if function in AFFIXES and self.terms.constant(part)[0]:
                return self._affix(node, text, part, choices)
            case Call():
                if not self._arguments_known(node, choices):
                    return None
                return _as_outcome(choices.choose(("call", node), _FREE_OR_UNKNOWN if _fallible(node) else _FREE))
            case _:
                raise TypeError(f"not a boolean expression: {node}")

    def _affix(self, node: Call, text: Node, part: Node, choices: Choices) -> Outcome:
        """What a function that looks for a certain part in a text comes to, with what others came to of that text."""
        value, wanted = self._resolve(text, choices)[1], str(self.terms.constant(part)[1])
        if value is UNKNOWN or not wanted:
            return None if value is UNKNOWN else True
        meaning = FUNCTIONS[node.function].meaning
        if isinstance(value, str) and meaning is not None:
            return meaning(value, wanted) is True
        told = (
            (one.function, str(self.terms.constant(one.arguments[1])[1]), cell is True)
            for (what, one, *_), cell in choices.chosen.items()
            if what == "affix" and isinstance(one, Call) and one.arguments[0] == text
        )
        key = ("affix", node)
        if key in choices.chosen:
            return choices.chosen[key] is True
        return choices.choose(key, possible(node.function, wanted, told)) is True

    def known(self, node: Node, choices: Choices) -> bool:
        """Whether `node`, an expression of any type, has a value where `choices` hold."""
        if isinstance(node, ListLiteral | ListReference):
            return True
        if self.terms.is_boolean(node):
            return self.outcome(node, choices) is not None
        return self._resolve(node, choices)[1] is not UNKNOWN

    def missing(self, node: Node, choices: Choices) -> frozenset[str]:
        """The paths without data inside what came out unknown, of `node`, which is unknown where `choices` hold."""
        if isinstance(node, Path):
            return frozenset({node.name})
        unknown = [child for child in children(node) if not self.known(child, choices)]
        if not unknown and isinstance(node, Call):  # a name in it may name nothing
            return self._told_by([node.arguments[place] for place, _ in FUNCTIONS[node.function].named], choices)
        return frozenset(chain.from_iterable(self.missing(child, choices) for child in unknown))

    def _told_by(self, names: Iterable[Node], choices: Choices) -> frozenset[str]:
        """The paths that the values of names, which have one, are of."""
        found: set[str] = set()
        for name in names:
            match name:
                case Path(path):
                    found.add(path)
                case Call("default", (value, otherwise)):
                    other = self.missing(value, choices) | self._told_by([otherwise], choices)
                    found |= self._told_by([value], choices) if self.known(value, choices) else other
                case Call(_, arguments):
                    found |= self._told_by(arguments, choices)
                case _:
                    pass
        return frozenset(found)

    def value(self, path: str, choices: Choices) -> Cell:
        """What the field of the path has where `choices` hold: a value that stands for others, or UNKNOWN."""
        return self._of_leaf(Path(path), choices)

    def _all(self, operands: Iterable[Node], choices: Choices, *, decisive: bool) -> Outcome:
        result: Outcome = not decisive
        for operand in operands:
            found = self.outcome(operand, choices)
            if found is decisive:
                return decisive
            if found is None:
                result = None
        return result

    def _comparison(self, node: Comparison, choices: Choices) -> Outcome:
        result: Outcome = True
        for sign, (left, right) in zip(node.operators, pairwise(node.operands), strict=True):
            found = self._pair(sign, left, right, choices)
            if found is False:
                return False
            if found is None:
                result = None
        return result

    def _pair(self, sign: ComparisonOperator, left: Node, right: Node, choices: Choices) -> Outcome:
        if self.recovered and (pair := Comparison((left, right), (sign,))) in self.recovered:
            return _as_outcome(choices.choose(("recovered", pair), _FREE_OR_UNKNOWN))
        measures, loose = self.terms.measures, self.terms.loose
        if measures is not None and (measured := measures.noted(sign, left, right)) is not None:
            return self._measured(measured, measures, choices)
        if loose and (left in loose or right in loose):
            return self._within_bounds(sign, left, right, choices)
        if self.terms.is_boolean(left):
            one, two = self.outcome(left, choices), self.outcome(right, choices)
            return None if one is None or two is None else compare(sign, one, two)
        one_leaf, one_value = self._resolve(left, choices)
        two_leaf, two_value = self._resolve(right, choices)
        if one_value is UNKNOWN or two_value is UNKNOWN:
            return None
        if one_leaf is None and two_leaf is None:
            return compare(sign, one_value, two_value)
        if one_leaf is not None and one_leaf == two_leaf:
            return sign in ("==", "<=", ">=")
        if (isinstance(one_value, Other) or isinstance(two_value, Other)) and sign not in ("==", "!="):
            return choices.choose(("free", Comparison((left, right), (sign,))), _FREE) is True
        return compare(sign, one_value, two_value)

    def _measured(self, measured: Measured, measures: Measures, choices: Choices) -> Outcome:
        if not all(self.known(node, choices) for node in measured.needed):
            return None
        if not measured.bounded and choices.choose(("beyond", measured.needed, measured.quantity), _FREE) is True:
            return None
        quantity = measured.quantity
        value: Cell = 0
        if isinstance(quantity, Path | Parameter | Call):
            value = self._resolve(quantity, choices)[1]
        elif quantity is not None:
            value = choices.choose(("measure", quantity), measures.cells(quantity))
        return compare(measured.sign, value, measured.point)

    def _within_bounds(self, sign: ComparisonOperator, left: Node, right: Node, choices: Choices) -> Outcome:
        """What a comparison with a parameter that stands nowhere else comes to, whatever it is set to."""
        pair = Comparison((left, right), (sign,))
        if left in self.terms.loose:
            sign, left, right = FLIPPED[sign], right, left
        value = self._resolve(left, choices)[1]
        if value is UNKNOWN:
            return None
        if isinstance(value, int | float):
            low, high = self.terms.type_of(right).bounds
            found = {compare(sign, value, bound) for bound in (low, high)}
            if not low < value < high and len(found) == 1:
                return found.pop()
        return choices.choose(("switch", pair), _FREE) is True

    def _membership(self, node: Membership, item: Node, container: Node, choices: Choices) -> Outcome:
        if node in self.recovered:
            return _as_outcome(choices.choose(("recovered", node), _FREE_OR_UNKNOWN))
        leaf, value = self._resolve(item, choices)
        match container:
            case ListLiteral(items):
                if not items:
                    return False
                if value is UNKNOWN:
                    return None
                return any(value == one.value for one in items)
            case ListReference():
                if value is not UNKNOWN:
                    return self._is_listed(self._target(leaf, value, item), container, choices)
                return None if self._is_filled(container, choices) else False
            case _:
                if not self.known(container, choices):
                    return None
                if value is UNKNOWN:  # nothing is in an empty list, not even what is unknown
                    return False if self._size(container, choices) == 0 else None
                return self._has(container, self._target(leaf, value, item), choices)

    def _is_filled(self, container: ListReference, choices: Choices) -> bool:
        """Whether a list of the pack has entries."""
        if self.settled:
            return bool(self.scope.lists[container.name].entries)
        return choices.choose(("filled", container), _FREE) is True

    def _is_listed(self, item: Hashable, container: ListReference, choices: Choices) -> bool:
        """Whether a list of the pack has the item, a text or what stands for others."""
        if self.settled and isinstance(item, str):
            return listed(item, self.scope.lists[container.name])
        return self._is_filled(container, choices) and choices.choose(("in", item, container), _FREE) is True

    def _target(self, leaf: Node | None, value: Cell, item: Node) -> Hashable:
        """What is looked for in a list: equal values are the same."""
        if isinstance(value, str):
            return value
        if leaf is None:
            return item
        group = self.terms.groups.get(leaf)
        return leaf if group is None or len(group.terms) == 1 else (group.terms[0], value)

    # -- lists as sets

    def _has(self, container: Node, item: Hashable, choices: Choices) -> bool:
        """Whether the list that `container` has, which is known, has the item."""
        return self._choose_item(container, ("in", item, container), choices)

    def _choose_item(self, container: Node, key: Key, choices: Choices) -> bool:
        if key not in choices.chosen:
            size = choices.chosen.get(_size_of(container))
            if isinstance(size, int) and self._least(container, choices) >= size:
                return choices.choose(key, (False,)) is True
        return choices.choose(key, _FREE) is True

    def _overlap(self, left: Node, right: Node, choices: Choices) -> Cell | None:
        """Whether a list of the context and one of the pack, or written out, overlap; None where they are others."""
        if isinstance(left, ListLiteral | ListReference):
            left, right = right, left
        if not isinstance(left, Path) or not isinstance(right, ListLiteral | ListReference):
            return None
        if not self.known(left, choices):
            return UNKNOWN
        if isinstance(right, ListLiteral):
            return any(self._has(left, item.value, choices) for item in right.items)
        entries = self.scope.lists[right.name].entries
        if not entries and self.settled:
            return False
        named = (item for item in self._items(left) if addresses.fold(item) in entries)
        if any(self._has(left, item, choices) for item in named):
            return True
        return any(
            self._choose_item(left, ("some", region, left), choices)
            for region in self._regions(left)
            if right.name in region
        )

    def _size(self, container: Node, choices: Choices) -> Cell:
        """How many items the list has; at least as many as have been found in it."""
        key = _size_of(container)
        if key in choices.chosen:
            return choices.chosen[key]
        least = self._least(container, choices)
        sizes = self._cells_of(Call("count", (container,)))
        return choices.choose(key, [one for one in sizes if isinstance(one, int) and one >= least])

    def _least(self, container: Node, choices: Choices) -> int:
        items, others = 0, 0
        regions: list[frozenset[str]] = []
        covered: set[str] = set()
        for (what, *rest), cell in choices.chosen.items():
            if cell is not True or what not in ("in", "some") or rest[1] != container:
                continue
            one = rest[0]
            if what == "some" and isinstance(one, frozenset):
                regions.append(one)
            elif isinstance(one, str):
                items += 1
                names = chain.from_iterable(self._regions(container))
                covered |= {name for name in names if listed(one, self.scope.lists[name])}
            else:
                others = 1  # it may be the same as one from a list of the pack
        beyond = sum(region.isdisjoint(covered) for region in regions)
        return items + max(beyond, others)

    def _items(self, container: Node) -> Sequence[str]:
        """The items that are looked for by name in the list."""
        return self.terms.items.get(container, ())

    def _regions(self, container: Node) -> Sequence[frozenset[str]]:
        """The parts of the lists of the pack that the list is compared with: what is in just these of them."""
        found = self._parts.get(container)
        if found is None:
            parts: dict[frozenset[str], frozenset[str]] = {}
            for name in self.terms.references.get(container, ()):
                rest = self.scope.lists[name].entries
                for region, entries in list(parts.items()):
                    if shared := entries & rest:
                        parts[region] = entries - shared
                        parts[region | {name}] = shared
                        rest -= shared
                parts[frozenset({name})] = rest
            # Where nothing counts that a list has, an empty one is no different.
            found = self._parts[container] = [one for one, entries in parts.items() if entries or not self.settled]
        return found

    def _resolve(self, node: Node, choices: Choices) -> tuple[Node | None, Cell]:
        """The value of `node`, which is not boolean, and the term it is the value of; None for a constant."""
        match node:
            case Path():
                return node, self._of_leaf(node, choices)
            case Constant():
                return None, node.value
            case Call("default", (first, second)):
                found = self._resolve(first, choices)
                return self._resolve(second, choices) if found[1] is UNKNOWN else found
            case Call("lookup", (key, ListReference() as table)):
                leaf, value = self._resolve(key, choices)
                # It has an answer exactly where the key is in the map.
                if value is UNKNOWN or not self._is_listed(self._target(leaf, value, key), table, choices):
                    return node, UNKNOWN
                return node, choices.choose(("value", node), self._cells_of(node))
            case ListLiteral() | ListReference():
                return node, OTHER
            case _:
                constant, fixed = self.terms.constant(node)
                if constant:
                    return None, UNKNOWN if fixed is None else fixed
                if not self._arguments_known(node, choices):
                    return node, UNKNOWN
                if isinstance(node, Call) and node.function == "count" and isinstance(node.arguments[0], Path):
                    return node, self._size(node.arguments[0], choices)
                return node, self._of_leaf(node, choices)

    def _arguments_known(self, node: Node, choices: Choices) -> bool:
        return all(self.known(argument, choices) for argument in children(node))

    def _of_leaf(self, node: Node, choices: Choices) -> Cell:
        cells = self._cells_of(node)
        if isinstance(node, Call) and node.function == "next_local":  # not before that time
            start = node.arguments[1]
            if self.terms.groups.get(node) is self.terms.groups.get(start):
                first = self._resolve(start, choices)[1]
                if isinstance(first, datetime):
                    cells = [one for one in cells if not isinstance(one, datetime) or one >= first]
        return choices.choose(("value", node), cells)

    # -- cells

    def _cells_of(self, leaf: Node) -> Sequence[Cell]:
        found = self._cells.get(leaf)
        if found is None:
            found = self._cells[leaf] = self._part(leaf)
        return found

    def _part(self, leaf: Node) -> tuple[Cell, ...]:
        if leaf == Path(CHANNEL):
            return self.channels
        declared = self.terms.type_of(leaf)
        group = self.terms.groups.get(leaf, Group((leaf,), frozenset()))
        cells = self._known_cells(declared, [self.terms.type_of(term) for term in group.terms], group.points)
        if isinstance(leaf, Path):
            may_be_unknown = not self.scope.fields[leaf.name].required and leaf.name != NOW
        else:
            may_be_unknown = _fallible(leaf) and not (isinstance(leaf, Call) and leaf.function == "lookup")
        return (*cells, UNKNOWN) if may_be_unknown else tuple(cells)

    @staticmethod
    def _known_cells(declared: Type, types: Sequence[Type], points: Iterable[Value]) -> Iterable[Cell]:
        """The cells of known values of a term `declared` so, among terms of the `types`, which meet at the points."""
        match declared.kind:
            case Kind.BOOLEAN:
                return (True, False)
            case Kind.INTEGER | Kind.NUMBER if len(types) == 1:
                return number_cells((one for one in points if isinstance(one, int | float)), declared)
            case Kind.INTEGER | Kind.NUMBER:
                return (one for one in numbers_among(types, points) if within(one, declared))
            case Kind.TIMESTAMP if len(types) == 1:
                return moment_cells([one for one in points if isinstance(one, datetime)])
            case Kind.TIMESTAMP:
                return moments_among(types, points)
            case Kind.STRING:
                return text_cells(declared, types, points)
            case Kind.STRING_LIST:
                return (OTHER,)

    @cached_property
    def terms(self) -> Terms:
        """What is compared with what, and looked for in which list, anywhere in `nodes`."""
        return Terms(self.scope, self.nodes, self.besides, settled=self.settled)

    # -- values that stand for the cells

    def values(self) -> dict[str, list[Value | None]]:
        """Values of each path that tell contexts apart, None among them where it may be unknown.

        Only of the paths that are compared with something, or have few values anyway.
        """
        paths = dict.fromkeys(one for root in self.nodes for one in walk(root) if isinstance(one, Path))
        return {path.name: found for path in paths if (found := list(self._values_of(path)))}

    def _values_of(self, path: Path) -> Iterator[Value | None]:
        declared = self.terms.type_of(path)
        group = self.terms.groups.get(path)
        types = [declared] if group is None else [self.terms.type_of(term) for term in group.terms]
        points = frozenset[Value]() if group is None else group.points
        found: Iterable[Value]
        match declared.kind:
            case Kind.BOOLEAN:
                found = (True, False)
            case Kind.STRING if declared.enum is not None:
                found = declared.enum
            case Kind.STRING_LIST:
                found = self._lists_of(path)
            case Kind.INTEGER | Kind.NUMBER if group is not None:
                found = (one for one in numbers_among(types, points) if within(one, declared))
            case Kind.TIMESTAMP if group is not None:
                found = moments_among(types, points)
            case Kind.STRING if group is not None:
                found = texts_among(types, points)
            case _:
                return
        yield from found
        if UNKNOWN in self._cells_of(path):
            yield None

    def _lists_of(self, path: Path) -> Iterator[tuple[str, ...]]:
        """Lists with and without what is looked for in them, of each size that makes a difference."""
        first = (min(self.scope.lists[name].entries, default="") for name in self.terms.references.get(path, ()))
        items = list(dict.fromkeys([*self._items(path), *filter(None, first)]))
        counted = Call("count", (path,))
        group = self.terms.groups.get(counted)
        sizes = (
            [] if group is None else [int(one) for one in numbers_among([self.terms.type_of(counted)], group.points)]
        )
        for chosen in some_of(items):
            yield chosen
            for size in sizes:
                if len(chosen) < size <= MOST_SIZES:
                    others = self.terms.type_of(path).items or tuple(f"item {number}" for number in range(1, size + 1))
                    yield (*chosen, *islice(cycle(others), size - len(chosen)))

    # -- what is asked of a space: each raises TooManyError

    def outcomes(self, node: Node, *, every: bool = False) -> frozenset[Outcome]:
        """What `node` can come to. Once true and false are found, unknown may be left out, but for `every` outcome."""
        found: set[Outcome] = set()
        for outcome, _ in self.explored(lambda choices: self.outcome(node, choices)):
            found.add(outcome)
            if True in found and False in found and (None in found or not every):
                break
        return frozenset(found)

    def explored(
        self, ask: Callable[[Choices], _Answer], fixed: Mapping[Key, Cell] | None = None
    ) -> Iterator[tuple[_Answer, Choices]]:
        """What `ask` answers for each combination of what this space can tell apart: see `cells.explore`."""
        return explore(ask, self.effort, fixed, size=self._parts_in_all)

    @cached_property
    def _parts_in_all(self) -> int:
        return sum(map(cost_of, self.nodes))

    def witness(self, node: Node, wanted: Outcome) -> Mapping[Key, Cell] | None:
        """Cells in which `node` comes to `wanted`; None where there are none."""
        for outcome, choices in self.explored(lambda choices: self.outcome(node, choices)):
            if outcome is wanted:
                return dict(choices.chosen)
        return None

    def may_be_unknown_when(self, node: Node, wanted: Outcome, subject: Node) -> bool:
        """Whether `subject` can be unknown where `node` comes to `wanted`."""
        fixed: dict[Key, Cell] = {}
        if isinstance(subject, Path):
            if UNKNOWN not in self._cells_of(subject):
                return False
            fixed[("value", subject)] = UNKNOWN

        def ask(choices: Choices) -> bool:
            return self.outcome(node, choices) is wanted and not self.known(subject, choices)

        return any(answer for answer, _ in self.explored(ask, fixed))

    def always(self, ask: Callable[[Choices], bool]) -> bool:
        """Whether `ask`, which evaluates expressions of this space, is true of every combination."""
        return all(answer for answer, _ in self.explored(ask))

    def same(self, one: Node, other: Node) -> bool:
        """Whether the two always come to the same."""
        return self.always(lambda choices: self.outcome(one, choices) is self.outcome(other, choices))


def _size_of(container: Node) -> Key:
    return "value", Call("count", (container,))


def _as_outcome(cell: Cell) -> Outcome:
    return None if cell is UNKNOWN else cell is True


def _fallible(node: Node) -> bool:
    """Whether `node` can be unknown though its arguments are known."""
    return any(
        isinstance(one, Arithmetic) or (isinstance(one, Call) and FUNCTIONS[one.function].may_fail)
        for one in walk(node)
    )
