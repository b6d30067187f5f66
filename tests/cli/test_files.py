"""What commands read and write: never what they wrote themselves, and never over what nobody meant."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from sendable import cli
from sendable.cli.files import MARKER
from sendable.pack.resources import MANIFEST
from sendable.render.reports.format import Writer
from tests.support.environment import ENVIRONMENT
from tests.support.packs import pack

CAMPAIGN = "email: {channel: marketing, subscription_type: news}\naccount: {status: active}\n"
CONTEXT = "email: {channel: transactional}\ncontact: {email: kim@example.com}\n"
OPTIONS = ["--campaign", "campaign.yaml", "--policy", "small", "--format", "json"]
ROWS = "id,email,mailbox\n1,kim@example.com,active\n2,ada@example.com,full\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.sendable, [*map(str, arguments)])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of one's own with a campaign, contacts and a policy, one of which Spark makes a quick plan."""
    monkeypatch.chdir(tmp_path)
    Path("small").mkdir()
    pack(Path("small"), {"when": "contact.mailbox == 'full'"})
    Path("campaign.yaml").write_text(CAMPAIGN)
    Path("contacts").mkdir()
    Path("contacts/contacts.csv").write_text(ROWS)
    return tmp_path


def decided(*files: object, engine: str = "polars", **options: Any) -> Result:
    more = [
        part
        for name, value in options.items()
        if value is not False
        for part in (f"--{name}", *([] if value is True else [value]))
    ]
    return run("audience", *files, *OPTIONS, "--engine", engine, *more)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary


def everything(directory: Path) -> dict[str, bytes]:
    return {str(one.relative_to(directory)): one.read_bytes() for one in directory.rglob("*") if one.is_file()}


# -- never reading what one writes


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_what_was_written_into_a_directory_is_not_read_from_it(engine_name: str, suffix: str) -> None:
    frame = pl.read_csv("contacts/contacts.csv", infer_schema=False)
    Path("contacts/contacts.csv").unlink()
    file = Path(f"contacts/contacts{suffix}")
    write(frame, file)
    output = f"contacts/decisions{suffix}"
    first = decided("contacts", engine=engine_name, output=output)
    again = decided("contacts", engine=engine_name, output=output, overwrite=True)
    assert told(again) == told(first)
    assert told(first)["contacts"] == 2
    assert f"note: not read in `contacts`: `decisions{suffix}` (decisions)" in again.stderr
    named = decided(output, engine=engine_name)
    assert named.exit_code == 2
    assert "has decisions" in named.stderr


def test_decisions_of_every_engine_are_known_by_every_other(engine_name: str) -> None:
    for suffix in (".csv", ".jsonl", ".parquet"):
        output = Path(f"decisions{suffix}")
        assert decided("contacts", engine=engine_name, output=output).exit_code == 0
        files = [one for one in output.iterdir() if one.name.startswith("part-")] if output.is_dir() else [output]
        for file in filter(lambda one: one.suffix == suffix and one.stat().st_size, files):
            assert "has decisions" in decided(file).stderr
        assert "has decisions" in decided(output).stderr


def test_what_is_no_contacts_in_a_directory_is_left_out_and_said() -> None:
    contacts = Path("contacts")
    for hidden in (".sendable-1", ".trash", "_temporary"):
        (contacts / hidden).mkdir()
        (contacts / hidden / "more.csv").write_text(ROWS)
    (contacts / ".more.csv").write_text(ROWS)
    (contacts / "_SUCCESS").touch()
    (contacts / "notes.txt").touch()
    os.mkfifo(contacts / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("contacts/sock")
        result = decided("contacts")
    assert told(result)["contacts"] == 2
    (note,) = [line for line in result.stderr.splitlines() if line.startswith("note: ")]
    assert "`.sendable-1` (hidden)" in note
    assert "`.more.csv` (hidden)" in note
    assert note.endswith("2 more")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "`x.csv` (a pipe)"),
        (lambda path: path.with_name("x.xlsx").touch(), "`x.xlsx` (neither Parquet nor CSV nor JSON Lines)"),
        (lambda path: path.symlink_to("/dev/null"), "(a device)"),
        (lambda path: path.symlink_to(Path().absolute()), "(a link to a directory)"),
    ],
)
def test_a_special_file_in_a_directory_is_said(make: Callable[[Path], None], said: str) -> None:
    make(Path("contacts/x.csv"))
    result = decided("contacts")
    assert told(result)["contacts"] == 2
    assert said in result.stderr


def test_a_link_to_nowhere_among_contacts_is_an_error() -> None:
    Path("contacts/x.csv").symlink_to("gone.csv")
    result = decided("contacts")
    assert result.exit_code == 2
    assert "is a link to what is not there" in result.stderr


def test_a_pipe_that_is_named_is_refused() -> None:
    os.mkfifo("pipe.csv")
    assert "no regular file" in decided("pipe.csv").stderr


