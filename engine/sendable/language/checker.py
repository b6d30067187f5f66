"""Types: what is wrong with an expression, before any contact is decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeGuard

from sendable.diagnostics import codes
from sendable.diagnostics.places import Embedded, Span
from sendable.diagnostics.record import Collector, Rule
from sendable.diagnostics.wording import Near
from sendable.language.digests import ask_digests_only_for_addresses
from sendable.language.functions import OFFERED, ORDERINGS, Function, ParameterKind, Special
from sendable.language.mistakes import meant_function, meant_name
from sendable.language.naming import nameless
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
from sendable.language.parser import TIME, time_advice, unparse
from sendable.language.scope import Scope
from sendable.language.slips import (
    advice_on_different,
    compared_with_several,
    fits,
    in_other_places,
    name_in_parts,
)
from sendable.language.spellings import READ, certain_texts, misspellings
from sendable.language.timestamps import complete_timestamp, parse_timestamp
from sendable.language.types import DESCRIBED, PLURALS, Kind, Spelling, Type

_BOOLEAN = Type(Kind.BOOLEAN)
_STRING = Type(Kind.STRING)
_NO_TEXT = Constant("")
_STRING_LIST = Type(Kind.STRING_LIST)
_COMMA_IN_NUMBER: Final = re.compile("[0-9],[0-9]")
_DECIMALS: Final = "; the decimals of a number stand behind a point: 0.5"


def check(node: Node, source: Embedded, scope: Scope, collector: Collector, *, key: str, expected: Kind | None) -> bool:
    """Reports what is wrong with the expression `node` that stands in `source` under `key`; True if nothing is.

    `expected` is the kind the whole expression must have, or None where any will do.
    """
    checker = _Checker(source, scope, collector)
    found = checker.infer(node)
    if found is not None and expected is not None and not fits(found.kind, expected):
        checker.wrong_result(node, found, key, expected)
    return ask_digests_only_for_addresses(node, source, scope, collector) and checker.sound


class _Checker:
    """One pass over one expression. `infer` returns None as the recovery type: the problem is already reported."""

    def __init__(self, source: Embedded, scope: Scope, collector: Collector) -> None:
        self._source = source
        self._scope = scope
        self._collector = collector
        self.sound = True

    # -- reporting

    def _report(self, rule: Rule, node: Node, *, suggestion: str | Near | None = None, **params: object) -> None:
        self.sound = False
        self._collector.add(rule, self._span(node), params, suggestion=suggestion)

    def _fail(self, rule: Rule, node: Node, *, suggestion: str | Near | None = None, **params: object) -> Type | None:
        """Reports and returns the recovery type."""
        self._report(rule, node, suggestion=suggestion, **params)
        return None

    def _passed_over(self) -> Type | None:
        """The recovery type for what is already reported where it should be declared."""
        self.sound = False
        return None

    def _span(self, node: Node) -> Span:
        return self._source.span_of(node.start, node.end)

    def _text(self, node: Node) -> str:
        return " ".join(self._source.text[node.start : node.end].split())

    def wrong_result(self, node: Node, found: Type, key: str, expected: Kind) -> None:
        """Reports that the whole expression has the wrong type."""
        if expected is Kind.BOOLEAN:
            self._not_boolean(node, found)
        else:
            self._report(
                codes.WRONG_RESULT,
                node,
                text=self._text(node),
                found=DESCRIBED[found.kind],
                key=key,
                expected=DESCRIBED[expected],
            )

    def _not_boolean(self, node: Node, found: Type) -> None:
        text = self._text(node)
        if isinstance(node, Constant) and isinstance(node.value, str):
            advice = 'say once more what it is compared with, or write a list: `in ["…", "…"]`'
        elif isinstance(node, Constant):
            advice = "compare it with something"
        elif found.numeric:
            advice = f"compare it, for example `{text} > 0`"
        elif found.kind is Kind.STRING_LIST:
            advice = f"ask what is in it, for example `count({text}) > 0`"
        elif isinstance(node, Path):
            advice = f'compare it, for example `{text} == "…"`, or write `known({text})`'
        else:
            advice = "compare it with something"
        self._report(codes.NOT_BOOLEAN, node, text=text, found=DESCRIBED[found.kind], advice=advice)

    # -- inference

    def infer(self, node: Node) -> Type | None:  # noqa: C901 - one match over the node classes
        """The type of `node`, or None when it has none, which is then reported."""
        match node:
            case Constant(value):
                return _constant_type(value)
            case ListLiteral():
                return self._infer_list(node)
            case Path():
                return self._infer_path(node)
            case Parameter(name):
                declared = self._scope.parameters.get(name)
                if declared is not None:
                    return declared.type
                if self._scope.may_be_declared(f"params.{name}"):
                    return self._passed_over()
                suggestion = Near(name, self._scope.parameters, "params.")
                return self._fail(codes.UNKNOWN_PARAMETER, node, suggestion=suggestion, name=name)
            case ListReference(name):
                if name in self._scope.lists:
                    return _STRING_LIST
                if self._scope.may_be_declared(f"lists.{name}"):
                    return self._passed_over()
                suggestion = Near(name, self._scope.lists, "lists.")
                return self._fail(codes.UNKNOWN_LIST, node, suggestion=suggestion, name=name)
            case Not() | And() | Or():
                for operand in children(node):
                    found = self.infer(operand)
                    if found is not None and found.kind is not Kind.BOOLEAN:
                        self._not_boolean(operand, found)
                return _BOOLEAN
            case Comparison():
                return self._infer_comparison(node)
            case Membership():
                return self._infer_membership(node)
            case Arithmetic(operator, left, right):
                if self._is_no_arithmetic(node):
                    return None
                kinds = [self._infer_number(operand, operator) for operand in (left, right)]
                whole = operator != "/" and kinds == [Kind.INTEGER, Kind.INTEGER]
                return Type(Kind.INTEGER if whole else Kind.NUMBER)
            case Negative(operand):
                return Type(self._infer_number(operand, "-"))
            case Call():
                return self._infer_call(node)

    def _infer_path(self, node: Path) -> Type | None:
        field = self._scope.fields.get(node.name)
        if field is not None:
            return field.type
        if self._scope.may_be_declared(node.name):
            return self._passed_over()
        return self._undeclared(node, None)

    def _undeclared(self, node: Path, other: Type | None) -> Type | None:
        """Reports a name that nothing has, and what was meant where it stands beside something of type `other`."""
        if self._collector.full(codes.UNDECLARED_PATH):
            return self._fail(codes.UNDECLARED_PATH, node)
        suggestion, advice = meant_name(node.name, other, self._scope)
        return self._fail(codes.UNDECLARED_PATH, node, suggestion=suggestion, path=node.name, advice=advice)

    def _is_bare(self, node: Node) -> TypeGuard[Path]:
        """Whether it is one word that nothing has for a name: perhaps a text whose quotes were left out."""
        return (
            isinstance(node, Path)
            and "." not in node.name
            and node.name not in self._scope.fields
            and not self._scope.may_be_declared(node.name)
        )

    def _infer_list(self, node: ListLiteral) -> Type | None:
        """A list outside of `in`, where only texts can stand in one."""
        for item in node.items:
            if not isinstance(item.value, str):
                found = DESCRIBED[_constant_type(item.value).kind]
                return self._fail(codes.MIXED_LIST, item, found=found, first="texts")
        return _STRING_LIST

    def _infer_number(self, node: Node, operator: str) -> Kind:
        found = self.infer(node)
        if found is None:
            return Kind.NUMBER
        if not found.numeric:
            self._report(
                codes.NOT_A_NUMBER, node, text=self._text(node), found=DESCRIBED[found.kind], operator=operator
            )
            return Kind.NUMBER
        return found.kind

    def _is_no_arithmetic(self, node: Arithmetic) -> bool:
        """Whether it was meant otherwise: as one field, or with moments. It is then reported."""
        match node.left, node.right:
            case _ if (meant := name_in_parts(node, self._scope)) is not None:
                text = self._text(node)
                self._report(codes.UNDECLARED_PATH, node, suggestion=meant, path=text, advice=codes.OWN_FIELDS)
                return True
            case Path("now"), Path(right) as other if node.operator == "-" and self._is_moment(other):
                advice = f"for the time since then, write `days_since({right})` or `hours_since({right})`"
            case left, right if node.operator in ("+", "-") and self._is_moment(left) and not self._is_moment(right):
                hours, when = self._text(right), "later" if node.operator == "+" else "earlier"
                if node.operator == "-":
                    hours = f"-{hours}" if isinstance(right, Path | Parameter | Constant) else f"-({hours})"
                advice = f"for the time so many hours {when}, write `add_hours({self._text(left)}, {hours})`"
            case _:
                return False
        found, text = DESCRIBED[Kind.TIMESTAMP], self._text(node.left)
        self._report(codes.NOT_A_NUMBER, node, text=text, found=found, operator=node.operator, advice=advice)
        return True

    def _is_moment(self, node: Node) -> bool:
        match node:
            case Path(name):
                return name in self._scope.fields and self._scope.fields[name].type.kind is Kind.TIMESTAMP
            case Constant(value):
                return _constant_type(value).kind is Kind.TIMESTAMP
            case _:
                return isinstance(node, Call) and node.function in ("add_hours", TIME)

    def _infer_comparison(self, node: Comparison) -> Type:
        if (several := compared_with_several(node)) is not None:
            subject, first, advice = several
            self.infer(subject)
            found = DESCRIBED[_constant_type(first.value).kind]
            self._report(codes.NOT_BOOLEAN, first, text=self._text(first), found=found, advice=advice)
            return _BOOLEAN
        types = [None if self._is_bare(operand) else self.infer(operand) for operand in node.operands]
        for place, operand in enumerate(node.operands):
            if self._is_bare(operand):
                beside = [one for one in types[max(place - 1, 0) : place + 2] if one is not None]
                self._undeclared(operand, beside[0] if beside else None)
        sides = list(zip(node.operands, types, strict=True))
        for operator, ((left, left_type), (right, right_type)) in zip(node.operators, pairwise(sides), strict=True):
            if left_type is None or right_type is None:
                continue
            if not _comparable(left_type, right_type):
                self._different(left, left_type, right, right_type)
            elif operator in ORDERINGS and not (left_type.numeric or left_type.kind is Kind.TIMESTAMP):
                self._report(
                    codes.NO_ORDER,
                    Comparison((left, right), (), start=left.start, end=right.end),
                    found=DESCRIBED[left_type.kind],
                    operator=operator,
                )
            else:
                self._check_enum(left, left_type, right)
                self._check_enum(right, right_type, left)
                self._check_spellings(left, left_type, right, right_type)
        return _BOOLEAN

    def _different(self, left: Node, left_type: Type, right: Node, right_type: Type) -> None:
        self._report(
            codes.DIFFERENT_TYPES,
            Comparison((left, right), (), start=left.start, end=right.end),
            left=DESCRIBED[left_type.kind],
            right=DESCRIBED[right_type.kind],
            advice=advice_on_different(left, right, {left_type.kind, right_type.kind}),
        )

    def _check_enum(self, subject: Node, subject_type: Type, other: Node) -> None:
        """Reports the certain texts of `other` that `subject`, or an item of it, can't be."""
        allowed = subject_type.items if subject_type.enum is None else subject_type.enum
        if allowed is None:
            return
        for node, value in certain_texts(other, self._scope) or ():
            if value not in allowed:
                self._report(
                    codes.NOT_IN_ENUM,
                    node,
                    suggestion=Near(value, allowed),
                    value=value,
                    path=self._text(subject),
                    allowed=", ".join(allowed),
                )

    def _check_spellings(self, left: Node, left_type: Type, right: Node, right_type: Type) -> None:
        """Reports texts that can't meet, as one is read in a spelling that the other does not have."""
        self._check_spelling(left, left_type, right, right_type)
        self._check_spelling(right, right_type, left, left_type)

    def _check_spelling(
        self, subject: Node, subject_type: Type, other: Node, other_type: Type, *, part: bool = False
    ) -> None:
        """Reports `other` where it can't be the text that `subject` is, or one in it; with `part`, a part of it.

        INVARIANT: conditions compare texts as they are. What is read in one spelling is compared with what has it.
        """
        spelling = subject_type.spelling
        if spelling is Spelling.AS_GIVEN or isinstance(other, ListReference):
            return  # a list of the pack folds what is looked up in it, and more than a context does
        found = misspellings(other, spelling, self._scope, part=part)
        if found is None:
            if spelling is Spelling.IDENTIFIER and other_type.spelling is not Spelling.IDENTIFIER:
                self._report(codes.NOT_AN_IDENTIFIER, other, text=self._text(other), path=self._text(subject))
            return
        for one in found:
            self._report(
                codes.OTHER_SPELLING,
                one.node,
                suggestion=one.meant if isinstance(one.node, Constant) else None,
                value=one.value,
                path=self._text(subject),
                how=READ[spelling],
                advice=one.advice,
            )

    def _infer_membership(self, node: Membership) -> Type:
        item = None if self._is_bare(node.item) else self.infer(node.item)
        if self._is_bare(node.item):
            self._undeclared(node.item, _STRING)
        if isinstance(node.container, ListLiteral):
            self._check_items(node.item, item, node.container)
            if item is not None:
                self._check_spelling(node.item, item, node.container, _STRING_LIST)
            return _BOOLEAN
        container = self.infer(node.container)
        if container is None:
            return _BOOLEAN
        if container.kind is not Kind.STRING_LIST:
            text = self._text(node.container)
            part = container.kind is Kind.STRING and item is not None and item.kind is Kind.STRING
            advice = f"for a part of a text, write `contains({text}, {self._text(node.item)})`" if part else ""
            if part and isinstance(node.container, Constant):
                advice = f"write a list, if it has but one value: `[{text}]`"
            found = DESCRIBED[container.kind]
            self._report(codes.NOT_A_LIST, node.container, text=text, found=found, advice=advice)
        elif item is not None and item.kind is not Kind.STRING:
            lists = item.kind is Kind.STRING_LIST
            advice = f"write `overlaps({self._text(node.item)}, {self._text(node.container)})`" if lists else ""
            container_text = DESCRIBED[container.kind]
            self._report(
                codes.WRONG_ITEM, node.item, found=DESCRIBED[item.kind], container=container_text, advice=advice
            )
        elif item is not None:
            self._check_spellings(node.item, item, node.container, container)
            self._check_enum(node.container, container, node.item)
        return _BOOLEAN

    def _check_items(self, subject: Node, subject_type: Type | None, literal: ListLiteral) -> None:
        types = [_constant_type(item.value) for item in literal.items]
        for item, item_type in zip(literal.items, types, strict=True):
            if not _comparable(item_type, types[0]):
                found, first = DESCRIBED[item_type.kind], DESCRIBED[types[0].kind]
                self._report(codes.MIXED_LIST, item, found=found, first=first)
                return
        for item, item_type in zip(literal.items, types, strict=True):
            if subject_type is None:
                return
            if not _comparable(item_type, subject_type):
                self._other_items(subject_type, literal, item_type)
                return
            self._check_enum(subject, subject_type, item)

    def _other_items(self, subject_type: Type, literal: ListLiteral, item_type: Type) -> None:
        """Reports a list of constants that a value of `subject_type` can't be in."""
        advice = ""
        if subject_type.kind is Kind.STRING and item_type.numeric:
            advice = f"texts stand in quotes: `{unparse(_quoted(literal))}`"
        elif subject_type.numeric and item_type.kind is Kind.STRING:
            advice = "numbers stand without quotes"
        elif subject_type.kind is Kind.TIMESTAMP:
            advice = "compare it with another point in time, or use hours_since and days_since"
        elif subject_type.kind is Kind.STRING_LIST:
            advice = "to ask whether two lists have a value in common, write `overlaps`"
        container = PLURALS[item_type.kind]
        self._report(codes.WRONG_ITEM, literal, found=DESCRIBED[subject_type.kind], container=container, advice=advice)

    # -- calls

    def _infer_call(self, node: Call) -> Type | None:
        function = OFFERED.get(node.function)
        if function is None:
            if node.function == TIME:
                return self._infer_time(node)
            for argument in node.arguments:
                self.infer(argument)
            names = (*OFFERED, TIME)
            allowed = ", ".join(names)
            suggestion = meant_function(node.function) or Near(node.function, names)
            name = Call(node.function, (), start=node.start, end=node.start + len(node.function))
            return self._fail(codes.UNKNOWN_FUNCTION, name, suggestion=suggestion, name=node.function, allowed=allowed)
        if len(node.arguments) != len(function.parameters):
            return self._wrong_count(node, function)
        if function.result is None:
            return self._infer_default(node, function)
        found = [self.infer(argument) for argument in node.arguments]
        if (kinds := in_other_places(found, [kind for _, kind in function.parameters])) is not None:
            turned = unparse(Call(node.function, node.arguments[::-1]))
            self._wrong_argument(function, node.arguments[0], kinds[0], DESCRIBED[kinds[1]], meant=turned)
            return Type(function.result)
        types = [
            None if one is None else self._check_argument(function, node, argument, kind, one)
            for argument, (_, kind), one in zip(node.arguments, function.parameters, found, strict=True)
        ]
        self._check_found_in(node, types)
        match node:
            case Call("lookup", (_, ListReference(table))) if table in self._scope.lists:
                return Type(self._scope.lists[table].kind)
            case _:
                return Type(function.result)

    def _infer_time(self, node: Call) -> Type:
        """A point in time that the parser could not read: what is wrong with it."""
        match node.arguments:
            case (Constant(str(text)) as argument,):
                try:
                    parse_timestamp(text)
                except ValueError as error:
                    self._report(codes.NOT_A_TIME, argument, text=text, problem=error, advice=time_advice(text))
            case (argument,):
                found = self.infer(argument)
                if found is not None:
                    text = self._text(argument)
                    if found.kind is Kind.TIMESTAMP:
                        advice = f"it is one already: write `{text}` alone"
                    elif isinstance(argument, Path):
                        advice = "a field of points in time has `format: date-time` in its context schema"
                    elif isinstance(argument, Parameter):
                        advice = f"give the parameter `type: timestamp`, and write `{text}` alone"
                    else:
                        advice = time_advice("")
                    self._report(codes.NOT_WRITTEN_OUT, argument, text=text, found=DESCRIBED[found.kind], advice=advice)
            case arguments:
                for one in arguments:
                    self.infer(one)
                self._report(
                    codes.ARGUMENT_COUNT,
                    node,
                    name=TIME,
                    expected="one text",
                    found=_given(len(arguments)),
                    signature=f'{TIME}("{complete_timestamp("")}")',
                )
        return Type(Kind.TIMESTAMP)

    def _check_found_in(self, node: Call, types: Sequence[Type | None]) -> None:
        """The spellings of the arguments of a function that looks for one text in another, or in a list."""
        match node.function, node.arguments, types:
            case "overlaps", (left, right), (Type() as left_type, Type() as right_type):
                self._check_spellings(left, left_type, right, right_type)
                self._check_enum(left, left_type, right)
                self._check_enum(right, right_type, left)
            case "starts_with" | "ends_with" | "contains", (text, part), (Type() as text_type, Type() as part_type):
                self._check_spelling(text, text_type, part, part_type, part=True)
            case _:
                pass

    def _infer_default(self, node: Call, function: Function) -> Type | None:
        """The type of a value that is one argument or the other."""
        value, otherwise = node.arguments
        first, second = self.infer(value), self.infer(otherwise)
        if first is None or second is None:
            return None
        if not (_comparable(first, second) or first.kind is second.kind):
            self._wrong_argument(function, otherwise, second, DESCRIBED[first.kind])
            return first
        if first.kind is not second.kind:  # one whole number, one any number
            return Type(Kind.NUMBER)
        self._check_enum(value, first, otherwise)
        if otherwise != _NO_TEXT:  # for what has no value, the text that no value is
            self._check_spellings(value, first, otherwise, second)
        same = (second.enum, second.items) == (first.enum, first.items)
        certain = isinstance(otherwise, Constant | Parameter | ListLiteral) or same
        alike = isinstance(otherwise, Constant | Parameter | ListLiteral) or second.spelling == first.spelling
        return Type(
            first.kind,
            first.enum if certain else None,
            spelling=first.spelling if alike else Spelling.AS_GIVEN,
            items=first.items if certain else None,
        )

    def _wrong_count(self, node: Call, function: Function) -> Type | None:
        wanted = len(function.parameters)
        return self._fail(
            codes.ARGUMENT_COUNT,
            node,
            name=function.name,
            expected="one value" if wanted == 1 else f"{wanted} values",
            found=_given(len(node.arguments)),
            signature=function.signature + (_DECIMALS if _COMMA_IN_NUMBER.search(self._text(node)) else ""),
        )

    def _check_argument(  # noqa: C901 - one match over the kinds
        self, function: Function, call: Call, node: Node, kind: ParameterKind, found: Type
    ) -> Type | None:
        match kind:
            case Special.PATH:
                if not isinstance(node, Path):
                    self._report(codes.NOT_A_PATH, node, name=function.name)
            case Special.ANY | Special.SAME:
                pass  # these are default's, whose arguments are typed together
            case Special.ZONE | Special.CLOCK:
                if found.kind is not Kind.STRING:
                    self._wrong_argument(function, node, found, DESCRIBED[Kind.STRING], call)
                    return None
                for one, rule, text, meant in nameless(node, kind, self._scope):
                    self._report(rule, one, suggestion=meant, text=text)
            case Special.MAP:
                if not (isinstance(node, ListReference) and self._scope.lists[node.name].values is not None):
                    self._wrong_argument(function, node, found, "a list of the pack that is a map")
            case Kind():
                if not fits(found.kind, kind):
                    self._wrong_argument(function, node, found, DESCRIBED[kind], call)
                    return None
        return found

    def _wrong_argument(
        self,
        function: Function,
        node: Node,
        found: Type,
        expected: str,
        call: Call | None = None,
        *,
        meant: str | None = None,
    ) -> None:
        advice = f"it is written {function.signature}"
        match call:
            case Call("contains", (container, part)) if node is container and found.kind is Kind.STRING_LIST:
                advice = f"to look something up in a list, write `{self._text(part)} in {self._text(container)}`"
            case _:
                pass
        self._report(
            codes.ARGUMENT_TYPE,
            node,
            suggestion=meant,
            text=self._text(node),
            found=DESCRIBED[found.kind],
            name=function.name,
            expected=expected,
            advice=advice,
        )


def _given(count: int) -> str:
    return "none is" if count == 0 else f"{count} {'is' if count == 1 else 'are'}"


def _quoted(literal: ListLiteral) -> ListLiteral:
    return ListLiteral(tuple(Constant(unparse(item)) for item in literal.items))


def _constant_type(value: bool | int | float | str | datetime) -> Type:
    match value:
        case datetime():
            return Type(Kind.TIMESTAMP)
        case bool():
            return _BOOLEAN
        case int():
            return Type(Kind.INTEGER)
        case float():
            return Type(Kind.NUMBER)
        case str():
            return _STRING


def _comparable(left: Type, right: Type) -> bool:
    if left.numeric and right.numeric:
        return True
    return left.kind is right.kind and left.kind is not Kind.STRING_LIST
