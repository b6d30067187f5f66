"""Reading the strict subset of YAML: values, places, and every rule with its exact words."""

from __future__ import annotations

import math
import os
import pathlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sendable.diagnostics import codes
from sendable.diagnostics.places import Position, Source, Span
from sendable.diagnostics.record import Collector
from sendable.documents import elements, parse
from sendable.documents.elements import Array, Element, Map, Scalar, at, key_at, plain
from sendable.documents.parse import LOADER, MOST_CHARACTERS_REPORTED, decode, parse_document, read_source

if TYPE_CHECKING:
    from sendable.diagnostics.places import Embedded

FILE = "pack.yaml"


def read(text: str) -> Element:
    """The element of a text that has no errors."""
    collector = Collector()
    element = parse_document(Source(FILE, text), collector)
    assert collector.sorted() == ()
    assert element is not None
    return element


def problems(text: str) -> list[str]:
    """What is reported for a text."""
    collector = Collector()
    element = parse_document(Source(FILE, text), collector)
    assert element is not None or collector.has_errors
    return [str(found) for found in collector.sorted()]


def scalar_at(text: str, *path: str | int) -> Scalar:
    element = at(read(text), path)
    assert isinstance(element, Scalar)
    return element


def spans(text: str) -> list[tuple[int, int, int, int]]:
    collector = Collector()
    parse_document(Source(FILE, text), collector)
    return [edges(found.span) for found in collector.sorted()]


def edges(span: Span) -> tuple[int, int, int, int]:
    return span.start.line, span.start.column, span.end.line, span.end.column


# Values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("tRUE", "tRUE"),
        ("0", 0), ("-12", -12), ("+7", 7), ("010", 10), ("0o17", 15), ("0xfF", 255), ("-0x1", "-0x1"), ("0o8", "0o8"),
        ("0b1", "0b1"), ("1_000", "1_000"), ("22:22", "22:22"), ("2024-01-31", "2024-01-31"), ("1.2.3", "1.2.3"),
        ("1.5", 1.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("1.5E-1", 0.15), (".", "."),
        ("-", None), ("e3", "e3"),
        (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf), (".iNF", ".iNF"), ("inf", "inf"), ("nan", "nan"),
        ("'1'", "1"), ('"true"', "true"), ("''", ""), ("'~'", "~"), ("å", "å"), ("=", "="), ("+", "+"), ("٣", "٣"),
        ("9" * 4300, int("9" * 4300)),
    ],
)  # fmt: skip
def test_scalars_resolve_by_the_core_schema(written: str, value: object) -> None:
    got = plain(read(f"- {written}\n"))
    expected = [[None]] if written == "-" else [value]
    assert got == expected
    assert isinstance(got, list)
    assert type(got[0]) is type(expected[0])


def test_nan_is_a_number() -> None:
    items = plain(read("[.nan, .NaN, .NAN]"))
    assert isinstance(items, list)
    assert all(isinstance(item, float) and math.isnan(item) for item in items)


def test_block_scalars_are_strings() -> None:
    assert plain(read("a: |-\n  1\nb: >-\n  true\n")) == {"a": "1", "b": "true"}


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_an_empty_document_is_null_at_the_start(text: str) -> None:
    element = read(text)
    assert plain(element) is None
    if "---" not in text:
        assert edges(element.span) == (1, 1, 1, 1)
        assert isinstance(element, Scalar)
        assert element.embedded().span_of(0, 0) == element.span


def test_values_of_a_nested_document() -> None:
    element = read("a:\n- b: [1, {c: d}]\n  'e': ~\n")
    assert plain(element) == {"a": [{"b": [1, {"c": "d"}], "e": None}]}


# Places of elements


