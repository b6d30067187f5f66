"""Whether an expression can be unknown for lack of data, by its form alone; `space` tells more, and takes longer."""

from __future__ import annotations

from sendable.language.functions import FUNCTIONS
from sendable.language.nodes import (
    Arithmetic,
    Call,
    Constant,
    ListLiteral,
    ListReference,
    Membership,
    Node,
    Parameter,
    Path,
    children,
)
from sendable.language.scope import Scope


def may_be_unknown(node: Node, scope: Scope) -> bool:
    """Whether `node` can come out unknown for some valid context. False is certain, True is a possibility.

    Arithmetic counts as possible: a result beyond ±2^53 and a division by zero are unknown.
    """
    match node:
        case Constant() | ListLiteral() | Parameter() | ListReference():
            return False
        case Path(name):
            return not scope.fields[name].required
        case Membership(_, ListLiteral(())):
            return False
        case Arithmetic():
            return True
        case Call(name) if FUNCTIONS[name].may_fail:
            return True
        case Call("known"):
            return False
        case Call("default", (_, otherwise)):
            return may_be_unknown(otherwise, scope)
        case _:
            return any(may_be_unknown(child, scope) for child in children(node))
