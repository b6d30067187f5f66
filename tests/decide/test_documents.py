"""Context documents: every format, every way in which one can be unreadable, and memory that stays flat."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendable.decide.documents import LONGEST_LINE, ContextDocument, ContextFault, Format, Item, read_contexts

CONTEXT = {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com"}}
LINE = json.dumps(CONTEXT).encode() + b"\n"


def read(data: bytes, written: Format | None = None) -> list[Item]:
    return list(read_contexts(io.BytesIO(data), written=written))


def seen(items: list[Item]) -> list[tuple[str, Any]]:
    """The place of each item, with its context or what is wrong with it."""
    return [(item.place, item.context if isinstance(item, ContextDocument) else item.message) for item in items]


def fault(data: bytes, written: Format | None = None) -> tuple[str, str]:
    [item] = read(data, written)
    assert isinstance(item, ContextFault)
    return item.place, item.message


# -- formats


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.yaml", "a: 1\n", [("", {"a": 1})]),
        ("a.YML", "a: no\n", [("", {"a": "no"})]),
        ("a.yaml", "- a: 1\n- b: 2\n", [("[0]", {"a": 1}), ("[1]", {"b": 2})]),
        ("a.yaml", "[]\n", []),
        ("a.json", '{"a": 1}', [("", {"a": 1})]),
        ("a.json", ' [{"a": 1},\n{"b": 2}]\n', [("[0]", {"a": 1}), ("[1]", {"b": 2})]),
        ("a.json", "\ufeff[]", []),
        ("a.jsonl", '\ufeff{"a": 1}\r\n\n  \n{"b": 2}', [(":1", {"a": 1}), (":4", {"b": 2})]),
        ("a.ndjson", '{"a": 1}\n', [(":1", {"a": 1})]),
        ("a", '{"a": 1}\n{"b": 2}\n', [(":1", {"a": 1}), (":2", {"b": 2})]),
        ("a", '\n \n{"a": 1}\n{"b": 2}\n', [(":3", {"a": 1}), (":4", {"b": 2})]),
        ("a", '{\n"a": 1}\n', [("", {"a": 1})]),
        ("a", '[{"a": 1}]\n', [("[0]", {"a": 1})]),
        ("a", "# a comment\na: 1\n", [("", {"a": 1})]),
        ("a.yaml", "a: kim\u200b@example.com\u202e\n", [("", {"a": "kim\u200b@example.com\u202e"})]),  # as it was typed
    ],
)
def test_reads_each_format(name: str, text: str, expected: list[tuple[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert seen(list(read_contexts(path))) == [(f"{path}{place}", context) for place, context in expected]


def test_what_is_said_of_the_format_wins_over_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(LINE)
    assert seen(list(read_contexts(path, written=Format.JSONL))) == [(f"{path}:1", CONTEXT)]


def test_the_number_is_the_line_or_the_index() -> None:
    assert [item.number for item in read(b"\n" + LINE)] == [2]
    assert [item.number for item in read(b"[{}, {}]")] == [0, 1]
    assert [item.number for item in read(b"- {}\n- {}\n")] == [0, 1]
    assert [item.number for item in read(b"a: 1")] == [None]


def test_numbers_that_are_not_finite_are_passed_on_for_the_decision_to_refuse() -> None:
    [(_, context)] = seen(read(b'{"a": NaN, "b": 1e999}'))
    assert [str(context["a"]), str(context["b"])] == ["nan", "inf"]


# -- faults


@pytest.mark.parametrize(
    ("data", "written", "place", "message"),
    [
        (b"", None, "<stdin>", "it is empty"),
        (b"\n \n", None, "<stdin>", "it is empty"),
        (b"# only a comment\n", None, "<stdin>", "it is empty"),
        (b"", Format.JSON, "<stdin>", "it is empty"),
        (b"\n\n", Format.JSONL, "<stdin>", "it is empty"),
        (b"hello", None, "<stdin>:1:1", "this is the text `hello`"),
        (b"a:\n - b\n - c: [\n", None, "<stdin>:", "not valid YAML"),
        (b"a: 1\na: 2\n", None, "<stdin>:2:1", "`a` stands twice"),
        (b"- a: 1\n- 3\n- b: 1\n", Format.YAML, "<stdin>:2:3", "this is the number `3`"),
        (b"a: \xff", Format.YAML, "<stdin>:1:4", "not UTF-8"),
        (b"a: 1\n" + b"#" * 1024 * 1024, Format.YAML, "<stdin>", "bytes"),
        (b"3", Format.JSON, "<stdin>", "this is the number `3`"),
        (b'"\x1b[31m"', Format.JSON, "<stdin>:1:2", "not valid JSON"),
        (b'"\\u001b[31m"', Format.JSON, "<stdin>", "this is the text"),
        (b"[{},\n{]", None, "<stdin>:2:2", "not valid JSON"),
        (b'{"a": 1}\n{"b": 1}', Format.JSON, "<stdin>:2:1", "JSON Lines"),
        (b'{"a": "\xff"}', None, "<stdin>", "not UTF-8: the byte 0xFF"),
        (b'{"a": {"b": 1, "b": 2}}', None, "<stdin>", "`b` stands twice"),
        (b'{"a": ' * 100_000, None, "<stdin>", "nested too deep"),
        (b'{"a": ' + b"9" * 5_000 + b"}", Format.JSONL, "<stdin>:1", "too many digits"),
    ],
)
def test_says_what_is_wrong_and_where(data: bytes, written: Format | None, place: str, message: str) -> None:
    found = [item for item in read(data, written) if isinstance(item, ContextFault)]
    assert len(found) == 1
    assert found[0].place.startswith(place)
    assert message in found[0].message
    assert found[0].message.isprintable()


def test_a_broken_line_does_not_stop_the_others() -> None:
    lines = [b'{"a": 1}', b'{"a": ', b"[1]", b'"\xff"', b"", b'{"b": 2}']
    items = read(b"\n".join(lines), Format.JSONL)
    assert [item.place for item in items] == ["<stdin>:1", "<stdin>:2:6", "<stdin>:3", "<stdin>:4", "<stdin>:6"]
    assert [isinstance(item, ContextDocument) for item in items] == [True, False, False, False, True]


def test_the_column_counts_the_blanks_before_the_object() -> None:
    assert fault(b'   {"a" 1}', Format.JSONL)[0] == "<stdin>:1:9"


def test_a_bad_item_does_not_stop_the_others() -> None:
    assert [isinstance(item, ContextDocument) for item in read(b'[{"a": 1}, 2, {"b": 3}]')] == [True, False, True]
    assert [isinstance(item, ContextDocument) for item in read(b"- a: 1\n- 2\n- b: 3\n")] == [True, False, True]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_of_exactly_the_limit_is_read_and_a_longer_one_skipped(end: bytes) -> None:
    exact = b'{"a": "' + b"x" * (LONGEST_LINE - 9) + b'"}'
    assert len(exact) == LONGEST_LINE
    longer = exact + b" "
    items = read(exact + end + longer + end + exact + b"   " + end + LINE, Format.JSONL)
    assert [(item.number, isinstance(item, ContextDocument)) for item in items] == [
        (1, True),
        (2, False),
        (3, False),
        (4, True),
    ]
    assert fault(longer, Format.JSONL) == ("<stdin>:1", "the line is longer than 1 MiB, and was skipped")


def test_a_first_line_that_is_too_long_is_never_taken_for_json_lines() -> None:
    data = b'{"a": "' + b"x" * (2 * LONGEST_LINE) + b'"}\n' + LINE
    assert "JSON Lines" in fault(data)[1]


def test_files_that_can_not_be_read_are_faults(tmp_path: Path) -> None:
    missing = tmp_path / "a\x1b[31mb.yaml"
    assert seen(list(read_contexts(tmp_path))) == [(str(tmp_path), "it is a directory; name the files in it")]
    [(place, message)] = seen(list(read_contexts(missing)))
    assert message == "it can't be read: there is no such file"
    assert place.isprintable()
    assert isinstance(next(iter(read_contexts("a\0b"))), ContextFault)


# -- streaming


class Endless(io.RawIOBase):
    """A stream without end, whose readers must not wait for it."""

    def __init__(self, line: bytes) -> None:
        self._data = line * (io.DEFAULT_BUFFER_SIZE // len(line) + 1)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), len(self._data))
        buffer[:count] = self._data[:count]
        self._data = self._data[count:] + self._data[:count]
        return count


@pytest.mark.parametrize("written", [None, Format.JSONL])
def test_json_lines_come_one_by_one(written: Format | None) -> None:
    items = read_contexts(io.BufferedReader(Endless(LINE)), written=written)
    assert [next(items).place for _ in range(3)] == ["<stdin>:1", "<stdin>:2", "<stdin>:3"]


def _peak(lines: int, line: bytes) -> int:
    stream = io.BufferedReader(_Lines(line, lines))
    tracemalloc.start()
    try:
        for _ in read_contexts(stream, written=Format.JSONL):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class _Lines(Endless):
    """So many bytes of the endless stream as there are in `count` lines."""

    def __init__(self, line: bytes, count: int) -> None:
        super().__init__(line)
        self._left = len(line) * count

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(memoryview(buffer)[: self._left])
        self._left -= count
        return count


def test_memory_does_not_grow_with_the_lines() -> None:
    assert _peak(20_000, LINE) < _peak(500, LINE) + 64 * 1024


def test_a_line_without_end_is_never_held() -> None:
    assert _peak(30 * LONGEST_LINE, b"x") < 6 * LONGEST_LINE


def test_the_bytes_that_were_read_are_told(tmp_path: Path) -> None:
    for name, data in {"a.jsonl": LINE * 100, "a.json": LINE, "a.yaml": b"a: 1\n", "a": LINE * 3, "b": b"a: 1"}.items():
        path = tmp_path / name
        path.write_bytes(data)
        told: list[int] = []
        list(read_contexts(path, progress=told.append))
        assert sum(told) == len(data), name


# -- anything


def _texts(items: Iterator[Item]) -> list[str]:
    return [item.place if isinstance(item, ContextDocument) else f"{item.place}: {item.message}" for item in items]


@given(st.binary(max_size=200), st.sampled_from([None, *Format]))
def test_no_bytes_raise(data: bytes, written: Format | None) -> None:
    assert all(text.isprintable() for text in _texts(read_contexts(io.BytesIO(data), written=written)))


@given(st.lists(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=9)), min_size=1))
def test_what_is_written_is_read(contexts: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(context) + "\n" for context in contexts).encode()
    assert [context for _, context in seen(read(lines))] == contexts
    assert [context for _, context in seen(read(json.dumps(contexts).encode()))] == contexts
