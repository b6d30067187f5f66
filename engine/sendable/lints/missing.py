"""Missing data that lets an email through: exceptions that it grants, and floors that take it for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sendable.diagnostics import lint_codes
from sendable.diagnostics.record import Collector, Replacement
from sendable.documents.elements import Scalar
from sendable.language.cells import UNKNOWN, Cell, Choices, Effort, Key, TooManyError
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Membership,
    Negative,
    Node,
    Not,
    Or,
    Path,
    walk,
)
from sendable.language.parser import unparse
from sendable.language.scope import Scope
from sendable.language.space import Space
from sendable.language.types import NOW, Kind, Spelling
from sendable.lints.written import Written
from sendable.pack.model import Mode, OnUnknown, Reason


@dataclass(frozen=True)
class MissingLints:
    """Finds them in the conditions of reasons, one after the other."""

    scope: Scope
    collector: Collector
    effort: Effort

    def run(self, written: Written, reason: Reason) -> None:
        """Reports what missing data lets through in the condition `written` of the reason."""
        try:
            if reason.floor:
                self._floor(written, reason)
            elif reason.on_unknown is OnUnknown.IGNORE and reason.mode is Mode.ENFORCE:
                for joined in _conjunctions(written.node):
                    self._exceptions(written, reason, joined)
        except TooManyError:
            return

    # -- exceptions

    def _exceptions(self, written: Written, reason: Reason, joined: And) -> None:
        for operand in joined.operands:
            if not self._is_exception(operand):
                continue
            others = [one for one in joined.operands if one is not operand]
            space = self._space(reason, written.node)

            def granted(
                choices: Choices, space: Space = space, others: Sequence[Node] = others, operand: Node = operand
            ) -> Node | None:
                node = written.node
                lacking = all(space.outcome(one, choices) is True for one in others)
                lacking = lacking and space.outcome(operand, choices) is None and space.outcome(node, choices) is None
                return operand if lacking else None

            paths = self._paths_of(operand, space, granted)
            if paths:
                known = _only_known(operand)
                params = {
                    "missing": "` or `".join(paths),
                    "rest": " and ".join(map(written.text, others)),
                    "known": unparse(known),
                }
                edits = written.replacing(operand, known)
                self.collector.add(lint_codes.GRANTED_BY_LACK, written.span(operand), params, edits=edits)

    def _is_exception(self, operand: Node) -> bool:
        """Whether the operand keeps the reason from emails that would have it otherwise, as far as its form says so."""
        match operand:
            case Not(Path()) | Not(Call("known" | "valid_address")):
                return False  # what is asked for, said of its opposite
            case Not():
                return True
            case Comparison((left, right), ("!=",)):
                return self._is_id(left) or self._is_id(right)
            case Membership(item, _, negated=True):
                return self._is_id(item)
            case Or(operands):
                return any(map(self._is_exception, operands))
            case _:
                return False

    def _is_id(self, node: Node) -> bool:
        return isinstance(node, Path) and (
            self.scope.fields[node.name].type.kind is Kind.STRING
            and self.scope.fields[node.name].type.spelling is Spelling.TRIMMED
        )

    # -- floors

    def _floor(self, written: Written, reason: Reason) -> None:
        for mask in walk(written.node):
            if not isinstance(mask, Call) or mask.function != "default":
                continue  # `known` says itself what becomes of an email of which something is not known
            bare = _put(written.node, mask, mask.arguments[0])
            space = self._space(reason, written.node, bare)

            def passed(choices: Choices, space: Space = space, bare: Node = bare) -> Node | None:
                passes = space.outcome(written.node, choices) is False and space.outcome(bare, choices) is None
                return bare if passes else None

            paths = self._paths_of(mask.arguments[0], space, passed)
            if paths:
                params = {"missing": "` or `".join(paths), "mask": written.text(mask)}
                edits = self._without(written, reason, mask)
                self.collector.add(lint_codes.FLOOR_TAKES_LACK, written.span(mask), params, edits=edits)

    @staticmethod
    def _without(written: Written, reason: Reason, mask: Call) -> tuple[Replacement, ...]:
        """What takes the `default` out, and has what is unknown suppress."""
        edits = written.replacing(mask, mask.arguments[0])
        given = written.draft.body.get("on_unknown")
        if edits and reason.on_unknown is OnUnknown.IGNORE and isinstance(given, Scalar):
            return (*edits, Replacement(given.span, "suppress"))
        return edits

    def _paths_of(self, part: Node, space: Space, lets_through: Callable[[Choices], Node | None]) -> list[str]:
        """The fields of the part that let an email through when nothing else is missing, in the order of their names.

        `lets_through` gives what is unknown then.
        """
        found: list[str] = []
        for path in sorted({one.name for one in walk(part) if isinstance(one, Path)} - {NOW}):
            fixed: dict[Key, Cell] = {("value", Path(path)): UNKNOWN}

            def alone(choices: Choices, path: str = path) -> bool:
                unknown = lets_through(choices)
                return unknown is not None and space.missing(unknown, choices) == {path}

            if not self.scope.fields[path].required and any(answer for answer, _ in space.explored(alone, fixed)):
                found.append(path)
        return found

    def _space(self, reason: Reason, *nodes: Node) -> Space:
        channels = tuple(sorted(channel.value for channel in reason.channels))
        return Space(self.scope, channels, nodes, effort=self.effort)


def _conjunctions(node: Node) -> Iterator[And]:
    """Each `and` that makes the condition true by itself, or with others."""
    match node:
        case And(operands):
            yield node
            for operand in operands:
                yield from _conjunctions(operand)
        case Or(operands):
            for operand in operands:
                yield from _conjunctions(operand)
        case _:
            return


def _only_known(operand: Node) -> Node:
    """The operand, where only what is known to hold makes an exception."""
    if isinstance(operand, Not):
        return Not(Call("default", (operand.operand, Constant(value=False))))
    return Call("default", (operand, Constant(value=True)))


def _put(node: Node, mask: Call, other: Node) -> Node:
    """The condition with `other` in the place of the part `mask`, wherever it stands."""
    if node is mask:
        return other
    match node:
        case And(operands) | Or(operands) | Comparison(operands):
            return replace(node, operands=tuple(_put(one, mask, other) for one in operands))
        case Not(operand) | Negative(operand):
            return replace(node, operand=_put(operand, mask, other))
        case Membership(item, container):
            return replace(node, item=_put(item, mask, other), container=_put(container, mask, other))
        case Arithmetic(_, left, right):
            return replace(node, left=_put(left, mask, other), right=_put(right, mask, other))
        case Call(_, arguments):
            return replace(node, arguments=tuple(_put(one, mask, other) for one in arguments))
        case _:
            return node
