"""Nodes to Python: the expressions of conditions on two rails.

A condition has two rails: an expression that is true exactly when the condition is definitely true, and one that is
true exactly when it is definitely false; an unknown is on neither. `not` swaps the rails, `and` and `or` are each
other's mirror image on them, and on most rails a path without data needs no test at all: `v == "x"` is simply not true
of None.

Every value is a local variable or a constant with a name of our own making. A user's text never becomes part of the
source: it reaches the code as the value of a constant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sendable.language.functions import FUNCTIONS
from sendable.language.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
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
from sendable.language.scope import ParameterDeclaration, PolicyList
from sendable.language.types import Value

ALWAYS: Final = "True"
NEVER: Final = "False"
"""The text of a rail that every, or no, context is on."""


class Expressions:
    """Writes expressions over local variables. `constants` collects the objects that the text names."""

    def __init__(self, parameters: Mapping[str, ParameterDeclaration], lists: Mapping[str, PolicyList]) -> None:
        self._parameters = parameters
        self._lists = lists
        self._names: dict[object, str] = {}
        self._variables: dict[str, str] = {}
        self._taken: set[str] = set()
        self._shared: dict[Node, str] = {}
        self._temporaries = 0
        self.constants: dict[str, object] = {}

    # -- names

    def variable(self, path: str) -> str:
        """The local variable that holds the value of `path`, None where it is unknown."""
        if path not in self._variables:
            name = f"v_{path.replace('.', '_')}"
            if name in self._taken:  # a_b.c and a.b_c
                name = f"{name}_{len(self._taken)}"
            self._taken.add(name)
            self._variables[path] = name
        return self._variables[path]

    def constant(self, value: object, stem: str = "text") -> str:
        """The name by which the text refers to `value`."""
        key = (type(value), value if isinstance(value, str | frozenset | datetime) else id(value))
        if key not in self._names:
            self._names[key] = f"{stem}_{len(self._names)}"
            self.constants[self._names[key]] = value
        return self._names[key]

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    # -- what is worth computing once

    def share(self, roots: Iterable[Node]) -> dict[Node, str]:
        """The calls that occur more than once in `roots`, each with the variable that is to hold its value."""
        seen: Counter[Call] = Counter()
        pending = list(roots)
        while pending:
            node = pending.pop()
            if isinstance(node, Call) and not FUNCTIONS[node.function].cheap:
                seen[node] += 1
            pending.extend(children(node))
        self._shared = {}
        shared: dict[Node, str] = {}
        for node, times in seen.items():
            if times > 1 and all(isinstance(argument, Path | Constant) for argument in children(node)):
                shared[node] = f"c{len(shared)}_{node.function}"
        return shared

    def shared_as(self, node: Node, name: str) -> None:
        """From now on the value of `node` is in the variable `name`."""
        self._shared[node] = name

    # -- rails

    def true(self, node: Node) -> str:
        """An expression that is true exactly when `node`, a boolean, is definitely true."""
        match node:
            case Constant(value):
                return ALWAYS if value is True else NEVER
            case Parameter():
                return self.value(node)  # never None
            case Path(name):
                return f"{self.variable(name)} is True"
            case Not(operand):
                return self.false(operand)
            case And(operands):
                return _all(self.true(operand) for operand in operands)
            case Or(operands):
                return _any(self.true(operand) for operand in operands)
            case Comparison(operands, operators):
                return self._comparison(operands, operators, definitely=True)
            case Membership(_, _, negated):
                return self._membership(node, definitely=not negated)
            case Call("known", (Path(name),)):
                return f"{self.variable(name)} is not None"
            case _:
                return f"{self.value(node)} is True"

    def false(self, node: Node) -> str:
        """An expression that is true exactly when `node`, a boolean, is definitely false."""
        match node:
            case Constant(value):
                return ALWAYS if value is False else NEVER
            case Parameter():
                return _opposite(self.value(node))
            case Path(name):
                return f"{self.variable(name)} is False"
            case Not(operand):
                return self.true(operand)
            case And(operands):
                return _any(self.false(operand) for operand in operands)
            case Or(operands):
                return _all(self.false(operand) for operand in operands)
            case Comparison(operands, operators):
                return self._comparison(operands, operators, definitely=False)
            case Membership(_, _, negated):
                return self._membership(node, definitely=negated)
            case Call("known", (Path(name),)):
                return f"{self.variable(name)} is None"
            case _:
                return f"{self.value(node)} is False"

    def _comparison(self, operands: tuple[Node, ...], operators: tuple[str, ...], *, definitely: bool) -> str:
        """The rail of a comparison: each operand is evaluated once, and pairs are joined as `and` joins them."""
        if len(operands) == 2:
            return self._pair(operands[0], operators[0], operands[1], definitely=definitely)
        names = [self._temporary() for _ in operands]
        bound = ", ".join(f"{name} := {self.value(operand)}" for name, operand in zip(names, operands, strict=True))
        pairs = [
            f"{left} is not None and {right} is not None and "
            + (f"{left} {operator} {right}" if definitely else f"not {left} {operator} {right}")
            for left, operator, right in zip(names, operators, names[1:], strict=False)
        ]
        joined = _all(pairs) if definitely else _any(pairs)
        return f"(({bound}) and ({joined}))"

    def _pair(self, left: Node, operator: str, right: Node, *, definitely: bool) -> str:
        sign = operator if definitely else _OPPOSITE[operator]
        tests: list[str] = []
        # The text of either side is used once; where it is needed twice a temporary holds it.
        left_text, right_text = self._operand(left, tests), self._operand(right, tests)
        if sign == "==" and not (_may_be_none(left) and _may_be_none(right)):
            # None equals nothing else: with at most one side that may be None no test is needed.
            return f"{self.value(left)} == {self.value(right)}"
        return _all([*tests, f"{left_text} {sign} {right_text}"])

    def _operand(self, node: Node, tests: list[str]) -> str:
        """The text of an operand; adds the test that it is not None where it may be."""
        text = self.value(node)
        if not _may_be_none(node):
            return text
        if text.isidentifier():
            tests.append(f"{text} is not None")
            return text
        name = self._temporary()
        tests.append(f"({name} := {text}) is not None")
        return name

    def _membership(self, node: Membership, *, definitely: bool) -> str:
        """`definitely` in the container, or definitely not in it, whatever `not` the node has."""
        empty, entries, form = self._container(node.container)
        if empty is True:
            return NEVER if definitely else ALWAYS  # nothing is in an empty list, not even what is unknown
        tests: list[str] = []
        item = self._operand(node.item, tests)
        if form == "fold" and isinstance(node.item, Call) and FUNCTIONS[node.item.function].folds:
            form = ""
        if form:
            item = f"{form}({item})"
        elif definitely and isinstance(node.item, Path):
            tests = []  # None is in no list
        found = f"{item} {'in' if definitely else 'not in'} {entries}"
        if empty is False:
            return _all([*tests, found])
        if definitely:
            return _all([f"{entries} is not None", *tests, found])
        return f"({entries} is not None and ({_any([f'not {entries}', _all([*tests, found])])}))"

    def _container(self, node: Node) -> tuple[bool | None, str, str]:
        """Whether a container is empty (None: perhaps, or unknown), its text, and what makes entries of texts."""
        match node:
            case ListLiteral(items):
                values = frozenset(item.value for item in items)
                return not values, self.constant(values, "values"), ""
            case ListReference(name):
                entries = self._lists[name].entries
                return not entries, self.constant(entries, "list"), "digest" if self._lists[name].hashed else "fold"
            case Path(name):
                return None, self.variable(name), ""
            case _:
                raise AssertionError(f"a list can't be {node}")

    # -- values

    def value(self, node: Node) -> str:  # noqa: C901 - one match over the node classes
        """An expression for the value of `node`, None where it is unknown. Each operand's text occurs in it once."""
        if node in self._shared:
            return self._shared[node]
        match node:
            case Constant(value):
                return self._literal(value)
            case Parameter(name):
                return self._parameter(self._parameters[name])
            case Path(name):
                return self.variable(name)
            case ListLiteral(items):
                return self.constant(tuple(item.value for item in items), "values")  # count() counts repeated ones
            case ListReference(name):
                return self.constant(self._lists[name], "list")
            case Arithmetic(operator, left, right):
                return self._applied(_ARITHMETIC[operator], (left, right))
            case Negative(operand):
                return self._applied("negate", (operand,))
            case Call("known", (path,)):
                return f"({self.value(path)} is not None)"
            case Call("default", (value, otherwise)):
                name = self._temporary()
                return f"({name} if ({name} := {self.value(value)}) is not None else {self.value(otherwise)})"
            case Call("in_domains", (Call("domain") as domain, ListReference(name))):
                # What domain() gives is folded.
                return self._applied("within", (domain,), after=(self.constant(self._lists[name].entries, "list"),))
            case Call(function, arguments):
                before = (self.variable("now"),) if FUNCTIONS[function].needs_now else ()
                return self._applied(function, arguments, before)
            case Not(operand):
                return f"negation({self.value(operand)})"
            case And(operands):
                return f"conjunction({', '.join(map(self.value, operands))})"
            case Or(operands):
                return f"disjunction({', '.join(map(self.value, operands))})"
            case Comparison(operands, operators):
                return self._comparison_value(operands, operators)
            case Membership():
                return self._membership_value(node)

    def _parameter(self, declared: ParameterDeclaration) -> str:
        text = self._literal(declared.value)
        for case in reversed(declared.cases):
            value, holds = self._literal(case.value), self.true(case.condition)
            if holds == ALWAYS:
                text = value
            elif holds != NEVER:
                text = f"{value} if {holds} else {text}"
        return f"({text})" if " if " in text else text

    def _literal(self, value: Value) -> str:
        match value:
            case bool() | int() | float():
                return repr(value) if isinstance(value, bool) or value >= 0 else f"({value!r})"
            case _:
                return self.constant(value)

    def _comparison_value(self, operands: tuple[Node, ...], operators: tuple[str, ...]) -> str:
        names = [self._temporary() for _ in operands]
        bound = ", ".join(f"{name} := {self.value(operand)}" for name, operand in zip(names, operands, strict=True))
        pairs = [
            f"None if {left} is None or {right} is None else {left} {operator} {right}"
            for left, operator, right in zip(names, operators, names[1:], strict=False)
        ]
        joined = f"conjunction({', '.join(pairs)})" if len(pairs) > 1 else f"({pairs[0]})"
        return f"(({bound}), {joined})[1]"

    def _membership_value(self, node: Membership) -> str:
        _, entries, form = self._container(node.container)
        inside = f"{_INSIDE[form]}({self.value(node.item)}, {entries})"
        return f"negation({inside})" if node.negated else inside

    def _applied(
        self, function: str, arguments: tuple[Node, ...], before: tuple[str, ...] = (), after: tuple[str, ...] = ()
    ) -> str:
        """A strict function applied: None where an argument is."""
        texts: list[str] = []
        tests: list[str] = []
        for argument in arguments:
            text = self.value(argument)
            if _may_be_none(argument):
                if text.isidentifier():
                    tests.append(f"{text} is None")
                else:
                    name = self._temporary()
                    tests.append(f"({name} := {text}) is None")
                    text = name
            texts.append(text)
        call = f"{function}({', '.join((*before, *texts, *after))})"
        return f"(None if {' or '.join(tests)} else {call})" if tests else call

    # -- what is missing

    def missing(self, node: Node) -> str:  # noqa: C901 - one match over the node classes
        """An expression for the paths without data that leave `node` unknown: a tuple, empty where it is known."""
        match node:
            case Constant() | Parameter() | ListLiteral() | ListReference() | Call("known"):
                return "()"
            case Path(name):
                return f"(() if {self.variable(name)} is not None else {self.constant((name,), 'paths')})"
            case And(operands):
                return self._missing_unless(self.false(node), operands)
            case Or(operands):
                return self._missing_unless(self.true(node), operands)
            case Comparison(operands, operators) if len(operators) > 1:
                return self._missing_unless(self.false(node), operands)
            case Call("default", (value, otherwise)):
                return self._missing_unless(f"{self.value(node)} is not None", (value, otherwise))
            case Call(function, arguments) if FUNCTIONS[function].named:
                named = {place: naming.__name__ for place, naming in FUNCTIONS[function].named}
                parts = (
                    self._missing_name(one, named[place]) if place in named else self.missing(one)
                    for place, one in enumerate(arguments)
                )
                return _joined(part for part in parts if part != "()")
            case Membership(item, container):
                empty, entries, _ = self._container(container)
                if empty is True:
                    return "()"
                if empty is False:
                    return self.missing(item)
                return self._missing_unless(f"{entries} is not None and not {entries}", (item, container))
            case _:
                return self._missing_unless(NEVER, children(node))

    def _missing_name(self, node: Node, naming: str) -> str:
        """The same for a text that names something: what says it is missing too where it names nothing."""
        told = self._told_by(node)
        if told == "()":
            return self.missing(node)
        name = self._temporary()
        lacking = told if isinstance(node, Path) else f"{self.missing(node)} if {name} is None else {told}"
        return f"(() if ({name} := {self.value(node)}) is not None and {naming}({name}) is not None else {lacking})"

    def _told_by(self, node: Node) -> str:
        """The paths that the value of `node`, a text that has one, is of."""
        match node:
            case Path(name):
                return self.constant((name,), "paths")
            case Call("default", (value, otherwise)):
                unknown = _joined(part for part in (self.missing(value), self._told_by(otherwise)) if part != "()")
                return f"({self._told_by(value)} if {self.value(value)} is not None else {unknown})"
            case Call(_, arguments):
                return _joined(part for one in arguments if (part := self._told_by(one)) != "()")
            case _:
                return "()"

    def _missing_unless(self, known: str, operands: Iterable[Node]) -> str:
        parts = [text for operand in operands if (text := self.missing(operand)) != "()"]
        if not parts or known == ALWAYS:
            return "()"
        joined = " + ".join(parts)
        if known == NEVER:
            return f"({joined})" if len(parts) > 1 else joined
        return f"(() if {known} else {joined})"


