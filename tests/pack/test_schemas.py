"""The quick way past what is sound agrees with jsonschema, and is taken by what packs really hold."""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sendable.diagnostics.record import Collector
from sendable.documents.elements import plain
from sendable.documents.parse import parse_document, read_source
from sendable.pack.resources import bundled_path, schema_path
from sendable.pack.schemas import _entry_checks

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 10_000, 1.0, 2.5, "", "x", "X Y", "never", [], ["a", "a"], ["marketing"], {}),
    *({"en": "x"}, {"en": ""}, {"1": "x"}, {"count": "x", "other": "y"}, [[]], [{"other": "x"}]),
)


def entries(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted((bundled_path("policies") / kind).glob("*.yaml")):
        source = read_source(path, path.name, Collector())
        assert source is not None
        element = parse_document(source, Collector())
        assert element is not None
        content: Any = plain(element)
        found |= content[kind]
    if kind == "lists":
        for body in found.values():
            body["entries"] = dict(list(body["entries"].items())[:3]) if isinstance(body["entries"], dict) else (
                body["entries"][:3]
            )  # fmt: skip
    return found


def changed(random: Random, value: Any) -> Any:
    """`value` with something in it changed."""
    if random.random() < 0.3 or not isinstance(value, dict | list) or not value:
        return random.choice(JUNK)
    copy = deepcopy(value)
    keys = list(copy) if isinstance(copy, dict) else list(range(len(copy)))
    key = random.choice(keys)
    if random.random() < 0.15:
        del copy[key]
    elif isinstance(copy, dict) and random.random() < 0.15:
        copy[random.choice(["x", "X", "mode", "one", "few", "SND", "sv-FI"])] = random.choice(JUNK)
    else:
        copy[key] = changed(random, copy[key])
    return copy


@pytest.mark.parametrize("kind", ["reasons", "lists"])
def test_what_is_left_out_is_sound(kind: str) -> None:
    schema = json.loads(schema_path(kind).read_text(encoding="utf-8"))
    reference = Draft202012Validator(schema)
    named, check = _entry_checks(kind, kind)
    random = Random(1)
    found = entries(kind)
    quick = 0
    for _ in range(1_500):
        body = changed(random, random.choice(list(found.values())))
        if random.random() < 0.3:
            body = changed(random, body)
        if check(body):
            quick += 1
            assert reference.is_valid({kind: {"x": body}}), body
    assert quick
    for key in ("x", "a_b1", "", "1a", "A", "a-b", "å"):
        assert not named(key) or reference.is_valid({kind: {key: next(iter(found.values()))}})


@pytest.mark.parametrize("kind", ["reasons", "lists"])
def test_the_bundled_pack_takes_the_quick_way(kind: str) -> None:
    named, check = _entry_checks(kind, kind)
    assert all(named(key) and check(body) for key, body in entries(kind).items())


# -- changes


def _changed(form: dict[str, Any], what: str) -> dict[str, Any]:
    """The schema of a change of something: any of its keys, and at least one.

    Others are for the loader to refuse: it knows which key was meant, though that stands there too.
    """
    said = f"The keys of the {what} that are to be otherwise."
    return {
        "title": f"Change of a {what}",
        "description": said,
        "markdownDescription": f"{said}\n\nWhat is not given here stays as the base has it.",
        "type": "object",
        "minProperties": 1,
        "properties": form["properties"],
    }


def _with_changes(name: str) -> dict[str, Any]:
    """The schema `name` with the keys that what is changed can have now."""
    reasons, policy, found = (
        json.loads(schema_path(one).read_text(encoding="utf-8")) for one in ("reasons", "policy", name)
    )
    shared = {key: one for key, one in reasons["$defs"].items() if key != "reason"}
    parameter = policy["properties"]["parameters"]["additionalProperties"]
    definitions = {
        **found.get("$defs", {}),
        **shared,
        "changed_reason": _changed(reasons["$defs"]["reason"], "reason"),
        "changed_parameter": _changed(parameter, "parameter"),
    }
    changes = found["properties"]["changes"]
    inside = changes.get("else", changes)["properties"]
    for kind in ("reason", "parameter"):
        inside[f"{kind}s"]["additionalProperties"] = {"$ref": f"#/$defs/changed_{kind}"}
    return {**found, "$defs": definitions}


@pytest.mark.parametrize("name", ["changes", "policy"])
def test_a_change_can_have_every_key_of_what_it_changes(name: str, regenerate: bool) -> None:
    wanted = json.dumps(_with_changes(name), indent=2, ensure_ascii=False) + "\n"
    if regenerate:
        schema_path(name).write_text(wanted, encoding="utf-8")
    assert schema_path(name).read_text(encoding="utf-8") == wanted
