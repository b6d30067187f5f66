"""Whatever the YAML reader accepts ends in diagnostics or in a pack that decides, and never in anything else."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import sendable
from sendable.diagnostics.places import Source
from sendable.diagnostics.record import Collector, PolicyError
from sendable.lints.fixes import fixed
from sendable.lints.run import lint_pack
from sendable.pack.layout import formatted
from sendable.pack.model import Channel
from sendable.render.terminal import diagnostics as rendered
from sendable.testing.coverage import measure
from sendable.testing.mutation import mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import run_suites
from tests.support.packs import CASES

Files = dict[str, Any]


def reason(priority: int, when: str, **more: Any) -> dict[str, Any]:
    texts = {"en": "Kim stays out.", "sv": "Kim lämnas utanför."}
    return {
        "title": texts,
        "priority": priority,
        "channels": ["marketing", "one_to_one"],
        "basis": "reputation",
        "when": when,
        "on_unknown": "ignore",
        "retry": "later",
        "fixable_by": "user",
        "message": texts,
        "fix": texts,
        **more,
    }


PACK: Files = {
    "policy.yaml": {
        "name": "base",
        "description": "A pack with something of everything.",
        "locales": ["en", "sv", "de"],
        "default_locale": "en",
        "reasons": ["reasons/*.yaml"],
        "lists": ["lists/*.yaml", "more.yaml"],
        "context": ["own.json"],
        "parameters": {
            "most": {"description": "The most.", "type": "integer", "value": 3, "minimum": 1, "maximum": 9},
            "share": {"description": "A share.", "type": "number", "value": 0.5, "minimum": 0, "maximum": 1},
            "word": {"description": "A word.", "type": "string", "value": "x"},
            "strict": {"description": "Whether.", "type": "boolean", "value": True},
            "since": {"description": "When.", "type": "timestamp", "value": "2026-11-23T09:00:00+01:00"},
        },
        "texts": {
            "de": {
                "unknown_value": "unbekannt",
                "yes": "ja",
                "no": "nein",
                "undetermined": "Unbekannt: {title}.",
                "supply": "Es fehlt {missing}.",
            }
        },
        "lint": {"severity": {"SND622": "warning"}, "exclude": ["SND523"]},
    },
    "own.json": {
        "type": "object",
        "required": ["own"],
        "properties": {
            "own": {
                "type": "object",
                "description": "Fields of our own.",
                "required": ["score"],
                "properties": {
                    "score": {"type": ["number", "null"], "minimum": 0, "maximum": 100, "description": "A score."},
                    "visits": {"type": "integer", "minimum": 0},
                    "tier": {"type": "string", "enum": ["gold", "silver"], "changed_by": "admin"},
                    "seen_at": {"type": "string", "format": "date-time"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "vip": {
                        "type": "boolean",
                        "phrases": {"en": {"true": "the contact is a VIP", "false": "the contact is no VIP"}},
                    },
                },
            }
        },
    },
    "reasons/first.yaml": {
        "reasons": {
            "scored": {
                **reason(10, "own.score > params.most and not (contact.email in lists.stopped or own.vip)"),
                "message": {
                    "en": {"count": "own.visits", "one": "{own.visits} visit.", "other": "{own.visits} visits."},
                    "sv": {"count": "own.visits", "one": "{own.visits} besök.", "other": "{own.visits} besöken."},
                    "de": {"count": "own.visits", "one": "{own.visits} Besuch.", "other": "{own.visits} Besuche."},
                },
                "fix": {
                    "en": ["Wait until {own.seen_at}.", "Wait."],
                    "sv": ["Vänta till {own.seen_at}.", "Vänta."],
                    "de": ["Warten bis {own.seen_at}.", "Warten."],
                },
                "title": {"en": "Scored", "sv": "Bedömd", "de": "Bewertet"},
                "codes": {"smtp": "5.7.1"},
                "clears_at": "own.seen_at",
            }
        }
    },
    "reasons/second.yaml": {
        "reasons": {
            "stopped": {
                **reason(20, "domain(contact.email) in lists.stopped"),
                "channels": ["marketing", "transactional"],
                "basis": "legal",
                "floor": True,
                "on_unknown": "suppress",
                "details": {"meant": "lookup(domain(contact.email), lists.meant)"},
                "message": dict.fromkeys(("en", "sv", "de"), "{contact.email}: {details.meant} {params.word}."),
                "fix": {"en": "Stop.", "sv": "Sluta.", "de": "Aufhören."},
                "title": {"en": "Stopped", "sv": "Stoppad", "de": "Gestoppt"},
                "undetermined": {"en": "Perhaps.", "sv": "Kanske.", "de": "Vielleicht."},
                "mode": "enforce",
            }
        }
    },
    "lists/stopped.yaml": {
        "lists": {
            "stopped": {"description": "Stopped.", "entries": ["example.org", "EXAMPLE.net"]},
            "meant": {
                "description": "Meant.",
                "entries": {"gmial.com": "gmail.com", "example.ogr": "example.org"},
                "phrases": {"en": "the misspelt ones", "sv": "de felstavade"},
            },
        }
    },
    "more.yaml": {"lists": {"unused": {"description": "Unused.", "entries": ["x"]}}},
    "intake/columns.yaml": {
        "fields": {"contact.email": ["email", "e-post"]},
        "telling": {
            "opt_outs": ["opt out*"],
            "bounces": ["bounce*"],
            "complaints": ["spam"],
            "consent": ["consent*"],
            "suppression": ["suppress*"],
        },
        "alone": {"opt_outs": ["status"]},
        "harmless": ["opted in"],
    },
    "policy.lock": {"format": 1, "files": {"policy.yaml": "0" * 64}},
    "tests/fixtures.yaml": {
        "description": "To start from.",
        "now": "2026-11-23T09:00:00+01:00",
        "fixtures": {
            "plain": {
                "email": {"channel": "marketing"},
                "contact": {"email": "kim@example.com"},
                "own": {"vip": False},
            },
            "high": {"extends": "plain", "own": {"score": 50.5, "visits": 2, "tags": ["a", "b"]}},
        },
    },
    "tests/cases.yaml": {
        "description": "Cases.",
        "now": "2026-11-23T09:00:00Z",
        "fixtures": {"low": {"extends": "plain", "own": {"score": 1}}},
        "cases": [
            {"name": "low", "given": "low", "expect": {"sendable": True, "reasons": [], "monitored": []}},
            {
                "name": "high",
                "given": "high",
                "patch": {"own.seen_at": "2026-11-24T09:00:00Z"},
                "expect": {
                    "reason": "scored",
                    "certainty": "matched",
                    "missing": [],
                    "clears_at": "2026-11-24T09:00:00Z",
                    "text": {"en": "2 visits."},
                    "fix": {"sv": "Vänta."},
                },
            },
            {
                "name": "each",
                "given": "plain",
                "each": [
                    {"name": "one", "patch": {"contact.email": "kim@example.org"}, "expect": {"reason": "stopped"}},
                    {"name": "two", "patch": {"own.score": None}, "expect": {"sendable": True}},
                ],
            },
        ],
    },
}


def yaml_text(value: Any) -> str:
    """`value` in YAML: as JSON, but for numbers that JSON has not."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {yaml_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_text, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return json.dumps(value)


