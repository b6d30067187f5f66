"""Text to nodes: the grammar of conditions, and the printer that is its inverse.

The grammar is a subset of Python's, with Python's precedence; what it has no rule for can't be written, so that the
grammar itself is the list of what is allowed. Each parse method's docstring is its rule. Nesting and size are bounded
while parsing, so that no input can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, NoReturn, cast

from sendable.diagnostics import codes
from sendable.diagnostics.places import Embedded
from sendable.diagnostics.record import Collector, Rule
from sendable.language import mistakes
from sendable.language.functions import COMPARISONS, OFFERED
from sendable.language.mistakes import Mistake
from sendable.language.nodes import (
    And,
    Arithmetic,
    ArithmeticOperator,
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
from sendable.language.timestamps import complete_timestamp, parse_timestamp, write_timestamp
from sendable.language.types import LARGEST_NUMBER

TIME: Final = "time"
"""The word that a point in time is written with: `time("2027-01-31T00:00:00+01:00")`."""
MAX_BYTES: Final = 4096
MAX_NODES: Final = 500
MAX_DEPTH: Final = 50

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?![0-9A-Za-z_.]))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<string>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    | (?P<operator>==|!=|<=|>=|<(?![>])|>|\+|-|\*(?!\*)|/(?!/)|\(|\)|\[|\]|,)
    """,
    re.VERBOSE,
)
# What stands for a date elsewhere; here it would be counted with.
_WORD = re.compile(r"[\w.]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt][0-9:.]+(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?(?![0-9A-Za-z_])")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t"}

_JOIN: Final = "join two conditions with `and` or `or`"
_SEVERAL: Final = 'to compare with several values, write them as a list: `email.channel in ["marketing", "one_to_one"]`'
_KEYWORDS = frozenset({"and", "or", "not", "in"})
_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


class _Fault(Exception):  # noqa: N818 - not an error that anybody sees: it carries a diagnostic to parse()
    def __init__(self, rule: Rule, start: int, end: int, **params: object) -> None:
        super().__init__(rule.code)
        self.rule, self.start, self.end, self.params = rule, start, end, params


def parse(source: Embedded, collector: Collector) -> Node | None:
    """The tree of the expression in `source`, or None when it has none, which is then reported."""
    try:
        return _Parser(source.text).parse()
    except _Fault as fault:
        span = source.span_of(fault.start, fault.end)
        cut = source.cut and fault.end == len(source.text)
        collector.add(fault.rule, span, {**fault.params, "advice": mistakes.CUT} if cut else fault.params)
        return None


def time_advice(text: str) -> str:
    """How to write the point in time that `text` seems to mean."""
    return f'a point in time is written `{TIME}("{complete_timestamp(text)}")`'


def _syntax(problem: str, advice: str, start: int, end: int) -> NoReturn:
    raise _Fault(codes.SYNTAX, start, end, problem=problem, advice=advice)


def _mistaken(found: Mistake | None) -> None:
    """Raises the fault for what is known to be a mistake."""
    if found is not None:
        _syntax(found.problem, found.advice, found.start, found.end)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        if date := _DATE.match(text, position):
            _syntax(f"`{date.group()}` is not a number", time_advice(date.group()), position, date.end())
        match = _TOKEN.match(text, position)
        if match is None:
            _explain_character(text, position)
        kind = match.lastgroup or ""
        if kind != "space":
            yield _Token(kind, match.group(), position, match.end())
        position = match.end()
    yield _Token("end", "", len(text), len(text))


def _word_around(text: str, position: int) -> re.Match[str] | None:
    """The word that goes on at the position, such as `när` at its second letter; its end may well be another word."""
    start = position
    while text[position].isalnum() and start and (text[start - 1].isalnum() or text[start - 1] in "_."):
        start -= 1
    return _WORD.match(text, start) if start < position else None


