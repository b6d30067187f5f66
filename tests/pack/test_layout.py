"""`sendable fmt`: one layout, every comment kept, and the meaning never changed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

import sendable
from sendable import cli
from sendable.diagnostics.pages import Block
from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector
from sendable.diagnostics.wording import UNSEEN
from sendable.documents.elements import Element, meaning
from sendable.documents.parse import parse_document
from sendable.lints.run import lint_pack
from sendable.pack.layout import WIDTH, formatted
from tests.support.packs import BASE, REASONS, apply

CASES = Path(__file__).parent.parent / "cases" / "formatting"
POLICIES = Path(__file__).parent.parent.parent / "policies"
FILES = sorted(path for path in POLICIES.rglob("*.yaml") if path.stat().st_size < 20_000)


def tidy(text: str) -> str:
    collector = Collector()
    result = formatted(Source("file.yaml", text), collector)
    assert result is not None, collector.sorted()
    return result


def element(text: str) -> Element | None:
    collector = Collector()
    found = parse_document(Source("file.yaml", text), collector)
    return None if collector.has_errors else found


@pytest.mark.parametrize("before", sorted(CASES.glob("*.before.yaml")), ids=lambda path: path.name.split(".")[0])
def test_cases(before: Path, regenerate: bool) -> None:
    after = before.with_name(before.name.replace("before", "after"))
    text = tidy(before.read_text(encoding="utf-8"))
    if regenerate:
        after.write_text(text, encoding="utf-8")
    assert text == after.read_text(encoding="utf-8")
    assert tidy(text) == text
    assert before.read_text(encoding="utf-8").count("#") == text.count("#")


# -- whatever is written


@st.composite
def yaml_texts(draw: st.DrawFn) -> tuple[str, list[str]]:  # noqa: C901 - one grammar, a function a rule
    """A document with comments, blank lines, odd indentation and every style of scalars; and its comments."""
    comments: list[str] = []

    def comment() -> str:
        comments.append(f"# c{len(comments)}" + draw(st.sampled_from(["", "  x", ": [", " 'é"])))
        return comments[-1]

    def behind() -> str:
        return draw(st.sampled_from(["", "", "", "  ", " "])) and " " + comment()

    def above(indent: int) -> str:
        lines = draw(st.lists(st.sampled_from(["blank", "comment", "deep"]), max_size=2))
        return "".join(
            "\n" if line == "blank" else " " * (indent + 3 * (line == "deep")) + comment() + "\n" for line in lines
        )

    def scalar(indent: int, *, flow: bool) -> str:
        text = draw(
            st.sampled_from([
                "true", "~", "", "12", "1.50", "0x1f", "word", "two words", "'it''s'", '"a\\tb: # \\u00e5"', "no",
                "5.7.1",
                "'22:22'",
                '"  spaced  "', "åäö 😀", "a:b", "x#y", '"\\n"', "'- x'", '"?"', "long " * 30 + "text",
            ])
        )  # fmt: skip
        if flow or draw(st.booleans()):
            return text.strip() or "''"
        style = draw(st.sampled_from(["|", ">", "|-", ">-", "|+", ">+"]))
        lines = draw(st.lists(st.sampled_from(["text", "  more", "", "long " * 30 + "x", "# no comment"]), min_size=1))
        lines = ["first", *lines]
        return style + behind() + "\n" + "\n".join(" " * indent + line if line else "" for line in lines)

    def flow(depth: int) -> str:
        if depth > 2 or draw(st.booleans()):
            return scalar(0, flow=True)
        inside = [flow(depth + 1) for _ in range(draw(st.integers(0, 3)))]
        opened, closed = draw(st.sampled_from([("[", "]"), ("{", "}")]))
        if opened == "{":
            inside = [f"k{number}: {value}" for number, value in enumerate(inside)]
        broken = draw(st.booleans())
        space = " " * 30
        parts = [value + "," + (behind() + "\n" + space if broken else " ") for value in inside]
        head = (behind() + "\n" + space) if broken else ""
        last = space + comment() + "\n" + space if broken and draw(st.booleans()) else ""
        return opened + head + "".join(parts) + ("\n" + last if last else "") + closed

    def block(indent: int, depth: int) -> str:
        step = draw(st.integers(1, 4))
        text = ""
        is_list = draw(st.booleans())
        for number in range(draw(st.integers(1, 3))):
            lead = " " * indent + ("-" if is_list else f"{draw(st.sampled_from(['k', 'when', 'title']))}{number}:")
            text += above(indent) + lead
            kind = draw(st.sampled_from(["scalar", "flow", "block"])) if depth < 3 else "scalar"
            if kind == "block":
                text += behind() + "\n" + block(indent + step, depth + 1)
            else:
                inner = scalar(indent + step, flow=False) if kind == "scalar" else flow(0)
                text += " " + inner + ("" if "\n" in inner and kind == "scalar" else behind()) + "\n"
        return text + (above(indent) if draw(st.booleans()) else "")

    return block(0, 0), comments


@given(yaml_texts())
def test_keeps_meaning_and_comments_and_changes_nothing_the_second_time(made: tuple[str, list[str]]) -> None:
    text, comments = made
    before = element(text)
    if before is None:  # libyaml takes some of the odder indentations for errors: then nothing is said about it
        assert formatted(Source("file.yaml", text), Collector()) is None
        return
    after = tidy(text)
    assert (read := element(after)) is not None
    assert meaning(read) == meaning(before)
    told = meaning(before)
    for comment in comments:
        if json.dumps(comment, ensure_ascii=False)[1:-1] in told:
            continue  # it came to stand inside a block of text, and is part of that
        assert len(re.findall(re.escape(comment) + r"(?=\n|\Z)", after)) == 1
    assert tidy(after) == after


def test_most_of_what_is_generated_can_be_read() -> None:
    read = []

    @given(yaml_texts())
    def look(made: tuple[str, list[str]]) -> None:
        read.append(element(made[0]) is not None and bool(made[1]))

    look()
    assert sum(read) > len(read) // 3


NOTE = re.compile(r"# note \d+")


@given(st.sampled_from(FILES), st.data())
def test_comments_anywhere_in_a_file_of_the_pack_are_kept(path: Path, data: st.DataObject) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    for index, number in enumerate(data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=8))):
        how = data.draw(st.integers(0, 3))
        note = f"# note {index}"
        if how == 0:
            lines[number] += "  " + note
        elif how == 1:
            lines[number] += "\n"
        else:
            lines[number] += "\n" + " " * data.draw(st.integers(0, 12)) + note
    keeps_notes(data.draw(st.sampled_from(["\n", "\r\n", "\r"])).join("\n".join(lines).split("\n")))


def keeps_notes(text: str) -> None:
    """A note in the middle of a text is part of it, and may come to stand on two lines, or be an error."""
    before = element(text)
    if before is None:
        return
    after = tidy(text)
    assert (read := element(after)) is not None
    assert meaning(read) == meaning(before)
    texts_of_it = NOTE.findall(meaning(before))
    comments = [note for note in NOTE.findall(text) if note not in texts_of_it]
    assert sorted(note for note in NOTE.findall(after) if note not in texts_of_it) == sorted(comments)
    assert tidy(after) == after
    assert "\r" not in after


@pytest.mark.parametrize("indent", range(5))
@pytest.mark.parametrize("style", [">", ">-", "|", ""])
def test_a_note_within_a_text_of_several_lines_is_text_or_a_comment_or_an_error(style: str, indent: int) -> None:
    line = "word " * 23 + "x"
    keeps_notes(f"a: {style}\n  {line}\n{' ' * indent}# note 0\n  {line}\nb: 1  # note 1\n")


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60) | st.text(
    "ab '\"\\#:{}[],\n-?0.", max_size=30
)


@given(st.dictionaries(texts, texts | st.integers() | st.floats() | st.booleans() | st.none(), max_size=4))
def test_any_text_comes_out_as_it_went_in(values: dict[str, object]) -> None:
    text = yaml.safe_dump(values, allow_unicode=True)
    if element(text) is not None:
        assert tidy(tidy(text)) == tidy(text)


@given(st.text(st.sampled_from("a #:'\"\\1-{\n\u200b\u200d\u202e\u2066\xad\ufe0f\ufeff\x07\U000e0041👩é"), max_size=20))
@example("👩\n\u200d")  # what would be joined, were they on one line
def test_what_cannot_be_seen_is_never_written_as_itself(text: str) -> None:
    written = '"k' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'
    after = tidy(f"a: {written}\nb: [{written}]\n? {written}\n: 1\n")
    assert UNSEEN.search(after) is None
    assert tidy(after) == after


@pytest.mark.parametrize(
    "text", ["? {0}\n: 1 # why\n", "- ? {0}\n  : [a, b]\n", "a:\n  ? {0}\n  : b: 1\n", "{{? {0} : 1}}\n"]
)
def test_a_key_that_is_too_long_for_its_line_stays_a_key(text: str) -> None:
    text = text.format("k" * 1_100)
    before, after = element(text), tidy(text)
    assert before is not None
    again = element(after)
    assert again is not None
    assert meaning(again) == meaning(before)
    assert tidy(after) == after
    assert ("# why" in after) is ("# why" in text)


def test_lines_are_no_longer_than_they_have_to_be() -> None:
    words = "word " * 60
    text = tidy(f"reasons:\n  a:\n    fix: {{en: {words.strip()}, sv: '{words}'}}\n")
    lines = text.splitlines()
    assert max(len(line) for line in lines if "'" not in line and '"' not in line) <= WIDTH
    assert [line for line in lines if len(line) > WIDTH] == [line for line in lines if words in line]


# -- packs


def test_the_bundled_pack_is_in_the_layout() -> None:
    for path in POLICIES.rglob("*.yaml"):
        assert tidy(path.read_text(encoding="utf-8")) == path.read_text(encoding="utf-8"), path


def test_the_version_and_what_is_decided_stay(tmp_path: Path) -> None:
    shutil.copytree(POLICIES, tmp_path / "pack")
    for path in (tmp_path / "pack").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        ugly = re.sub(
            r"^( +)(- )?", lambda found: found[1] * 2 + ("-   " if found[2] else ""), text, flags=re.MULTILINE
        )
        ugly = ugly.replace("\n\n", "\n# x\n\n\n\n")
        path.write_text(ugly, encoding="utf-8")
    version = sendable.load(POLICIES).version
    assert sendable.load(tmp_path / "pack").version == version
    run("fmt", str(tmp_path / "pack"))
    assert sendable.load(tmp_path / "pack").version == version
    assert "\n\n\n" not in (tmp_path / "pack" / "policy.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["when: contact.id == contact.id # sendable: allow SND520\n",
                                   "when: contact.id == contact.id\n# sendable: allow SND520\n"])  # fmt: skip
def test_a_comment_that_allows_a_lint_still_does(place: str, tmp_path: Path) -> None:
    directory = tmp_path / "pack"
    shutil.copytree(BASE, directory)
    apply(directory, Block("reason", (), place))
    before = [str(one.code) for one in lint_pack(directory)[1]]
    path = directory / REASONS
    path.write_text(tidy(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert [str(one.code) for one in lint_pack(directory)[1]] == before


# -- the command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.sendable, arguments)


UGLY = "# why\nlists:\n    a:   {description: 'x',\n       entries: [b]}\n"
TIDY = "# why\nlists:\n  a: {description: x, entries: [b]}\n"


def test_writes_what_differs_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + UGLY.replace("\n", "\r\n").encode())
    (tmp_path / "b.yml").write_text(TIDY)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c.yaml").write_text(UGLY)
    (tmp_path / "d.json").write_text('{"a":   1}')
    (tmp_path / "a.yaml").chmod(0o640)
    result = run("fmt", str(tmp_path))
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'a.yaml'}: formatted\n"
    assert result.stderr == "1 file formatted, 1 file is in the layout\n"
    assert (tmp_path / "a.yaml").read_bytes() == TIDY.replace("\n", "\r\n").encode()
    assert (tmp_path / "a.yaml").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / ".hidden" / "c.yaml").read_text() == UGLY
    assert (tmp_path / "d.json").read_text() == '{"a":   1}'
    assert run("fmt", str(tmp_path), "--check").exit_code == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TIDY.replace("\n", "\r\n"), None),
        (TIDY, None),
        (UGLY.replace("\n", "\r\n"), TIDY.replace("\n", "\r\n")),
        (TIDY.replace("\n", "\r\n", 1), TIDY.replace("\n", "\r\n")),
        (TIDY.replace("\n", "\r"), TIDY),
        ("", None),
    ],
)
def test_lines_end_as_the_first_of_the_file_does(before: str, after: str | None, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(before.encode())
    assert run("fmt", str(file), "--check").exit_code == (after is not None)
    assert run("fmt", str(file)).exit_code == 0
    assert file.read_bytes() == (before if after is None else after).encode()


@pytest.mark.parametrize(
    ("options", "code", "output"),
    [
        (["--check"], 1, "{path}: not in the layout\n"),
        (["--diff"], 0, ("--- {path}\n+++ {path} (formatted)\n@@ -1,4 +1,3 @@\n # why\n lists:\n"
                        "-    a:   {{description: 'x',\n-       entries: [b]}}\n"
                        "+  a: {{description: x, entries: [b]}}\n")),
        (["--check", "--diff"], 1, None),
    ],
)  # fmt: skip
def test_checks_without_writing(options: list[str], code: int, output: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(UGLY)
    result = run("fmt", str(path), *options)
    assert result.exit_code == code
    assert output is None or result.stdout == output.format(path=path)
    assert result.stderr == "1 file would change\n"
    assert path.read_text() == UGLY


@pytest.mark.parametrize("options", [[], ["--check"], ["--diff"]])
@pytest.mark.parametrize("named", ["", "tests"])
def test_a_file_out_of_the_pack_is_neither_shown_nor_written(named: str, options: list[str], tmp_path: Path) -> None:
    pack, outside = tmp_path / "pack", tmp_path / "outside.yaml"
    shutil.copytree(BASE, pack)
    (pack / "tests").mkdir()
    (pack / "tests" / "a.yaml").symlink_to(Path("..", "..", "outside.yaml"))
    (pack / "tests" / "b.yaml").symlink_to(Path("..", "policy.yaml"))  # within the pack
    outside.write_text("hunter2:    1\n", encoding="utf-8")
    result = run("fmt", str(pack / named), *options)
    assert result.exit_code == 2
    assert "a.yaml` leads out of the pack" in result.stderr
    assert "b.yaml" not in result.stderr
    assert "hunter2" not in result.output
    assert outside.read_text(encoding="utf-8") == "hunter2:    1\n"


def test_a_file_with_an_error_is_left_alone_and_the_others_are_not(tmp_path: Path) -> None:
    broken, fine = tmp_path / "a.yaml", tmp_path / "b.yaml"
    broken.write_text("a: [1\n")
    fine.write_text(UGLY)
    result = run("fmt", str(tmp_path))
    assert result.exit_code == 2
    assert "a.yaml:1:4: error SND104" in result.stderr
    assert "the `[` that opens here is never closed" in result.stderr
    assert broken.read_text() == "a: [1\n"
    assert fine.read_text() == TIDY


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["README.md"], ["policies", "--policy", "policies"]])
def test_says_what_to_name(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(POLICIES.parent)
    result = run("fmt", *arguments)
    assert result.exit_code == 2
    assert "rror" in result.stderr


def test_the_bundled_pack_can_be_checked() -> None:
    assert run("fmt", "--check").exit_code == 0
