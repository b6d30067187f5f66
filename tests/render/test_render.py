"""What people and programs read: diagnostics with their source line, decisions as text, the table of reasons."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import sendable
from sendable.diagnostics.codes import DUPLICATE_KEY, FORGOTTEN_FILE, UNKNOWN_KEY
from sendable.diagnostics.places import Position, Span
from sendable.diagnostics.record import Diagnostic
from sendable.pack.model import Reason
from sendable.pack.resources import schema_path
from sendable.render.reasons import reason_to_dict, reasons_as_markdown
from sendable.render.reports.decisions import decision_as_json
from sendable.render.reports.github import as_github
from sendable.render.reports.json import as_json
from sendable.render.terminal import diagnostics as rendered
from sendable.render.terminal.paint import Role
from sendable.render.terminal.table import reasons_as_text
from sendable.render.terminal.text import TextStyle, counts_as_text, decision_as_text
from sendable.render.words.forms import State


def span(file: Path | str, start: tuple[int, int], end: tuple[int, int]) -> Span:
    return Span(str(file), Position(*start), Position(*end))


def unknown(where: Span, key: str = "whn") -> Diagnostic:
    return Diagnostic(UNKNOWN_KEY, where, (("unknown", key), ("allowed", "when, mode")), suggestion="when")


def bracketed(text: str, role: Role) -> str:
    return f"<{role.name.lower()}>{text}</>"


# -- diagnostics as text


def test_a_diagnostic_has_its_place_its_line_a_caret_line_and_help(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("reasons:\n  a:\n    whn: true\n    whn: false\n")
    first = unknown(span(file, (3, 5), (3, 8)))
    second = Diagnostic(
        DUPLICATE_KEY,
        span(file, (4, 5), (4, 8)),
        (("key", "whn"), ("first", "3")),
        also=(span(file, (3, 5), (3, 8)),),
    )
    assert "\n".join(rendered.as_text([first, second])) == (
        f"{file}:3:5: error SND201: `whn` is not a key here\n"
        "  3 |     whn: true\n"
        "    |     ^^^\n"
        "    = help: did you mean `when`? the keys are when, mode\n"
        "\n"
        f"{file}:4:5: error SND108: the key `whn` stands twice; the first is in line 3\n"
        "  4 |     whn: false\n"
        "    |     ^^^\n"
        f"    = see also {file}:3:5\n"
        "    = help: remove or rename one of the two\n"
        "\n"
        "2 errors"
    )


def test_a_diagnostic_is_painted_by_its_severity(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("whn: true\n")
    [text, _] = rendered.as_text([unknown(span(file, (1, 1), (1, 4)))], bracketed)
    assert text.startswith(f"<heading>{file}:1:1</>: <bad>error SND201</>: `whn`")
    assert "<bad>^^^</>" in text
    [text, _] = rendered.as_text([Diagnostic(FORGOTTEN_FILE, Span.whole_file(str(file)))], bracketed)
    assert "<warning>warning SND509</>" in text


@pytest.mark.parametrize(
    ("line", "token", "shown", "carets"),
    [
        ("a: b", "b", "a: b", "   ^"),
        ("\ta: b", "b", "    a: b", "       ^"),
        ("a:\tb\tc", "c", "a:    b    c", "           ^"),
        ("日本: x", "x", "日本: x", "      ^"),
        ("x: 日本語!", "日本語", "x: 日本語!", "   ^^^^^^"),
        ("ａ: x", "x", "ａ: x", "    ^"),
        ("e\u0301e\u0301: x", "x", "e\u0301e\u0301: x", "    ^"),
        ("\x1b[31m: x", "x", "\ufffd[31m: x", "       ^"),
        ("\u202ea: x", "x", "\ufffda: x", "    ^"),
        ("x: a\ufeff", "a\ufeff", "x: a\ufffd", "   ^^"),
    ],
)
def test_the_carets_are_under_the_token(line: str, token: str, shown: str, carets: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"first\n{line}\n", encoding="utf-8")
    begin = line.rindex(token) + 1
    text = next(rendered.as_text([unknown(span(file, (2, begin), (2, begin + len(token))))]))
    assert text.splitlines()[1:3] == [f"  2 | {shown}", f"    | {carets}"]


def test_a_token_of_several_lines_is_marked_to_the_end_of_its_first(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: b  \n  c\n")
    text = next(rendered.as_text([unknown(span(file, (1, 4), (2, 4)))]))
    assert text.splitlines()[1:3] == ["  1 | a: b", "    |    ^"]


@pytest.mark.parametrize("column", [1, 2_500, 4_998])
def test_of_a_long_line_the_part_around_the_token_is_shown(column: int, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    line = "x" * (column - 1) + "YYY" + "x" * (5_000 - column - 2)
    file.write_text(line)
    text = next(rendered.as_text([unknown(span(file, (1, column), (1, column + 3)))]))
    shown, carets = text.splitlines()[1:3]
    assert len(shown) < 180
    assert shown[carets.index("^") :][:3] == "YYY"
    assert carets.count("^") == 3


@pytest.mark.parametrize("file", ["missing.yaml", "."])
def test_what_can_not_be_read_has_no_source_line(file: str, tmp_path: Path) -> None:
    text = next(rendered.as_text([unknown(span(tmp_path / file, (3, 5), (3, 8)))]))
    assert [line.split()[0] for line in text.splitlines()] == [f"{tmp_path / file}:3:5:", "="]


def test_the_line_is_the_one_that_an_editor_counts(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("\ufeffa\u2028b\x0bc\r\nd\re: f\n".encode())
    text = next(rendered.as_text([unknown(span(file, (3, 4), (3, 5)))]))
    assert text.splitlines()[1:3] == ["  3 | e: f", "    |    ^"]


def test_the_counts_name_only_what_there_is() -> None:
    error, warning = unknown(Span.whole_file("a")), Diagnostic(FORGOTTEN_FILE, Span.whole_file("a"))
    assert rendered.summary([]) == "no problems"
    assert rendered.summary([error]) == "1 error"
    assert rendered.summary([warning, error, warning]) == "1 error, 2 warnings"


@given(st.text(max_size=300).map(lambda text: re.sub("[\r\n]", "", text)), st.data())
def test_any_line_is_shown_on_one_line(line: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(line)))
    last = data.draw(st.integers(first, len(line)))
    shown, (blank, carets) = rendered._excerpt(line, span("a", (1, first + 1), (1, last + 1)))
    assert "\n" not in shown
    assert set(blank) <= {" "}
    assert set(carets) == {"^"}


# -- diagnostics as data


def test_diagnostics_as_json() -> None:
    where = span("ä.yaml", (3, 5), (4, 8))
    assert json.loads(as_json([unknown(where)])) == [
        {
            "code": "SND201",
            "severity": "error",
            "message": "`whn` is not a key here",
            "help": "did you mean `when`? the keys are when, mode",
            "file": "ä.yaml",
            "line": 3,
            "column": 5,
            "end_line": 4,
            "end_column": 8,
        }
    ]
    assert json.loads(as_json([])) == []


def test_diagnostics_as_workflow_commands() -> None:
    found = [
        unknown(span("a,:%.yaml", (3, 5), (3, 8)), "1%"),
        unknown(span("a.yaml", (3, 5), (4, 8))),
        Diagnostic(FORGOTTEN_FILE, Span.whole_file("a.yaml")),
    ]
    title = "title=SND201 unknown-key"
    help_ = "did you mean `when`? the keys are when, mode"
    assert list(as_github(found)) == [
        f"::error file=a%2C%3A%25.yaml,line=3,col=5,endLine=3,endColumn=8,{title}::`1%25` is not a key here%0A{help_}",
        f"::error file=a.yaml,line=3,col=5,endLine=4,{title}::`whn` is not a key here%0A{help_}",
        f"::warning file=a.yaml,line=1,title=SND509 forgotten-file::{found[2].message}%0A{found[2].help}",
    ]


@given(st.text(max_size=20))
def test_no_text_breaks_out_of_a_workflow_command(text: str) -> None:
    [command] = as_github([unknown(span(text, (1, 2), (1, 3)), text)])
    assert not set(command) & set("\r\n")
    assert command.count("::") >= 2
    properties = command[len("::error ") :].split("::")[0].split(",")
    assert [each.partition("=")[0] for each in properties] == [
        "file",
        "line",
        "col",
        "endLine",
        "endColumn",
        "title",
    ]


# -- decisions

BARE = {"email": {"channel": "marketing"}, "contact": {"email": "info@gmial.com", "hard_bounces": 1}}


@pytest.fixture(scope="module")
def policy() -> sendable.Policy:
    return sendable.load()


def test_every_finding_of_a_decision_is_named(policy: sendable.Policy) -> None:
    decision = policy.decide(BARE)
    text = decision_as_text(decision, "a[3]", "info@gmial.com", TextStyle(None, "en"))
    assert text.startswith("a[3] · info@gmial.com\n  SUPPRESSED · ")
    flat = " ".join(text.split())
    assert len(decision.reasons) > 5
    for finding in decision.reasons:
        assert f"({finding.id}" in flat
        for path in finding.missing:
            assert path in flat
    assert decision.reasons[1].certainty == "matched"
    also, unknown = (
        text.partition("  Undetermined:\n")[0].partition("  Also:")[2],
        text.partition("  Undetermined:\n")[2],
    )
    for finding in decision.reasons[1:]:
        assert (f"({finding.id})" in also) is (finding.certainty == "matched")
        assert (f"({finding.id};" in unknown) is (finding.certainty == "undetermined")


def test_the_undetermined_are_under_their_own_heading_once(policy: sendable.Policy) -> None:
    decision = policy.decide({"email": {"channel": "transactional"}, "contact": {"email": "kim@example.com"}})
    text = decision_as_text(decision, "a", None, TextStyle(None, "en"))
    assert text.startswith("a\n  UNDETERMINED, held back · ")
    assert text.count("Undetermined:") == 1
    assert "Also" not in text


def test_only_the_verdict_and_the_heading_are_painted(policy: sendable.Policy) -> None:
    text = decision_as_text(policy.decide(BARE), "a", "x", TextStyle("sv", "sv", paint=bracketed))
    assert text.startswith("<heading>a · x</>\n  <bad>SKICKAS INTE</> · ")
    assert text.count("</>") == 2
    plain = decision_as_text(policy.decide(BARE), "a", "x", TextStyle("sv", "sv"))
    assert re.sub(r"</?\w*>", "", text) == plain


@pytest.mark.parametrize("width", [30, 80, 120])
def test_no_line_but_of_one_word_is_wider_than_it_may_be(policy: sendable.Policy, width: int) -> None:
    text = decision_as_text(policy.decide(BARE), "a", None, TextStyle("sv", "sv", width))
    assert all(len(line) <= width or len(line.split()) <= 2 for line in text.splitlines())
    assert any(len(line) > width - 20 for line in text.splitlines())


def test_heading_and_place_are_cleaned(policy: sendable.Policy) -> None:
    text = decision_as_text(policy.decide(BARE), "a\x1b[1m", "x\u202e\n@", TextStyle(None, "en"))
    assert text.splitlines()[0] == "a\ufffd[1m · x\ufffd\ufffd@"


def test_the_counts() -> None:
    english, swedish = TextStyle(None, "en"), TextStyle("sv", "sv-SE")
    some, one = {State.SENDABLE: 3, State.SUPPRESSED: 31}, {State.SENDABLE: 1}
    every = {State.SUPPRESSED: 1, State.INVALID: 2, State.UNDETERMINED: 3}
    assert counts_as_text(some, english) == "34 contexts: 3 sendable, 31 suppressed"
    assert counts_as_text(one, english) == "1 context: 1 sendable, 0 suppressed"
    assert counts_as_text(every, english) == "6 contexts: 0 sendable, 1 suppressed, 3 undetermined, 2 invalid"
    assert counts_as_text(every, swedish) == "6 mejl: får skickas 0, skickas inte 1, oklart 3, ogiltigt 2"


def test_a_decision_as_json_is_one_valid_line(policy: sendable.Policy) -> None:
    text = decision_as_json(policy.decide(BARE), "sv")
    assert "\n" not in text
    assert "å" in text
    Draft202012Validator(json.loads(schema_path("decision").read_text(encoding="utf-8"))).validate(json.loads(text))


# -- reasons


@pytest.mark.parametrize("locale", ["en", "sv"])
@pytest.mark.parametrize("width", [60, 80, 127, 140, 250])
def test_the_table_fits_and_breaks_no_word(policy: sendable.Policy, locale: str, width: int) -> None:
    text = reasons_as_text(policy.reasons, locale, width)
    assert max(map(len, text.splitlines())) <= width
    for reason in policy.reasons:
        for word in (reason.id, *re.split("[ -]", reason.title[locale]), reason.basis.value):
            assert re.search(rf"(?<![^\s-]){re.escape(word)}(?![^\s-])", text), word


def test_the_table_is_a_table_where_there_is_room(policy: sendable.Policy) -> None:
    narrow, wide = (reasons_as_text(policy.reasons, "en", width) for width in (80, 250))
    assert wide.count("\n") == len(policy.reasons) + 1
    assert "---" in wide
    assert "---" not in narrow
    floors = sum(reason.floor for reason in policy.reasons)
    assert wide.count("■") == narrow.count("■") == floors > 0


def test_markdown_has_one_row_a_reason_and_no_stray_bars(policy: sendable.Policy) -> None:
    rows = reasons_as_markdown(policy.reasons, "sv").splitlines()
    assert len(rows) == len(policy.reasons) + 2
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {11}
    assert "Rättslig grund saknas" in "\n".join(rows)


def test_reasons_as_data_are_plain(policy: sendable.Policy) -> None:
    def one(reason: Reason) -> dict[str, object]:
        return reason_to_dict(reason, policy.pack, "en")

    rows = [one(reason) for reason in policy.reasons]
    assert json.loads(json.dumps(rows)) == rows
    assert [row["id"] for row in rows] == [reason.id for reason in policy.reasons]
    assert all(row["message"] and row["fix"] for row in rows)
