"""What `.github/SECURITY.md` promises, a test for each sentence."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import sendable
from sendable.decide import reference as by_reference
from sendable.decide.facts import ContextError, FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.language.types import CHANNEL, Kind
from sendable.pack.fields import built_in_fields
from sendable.pack.model import Channel
from tests.support import hostile
from tests.support.packs import EXAMPLES, NOW, bundled, contexts, pack, read

ROOT = Path(__file__).resolve().parent.parent

WATCHED = """
import json, os, sys
from pathlib import Path

events, phase = [], "imports"

def hook(name, arguments):
    if name == "open" and not isinstance(arguments[0], int):
        events.append((phase, "open", os.fsdecode(arguments[0])))
    elif name == "exec":
        events.append((phase, "exec", arguments[0].co_filename))
    elif name.split(".")[0] in ("socket", "subprocess", "os", "shutil", "urllib", "ctypes", "winreg", "http"):
        if name not in ("os.listdir", "os.scandir", "os.putenv", "os.unsetenv"):
            events.append((phase, name, ""))

import sendable
from sendable.lints.run import lint_pack

folder, given = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
warm = sendable.load(folder)

def explain(policy):
    found = policy.explain(given)
    return found.traces, found.remedies, found.settlings

warm.decide(given), explain(warm), lint_pack(Path(folder))
[warm.decide(given).to_dict(locale=one) for one in ("en", "sv")]

sys.addaudithook(hook)
phase = "load"
policy = sendable.load(folder)
phase = "decide"
for _ in range(100):
    decision = policy.decide(given)
    policy.decide(given, validate=False)
decision.to_dict(locale="sv")
phase = "explain"
explain(policy)
phase = "zone"
given.setdefault("own", {})["zone"] = "Pacific/Auckland"
policy.decide(given)
phase = "lint"
lint_pack(Path(folder))
phase = "end"
print(json.dumps(events))
"""


NEAR_ITS_BASE = {
    "base/policy.yaml": "name: base\nlocales: [en, sv]\ndefault_locale: en\n",
    "base/reasons/reasons.yaml": hostile.SOUND[hostile.REASONS],
    "base/tests/tests.yaml": "cases:\n  - {name: a, patch: {email.channel: marketing, contact.email: a@b.example,"
    " now: 2026-11-23T09:00:00Z}, expect: {sendable: true}}\n",
    "pack/policy.yaml": "name: own\nextends: ../base\ncontext: [own.yaml]\n",
    "pack/own.yaml": "type: object\nproperties: {own: {type: object, properties: {zone: {type: string}}}}\n",
    "pack/lists/blocked.csv": "Email,Note\na@b.example,x\n",
    "pack/lists/lists.yaml": "lists:\n  blocked:\n    description: B.\n    from:\n"
    "      - {file: lists/blocked.csv, column: Email}\n",
    "pack/reasons/own.yaml": "reasons:\n"
    + hostile.reason(priority="2", when="contact.email in lists.blocked or local_hour(now, own.zone) < 8").replace(
        "@", "2"
    ),
}
"""A pack that has all that names other files: a base outside its folder, a list from a file, and a time zone."""


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that pack and its base."""
    folder = tmp_path_factory.mktemp("beside")
    hostile.write(folder, NEAR_ITS_BASE)
    return folder


@pytest.fixture(scope="module", params=["the bundled pack", "a pack on a base beside it"])
def events(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, beside: Path
) -> dict[str, list[tuple[str, str]]]:
    """What an audit hook (PEP 578) heard of while a pack was loaded, asked and checked, by what was done."""
    folder = tmp_path_factory.mktemp("watched")
    given = {**read(EXAMPLES[0]), "own": {"zone": "Europe/Stockholm"}}
    (folder / "context.json").write_text(json.dumps(given), encoding="utf-8")
    root = ROOT / "policies" if request.param == "the bundled pack" else beside / "pack"
    command = (sys.executable, "-c", WATCHED, str(root), str(folder / "context.json"))
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    found: dict[str, list[tuple[str, str]]] = {"load": [], "decide": [], "explain": [], "zone": [], "lint": []}
    for phase, name, about in json.loads(done.stdout):
        if phase in found:
            found[phase].append((name, about))
    return found