def test_a_file_named_by_two_names_is_read_once() -> None:
    os.link("contacts/contacts.csv", "same.csv")
    result = decided("contacts", "same.csv", "./contacts/contacts.csv")
    assert told(result)["contacts"] == 2
    assert "was named already" in result.stderr


# -- never destroying what one was not told to


def test_a_directory_is_never_replaced(engine_name: str, here: Path) -> None:
    Path("out.csv").mkdir()
    Path("out.csv/precious").write_text("precious")
    before = everything(here)
    for overwrite in (False, True):
        result = decided("contacts", engine=engine_name, output="out.csv", overwrite=overwrite)
        assert result.exit_code == 2
        assert "is a directory, and is not replaced" in result.stderr
    assert everything(here) == before


def test_a_file_is_replaced_only_when_that_is_said(engine_name: str) -> None:
    output = Path("out.csv")
    output.write_text("precious")
    result = decided("contacts", engine=engine_name, output=output)
    assert result.exit_code == 2
    assert "--overwrite" in result.stderr
    assert output.read_text() == "precious"
    assert decided("contacts", engine=engine_name, output=output, overwrite=True).exit_code == 0
    assert output.is_dir() or "precious" not in output.read_text()


@pytest.mark.usefixtures("spark")
def test_what_spark_wrote_is_replaced_as_long_as_there_is_nothing_else_in_it() -> None:
    output = Path("out.csv")
    assert decided("contacts", engine="spark", output=output).exit_code == 0
    assert (output / MARKER).exists()
    assert decided("contacts", engine="spark", output=output).exit_code == 2
    assert decided("contacts", engine="spark", output=output, overwrite=True).exit_code == 0
    assert decided("contacts", output=output, overwrite=True).exit_code == 0
    assert output.is_file()
    assert decided("contacts", engine="spark", output="more.csv").exit_code == 0
    Path("more.csv/notes").touch()
    assert decided("contacts", engine="spark", output="more.csv", overwrite=True).exit_code == 2
    assert Path("more.csv/notes").exists()
    assert [one.name for one in Path().iterdir() if one.name.startswith(".")] == []


def same_names(file: str) -> list[str]:
    """Names of the file: its own, another relative one, an absolute one, by a link and by a hard link."""
    path = Path(file)
    Path(f"link{path.suffix}").symlink_to(path)
    os.link(path, f"hard{path.suffix}")
    Path("there").symlink_to(path.parent if path.parent.name else Path().absolute())
    other = f"{path.parent.name or 'contacts'}/../{file}"
    return [file, other, str(path.absolute()), f"link{path.suffix}", f"hard{path.suffix}", f"there/{path.name}"]


def test_what_is_read_is_never_replaced(here: Path) -> None:
    names = same_names("contacts/contacts.csv")
    before = everything(here)
    for name in names:
        for given in ("contacts", "contacts/contacts.csv"):
            for option in ("output", "report"):
                result = decided(given, overwrite=True, **{option: name})
                assert (result.exit_code, "is read, and can't be written" in result.stderr) == (2, True), result.output
    for option in ("report", "output"):
        for target in ("campaign.yaml", "contacts"):
            result = decided("contacts/contacts.csv", overwrite=True, **{option: target})
            assert result.exit_code == 2
    assert everything(here) == before


@pytest.mark.parametrize("command", ["dry-run", "explain"])
def test_a_context_is_never_replaced(command: str, here: Path) -> None:
    Path("context.yaml").write_text(CONTEXT)
    names = same_names("context.yaml")
    before = everything(here)
    for name in names:
        result = run(command, "context.yaml", "--output", name, "--overwrite")
        assert (result.exit_code, "is read, and can't be written" in result.stderr) == (2, True), result.output
    assert everything(here) == before


