"""Identifiers that people type: what they come to is the same wherever a context is read."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import sendable
from sendable import cli
from sendable.audience.summary import Unmatched
from sendable.decide import reference
from sendable.decide.compiled import PROFILED
from sendable.decide.facts import ContextError, FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.diagnostics.record import Collector, Rule
from sendable.documents.elements import plain
from sendable.documents.parse import decode, parse_document
from sendable.language.identifiers import IDENTIFIERS, folded, identifier, trimmed
from sendable.language.types import Field, Spelling
from sendable.pack.fields import read_fields
from sendable.pack.model import Mode, OnUnknown, Pack
from tests.support.helpers import parsed, problems
from tests.support.packs import bundled
from tests.support.programs import NOW, pack_of


class Vector(NamedTuple):
    """A text, and what it is read as; None where that is no value."""

    given: str
    identifier: str | None
    id: str | None


def _vectors() -> list[Vector]:
    collector = Collector()
    source = decode((Path(__file__).parent.parent / "cases" / "identifiers.yaml").read_bytes(), "", collector)
    assert source is not None
    root = parse_document(source, collector)
    assert root is not None
    listed: Any = plain(root)
    return [Vector(**one) for one in listed]


VECTORS: Final = _vectors()
CHANNEL: Final = {"email": {"channel": "marketing"}}
SCHEMA: Final[dict[str, Any]] = {
    "properties": {
        "own": {
            "properties": {
                "name": {"type": "string", "identifier": True},
                "names": {"type": ["array", "null"], "items": {"type": "string"}, "identifier": True},
                "id": {"type": "string"},
                "wanted": {"type": "string"},
                "wanted_id": {"type": "string"},
            }
        }
    }
}
CONDITIONS: Final = (
    "own.name == own.wanted",  # the checker would not have it: the wanted ones are read as they are given
    "own.wanted in own.names",
    "own.id == own.wanted_id",
    "known(own.name)",
    "count(own.names) == 2",
    "known(own.id)",
)


def _fields(schema: dict[str, Any] = SCHEMA) -> dict[str, Field]:
    def refuse(rule: Rule, *_: object, **params: object) -> None:
        raise AssertionError(rule.message.format(**params))

    return {field.path: field for field, _ in read_fields(schema, refuse)}


def _pack() -> Pack:
    pack = pack_of([parsed(one) for one in CONDITIONS])
    reasons = [
        replace(one, mode=Mode.ENFORCE, on_unknown=OnUnknown.IGNORE, clears_at=None, details={}) for one in pack.reasons
    ]
    return replace(pack, fields={**pack.fields, **_fields()}, reasons=tuple(reasons))


PACK: Final = _pack()


def _row(vector: Vector) -> dict[str, Any]:
    return {
        "name": vector.given,
        "names": [vector.given, "another"],
        "id": vector.given,
        "wanted": vector.identifier,
        "wanted_id": vector.id,
    }


def _expected(vector: Vector) -> list[str]:
    """The conditions that are true of a row."""
    some, any_id = vector.identifier is not None, vector.id is not None
    true = (some, some, any_id, some, some, any_id)
    return [f"r{index}" for index, one in enumerate(true) if one]


def _context(vector: Vector) -> dict[str, Any]:
    return {**CHANNEL, "contact": {"email": "kim@example.com"}, "own": _row(vector)}


@pytest.mark.parametrize("vector", VECTORS, ids=[ascii(one.given) for one in VECTORS])
def test_a_text_comes_to_what_the_vector_says(vector: Vector) -> None:
    assert (identifier(vector.given) or None, trimmed(vector.given) or None) == (vector.identifier, vector.id)
    assert IDENTIFIERS[vector.given] == vector.identifier


@pytest.mark.parametrize("vector", VECTORS, ids=[ascii(one.given) for one in VECTORS])
def test_rows_are_read_as_the_vectors_say(vector: Vector) -> None:
    reader, policy = FactReader.of(PACK.fields.values()), sendable.Policy(PACK)
    facts = reader.read(_context(vector), NOW)
    assert facts.get("own.name") == vector.identifier
    assert facts["own.names"] == ("another",) if vector.identifier is None else (vector.identifier, "another")
    assert facts.get("own.id") == vector.id
    by_reference = reference.decide(PACK, InterpretedProgram(PACK), facts)
    decisions = [policy.decide(_context(vector), now=NOW, validate=one) for one in (True, False)]
    for decision in (by_reference, *decisions):
        assert [one.id for one in decision.reasons] == _expected(vector)


def test_functions_for_shapes_read_them_so_too() -> None:
    policy = sendable.Policy(PACK)
    for validate in (True, False):
        for _ in range(PROFILED + 1):
            policy.decide(_context(VECTORS[0]), now=NOW, validate=validate)
        for vector in VECTORS:
            decision = policy.decide(_context(vector), now=NOW, validate=validate)
            assert [one.id for one in decision.reasons] == _expected(vector)


def _frame() -> pl.DataFrame:
    rows = [{"row": index, "email": "kim@example.com", **_row(one)} for index, one in enumerate(VECTORS)]
    rows.append({"row": len(rows), "email": "kim@example.com"})
    return pl.DataFrame(rows).rename(lambda name: name if name in ("row", "email") else f"own__{name}")


def _check(decide: Callable[[sendable.Policy], pl.DataFrame]) -> None:
    found = decide(sendable.Policy(PACK)).sort("row")
    assert found["reasons"].to_list() == [*map(_expected, VECTORS), []]
    assert found["invalid"].list.len().to_list() == [0] * len(found)


def test_polars_reads_them_as_the_vectors_say() -> None:
    _check(lambda policy: policy.decide_frame(_frame(), campaign=CHANNEL, keys="row", now=NOW))


def test_polars_reads_them_so_where_the_column_is_one_of_few_values() -> None:
    few = _frame().with_columns(pl.col("own__name").cast(pl.Categorical()))
    _check(lambda policy: policy.decide_frame(few, campaign=CHANNEL, keys="row", now=NOW))


def test_duckdb_reads_them_as_the_vectors_say() -> None:
    with duckdb.connect() as connection:
        relation = connection.from_arrow(_frame().to_arrow())
        _check(lambda policy: policy.decide_frame(relation, campaign=CHANNEL, keys="row", now=NOW).pl())


def test_spark_reads_them_as_the_vectors_say(spark: Any) -> None:
    contacts = spark.createDataFrame(_frame().to_arrow())
    _check(lambda policy: pl.DataFrame(policy.decide_frame(contacts, campaign=CHANNEL, keys="row", now=NOW).toArrow()))


@given(
    st.one_of(st.text(), st.text(st.characters(exclude_categories=())), st.text("aAßİΣς\u0345\uab70\u0301 \xa0\u200b"))
)
def test_making_one_of_an_identifier_changes_nothing(text: str) -> None:
    for function in (identifier, trimmed, folded):
        once = function(text)
        assert function(once) == once
    assert identifier(identifier(text).upper()) == identifier(identifier(text).upper().lower())


@pytest.mark.parametrize("unit", ["a", "Å", "\u0316\u0301", "ﷺ", "\u200b", "\xa0", "\ud800"])
def test_a_long_text_is_a_bounded_amount_of_work_and_not_remembered(unit: str) -> None:
    text = unit * 300_000
    assert identifier(identifier(text)) == identifier(text)
    assert IDENTIFIERS[text] == (identifier(text) or None)
    assert text not in IDENTIFIERS


def test_few_texts_are_remembered() -> None:
    for number in range(5_000):
        assert IDENTIFIERS[f"N{number}"] == f"n{number}"
    assert len(IDENTIFIERS) <= 1024


# -- what the bundled pack makes of them


def _contact(types: list[str] | None) -> dict[str, Any]:
    return {"email": "kim@example.com", "unsubscribed_types": types}


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize("written", ["news", "News", " news", "news\xa0", "NEWS\ufeff", "ｎｅｗｓ", "News\0\0"])
def test_an_opt_out_holds_however_the_kind_of_email_is_written(written: str, validate: bool) -> None:
    for kind, types in ((written, ["offers", "news"]), ("news", ["offers", written])):
        document = {"email": {"channel": "marketing", "subscription_type": kind}, "contact": _contact(types)}
        decision = bundled().decide(document, now=NOW, validate=validate)
        assert "unsubscribed_from_type" in {one.id for one in decision.reasons if not one.missing}


@pytest.mark.parametrize("validate", [True, False])
def test_an_empty_kind_of_email_is_unknown_and_an_empty_item_is_none(validate: bool) -> None:
    email = {"channel": "marketing", "subscription_type": " "}
    decision = bundled().decide({"email": email, "contact": _contact(["news"])}, now=NOW, validate=validate)
    [found] = [one for one in decision.reasons if one.id == "unsubscribed_from_type"]
    assert found.missing == ("email.subscription_type",)
    for types in ([""], ["", " \u200b"]):  # opted out of nothing
        decision = bundled().decide({"email": email, "contact": _contact(types)}, now=NOW, validate=validate)
        assert "unsubscribed_from_type" not in {one.id for one in decision.reasons}


def test_the_fields_of_the_table_are_spelled_as_it_says() -> None:
    spellings = {path: field.type.spelling for path, field in bundled().pack.fields.items()}
    by_spelling = {one: {path for path, found in spellings.items() if found is one} for one in Spelling}
    assert by_spelling[Spelling.IDENTIFIER] == {"email.subscription_type", "contact.unsubscribed_types"}
    assert by_spelling[Spelling.TRIMMED] == {"email.id", "contact.id", "account.id"}


def test_an_identifier_that_is_needed_has_to_be_one() -> None:
    fields = _fields(
        {"required": ["own"], "properties": {"own": {**SCHEMA["properties"]["own"], "required": ["name"]}}}
    )
    policy = sendable.Policy(replace(PACK, fields={**PACK.fields, **fields}))
    document = {**_context(VECTORS[0]), "own": {"name": " \u200b"}}
    for validate in (True, False):
        with pytest.raises(ContextError) as caught:
            policy.decide(document, now=NOW, validate=validate)
        assert [one.path for one in caught.value.problems] == ["own.name"]
    frame = pl.DataFrame({"row": [1, 2], "email": ["kim@example.com"] * 2, "own__name": [" \u200b", "a"]})
    found = policy.decide_frame(frame, campaign=CHANNEL, keys="row", now=NOW)
    assert found["invalid"].to_list() == [["own.name"], []]


# -- in schemas and conditions


@pytest.mark.parametrize(
    ("declared", "place"),
    [
        ({"type": "integer", "identifier": True}, "identifier"),
        ({"type": "string", "identifier": True, "enum": ["a"]}, "identifier"),
        ({"type": "string", "identifier": True, "format": "date-time"}, "identifier"),
        ({"type": "string", "identifier": "yes"}, "identifier"),
    ],
)
def test_what_is_no_identifier_is_refused_in_a_schema(declared: dict[str, Any], place: str) -> None:
    found: list[tuple[str, Any]] = []
    read_fields(
        {"properties": {"own": {"properties": {"name": declared}}}},
        lambda rule, path, **_: found.append((rule.code, path[-1])),
    )
    assert found == [("SND203", place)]


@pytest.mark.parametrize(
    ("text", "code", "meant"),
    [
        ("email.subscription_type == 'News'", "SND416", "news"),
        ("'news ' != email.subscription_type", "SND416", "news"),
        ("email.subscription_type == ''", "SND416", None),
        ("email.subscription_type in ['offers', 'News']", "SND416", "news"),
        ("'News' in contact.unsubscribed_types", "SND416", "news"),
        ("overlaps(['news', 'Offers'], contact.unsubscribed_types)", "SND416", "offers"),
        ("default(email.subscription_type, 'None') == 'none'", "SND416", "none"),
        ("default(email.subscription_type, 'none') == 'None'", "SND416", "none"),
        ("starts_with(email.subscription_type, 'News-')", "SND416", "news-"),
        ("account.id == ' acme'", "SND416", "acme"),
        ("email.subscription_type == contact.locale", "SND417", None),
        ("contact.locale in contact.unsubscribed_types", "SND417", None),
        ("email.subscription_type in own.string_list", "SND417", None),
        ("overlaps(own.string_list, contact.unsubscribed_types)", "SND417", None),
        ("default(own.string, email.subscription_type) == 'x'", "SND417", None),
        ("lookup(email.subscription_type, lists.meant) == email.subscription_type", "SND417", None),
        ("contains(email.subscription_type, own.string)", "SND417", None),
    ],
)
def test_what_can_not_meet_is_an_error_of_the_pack(text: str, code: str, meant: str | None) -> None:
    [found] = problems(text)
    assert (found.code, found.suggestion) == (code, meant)


@pytest.mark.parametrize(
    "text",
    [
        "email.subscription_type == params.word",
        "email.subscription_type in ['news', 'månadsbrev']",
        "email.subscription_type in lists.roles",
        "overlaps(contact.unsubscribed_types, lists.roles)",
        "email.subscription_type in contact.unsubscribed_types",
        "default(email.subscription_type, 'none') in contact.unsubscribed_types",
        "contains(email.subscription_type, 'daily ')",
        "account.id == 'Acme' or account.id == contact.id or account.id == contact.locale",
        "lower(own.string) == 'news'",
    ],
)
def test_what_can_meet_is_not(text: str) -> None:
    assert problems(text) == []


# -- an identifier of the campaign that nobody's list has


def _contacts(*types: list[str] | None) -> pl.DataFrame:
    listed = pl.Series(types, dtype=pl.List(pl.String))
    addresses = [f"kim{number}@example.com" for number in range(len(types))]
    return pl.DataFrame({"email": addresses, "unsubscribed_types": listed})


OTHERS: Final = _contacts(["Offers", "letters"], [" offers"], [], None)
NEWS: Final[dict[str, Any]] = {"email": {"channel": "marketing", "subscription_type": "News"}}
TOLD: Final = (Unmatched("email.subscription_type", "news", "contact.unsubscribed_types", 2, ("offers", "letters")),)


def test_an_identifier_that_is_in_nobodys_list_is_told(spark: Any) -> None:
    assert bundled().unmatched(OTHERS, campaign=NEWS) == TOLD
    assert bundled().unmatched(OTHERS.lazy(), campaign=NEWS) == TOLD
    with duckdb.connect() as connection:
        assert bundled().unmatched(connection.from_arrow(OTHERS.to_arrow()), campaign=NEWS) == TOLD
    assert bundled().unmatched(spark.createDataFrame(OTHERS.to_arrow()), campaign=NEWS) == TOLD


@pytest.mark.parametrize(
    ("contacts", "email"),
    [
        (_contacts(["offers"], ["NEWS "]), {}),
        (_contacts([], None), {}),
        (_contacts([" "], [""]), {}),  # no items at all
        (OTHERS, {"subscription_type": None}),
        (OTHERS, {"channel": "transactional"}),  # nothing is looked up
        (pl.DataFrame({"email": ["kim@example.com"]}), {}),
    ],
)
def test_otherwise_nothing_is_told(contacts: pl.DataFrame, email: dict[str, Any]) -> None:
    assert bundled().unmatched(contacts, campaign={"email": {**NEWS["email"], **email}}) == ()


def test_the_summary_and_the_report_tell_of_it(tmp_path: Path) -> None:
    contacts, campaign, page = tmp_path / "contacts.parquet", tmp_path / "campaign.json", tmp_path / "page.html"
    OTHERS.write_parquet(contacts)
    campaign.write_text(json.dumps(NEWS), encoding="utf-8")
    told = {
        "en": "“news”, the campaign's email.subscription_type, is in nobody's contact.unsubscribed_types. "
        "Contacts with others there: 2, such as `offers`, `letters`. Is it the right one?",
        "sv": "”news”, kampanjens email.subscription_type, finns inte i contact.unsubscribed_types hos någon kontakt. "
        "Kontakter som har andra där: 2, till exempel `offers`, `letters`. Stämmer det?",
    }
    for engine in ("polars", "duckdb"):
        given_options = ["audience", str(contacts), "--campaign", str(campaign), "--engine", engine]
        for locale, text in told.items():
            options = [*given_options, "--locale", locale, "--report", str(page), "--overwrite"]
            result = CliRunner().invoke(cli.sendable, options)
            assert (result.exit_code, result.stdout.count(text)) == (0, 1), result.output
            assert html.unescape(page.read_text(encoding="utf-8")).count(text) == 1
        result = CliRunner().invoke(cli.sendable, [*given_options, "--format", "json"])
        assert json.loads(result.stdout)["unmatched"] == [{**asdict(TOLD[0]), "examples": ["offers", "letters"]}]