def test_the_hook_hears(events: dict[str, list[tuple[str, str]]]) -> None:
    assert any(name == "open" and about.endswith("policy.yaml") for name, about in events["load"])
    assert any(name == "exec" for name, about in events["decide"])
    asks_for_zones = any(about.endswith("blocked.csv") for _, about in events["load"])
    assert any(name == "open" for name, _ in events["zone"]) == asks_for_zones


def test_a_pack_can_not_run_code(events: dict[str, list[tuple[str, str]]]) -> None:
    run = {about for found in events.values() for name, about in found if name == "exec"}
    assert {one for one in run if not re.fullmatch(rf"<({'|'.join(Channel)})(_[a-z]+)?>", one)} == set()


HOSTILE = [
    "__import__('os').system('id')",
    "contact.email.__class__",
    "contact.items()",
    "(lambda: true)()",
    "[x for x in contact.tags]",
    "open('/etc/passwd')",
    "eval('1')",
    "known(contact.email); 1",
    "contact['email']",
    "f'{contact.email}'",
    "(x := true)",
    "lower(*contact.tags)",
    "params.__dict__",
    "9 ** 9 ** 9 > 1",
    '"a" * 1000000000 == "a"',
]


@pytest.mark.parametrize("condition", HOSTILE)
def test_a_condition_is_nothing_but_a_condition(condition: str, tmp_path: Path) -> None:
    with pytest.raises(sendable.PolicyError):
        pack(tmp_path, {"when": condition})


def test_a_pack_can_not_reach_the_network(events: dict[str, list[tuple[str, str]]], tmp_path: Path) -> None:
    assert [one for found in events.values() for one in found if one[0] not in ("open", "exec")] == []
    own = {"type": "object", "properties": {"own": {"$ref": "https://example.com/own.json"}}}
    (tmp_path / "own.json").write_text(json.dumps(own), encoding="utf-8")
    with pytest.raises(sendable.PolicyError):
        pack(tmp_path, {"when": "contact.spam_trap"}, manifest="context: [own.json]\n")


def test_a_pack_can_not_reach_files(events: dict[str, list[tuple[str, str]]], beside: Path, tmp_path: Path) -> None:
    inside = (
        str(beside),
        str(ROOT / "policies"),
        str(ROOT / "schemas"),
        str(Path(sendable.__file__).parent),
        sys.prefix,
        sys.base_prefix,
    )
    opened = {about for found in events.values() for name, about in found if name == "open"}
    assert (
        sorted(one for one in opened if not os.path.realpath(one).startswith(tuple(map(os.path.realpath, inside))))
        == []
    )
    assert [one for phase in ("decide", "explain") for one in events[phase] if one[0] == "open"] == []
    assert [about for name, about in events["zone"] if name == "open" and f"{os.sep}tzdata{os.sep}" not in about] == []
    for manifest in ("lists: [../*.yaml]\n", "lists: [/etc/passwd]\n", "context: [../../own.json]\n"):
        with pytest.raises(sendable.PolicyError):
            pack(tmp_path, {"when": "contact.spam_trap"}, manifest=manifest)


@pytest.mark.parametrize("name", ["policy.yaml", "policy.lock", "reasons/more.yaml", "intake/columns.yaml"])
def test_a_link_does_not_lead_a_pack_to_files(name: str, tmp_path: Path) -> None:
    root = tmp_path / "pack"
    root.mkdir()
    pack(root, {"when": "contact.spam_trap"})
    (tmp_path / "secret").write_text("password: hunter\n", encoding="utf-8")
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).unlink(missing_ok=True)
    (root / name).symlink_to(tmp_path / "secret")
    with pytest.raises(sendable.PolicyError) as failed:
        sendable.load(root, verify=name == "policy.lock")
    assert "SND508" in {one.code for one in failed.value.diagnostics}
    assert "password" not in str(failed.value)


@pytest.mark.parametrize(
    "name", ["base/policy.yaml", "base/reasons/reasons.yaml", "pack/lists/blocked.csv", "pack/own.yaml"]
)
def test_a_link_does_not_lead_a_pack_or_its_base_to_files(name: str, tmp_path: Path) -> None:
    hostile.write(tmp_path, NEAR_ITS_BASE)
    (tmp_path / "secret").write_text("Email\npassword@hunter.example\n", encoding="utf-8")
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(tmp_path / "secret")
    with pytest.raises(sendable.PolicyError) as failed:
        sendable.load(tmp_path / "pack")
    assert "SND508" in {one.code for one in failed.value.diagnostics}
    assert "hunter" not in str(failed.value)


