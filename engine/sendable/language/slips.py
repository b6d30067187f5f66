"""What was meant by an expression that can be read and makes no sense, so that one mistake is told once."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from sendable.diagnostics.wording import Near
from sendable.language.mistakes import divided_name
from sendable.language.nodes import And, Arithmetic, Comparison, Constant, ListLiteral, Membership, Node, Or, Path
from sendable.language.parser import time_advice, unparse
from sendable.language.scope import Scope
from sendable.language.types import Kind, Type

_IN: Final = {"==": False, "!=": True}
"""The signs in whose place `in` can stand, and whether it is `not in`."""


def name_in_parts(node: Arithmetic, scope: Scope) -> str | Near | None:
    """What a name that an operator stands in, such as `contact.hard-bounces`, was meant to be; None where it is none.

    A dash without blanks around it is one, unless a number that is declared stands before it.
    """
    match node.left, node.right:
        case Path(left), Path(right) if (path := divided_name(left, node.operator, right, scope)) is not None:
            return path
        case _:
            parts = _dashed(node)
    if not parts or any("." in one or one in scope.fields or scope.may_be_declared(one) for one in parts[1:]):
        return None
    first = scope.fields.get(parts[0])
    if scope.may_be_declared(parts[0]) or (first is not None and first.type.numeric):
        return None
    return Near("-".join(parts), scope.fields)


def _dashed(node: Arithmetic) -> list[str]:
    """The names that dashes without blanks stand between."""
    parts: list[str] = []
    one: Node = node
    while isinstance(one, Arithmetic) and one.operator == "-" and isinstance(one.right, Path):
        if one.left.end + 1 != one.right.start:
            return []
        parts.append(one.right.name)
        one = one.left
    return [one.name, *reversed(parts)] if isinstance(one, Path) else []


def compared_with_several(node: Comparison) -> tuple[Node, Constant, str] | None:
    """What is compared with several values at once, as in `account.tier == ("free" or "starter")`.

    With it the first of the values, and what to write.
    """
    match node:
        case Comparison((subject, And(values) | Or(values)), (sign,)):
            pass
        case Comparison((And(values) | Or(values), subject), (sign,)):
            pass
        case _:
            return None
    written = [one for one in values if isinstance(one, Constant) and not isinstance(one.value, bool)]
    if len(written) != len(values):
        return None
    if sign not in _IN:
        return subject, written[0], "compare it with each of the values: say once more what is compared"
    meant = unparse(Membership(subject, ListLiteral(tuple(written)), _IN[sign]))
    return subject, written[0], f"write `{meant}`"


def in_other_places(found: Sequence[Type | None], wanted: Sequence[object]) -> tuple[Type, Kind] | None:
    """Of two arguments that have each the type that the other one should have: the first one's, and what it should be.

    None where they do not.
    """
    match found, wanted:
        case (Type() as first, Type() as second), (Kind() as one, Kind() as other) if (
            fits(first.kind, other) and fits(second.kind, one) and not fits(first.kind, one)
        ):
            return first, one
        case _:
            return None


def fits(found: Kind, expected: Kind) -> bool:
    """Whether a value of the one kind is one of the other: a whole number is a number."""
    return found is expected or (expected is Kind.NUMBER and found is Kind.INTEGER)


def advice_on_different(left: Node, right: Node, kinds: AbstractSet[Kind]) -> str:
    """What to do about two sides of these kinds that can't be compared."""
    if Kind.STRING_LIST in kinds:
        return "to look something up in a list, write `in`"
    if Kind.TIMESTAMP in kinds:
        written = (one.value for one in (left, right) if isinstance(one, Constant) and isinstance(one.value, str))
        text = next(written, None)
        return _OTHER_TIME if text is None else time_advice(text)
    if Kind.STRING in kinds and kinds & {Kind.INTEGER, Kind.NUMBER}:
        return "a number stands without quotes"
    if Kind.STRING in kinds and Kind.BOOLEAN in kinds:
        return "true and false stand without quotes"
    return "compare values of the same type"


_OTHER_TIME: Final = "compare it with another point in time, or use hours_since and days_since"
