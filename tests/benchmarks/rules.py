"""The conditions of a pack in the languages of other engines, each on two rails: when it is true, and when it is false.

None of those languages has a third value, so a condition is written twice where it has to be: an expression that is
true exactly when the condition is, and one that is true exactly when it is false. Where neither holds, it is unknown.
Only what the bundled conditions use is translated; anything else is an error: no reason is left out in silence.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sendable.language.nodes import (
    And,
    Call,
    Comparison,
    Constant,
    ListLiteral,
    Membership,
    Node,
    Not,
    Or,
    Parameter,
    Path,
)
from sendable.pack.model import Channel, OnUnknown, Pack, Reason

Code = TypeVar("Code")

_STATIC: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"==": operator.eq, "!=": operator.ne}


class Language(Generic[Code]):
    """How one language writes the parts of a condition. Paths are handed over as they are in the pack."""

    null_is_no_value = True
    """Whether a path without data can be compared for equality with a constant, and is then different from it."""

    def value(self, path: str) -> Code:
        raise NotImplementedError

    def constant(self, value: object) -> Code:
        raise NotImplementedError

    def known(self, path: str) -> Code:
        raise NotImplementedError

    def is_true(self, path: str) -> Code:
        raise NotImplementedError

    def is_false(self, path: str) -> Code:
        raise NotImplementedError

    def compare(self, left: Code, sign: str, right: Code) -> Code:
        raise NotImplementedError

    def both(self, operands: Sequence[Code]) -> Code:
        raise NotImplementedError

    def either(self, operands: Sequence[Code]) -> Code:
        raise NotImplementedError

    def negated(self, operand: Code) -> Code:
        raise NotImplementedError

    def one_of(self, path: str, values: Sequence[str]) -> Code:
        raise NotImplementedError

    def inside(self, item: str, container: str) -> Code:
        """Whether the list at the path `container` has the text at the path `item`; both are known."""
        raise NotImplementedError

    def empty(self, path: str) -> Code:
        raise NotImplementedError

    def starts_with(self, path: str, start: str) -> Code:
        raise NotImplementedError

    def ends_with(self, path: str, ending: str) -> Code:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Rule(Generic[Code]):
    """A reason in another language. `false` is there for floors alone: where neither holds, the floor is unknown."""

    reason: Reason
    true: Code
    false: Code | None


def rules(pack: Pack, channel: Channel, language: Language[Code]) -> list[Rule[Code]]:
    """The reasons of `channel`, by priority, with their conditions in `language`."""
    translation = _Translation(pack, language)
    return [
        Rule(
            reason,
            translation.true(reason.when.node),
            translation.false(reason.when.node) if reason.on_unknown is OnUnknown.SUPPRESS else None,
        )
        for reason in sorted(pack.reasons, key=lambda reason: reason.priority)
        if channel in reason.channels
    ]


@dataclass(frozen=True, slots=True)
class _Translation(Generic[Code]):
    pack: Pack
    language: Language[Code]

    def true(self, node: Node) -> Code:
        """What is true exactly when `node` is."""
        return self._rail(node, rail=True)

    def false(self, node: Node) -> Code:
        """What is true exactly when `node` is false."""
        return self._rail(node, rail=False)

    def _rail(self, node: Node, *, rail: bool) -> Code:
        write = self.language
        match node:
            case Path(name):
                return write.is_true(name) if rail else write.is_false(name)
            case Not(operand):
                return self._rail(operand, rail=not rail)
            case And(operands) | Or(operands):
                parts = [self._rail(operand, rail=rail) for operand in operands]
                return write.both(parts) if isinstance(node, And) is rail else write.either(parts)
            case Comparison((left, right), (sign,)):
                return self._comparison(left, sign if rail else _OPPOSITE[sign], right)
            case Membership(Path(name), ListLiteral(items)):
                inside = write.one_of(name, [str(item.value) for item in items])
                if rail is not node.negated:
                    return inside
                return write.both([write.known(name), write.negated(inside)])
            case Membership(Path(item), Path(container)):
                return self._membership(item, container, rail=rail is not node.negated)
            case Call("starts_with" | "ends_with" as function, (Path(name), Constant(str(part)))):
                has = write.starts_with(name, part) if function == "starts_with" else write.ends_with(name, part)
                return write.both([write.known(name), has if rail else write.negated(has)])
            case Call("default", (value, Constant(bool(otherwise)))):
                decided = self._rail(value, rail=not otherwise)
                return write.negated(decided) if otherwise is rail else decided
            case _:
                raise NotImplementedError(f"there is no translation of {node}")

    def _membership(self, item: str, container: str, *, rail: bool) -> Code:
        write = self.language
        inside = write.inside(item, container)
        if rail:
            return write.both([write.known(container), write.known(item), inside])
        outside = write.either([write.empty(container), write.both([write.known(item), write.negated(inside)])])
        return write.both([write.known(container), outside])

    def _comparison(self, left: Node, sign: str, right: Node) -> Code:
        write = self.language
        if isinstance(left, Call) and left.function == "default" and isinstance(right, Constant):
            path, otherwise = left.arguments
            if isinstance(path, Path) and isinstance(otherwise, Constant):
                compared = write.compare(write.value(path.name), sign, self._operand(right))
                if _STATIC[sign](otherwise.value, right.value):
                    return write.either([write.negated(write.known(path.name)), compared])
                return write.both([write.known(path.name), compared])
        paths = [node.name for node in (left, right) if isinstance(node, Path)]
        compared = write.compare(self._operand(left), sign, self._operand(right))
        if sign == "==" and len(paths) == 1 and write.null_is_no_value:
            return compared
        return write.both([*map(write.known, paths), compared])

    def _operand(self, node: Node) -> Code:
        match node:
            case Path(name):
                return self.language.value(name)
            case Constant(value):
                return self.language.constant(value)
            case Parameter(name):
                return self.language.constant(self.pack.parameters[name].value)
            case _:
                raise NotImplementedError(f"there is no translation of {node}")


_OPPOSITE: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class JsonLogic(Language[Any]):
    """JsonLogic (jsonlogic.com): a rule is a JSON document. Both engines take the same ones."""

    def value(self, path: str) -> Any:
        return {"var": path}

    def constant(self, value: object) -> Any:
        return value

    def known(self, path: str) -> Any:
        return {"!==": [{"var": path}, None]}

    def is_true(self, path: str) -> Any:
        return {"var": path}  # null is false

    def is_false(self, path: str) -> Any:
        return {"===": [{"var": path}, False]}

    def compare(self, left: Any, sign: str, right: Any) -> Any:
        return {{"==": "===", "!=": "!=="}.get(sign, sign): [left, right]}

    def both(self, operands: Sequence[Any]) -> Any:
        return {"and": list(operands)}

    def either(self, operands: Sequence[Any]) -> Any:
        return {"or": list(operands)}

    def negated(self, operand: Any) -> Any:
        return {"!": [operand]}

    def one_of(self, path: str, values: Sequence[str]) -> Any:
        return {"in": [{"var": path}, list(values)]}

    def inside(self, item: str, container: str) -> Any:
        return {"in": [{"var": item}, {"var": container}]}

    def empty(self, path: str) -> Any:
        return {"!": [{"var": path}]}

    def starts_with(self, path: str, start: str) -> Any:
        return {"===": [{"substr": [{"var": path}, 0, len(start)]}, start]}

    def ends_with(self, path: str, ending: str) -> Any:
        return {"===": [{"substr": [{"var": path}, -len(ending)]}, ending]}


class Cel(Language[str]):
    """The Common Expression Language (cel.dev). A field without data is absent; every group of fields is there."""

    null_is_no_value = False

    def value(self, path: str) -> str:
        return path

    def constant(self, value: object) -> str:
        return json.dumps(value)

    def known(self, path: str) -> str:
        return f"has({path})"

    def is_true(self, path: str) -> str:
        return f"(has({path}) && {path})"

    def is_false(self, path: str) -> str:
        return f"(has({path}) && !{path})"

    def compare(self, left: str, sign: str, right: str) -> str:
        return f"{left} {sign} {right}"

    def both(self, operands: Sequence[str]) -> str:
        return f"({' && '.join(operands)})"

    def either(self, operands: Sequence[str]) -> str:
        return f"({' || '.join(operands)})"

    def negated(self, operand: str) -> str:
        return f"!({operand})"

    def one_of(self, path: str, values: Sequence[str]) -> str:
        return f"(has({path}) && {path} in {json.dumps(list(values))})"

    def inside(self, item: str, container: str) -> str:
        return f"{item} in {container}"

    def empty(self, path: str) -> str:
        return f"size({path}) == 0"

    def starts_with(self, path: str, start: str) -> str:
        return f"{path}.startsWith({json.dumps(start)})"

    def ends_with(self, path: str, ending: str) -> str:
        return f"{path}.endsWith({json.dumps(ending)})"


class CelWithNulls(Cel):
    """CEL for cel-python's compiled programs: `has` and `&&` don't go together, and every operand is evaluated.

    Absent fields are null, and null can be compared with texts and booleans but not with numbers and lists.
    """

    null_is_no_value = True

    def __init__(self) -> None:
        self.texts: set[str] = set()
        """Paths that have to be a text, the empty one where they are absent."""

    def known(self, path: str) -> str:
        return f"type({path}) != type(null)"

    def is_true(self, path: str) -> str:
        return f"{path} == true"

    def is_false(self, path: str) -> str:
        return f"{path} == false"

    def one_of(self, path: str, values: Sequence[str]) -> str:
        return f"{path} in {json.dumps(list(values))}"

    def starts_with(self, path: str, start: str) -> str:
        self.texts.add(path)
        return super().starts_with(path, start)

    def ends_with(self, path: str, ending: str) -> str:
        self.texts.add(path)
        return super().ends_with(path, ending)


class Zen(Cel):
    """The expression language of zen-engine, where what is absent is null."""

    null_is_no_value = True

    def known(self, path: str) -> str:
        return f"{path} != null"

    def is_true(self, path: str) -> str:
        return f"{path} == true"

    def is_false(self, path: str) -> str:
        return f"{path} == false"

    def both(self, operands: Sequence[str]) -> str:
        return f"({' and '.join(operands)})"

    def either(self, operands: Sequence[str]) -> str:
        return f"({' or '.join(operands)})"

    def negated(self, operand: str) -> str:
        return f"not ({operand})"

    def one_of(self, path: str, values: Sequence[str]) -> str:
        return f"({path} != null and {path} in {json.dumps(list(values))})"

    def empty(self, path: str) -> str:
        return f"len({path}) == 0"

    def starts_with(self, path: str, start: str) -> str:
        return f"startsWith({path}, {json.dumps(start)})"

    def ends_with(self, path: str, ending: str) -> str:
        return f"endsWith({path}, {json.dumps(ending)})"


class Cedar(Cel):
    """Cedar (cedarpolicy.com): the groups of a context are records in the request's context."""

    def value(self, path: str) -> str:
        return f"context.{path}"

    def known(self, path: str) -> str:
        return f"context has {path}"

    def is_true(self, path: str) -> str:
        return f"(context has {path} && context.{path})"

    def is_false(self, path: str) -> str:
        return f"(context has {path} && !context.{path})"

    def one_of(self, path: str, values: Sequence[str]) -> str:
        return f"(context has {path} && {json.dumps(list(values))}.contains(context.{path}))"

    def inside(self, item: str, container: str) -> str:
        return f"context.{container}.contains(context.{item})"

    def empty(self, path: str) -> str:
        return f"context.{path}.isEmpty()"

    def starts_with(self, path: str, start: str) -> str:
        return f'context.{path} like "{start}*"'

    def ends_with(self, path: str, ending: str) -> str:
        return f'context.{path} like "*{ending}"'


