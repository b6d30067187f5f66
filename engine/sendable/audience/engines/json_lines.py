"""JSON Lines that are none, and those that say two things of one contact: a key twice in an object.

Of these engines take one or the other; of a line that is no JSON they don't always say which it is.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from math import isinf
from pathlib import Path
from typing import Any, Final, Never

from sendable.audience.engines.csv_files import UnreadableError

_COMPRESSED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
"""How gzip, Zstandard and zlib begin."""
_OBJECT_OR_NOTHING: Final = r"^\s*(\{|$)"


@contextmanager
def lines_told(files: Iterable[Path]) -> Iterator[None]:
    """Where an engine refuses files of which a line is no JSON object, the UnreadableError says which line of which."""
    try:
        yield
    except Exception as error:
        told = next(filter(None, map(_first_fault, files)), None)
        if told is None:
            raise
        raise UnreadableError(told) from error


def _first_fault(file: Path) -> str | None:
    """Which line of the file is no JSON object; None where all are."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            where = _no_object(file, number)
            try:
                text = line.decode().rstrip("\r\n")
                value = (
                    json.loads(text, parse_constant=_refuse, parse_int=_number, parse_float=_number)
                    if text.strip()
                    else {}
                )
            except UnicodeDecodeError as error:
                return f"{where}: byte {error.start + 1} is not UTF-8"
            except json.JSONDecodeError as error:
                return f"{where}, character {error.colno}: {error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')}"
            except RecursionError:
                return f"{where}: what stands there is nested too deep"
            except ValueError as error:
                return f"{where}: {error}"
            if not isinstance(value, dict):
                return where
    return None


def _no_object(file: Path, number: int) -> str:
    return f"`{file}` has no JSON object on line {number}"


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is no number of JSON's")


def _number(written: str) -> float:
    if isinf(number := float(written)):
        raise ValueError("a number there is too large")
    return number


_NUMBERS: Final[Mapping[str, Any]] = {"parse_constant": _refuse, "parse_int": _number, "parse_float": _number}


def require_no_marks(files: Iterable[Path]) -> None:
    """Raises UnreadableError for a file that begins with a byte order mark: DuckDB passes over it, and others don't."""
    for file in files:
        with file.open("rb") as opened:
            if opened.read(len(BOM_UTF8)) == BOM_UTF8:
                raise UnreadableError(f"`{file}` begins with a byte order mark: save it as UTF-8 without one")


def require_single_keys(file: Path, schema: Mapping[str, Any] | None = None) -> None:
    """Raises UnreadableError where an object of the file has a key twice: Polars takes the first, Spark the last.

    So it does for a line that is JSON and no object. `schema` is what Polars finds in the file, where that is known.
    """
    import polars as pl  # noqa: PLC0415 - an extra

    with file.open("rb") as opened:
        if opened.read(4).startswith(_COMPRESSED):  # Polars would unpack it, and others not
            raise UnreadableError(f"`{file}` is compressed: unpack it first")
    if schema is None:
        with lines_told([file]):
            schema = pl.scan_ndjson(file, infer_schema_length=None).collect_schema()
    keys = [f'"{key}"' for key in _keys(schema)]
    line = pl.col("line")
    found = line.str.extract_many(keys)
    lines = pl.scan_lines(file, name="line", glob=False).with_row_index("number", 1)
    is_no_object = ~line.str.contains(_OBJECT_OR_NOTHING)
    # A key may be written with escapes: "\\u0061" is "a".
    twice = (found.list.len() != found.list.n_unique()) | line.str.contains("\\u", literal=True)
    refused = lines.filter(is_no_object | twice).map_batches(_refused, streamable=True)
    number = refused.select(pl.col("number").min()).collect(engine="streaming").item()
    if number is None:
        return
    with file.open("rb") as opened:
        [line_refused] = islice(opened, number - 1, number)
    if _is_object(line_refused.decode()):
        raise UnreadableError(
            f"`{file}` has a key twice in an object on line {number}: only one of the two can be right"
        )
    raise UnreadableError(_no_object(file, number))


def _keys(inside: Mapping[str, Any]) -> set[str]:
    """The names of columns, and of what is in them."""
    import polars as pl  # noqa: PLC0415 - an extra

    found = set(inside)
    for dtype in inside.values():
        item = dtype
        while isinstance(item, pl.List | pl.Array):
            item = item.inner
        if isinstance(item, pl.Struct):
            found |= _keys({one.name: one.dtype for one in item.fields})
    return found


def _refused(lines: Any) -> Any:  # noqa: ANN401 - frames of Polars
    import polars as pl  # noqa: PLC0415 - an extra

    refused = [not _is_object(line) or _has_key_twice(line) for line in lines["line"]]
    return lines.filter(pl.Series(refused, dtype=pl.Boolean))


def _is_object(line: str) -> bool:
    return line.lstrip()[:1] in ("", "{")


def _has_key_twice(line: str) -> bool:
    found: list[bool] = []
    with suppress(ValueError, RecursionError):  # what is no JSON is told by whoever reads it
        json.loads(line, object_pairs_hook=lambda pairs: found.append(len(pairs) > len(dict(pairs))))
    return any(found)
