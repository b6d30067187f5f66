"""What the guides show is true: their Python runs, their commands print what stands below them, their links lead on.

A guide's examples are its fenced blocks. Each begins in a directory of its own that holds a copy of `policies/` and
nothing else, or goes on where the block before it ended; a comment right above the block says that and more:

- `<!-- continues -->`: in the directory, and with the Python names, of the block before;
- `<!-- with my-pack -->`: `sendable init --copy my-pack` was run before;
- `<!-- file: NAME -->`: the block is that file, whole;
- `<!-- change: NAME -->`: the block is a change of that file: lines with a minus stand in it once, and those with a
  plus take their place;
- `<!-- keys: NAME -->`: these keys of YAML are set at the top of that file; `<!-- keys: NAME a.b -->`, of the map at
  a.b;
- `<!-- numbers may differ -->`: what the commands print may have other numbers.

What is done with a block is told by its language:

- `python` is executed;
- `console`: lines that begin with `$ ` are run as bash does, and what follows is what they print; a line `…` stands
  for any number of lines;
- `yaml`, `json`, `csv` and `diff` are put into the file that is named;
- `sh` is for a machine of the reader's own: packages are installed that pyproject.toml names, and modules run that
  exist.

After an example, the packs that it wrote to have nothing wrong.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

import sendable
from sendable.cli import COMMANDS
from sendable.cli import sendable as program
from sendable.diagnostics.codes import RULES
from sendable.language.functions import OFFERED
from tests.support.environment import ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent
README, AUTHORS, SENDERS, SCHEMAS, FIGURES = GUIDES = tuple(
    ROOT / folder / "README.md" for folder in ("", "policies", "engine/sendable", "schemas", "tests/benchmarks")
)
LINKING = [
    path
    for path in (*GUIDES, ROOT / "engine" / "README.md", ROOT / ".github" / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
    if path.exists()
]
BLOCK = re.compile(
    r"(?P<comments>(?:^<!-- [^\n]* -->\n\s*)*)^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMENT = re.compile(r"<!-- (?P<verb>continues|with|file|change|keys|numbers)(?::? (?P<rest>.+?))? -->")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its text, how many lines of the guide stand before it, and what the comments above it say."""

    guide: Path
    language: str
    text: str
    before: int
    says: dict[str, str] = field(default_factory=dict)


def blocks(guide: Path) -> list[Block]:
    text = guide.read_text(encoding="utf-8")
    found = [
        Block(
            guide,
            match["language"],
            match["text"],
            text.count("\n", 0, match.start("text")),
            {said["verb"]: said["rest"] or "" for said in COMMENT.finditer(match["comments"])},
        )
        for match in BLOCK.finditer(text)
    ]
    assert text.count("```") == 2 * len(found), f"{guide}: a block that nothing runs"
    return found


def examples(guide: Path) -> Iterator[list[Block]]:
    """The blocks, each with those that go on where it ended."""
    together: list[Block] = []
    for block in blocks(guide):
        if "continues" in block.says:
            together.append(block)
            continue
        if together:
            yield together
        together = [block]
    if together:
        yield together


def named(block: Block) -> str:
    return f"{block.guide.relative_to(ROOT).as_posix()} line {block.before}"


def needs(example: list[Block]) -> list[pytest.MarkDecorator]:
    return [pytest.mark.spark] * any("pyspark" in block.text for block in example if block.language == "python")


ALL = [
    pytest.param(example, id=named(example[0]), marks=needs(example)) for guide in GUIDES for example in examples(guide)
]


@pytest.mark.parametrize("guide", [pytest.param(guide, id=guide.parent.name) for guide in (README, AUTHORS, SENDERS)])
def test_a_guide_has_examples(guide: Path) -> None:
    languages = {block.language for block in blocks(guide)}
    assert languages & {"python", "console"}


@pytest.mark.parametrize("example", ALL)
def test_example(
    example: list[Block], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "readme"}
    written: set[Path] = set()
    for block in example:
        if "with" in block.says:
            assert CliRunner().invoke(program, ["init", "--copy", block.says["with"]]).exit_code == 0
        match block.language:
            case "python":
                if "pyspark" in block.text:
                    request.getfixturevalue("spark")
                # The empty lines make a traceback show the line of the guide.
                exec(compile("\n" * block.before + block.text, block.guide, "exec"), namespace)
            case "console":
                run(block, tmp_path)
            case "yaml" | "json" | "csv" | "diff":
                written.add(write(block, tmp_path))
            case "sh":
                for line in block.text.splitlines():
                    check_set_up(line)
            case other:
                raise AssertionError(f"{named(block)}: nothing is known to be done with `{other}`")
    for pack in {folder for path in written for folder in path.parents if (folder / "policy.yaml").is_file()}:
        assert [str(problem) for problem in sendable.lint(pack)] == []


