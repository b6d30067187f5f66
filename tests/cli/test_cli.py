"""The command line: what each command answers, on which stream, with which exit code, and what it leaves behind."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import sendable as package
from sendable.cli import COMMANDS, sendable
from sendable.diagnostics.codes import RULES
from sendable.pack.fields import built_in_fields
from sendable.pack.resources import EXTENDED, bundled_path, schema_names, schema_path
from sendable.testing.cases import Aspect
from tests.support.environment import ENVIRONMENT

COMMAND = [sys.executable, "-m", "sendable"]
EXAMPLES = bundled_path("policies") / "examples"
CLEAN = EXAMPLES / "clean-marketing.yaml"
FULL = EXAMPLES / "mailbox_full.yaml"
CAPPED = EXAMPLES / "frequency_capped.yaml"
ESCAPE = "\x1b["

PACK = {
    "policy.yaml": "name: small\nlocales: [en]\ndefault_locale: en\nlists: []\n",
    "reasons/reasons.yaml": """\
reasons:
  bounced:
    title: {en: Bounced}
    priority: 100
    channels: [marketing]
    basis: deliverability
    floor: true
    when: contact.hard_bounces > 0
    on_unknown: suppress
    retry: never
    fixable_by: nobody
    message: {en: "{contact.email} bounced."}
    fix: {en: Find another address.}
  watched:
    title: {en: Watched}
    priority: 200
    channels: [marketing]
    basis: reputation
    mode: monitor
    when: contact.marked_as_spam
    on_unknown: ignore
    retry: later
    fixable_by: contact
    clears_at: contact.cap_recovers_at
    message: {en: Watched.}
    fix: {en: Wait.}
""",
}


def write(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write(tmp_path / "small", PACK)


def context(**contact: object) -> dict[str, Any]:
    return {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com", **contact}}


def lines(*contexts: object) -> str:
    return "".join(json.dumps(each) + "\n" for each in contexts)


def invoke(*arguments: object, stdin: str | bytes | None = None, **environment: str) -> Result:
    """The command run in this process; an exception that it does not handle fails the test."""
    return CliRunner(env={"FORCE_COLOR": "", "COLUMNS": "80", **environment}).invoke(
        sendable, [str(each) for each in arguments], input=stdin, catch_exceptions=False, prog_name="sendable"
    )


def run(
    *arguments: object, stdin: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        env={**ENVIRONMENT, **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


# -- the group


def test_help_names_every_command_with_the_first_sentence_of_its_own_help() -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    with click.Context(sendable) as ctx:
        for name, (_, text) in COMMANDS.items():
            assert re.search(rf"^  {name} +{re.escape(text)}$", result.stdout, re.MULTILINE)
            command = sendable.get_command(ctx, name)
            assert command is not None
            assert invoke(name, "-h").exit_code == 0


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["schema"]])
def test_what_needs_no_pack_imports_no_yaml(arguments: list[str]) -> None:
    code = f"""
import sys
sys.argv[1:] = {arguments}
from sendable.cli import main
try:
    main()
except SystemExit as error:
    assert error.code == 0, error.code