COMMANDS: dict[str, list[object]] = {
    "dry-run": ["context.yaml", "--output"],
    "explain": ["context.yaml", "--output"],
    "reasons": ["--output"],
    "test": ["--html"],
    "audience": ["contacts", "--campaign", "campaign.yaml", "--report"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_asks_before_it_replaces(command: str) -> None:
    Path("context.yaml").write_text(CONTEXT)
    run("init", "--copy", "pack")
    for one in Path("pack/tests").iterdir():
        one.unlink()
    Path("pack/tests/few.yaml").write_text(
        "now: 2026-11-28T12:00:00Z\ncases:\n  - name: one\n"
        "    patch: {email.channel: transactional, contact.email: kim@example.com}\n"
        "    expect: {sendable: false}\n"
    )
    arguments = [command, "--policy", "pack", *COMMANDS[command]]
    first = run(*arguments, "out")
    written = Path("out").read_bytes()
    assert written, first.output
    Path("out").write_text("precious")
    again = run(*arguments, "out")
    assert again.exit_code == 2
    assert "`out` is there already" in again.stderr
    assert "--overwrite" in again.stderr
    assert Path("out").read_text() == "precious"
    run(*arguments, "out", "--overwrite")
    assert Path("out").read_text() != "precious"
    for file in (MANIFEST, "reasons/consent.yaml", "lists/../policy.yaml", "tests/few.yaml"):
        before = Path("pack", file).read_bytes()
        result = run(*arguments, f"pack/{file}", "--overwrite")
        assert result.exit_code == 2
        assert Path("pack", file).read_bytes() == before
    assert run(*arguments, "contacts", "--overwrite").exit_code == 2
    assert Path("contacts/contacts.csv").read_text() == ROWS
    assert [one.name for one in Path().iterdir() if one.name.startswith(".")] == []


@pytest.mark.parametrize("report", ["out.csv", "./out.csv", "OUT.csv", "link"])
def test_two_outputs_have_two_names(report: str) -> None:
    Path("link").symlink_to("out.csv")
    result = decided("contacts", output="out.csv", report=report)
    assert result.exit_code == 2
    assert "is to be written twice" in result.stderr
    assert not Path("out.csv").exists()


def test_a_file_that_comes_meanwhile_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(*_: object) -> Iterator[str]:
        Path("out").write_text("precious")
        yield "text\n"

    monkeypatch.setattr("sendable.cli.reasons.writers", lambda _: {"text": Writer(meanwhile)})
    assert run("reasons", "--output", "out").exit_code == 2
    assert Path("out").read_text() == "precious"
    assert run("reasons", "--output", "out", "--overwrite").exit_code == 0
    assert Path("out").read_text() == "text\n"


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_a_disk_that_fills_up_is_said_in_a_line_and_nothing_is_left(name: str) -> None:
    rows = [f"{number},{number}@{number * number}.example.com\n" for number in range(20_000)]
    Path("many.csv").write_text("id,email\n" + "".join(rows))
    before = everything(Path())
    command = f"ulimit -f 8; exec {sys.executable} -m sendable audience many.csv --campaign campaign.yaml"
    done = subprocess.run(
        ["sh", "-c", f"{command} -o out.csv --engine {name}"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "large" in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("error: ")]) == 1
    assert everything(Path()) == before


def test_an_interrupted_query_is_an_interrupt_whatever_the_engine_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("sendable.audience.engines.duckdb.DuckDBFiles.write", interrupted)
    result = decided("contacts", engine="duckdb", output="out.csv")
    assert (result.exit_code, result.stderr) == (cli.INTERRUPTED, "interrupted\n")


# -- names are names


NAMES = [
    *(
        "g*.csv",
        "g?.csv",
        "g[x].csv",
        "{gx,gy}.csv",
        "it's.csv",
        'qu"ote.csv',
        "per%20cent.csv",
        "å ö 邮.csv",
        "a,b.csv",
    ),
    *(
        "-dash.csv",
        "file:x.csv",
        "a=b.csv",
        "back\\slash.csv",
        "back\\*.csv",
        "~.csv",
        "$HOME.csv",
        "_gx.csv",
        ".gx.csv",
    ),
    *("s3:/bucket/x.csv", "http:/x/g*.csv", "**/x.csv", "a;b#c&d.csv"),
]


WRITERS: dict[str, Callable[[pl.DataFrame, Any], None]] = {
    ".csv": pl.DataFrame.write_csv,
    ".jsonl": pl.DataFrame.write_ndjson,
    ".parquet": pl.DataFrame.write_parquet,
}


def write(frame: pl.DataFrame, path: Path) -> None:
    """Writes the frame by a name that Polars does not see."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as opened:
        WRITERS[path.suffix](frame, opened)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_name_is_that_file_alone(engine_name: str, suffix: str) -> None:
    frame = pl.DataFrame({"id": ["1", "2"], "email": ["kim@example.com", "ada@example.com"]})
    for near in ("gx", "gy", "a", "b", "x", "back"):
        write(pl.concat([frame] * 5), Path(f"{near}{suffix}"))
    names = [name.replace(".csv", suffix) for name in NAMES]
    for name in names:
        write(frame, Path(name))
    options = [*OPTIONS, "--engine", engine_name, "--duplicates", "allow"]
    assert told(run("audience", *options, "--", *names))["contacts"] == 2 * len(names)
    if engine_name != "spark":
        for name in names:
            assert told(decided(f"./{name}", engine=engine_name))["contacts"] == 2


@pytest.mark.parametrize("name", ["g*.csv", "per%20cent.csv", "[x]/{a}/it's a=b.csv", "a:b/-dash.csv"])
def test_an_output_has_the_name_that_was_said(engine_name: str, name: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    assert decided("contacts", engine=engine_name, output=f"./{name}").exit_code == 0
    assert Path(name).exists()
    assert [one.name for one in Path(name).parent.iterdir() if one.name.startswith(".")] == []


def test_a_file_that_can_not_be_read_is_said_by_its_own_name(engine_name: str) -> None:
    Path("g*.jsonl").write_text('{"id": "1", "email"')
    result = decided("g*.jsonl", engine=engine_name)
    assert result.exit_code == 2
    if engine_name == "duckdb":  # the others don't say which file it is
        assert "g*.jsonl" in result.stderr