def matches(shown: list[str], printed: list[str], *, exactly: bool) -> bool:
    pattern = "".join("(?:.*\n)*?" if line == "…" else re.escape(f"{line}\n") for line in shown)
    if not exactly:
        pattern = re.sub(r"[0-9]+(\\\.[0-9]+)?", r"[0-9]+(?:\\.[0-9]+)?", pattern)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def printed_by(command: str, directory: Path) -> str:
    """What the command prints. Those of `sendable` that need no shell run in this process, which is quicker."""
    if command.startswith("sendable ") and not set(command) & set("|&;<>()$`\\*?[]{}~#"):
        environment = {name: ENVIRONMENT.get(name) for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
        _, *arguments = shlex.split(command)
        return (
            CliRunner(env=environment).invoke(program, arguments, prog_name="sendable", catch_exceptions=False).output
        )
    path = os.pathsep.join([str(Path(sys.executable).parent), ENVIRONMENT["PATH"]])
    return subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env=ENVIRONMENT | {"PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    ).stdout


def run(block: Block, directory: Path) -> None:
    before, *commands = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not before, f"a console block begins with a command, not with {before!r}"
    for command, *shown in (each.rstrip("\n").splitlines() for each in commands):
        printed = printed_by(command, directory).rstrip("\n").splitlines()
        exactly = "numbers" not in block.says
        assert matches(shown, printed, exactly=exactly) or printed == shown, f"$ {command}"


def write(block: Block, directory: Path) -> Path:
    """Writes what the block says into the file that it names, which is the result."""
    name, _, at = (block.says.get("file") or block.says.get("change") or block.says["keys"]).partition(" ")
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if "change" in block.says:
        text = path.read_text(encoding="utf-8")
        old, new = ("".join(f"{line[1:]}\n" for line in block.text.splitlines() if line[:1] in kept)
                    for kept in (" -", " +"))  # fmt: skip
        assert text.count(old) == 1, f"{named(block)}: not once in {name}:\n{old}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    elif "keys" in block.says:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        target = document
        for key in at.split(".") if at else ():
            target = target[key]
        target |= yaml.safe_load(block.text)
        path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    else:
        if block.language == "json":
            json.loads(block.text)
        path.write_text(block.text, encoding="utf-8")
    return path


def check_set_up(line: str) -> None:
    """Each command of `line` makes an environment, installs this package with extras it has, or runs what exists."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for command in line.split(" && "):
        program, *arguments = shlex.split(command)
        match Path(program).name:
            case "pip":
                [wanted] = [argument for argument in arguments if argument[:1] != "-" and argument != "install"]
                package, _, inside = wanted.rstrip("]").partition("[")
                assert package in {".", "sendable"}
                assert {extra for extra in inside.split(",") if extra} <= set(extras)
            case "python" | "python3":
                assert arguments[0] == "-m"
                assert importlib.util.find_spec(arguments[1]) is not None
            case "sendable":
                assert arguments[0] in COMMANDS
            case other:
                assert other == "pytest"


# -- what is listed is whole -------------------------------------------------------------------------------------------


def section(guide: Path, heading: str) -> str:
    """What stands under the heading, down to the next one of its level or a higher one."""
    text = re.sub(r"^```.*?^```$", "", guide.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{guide} has no {heading}"
    return found[1]


def listed(text: str) -> list[str]:
    """What the first cells of the tables of `text` have in code, in their order."""
    rows = re.findall(r"^\| *(`[^|]*?)\|", text, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def leaves(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, inside in schema.get("properties", {}).items():
        if "properties" in inside:
            yield from leaves(inside, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def schema(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    return document


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(program)
    for name in COMMANDS:
        found = program.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in found.commands.items())
        else:
            yield name, found


@pytest.mark.parametrize(("name", "found"), [pytest.param(*each, id=each[0]) for each in commands()])
def test_the_reference_has_every_option_of_a_command(name: str, found: click.Command) -> None:
    text = section(AUTHORS, f"### `sendable {name}`")
    told = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(listed(text))))
    options = [parameter for parameter in found.params if isinstance(parameter, click.Option)]
    assert told == {form for option in options for form in (*option.opts, *option.secondary_opts)}
    choices = {choice for option in options if isinstance(option.type, click.Choice) for choice in option.type.choices}
    assert {choice for choice in choices if f"`{choice}`" not in text} == set()


def test_the_readme_is_short_and_lists_every_command() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200
    assert {name.removeprefix("sendable ").split()[0] for name in listed(section(README, "## Commands"))} == {*COMMANDS}


def test_every_function_is_listed_and_does_what_its_example_says(tmp_path: Path) -> None:
    text = section(AUTHORS, "### Functions")
    assert {name.partition("(")[0] for name in listed(text)} == set(OFFERED)

    shown = re.findall(r"`([^`]+)` is `([^`]+)`", text)
    assert {call.partition("(")[0] for call, _ in shown} == set(OFFERED)
    pack = Path(shutil.copytree(ROOT / "policies", tmp_path / "pack"))
    path = pack / "reasons" / "sender.yaml"
    [pattern, *_] = yaml.safe_load(path.read_text(encoding="utf-8"))["reasons"].values()
    more = {"channels": ["transactional"], "on_unknown": "ignore"}
    reasons = {
        f"number_{number}": pattern | more | {"priority": 9000 + number, "when": f"{call} == {value}"}
        for number, (call, value) in enumerate(shown)
    }
    path.write_text(json.dumps({"reasons": reasons}), encoding="utf-8")  # as JSON, which is YAML without aliases
    decision = sendable.load(pack).decide(
        {
            "email": {"channel": "transactional"},
            "contact": {"email": "kim@example.com"},
            "account": {"status": "active"},
        }
    )
    assert [finding.id for finding in decision.reasons] == [*reasons]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("### The keys of a reason", [*schema("reasons")["$defs"]["reason"]["properties"]]),
        ("### The keys of the manifest", [*schema("policy")["properties"]]),
        ("### The keys of a case", [*schema("tests")["$defs"]["case"]["properties"]]),
        ("### The keys of `expect`", [*schema("tests")["$defs"]["expect"]["properties"]]),
    ],
)
def test_every_key_is_listed(heading: str, expected: list[str]) -> None:
    assert sorted(listed(section(AUTHORS, heading))) == sorted(expected)


def test_every_error_that_keeps_no_pack_from_being_used_is_listed() -> None:
    told = re.search(r"An \*error\* keeps the pack .*?A \*warning\*", AUTHORS.read_text(encoding="utf-8"), re.DOTALL)
    assert told is not None
    ranges = re.findall(r"SND(\d{3})(?: to SND(\d{3}))?", told[0])
    listed = {f"SND{number}" for first, last in ranges for number in range(int(first), int(last or first) + 1)}
    assert listed == {rule.code for rule in RULES.values() if rule.loads}


def test_every_field_is_listed() -> None:
    assert listed(section(SCHEMAS, "## The context: what is known of one email")) == [*leaves(schema("context"))]


def test_every_document_is_listed() -> None:
    names = {path.name for path in (ROOT / "schemas").glob("*.json")}
    assert set(listed(section(SCHEMAS, "## The documents"))) == names


def test_what_changed_in_this_version_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest, *_ = re.findall(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest in {"Unreleased", project["version"]}


# -- links -------------------------------------------------------------------------------------------------------------


def anchors(guide: Path) -> set[str]:
    """The anchors of its headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", guide.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links(guide: Path) -> None:
    for target in LINK.findall(guide.read_text(encoding="utf-8")):
        place, _, anchor = target.partition("#")
        if re.match(r"https?://", place):
            continue
        path = guide.parent / place if place else guide
        assert path.exists(), f"{guide}: {target}"
        assert not anchor or anchor in anchors(path), f"{guide}: {target}"


@pytest.mark.parametrize("guide", [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in LINKING])
def test_links_lead_somewhere(guide: Path) -> None:
    check_links(guide)


@pytest.mark.parametrize("guide", [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in LINKING])
def test_the_files_that_are_named_are_there(guide: Path) -> None:
    told = re.findall(r"(?<![\w/.-])(?:engine|schemas|tests)/[\w./-]+\.(?:py|md|yaml|json)\b", guide.read_text("utf-8"))
    assert [name for name in told if not (ROOT / name).exists()] == []


def test_the_guides_of_a_new_pack_are_those_of_the_project_and_their_links_lead_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(program, ["init", "--copy", "my-pack"]).exit_code == 0
    for guide, copied in ((AUTHORS, "my-pack/README.md"), (SCHEMAS, "my-pack/schemas/README.md")):
        check_links(tmp_path / copied)
        text = guide.read_text(encoding="utf-8")
        assert LINK.sub("", (tmp_path / copied).read_text(encoding="utf-8")) == LINK.sub("", text)
    assert sendable.lint("my-pack") == ()
