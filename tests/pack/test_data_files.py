"""Lists whose entries stand in files of data: what is read, what is refused, and what everything makes of it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import sendable
from sendable.cli import sendable as program
from sendable.diagnostics.places import Span
from sendable.diagnostics.record import Collector, Diagnostic, Severity
from sendable.documents.cells import unguarded
from sendable.language import addresses
from sendable.lints.run import lint_pack
from sendable.pack.data_files import DataFile, read_data
from sendable.testing.coverage import measure
from sendable.testing.mutation import mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import Run, run_suites
from tests.support.packs import NOW, context, pack

LIST = "lists:\n  blocked:\n    description: Who is blocked.\n    {}\n"
TABLE = "from: [{file: lists/data/blocked.csv, column: Email}]"
TEXT = "from: [{file: lists/data/blocked.txt}]"
WHEN = "contact.email in lists.blocked"
HASHED = hashlib.sha256(b"kim@example.com").hexdigest()
MARKETING = {"email": {"channel": "marketing"}}


def made(root: Path, body: str, files: dict[str, str | bytes], when: str = WHEN, **reason: Any) -> sendable.Policy:
    (root / "lists" / "data").mkdir(parents=True, exist_ok=True)
    (root / "lists" / "lists.yaml").write_text(LIST.format(body), encoding="utf-8")
    for name, content in files.items():
        (root / "lists" / "data" / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return pack(root, {"when": when, **reason})


def entries(root: Path, body: str, files: dict[str, str | bytes]) -> frozenset[str]:
    return made(root, body, files).pack.lists["blocked"].entries


def said(root: Path, body: str, files: dict[str, str | bytes], when: str = WHEN) -> list[Diagnostic]:
    with pytest.raises(sendable.PolicyError) as caught:
        made(root, body, files, when)
    return list(caught.value.diagnostics)


@pytest.mark.parametrize(
    ("body", "name", "content", "found"),
    [
        (TEXT, "blocked.txt", "Kim@Example.com\n\n# Those who asked us.\n  lee@example.com \n", ["kim", "lee"]),
        (TEXT, "blocked.txt", "kim@example.com\r\nlee@example.com", ["kim", "lee"]),
        (TEXT, "blocked.txt", b"\xef\xbb\xbfkim@example.com\n", ["kim"]),
        (TEXT, "blocked.txt", "kim@ex\N{SOFT HYPHEN}ample.com\n", ["kim"]),
        (TABLE, "blocked.csv", "Id,Email\n1,Kim@Example.com\n\n2, lee@example.com \n", ["kim", "lee"]),
        (TABLE, "blocked.csv", "\nId;Email;Name\r\n1;kim@example.com;a,b\r\n", ["kim"]),
        (TABLE, "blocked.csv", "Name\tEmail\nA, B\tkim@example.com\n", ["kim"]),
        (TABLE, "blocked.csv", b"\xef\xbb\xbfEmail\nkim@example.com\n", ["kim"]),
        (TABLE, "blocked.csv", 'Name,"Email"\n"two\nlines, and a comma",kim@example.com\n', ["kim"]),
        (TABLE, "blocked.csv", "Email\n'+kim@example.com\n'kim@example.com\n", ["+kim", "'kim"]),
        ("entries: [lee@example.com]\n    " + TEXT, "blocked.txt", "kim@example.com\n", ["kim", "lee"]),
        ("from: [{file: ./lists/data/blocked.txt}]", "blocked.txt", "kim@example.com\n", ["kim"]),
    ],
)  # fmt: skip
def test_entries_are_read_as_those_of_documents_are(
    body: str, name: str, content: str | bytes, found: list[str], tmp_path: Path
) -> None:
    assert entries(tmp_path, body, {name: content}) == {f"{one}@example.com" for one in found}
    _, problems = lint_pack(tmp_path)
    assert [one.code for one in problems if one.severity is Severity.ERROR] == []
    assert "SND509" not in {one.code for one in problems}


@pytest.mark.parametrize("content", ["a\nb", "a\nb\n", "a\r\nb", "\na\n\nb", "\ufeffa\nb", "a\n#\nb", "b\n\na"])
def test_of_small_files_every_line_is_read(content: str, tmp_path: Path) -> None:
    assert entries(tmp_path, TEXT, {"blocked.txt": content}) == {"a", "b"}


def test_lines_are_read_whole_wherever_a_block_ends(tmp_path: Path) -> None:
    lines = [f"{'x' * (number % 97)}{number}@example.com" for number in range(20_000)]
    content = "\r\n".join(lines)
    assert len(content) > 4 * 256 * 1024
    assert entries(tmp_path, TEXT, {"blocked.txt": content}) == set(lines)


def test_several_files_make_one_list(tmp_path: Path) -> None:
    body = "from: [{file: lists/data/a.csv, column: Email}, {file: lists/data/b.csv, column: E-post}]"
    files: dict[str, str | bytes] = {"a.csv": "Email\nkim@example.com\n", "b.csv": "E-post\nlee@example.com\n"}
    assert entries(tmp_path, body, files) == {"kim@example.com", "lee@example.com"}


NOT_ALONE = [
    "kim@example.com/lee@example.com", "kim@example.com|Kim", "mailto:kim@example.com", "MailTo:kim@example.com",
    '"kim@example.com"', '="kim@example.com"', "'kim@example.com'", "kim@example.com(Kim)", "kim@lee@example.com",
    "Kim＜kim＠example.com＞", "kim＠example.com，lee＠example.com", "kim@example.com\\lee@example.com",
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "name", "content", "code", "place", "message"),
    [
        (TEXT, "blocked.txt", "kim@example.com\nKim <kim@example.com>\n", "SND581", ("blocked.txt", 2),
         "`Kim <kim@example.com>` can't be an entry of the list `blocked`: it is not one address alone"),
        (TEXT, "blocked.txt", "kim@example.com, lee@example.com\n", "SND581", ("blocked.txt", 1), "not one address"),
        *((TEXT, "blocked.txt", f"{one}\n", "SND581", ("blocked.txt", 1), "not one") for one in NOT_ALONE),
        (TEXT, "blocked.txt", "kim@exa\x00mple.com\n", "SND581", ("blocked.txt", 1), "the character U+0000"),
        (TEXT, "blocked.txt", "k\N{REPLACEMENT CHARACTER}m@example.com\n", "SND581", ("blocked.txt", 1), "U+FFFD"),
        (TEXT, "blocked.txt", "x" * 1025, "SND581", ("blocked.txt", 1), "it has 1025 characters"),
        (TEXT, "blocked.txt", "\N{ZERO WIDTH SPACE}\n", "SND581", ("blocked.txt", 1), "nothing in it that can be seen"),
        (TEXT, "blocked.txt", "# nobody\n", "SND587", ("lists.yaml", 4), "has no entry"),
        (TEXT, "blocked.txt", b"kim@example.com\nl\xe9e@example.com\n", "SND103", ("blocked.txt", 2), "0xE9"),
        (TEXT, "blocked.txt", "x" * 200_000, "SND588", ("blocked.txt", 1), "more than 131,072 bytes"),
        (TEXT, "other.txt", "x\n", "SND101", ("lists.yaml", 4), "there is no such file"),
        (TABLE, "blocked.csv", "Id,email\n1,kim@example.com\n", "SND583", ("lists.yaml", 4), "no column `Email`"),
        (TABLE, "blocked.csv", "", "SND587", ("lists.yaml", 4), "has no entry"),
        (TABLE, "blocked.csv", "Email,Id,Email\na,b,c\n", "SND584", ("lists.yaml", 4), "the column `Email` twice"),
        (TABLE, "blocked.csv", "Id,Email\n", "SND587", ("lists.yaml", 4), "has no entry"),
        (TABLE, "blocked.csv", "Id,Email\n1,a@example.com\n2,Doe, Kim,kim@example.com\n", "SND588", ("blocked.csv", 3),
         "it has 4 cells, and the first line has 2"),
        (TABLE, "blocked.csv", 'Id,Email\n1,"kim@example.com\n2,lee@example.com\n', "SND588", ("blocked.csv", 2),
         "a cell begins with a quote here, and none ends it"),
        (TABLE, "blocked.csv", 'Id,Email\n1,"Kim" K.\n', "SND588", ("blocked.csv", 2), "goes on behind the quote"),
        (TABLE, "blocked.csv", "Id,Email\r1,kim@example.com\r", "SND588", ("blocked.csv", 1), "a carriage return"),
        ("from: [{file: lists/data/blocked.csv}]", "blocked.csv", "Email\na\n", "SND585", ("lists.yaml", 4), "table"),
        ("from: [{file: ../blocked.txt}]", "blocked.txt", "x\n", "SND508", ("lists.yaml", 4), "out of the pack"),
        ("from: [{file: /blocked.txt}]", "blocked.txt", "x\n", "SND508", ("lists.yaml", 4), "out of the pack"),
        ("from: [{file: lists/data}]", "blocked.txt", "x\n", "SND101", ("lists.yaml", 4), "it is a directory"),
        ("from: []", "blocked.txt", "x\n", "SND207", ("lists.yaml", 4), "it needs at least one entry"),
        ("from: [{colum: x, file: lists/data/blocked.txt}]", "blocked.txt", "x\n", "SND201", ("lists.yaml", 4), "col"),
        ("from: [{column: Email}]", "blocked.txt", "x\n", "SND202", ("lists.yaml", 4), "`file`"),
        ("entries: {a: b}\n    " + TEXT, "blocked.txt", "x\n", "SND203", ("lists.yaml", 2), "as it has `from` besides"),
        ("hashed: md5\n    " + TEXT, "blocked.txt", HASHED, "SND204", ("lists.yaml", 4), "`md5`"),
        ("hashed: sha256\n    " + TEXT, "blocked.txt", "kim@example.com\n", "SND581", ("blocked.txt", 1), "an address"),
        ("hashed: sha256\n    " + TEXT, "blocked.txt", HASHED[:40], "SND581", ("blocked.txt", 1), "has 64 digits"),
        ("hashed: sha256\n    entries: [kim]", "blocked.txt", "x\n", "SND581", ("lists.yaml", 5), "has 64 digits"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_at_its_place(
    body: str, name: str, content: str | bytes, code: str, place: tuple[str, int], message: str, tmp_path: Path
) -> None:
    found = [one for one in said(tmp_path, body, {name: content}) if one.severity is Severity.ERROR]
    assert [one.code for one in found] == [code]
    assert (Path(found[0].span.file).name, found[0].span.start.line) == place
    assert message in found[0].message


def test_a_file_is_read_few_times_however_often_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr("sendable.pack.lists.read_data", lambda one, *_: read.append(one.path))
    named = "".join("\n      - file: lists/data/blocked.txt" for _ in range(50))
    others = "".join(f"\n  l{n}: {{description: D., from: [{{file: ./lists/data/blocked.txt}}]}}" for n in range(50))
    [problem] = said(tmp_path, f"from:{named}{others}", {"blocked.txt": "kim@example.com\n"})
    assert (problem.code, problem.span.start.line) == ("SND591", 13)
    assert len(read) == 8


def test_a_column_that_is_nearly_there_is_named(tmp_path: Path) -> None:
    [found] = said(tmp_path, TABLE, {"blocked.csv": "Id,E-mail\n1,kim@example.com\n"})
    assert "did you mean `E-mail`? its columns are Id, E-mail" in found.help
    assert [Path(one.file).name for one in found.also] == ["blocked.csv"]


def test_of_many_refused_lines_some_are_told_and_all_are_counted(tmp_path: Path) -> None:
    lines = "".join(f"Kim {number} <kim@example.com>\n" for number in range(1000))
    found = said(tmp_path, TEXT, {"blocked.txt": f"lee@example.com\n{lines}"})
    assert [(one.code, one.span.start.line) for one in found] == [("SND581", 2), ("SND581", 3), ("SND581", 4)]
    assert [one.message.endswith("; nor can 997 more of this file") for one in found] == [False, False, True]


def test_what_is_repeated_or_empty_is_counted_and_loads(tmp_path: Path) -> None:
    rows = "Id,Email\n1,kim@example.com\n2,\n3,KIM@example.com\n4,lee@example.com\n5,kim@example.com\n6, \n"
    assert entries(tmp_path, TABLE, {"blocked.csv": rows}) == {"kim@example.com", "lee@example.com"}
    _, found = lint_pack(tmp_path)
    told = {one.code: one for one in found}
    assert {told["SND582"].severity, told["SND586"].severity} == {Severity.WARNING}
    assert (told["SND582"].span.start.line, told["SND586"].span.start.line) == (4, 3)
    assert told["SND582"].message.startswith(
        "2 entries of this file stand in the list `blocked` already, the first of them here: `KIM@"
    )
    assert told["SND586"].message.startswith(
        "2 rows of this file have nothing in the column `Email`, the first of them here"
    )


def test_a_link_out_of_the_pack_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "pack"
    (root / "lists" / "data").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("kim@example.com\n", encoding="utf-8")
    (root / "lists" / "data" / "blocked.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(sendable.PolicyError, match="SND508"):
        made(root, TEXT, {})


def test_the_version_covers_the_files(tmp_path: Path) -> None:
    first = made(tmp_path, TEXT, {"blocked.txt": "kim@example.com\n"}).version
    assert made(tmp_path, TEXT, {"blocked.txt": "kim@example.com\n"}).version == first
    assert made(tmp_path, TEXT, {"blocked.txt": "kim@example.com\nlee@example.com\n"}).version != first


def test_a_file_that_no_list_names_is_told(tmp_path: Path) -> None:
    made(tmp_path, TEXT, {"blocked.txt": "kim@example.com\n", "forgotten.csv": "Email\nlee@example.com\n"})
    _, found = lint_pack(tmp_path)
    assert [Path(one.span.file).name for one in found if one.code == "SND509"] == ["forgotten.csv"]


ADDRESSES = [
    "Kim@Example.com",
    "kim@example.com",
    "ｋim@example.com",
    "lee@example.com",
    "kim+a@example.com",
    "",
    "@",
    "x",
]


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize(
    "when", [WHEN, f"not ({WHEN})", "contact.email not in lists.blocked", "contact.id in lists.blocked"]
)
def test_every_backend_finds_the_same(when: str, hashed: bool, tmp_path: Path) -> None:
    listed = ["kim@example.com", "grå@example.com", "STRASSE@example.com"]
    body = f"hashed: sha256\n    {TEXT}" if hashed else TEXT
    lines = [addresses.digest(one) if hashed else one for one in listed]
    policy = made(tmp_path, body, {"blocked.txt": "\n".join(lines)}, f'"{when}"', on_unknown="suppress")
    ids: list[str | None] = [*reversed(ADDRESSES), None, "kim@example.com"]
    emails = [*ADDRESSES, "straße@example.com", "gra\u030a@example.com"]
    rows = [{"email": email, "id": other} for email, other in zip(emails, ids, strict=True)]
    folded = {addresses.fold(one) for one in listed}
    asked = [one["id"] if "contact.id" in when else one["email"] for one in rows]
    inside = [addresses.fold(one) in folded if one else None for one in asked]
    if "contact.id" not in when:
        inside = [one or False for one in inside]  # an address is never unknown
    wanted = [None if one is None else "matched" if one is ("not " not in when) else "" for one in inside]
    expected = [{None: "undetermined", "": None}.get(one, one) for one in wanted]
    told = []
    for email, row in zip(emails, rows, strict=True):
        document = {**context(), "contact": row}
        decision = policy.decide(document)
        long = policy.decide({**document, "contact": {**row, "email": _Text(email)}})
        assert decision.to_dict() == long.to_dict() == policy.explain(document).decision.to_dict()
        told.append(None if decision.reason is None else decision.reason.certainty.value)
    assert told == expected
    frame = pl.DataFrame([{"email": row["email"], "contact.id": row["id"]} for row in rows]).with_row_index("key")
    for native in (frame, duckdb.from_arrow(frame.to_arrow())):
        result: Any = policy.decide_frame(native, campaign=MARKETING, keys=["key"], now=NOW)
        table = result if isinstance(result, pl.DataFrame) else result.pl()
        assert table.sort("key")["certainty"].to_list() == expected


class _Text(str):
    """A text that is not plain JSON, so that the decision goes the long way."""

    __slots__ = ()


@pytest.mark.parametrize(
    "when",
    [
        "domain(contact.email) in lists.blocked",
        "lower(contact.email) in lists.blocked",
        "in_domains(domain(contact.email), lists.blocked)",
        "overlaps(contact.unsubscribed_types, lists.blocked)",
        "count(lists.blocked) > 1",
        "'kim@example.com' in lists.blocked",
        "email.channel in lists.blocked",
    ],
)
def test_a_list_of_digests_is_asked_for_whole_addresses_only(when: str, tmp_path: Path) -> None:
    found = said(tmp_path, f"hashed: sha256\n    {TEXT}", {"blocked.txt": HASHED}, f'"{when}"')
    assert [one.code for one in found] == ["SND589"]
    assert "write `contact.email in lists.blocked`" in found[0].help


def test_a_digest_is_of_the_folded_address() -> None:
    for address in ("Kim@Example.com", "ｋim@example.com", "kim@example.com"):
        assert addresses.digest(address) == HASHED
    assert HASHED == "5d9a0087d4ccdb9bc50e88c4713479119e48a326fd360d647cf1643f3cae13e7"  # as schemas/README.md says
    assert addresses.digest("GRÅ@xn--r8jz45g.jp") == "9d58923db35ef340d0855be47c29cb07ed32dc56abb6bbeae53da194765685b6"
    assert addresses.digest("å@xn--r8jz45g.jp") == hashlib.sha256("å@例え.jp".encode()).hexdigest()
    assert addresses.digest("\ud800@example.com") != addresses.digest("@example.com")


# -- what is made of such lists


def ran(policy: sendable.Policy, root: Path, email: str, expect: str) -> Run:
    (root / "tests").mkdir(exist_ok=True)
    case = f"{{name: a, patch: {{email.channel: marketing, contact.email: {email}}}, expect: {expect}}}"
    (root / "tests" / "a.yaml").write_text(f'now: "2026-11-23T09:00:00Z"\ncases: [{case}]\n', encoding="utf-8")
    suites, problems = load_suites(root / "tests", policy.pack)
    assert problems == ()
    return run_suites(policy, suites)


def test_entries_that_are_never_found_are_told_once_with_a_count_and_a_place(tmp_path: Path) -> None:
    names = "".join(f"name{number}\n" for number in range(500))
    made(tmp_path, TEXT, {"blocked.txt": f"kim@example.com\n\n{names}"})
    _, found = lint_pack(tmp_path)
    [one] = [one for one in found if one.code == "SND590"]
    assert (Path(one.span.file).name, one.span.start.line) == ("blocked.txt", 3)
    assert one.message == (
        "500 entries of the list `blocked` from files of data are never found in `contact.email`, such as `name0`: "
        "an address has an @"
    )
    made(tmp_path, TEXT, {"blocked.txt": names}, "local_part(contact.email) in lists.blocked")
    _, found = lint_pack(tmp_path)
    assert "SND590" not in {one.code for one in found}


def test_a_list_from_files_is_left_out_as_a_whole(tmp_path: Path) -> None:
    names = "".join(f"name{number}@example.com\n" for number in range(5000))
    policy = made(tmp_path, TEXT, {"blocked.txt": names})
    for email, expect, killed in (("a@b.se", "{sendable: true}", False), ("NAME7@example.com", "{reason: r0}", True)):
        run = ran(policy, tmp_path, email, expect)
        assert run.passed
        found = mutate(policy.pack, load_suites(tmp_path / "tests", policy.pack)[0])
        told = [one for one in found.survived if "entries are left out" in one.mutant.text]
        assert [one.mutant.text for one in told] == ["all 5,000 entries are left out of the list `blocked`"] * (
            not killed
        )


def test_nobody_is_asked_for_an_address_of_a_digest(tmp_path: Path) -> None:
    body, files = f"hashed: sha256\n    {TEXT}", {"blocked.txt": HASHED}
    policy = made(tmp_path, body, {**files})
    coverage = measure(policy.pack, ran(policy, tmp_path, "a@b.se", "{sendable: true}"))
    assert [(one.text, one.outcome) for one in coverage.never_seen if one.outcome == "true"] == []
    run = ran(policy, tmp_path, "Kim@Example.com", "{reason: r0}")
    assert run.passed
    seen = [one for one in measure(policy.pack, run).counted if one.outcome == "true"]
    assert [one.seen for one in seen] == [True]
    _, found = lint_pack(tmp_path)
    assert {one.code for one in found if one.severity is Severity.ERROR} == set()
    assert HASHED not in explained(tmp_path, contact={"email": "Kim@Example.com"})
    assert "contact.email" in explained(tmp_path, contact={"email": "lee@example.com"})


def test_no_address_is_made_up_for_a_digest(tmp_path: Path) -> None:
    body = f"hashed: sha256\n    {TEXT}"
    policy = made(tmp_path, body, {"blocked.txt": HASHED}, "contact.email not in lists.blocked")
    found = policy.explain({**context(), "contact": {"email": "lee@example.com"}})
    assert [one.id for one in found.decision.reasons] == ["r0"]
    assert found.remedies == ()
    assert not found.complete  # an address that is listed would clear it


def explained(root: Path, contact: dict[str, Any]) -> str:
    (root / "context.json").write_text(json.dumps({**MARKETING, "contact": contact}), encoding="utf-8")
    command = ["explain", "--policy", str(root), "--format", "json", str(root / "context.json")]
    result = CliRunner().invoke(program, command)
    assert result.exit_code in (0, 1), result.output
    return result.stdout


def test_what_explains_a_long_list_stays_short(tmp_path: Path) -> None:
    names = "".join(f"name{number}@example.com\n" for number in range(20_000))
    made(tmp_path, TEXT, {"blocked.txt": names}, "contact.email not in lists.blocked")
    assert len(explained(tmp_path, {"email": "kim@example.com"})) < 10_000
    made(tmp_path, TEXT, {"blocked.txt": names}, "overlaps(contact.unsubscribed_types, lists.blocked)")
    contact = {"email": "kim@example.com", "unsubscribed_types": ["name1@example.com"]}
    assert len(explained(tmp_path, contact)) < 10_000


def test_a_followed_pack_takes_a_changed_file_and_no_emptied_one(tmp_path: Path) -> None:
    made(tmp_path, TEXT, {"blocked.txt": "kim@example.com\nsam@example.com\n"})
    data = tmp_path / "lists" / "data" / "blocked.txt"
    lee = {**context(), "contact": {"email": "lee@example.com"}}
    with sendable.watch(tmp_path, interval=60, settle=0) as followed:
        first = followed.version
        assert followed.decide(lee).sendable
        data.write_text("kim@example.com\nsam@example.com\nlee@example.com\n", encoding="utf-8")
        assert followed.reload().current
        assert followed.version != first
        assert not followed.decide(lee).sendable
        data.write_text("lee@example.com\n", encoding="utf-8")
        assert "the list blocked lost half of its 3 entries or more" in str(followed.reload().problem)
        data.write_text("", encoding="utf-8")
        assert followed.reload().problem == "the pack has errors"
        assert not followed.decide(lee).sendable


def test_the_lock_has_the_files(tmp_path: Path) -> None:
    made(tmp_path, TEXT, {"blocked.txt": "kim@example.com\n"})
    assert CliRunner().invoke(program, ["lint", "--lock", str(tmp_path)]).exit_code in (0, 1)
    assert "lists/data/blocked.txt" in (tmp_path / "policy.lock").read_text(encoding="utf-8")
    (tmp_path / "lists" / "data" / "blocked.txt").write_text("lee@example.com\n", encoding="utf-8")
    with pytest.raises(sendable.PolicyError, match=r"`lists/data/blocked\.txt` is not as it was"):
        sendable.load(tmp_path, verify=True)


# -- whatever stands in a file


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=6), as_table=st.booleans()
)
def test_what_is_read_is_what_a_document_would_say(texts: list[str], as_table: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "data.csv" if as_table else "data.txt")
        if as_table:
            with path.open("w", encoding="utf-8", newline="") as opened:
                csv.writer(opened).writerows([["Entry", "Other"], *([text, "x"] for text in texts)])
        else:
            path.write_text("\n".join(texts), encoding="utf-8", newline="")
        collector, entries = Collector(), set[str]()
        wanted = DataFile(path, str(path), Span.whole_file(str(path)), "Entry" if as_table else None)
        digest = read_data(wanted, "blocked", entries, collector)
    if digest is not None:
        assert digest == hashlib.sha256(_written(texts, as_table=as_table)).hexdigest()
    if collector.has_errors:
        assert {one.code for one in collector.sorted()} <= {"SND581", "SND582", "SND586", "SND587", "SND588"}
        return
    lines = texts if as_table else "\n".join(texts).split("\n")
    read = [unguarded(text).strip() if as_table else text.strip() for text in lines]
    meant = [text for text in read if text and (as_table or not text.startswith("#"))]
    assert entries == {addresses.fold(text) for text in meant}


def _written(texts: list[str], *, as_table: bool) -> bytes:
    if not as_table:
        return "\n".join(texts).encode()
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["Entry", "Other"], *([text, "x"] for text in texts)])
    return written.getvalue().encode()


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=60) | st.text('",;\t|\r\n\0a@', max_size=30).map(str.encode), as_table=st.booleans())
def test_whatever_stands_in_a_file_is_read_or_reported(content: bytes, as_table: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "data")
        path.write_bytes(b"a,b\n" + content if as_table else content)
        collector, entries = Collector(), set[str]()
        wanted = DataFile(path, str(path), Span.whole_file(str(path)), "a" if as_table else None)
        digest = read_data(wanted, "blocked", entries, collector)
    assert (digest is not None) or collector.has_errors
    assert entries or collector.has_errors