print(sorted({{"yaml", "jsonschema", "babel", "simpleeval", "email_validator", "tabulate"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_importing_the_package_imports_nothing_heavy_and_hides_nothing() -> None:
    code = "import sys, sendable; print('yaml' in sys.modules, set(sendable.__all__) <= set(dir(sendable)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False True\n"
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing  # type: ignore[attr-defined]


def test_version() -> None:
    result = invoke("--version")
    assert (result.exit_code, result.stdout) == (0, f"sendable {version('sendable')}\n")


def test_a_misspelled_command_is_a_usage_error_with_a_near_miss() -> None:
    result = invoke("dryrun")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean 'dry-run'?" in result.stderr


# -- dry-run: text


def test_text_says_verdict_message_fix_and_retry() -> None:
    result = invoke("dry-run", FULL)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert f"{FULL} · förråd@example.com" in result.stdout
    assert "SUPPRESSED · Full mailbox (mailbox_full)" in result.stdout
    assert "The mailbox of förråd@example.com is full" in result.stdout
    for label in ("To do: Try again in a few days", "Try again: later", "Who can fix it: the contact"):
        assert label in result.stdout
    assert "1 context" not in result.stdout


def test_text_is_swedish_throughout_for_a_swedish_reader() -> None:
    result = invoke("dry-run", "--locale", "sv_SE", CAPPED, CLEAN, stdin="")
    for text in (
        "SKICKAS INTE · Gräns för antal mejl per kontakt",
        "Gör så här: Vänta: kontakten kan få marknadsföringsmejl igen från och med 27",
        "Försök igen: senare",
        "Kan åtgärdas av: en administratör",
        "Upphör: 27 november 2026 kl. 07:15 UTC",
        "FÅR SKICKAS",
        "2 mejl: får skickas 1, skickas inte 1",
    ):
        assert text in result.stdout
    assert not re.search(r"SUPPRESSED|SENDABLE|Try again|Clears|contexts", result.stdout)


def test_a_locale_that_the_pack_lacks_falls_back_to_the_default() -> None:
    assert "SUPPRESSED" in invoke("dry-run", "--locale", "fi", FULL).stdout


def test_text_names_what_is_undetermined_and_what_would_settle_it(pack: Path) -> None:
    result = invoke("dry-run", "--policy", pack, stdin=lines(context()))
    assert "UNDETERMINED, held back · Bounced (bounced)" in result.stdout
    assert "Undetermined: Bounced (bounced; needs contact.hard_bounces)" in result.stdout


def test_text_names_monitored_findings_and_counts(pack: Path) -> None:
    result = invoke(
        "dry-run",
        "--policy",
        pack,
        stdin=lines(context(hard_bounces=0, marked_as_spam=True), context(hard_bounces=1), context(hard_bounces="x")),
    )
    assert "Only monitored: Watched (watched)" in result.stdout
    assert result.stdout.endswith("\n3 contexts: 1 sendable, 1 suppressed, 1 invalid\n")


def test_text_is_as_wide_as_the_terminal() -> None:
    narrow = invoke("dry-run", FULL, CAPPED, "--locale", "sv", COLUMNS="50").stdout
    body = [line for line in narrow.splitlines() if line.startswith(" ")]
    assert max(map(len, body)) <= 50
    assert max(map(len, invoke("dry-run", FULL, COLUMNS="300").stdout.splitlines()[1:])) < 120


def test_control_characters_of_contexts_and_file_names_reach_no_terminal(tmp_path: Path, pack: Path) -> None:
    path = tmp_path / "a\x1b[31m.json"
    path.write_text(
        json.dumps({**context(hard_bounces=0), "\x1b[32m": 1, "contact": {"email": "a\x1b]0;b\x07\u202e@b.se"}})
    )
    result = invoke("dry-run", "--policy", pack, path, tmp_path / "\x1b[5m.yaml")
    assert result.exit_code == 2
    assert all(char.isprintable() or char == "\n" for char in result.stdout + result.stderr)


# -- dry-run: formats


def test_json_is_one_array_of_decisions_in_input_order() -> None:
    result = invoke("dry-run", "--format", "json", FULL, CLEAN, CAPPED)
    decisions = json.loads(result.stdout)
    assert [each["sendable"] for each in decisions] == [False, True, False]
    assert [each["reason"] and each["reason"]["id"] for each in decisions] == ["mailbox_full", None, "frequency_capped"]
    validator = Draft202012Validator(json.loads(schema_path("decision").read_text()))
    for each in decisions:
        validator.validate(each)
    assert "förråd@example.com" in result.stdout


def test_json_of_nothing_is_an_empty_array() -> None:
    assert invoke("dry-run", "--format", "json", stdin="[]").stdout == "[]\n"
    failed = invoke("dry-run", "--format", "json", stdin="")
    assert (failed.exit_code, failed.stdout) == (2, "[]\n")


def test_json_lines_are_decisions_a_line_in_the_locale() -> None:
    result = invoke("dry-run", "--format", "jsonl", "--locale", "sv", CLEAN, FULL)
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["reason"] is None
    assert second["reason"]["title"] == "Full brevlåda"


def test_lone_surrogates_are_no_obstacle(pack: Path) -> None:
    document = '{"email": {"channel": "marketing"}, "contact": {"email": "a\\ud800@b.se", "hard_bounces": 1}}'
    done = run("dry-run", "--policy", pack, "--format", "json", stdin=document)
    assert done.returncode == 0
    assert json.loads(done.stdout)[0]["reason"]["id"] == "bounced"
    assert run("dry-run", "--policy", pack, stdin=document).returncode == 0


@pytest.mark.parametrize("written", ["yaml", "json", "jsonl", "auto"])
def test_input_says_how_standard_input_is_written(written: str, pack: Path) -> None:
    result = invoke("dry-run", "--policy", pack, "--input", written, "-", stdin=json.dumps(context(hard_bounces=0)))
    assert result.exit_code == 0
    assert "SENDABLE" in result.stdout


OWN_TIME = {**context(hard_bounces=0), "now": "2026-01-01T00:00:00Z"}


def test_a_context_is_decided_at_its_own_time_unless_another_is_asked_for(pack: Path) -> None:
    def times(*arguments: str) -> tuple[list[str], str]:
        given = lines(OWN_TIME, context(hard_bounces=0), OWN_TIME)
        result = invoke("dry-run", "--policy", pack, "--format", "jsonl", *arguments, stdin=given)
        return [json.loads(line)["now"] for line in result.stdout.splitlines()], result.stderr

    (first, _, last), told = times()
    assert (first, last, told) == (OWN_TIME["now"], OWN_TIME["now"], "")
    asked = times("--now", "2026-11-23T10:00:00+01:00")
    assert asked == (["2026-11-23T09:00:00Z"] * 3, "note: the time of --now was used, not the `now` of 2 contexts\n")


def test_the_time_that_is_asked_for_is_no_other_where_a_context_has_the_same(pack: Path) -> None:
    given = lines({**OWN_TIME, "now": "2026-11-23T10:00:00+01:00"}, {**OWN_TIME, "now": "2026-11-23T09:00:00Z"})
    result = invoke("dry-run", "--policy", pack, "--now", "2026-11-23T09:00:00Z", stdin=given)
    assert (result.exit_code, result.stderr) == (0, "")


def test_explain_takes_the_time_that_is_asked_for(pack: Path) -> None:
    arguments = ("explain", "-", "--policy", pack, "--format", "json", "--now", "2026-11-23T09:00:00Z")
    result = invoke(*arguments, stdin=json.dumps(OWN_TIME))
    assert json.loads(result.stdout)[0]["decision"]["now"] == "2026-11-23T09:00:00Z"
    assert result.stderr == "note: the time of --now was used, not the `now` of the context\n"


def test_a_time_that_is_none_is_told_whatever_time_is_asked_for(pack: Path) -> None:
    given = lines({**OWN_TIME, "now": "2026-11-23T09:00:00"})
    result = invoke("dry-run", "--policy", pack, "--now", "2026-11-23T09:00:00Z", stdin=given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "it has no offset from UTC" in result.stderr


@pytest.mark.parametrize("named", ["watched", "watche"])
def test_a_reason_in_the_place_of_a_context_is_told_from_a_file(named: str, pack: Path) -> None:
    result = invoke("explain", named, "--policy", pack)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"there is no file `{named}`, and a reason `watched`" in result.stderr
    assert "--reason watched" in result.stderr


# -- folders of contexts


@pytest.mark.parametrize("command", ["dry-run", "explain"])
def test_a_folder_is_its_contexts_in_order_and_they_are_counted(command: str, tmp_path: Path, pack: Path) -> None:
    def one(address: str) -> str:
        return json.dumps({"email": {"channel": "marketing"}, "contact": {"email": address}}) + "\n"

    names = ["b.yaml", "a.json", "c/d.jsonl", "c/a.yml", "x.txt", "README.md", ".hidden.yaml", ".git/e.yaml", "z.csv"]
    folder = write(tmp_path / "contexts", {name: one(f"{name}@example.com") for name in names})
    result = invoke(command, folder, "--policy", pack)
    assert result.exit_code == 0
    order = re.findall(r"^\S*contexts/(\S+)", result.stdout, re.MULTILINE)
    assert order == ["a.json", "b.yaml", "c/a.yml", "c/d.jsonl:1"]
    assert result.stderr == f"note: `{folder}` has 4 files of contexts\n"
    assert command == "explain" or "\n4 contexts: " in result.stdout


@pytest.mark.parametrize("command", ["dry-run", "explain"])
def test_a_folder_without_contexts_and_a_pack_are_refused(command: str, tmp_path: Path, pack: Path) -> None:
    (tmp_path / "empty").mkdir()
    around = write(tmp_path / "around", {"a.json": json.dumps(context()), "deep/own/policy.yaml": "name: own\n"})
    a_pack = "`{}` is a policy pack, and no folder of contexts"
    for folder, why in (
        (tmp_path / "empty", "there are no contexts in"),
        (pack, a_pack.format(pack)),
        (around, a_pack.format(around / "deep" / "own")),
    ):
        result = invoke(command, folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert why in result.stderr


def test_all_contexts_of_a_run_have_the_same_current_time(pack: Path) -> None:
    result = invoke("dry-run", "--policy", pack, "--format", "jsonl", stdin=lines(context(), context()))
    assert len({json.loads(line)["now"] for line in result.stdout.splitlines()}) == 1


# -- dry-run: exit codes and streams


@pytest.mark.parametrize(("path", "code"), [(FULL, 1), (CLEAN, 0)])
def test_fail_on_suppress(path: Path, code: int) -> None:
    assert invoke("dry-run", "--fail-on-suppress", path).exit_code == code
    assert invoke("dry-run", path).exit_code == 0


def test_bad_contexts_are_named_and_the_rest_decided(pack: Path) -> None:
    result = invoke(
        "dry-run",
        "--policy",
        pack,
        "--format",
        "jsonl",
        "--fail-on-suppress",
        stdin=lines(context(hard_bounces=1)) + "{]\n" + lines(context(hard_bounces="x", email=1), context()),
    )
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr.splitlines() == [
        "<stdin>:2:2: this is not valid JSON: expecting property name enclosed in double quotes",
        "<stdin>:3: contact.email: it must be a text, and it is the number `1`",
        "<stdin>:3: contact.hard_bounces: it must be a whole number, and it is the text `x`",
    ]


def test_items_of_a_list_are_named_by_their_index(pack: Path) -> None:
    result = invoke("dry-run", "--policy", pack, stdin=json.dumps([context(hard_bounces=0), 3, {"contact": 1}]))
    assert result.exit_code == 2
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [
        "<stdin>[1]",
        "<stdin>[2]",
        "<stdin>[2]",
    ]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--locale", "no such!"], "write one such as sv"),
        (["--now", "yesterday"], "2026-11-23T09:00:00+01:00"),
        (["--now", "2026-11-23T09:00:00"], "add Z"),
        (["-", "-"], "only once"),
        (["--format", "xml"], "jsonl"),
        (["--input", "xml"], "jsonl"),
    ],
)
def test_wrong_usage(arguments: list[str], advice: str) -> None:
    result = invoke("dry-run", *arguments, stdin="")
    assert (result.exit_code, result.stdout) == (2, "")
    assert advice in result.stderr


def test_without_files_at_a_terminal_says_what_to_do() -> None:
    leader, follower = pty.openpty()
    try:
        done = subprocess.run(
            [*COMMAND, "dry-run"],
            stdin=follower,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(leader)
        os.close(follower)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Name the files that hold the contexts" in done.stderr


def test_undeclared_fields_are_warned_of_once_with_a_near_miss_and_counted(pack: Path) -> None:
    result = invoke("dry-run", "--policy", pack, stdin=lines(*[context(hard_bounces=0, marked_as_spma=True)] * 3))
    assert result.exit_code == 0
    first, second = result.stderr.splitlines()
    assert first.startswith("warning: <stdin>:1: `contact.marked_as_spma` is not a declared field, and is ignored; ")
    assert first.endswith("; did you mean `contact.marked_as_spam`?")
    assert second == "warning: `contact.marked_as_spma` stood in 3 contexts"


def test_undeclared_fields_without_end_are_not_all_named(pack: Path) -> None:
    many = [{**context(hard_bounces=0), f"field{number}": 1} for number in range(1_000)]
    result = invoke("dry-run", "--policy", pack, "--format", "jsonl", stdin=lines(*many))
    assert len(result.stderr.splitlines()) == 101
    assert "more undeclared fields" in result.stderr


def test_of_contexts_that_can_not_be_decided_five_hundred_are_told(pack: Path) -> None:
    wrong = [*["1"] * 600, *[json.dumps(context(hard_bounces=-1))] * 100, json.dumps(context(hard_bounces=0))]
    file = pack.parent / "contexts.jsonl"
    file.write_text("\n".join(wrong) + "\n", encoding="utf-8")
    result = invoke("dry-run", "--policy", pack, "--format", "jsonl", file)
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 1
    assert len(result.stderr.splitlines()) == 501
    assert result.stderr.splitlines()[-1] == "not told here: 200 more problems"


def test_a_pack_with_errors_is_shown_as_lint_shows_it(pack: Path) -> None:
    (pack / "reasons" / "reasons.yaml").write_text("reasons: 3\n")
    result = invoke("dry-run", "--policy", pack, CLEAN)
    assert (result.exit_code, result.stdout) == (2, "")
    assert invoke("lint", pack).stdout.splitlines()[0] == result.stderr.splitlines()[0]
    assert "sendable lint" in result.stderr


def test_a_broken_pipe_ends_it_quietly(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text(lines(context()) * 2_000)
    with subprocess.Popen(
        [*COMMAND, "dry-run", "--format", "jsonl", path],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 141


@pytest.mark.parametrize(
    ("ended_by", "code", "said"),
    [(signal.SIGINT, 130, b"interrupted\n"), (signal.SIGTERM, 143, b""), (signal.SIGHUP, 129, b"")],
)
def test_a_signal_ends_it_without_a_trace_and_leaves_nothing(
    ended_by: signal.Signals, code: int, said: bytes, tmp_path: Path
) -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL); from sendable.cli import main; main()"
    )
    output = tmp_path / "out" / "decisions.jsonl"
    output.parent.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", program, "dry-run", "--format", "jsonl", "--output", output],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(lines(context()).encode())
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while not any(draft.stat().st_size for draft in output.parent.iterdir()):  # till it waits for the next context
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(ended_by)
        process.wait(timeout=60)  # before its input ends, which would end it too
        out, err = process.communicate()
    assert (process.returncode, out, err) == (code, b"", said)
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["reasons"], ["lint"], ["schema", "context"], ["compile"], ["dry-run", FULL]],
    ids=lambda arguments: " ".join(map(str, arguments[:1])),
)
def test_a_full_disk_ends_it_with_a_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)], env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, check=False
        )
        assert (done.returncode, done.stderr) == (2, b"error: no space left on device\n")
        done = subprocess.run(
            [*COMMAND, "lint", "nowhere"], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert (done.returncode, done.stdout) == (2, b"")


# -- dry-run: streaming


def test_a_decision_is_written_before_the_next_context_is_read() -> None:
    with subprocess.Popen(
        [*COMMAND, "dry-run", "--format", "jsonl"],
        env={**ENVIRONMENT, "PYTHONUNBUFFERED": ""},  # which would hide what is not flushed
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog = threading.Timer(30, process.kill)  # where nothing is written, nothing can be read
        watchdog.start()
        try:
            for _ in range(2):
                process.stdin.write(lines(context()).encode())
                process.stdin.flush()
                assert json.loads(process.stdout.readline())["sendable"] is False
            process.stdin.close()
            assert process.wait(timeout=60) == 0
        finally:
            watchdog.cancel()
            process.kill()


# Not getrusage: on Linux, its maximum counts the memory of the process that started this one.
MEASURED = """
import re, sys
from pathlib import Path
from sendable.cli import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""


def _measured(path: Path) -> tuple[int, str, int]:
    """The exit code, what is on standard error, and the peak memory in KiB of deciding the file's contexts."""
    with (path.parent / "out").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, "dry-run", "--format", "jsonl", path],
            env=ENVIRONMENT,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    *errors, peak = done.stderr.splitlines()
    return done.returncode, "\n".join(errors), int(peak)


def test_memory_does_not_grow_with_the_input_and_a_bad_line_stops_nothing(tmp_path: Path) -> None:
    line = json.dumps({**context(), "email": {"channel": "transactional"}, "account": {"status": "active"}}) + "\n"
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    few.write_text(line * 5_000)
    many.write_text(line * 25_000 + "{broken\n" + line * 24_999)
    _, _, low = _measured(few)
    code, errors, high = _measured(many)
    assert code == 2
    assert errors.startswith(f"{many}:25001:2: this is not valid JSON")
    assert len(errors.splitlines()) == 1
    assert (tmp_path / "out").read_text().count("\n") == 49_999
    assert high < low + 4 * 1024


# -- dry-run: output to a file


def test_output_is_the_same_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "decisions.json"
    path.write_text("old")
    path.chmod(0o640)
    result = invoke("dry-run", "--format", "json", "--output", path, "--overwrite", FULL)
    assert (result.exit_code, result.stdout) == (0, "")
    assert path.read_text(encoding="utf-8") == invoke("dry-run", "--format", "json", FULL).stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["decisions.json"]


def test_output_without_a_terminal_has_no_colours_even_if_forced(tmp_path: Path) -> None:
    invoke("dry-run", "--output", tmp_path / "a", FULL, FORCE_COLOR="1")
    assert ESCAPE not in (tmp_path / "a").read_text(encoding="utf-8")


def test_output_leaves_what_was_there_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "decisions.json"
    path.write_text("old")

    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("no")

    monkeypatch.setattr("sendable.render.reports.json.decision_as_json", fail)
    with pytest.raises(RuntimeError, match="no"):
        invoke("dry-run", "--format", "json", "--output", path, "--overwrite", FULL)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["decisions.json"]


def test_output_where_nothing_can_be_written(tmp_path: Path) -> None:
    result = invoke("dry-run", "--output", tmp_path / "missing" / "file", FULL)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "can't be written: there is no such directory" in result.stderr
    assert not (tmp_path / "missing").exists()


def test_output_through_a_link_and_to_a_device(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    assert invoke("dry-run", "--output", link, FULL).exit_code == 0
    assert link.is_symlink()
    assert target.stat().st_size
    assert invoke("dry-run", "--output", "/dev/null", FULL).exit_code == 0
    assert not Path("/dev/null").is_file()
    assert "mailbox_full" in invoke("dry-run", "--output", "-", FULL).stdout


# -- colours


def _at_a_terminal(
    *arguments: object, stdout: bool = True, stderr: bool = False, environment: dict[str, str] | None = None
) -> str:
    """What a command writes to a terminal that stands for its streams named; the others are pipes."""
    leader, follower = pty.openpty()
    variables = {name: value for name, value in ENVIRONMENT.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=follower if stdout else subprocess.PIPE,
        stderr=follower if stderr else subprocess.PIPE,
        env={**variables, "TERM": "xterm", **(environment or {})},
    ) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            written += part
        os.close(leader)
        process.communicate(timeout=60)
    return written.decode()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colours_on_a_terminal(environment: dict[str, str], coloured: bool) -> None:
    assert (ESCAPE in _at_a_terminal("dry-run", FULL, environment=environment)) is coloured


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": ""}, False), ({"FORCE_COLOR": "0"}, True)],
)
def test_colours_in_a_pipe(environment: dict[str, str], coloured: bool) -> None:
    assert (ESCAPE in run("dry-run", FULL, environment={"NO_COLOR": "", **environment}).stdout) is coloured


def test_colours_go_by_each_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(lines({**context(), "zzz": 1}))
    assert f"{ESCAPE}33m" in _at_a_terminal("dry-run", path, stdout=False, stderr=True)


def test_a_progress_bar_only_for_long_input_at_a_terminal(tmp_path: Path) -> None:
    line = lines({**context(), "email": {"channel": "transactional", "subscription_name": "x" * 1_000_000}})
    short, long = tmp_path / "short.jsonl", tmp_path / "long.jsonl"
    short.write_text(line)
    long.write_text(line * 4)
    assert "100%" in _at_a_terminal("dry-run", "--format", "jsonl", long, stdout=False, stderr=True)
    assert _at_a_terminal("dry-run", "--format", "jsonl", short, stdout=False, stderr=True) == ""
    assert run("dry-run", "--format", "jsonl", long).stderr == ""
    assert "%" not in _at_a_terminal("dry-run", "--format", "jsonl", long, stderr=True)


def test_output_is_utf_8_whatever_the_locale() -> None:
    done = run(
        "dry-run", FULL, "--locale", "sv", environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    )
    assert done.returncode == 0
    assert "förråd@example.com" in done.stdout


# -- lint


def test_lint_finds_nothing_in_the_bundled_pack() -> None:
    result = invoke("lint", "--strict")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "the bundled pack: no problems\n", "")


