"""Addresses and keys on several rows: they are found however they are written, told, and decided as somebody asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from sendable import cli
from sendable.audience.summary import Repeated, Review
from sendable.language import addresses
from sendable.render.pages.audience_page import audience_page
from tests.support.audiences import summary
from tests.support.packs import bundled

CAMPAIGN: dict[str, Any] = {
    "now": "2026-11-23T09:00:00Z",
    "email": {"channel": "marketing", "subscription_type": "news", "subscription_name": "News"},
    "account": {"status": "active", "double_opt_in_required": False, "legal_basis_required": False},
    "contact": dict.fromkeys(
        ("opted_out_of_platform", "spam_trap", "company_opted_out", "domain_blocked"),
        False,
    ),
}

Make = Callable[[pl.DataFrame], Any]


@pytest.fixture(scope="module", params=["polars", "duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes a frame of each engine."""
    match request.param:
        case "polars":
            yield lambda frame: frame
        case "duckdb":
            with duckdb.connect() as connection:
                yield lambda frame: connection.from_arrow(frame.to_arrow())
        case _:
            spark = request.getfixturevalue("spark")
            yield lambda frame: spark.createDataFrame(frame.to_arrow())


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any engine."""
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    if hasattr(frame, "toArrow"):
        return list(frame.toArrow().to_pylist())
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.fetchall()]


SAME = (
    ("kim@example.com", "Kim@Example.com", " kim@example.com ", "KIM@EXAMPLE.COM", "kim@example.com\N{NO-BREAK SPACE}"),
    (
        "ada@example.com",
        "Ada <ada@example.com>",
        "ada@example.com;",
        '"Ada, L." <Ada@example.com>,',
        "< ada@example.com>",
    ),
    ('"a;b"@example.com', '"A;B"@example.com '),
    ('"<a>"@example.com',),
    ("å@åäö.se", "Å@ÅÄÖ.SE", "å@xn--4cab6c.se", "å@XN--4CAB6C.se", "a\N{COMBINING RING ABOVE}@åäö.se"),
    ("kim+news@example.com",),
    ("kim@example.co",),
)


def test_addresses_are_the_same_however_they_are_written() -> None:
    forms = [{addresses.compared(one) for one in same} for same in SAME]
    assert [len(one) for one in forms] == [1] * len(SAME)
    assert len(set().union(*forms)) == len(forms)


def by_hand(rows: list[dict[str, Any]], facts: tuple[str, ...]) -> Repeated:
    """What `review_frame` ought to say."""
    found: dict[str, list[dict[str, Any]]] = {}
    keys: dict[str, int] = {}
    for row in rows:
        if row["email"] is not None and addresses.compared(row["email"]):
            found.setdefault(addresses.compared(row["email"]), []).append(row)
        if row["id"] is not None:
            keys[row["id"]] = keys.get(row["id"], 0) + 1
    several = [some for some in found.values() if len(some) > 1]

    def differ(some: list[dict[str, Any]], fact: str) -> bool:
        values = [frozenset(row[fact]) if isinstance(row[fact], list) else row[fact] for row in some]
        return len(set(values)) > 1

    fields = {f"contact.{fact}": sum(differ(some, fact) for some in several) for fact in facts}
    return Repeated(
        addresses=len(several),
        rows=sum(map(len, several)),
        disagreeing=sum(any(differ(some, fact) for fact in facts) for some in several),
        fields={path: count for path, count in sorted(fields.items(), key=lambda one: (-one[1], one[0])) if count},
        keys=sum(count > 1 for count in keys.values()),
        key_rows=sum(count for count in keys.values() if count > 1),
    )


SCHEMA: dict[str, Any] = {
    "id": pl.String,
    "email": pl.String,
    "unsubscribed_all": pl.Boolean,
    "marked_as_spam": pl.Boolean,
    "unsubscribed_types": pl.List(pl.String),
    "hard_bounces": pl.Int64,
}
FACTS = ("marked_as_spam", "unsubscribed_all", "unsubscribed_types")
"""The floors of the bundled pack depend on these, and not on earlier bounces."""
WRITTEN = tuple(one for same in SAME for one in same)

row = st.fixed_dictionaries(
    {
        "id": st.one_of(st.none(), st.sampled_from("abcdefghijk")),
        "email": st.one_of(st.none(), st.just(" "), st.sampled_from(WRITTEN)),
        "unsubscribed_all": st.sampled_from([None, False, False, True]),
        "marked_as_spam": st.sampled_from([None, False, False]),
        "unsubscribed_types": st.sampled_from([None, [], ["offers"], ["news", "offers"], ["offers", "news"]]),
        "hard_bounces": st.sampled_from([None, -1, 0, 0, 1]),
    }
)


def audience(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


_ROWS: list[dict[str, Any]] = [
    {"email": "kim@example.com", "unsubscribed_types": ["news", "offers"], "unsubscribed_all": False},
    {"email": "Kim@Example.com", "unsubscribed_types": ["offers", "news"], "unsubscribed_all": True},
    {"email": "å@xn--4cab6c.se", "unsubscribed_types": [], "unsubscribed_all": False, "hard_bounces": 1},
    {"email": "Å@ÅÄÖ.se", "unsubscribed_types": [], "unsubscribed_all": False, "hard_bounces": 0},
    {"email": "å@åäö.se", "unsubscribed_types": [], "unsubscribed_all": False, "hard_bounces": -1},
    {"email": "robin@example.com", "unsubscribed_types": [], "unsubscribed_all": False},
    {"email": None, "unsubscribed_types": [], "unsubscribed_all": True},
    {"email": None, "unsubscribed_types": [], "unsubscribed_all": False},
]
EXAMPLE = [
    {name: {"id": str(number // 2), "marked_as_spam": False, **one}.get(name) for name in SCHEMA}
    for number, one in enumerate(_ROWS)
]


def test_addresses_and_keys_on_several_rows_are_found(make: Make) -> None:
    found = bundled().review_frame(make(audience(EXAMPLE)), campaign=CAMPAIGN).repeated
    assert found == by_hand(EXAMPLE, FACTS)
    assert found == Repeated(2, 5, 1, {"contact.unsubscribed_all": 1}, 4, 8)


@pytest.mark.parametrize("make", ["polars", "duckdb"], indirect=True)
def test_where_each_address_and_key_is_on_one_row_nothing_is_found(make: Make) -> None:
    alone = bundled().review_frame(make(audience(EXAMPLE[5:6])), campaign=CAMPAIGN).repeated
    assert alone == Repeated(0, 0, 0, {}, 0, 0)
    assert alone is not None
    assert not alone.any


@pytest.mark.parametrize("make", ["polars", "duckdb"], indirect=True)
def test_where_the_address_is_the_key_no_keys_are_counted(make: Make) -> None:
    found = bundled().review_frame(make(audience(EXAMPLE).drop("id")), campaign=CAMPAIGN).repeated
    assert found == Repeated(2, 5, 1, {"contact.unsubscribed_all": 1}, 0, 0)


@settings(max_examples=10)
@given(rows=st.lists(row, max_size=12))
def test_what_is_found_is_what_is_there(rows: list[dict[str, Any]]) -> None:
    expected = by_hand(rows, FACTS)
    frame = audience(rows)
    with duckdb.connect() as connection:
        for one in (frame, connection.from_arrow(frame.to_arrow())):
            assert bundled().review_frame(one, campaign=CAMPAIGN).repeated == expected


def test_more_addresses_than_are_written_into_a_query() -> None:
    count = 10_500
    frame = pl.DataFrame({"id": range(2 * count), "email": [f"a{number % count}@b.se" for number in range(2 * count)]})
    expected = Repeated(count, 2 * count, 0, {}, 0, 0)
    with duckdb.connect() as connection:
        for one in (frame, connection.from_arrow(frame.to_arrow())):
            assert bundled().review_frame(one, campaign=CAMPAIGN).repeated == expected


def strictness(decision: dict[str, Any]) -> tuple[Any, ...]:
    """What decisions are ordered by, the strictest first."""
    order = [reason.id for reason in bundled().reasons]
    rank: tuple[int, int]
    if decision["sendable"] is None:
        rank = (2, 0)
    elif decision["sendable"]:
        rank = (3, 0)
    else:
        rank = (int(decision["certainty"] == "undetermined"), order.index(decision["reason"]))
    return (*rank, decision["reasons"] or [], decision["missing"] or [], decision["invalid"] or [])


def check_strictest(rows: list[dict[str, Any]], make: Make) -> None:
    rows = [{**one, "id": str(number)} for number, one in enumerate(rows)]
    frame = audience(rows)
    own = {one["id"]: one for one in bundled().decide_frame(frame, campaign=CAMPAIGN).to_dicts()}
    groups: dict[str, list[str]] = {}
    for one in rows:
        address = addresses.compared(one["email"] or "")
        groups.setdefault(address or f"alone {one['id']}", []).append(one["id"])
    decided = rows_of(bundled().decide_frame(make(frame), campaign=CAMPAIGN, as_strictest=True))
    assert sorted(one["id"] for one in decided) == sorted(own)
    for one in decided:
        [group] = [group for group in groups.values() if one["id"] in group]
        expected = min((own[id_] for id_ in group), key=strictness)
        assert one.pop("strictest_of") == len(group)
        assert {**one, "id": ""} == {**expected, "id": ""}


def test_all_rows_of_an_address_have_the_decision_of_the_strictest(make: Make) -> None:
    check_strictest(EXAMPLE, make)


@settings(max_examples=4)
@given(rows=st.lists(row, min_size=20, max_size=50))
def test_the_strictest_is_the_strictest(rows: list[dict[str, Any]]) -> None:
    check_strictest(rows, lambda frame: frame)
    with duckdb.connect() as connection:
        check_strictest(rows, lambda frame: connection.from_arrow(frame.to_arrow()))


@pytest.mark.parametrize("make", ["polars", "duckdb"], indirect=True)
def test_rows_are_decided_one_by_one_unless_somebody_asks(make: Make) -> None:
    decided = {}
    for number, one in enumerate(rows_of(bundled().decide_frame(make(audience(EXAMPLE[:2])), campaign=CAMPAIGN))):
        decided[number] = one["reasons"]
        assert "strictest_of" not in one
    assert sorted(map(len, decided.values())) == [1, 2]


def test_a_row_that_is_not_decided_keeps_the_others_of_its_address_back() -> None:
    frame = audience([{**EXAMPLE[4], "id": "a"}, {**EXAMPLE[3], "id": "b"}])
    rows = bundled().decide_frame(frame, campaign=CAMPAIGN).to_dicts()
    assert [one["sendable"] for one in rows] == [None, True]
    rows = bundled().decide_frame(frame, campaign=CAMPAIGN, as_strictest=True, locale="en").to_dicts()
    assert [(one["sendable"], one["invalid"]) for one in rows] == [(None, ["contact.hard_bounces"])] * 2


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.sendable, ["audience", *map(str, arguments)])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """An audience with one address on two rows, which disagree, and a campaign."""
    file, letter = tmp_path / "contacts.csv", tmp_path / "campaign.json"
    lines = ["id,email,unsubscribed_all", "1,kim@example.com,false", "2,Kim@Example.com,true"]
    file.write_text("\n".join(lines))
    contact = {**CAMPAIGN["contact"], "marked_as_spam": False, "unsubscribed_types": []}
    letter.write_text(json.dumps({**CAMPAIGN, "contact": contact}))
    return file, letter


WAYS = [("report", 1, 1), ("allow", 0, 1), ("strictest", 0, 0), (None, 1, 1)]
CALLS = [
    *((engine, *way, written) for engine in ("polars", "duckdb") for way in WAYS for written in (False, True)),
    # Spark takes its time, and differs from DuckDB in a few words of SQL.
    pytest.param("spark", *WAYS[2], True, marks=pytest.mark.spark),
]


@pytest.mark.parametrize(("engine", "duplicates", "code", "sendable", "written"), CALLS)
def test_the_exit_code_says_whether_an_address_is_on_several_rows(
    engine: str,
    duplicates: str | None,
    code: int,
    sendable: int,
    written: bool,
    files: tuple[Path, Path],
    request: pytest.FixtureRequest,
) -> None:
    if engine == "spark":
        request.getfixturevalue("spark")
    file, letter = files
    output = file.parent / "decisions.parquet"
    options = [*(["--duplicates", duplicates] if duplicates else []), *(["-o", output] if written else [])]
    result = run(file, "--campaign", letter, "--engine", engine, "--format", "json", *options)
    assert result.exit_code == code, result.output
    told = json.loads(result.stdout)
    assert told["sendable"] == sendable
    assert told["as_strictest"] is (duplicates == "strictest")
    assert told["repeated"] == {
        "addresses": 1,
        "rows": 2,
        "disagreeing": 1,
        "fields": [{"field": "contact.unsubscribed_all", "addresses": 1}],
        "keys": 0,
        "key_rows": 0,
    }
    if code:
        assert result.stderr.endswith(
            "error: 1 address is on several rows, and they disagree on contact.unsubscribed_all; "
            "each row was decided by itself\n"
            "  Make one row of them; or name --duplicates strictest, which decides all rows of an address as the "
            "strictest, or --duplicates allow.\n"
        )
    if written:
        decisions = pl.read_parquet(output / "*.parquet" if output.is_dir() else output)
        assert decisions["sendable"].sum() == sendable
        assert ("strictest_of" in decisions.columns) is (duplicates == "strictest")


def test_equal_keys_are_told(files: tuple[Path, Path]) -> None:
    file, letter = files
    file.write_text("id,email\n1,kim@example.com\n1,robin@example.com\n2,sam@example.com\n")
    result = run(file, "--campaign", letter)
    assert result.exit_code == 1
    assert "error: 1 key is on several rows; each row was decided by itself\n" in result.stderr
    assert run(file, "--campaign", letter, "--key", "email").exit_code == 0


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "en",
            [
                "on several rows                 number    rows",
                "----------------------------  --------  ------",
                "addresses                            1       2",
                "  whose rows disagree                1",
                "    contact.unsubscribed_all         1",
                "",
                "Each row was decided by itself.",
            ],
        ),
        (
            "sv",
            [
                "på flera rader                      antal    rader",
                "--------------------------------  -------  -------",
                "adresser                                1        2",
                "  vars rader säger emot varandra        1",
                "    contact.unsubscribed_all            1",
                "",
                "Varje rad har avgjorts för sig.",
            ],
        ),
    ],
)
def test_the_summary_tells_what_is_on_several_rows(locale: str, said: list[str], files: tuple[Path, Path]) -> None:
    result = run(files[0], "--campaign", files[1], "--locale", locale)
    assert [line.rstrip() for line in result.stdout.splitlines()][-7:] == said


REPEATED = Repeated(1_200, 2_500, 30, {"contact.unsubscribed_all": 30}, 7, 14)


@pytest.mark.parametrize(
    ("locale", "none", "by_row", "strictest"),
    [
        ("en", "No address and no key is on several rows.", "Each row was decided by itself", "All rows of an address"),
        ("sv", "Ingen adress och ingen nyckel", "Varje rad har avgjorts för sig", "Alla rader med samma adress"),
    ],
)
def test_the_page_tells_what_is_on_several_rows(locale: str, none: str, by_row: str, strictest: str) -> None:
    def page(repeated: Repeated | None, *, as_strictest: bool = False) -> str:
        review = Review((), (), repeated)
        return audience_page(review.added_to(summary(), as_strictest=as_strictest), bundled(), {}, locale)

    assert 'id="repeated"' not in page(None)
    assert none in page(Repeated(0, 0, 0, {}, 0, 0))
    told = page(REPEATED)
    assert by_row in told
    assert "<code>contact.unsubscribed_all</code>" in told
    assert "2,500" in told or "2\N{NO-BREAK SPACE}500" in told
    assert none not in told
    assert strictest in page(REPEATED, as_strictest=True)
