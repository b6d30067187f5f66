"""CSV: every engine sees the same rows, none is lost, and no cell is run by a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendable import cli
from sendable.audience.engines.choice import engine
from sendable.audience.engines.csv_files import Table, UnreadableError, read_header, tables
from sendable.documents.cells import unguarded
from tests.support.packs import pack

CAMPAIGN = "email: {channel: marketing, subscription_type: news}\n"
HEADER = "id,email,mailbox\n"
GOOD = "1,kim@example.com,active\n"


def rows_of(content: str | bytes, directory: Path) -> tuple[list[dict[str, str | None]], Table]:
    """The good rows, and how they were read."""
    file = directory / "rows.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for draft in directory.glob("*.jsonl"):
        draft.unlink()
    (table,) = tables([file], directory)
    if table.is_draft:
        found = [json.loads(line) for line in table.file.read_text(encoding="utf-8").splitlines()]
    else:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            found = [
                {name: value or None for name, value in row.items()}
                for row in csv.DictReader(stream, delimiter=table.header.separator)
            ]
    return found, table


BAD: dict[str, tuple[str, list[str], dict[int, str]]] = {
    "a blank line": (HEADER + GOOD + "\n   \n2,a@x.se,full\n\n", ["1", "2"], {}),
    "a stray quote": (HEADER + '1,kim"s@example.com,\n2,a@x.se,full\n', ["2"], {2: "does not stand around"}),
    "text behind a quote": (HEADER + '1,"kim"s,\n2,a@x.se,full\n', ["2"], {2: "does not stand around"}),
    "a header over two lines": ('id,email,"mail\nbox"\n' + GOOD + "2,a@x.se,full\n", ["1", "2"], {}),
    "a row too short": (HEADER + "1,kim@example.com\n2,a@x.se,full\n", ["2"], {2: "2 values for 3 columns"}),
    "a row too long": (HEADER + "1,kim@example.com,a,b\n2,a@x.se,full\n", ["2"], {2: "4 values for 3 columns"}),
    "a last row that is cut": (HEADER + GOOD + "2,a@x", ["1"], {3: "2 values for 3 columns"}),
    "a last row of one quoted value": (HEADER + GOOD + '"2 rows, as of today"', ["1"], {3: "1 value for 3 columns"}),
    "columns without a name": ("id,email,,\n" + '1,kim@example.com,x,\n2,"a@x.se",,\n', ["1", "2"], {}),
    "a NUL byte": (HEADER + "1,kim\0@example.com,full\n2,a@x.se,full\n", ["2"], {2: "NUL"}),
    "only carriage returns": ((HEADER + GOOD + "2,a@x.se,full\n").replace("\n", "\r"), ["1", "2"], {}),
    "line ends of two kinds": (HEADER + GOOD.replace("\n", "\r\n") + "2,a@x.se,full\n", ["1", "2"], {}),
    "a carriage return": (HEADER + "1,kim@example.com\rx,a\n2,a@x.se,full\n", ["2"], {2: "a carriage return"}),
    "a quote that is never closed": (
        HEADER + '1,"kim@example.com,active\n2,a@x.se,full\n3,b@x.se,\n',
        ["2", "3"],
        {2: "never closed"},
    ),
    "a quote that is closed by another row's": (
        HEADER + '1,"kim@example.com,active\n2,"a@x.se",full\n3,b@x.se,""\n',
        ["2", "3"],
        {2: "does not stand around"},
    ),
    "a quote that is never closed, at the end": (HEADER + GOOD + '2,a@x.se,"ful', ["1"], {3: "never closed"}),
    "a value over two lines": (HEADER + '1,kim@example.com,"act\r\nive"\n2,a@x.se,full\n', ["1", "2"], {}),
    "doubled quotes": (HEADER + '1,"""kim"" k"@example.com,\n2,"a""x",full\n', ["2"], {2: "does not stand around"}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_told_and_the_rest_is_read(name: str, tmp_path: Path) -> None:
    content, good, bad = BAD[name]
    found, table = rows_of(content, tmp_path)
    assert table.bad_rows == len(bad)
    assert [row["id"] for row in found] == good
    assert [one.line for one in table.examples] == list(bad)
    assert all(why in one.why for one, why in zip(table.examples, bad.values(), strict=True))


def decide(file: object, engine: str, *more: object) -> Result:
    """What comes of the file with a policy of which Spark makes a quick plan."""
    Path("campaign.yaml").write_text(CAMPAIGN)
    Path("small").mkdir(exist_ok=True)
    pack(Path("small"), {"when": "contact.mailbox == 'full'"})
    options = ["--campaign", "campaign.yaml", "--policy", "small", "--engine", engine, "--format", "json"]
    return CliRunner().invoke(cli.sendable, ["audience", str(file), *options, *map(str, more)])


