"""The grammar: what is read, what is printed, what is refused and where."""

from __future__ import annotations

import ast
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendable.diagnostics.record import Collector
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
)
from sendable.language.parser import parse, unparse
from sendable.language.timestamps import write_timestamp
from tests.support.expressions import conditions
from tests.support.helpers import embedded, parsed


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("contact.email", Path("contact.email")),
        ("params.limit", Parameter("limit")),
        ("lists.roles", ListReference("roles")),
        ("params", Path("params")),
        ("true", Constant(True)),
        ("False", Constant(False)),
        ("'å\\u00e4\\'\"'", Constant("åä'\"")),
        ("-1", Negative(Constant(1))),
        ("a or b and not c", Or((Path("a"), And((Path("b"), Not(Path("c"))))))),
        ("not a == b", Not(Comparison((Path("a"), Path("b")), ("==",)))),
        ("1 < a <= 3", Comparison((Constant(1), Path("a"), Constant(3)), ("<", "<="))),
        ("a not in [1, -2,]", Membership(Path("a"), ListLiteral((Constant(1), Constant(-2))), negated=True)),
        ("a - b - c", Arithmetic("-", Arithmetic("-", Path("a"), Path("b")), Path("c"))),
        ("a + b * c", Arithmetic("+", Path("a"), Arithmetic("*", Path("b"), Path("c")))),
        ("f(a, g())", Call("f", (Path("a"), Call("g", ())))),
        ("a\n  and\tb", And((Path("a"), Path("b")))),
    ],
)
def test_reads(text: str, tree: Node) -> None:
    assert parsed(text) == tree


@pytest.mark.parametrize(
    ("text", "column", "width", "code", "message"),
    [
        ("", 1, 0, "SND301", "the expression is empty"),
        ("a = 1", 3, 1, "SND301", "`=` does not compare"),
        ("a := 1", 3, 2, "SND301", "a condition can't assign a value"),
        ("a; b", 2, 1, "SND301", "a condition is one expression, and `;` begins another"),
        ("a b", 3, 1, "SND301", "`b` can't follow here"),
        ("a and", 3, 3, "SND301", "the expression ends after `and`, and something must follow"),
        ("a && b", 3, 2, "SND301", "`&&` is not an operator here"),
        ("(a", 1, 1, "SND301", "`(` is not closed"),
        ("a)", 2, 1, "SND301", "`)` can't follow here"),
        ("'a", 1, 2, "SND301", "the text that begins with ' is not closed"),
        ("'a' 'b'", 5, 3, "SND301", "a text can't follow a text"),
        ("'\\q'", 2, 2, "SND301", "`\\q` has no meaning in a text"),
        ("a == None", 6, 4, "SND301", "there is no empty value"),
        ("a is b", 3, 2, "SND301", "`is` is not an operator here"),
        ("a if b else c", 3, 2, "SND301", "a condition has no branches"),
        ("lambda: 1", 1, 6, "SND301", "a condition can't define a function"),
        ("a[0]", 2, 1, "SND301", "an element can't be picked out of a value"),
        ("f(*a)", 3, 1, "SND301", "`*` can't stand here"),
        ("f(x=1)", 4, 1, "SND301", "`=` does not compare"),
        ("f'{a}'", 2, 5, "SND301", "`'{a}'` can't follow here"),
        ("[x for x in y]", 2, 1, "SND301", "`x` can't stand in a list"),
        ("a ** b", 3, 2, "SND301", "`**` is not an operator here"),
        ("1_000", 1, 5, "SND301", "`1_000` is not a number"),
        ("0x10", 1, 4, "SND301", "`0x10` is not a number"),
        ("007", 1, 3, "SND301", "`007` begins with 0"),
        ("now > 2027-01-31", 7, 10, "SND301", "`2027-01-31` is not a number"),
        ("now > 2027-11-23T09:00+01:00 or a", 7, 22, "SND301", "`2027-11-23T09:00+01:00` is not a number"),
        ('now in [time("2027-01-31T00:00:00Z")]', 9, 4, "SND301", "`time` can't stand in a list"),
        ("9007199254740993", 1, 16, "SND301", "`9007199254740993` is too large a number"),
        ("a in b in c", 8, 2, "SND301", "`in` can't be part of a chain of comparisons"),
        ("a # b", 3, 1, "SND301", "a comment can't stand inside a condition"),
        ("“a”", 1, 1, "SND301", "curly quotes don't mark a text here"),
        ("kontakt.förnamn", 10, 1, "SND301", "the character `ö` has no meaning here"),
        ("a.__class__", 1, 11, "", ""),  # a path like any other: it is not declared, so the checker refuses it
        (" or ".join(["a"] * 10_000), 1, 49_996, "SND302", "the expression has 49996 bytes, and at most 4096 are read"),
        ("f(" + ",".join("1" * 600) + ")", 1003, 1, "SND303", "the expression has more than 500 parts"),
        ("(" * 1000 + "a" + ")" * 1000, 52, 1, "SND304", "the expression is nested deeper than 50 levels"),
        ("not " * 1000 + "a", 205, 3, "SND304", "the expression is nested deeper than 50 levels"),
        ("-" * 4000 + "1", 52, 1, "SND304", "the expression is nested deeper than 50 levels"),
        ("[" * 4000, 2, 1, "SND301", "`[` can't stand in a list"),
        ("f(" * 1000, 102, 1, "SND304", "the expression is nested deeper than 50 levels"),
        ("1" + "+1" * 60, 1, 21, "SND304", "the expression is nested deeper than 50 levels"),
    ],
)
def test_refuses(text: str, column: int, width: int, code: str, message: str) -> None:
    collector = Collector()
    node = parse(embedded(text), collector)
    found = collector.sorted()
    if not code:
        assert node is not None
        assert not found
        return
    assert node is None
    assert [(one.code, one.message) for one in found] == [(code, message)]
    assert (found[0].span.start.column, found[0].span.end.column) == (column, column + width)