def test_spans_of_elements() -> None:
    text = "# c\nå:\n  - 'ö 😀'  # c\n  -\n  - {x: 1}\n\nb: >\n   one\n   two\n\n\nc: [1,\n  2]\n"
    root = read(text)
    place = {
        (): (2, 1, 13, 5), ("å",): (3, 3, 5, 11), ("å", 0): (3, 5, 3, 10), ("å", 1): (4, 4, 4, 4),
        ("å", 2): (5, 5, 5, 11), ("å", 2, "x"): (5, 9, 5, 10), ("b",): (7, 4, 9, 7), ("c",): (12, 4, 13, 5),
        ("c", 1): (13, 3, 13, 4),
    }  # fmt: skip
    assert {path: edges(at(root, path).span) for path in place} == place
    assert root.span.file == FILE


def test_heads_are_short_places() -> None:
    root = read("a:\n  b:\n    - c\n  d: {}\n  e: {f: 1}\n")
    heads = {path: at(root, path) for path in [(), ("a",), ("a", "b"), ("a", "d"), ("a", "e")]}
    assert [edges(element.head) for element in heads.values() if not isinstance(element, Scalar)] == [
        (1, 1, 1, 2), (2, 3, 2, 4), (3, 5, 3, 6), (4, 6, 4, 8), (5, 7, 5, 8),
    ]  # fmt: skip


def test_paths_lead_to_elements_and_keys() -> None:
    root = read("a: [x, {b: c}]\n")
    assert plain(at(root, ["a", 1, "b"])) == "c"
    assert at(root, []) is root
    assert plain(at(root, ["a", 7, "b"])) == ["x", {"b": "c"}]
    key = key_at(root, ["a", 1, "b"])
    assert key is not None
    assert edges(key.span) == (1, 9, 1, 10)
    assert key_at(root, ["a", 1]) is None
    assert key_at(root, ["z"]) is None
    assert key_at(root, []) is None


def test_maps_are_looked_up_by_key() -> None:
    root = read("a: 1\nb: 2\n")
    assert isinstance(root, Map)
    assert plain(root.get("b") or root) == 2
    assert root.get("c") is None
    entry = root.entry("a")
    assert entry is not None
    assert (entry.name, entry.key.span.start) == ("a", Position(1, 1))


# Places inside scalars


def places(embedded: Embedded) -> str:
    return " ".join(f"{place.line}:{place.column}" for place in embedded.places())


@pytest.mark.parametrize(
    ("text", "value", "where"),
    [
        ("å: b😀c", "b😀c", "1:4 1:5 1:6 1:7"),
        ("å: a  b  \n \n  c # d", "a  b\nc", "1:4 1:5 1:6 1:7 2:2 3:3 3:4"),
        ("å: a \n  b", "a b", "1:4 1:5 2:3 2:4"),
        ("å: 'a''b'", "a'b", "1:5 1:6 1:8 1:9"),
        ("å: 'a \r\n  b '", "a b ", "1:5 1:6 2:3 2:4 2:5"),
        ("å: ''", "", "1:5"),
        (r'å: "\u00e5\x41\U0001F600\n\"b"', 'åA😀\n"b', "1:5 1:11 1:15 1:25 1:27 1:29 1:30"),
        ('å: "a\\\n   b\\ \n   c"', "ab  c", "1:5 2:4 2:5 2:7 3:4 3:5"),
        ('å: "a\n\n\n b"', "a\n\nb", "1:5 2:1 3:1 4:2 4:3"),
        ('å: "a\\\n\n b"', "a\nb", "1:5 2:1 3:2 3:3"),
        ("å: |\n   a\n    b\n\nc: 1", "a\n b\n", "2:4 2:5 3:4 3:5 3:6 3:6"),
        ("å: |1-\n   a", "  a", "2:2 2:3 2:4 2:5"),
        ("å: |+ # c\n a\n\n\n", "a\n\n\n", "2:2 2:3 3:1 4:1 4:1"),
        ("å: >-\r\n  a\r\n  b\r\n\r\n  c\r\n", "a b\nc", "2:3 2:4 3:3 4:1 5:3 5:4"),
        ("å: >\n  a\n   b\n  c\n", "a\n b\nc\n", "2:3 2:4 3:3 3:4 3:5 4:3 4:4 4:4"),
        ("å: >\n\n  a\n\n\n   b\n", "\na\n\n\n b\n", "2:1 3:3 3:4 4:1 5:1 6:3 6:4 6:5 6:5"),
        ("å:\n  - >2\n        a\n      b\n", None, None),
        ("å: |\n\n", "", "1:4"),
        ("å: |+\n\n", "\n", "2:1 2:1"),
        ("å: |-\n  a\tb", "a\tb", "2:3 2:4 2:5 2:6"),
        ("å: 0x1F", "0x1F", "1:4 1:5 1:6 1:7 1:8"),
        ("å:", "", "1:3"),
    ],
)
def test_every_character_has_its_place(text: str, value: str | None, where: str | None) -> None:
    if value is None:
        embedded = scalar_at(text, "å", 0).embedded()
        assert embedded.text == "    a\n  b\n"
        assert embedded.places()[embedded.text.index("a")] == Position(3, 9)
        assert embedded.places()[embedded.text.index("b")] == Position(4, 7)
        return
    embedded = scalar_at(text, "å").embedded()
    assert embedded.text == value
    assert places(embedded) == where