@pytest.mark.parametrize("engine_name", ["polars", "duckdb"])
@pytest.mark.parametrize("name", BAD)
def test_engines_count_the_same_rows(
    name: str, engine_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content, good, bad = BAD[name]
    Path("rows.csv").write_bytes(content.encode())
    result = decide("rows.csv", engine_name, *(["--column", "mail\nbox="] if "mail\nbox" in content else []))
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["contacts"] == len(good) + len(bad)
    assert [one["contacts"] for one in told["invalid_fields"] if one["fields"] == ["(row)"]] == [len(bad)] * bool(bad)
    assert sum(one["contacts"] for one in told["invalid_fields"]) == told["invalid"]
    for line in bad:
        assert f"as invalid: line {line}: " in result.stderr


def test_engines_count_the_same_rows_of_all_files(
    engine_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, (content, _, _) in enumerate(BAD.values()):
        Path(f"{number}.csv").write_bytes(content.encode())
    together = decide(tmp_path, engine_name, "--column", "mail\nbox=")
    assert json.loads(together.stdout)["contacts"] == sum(len(good) + len(bad) for _, good, bad in BAD.values())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER + "1;kim\n2;a\n", "has no row that can be read: line 2: 1 value for 3 columns"),
        ("sep=,\n" + HEADER + GOOD, "line 2: 3 values for 2 columns; remove what stands above .* be `sep=,column 2`"),
        ('id,email,"mailbox\n' + GOOD, "has no first row"),
        ((HEADER + "1,kim@example.com,å").encode("latin-1"), "save it as CSV in UTF-8"),
        ((HEADER + GOOD * 100_000 + "1,å,").encode("latin-1"), "save it as CSV in UTF-8"),
        (HEADER.encode("utf-16"), "save it as CSV in UTF-8"),
    ],
)
def test_what_has_no_rows_is_refused(content: str | bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=said):
        rows_of(content, tmp_path)


def test_a_file_of_one_column_has_one_value_in_each_row(tmp_path: Path) -> None:
    found, table = rows_of('email\nkim@example.com\n2,"a"\n3,\n"4,"\n', tmp_path)
    assert [row["email"] for row in found] == ["kim@example.com", "4,"]
    assert [str(one) for one in table.examples] == ["line 3: 2 values for 1 column", "line 4: 2 values for 1 column"]


def test_columns_without_a_name_are_called_by_their_place(tmp_path: Path) -> None:
    found, _ = rows_of("\ufeffid;email;;\r\n1;kim@example.com;x;\r\n", tmp_path)
    assert found == [{"id": "1", "email": "kim@example.com", "column 3": "x", "column 4": None}]