@given(conditions)
def test_printing_and_parsing_are_inverse(tree: Node) -> None:
    text = unparse(tree)
    assert parsed(text) == tree
    assert unparse(parsed(text)) == text


@given(conditions)
def test_the_grammar_is_a_subset_of_pythons(tree: Node) -> None:
    text = unparse(tree)
    python = ast.parse(text, mode="eval").body
    assert ast.dump(python) == ast.dump(_as_python(tree))


@given(st.text())
def test_any_text_is_read_or_refused_and_never_raises(text: str) -> None:
    collector = Collector()
    node = parse(embedded(text), collector)
    assert (node is None) is collector.has_errors


TOKENS = "a.b ( ) [ ] not and or in == < - + * 1 0.5 'x' , true f"


@given(st.lists(st.sampled_from(TOKENS.split()), max_size=30))
def test_any_row_of_tokens_is_read_as_python_reads_it_or_refused(tokens: list[str]) -> None:
    text = " ".join(tokens)
    collector = Collector()
    node = parse(embedded(text), collector)
    if node is not None:
        assert ast.dump(ast.parse(text, mode="eval").body) == ast.dump(_as_python(node))


def _as_python(node: Node) -> ast.expr:  # noqa: C901 - one match over the node classes
    """The tree that Python's own parser makes of the same text."""
    load = ast.Load()
    match node:
        case Constant(bool(value)):
            return ast.Name("true" if value else "false", load)
        case Constant(int(value) | float(value)) if value < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        case Constant(value):
            if isinstance(value, datetime):
                return ast.Call(ast.Name("time", load), [ast.Constant(write_timestamp(value))], [])
            return ast.Constant(value)
        case ListLiteral(items):
            return ast.List([_as_python(item) for item in items], load)
        case Path(name):
            return _dotted(name)
        case Parameter(name):
            return _dotted(f"params.{name}")
        case ListReference(name):
            return _dotted(f"lists.{name}")
        case Not(operand):
            return ast.UnaryOp(ast.Not(), _as_python(operand))
        case Negative(operand):
            return ast.UnaryOp(ast.USub(), _as_python(operand))
        case And(operands):
            return ast.BoolOp(ast.And(), [_as_python(one) for one in operands])
        case Or(operands):
            return ast.BoolOp(ast.Or(), [_as_python(one) for one in operands])
        case Comparison(operands, operators):
            signs = {"==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
            first, *rest = (_as_python(one) for one in operands)
            return ast.Compare(first, [signs[operator]() for operator in operators], rest)
        case Membership(item, container, negated):
            return ast.Compare(_as_python(item), [ast.NotIn() if negated else ast.In()], [_as_python(container)])
        case Arithmetic(operator, left, right):
            signs_2 = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
            return ast.BinOp(_as_python(left), signs_2[operator](), _as_python(right))
        case Call(function, arguments):
            return ast.Call(_dotted(function), [_as_python(one) for one in arguments], [])


def _dotted(name: str) -> ast.expr:
    head, *rest = name.split(".")
    tree: ast.expr = ast.Name(head, ast.Load())
    for part in rest:
        tree = ast.Attribute(tree, part, ast.Load())
    return tree


# A search that begins anew at each letter of a word takes about a hundred times as long; what is told takes the same.
@pytest.mark.parametrize("behind", ["and", "and contact.id is null"])
def test_a_long_word_is_read_no_slower_than_short_ones(behind: str) -> None:
    def seconds(words: str) -> float:
        text = f'contact.id == "{words}" {behind}'
        began = time.process_time()
        for _ in range(3):
            assert parse(embedded(text), Collector()) is None
        return time.process_time() - began

    long, short = (min(seconds(words) for _ in range(3)) for words in ("a" * 3_900, "a " * 1_950))
    assert long < 8 * short