def test_lint_names_problems_with_their_place_and_fails(pack: Path) -> None:
    path = pack / "reasons" / "reasons.yaml"
    path.write_text(path.read_text().replace("contact.hard_bounces > 0", "contact.hard_bouncs > 0"))
    result = invoke("lint", pack)
    assert result.exit_code == 1
    assert result.stderr == ""
    assert f"{path}:8:11: error SND401: `contact.hard_bouncs`" in result.stdout
    assert "\n    |           ^^^^^^^^^^^^^^^^^^^\n" in result.stdout.replace("\n  8 |", "\n  8 |")
    assert "did you mean `contact.hard_bounces`?" in result.stdout
    assert result.stdout.endswith("\n1 error\n")
    [found] = json.loads(invoke("lint", "--policy", pack, "--format", "json").stdout)
    assert (found["code"], found["file"], found["line"], found["column"]) == ("SND401", str(path), 8, 11)
    assert (found["end_line"], found["end_column"], found["severity"]) == (8, 30, "error")
    github = invoke("lint", pack, "--format", "github")
    assert github.exit_code == 1
    assert github.stdout.startswith("::error file=")


def test_lint_fails_for_warnings_only_if_strict(pack: Path) -> None:
    (pack / "reasons" / "forgotten.yml").write_text("")
    assert invoke("lint", pack).exit_code == 0
    strict = invoke("lint", pack, "--strict")
    assert strict.exit_code == 1
    assert strict.stdout.endswith("\n1 warning\n")