class Python(Cel):
    """Python's expressions over flat names, `contact_email`, which simpleeval reads; what is absent is None."""

    null_is_no_value = True

    def value(self, path: str) -> str:
        return path.replace(".", "_")

    def constant(self, value: object) -> str:
        return repr(value)

    def known(self, path: str) -> str:
        return f"{self.value(path)} is not None"

    def is_true(self, path: str) -> str:
        return self.value(path)

    def is_false(self, path: str) -> str:
        return f"{self.value(path)} is False"

    def both(self, operands: Sequence[str]) -> str:
        return f"({' and '.join(operands)})"

    def either(self, operands: Sequence[str]) -> str:
        return f"({' or '.join(operands)})"

    def negated(self, operand: str) -> str:
        return f"not ({operand})"

    def one_of(self, path: str, values: Sequence[str]) -> str:
        return self.either([f"{self.value(path)} == {value!r}" for value in values])  # it has no list literals

    def inside(self, item: str, container: str) -> str:
        return f"{self.value(item)} in {self.value(container)}"

    def empty(self, path: str) -> str:
        return f"not {self.value(path)}"

    def starts_with(self, path: str, start: str) -> str:
        return f"{self.value(path)}[:{len(start)}] == {start!r}"

    def ends_with(self, path: str, ending: str) -> str:
        return f"{self.value(path)}[-{len(ending)}:] == {ending!r}"


class NestedPython(Python):
    """Python's expressions over the paths as a pack writes them, which simpleeval looks up in nested dictionaries."""

    def value(self, path: str) -> str:
        return path