TWICE = "id,Email,Opt-out,Email,Opt-out\n1,kim@example.com,full,,active\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "the same name, `Email` (column 2, column 4); `Opt-out` (column 3, column 5): say what they are"),
        (["column 4="], "the same name, `Opt-out` (column 3, column 5)"),
        (["column 3=", "column 5="], "the same name, `Email` (column 2, column 4)"),
        (["column 1=", "column 4="], "the same name, `Opt-out`"),
        # One is left that has the name, and the name still says that it matters.
        (["column 4=", "column 5="], "`Opt-out` tells of opt-outs by its name"),
        (["column 2=contact.email", "column 4=contact.email", "column 3=", "column 5="], "are both `contact.email`"),
        (["column 4=", "column 5=", "Opt-out=contact.mailbox"], None),
        (["column 2=contact.email", "column 4=", "column 3=contact.mailbox", "column 5="], None),
    ],
)
def test_columns_with_the_same_name_are_told_apart_by_their_place(
    options: list[str], said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("twice.csv").write_text(TWICE)
    for engine_name in ("polars", "duckdb"):
        arguments = [part for one in options for part in ("--column", one)]
        result = decide("twice.csv", engine_name, *arguments)
        if said is None:
            assert result.exit_code == 0, result.output
            assert [one["reason"] for one in json.loads(result.stdout)["reasons"]] == ["r0"]
        else:
            assert (result.exit_code, result.stdout) == (2, "")
            assert said in result.stderr


def test_a_name_that_is_another_ones_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no name for its column 2, which another one is called"):
        rows_of("id,,column 2\n1,a,b\n", tmp_path)


def test_names_that_differ_in_case_alone_are_told(tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    file.write_text("id,email,Name,name\n1,kim@example.com,Kim,K\n")
    found = tables([file], tmp_path)
    assert engine("polars").read_tables(found).collect().columns == ["id", "email", "Name", "name"]
    with pytest.raises(UnreadableError, match="columns `Name` and `name`, which DuckDB can't tell apart"):
        engine("duckdb").read_tables(found)


CELLS = st.text(st.sampled_from(['"', ",", "\n", "\r", "a", "=", "'", "å", " "]), max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5), crlf=st.booleans())
def test_what_is_written_well_is_read_as_it_was(rows: list[list[str]], crlf: bool, tmp_path: Path) -> None:
    out = io.StringIO(newline="")
    written = csv.writer(out, lineterminator="\r\n" if crlf else "\n", quoting=csv.QUOTE_ALL)
    written.writerow(["id", "email", "mailbox"])
    written.writerows(rows)
    found, table = rows_of(out.getvalue(), tmp_path)
    wanted = [[unguarded(cell) or None for cell in row] for row in rows]
    assert [list(row.values()) for row in found] == wanted
    assert table.bad_rows == 0


LINES = st.text(st.sampled_from(['"', ",", "\n", "a", "b"]), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=LINES)
def test_no_line_is_lost(text: str, tmp_path: Path) -> None:
    found, table = rows_of(f"id,email,mailbox\n1,b,c\n{text}\n", tmp_path)
    lines = text.split("\n")
    read = sum(1 + json.dumps(row).count("\\n") for row in found[1:])
    assert sum(map(bool, lines)) <= read + table.bad_rows <= len(lines)


RUN = [
    "=1+1",
    "+46",
    "-12",
    "@x",
    "\tx",
    "\rx",
    "'=1",
    "''=1",
    "'x",
    "'",
    "x=1",
    "",
    "-",
    "a\nb",
    'q"',
    " x ",
    "å,b",
    None,
]


def test_no_cell_is_run_and_all_are_read_as_they_were(
    engine_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = [key for key in RUN if key is not None]
    Path("contacts.jsonl").write_text(
        "".join(json.dumps({"=key": key, "email": f"{number}@x.se"}) + "\n" for number, key in enumerate(keys))
    )
    for raw in (False, True):
        output = Path(f"out{raw}.csv")
        more = ["--raw-cells"] * raw
        result = decide("contacts.jsonl", engine_name, "--key", "=key", "-o", output, *more)
        assert result.exit_code == 0, result.output
        files = [one for one in output.iterdir() if one.name.startswith("part-")] if output.is_dir() else [output]
        found: list[Any] = []
        for file in files:
            with file.open(newline="", encoding="utf-8") as stream:
                header, *rows = csv.reader(stream)
            assert header[0] == ("=key" if raw else "'=key")
            found += [row[0] for row in rows]
        assert sorted(cell.lstrip("'") for cell in found) == sorted(key.lstrip("'") for key in keys)
        assert any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in found) is raw
        if not raw:
            chosen = engine(engine_name)
            folder = tmp_path / "drafts"
            folder.mkdir()
            frame = chosen.read_tables(tables(files, folder))
            match engine_name:
                case "polars":
                    read = frame.collect()["=key"].to_list()
                case "duckdb":
                    read = [row[0] for row in frame.fetchall()]
                case _:
                    read = [row[0] for row in frame.collect()]
            assert sorted(key or "" for key in read) == sorted(keys)


# -- what is too long


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("length", [(1 << 20) + 1, (1 << 20) + 2, 3 << 20, (4 << 20) + 5])
def test_a_row_that_is_too_long_is_a_bad_one_and_those_around_it_are_read(
    end: str, length: int, tmp_path: Path
) -> None:
    file = tmp_path / "contacts.csv"
    rows = ["email,note", "a@b.example,x", "c@d.example," + "y" * length, "e@f.example,z", ""]
    file.write_text(end.join(rows), encoding="utf-8", newline="")
    [table] = tables([file], tmp_path)
    assert (table.bad_rows, [str(one) for one in table.examples]) == (1, ["line 3: more than 1,048,576 characters"])
    assert table.file.read_text().count("\n") == 2


def test_a_first_row_that_is_too_long_names_no_columns(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("email," + "x" * (1 << 20), encoding="utf-8")
    with pytest.raises(UnreadableError, match="has a first row of more than 1,048,576 characters"):
        read_header(file)


def test_a_file_may_have_twenty_thousand_columns(tmp_path: Path) -> None:
    names = [f"column_{number}" for number in range(20_000)]
    file = tmp_path / "contacts.csv"
    file.write_text(",".join(names) + "\n", encoding="utf-8")
    assert read_header(file).columns == tuple(names)