def test_spans_inside_scalars() -> None:
    embedded = scalar_at('a: "x \\u00e5\\\n  y"', "a").embedded()
    assert embedded.text == "x åy"
    assert edges(embedded.span_of(0, 1)) == (1, 5, 1, 6)
    assert edges(embedded.span_of(0, 4)) == (1, 5, 2, 4)
    assert edges(embedded.span_of(4, 4)) == (2, 4, 2, 4)
    assert edges(embedded.span_of(-3, 99)) == (1, 5, 2, 4)
    assert edges(scalar_at('a: "\\u00e5b"', "a").embedded().span_of(0, 1)) == (1, 5, 1, 11)
    assert edges(scalar_at("a: >-\n  b\n  c", "a").embedded().span_of(0, 1)) == (2, 3, 2, 4)


def test_places_fall_back_to_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    scalar = scalar_at("a: 'b c'", "a")
    monkeypatch.setattr(elements, "_scan_flow", lambda *_: (["?"], [0, 1]))
    assert set(scalar.embedded().places()) == {Position(1, 4)}
    assert len(scalar.embedded().places()) == 4


TEXTS = st.lists(st.sampled_from([*"ab xåö😀'\"#,[]{}&*!|>@`%?-~\\", ": ", " #", "\n", "\n", "  "]), max_size=40).map(
    "".join
)


def styled(value: str, style: str, indent: int, columns: int) -> str | None:
    """The value in one of the five styles, or None where the style can't hold it."""
    pad = " " * indent
    lines = value.split("\n")
    match style:
        case "|":
            body = "".join(f"{pad}{line}\n" if line else "\n" for line in lines[:-1])
            body += f"{pad}{lines[-1]}" if lines[-1] else ""
            return f"|{indent}+\n{body}"
        case ">":
            if any(line[:1] in (" ", "\t") for line in lines) or value.startswith("\n") or not value.strip("\n"):
                return None
            return f">{indent}-\n{pad}" + f"\n\n{pad}".join(lines) if "\n\n" not in value and lines[-1] else None
        case "'":
            if any(line != line.strip(" ") for line in lines):
                return None
            return "'" + f"\n\n{pad}".join(lines).replace("'", "''") + "'" if "\n\n" not in value else None
        case '"':
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("ö", "\\u00f6")
            at = columns % (len(escaped) + 1)
            before, after = escaped[:at], escaped[at:]
            whole = not before.endswith("\\") and "\\" not in before[-6:] and not after.startswith(" ")
            return f'"{before}\\\n{pad}{after}"' if whole else f'"{escaped}"'
        case _:
            words = value.split()
            return f"\n{pad}".join([" ".join(words[:2]), *words[2:]])