@pytest.mark.parametrize("file", ["../secret.csv", "/etc/passwd", "lists/../../secret.csv"])
def test_a_list_comes_from_no_file_outside(file: str, tmp_path: Path) -> None:
    hostile.write(tmp_path, NEAR_ITS_BASE)
    (tmp_path / "secret.csv").write_text("Email\npassword@hunter.example\n", encoding="utf-8")
    path = tmp_path / "pack/lists/lists.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("lists/blocked.csv", file), encoding="utf-8")
    with pytest.raises(sendable.PolicyError) as failed:
        sendable.load(tmp_path / "pack")
    assert "hunter" not in str(failed.value)
    assert "root:" not in str(failed.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contexts())
def test_a_pack_can_not_change_a_context(context: dict[str, Any]) -> None:
    before = deepcopy(context)
    decision = bundled().decide(context)
    decision.to_dict(locale="sv")
    bundled().explain(context)
    assert context == before


SIZES = {
    "parts": " or ".join(f'contact.email == "{number}"' for number in range(120)),
    "depth": "not " * 48 + "contact.spam_trap",
    "text": f'contact.email == "{"a" * 4000}"',
    "alternation": " or ".join(["(contact.spam_trap and not contact.unsubscribed_all)"] * 60),
    "counts": " and ".join(f"contact.hard_bounces != {number}" for number in range(120)),
    "lists": " or ".join(f'("{number}" in contact.unsubscribed_types)' for number in range(90)),
}
"""Conditions about as large as the language allows them, of the kinds that are hard to work out."""


# Slow: what is hard to work out is worked out, once for each kind of it.
@pytest.mark.parametrize("name", SIZES)
def test_a_pack_can_not_hang_the_process(name: str, tmp_path: Path) -> None:
    pack(tmp_path, {"when": SIZES[name]})
    code = (
        "import sendable, sys; p = sendable.load(sys.argv[1]); sendable.lint(sys.argv[1]); p.explain(eval(sys.argv[2]))"
    )
    context = {"email": {"channel": "marketing"}, "contact": {"email": "kim@example.com"}}
    # No measure of speed: a hang has no end, and this one is reached in a second.
    subprocess.run((sys.executable, "-c", code, str(tmp_path), repr(context)), check=True, timeout=60)


