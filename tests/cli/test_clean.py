"""Nothing that is printed, written or logged acts on whoever shows it, whatever stands in packs, contexts and names.

Every command in every format is run with one hostile pack and one hostile context; then what it printed and wrote is
searched for the raw characters.
"""

from __future__ import annotations

import csv
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import sendable
from sendable import cli
from sendable.audience.frame import FrameError
from sendable.render.reports.choice import formats

CONTROL = "\x1b]0;title\x07\x9b31m\x7f"
TURNING = "\u202e\u2066\u200f"
COMMAND = "\n::error::told by a pack\n  ::set-output name=x::y\n##[error]old"
MARKUP = "<script>alert(1)</script>`</code>`"
HOSTILE = f"{CONTROL}{TURNING}{COMMAND}{MARKUP}"
SHOWN = f"\u2066{COMMAND}{MARKUP}"
"""What a pack may have in its texts."""

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COMMANDS = re.compile(r"^[ \t]*::|##\[", re.MULTILINE)
CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
"""A code span of Markdown, in one line."""
NAME = "a\x1b[31m\u202e\n::error::b"
DATA = f"{NAME.replace(chr(10), '')}.csv"
COLUMN = f"::error::{MARKUP}\u2066"
CASE = '"::x"'
UNTIL = "2026-12-01T00:00:00Z"


def quoted(text: str) -> str:
    return json.dumps(text)


NEVER = 'contact.id in lists.ids and contact.hard_bounces > params.most and contact.id != "x::y`z"'
FOUND = "contact.id not in lists.ids and contact.hard_bounces > params.most and local_hour(now, params.zone) < 24"


def reason(name: str, texts: str, when: str = FOUND) -> str:
    return f"""\
  {name}:
    title: {{en: {quoted(texts)}, sv: {quoted(texts)}}}
    priority: {100 + len(name)}
    channels: [marketing]
    basis: reputation
    when: {when}
    on_unknown: suppress
    retry: after_fix
    fixable_by: user
    codes: {{hubspot: {quoted(texts + name)}}}
    message: {{en: {quoted(texts + " {contact.email}")}, sv: {quoted(texts + " {contact.email}")}}}
    fix: {{en: {quoted(texts)}, sv: {quoted(texts)}}}
"""