@pytest.mark.parametrize("command", [["lint"], ["dry-run", CLEAN], ["reasons"], ["lists", "refresh"]])
def test_without_a_pack_says_what_to_do(command: list[object], tmp_path: Path) -> None:
    for directory, message in ((tmp_path, "no policy.yaml"), (tmp_path / "missing", "no directory")):
        result = invoke(*command, "--policy", directory)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
        assert "sendable init" in result.stderr


def test_lint_takes_the_pack_once(pack: Path) -> None:
    assert invoke("lint", pack, "--policy", pack).exit_code == 2


# -- init


def test_init_writes_a_pack_that_passes_lint_and_stands_alone(tmp_path: Path) -> None:
    directory = tmp_path / "Mina Regler 2"
    result = invoke("init", "--copy", directory)
    assert (result.exit_code, result.stderr) == (0, "")
    left = re.findall(r"^ {7}sendable (.*)$", result.stdout, re.MULTILINE)
    commands = [shlex.split(one) for line in left for one in line.split(" && sendable ")]
    assert [one[0] for one in commands] == ["reasons", "dry-run", "lint", "test", "lint", "fmt", "test"]
    for one in commands:
        assert invoke(*one).exit_code == 0
    assert f"policy = sendable.load({str(directory)!r})" in result.stdout
    assert package.load(directory).name == "mina-regler-2"
    assert [each.name for each in tmp_path.iterdir()] == ["Mina Regler 2"]
    assert stat.S_IMODE(directory.stat().st_mode) == 0o777 & ~_umask()
    source = bundled_path("policies")
    names = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    assert {name for name in names if name.parts[0] != EXTENDED} == {
        path.relative_to(directory) for path in directory.rglob("*") if path.is_file() and path.parent.name != "schemas"
    }
    checked = 0
    for path in directory.rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        if found := re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first):
            schema = (path.parent / found[1]).resolve()
            assert schema.is_file()
            assert directory in schema.parents
            checked += 1
    assert checked > 10
    example = directory / "examples" / "mailbox_full.yaml"
    assert "SUPPRESSED" in invoke("dry-run", "--policy", directory, example).stdout