_OPPOSITE: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_INSIDE: Final = {"": "inside", "fold": "folded_inside", "digest": "digest_inside"}
_ARITHMETIC: Final = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}


def _opposite(rail: str) -> str:
    return {ALWAYS: NEVER, NEVER: ALWAYS}.get(rail) or f"not {rail}"


def _joined(parts: Iterable[str]) -> str:
    """Texts of tuples, none of them empty, as the text of one."""
    found = list(parts)
    return "()" if not found else found[0] if len(found) == 1 else f"({' + '.join(found)})"


def _may_be_none(node: Node) -> bool:
    match node:
        case (
            Constant() | Parameter() | ListLiteral() | ListReference() | Path("now" | "email.channel" | "contact.email")
        ):
            return False
        case Path():
            return True
        case Call("known"):
            return False
        case Arithmetic() | Negative():
            return True
        case Call("default", (_, otherwise)):
            return _may_be_none(otherwise)
        case Call(function) if FUNCTIONS[function].may_fail:
            return True
        case _:
            return any(map(_may_be_none, children(node)))


def _all(rails: Iterable[str]) -> str:
    parts: list[str] = []
    for rail in rails:
        if rail == NEVER:
            return NEVER
        if rail != ALWAYS:
            parts.append(rail)
    if not parts:
        return ALWAYS
    return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"


def _any(rails: Iterable[str]) -> str:
    parts: list[str] = []
    for rail in rails:
        if rail == ALWAYS:
            return ALWAYS
        if rail != NEVER:
            parts.append(rail)
    if not parts:
        return NEVER
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"