def _explain_character(text: str, position: int) -> NoReturn:
    """Raises the fault for a character that begins no token."""
    char = text[position]
    if char in "\"'":
        _syntax(f"the text that begins with {char} is not closed", f"close it with {char}", position, len(text))
    if char.isdigit():
        number = re.compile(r"[\w.]+").match(text, position)
        end = number.end() if number else position + 1
        _syntax(f"`{text[position:end][:40]}` is not a number", "numbers are written like 11 or 0.5", position, end)
    word = _word_around(text, position)
    if word is None:
        _mistaken(mistakes.sign_at(text, position) or mistakes.operator_at(text, position))
    elif (said := mistakes.before_value(word[0])) is not None:
        _syntax(*said, word.start(), word.end())
    _syntax(
        f"the character `{char}` has no meaning here" if char.isprintable() else "this character has no meaning here",
        "names are written with the letters a to z, digits and _; a text stands in quotes",
        position,
        position + 1,
    )


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._nodes = 0

    def parse(self) -> Node:
        """expression = or, end"""
        size = len(self._text.encode("utf-8", "surrogatepass"))
        if size > MAX_BYTES:
            raise _Fault(codes.TOO_LONG, 0, len(self._text), size=size, limit=MAX_BYTES)
        if not self._text.strip():
            _syntax("the expression is empty", "", 0, len(self._text))
        self._stream = _tokens(self._text)
        self._token = next(self._stream)
        self._before: _Token | None = None
        node = self._or()
        if self._token.kind != "end":
            self._unexpected(f"`{self._token.text}` can't follow here", _SEVERAL if self._at(",") else _JOIN)
        self._check_depth(node)
        return node

    # -- tokens

    def _advance(self) -> _Token:
        token = self._before = self._token
        self._token = next(self._stream, token)
        return token

    def _at(self, *texts: str) -> bool:
        return self._token.kind in ("operator", "name") and self._token.text in texts

    def _expect(self, text: str, opened: _Token) -> _Token:
        if not self._at(text):
            if self._token.kind == "end":
                _syntax(f"`{opened.text}` is not closed", f"close it with `{text}`", opened.start, opened.end)
            several = self._at(",") and opened.text == "(" and text == ")"
            self._unexpected(f"`{self._token.text}` can't follow here", _SEVERAL if several else f"expected `{text}`")
        return self._advance()

    def _unexpected(self, problem: str, advice: str) -> NoReturn:
        token, before = self._token, self._before
        if before is not None:
            self._misled(before, token)
        if token.kind == "name" and token.text in mistakes.NO_NAMES:
            problem, advice = mistakes.NO_NAMES[token.text]
        _syntax(problem, advice, token.start, token.end)

    def _misled(self, before: _Token, token: _Token) -> None:
        """Raises the fault where the token before, or the two together, are known for a mistake."""
        if before.kind == "number":
            _mistaken(mistakes.number_at(self._text, before.start))
        if before.kind == "name" and token.kind in ("name", "string", "number"):
            said = mistakes.before_value(before.text)
            if said is not None:
                _syntax(*said, before.start, before.end)
        if before.text in OFFERED and token.kind in ("name", "string", "number"):
            advice = f"a function has its values in parentheses: {OFFERED[before.text].signature}"
            _syntax(f"`{token.text}` can't follow `{before.text}`", advice, token.start, token.end)
        if token.text in COMPARISONS and before.text in ("and", "or", "not", "("):
            advice = "each comparison has two sides: write once more what is compared"
            _syntax(f"nothing stands before `{token.text}`", advice, token.start, token.end)
        if token.kind != "name":
            return
        if before.kind in ("name", "number", "string") or before.text in (")", "]"):
            _mistaken(mistakes.operator_at(self._text, token.start))
        if before.kind == "number":
            advice = "a number stands alone, without a unit; `and` or `or` joins two conditions"
            _syntax(f"`{token.text}` can't follow a number", advice, token.start, token.end)
        if before.kind == "name" and "." in before.text and "." not in token.text:
            advice = f"a name has no spaces in it: `{before.text}_{token.text}`; `and` or `or` joins two conditions"
            _syntax(f"`{token.text}` can't follow here", advice, token.start, token.end)

    # -- bounds

    def _made(self, node: Node) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _Fault(codes.TOO_MANY_PARTS, node.start, node.end, limit=MAX_NODES)
        return node

    def _nested(self, rule: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Fault(codes.TOO_DEEP, self._token.start, self._token.end, limit=MAX_DEPTH)
        node = rule()
        self._depth -= 1
        return node

    @staticmethod
    def _check_depth(root: Node) -> None:
        # Chains such as 1 + 1 + … are parsed by a loop but make a deep tree.
        level: list[Node] = [root]
        for _ in range(MAX_DEPTH):
            level = [child for node in level for child in children(node)]
            if not level:
                return
        raise _Fault(codes.TOO_DEEP, level[0].start, level[0].end, limit=MAX_DEPTH)

    # -- grammar

    def _or(self) -> Node:
        """or = and, {"or", and}"""
        operands = [self._and()]
        while self._at("or"):
            self._advance()
            operands.append(self._and())
        if len(operands) == 1:
            return operands[0]
        return self._made(Or(tuple(operands), start=operands[0].start, end=operands[-1].end))

    def _and(self) -> Node:
        """and = not, {"and", not}"""
        operands = [self._not()]
        while self._at("and"):
            self._advance()
            operands.append(self._not())
        if len(operands) == 1:
            return operands[0]
        return self._made(And(tuple(operands), start=operands[0].start, end=operands[-1].end))

    def _not(self) -> Node:
        """not = "not", not | comparison"""
        if not self._at("not"):
            return self._comparison()
        start = self._advance().start
        operand = self._nested(self._not)
        return self._made(Not(operand, start=start, end=operand.end))

    def _comparison(self) -> Node:
        """comparison = sum, {("==" | "!=" | "<" | "<=" | ">" | ">="), sum} | sum, ["not"], "in", sum"""
        first = self._sum()
        if self._at("in", "not"):
            return self._membership(first)
        operands, operators = [first], list[ComparisonOperator]()
        while self._at(*COMPARISONS):
            operators.append(cast(ComparisonOperator, self._advance().text))
            operands.append(self._sum())
        if not operators:
            return first
        if self._at("in", "not"):
            self._unexpected("`in` can't be part of a chain of comparisons", "put parentheses around one of the two")
        return self._made(Comparison(tuple(operands), tuple(operators), start=first.start, end=operands[-1].end))

    def _membership(self, item: Node) -> Node:
        negated = self._at("not")
        if negated:
            self._advance()
            if not self._at("in"):
                self._unexpected("`not` can't follow a value", "write `not in`, or put `and` or `or` before it")
        self._advance()
        container = self._sum()
        if self._at("in", "not", *COMPARISONS):
            self._unexpected("`in` can't be part of a chain of comparisons", "put parentheses around one of the two")
        return self._made(Membership(item, container, negated, start=item.start, end=container.end))

    def _sum(self) -> Node:
        """sum = term, {("+" | "-"), term}"""
        return self._left_to_right(self._term, "+", "-")

    def _term(self) -> Node:
        """term = factor, {("*" | "/"), factor}"""
        return self._left_to_right(self._factor, "*", "/")

    def _left_to_right(self, operand: Callable[[], Node], *operators: str) -> Node:
        left = operand()
        while self._at(*operators):
            operator = cast(ArithmeticOperator, self._advance().text)
            right = operand()
            left = self._made(Arithmetic(operator, left, right, start=left.start, end=right.end))
        return left

    def _factor(self) -> Node:
        """factor = "-", factor | atom"""
        if not self._at("-"):
            return self._atom()
        start = self._advance().start
        operand = self._nested(self._factor)
        return self._made(Negative(operand, start=start, end=operand.end))

    def _atom(self) -> Node:  # noqa: RET503 - the other two ways out raise
        """atom = number | string | "true" | "false" | path | call | "(", or, ")" | list"""
        token = self._token
        match token.kind:
            case "number" | "string":
                return self._made(self._constant())
            case "name" if token.text not in _KEYWORDS and token.text not in mistakes.NO_NAMES:
                return self._name()
            case "operator" if token.text == "(":
                self._advance()
                node = self._nested(self._or)
                self._expect(")", token)
                return node
            case "operator" if token.text == "[":
                return self._nested(self._list)
            case "end":
                before = self._text.rstrip()
                start = len(before) - len(before.rsplit(maxsplit=1)[-1]) if before else 0
                problem = f"the expression ends after `{before[start:][-40:]}`, and something must follow"
                _syntax(problem, "write what follows, or take that away", start, len(before))
            case _:
                self._unexpected(f"`{token.text}` can't stand here", "expected a field, a value or a call")

    def _constant(self) -> Constant:
        """number = digits, [".", digits]; string in single or double quotes; "true" | "false" """
        token = self._advance()
        match token.kind:
            case "number":
                return Constant(_number(token), start=token.start, end=token.end)
            case "string":
                if self._token.kind == "string":
                    self._unexpected("a text can't follow a text", "put a comma or an operator between the two")
                return Constant(_unquote(token), start=token.start, end=token.end)
            case "name" if token.text in _BOOLEANS:
                return Constant(_BOOLEANS[token.text], start=token.start, end=token.end)
        advice = "a list holds texts and numbers"
        if token.kind == "name" and "." not in token.text:
            advice += f'; a text stands in quotes: "{token.text}"'
        _syntax(f"`{token.text}` can't stand in a list", advice, token.start, token.end)

    def _name(self) -> Node:
        """path = name, {".", name}; a path that begins with params. or lists. names one of those; call = name, "(" …"""
        if self._token.text in _BOOLEANS:
            return self._made(self._constant())
        token = self._advance()
        where = {"start": token.start, "end": token.end}
        if self._at("("):
            if (said := mistakes.before_value(token.text) or mistakes.no_call(token.text)) is not None:
                _syntax(*said, token.start, token.end)
            return self._nested(lambda: self._call(token))
        if self._at("["):
            self._unexpected("an element can't be picked out of a value", "`x in list` looks something up in a list")
        head, _, rest = token.text.partition(".")
        if rest and head == "params":
            return self._made(Parameter(rest, **where))
        if rest and head == "lists":
            return self._made(ListReference(rest, **where))
        return self._made(Path(token.text, **where))

    def _call(self, name: _Token) -> Node:
        """call = name, "(", [or, {",", or}, [","]], ")"; time = "time", "(", string, ")" """
        opened = self._advance()
        arguments: list[Node] = []
        while not self._at(")"):
            arguments.append(self._or())
            if not self._at(","):
                break
            self._advance()
        closed = self._expect(")", opened)
        where = {"start": name.start, "end": closed.end}
        given = arguments[0] if name.text == TIME and len(arguments) == 1 else None
        if isinstance(given, Constant) and isinstance(given.value, str):
            try:
                return self._made(Constant(parse_timestamp(given.value), **where))
            except ValueError:
                pass  # the checker says what is wrong with it, beside what else is wrong
        return self._made(Call(name.text, tuple(arguments), **where))

    def _list(self) -> Node:
        """list = "[", [constant, {",", constant}, [","]], "]"; a constant may be a number with a minus sign"""
        opened = self._advance()
        items: list[Constant] = []
        while not self._at("]"):
            items.append(self._list_item())
            self._made(items[-1])
            if not self._at(","):
                break
            self._advance()
        closed = self._expect("]", opened)
        _mistaken(mistakes.decimals_in(self._text, opened.end, closed.start))
        return self._made(ListLiteral(tuple(items), start=opened.start, end=closed.end))

    def _list_item(self) -> Constant:
        minus = self._advance() if self._at("-") else None
        if self._token.kind == "end":
            _syntax("a list is not closed", "close it with `]`", self._token.start - 1, self._token.start)
        item = self._constant()
        if minus is None:
            return item
        if isinstance(item.value, bool | str | datetime):
            _syntax("a minus sign stands before a number only", "", minus.start, item.end)
        return Constant(-item.value, start=minus.start, end=item.end)


def _number(token: _Token) -> int | float:
    whole, point, _ = token.text.partition(".")
    if len(whole) > 1 and whole[0] == "0":
        _syntax(f"`{token.text[:40]}` begins with 0", "leave the zeros out, or quote it", token.start, token.end)
    if len(whole) > len(str(LARGEST_NUMBER)) or int(whole) > LARGEST_NUMBER:
        _syntax(f"`{token.text[:40]}` is too large a number", "numbers go up to 2^53", token.start, token.end)
    return float(token.text) if point else int(whole)


def _unquote(token: _Token) -> str:
    def replace(match: re.Match[str]) -> str:
        digits, char = match.groups()
        if digits is not None:
            if 0xD800 <= int(digits, 16) <= 0xDFFF:
                start = token.start + 1 + match.start()
                _syntax(f"`{match.group()}` is half a character", "write the character itself", start, start + 6)
            return chr(int(digits, 16))
        if char not in _SIMPLE_ESCAPES:
            start = token.start + 1 + match.start()
            _syntax(
                f"`\\{char}` has no meaning in a text",
                "write `\\\\` for a backslash",
                start,
                start + len(match.group()),
            )
        return _SIMPLE_ESCAPES[char]

    return _ESCAPE.sub(replace, token.text[1:-1])


# -- nodes to text

_OR, _AND, _NOT, _COMPARISON, _SUM, _TERM, _FACTOR, _ATOM = range(8)


def unparse(node: Node) -> str:
    """The canonical text of `node`: `parse(unparse(node)) == node` for every tree that the parser makes."""
    return _print(node)[0]


def _print(node: Node) -> tuple[str, int]:  # noqa: C901 - one match over the node classes
    def within(operand: Node, least: int) -> str:
        text, level = _print(operand)
        return text if level >= least else f"({text})"

    match node:
        case Constant(value):
            negative = isinstance(value, int | float) and not isinstance(value, bool) and value < 0
            return _print_constant(value), _FACTOR if negative else _ATOM
        case ListLiteral(items):
            return f"[{', '.join(_print_constant(item.value) for item in items)}]", _ATOM
        case Path(name):
            return name, _ATOM
        case Parameter(name):
            return f"params.{name}", _ATOM
        case ListReference(name):
            return f"lists.{name}", _ATOM
        case Not(operand):
            return f"not {within(operand, _NOT)}", _NOT
        case And(operands):
            return " and ".join(within(operand, _NOT) for operand in operands), _AND
        case Or(operands):
            return " or ".join(within(operand, _AND) for operand in operands), _OR
        case Comparison(operands, operators):
            pairs = zip(operators, operands[1:], strict=True)
            rest = "".join(f" {operator} {within(operand, _SUM)}" for operator, operand in pairs)
            return within(operands[0], _SUM) + rest, _COMPARISON
        case Membership(item, container, negated):
            word = "not in" if negated else "in"
            return f"{within(item, _SUM)} {word} {within(container, _SUM)}", _COMPARISON
        case Arithmetic(operator, left, right):
            level = _SUM if operator in "+-" else _TERM
            return f"{within(left, level)} {operator} {within(right, level + 1)}", level
        case Negative(operand):
            return f"-{within(operand, _FACTOR)}", _FACTOR
        case Call(function, arguments):
            return f"{function}({', '.join(_print(argument)[0] for argument in arguments)})", _ATOM


def _print_constant(value: bool | int | float | str | datetime) -> str:
    match value:
        case datetime():
            return f'{TIME}("{write_timestamp(value)}")'
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{"".join(map(_print_character, value))}"'
        case float():
            text = format(Decimal(repr(value)), "f")  # the grammar has no exponents
            return text if "." in text else f"{text}.0"
        case int():
            return str(value)


def _print_character(char: str) -> str:
    escape = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}.get(char)
    if escape is not None:
        return escape
    return char if char.isprintable() or ord(char) > 0xFFFF else f"\\u{ord(char):04x}"