def test_init_makes_a_small_pack_over_a_copy_that_decides_and_is_tested_as_the_bundled_one(tmp_path: Path) -> None:
    directory = tmp_path / "acme"
    result = invoke("init", directory)
    assert (result.exit_code, result.stderr) == (0, "")
    commands = [shlex.split(one) for one in re.findall(r"^ {7}sendable (.*)$", result.stdout, re.MULTILINE)[:4]]
    assert [one[0] for one in commands] == ["reasons", "dry-run", "lint", "test"]
    results = [invoke(*one) for one in commands]
    assert [one.exit_code for one in results] == [0, 0, 0, 0]
    assert re.search(r"^(\d{3,}) cases: \1 passed$", results[-1].stdout, re.MULTILINE)
    made = package.load(directory)
    assert (made.name, made.reasons) == ("acme", package.load().reasons)
    assert {one.name for one in directory.iterdir()} == {"policy.yaml", "README.md", "base", "schemas"}
    for path in directory.rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        if found := re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first):
            assert (path.parent / found[1]).resolve().parent == directory / "schemas"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize(("directory", "name"), [("123", "policies"), ("9 Ärenden!", "arenden"), ("a_b", "a-b")])
def test_init_makes_a_name_from_the_directorys(directory: str, name: str, tmp_path: Path) -> None:
    assert invoke("init", tmp_path / directory).exit_code == 0
    assert package.load(tmp_path / directory).name == name