@given(TEXTS, st.sampled_from(["", "'", '"', "|", ">"]), st.integers(1, 6), st.integers(0, 50), st.booleans())
def test_places_agree_with_the_file(value: str, style: str, indent: int, columns: int, crlf: bool) -> None:
    written = styled(value, style, indent, columns)
    if written is None:
        return
    text = f"å😀: {written}"
    if crlf:
        text = text.replace("\n", "\r\n")
    source = Source(FILE, text)
    root = parse_document(source, Collector())
    if not isinstance(root, Map) or not isinstance(scalar := root.get("å😀"), Scalar):
        assert style == "", "only a plain scalar may be something else"
        return
    if style:
        assert scalar.text == value
    embedded = scalar.embedded()
    got = embedded.places()
    assert len(got) == len(scalar.text) + 1
    assert list(got) == sorted(got)
    agreeing = 0
    for char, place in zip(scalar.text, got, strict=False):
        line = source.lines[place.line - 1]
        there = line[place.column - 1 : place.column]
        if char == there:
            agreeing += 1
        else:
            assert there == "\\" or (char in " \n" and there in ("", " "))
    assert agreeing >= sum(char not in ' \n\\"ö' for char in scalar.text)
    assert embedded.span.start <= got[0]
    visible = [place for char, place in zip(scalar.text, got, strict=False) if not char.isspace()]
    assert all(place < embedded.span.end for place in visible)


SNIPPETS = st.lists(
    st.sampled_from(
        ["a", "å", ": ", ":", "- ", "\n", "\n  ", "\n\t", "[", "]", "{", "}", ", ", "'", '"', "\\",
        "\\u00", "|", ">", "-",
         "&x ", "*x ", "!t ", "!<", "%Y ", "---", "...", "? ", "#", " #", "<<", "1", "\r", "\0",
         "\ud800", "\x85", "\u2028",
         "\ufeff", "@", "`", "😀"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(SNIPPETS | st.text(st.characters()), st.sampled_from([LOADER, yaml.SafeLoader]))
def test_parse_never_raises(text: str, loader: type[yaml.SafeLoader]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "LOADER", loader)
        reported = problems(text)
    element = parse_document(Source(FILE, text), Collector())
    assert element is not None or reported
    if element is not None:
        every_place(element)


VALID = "a:\n  - b: >-\n      x y\n      z\n    'c d': [1, {e: \"f\\n\"}]\n# g\nh: |2+\n  i\n\nj: true\n"


@given(st.integers(0, len(VALID)), st.integers(0, 3), SNIPPETS)
def test_parse_never_raises_on_mutated_yaml(at: int, cut: int, put: str) -> None:
    text = VALID[:at] + put[:4] + VALID[at + cut :]
    problems(text)
    element = parse_document(Source(FILE, text), Collector())
    if element is not None:
        every_place(element)


def every_place(element: Element) -> None:
    assert element.span.start <= element.span.end
    match element:
        case Scalar():
            assert len(element.embedded().places()) == len(element.text) + 1
        case Array():
            for item in element.items:
                every_place(item)
        case Map():
            for entry in element.entries:
                every_place(entry.key)
                every_place(entry.value)


SCALARS = (
    st.none().map(lambda _: ("null", None))
    | st.booleans().map(lambda flag: (str(flag).lower(), flag))
    | st.integers().map(lambda number: (str(number), number))
    | st.integers(0, 2**70).map(lambda number: (hex(number), number))
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: (repr(number), number))
    | st.sampled_from(["no", "yes", "on", "22:22", "2024-01-01", "1_000", "a", "1e", "0o9"]).map(
        lambda word: (word, word)
    )
    | st.text(st.sampled_from("aå😀 '#:-1")).map(lambda text: ("'" + text.replace("'", "''") + "'", text))
)
TREES: st.SearchStrategy[tuple[str, object]] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4).map(
            lambda pairs: ("[" + ", ".join(text for text, _ in pairs) + "]", [value for _, value in pairs])
        )
        | st.dictionaries(st.sampled_from(["k", "no", "on", "å", "y z"]), inner, max_size=4).map(
            lambda pairs: (
                "{" + ", ".join(f"{key}: {text}" for key, (text, _) in pairs.items()) + "}",
                {key: value for key, (_, value) in pairs.items()},
            )
        )
    ),
    max_leaves=12,
)


@given(TREES)
def test_plain_is_what_was_written(tree: tuple[str, object]) -> None:
    written, value = tree
    assert repr(plain(read(written))) == repr(value)


# Rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&x a: 1", ("1:1: error SND106: the anchor or alias `&x` is not allowed"
         " (write the value out in each place; quote a text that begins with & or *)")),
        ("a: !t &x [1]", "1:7: error SND106: the anchor or alias `&x` is not allowed"),
        ("a: *x", "1:4: error SND106: the anchor or alias `*x` is not allowed"),
        ("a: *x b", "1:4: error SND106: the anchor or alias `*x` is not allowed"),
        ("*x : 1", "1:1: error SND106: the anchor or alias `*x` is not allowed"),
        ("a: !!str 1", ("1:4: error SND107: the tag `!!str` is not allowed"
         " (leave the tag out; quote a text that begins with !)")),
        ("a: !u!v 1", "1:4: error SND107: the tag `!u!v` is not allowed"),
        ("a: !<x 1", "1:4: error SND107: the tag `!<x` is not allowed"),
        ("- !t\n  a: 1", "1:3: error SND107: the tag `!t` is not allowed"),
        ("a: 1\nb: 2\na: 3", ("3:1: error SND108: the key `a` stands twice; the first is in line 1"
         " (remove or rename one of the two)")),
        ("<<: {a: 1}", "1:1: error SND109: the merge key `<<` is not allowed (write the keys out)"),
        ("1: x",
         "1:1: error SND110: the key `1` is a number, and keys are strings (put it in quotes, or give it a name)"),
        ("true: x", "1:1: error SND110: the key `true` is a boolean, and keys are strings"),
        ("~: x", "1:1: error SND110: the key `~` is a null value, and keys are strings"),
        ("? [a]\n: x", "1:3: error SND110: the key `[a]` is a list, and keys are strings"),
        ("a: {{b}}", "1:5: error SND110: the key `{b}` is a map, and keys are strings"),
        ("{{a}}: 1", "1:2: error SND110: the key `{a}` is a map, and keys are strings"),
        ("a: 1\n---\nb: 2", ("2:1: error SND111: the file holds more than one YAML document"
         " (keep one document in a file, and remove the line `---`)")),
        ("a: 1\n...\nb: 2", "3:1: error SND111: the file holds more than one YAML document"),
        ("a: " + "9" * 4301, (f"1:4: error SND112: the number `{'9' * 39}…` is too large to be read"
         " (numbers go up to ±2^53; quote it if it is a text)")),
        ("a: 0x" + "f" * 4301, f"1:4: error SND112: the number `0x{'f' * 37}…` is too large to be read"),
        ("a: 1e999", "1:4: error SND112: the number `1e999` is too large to be read"),
        ("a: 'å\u2028'", ("1:6: error SND113: the character U+2028 (LINE SEPARATOR) can't stand in a YAML file"
         ' (remove it, or write "\\u2028" in double quotes)')),
        ("a: b\x85", ("1:5: error SND113: the character U+0085 (a control character) can't stand in a YAML file"
         ' (remove it, or write "\\x85" in double quotes)')),
        ("a: \ud800",
         "1:4: error SND113: the character U+D800 (no character at all) can't stand in a YAML file (remove it)"),
        ("\ufeffa: 1",
         "1:1: error SND113: the character U+FEFF (ZERO WIDTH NO-BREAK SPACE) can't stand in a YAML file"),
        ("#\r\n%YAML 1.2\r\n---\r\na: 1", ("2:1: error SND114: the directive `%YAML` is not allowed"
         " (leave the line out; quote a text that begins with %)")),
        ("a: {b: c, d, e: f}", ("1:11: error SND115: `d` stands behind a comma in braces, and is no key"
         " (a comma in braces ends the text before it: put the whole text in quotes)")),
        ("a: {b: 0,5}", ("1:10: error SND115: `5` stands behind a comma in braces, and is no key"
         " (write `0.5`, with a point)")),
        ("%FOO x\n---\na: 1", "1:1: error SND114: the directive `%FOO` is not allowed"),
        ("%TAG ! x", "1:1: error SND114: the directive `%TAG` is not allowed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("loader", [LOADER, yaml.SafeLoader], ids=["fast", "pure"])
def test_rules(text: str, expected: str, loader: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "LOADER", loader)
    found = problems(text)
    wanted = [line for line in found if line.startswith(f"{FILE}:{expected}")]
    assert wanted, found
    assert len(found) == (2 if "!t &x" in text else 1)


def test_spans_of_errors() -> None:
    assert spans("åä: &abc *x") == [(1, 5, 1, 9)]
    assert spans("a: !!str &abc x") == [(1, 4, 1, 9), (1, 10, 1, 14)]
    assert spans("a: 1\n--- # c\nb: 2") == [(2, 1, 2, 4)]
    assert spans("'a b': 1\n'a b': 2") == [(2, 1, 2, 6)]


def test_a_duplicate_key_names_both_places_and_keeps_the_first() -> None:
    collector = Collector()
    element = parse_document(Source(FILE, "a: 1\n'a': 2\nb: 3\n"), collector)
    (found,) = collector.sorted()
    assert edges(found.span) == (2, 1, 2, 4)
    assert [edges(span) for span in found.also] == [(1, 1, 1, 2)]
    assert element is not None
    assert plain(element) == {"a": 1, "b": 3}


def test_what_looks_like_an_error_and_is_none() -> None:
    assert plain(read("yes: 1\n'1': 2\n'<<': 3\n'*x': '&y'\n? z\n: '!t'\n")) == {
        "yes": 1, "1": 2, "<<": 3, "*x": "&y", "z": "!t",
    }  # fmt: skip
    assert plain(read("---\na: '%x'\n...\n")) == {"a": "%x"}


def test_all_errors_in_one_run() -> None:
    found = problems("%Y\n---\n1: &a x\nb: !t y\nb: *a\n<<: 1\nc: 'd\n")
    assert [line.split(" ")[2] for line in found] == [
        "SND114:", "SND110:", "SND106:", "SND107:", "SND108:", "SND106:", "SND109:", "SND104:",
    ]  # fmt: skip


def test_forbidden_characters_hide_the_syntax_errors_they_make_and_are_not_repeated_without_end() -> None:
    assert len(problems("a: 1\n\0\nb: 2\n")) == 1
    assert len(problems("\0" * 1000)) == MOST_CHARACTERS_REPORTED


SYNTAX = [
    ("a:\n\tb: c", "2:1", "a tab stands where only spaces may",
     "indent with spaces, and put a space behind `:` and `-`"),
    ("a:\n  b: 1\n\tc: 2", "3:1", "a tab stands where only spaces may", ""),
    ("a: |\n\tb", "2:1", "a tab stands where only spaces may", ""),
    ("å: b: c", "1:5", "a colon and a space stand inside a text", "put the whole text in quotes"),
    ("a: [b: c: d]", "1:9", "a colon and a space stand inside a text", ""),
    ("a: b\n  c: d", "2:3", "this key is indented below a key that already has a value",
     "align it with the key above, or remove the value above"),
    ("a:1\n\nb: 2", "1:1", "this line is neither a key nor part of a text",
     "write `key: value` with a space behind the colon, or indent the line if it continues the text above"),
    ("a: 1\nb", "2:1", "this line is neither a key nor part of a text", ""),
    ("a: - b", "1:4", "a list can't begin in the line of its key",
     "begin the list on the next line, or quote a text that begins with a dash"),
    ("a:\n  b: 1\n c: 2", "3:2", "the indentation of this line fits nothing above it",
     "align it with the lines it belongs with"),
    ("a: 1\n- b", "2:1", "a list entry stands among the keys of a map", "indent the list below the key it belongs to"),
    ("- b\na: 1", "2:1", "this stands among the entries of a list and does not begin with a dash",
     "put `- ` before it, or indent it below the entry it belongs to"),
    ("a: @b", "1:4", "a text can't begin with `@`", "put the text in quotes"),
    ("a: `b`", "1:4", "a text can't begin with a backtick", "put the text in quotes"),
    ("a: %b", "1:4", "a text can't begin with `%`", ""),
    ("- *.yaml", "1:3", "a text can't begin with `*`", ""),
    ("a: & b", "1:4", "a text can't begin with `&`", ""),
    ("a: ? b", "1:4", "a text can't begin with `?`", ""),
    ("a: ,b", "1:4", "a text can't begin with `,`", ""),
    ("a: [- b]", "1:5", "a text can't begin with `-`", ""),
    ("a: 'it's'", "1:8", "there is text behind a closing quote",
     "put the whole text in quotes; inside single quotes an apostrophe is written twice"),
    ('"a" 1', "1:5", "there is text behind a closing quote", ""),
    ("a: [b] c", "1:8", "there is text behind a closing `]`", "put the whole text in quotes"),
    ("å: 'b\nc: 1\n", "1:4", "the quote that opens here is never closed", "close it with the same quote, or remove it"),
    ('a: "b\n---\n', "1:4", "the quote that opens here is never closed", ""),
    ("a: [1, 2\nb: 3", "1:4", "the `[` that opens here is never closed", "close it with `]`"),
    ("a: {b: [1]", "1:4", "the `{` that opens here is never closed", "close it with `}`"),
    ("a: [1}", "1:6", "`}` stands where `]` is needed", "close brackets in order"),
    ("a: ]", "1:4", "there is nothing that this `]` closes", "remove it, or quote the text"),
    ("a: [b,,c]", "1:7", "nothing stands before this comma", "remove the comma, or quote it if it is a text"),
    ("a: ['b' c]", "1:9", "a comma is missing before this", "put a comma between the entries"),
    ('a: "å\\q"', "1:6", "`\\q` is not an escape", "double the backslash, or put the text in single quotes"),
    ('a: "C:\\Users"', "1:7", "`\\U` needs 8 hexadecimal digits behind it",
     "double the backslash, or put the text in single quotes"),
    ('a: "\\ud83d\\ude00"', "1:5", "`\\ud83d` stands for no character", "write the character itself"),
    ('a: "\\UFFFFFFFF"', "1:5", "`\\UFFFFFFFF` stands for no character", ""),
    ("a: | b\n  c", "1:6", "there is text in the line of `|` or `>`",
     "begin the text on the next line and indent it, or quote a text that begins with `|` or `>`"),
    (": x", "1:1", "a key is missing before the colon",
     "write the key before it, or quote a text that begins with a colon"),
    ("?\n", "1:2", "a key is missing before the colon", ""),
    ("a: 1\nb:\u00a02\nc: 3", "2:3", "a no-break space stands where a space is needed",
     "put an ordinary space in its place"),
    ("a:\n  b: 1\n \u00a0c: 2\n  d: 3", "3:2", "a no-break space stands where a space is needed", ""),
    ("a:\n  b: 1\nc: 2\n  d: 3", "3:1", "this key stands further left than the keys above and below it",
     "indent it with 2 spaces, as they are"),
    ("- a\n  - b", "2:3", "this line goes on the text above it, though it begins with a dash",
     "align its dash with the one above, or put the whole text in quotes"),
    ("- a\n  \u00a0 - b", "2:3", "this line goes on the text above it, for spaces of another kind stand before it", ""),
    ('a: "b\nc: "d"\n', "1:4", "the quote that opens here closes only in line 2, in the middle of another text",
     "close it at the end of its own text"),
    ('a: "b" in c', "1:8", "there is text behind a closing quote",
     "put the whole text in quotes of the other kind: '\"b\" in c'"),
    ("[a]\nb: c", "2:1", "there is text behind the end of the document", "a file holds one value, one list or one map"),
    ("a" * 1100 + ": 1", "1:1", "this key has more than 1,000 characters", "choose a shorter key"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "problem", "advice"), SYNTAX)
@pytest.mark.parametrize("loader", [LOADER, yaml.SafeLoader], ids=["fast", "pure"])
def test_syntax_errors_have_our_own_words(
    text: str, place: str, problem: str, advice: str, loader: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse, "LOADER", loader)
    (found,) = problems(text)
    expected = f"{FILE}:{place}: error SND104: this is not valid YAML: {problem} ("
    assert found.startswith(expected + (advice + ")" if advice else ""))


@given(SNIPPETS)
def test_words_of_the_library_never_show(text: str) -> None:
    for line in problems(text):
        assert not any(word in line for word in ("token", "block mapping", "flow", "scalar", "expected", "stream"))


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[a: ", "{? ", "{a: ", "!t [", "&a ["])
def test_deep_nesting_is_refused_at_once(opening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    events = yaml.parse
    taken = 0

    def counted(*arguments: Any, **options: Any) -> Iterator[Any]:
        nonlocal taken
        for event in events(*arguments, **options):
            taken += 1
            yield event

    monkeypatch.setattr(yaml, "parse", counted)
    found = problems(opening * 100_000)
    assert 0 < taken < 1_000
    expected = "error SND105: the document is nested deeper than 50 levels (make it flatter)"
    assert [line for line in found if "SND105" in line] == [line for line in found if line.endswith(expected)]
    assert any(line.endswith(expected) for line in found)


def test_the_deepest_document_that_is_read() -> None:
    assert problems("[" * 50 + "]" * 50) == []
    assert problems("[" * 51 + "]" * 51) == [
        f"{FILE}:1:51: error SND105: the document is nested deeper than 50 levels (make it flatter)"
    ]
    collector = Collector()
    assert parse_document(Source(FILE, "[[1]]"), collector, limit=1) is None
    assert [found.message for found in collector.sorted()] == ["the document is nested deeper than 1 levels"]


# Files


def from_file(path: pathlib.Path) -> tuple[Source | None, list[str]]:
    collector = Collector()
    source = read_source(path, "p/x.yaml", collector)
    assert (source is None) == collector.has_errors
    return source, [str(found) for found in collector.sorted()]


def test_a_file_is_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa5\r\n")
    assert from_file(path) == (Source("p/x.yaml", "a: å\r\n"), [])


def test_unreadable_files(tmp_path: pathlib.Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, why in {
        "none": "there is no such file", ".": "it is a directory", "pipe": "it is not a regular file",
        "file/x": "a part of its path is not a directory", "loop": "its symbolic links lead in a circle",
        "n" * 300: "its name is too long", "\0": "its name can't be the name of a file",
    }.items():  # fmt: skip
        assert from_file(tmp_path / name)[1] == [
            f"p/x.yaml:1:1: error SND101: `p/x.yaml` can't be read: {why} (check the path and its permissions)"
        ]


@pytest.mark.parametrize("error", [PermissionError(13, "no"), OSError(5, "io")])
def test_files_that_may_not_be_read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    def refuse(*_: object) -> None:
        raise error

    path = tmp_path / "x"
    path.touch()
    monkeypatch.setattr(type(path), "open", refuse)
    why = "permission is denied" if error.errno == 13 else "io"
    assert why in from_file(path)[1][0]


def test_files_of_the_largest_size(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"#" * 1024 * 1024)
    assert from_file(path)[1] == []
    path.write_bytes(b"#" * (1024 * 1024 + 1))
    expected = "p/x.yaml:1:1: error SND102: the file has 1048577 bytes, and at most 1048576 are read"
    assert from_file(path)[1] == [f"{expected} (split it into several files)"]
    collector = Collector()
    assert decode(b"#" * (1024 * 1024 + 1), "-", collector) is None
    assert [found.rule for found in collector.sorted()] == [codes.FILE_TOO_LARGE]


def test_a_file_that_is_not_utf_8(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("a: 1\r\nå: b".encode() + b"\xe5\xff")
    assert from_file(path)[1] == [
        (
            "p/x.yaml:2:5: error SND103: the file is not UTF-8: the byte 0xE5 can't be decoded"
            " (save it with the encoding UTF-8)"
        )
    ]


def test_every_rule_of_files_and_yaml_is_tested_here() -> None:
    text = pathlib.Path(__file__).read_text(encoding="utf-8")
    assert [code for code in codes.RULES if code.startswith("SND1") and f"error {code}:" not in text] == []