# What a value is replaced with: what people write, what nobody writes, and the odd numbers in between.

WORDS = st.sampled_from(
    [
        *("", " ", "x", "X", "null", "true", "1", "own", "own.score", "own.tags", "own.vip", "own.seen_at", "contact"),
        *(
            "contact.email",
            "params.most",
            "params.nope",
            "lists.stopped",
            "lists.meant",
            "details.meant",
            "en",
            "sv-FI",
        ),
        *(
            "sv",
            "zh-Hant-TW",
            "x-klingon",
            "ar",
            "integer",
            "number",
            "string",
            "boolean",
            "timestamp",
            "array",
            "object",
        ),
        *(
            "own.score / 0 > 1",
            "1 in lists.stopped",
            "own.tags",
            "count(own.tags) > 0",
            "not own.vip",
            "own.tier == 'gold'",
        ),
        *(
            "default(own.score, 1) > 2",
            "hours_since(own.seen_at) > 3",
            "lookup(own.tier, lists.meant)",
            "own.score % 0 == 1",
        ),
        *(
            "{own.score}",
            "{own.tags} {own.vip}",
            "{",
            "{{x}}",
            "{details.meant}",
            "2026-11-23T09:00:00+01:00",
            "2026-11-23",
        ),
        *(
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "date-time",
            "gold",
            "marketing",
            "SND622",
            "SND101",
        ),
        *(
            "reasons/*.yaml",
            "**",
            "*",
            "**/*.yaml",
            "tests/*.yaml",
            "policy.yaml",
            "../x",
            "/",
            "[",
            "\0",
            "own.json",
            ".",
        ),
        *(
            "scored",
            "stopped",
            "low",
            "plain",
            "matched",
            "undetermined",
            "5.7.1",
            "one",
            "other",
            "few",
            "count",
            "a.b.c",
        ),
        *("email.channel", "email", "now", "kim@example.com", "0" * 64, "1e400", "\u202e", "å" * 400),
    ]
)
NUMBERS = st.sampled_from(
    [0, 1, -1, 2, 3, 100, 2**53, 2**53 + 1, 10**30, -(10**400), 0.0, -0.0, 0.5, 1.0, 100.0, 1e2, 1e300, 5e-324]
) | st.sampled_from([math.nan, math.inf, -math.inf])
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS)
KEYS = WORDS | st.sampled_from(
    [
        *(
            "type",
            "properties",
            "required",
            "enum",
            "minimum",
            "maximum",
            "format",
            "items",
            "$ref",
            "phrases",
            "value",
        ),
        *(
            "entries",
            "from",
            "when",
            "clears_at",
            "details",
            "floor",
            "mode",
            "codes",
            "undetermined",
            "priority",
            "each",
        ),
        *("given", "patch", "expect", "extends", "cases", "fixtures", "reasons", "lists", "identifier", "description"),
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to `value` and to all that stands in it."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inside:
        yield from places(one, (*path, step))


ALL = [(name, path) for name, document in PACK.items() for path in places(document)]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def changed(value: Any, path: tuple[Any, ...], how: str, new: Any, key: str) -> Any:  # noqa: C901 - one branch a way to change a document
    """A copy of `value` with what is at `path` changed; the change may come to nothing where an earlier one took it."""
    if not path:
        match how:
            case "wrap":
                return [value]
            case "nest":
                return {key: value}
            case "add" if isinstance(value, dict):
                return {**value, key: new}
            case "add" if isinstance(value, list):
                return [*value, new]
            case _:
                return new
    first, rest = path[0], path[1:]
    if isinstance(value, dict) and first in value:
        if not rest and how == "delete":
            return {name: one for name, one in value.items() if name != first}
        if not rest and how == "rename":
            return {key if name == first else name: one for name, one in value.items()}
        return {**value, first: changed(value[first], rest, how, new, key)}
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        if not rest and how == "delete":
            return value[:first] + value[first + 1 :]
        return [*value[:first], changed(value[first], rest, how, new, key), *value[first + 1 :]]
    return value


HOWS = st.sampled_from(["replace", "replace", "replace", "delete", "rename", "add", "wrap", "nest", "borrow"])
EDITS = st.lists(st.tuples(st.sampled_from(ALL), HOWS, VALUES, KEYS, st.sampled_from(ALL)), min_size=1, max_size=3)


def edited(edits: list[tuple[Any, ...]]) -> Files:
    files = dict(PACK)
    for (name, path), how, new, key, (other, elsewhere) in edits:
        given = at(PACK[other], elsewhere) if how == "borrow" else new
        files[name] = changed(files[name], path, "replace" if how == "borrow" else how, given, key)
    return files


MINIMAL = {"contact": {"email": "kim@example.org"}}


def exercise(root: Path, files: Files) -> bool:
    """Does with a pack all that the commands do; gives whether it loads."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        text = yaml_text(content)
        (root / name).write_text(text, encoding="utf-8")
        formatted(Source(name, text), Collector())
    found = lint_pack(root)[1]
    list(rendered.as_text(found))
    fixed(root)
    try:
        policy = sendable.load(root)
    except PolicyError:
        return False
    # A pack that loads decides: no email of any kind fails for what the pack is.
    for channel in Channel:
        decision = policy.decide({"email": {"channel": channel.value}, **MINIMAL})
        decision.to_dict(locale="sv")
        for locale in policy.pack.locales:
            decision.message(locale)
    suites, problems = load_suites(root / "tests", policy.pack)
    list(rendered.as_text(problems))
    if not any(one.severity is sendable.Severity.ERROR for one in problems):
        run = run_suites(policy, suites)
        measure(policy.pack, run)
        if run.passed and len(run.results) < 2:
            mutate(policy.pack, suites)
    return True


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=settings().max_examples // 2)
@given(EDITS)
@example([((("reasons/first.yaml", ("reasons", "scored", "priority"))), "replace", 100.0, "", ALL[0])])
@example([((("reasons/first.yaml", ("reasons", "scored", "priority"))), "replace", math.nan, "", ALL[0])])
@example([(("own.json", ("properties", "own", "properties", "seen_at", "format")), "replace", [], "", ALL[0])])
def test_any_document_ends_in_diagnostics(edits: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exercise(Path(folder), edited(edits))


def test_the_pack_that_is_changed_is_sound(tmp_path: Path) -> None:
    assert exercise(tmp_path, {name: content for name, content in PACK.items() if name != "policy.lock"})
    assert [one.code for one in sendable.lint(tmp_path)] == [
        *("SND522", "SND521", "SND521", "SND521", "SND428", "SND426", "SND620", "SND620")
    ]


# A pack by which every decision would fail does not load.

IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "a text in the place of the contact": ({"contact": {"type": "string"}}, "SND214 own.json:1"),
    "a map in the place of a field": (
        {"now": {"type": "object", "properties": {"utc": {"type": "string"}}}},
        "SND214 own.json:1",
    ),
    "a field inside one of its own": (
        {"own": {"type": "object", "properties": {"a": {"type": "string"}}}, "owner": {"type": "string"}},
        "",
    ),
    "a map that is a text": (
        {"contact": {"type": "string", "properties": {"a": {"type": "string"}}}},
        "SND204 own.json:1",
    ),
    "no number between the bounds": ({"own": {"type": "number", "minimum": 2, "maximum": 1}}, "SND206 own.json:1"),
    "no whole number between the bounds": (
        {"own": {"type": "integer", "minimum": 1.1, "maximum": 1.9}},
        "SND206 own.json:1",
    ),
    "a bound that is no number": ({"own": {"type": "number", "minimum": math.nan}}, "SND206 own.json:1"),
    "a bound that is endless": ({"own": {"type": "number", "minimum": math.inf}}, "SND206 own.json:1"),
    "no value at all": ({"own": {"type": "string", "enum": []}}, "SND203 own.json:1"),
    "no value but null": ({"own": {"type": "string", "enum": [None]}}, "SND203 own.json:1"),
    "the type null": ({"own": {"type": "null"}}, "SND204 own.json:1"),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_a_pack_by_which_every_decision_fails_does_not_load(what: str, tmp_path: Path) -> None:
    properties, expected = IMPOSSIBLE[what]
    shutil.copytree(CASES / "base", tmp_path / "pack")
    pack = tmp_path / "pack"
    with (pack / "policy.yaml").open("a") as manifest:
        manifest.write("context: [own.json]\n")
    (pack / "own.json").write_text(yaml_text({"type": "object", "properties": properties}))
    errors = [one for one in sendable.lint(pack) if one.severity is sendable.Severity.ERROR]
    assert [f"{one.code} {Path(one.span.file).name}:{one.span.start.line}" for one in errors] == [expected] * bool(
        expected
    )
    if not expected:
        assert not sendable.load(pack).decide({"email": {"channel": "marketing"}, **MINIMAL}).sendable


def test_what_can_not_be_there_can_not_be_required(tmp_path: Path) -> None:
    shutil.copytree(CASES / "base", tmp_path / "pack")
    with (tmp_path / "pack" / "policy.yaml").open("a") as manifest:
        manifest.write("context: [own.yaml]\n")
    for required in ("[nothing]", "own", "[1]"):
        (tmp_path / "pack" / "own.yaml").write_text(
            f"type: object\nrequired: {required}\nproperties:\n  own: {{type: string}}\n"
        )
        [found] = [one for one in sendable.lint(tmp_path / "pack") if one.code != "SND523"]
        assert (found.code, found.span.start.line) == ("SND203", 2)


@pytest.mark.parametrize("priority", ["100.0", "1e2", ".inf", ".nan", "1" * 5000, "'10'", "true", "[10]"])
def test_a_priority_is_a_whole_number(priority: str, tmp_path: Path) -> None:
    shutil.copytree(CASES / "base", tmp_path / "pack")
    reasons = tmp_path / "pack" / "reasons" / "reasons.yaml"
    reasons.write_text(reasons.read_text().replace("priority: 10\n", f"priority: {priority}\n"))
    found = sendable.lint(tmp_path / "pack")
    assert {one.span.start.line for one in found if one.severity is sendable.Severity.ERROR} == {7}


@pytest.mark.parametrize("tag", ["root", "en-x", "zz", "en-" + "-".join(["abcdefgh"] * 9)])
@pytest.mark.parametrize("path", ["locales", "default_locale", "texts", "title"])
def test_a_locale_that_nobody_knows_is_told(path: str, tag: str, tmp_path: Path) -> None:
    files = deepcopy(PACK)
    match path:
        case "locales":
            files["policy.yaml"][path] = [tag]
        case "default_locale":
            files["policy.yaml"][path] = tag
        case "texts":
            files["policy.yaml"][path][tag] = {"yes": "x"}
        case _:
            files["reasons/first.yaml"]["reasons"]["scored"][path][tag] = "x"
    assert not exercise(tmp_path, files)
    codes = {one.code for one in sendable.lint(tmp_path) if one.severity is sendable.Severity.ERROR}
    assert codes & {"SND602", "SND609", "SND510"}