class Raising:
    """Something that raises whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("==")

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __repr__(self) -> str:
        raise RuntimeError("repr")


class RaisingMapping(dict[str, Any]):
    """A mapping that raises where a key is asked for."""

    def get(self, *asked: Any) -> Any:
        raise RuntimeError(asked)

    __getitem__ = get


PATHS = [
    "now",
    "email",
    "contact",
    "account",
    "sender",
    "delivery",
    "own",
    "channel",
    "unsubscribed_types",
    "hard_bounces",
]
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=3)
    | st.datetimes()
    | st.builds(Raising)
    | st.builds(RaisingMapping)
    | st.sampled_from(["marketing", "2026-11-23T09:00:00Z", 2**70, type, object]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PATHS) | st.text(max_size=3), inner),
    max_leaves=12,
)


@given(ANYTHING | st.dictionaries(st.sampled_from(PATHS), ANYTHING), st.booleans())
def test_a_context_of_any_shape_gives_a_decision_or_a_context_error(context: Any, keeps: bool) -> None:
    if keeps and isinstance(context, dict):
        context = {**read(EXAMPLES[0]), **context}
    with suppress(ContextError):
        assert isinstance(bundled().decide(context), sendable.Decision)


@given(contexts(), contexts())
def test_no_answer_holds_anything_of_another_contact(first: dict[str, Any], second: dict[str, Any]) -> None:
    alone = bundled().decide(second, now=NOW).to_dict(locale="en")
    first["contact"]["email"] = "somebody-else@example.org"
    first.setdefault("account", {})["id"] = "another-account"
    bundled().decide(first, now=NOW).to_dict(locale="en")
    after = bundled().decide(second, now=NOW).to_dict(locale="en")
    assert after == alone
    assert "another-account" not in json.dumps(after)
    assert "somebody-else" not in json.dumps(after)


@settings(max_examples=2, phases=[Phase.generate])  # an engine plans the whole pack for each: a second
@given(st.lists(contexts(), min_size=20, max_size=40))
def test_no_backend_differs(documents: list[dict[str, Any]]) -> None:
    policy, fields = bundled(), built_in_fields()
    reference, reader = InterpretedProgram(policy.pack), FactReader.of(fields.values())
    rows, wanted = [], []
    for document in documents:
        document["email"]["channel"], document["now"] = "marketing", NOW.isoformat()
        document["contact"]["email"] = (
            document["contact"]["email"] or "kim@example.com"
        )  # no text is no value in a frame
        facts = reader.read(document)
        decision = policy.decide(document)
        assert policy.decide(document, validate=False) == decision
        assert by_reference.decide(policy.pack, reference, facts) == decision
        wanted.append([finding.id for finding in decision.reasons])
        rows.append({path.replace(".", "__"): facts.get(path) for path in fields if path not in ("now", CHANNEL)})
    types = {path.replace(".", "__"): _TYPES[field.type.kind] for path, field in fields.items()}
    frame = pl.DataFrame(rows, schema={name: types[name] for name in rows[0]}).with_row_index("row")
    campaign = {"email": {"channel": "marketing"}}
    by_polars = policy.decide_frame(frame, campaign=campaign, now=NOW, keys=["row"])
    with duckdb.connect() as connection:
        relation = policy.decide_frame(
            connection.from_arrow(frame.to_arrow()), campaign=campaign, now=NOW, keys=["row"]
        )
        by_duckdb = relation.pl()
    for decided in (by_polars, by_duckdb):
        assert decided.sort("row")["reasons"].to_list() == wanted


_TYPES = {
    Kind.BOOLEAN: pl.Boolean(),
    Kind.INTEGER: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
    Kind.STRING: pl.String(),
    Kind.TIMESTAMP: pl.Datetime("us", "UTC"),
    Kind.STRING_LIST: pl.List(pl.String()),
}


CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


ACTING = "\0\x07\b\x1b\x7f\x85\x9b\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from(ACTING + "ab"), min_size=1, max_size=20))
def test_a_context_writes_nothing_on_a_screen(text: str, tmp_path: Path) -> None:
    telling = pack(tmp_path, {"message": "'{contact.id}, {email.subscription_name} and {contact.email} are shown.'"})
    context = deepcopy(read(EXAMPLES[0]))
    for group in ("contact", "email", "account", "sender"):
        context[group] = {**context.get(group, {}), "id": text, "subscription_name": text}
    context["contact"]["email"] = f"{text}@example.com"
    context["email"]["channel"] = "marketing"
    [shown] = telling.decide(context).reasons
    said = [shown.message("en")]
    for finding in bundled().decide(context).reasons:
        said += [finding.message(locale) + (finding.fix(locale) or "") for locale in ("en", "sv")]
    with pytest.raises(ContextError) as refused:
        bundled().decide({"email": {"channel": f"marketing{text}"}, "contact": {"email": 1, f"emial{text}": text}})
    assert not CONTROLS.search("".join(said) + str(refused.value).replace("\n", ""))


PROMISES = {
    "Run code.": (test_a_pack_can_not_run_code, test_a_condition_is_nothing_but_a_condition),
    "Reach the network.": (test_a_pack_can_not_reach_the_network,),
    "Reach other files.": (
        test_a_pack_can_not_reach_files,
        test_a_link_does_not_lead_a_pack_to_files,
        test_a_link_does_not_lead_a_pack_or_its_base_to_files,
        test_a_list_comes_from_no_file_outside,
    ),
    "Change a context.": (test_a_pack_can_not_change_a_context,),
    "Hang the process.": (test_a_pack_can_not_hang_the_process,),
    "Get anything but an answer.": (test_a_context_of_any_shape_gives_a_decision_or_a_context_error,),
    "Leak into another answer.": (test_no_answer_holds_anything_of_another_contact,),
    "Be judged otherwise elsewhere.": (test_no_backend_differs,),
    "Write on a screen.": (test_a_context_writes_nothing_on_a_screen,),
}


def test_every_promise_has_a_test() -> None:
    promised = re.findall(r"^- \*\*(.+?)\*\*", (ROOT / ".github/SECURITY.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert promised == list(PROMISES)