def pack(root: Path, texts: str) -> Path:
    """A pack whose texts, entries, exceptions, zones, tests and names of files are hostile."""
    zone = texts if texts == HOSTILE else "Europe/Stockholm"
    files = {
        "policy.yaml": "name: hostile\nlocales: [en, sv]\ndefault_locale: en\n"
        f"description: {quoted(texts)}\n"
        "reasons: ['reasons/*.yaml']\nparameters:\n"
        f"  most:\n    type: integer\n    value: 0\n    description: {quoted(texts)}\n    cases:\n"
        f"      - when: account.id == {CASE}\n        value: 1\n        owner: {quoted(texts)}\n"
        f"        why: {quoted(texts)}\n"
        f"  zone: {{type: string, value: {quoted(zone)}, description: A zone.}}\n"
        f"exceptions:\n  lifted:\n    reasons: [twice]\n    when: contact.hard_bounces > 0\n"
        f"    until: {quoted(UNTIL)}\n"
        f"    owner: {quoted(texts)}\n    why: {quoted(texts)}\n",
        f"reasons/{NAME.replace(chr(10), '')}.yaml": "reasons:\n"
        + reason("one", texts, NEVER)
        + reason("twice", texts)
        + reason("thrice", texts),
        "lists/lists.yaml": f"lists:\n  ids:\n    description: {quoted(texts)}\n    entries: [{quoted(texts)}]\n"
        f"    from: [{{file: {quoted(f'lists/{DATA}')}, column: {quoted(COLUMN)}}}]\n",
        f"lists/{DATA}": f"{COLUMN}\n{MARKUP}::x\n",
        "tests/tests.yaml": f"""\
description: {quoted(texts)}
now: 2026-11-23T09:00:00Z
cases:
  - name: {quoted(texts)}
    patch:
      email.channel: marketing
      contact.email: {quoted(texts + "@b.example")}
      contact.id: {quoted(texts)}
      contact.hard_bounces: 1
    expect: {{sendable: true, text: {{en: {quoted(texts)}}}}}
""",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def context() -> dict[str, object]:
    return {
        HOSTILE: HOSTILE,
        "now": "2026-11-23T09:00:00Z",
        "email": {"channel": "marketing", "subscription_type": HOSTILE, "subscription_name": HOSTILE},
        "contact": {"email": f"{HOSTILE}@b.example", "id": SHOWN, "hard_bounces": 1, f"emial{HOSTILE}": HOSTILE},
    }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a hostile pack that loads, one that does not, contexts and an audience."""
    pack(tmp_path / "pack", SHOWN)
    pack(tmp_path / "broken", HOSTILE)
    (tmp_path / "broken" / "policy.yaml").write_text("name: hostile\n" + quoted(HOSTILE) + ": 1\n", encoding="utf-8")
    names = (NAME, "context")
    for name in names:
        (tmp_path / f"{name}.json").write_text(json.dumps(context()), encoding="utf-8")
    (tmp_path / "wrong.json").write_text(json.dumps({"email": {"channel": HOSTILE}, "contact": {"email": 1}}))
    (tmp_path / "torn.json").write_text('{"' + HOSTILE, encoding="utf-8")
    (tmp_path / "campaign.json").write_text(json.dumps({"email": context()["email"], "now": context()["now"]}))
    with (tmp_path / f"{NAME}.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = [["contact.email", "contact.id", "hard_bounces", HOSTILE], [f"{HOSTILE}@b.example", SHOWN, "1", HOSTILE]]
        csv.writer(stream).writerows([*rows, [f"{HOSTILE}@c.example", HOSTILE, HOSTILE, HOSTILE]])
    monkeypatch.chdir(tmp_path)
    return tmp_path


CONTEXTS = (f"{NAME}.json", "context.json")
AUDIENCE = ("audience", f"{NAME}.csv", "--campaign", "campaign.json")
LINES: dict[str, tuple[str, ...]] = {
    **{f"lint {form}": ("lint", "pack", "--format", form) for form in ("text", "json", "github", "sarif", "junit")},
    **{f"broken {form}": ("lint", "broken", "--format", form) for form in ("text", "json", "github", "sarif", "junit")},
    **{
        f"test {form}": ("test", "--policy", "pack", "--coverage", "--format", form)
        for form in ("text", "json", "github", "junit")
    },
    **{
        f"test of a broken pack {form}": ("test", "--policy", "broken", "--format", form)
        for form in ("text", "json", "github", "junit")
    },
    "test page": ("test", "--policy", "pack", "--html", "out.html"),
    "test with a filter": ("test", "--policy", "pack", "--filter", HOSTILE),
    **{f"reasons {form}": ("reasons", "--policy", "pack", "--format", form) for form in ("text", "json", "md", "html")},
    "reasons to a file": ("reasons", "--policy", "pack", "--format", "md", "-o", "out.md"),
    **{
        f"dry-run {form}": ("dry-run", "--policy", "pack", *CONTEXTS, "--format", form)
        for form in ("text", "json", "jsonl")
    },
    "dry-run to a file": ("dry-run", "--policy", "pack", *CONTEXTS, "-o", "out.txt"),
    "dry-run of a broken pack": ("dry-run", "--policy", "broken", "context.json"),
    "dry-run of a wrong context": ("dry-run", "--policy", "pack", "wrong.json"),
    "dry-run of a torn context": ("dry-run", "--policy", "pack", "torn.json"),
    "dry-run of nothing": ("dry-run", "--policy", "pack", f"no {HOSTILE.replace('/', '')}"),
    **{
        f"explain {form}": ("explain", "--policy", "pack", "context.json", "--full", "--format", form)
        for form in ("text", "json")
    },
    "explain html": ("explain", "--policy", "pack", "context.json", "--format", "html"),
    "explain a reason": ("explain", "--policy", "pack", "context.json", "--reason", HOSTILE),
    **{f"audience {form}": (*AUDIENCE, "--policy", "pack", "--format", form) for form in ("text", "json")},
    "audience page": (*AUDIENCE, "--policy", "pack", "--report", "out.html", "--show-addresses"),
    "audience with a column": (*AUDIENCE, "--policy", "pack", "--column", f"{HOSTILE}={HOSTILE}"),
    "fmt": ("fmt", "--policy", "pack", "--diff"),
    "fmt of a broken pack": ("fmt", "--policy", "broken", "--check"),
    "compile": ("compile", "--policy", "pack"),
    "schema": ("schema", HOSTILE),
    "no command": (HOSTILE,),
    "no option": ("lint", f"--{HOSTILE}"),
    "no pack": ("lint", NAME),
    "init": ("init", f"new{NAME}"),
    "upgrade": ("upgrade", "--policy", "pack", "--check"),
    "upgrade of a broken pack": ("upgrade", "--policy", "broken", "--check"),
    "lists import": ("lists", "import", f"{NAME}.csv", "--column", HOSTILE, "-o", f"{NAME}.txt"),
    "lists import of digests": ("lists", "import", f"{NAME}.csv", "--column", "contact.email", "--hash", "-o", "out"),
    "lists import of no column": ("lists", "import", f"{NAME}.csv", "--column", f"no{HOSTILE}", "-o", "out"),
    "lists import of lines": ("lists", "import", f"{NAME}.csv", "-o", f"no/{NAME}"),
    "lists refresh": ("lists", "refresh", "--policy", "broken", "--check"),
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    def run(*arguments: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["sendable", *arguments])
        capfd.readouterr()
        cli._run()
        sys.stdout.flush()
        return tuple(capfd.readouterr())  # type: ignore[return-value]

    return run


def acts(text: str, *, may_command: bool = False) -> list[str]:
    """What in the text acts on whoever shows it."""
    found = [f"{one[0]!a} in {text[max(one.start() - 60, 0) : one.end() + 20]!a}" for one in ACTING.finditer(text)]
    return found + ([] if may_command else [ascii(text[one.start() :][:40]) for one in COMMANDS.finditer(text)])


@pytest.mark.parametrize("what", LINES)
def test_nothing_that_is_printed_or_written_acts(what: str, world: Path, run: Callable[..., tuple[str, str]]) -> None:
    before = {path for path in world.rglob("*") if path.is_file()}
    out, err = run(*LINES[what])
    assert out + err
    assert acts(out, may_command="github" in what) == []
    assert acts(err) == []
    written = {path for path in world.rglob("*") if path.is_file()} - before
    pages = [path.read_text(encoding="utf-8") for path in written]
    for page in pages:
        assert acts(page, may_command=True) == []
    if "html" in what or "page" in what:
        assert not any("<script>alert" in page for page in (pages or [out]))
    if "md" in what or "to a file" in what:
        assert not any("<script>alert" in CODE.sub("", page).replace("\\<", "") for page in (out, *pages))


OPTIONS: dict[str, tuple[str, ...]] = {
    "lint": ("--format", "--explain", "--policy"),
    "dry-run": ("--format", "--locale", "--time-zone", "--now", "--policy", "--output"),
    "explain": ("--format", "--locale", "--time-zone", "--now", "--policy", "--reason"),
    "test": ("--format", "--filter", "--fail-under", "--html", "--locale", "--policy"),
    "audience": (
        *("--campaign", "--column", "--ignore", "--key", "--engine", "--time-zone", "--duplicates", "--format"),
        *("--output", "--report", "--locale", "--policy"),
    ),
    "reasons": ("--format", "--locale", "--policy", "--output"),
    "schema": ("--format",),
    "fmt": ("--policy",),
    "compile": ("--policy",),
    "upgrade": ("--policy", "--locale"),
    "lists import": ("--column", "--output"),
    "lists refresh": ("--policy", "--date"),
}
GIVEN: dict[str, tuple[str, ...]] = {
    "dry-run": ("context.json",),
    "explain": ("context.json",),
    "audience": AUDIENCE[1:],
    "schema": ("context",),
    "lists import": (f"{NAME}.csv",),
}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("value", [HOSTILE, f"no/{HOSTILE}/x", "x" * 100_000], ids=["acts", "names", "long"])
@pytest.mark.parametrize(("command", "option"), [(one, option) for one in OPTIONS for option in OPTIONS[one]])
def test_no_value_of_an_option_acts(command: str, option: str, value: str, run: Callable[..., tuple[str, str]]) -> None:
    out, err = run(*command.split(), *GIVEN.get(command, ()), option, value)
    assert out + err
    assert acts(out) == acts(err) == []
    assert len(err) < 5_000
    assert "Traceback" not in err


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("value", [HOSTILE.replace("\0", ""), "x" * 10_000], ids=["acts", "long"])
@pytest.mark.parametrize(
    "name", ["SENDABLE_QUIET", "NO_COLOR", "FORCE_COLOR", "LANG", "LC_ALL", "TERM", "COLUMNS", "LINES", "TZ"]
)
def test_no_value_of_the_environment_acts(
    name: str, value: str, run: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    for line in ("lint text", "dry-run text", "dry-run of a wrong context", "audience text", "no option"):
        out, err = run(*LINES[line])
        assert out + err
        assert acts(re.sub(r"\x1b\[[0-9;]*m", "", out + err)) == []
        assert "Traceback" not in err


NAMES = [
    *("\n::error::x", "\x1b[31m", "\u202ecod", "::error::", "##[error]", "\r::warning::", "\x9b31m", "`'\"<script>"),
    *("*[b]?", "--help", " ", "x" * 200, "x" * 300),
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_no_name_of_a_file_or_folder_acts(name: str, world: Path, run: Callable[..., tuple[str, str]]) -> None:
    inside = f"in/{name}"
    files = {"a.jsonl": "garbage\n", "b.jsonl": '{"email": "a@b.example"}\n', "c.csv": "email\n\0\n", "d.parquet": "x"}
    (world / "in").mkdir()
    if len(name) <= 255:
        pack(world / inside, SHOWN)
        for kind in ("reasons", "tests"):
            (world / inside / kind / f"{name}.yaml").write_text("x: {\n", encoding="utf-8")
        (world / "in" / f"{name}.json").write_text("{", encoding="utf-8")
    lines = [
        *(("lint", inside, "--format", form) for form in ("text", "json", "sarif", "junit")),
        *(("test", "--policy", inside), ("fmt", inside, "--check"), ("reasons", "--policy", inside)),
        *(("dry-run", f"{inside}.json"), ("explain", f"{inside}.json"), ("init", f"{inside}/policy.yaml/x")),
    ]
    for file, text in files.items():
        if len(name) <= 200:
            (world / "in" / f"{name}{file}").write_text(text, encoding="utf-8")
        audience = ("audience", f"{inside}{file}", "--campaign", "campaign.json", "--policy", "pack")
        lines += [(*audience, "--engine", engine) for engine in ("polars", "duckdb")]
    for line in lines:
        out, err = run(*line)
        assert out + err
        assert acts(out) == acts(err) == []
        assert "Traceback" not in err


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("what", [what for what in LINES if "text" in what])
def test_on_a_terminal_nothing_acts_but_our_colours(
    what: str, run: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out, err = run(*LINES[what])
    assert out + err
    assert acts(re.sub(r"\x1b\[[0-9;]*m", "", out + err)) == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("what", [what for what in LINES if "github" in what])
def test_each_line_for_github_is_a_command_of_ours(what: str, run: Callable[..., tuple[str, str]]) -> None:
    out, _ = run(*LINES[what])
    assert out
    assert all(re.match(r"::(?:error|warning|notice) ", line) for line in out.splitlines())


@pytest.mark.usefixtures("world")
def test_json_says_what_there_is(run: Callable[..., tuple[str, str]]) -> None:
    out, _ = run(*LINES["reasons json"])
    assert json.loads(out)[0]["title"] == SHOWN


@pytest.mark.usefixtures("world")
def test_code_in_markdown_stays_in_its_line(run: Callable[..., tuple[str, str]]) -> None:
    out, _ = run(*LINES["reasons md"])
    codes = [line for line in out.splitlines() if "hubspot" in line]
    assert codes
    assert all(line.endswith("`") for line in codes)


def test_every_format_is_cleaned_and_looked_at() -> None:
    looked_at = {
        line[position + 1] for line in LINES.values() for position, one in enumerate(line) if one == "--format"
    }
    assert looked_at == set(formats())
    assert {line[0] for line in LINES.values()} >= set(cli.COMMANDS)


def test_logs_are_clean(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = pack(tmp_path / NAME.replace("\n", ""), "x")
    with sendable.watch(root, interval=3600) as followed:
        (root / "policy.yaml").write_text(f"name: hostile\n{quoted(HOSTILE)}: 1\n", encoding="utf-8")
        with caplog.at_level(logging.INFO, "sendable"):
            status = followed.reload()
    assert status.diagnostics
    [record] = caplog.records
    assert acts(record.getMessage()) == []


def test_errors_are_clean(tmp_path: Path) -> None:
    pack(tmp_path / "broken", HOSTILE)
    with pytest.raises(sendable.PolicyError) as failed:
        sendable.load(tmp_path / "broken")
    assert acts(str(failed.value)) == []
    with pytest.raises(sendable.ContextError) as refused:
        sendable.load().decide({"email": {"channel": HOSTILE}, "contact": {"email": 1, HOSTILE: 1}})
    assert acts(str(refused.value)) == []


@pytest.mark.parametrize("text", ["##[error]x", "::error::x", "\n  ::error::x", "\x1b[31m\u202e"])
def test_no_text_told_back_in_an_error_acts(text: str, tmp_path: Path) -> None:
    pack(tmp_path / "broken", HOSTILE)
    policy = tmp_path / "broken" / "policy.yaml"
    policy.write_text(f"name: hostile\n{quoted(text)}: 1\n", encoding="utf-8")
    with pytest.raises(sendable.PolicyError) as failed:
        sendable.load(tmp_path / "broken")
    with pytest.raises(sendable.ContextError) as refused:
        sendable.load().decide({"email": {"channel": text}, "contact": {"email": "a@b.example", "consent": text}})
    campaign = {"email": {"channel": "marketing"}}
    with pytest.raises(FrameError) as unread:
        sendable.load().decide_frame(pl.DataFrame({text: ["x"]}), campaign=campaign, keys=[f"x{text}"])
    for error in (failed, refused, unread):
        assert acts(str(error.value)) == []