def test_init_fills_an_empty_directory_and_refuses_any_other(tmp_path: Path) -> None:
    empty, full, file = tmp_path / "empty", tmp_path / "full", tmp_path / "file"
    empty.mkdir()
    assert invoke("init", empty).exit_code == 0
    write(full, {"a.txt": "mine"})
    file.write_text("mine")
    for directory in (full, file):
        result = invoke("init", directory)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "there already" in result.stderr
    assert [each.name for each in full.iterdir()] == ["a.txt"]
    assert file.read_text() == "mine"


def test_init_leaves_nothing_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sendable.cli.init._name_from", fail)
    result = invoke("init", tmp_path / "pack")
    assert result.exit_code == 2
    assert "no space left on device" in result.stderr
    assert list(tmp_path.iterdir()) == []


# -- schema


def test_schema_lists_every_name_with_a_purpose() -> None:
    result = invoke("schema")
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(schema_names())
    assert all(len(line.split()) > 2 for line in result.stdout.splitlines())


@pytest.mark.parametrize("name", schema_names())
def test_the_keys_of_a_schema_are_told_to_people(name: str) -> None:
    result = invoke("schema", name, "--format", "text")
    assert (result.exit_code, result.stderr) == (0, "")
    schema = json.loads(schema_path(name).read_text(encoding="utf-8"))
    keys = re.findall(r"^(\S+)  \S", result.stdout, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert set(schema.get("properties", {})) <= {re.split(r"[.\[]", one)[0] for one in keys}


def test_the_fields_of_a_context_are_those_of_the_pack(tmp_path: Path) -> None:
    own = (
        '{"type": "object", "properties": {"shop": {"properties": {"rank": {"type": "integer", "maximum": 1234567}}}}}'
    )
    write(tmp_path / "own", {**PACK, "shop.schema.json": own})
    (tmp_path / "own" / "policy.yaml").write_text(f"{PACK['policy.yaml']}context: [shop.schema.json]\n")

    def fields(*arguments: object) -> dict[str, str]:
        result = invoke("schema", "context", "--format", "text", *arguments)
        assert result.exit_code == 0, result.stderr
        return dict(re.findall(r"^(\S+)  (\S.*)$", result.stdout, re.MULTILINE))

    built_in, ours = fields(), fields("--policy", tmp_path / "own")
    assert list(built_in) == list(built_in_fields())
    assert built_in["email.channel"] == "one of marketing, one_to_one, transactional, needed"
    assert built_in["contact.hard_bounces"] == "whole number from 0"
    assert dict(set(ours.items()) - set(built_in.items())) == {"shop.rank": "whole number up to 1234567"}
    given = lines({**context(hard_bounces=0), "shop": {"rank": 1234568}})
    told = invoke("dry-run", "--policy", tmp_path / "own", stdin=given).stderr
    assert "shop.rank: it must be at most 1234567, and it is the number `1234568`" in told
    assert invoke("schema", "tests", "--format", "text", "--policy", tmp_path / "own").exit_code == 2


def test_the_keys_of_expect_are_among_those_of_tests() -> None:
    told = invoke("schema", "tests", "--format", "text").stdout
    for aspect in Aspect:
        assert re.search(rf"^cases\[\]\.expect\.{aspect}  ", told, re.MULTILINE), aspect


def test_every_rule_is_listed() -> None:
    listed = invoke("lint", "--rules").stdout.splitlines()
    assert [line.split()[0] for line in listed] == sorted(RULES)
    assert all(re.fullmatch(r"SND\d{3}  (error|warning|hint) +[a-z0-9-]+: \S.*", line) for line in listed)


def test_lint_watches(pack: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "sendable", "lint", pack, "--watch"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = iter(process.stdout.readline, "")
        assert any(line.startswith("waiting for changes") for line in told)
        reasons = pack / "reasons" / "reasons.yaml"
        reasons.write_text(reasons.read_text(encoding="utf-8").replace("retry: later", "retry: latr"), encoding="utf-8")
        assert any("SND204" in line for line in told)
        (pack / "policy.yaml").unlink()
        assert any("no policy pack" in line for line in told)
        assert next(line for line in told).startswith(("  Name", "waiting"))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


@pytest.mark.parametrize(("word", "found"), [("li", {"lint", "lists"}), ("aud", {"audience"})])
def test_the_shell_completes_commands(word: str, found: set[str]) -> None:
    completing = {"_SENDABLE_COMPLETE": "bash_complete", "COMP_WORDS": f"sendable {word}", "COMP_CWORD": "1"}
    result = subprocess.run(
        [Path(sys.executable).with_name("sendable")],
        env={**ENVIRONMENT, **completing},
        capture_output=True,
        text=True,
        check=False,
    )
    assert {line.partition(",")[2] for line in result.stdout.split()} == found


@pytest.mark.parametrize("name", schema_names())
def test_schema_prints_the_file(name: str) -> None:
    result = invoke("schema", name)
    assert (result.exit_code, result.stdout) == (0, schema_path(name).read_text(encoding="utf-8"))


def test_schema_that_is_not_there() -> None:
    result = invoke("schema", "contxt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean `context`?" in result.stderr


# -- reasons


def test_reasons_as_a_table(pack: Path) -> None:
    wide = invoke("reasons", "--policy", pack, COLUMNS="200").stdout.splitlines()
    assert re.split(" {2,}", wide[0].strip()) == [
        "priority", "reason", "title", "channels", "basis", "floor", "on unknown", "retry", "fixable by",
    ]  # fmt: skip
    assert re.split(" {2,}", wide[2].strip()) == [
        "100", "bounced", "Bounced", "marketing", "deliverability", "■", "suppress", "never", "nobody",
    ]  # fmt: skip
    assert "■" not in wide[3]


@pytest.mark.parametrize("width", [60, 80, 130, 200])
def test_reasons_fit_the_terminal(width: int) -> None:
    result = invoke("reasons", "--locale", "sv", COLUMNS=str(width))
    assert max(map(len, result.stdout.splitlines())) <= width
    assert "unsubscribed_from_type" in result.stdout
    assert "spärr" in result.stdout


def test_reasons_as_data_and_as_markdown(pack: Path) -> None:
    rows = json.loads(invoke("reasons", "--policy", pack, "--format", "json").stdout)
    assert [row["id"] for row in rows] == ["bounced", "watched"]
    assert rows[0]["floor"] is True
    assert rows[0]["message"] == ["{contact.email} bounced."]
    assert rows[1]["mode"] == "monitor"
    table = invoke("reasons", "--policy", pack, "--format", "md").stdout.splitlines()
    assert next(line for line in table if line.startswith("| 100 |")) == (
        "| 100 | [bounced](#bounced) | Bounced | marketing | deliverability | ■ | suppress | never | nobody "
        "| {contact.email} bounced. |"
    )


# -- lists refresh


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the bundled pack."""
    shutil.copytree(bundled_path("policies"), tmp_path / "own")
    return tmp_path / "own"


def test_refresh_makes_the_list_anew(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = own / "lists" / "disposable_domains.yaml"
    header = path.read_text(encoding="utf-8").splitlines()
    blocklist = {"b.example", "a.example", "1e5"}
    monkeypatch.setattr("disposable_email_domains.blocklist", blocklist)
    check = invoke("lists", "refresh", "--policy", own, "--check")
    assert check.exit_code == 1
    assert "3 to add" in check.stdout
    assert path.read_text(encoding="utf-8").splitlines() == header
    result = invoke("lists", "refresh", "--policy", own, "--date", "2026-02-03")
    assert result.exit_code == 0
    assert f"3 added, {len(header) - 8} removed, 3 entries now" in result.stdout
    text = path.read_text(encoding="utf-8").splitlines()
    assert text[0] == header[0]
    assert re.fullmatch(r"# .* disposable-email-domains [0-9.]+ \(licence: MIT\), made on 2026-02-03\.", text[1])
    assert text[2:8] == header[2:8]
    assert text[8:] == ['      - "1e5"', "      - a.example", "      - b.example"]
    assert invoke("lists", "refresh", "--policy", own, "--check").exit_code == 0
    assert not [each for each in invoke("lint", own, "--format", "json").stdout.splitlines() if "lists" in each]


def test_refresh_of_a_pack_without_the_file(own: Path) -> None:
    shutil.rmtree(own / "lists")
    assert invoke("lists", "refresh", "--policy", own).exit_code == 0
    assert (own / "lists" / "disposable_domains.yaml").read_text(encoding="utf-8").startswith("# A snapshot")


def test_refresh_without_the_package_says_how_to_install_it(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "disposable_email_domains", None)
    result = invoke("lists", "refresh", "--policy", own)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pip install 'sendable[refresh]'" in result.stderr


def test_refresh_of_a_pack_that_can_not_be_written(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access = os.access  # root may write anywhere
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK and access(path, mode))
    result = invoke("lists", "refresh", "--policy", own)
    assert result.exit_code == 2
    assert "sendable init" in result.stderr


def test_standard_input_is_read_as_bytes(pack: Path) -> None:
    result = invoke("dry-run", "--policy", pack, stdin=b"\xff\n")
    assert result.exit_code == 2
    assert "not UTF-8" in result.stderr


@pytest.mark.parametrize("command", ["dry-run", "explain"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_that_nothing_was_given_to_decide_is_said(command: str, form: str, pack: Path) -> None:
    result = invoke(command, "-", "--policy", pack, "--format", form, stdin=b"[]")
    assert result.exit_code == 0
    assert result.stderr == "warning: there is no context in what was read\n"
    assert json.loads(result.stdout or "[]") == []


def test_a_missing_campaign_is_told_with_what_to_write() -> None:
    result = CliRunner().invoke(sendable, ["audience", "contacts.csv"])
    assert result.exit_code == 2
    assert "Missing option '--campaign'" in result.stderr
    assert "\n  email: {channel: marketing}\n" in result.stderr
