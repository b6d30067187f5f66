"""Context schemas: what of JSON Schema is read, as people and programs write it, and what is said of the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sendable
from sendable.decide.facts import ContextError
from sendable.language.types import Field, Kind, Spelling, Type
from sendable.pack.fields import read_fields
from tests.support.environment import ENVIRONMENT
from tests.support.packs import CASES, NOW, context, pack

duckdb = pytest.importorskip("duckdb")

MODEL = CASES / "schemas" / "pydantic.json"
"""What `Model.model_json_schema()` of Pydantic 2.14 writes."""


def read_all(schema: object) -> tuple[dict[str, Field], list[tuple[str, str, dict[str, Any]]]]:
    """The fields of a schema, and what is said of it: code, place and parameters."""
    said: list[tuple[str, str, dict[str, Any]]] = []
    found = read_fields(schema, lambda rule, place, **more: said.append((rule.code, "/".join(map(str, place)), more)))
    return {field.path: field for field, _ in found}, said


def test_a_schema_that_pydantic_wrote_is_read_whole() -> None:
    fields, said = read_all(json.loads(MODEL.read_text(encoding="utf-8")))
    assert said == []
    shop = {
        "id": Type(Kind.STRING, spelling=Spelling.TRIMMED, longest=8),
        "country": Type(Kind.STRING, enum=("SE",)),
        "rating": Type(Kind.NUMBER, minimum=0, maximum=5),
    }
    assert {path: field.type for path, field in fields.items()} == {
        "order.state": Type(Kind.STRING, enum=("open", "paid")),
        "order.before": Type(Kind.STRING, enum=("open", "paid")),
        "order.total": Type(Kind.NUMBER, minimum=0),
        "order.pieces": Type(Kind.INTEGER, minimum=1, maximum=999),
        "order.version": Type(Kind.INTEGER, minimum=3, maximum=3),
        "order.note": Type(Kind.STRING, longest=10),
        "order.labels": Type(Kind.STRING_LIST, items=("gift", "rush")),
        "order.states": Type(Kind.STRING_LIST, items=("open", "paid")),
        "order.words": Type(Kind.STRING_LIST, longest=4),
        "order.paid_at": Type(Kind.TIMESTAMP),
        **{f"order.shop.{name}": of for name, of in shop.items()},
        **{f"order.other_shop.{name}": of for name, of in shop.items()},
        "order.anything": Type(Kind.STRING_LIST),
        "vip": Type(Kind.BOOLEAN),
    }
    assert fields["order.state"].description == "Whether it is paid."
    assert fields["order.before"].description == "What has become of the order."


def shop(**of: Any) -> dict[str, Any]:
    return {"shop": {"id": "a", "country": "SE", "rating": 1.5, **of}}


VALUES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"note": "ten marks!"}, None),
    ({"note": "eleven mark"}, "order.note"),
    ({"note": "😀" * 10}, None),
    ({"note": "😀" * 11}, "order.note"),
    ({"note": "e\u0301" * 6}, "order.note"),
    ({"labels": []}, None),
    ({"labels": ["gift", "rush", "gift"]}, None),
    ({"labels": ["gift", "Rush"]}, "order.labels"),
    ({"labels": ["gift", ""]}, "order.labels"),
    ({"states": ["paid"]}, None),
    ({"states": ["sent"]}, "order.states"),
    ({"words": ["four", "😀😀😀😀"]}, None),
    ({"words": ["a", "fives"]}, "order.words"),
    ({"version": 3}, None),
    ({"version": 4}, "order.version"),
    ({"pieces": 0}, "order.pieces"),
    ({"pieces": 999}, None),
    ({"pieces": 1000}, "order.pieces"),
    (shop(id=" 12345678 "), None),
    (shop(id="123456789"), "order.shop.id"),
    (shop(country="NO"), "order.shop.country"),
    ({"state": "sent"}, "order.state"),
]
READ = (
    'order.note == "x" or "gift" in order.labels or order.total > 9 or count(order.words) > 2 or order.shop.id == "7"'
)


def policy_of(root: Path, when: str) -> sendable.Policy:
    (root / "own.json").write_text(MODEL.read_text(encoding="utf-8"), encoding="utf-8")
    return pack(root, {"when": f"'{when}'"}, manifest="context: [own.json]\n")


@pytest.mark.parametrize("when", [READ, "contact.hard_bounces > 0"], ids=["read", "not read"])
def test_what_a_schema_allows_is_the_same_for_one_and_for_many(when: str, tmp_path: Path) -> None:
    policy = policy_of(tmp_path, when)
    full = {"state": "open", "total": 1.5, "pieces": 1, "version": 3, "note": "x", "labels": ["rush"]}
    full |= {"states": ["open"], "words": ["a"], **shop()}
    orders = [full | changed for changed, _ in VALUES]
    for order, (_, wrong) in zip(orders, VALUES, strict=True):
        try:
            policy.decide({**context(), "order": order})
            problems = []
        except ContextError as error:
            problems = [one.path for one in error.problems]
        assert problems == ([] if wrong is None else [wrong]), order
    frame = pl.DataFrame({"email": ["kim@example.com"] * len(orders), "order": orders})
    campaign = {"email": {"channel": "marketing"}}
    with duckdb.connect():
        for given in (frame, duckdb.from_arrow(frame.to_arrow())):
            result: Any = policy.decide_frame(given, campaign=campaign, now=NOW)
            rows = (result if isinstance(result, pl.DataFrame) else result.pl()).to_dicts()
            assert [row["invalid"] for row in rows] == [[] if wrong is None else [wrong] for _, wrong in VALUES]


def test_cells_of_texts_are_held_to_it_too_and_are_told_how_they_are_written(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, READ)
    cells = {"order__note": ["ok", "far too long"], "order__labels": ["gift;rush", "gift;Rush"]}
    cells |= {"order__words": ["four", "fives;a"], "order__shop__id": [" 12345678 ", "123456789"]}
    frame = pl.DataFrame({"email": ["kim@example.com"] * 2, **cells})
    found: Any = policy.decide_frame(frame, campaign={"email": {"channel": "marketing"}}, now=NOW, texts=True)
    assert found["invalid"].to_list() == [[], ["order.note", "order.labels", "order.words", "order.shop.id"]]
    frame.write_csv(tmp_path / "contacts.csv")
    campaign = tmp_path / "campaign.json"
    campaign.write_text('{"email": {"channel": "marketing"}}', encoding="utf-8")
    arguments = ["audience", str(tmp_path / "contacts.csv"), "--policy", str(tmp_path), "--campaign", str(campaign)]
    told = " ".join(run(*arguments).stdout.split())
    assert "write a text of at most 10 characters" in told
    assert "the items are among gift, rush" in told
    assert "each of at most 4 characters" in told


def test_dry_run_names_what_is_wrong_and_what_is_not_declared(tmp_path: Path) -> None:
    policy_of(tmp_path, READ)
    document = {**context(), "order": {"note": "far too long", "labels": ["gift", "no"], "shop": {"idd": "x"}}}
    document["now"] = "2026-11-23T09:00:00Z"
    (tmp_path / "context.json").write_text(json.dumps(document), encoding="utf-8")
    done = run("dry-run", str(tmp_path / "context.json"), "--policy", str(tmp_path))
    assert done.returncode == 2
    assert "order.note: it must have at most 10 characters, and has 12" in done.stderr
    assert "order.labels: its items must be among gift, rush, and item 2 is the text `no`" in done.stderr


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sendable", *arguments],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def field(**keywords: Any) -> dict[str, Any]:
    return {"properties": {"own": {"properties": {"name": keywords}}}}


AT = "properties/own/properties/name"
LISTED = {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("keywords", "code", "place", "said"),
    [
        ({"type": "string", "pattern": "^a"}, "SND210", "/pattern", "no text is held to a pattern"),
        ({"type": "string", "format": "date"}, "SND210", "/format", "write `format: date-time`"),
        ({"type": "string", "format": "uuid"}, "SND210", "/format", "leave it out"),
        ({"type": "array", "items": {"type": "object", "properties": {}}}, "SND203", "", "Give the ids of the objects"),
        ({"type": "array", "items": {"type": "integer"}}, "SND203", "", "a list of texts"),
        ({"type": "array", "items": {}}, "SND203", "", "a list of texts"),
        ({"type": "array", "items": {"type": "string", "pattern": "a"}}, "SND210", "/items/pattern", "to a pattern"),
        ({**LISTED, "uniqueItems": True}, "SND210", "/uniqueItems", "take no notice"),
        ({**LISTED, "maxLength": 3}, "SND210", "/maxLength", "said of the items"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "SND203", "", "its fields under `properties`"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "SND210", "/anyOf", "a field has one type"),
        ({"oneOf": [{"type": "string"}]}, "SND210", "/oneOf", "a field has one type"),
        ({"type": "number", "exclusiveMinimum": 0}, "SND210", "/exclusiveMinimum", "write `minimum`, with the least"),
        ({"type": "boolean", "const": True}, "SND210", "/const", "tells nothing"),
        ({"type": "integer", "const": 1.5}, "SND203", "/const", "a number"),
        ({"type": "string", "const": 1}, "SND203", "/const", "the text that"),
        ({"type": "string", "maxLength": "long"}, "SND203", "/maxLength", "a whole number"),
        ({"type": "integer", "maxLength": 3}, "SND203", "/maxLength", "a whole number"),
        ({"enum": ["a", "bcd"], "maxLength": 2}, "SND206", "/maxLength", "at least 3"),
        ({"type": "string", "maxlength": 3}, "SND210", "/maxlength", "a field is described by"),
        ({"$ref": "https://example.com/x.json"}, "SND212", "/$ref", "https://example.com/x.json"),
        ({"$ref": "other.json#/$defs/x"}, "SND212", "/$ref", "other.json"),
        ({"$ref": "#/$defs/nme"}, "SND215", "/$ref", "#/$defs/nme"),
        ({"$ref": "#"}, "SND216", "/$ref", "#"),
        ({"$ref": "#/$defs/name", "type": "integer"}, "SND210", "/type", "with another value"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_or_what_to_write_instead(
    keywords: dict[str, Any], code: str, place: str, said: str
) -> None:
    fields, found = read_all({"$defs": {"name": {"type": "string"}}, **field(**keywords)})
    assert fields == {}
    [(given, where, params)] = found
    assert (given, where) == (code, AT + place)
    assert said in " ".join(str(one) for one in params.values())
    if code == "SND215":
        assert params["suggestion"].found() == "#/$defs/name"


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"const": "a"}, Type(Kind.STRING, enum=("a",))),
        ({"const": "a", "enum": ["a"], "type": "string"}, Type(Kind.STRING, enum=("a",))),
        ({"allOf": [{"$ref": "#/$defs/name"}], "default": "x"}, Type(Kind.STRING, longest=3)),
        ({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/name"}]}, Type(Kind.STRING, longest=3)),
        ({"$ref": "#/$defs/a~1b%20c"}, Type(Kind.INTEGER)),
        ({"type": ["null", "number"], "const": 0.5}, Type(Kind.NUMBER, minimum=0.5, maximum=0.5)),
        ({"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 3}, Type(Kind.INTEGER, minimum=1, maximum=2)),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": 0}, Type(Kind.INTEGER, minimum=3)),
    ],
)
def test_what_means_the_same_is_read_the_same(keywords: dict[str, Any], expected: Type) -> None:
    defs = {"name": {"type": "string", "maxLength": 3}, "a/b c": {"type": "integer"}}
    fields, found = read_all({"$defs": defs, **field(**keywords)})
    assert found == []
    assert fields["own.name"].type == expected


def test_a_circle_is_told_where_it_closes_and_the_rest_is_read() -> None:
    node = {
        "properties": {"name": {"type": "string"}, "parent": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}
    }
    fields, found = read_all({"$defs": {"node": node}, "properties": {"one": {"$ref": "#/$defs/node"}}})
    assert [(code, place) for code, place, _ in found] == [("SND216", "$defs/node/properties/parent/anyOf/0/$ref")]
    assert list(fields) == ["one.name"]


def test_a_small_schema_that_stands_for_endlessly_many_fields_is_refused_at_once() -> None:
    defs: dict[str, Any] = {
        f"level{n}": {"properties": {f"x{i}": {"$ref": f"#/$defs/level{n + 1}"} for i in range(40)}} for n in range(7)
    }
    defs["level7"] = {"type": "string"}
    _, found = read_all({"$defs": defs, "properties": {"own": {"$ref": "#/$defs/level0"}}})
    assert [code for code, _, _ in found] == ["SND217"]


def test_a_text_that_no_item_can_be_is_an_error_of_the_pack(tmp_path: Path) -> None:
    for when in ('"gitf" in order.labels', 'overlaps(["gitf"], order.labels)', 'overlaps(order.labels, ["gitf"])'):
        with pytest.raises(sendable.PolicyError) as caught:
            policy_of(tmp_path, when)
        [found] = caught.value.diagnostics
        assert (found.code, found.suggestion) == ("SND406", "gift")
