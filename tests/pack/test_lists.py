"""Lists of a pack: in one file or several, of texts or numbers, and what is said of those that do not fit together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import sendable
from sendable.diagnostics.record import Diagnostic
from sendable.language.types import Kind
from sendable.lints.run import lint_pack
from sendable.render.words.sentences import condition
from tests.support.packs import NOW, context, pack

HEAD = "lists:\n  blocked:\n    description: Who is blocked.\n    entries: {}\n"
MORE = "lists:\n  blocked:\n    more_entries: {}\n"
MARKETING = {"email": {"channel": "marketing"}}


def made(root: Path, files: dict[str, str], *reasons: dict[str, Any]) -> sendable.Policy:
    (root / "lists").mkdir()
    for name, text in files.items():
        (root / "lists" / name).write_text(text, encoding="utf-8")
    return pack(root, *(reasons or ({"when": "domain(contact.email) in lists.blocked"},)))


def said(root: Path, files: dict[str, str], *reasons: dict[str, Any]) -> list[Diagnostic]:
    with pytest.raises(sendable.PolicyError) as caught:
        made(root, files, *reasons)
    return list(caught.value.diagnostics)


@pytest.mark.parametrize("first", ["a.yaml", "z.yaml"])
def test_a_list_goes_on_in_other_files_whatever_their_order(first: str, tmp_path: Path) -> None:
    files = {
        first: HEAD.format("[A.example]"),
        "m.yaml": MORE.format("[b.example]"),
        "n.yaml": MORE.format("[c.example]"),
    }
    policy = made(tmp_path, files)
    assert policy.pack.lists["blocked"].entries == {"a.example", "b.example", "c.example"}
    assert policy.pack.lists["blocked"].description == "Who is blocked."
    _, found = lint_pack(tmp_path)
    assert [one.code for one in found if one.code not in ("SND620", "SND602")] == []


def test_a_list_can_be_larger_than_a_file_may_be(tmp_path: Path) -> None:
    rows = ["".join(f"\n      - {part}{number:07}.blocked.example" for number in range(25_000)) for part in "abc"]
    files = {"0.yaml": HEAD.format(rows[0]), "1.yaml": MORE.format(rows[1]), "2.yaml": MORE.format(rows[2])}
    policy = made(tmp_path, files)
    assert sum(path.stat().st_size for path in (tmp_path / "lists").iterdir()) > 2 * 1024**2
    assert len(policy.pack.lists["blocked"].entries) == 75_000
    last = {**context(), "contact": {"email": "kim@c0024999.blocked.example"}}
    assert not policy.decide(last).sendable


@pytest.mark.parametrize(
    ("files", "code", "place", "message"),
    [
        ({"a.yaml": HEAD.format("[x]"), "b.yaml": HEAD.format("[y]")}, "SND504", ("b.yaml", 2, 3),
         "already defined in"),
        ({"a.yaml": HEAD.format("[x]"), "b.yaml": MORE.replace("blocked", "blokced").format("[y]")}, "SND516",
         ("b.yaml", 2, 3), "no file begins the list `blokced`"),
        ({"a.yaml": HEAD.format("[x]"), "b.yaml": MORE.format("{y: z}")}, "SND203", ("b.yaml", 2, 3),
         "`blocked` is a map here, and this must be a list, as it is in"),
        ({"a.yaml": HEAD.format("[x]"), "b.yaml": MORE.format("[y]\n    description: More.")}, "SND201",
         ("b.yaml", 4, 5), "`description` is not a key here"),
        ({"a.yaml": HEAD.format("[x, y]"), "b.yaml": MORE.format("[z, y]")}, "SND208", ("b.yaml", 3, 23),
         "`y` stands twice in this list"),
        ({"a.yaml": HEAD.format("{x: u, y: v}"), "b.yaml": MORE.format("{z: w, Y: v}")}, "SND515",
         ("b.yaml", 3, 26), "what `Y` stands for is already said in"),
        ({"a.yaml": HEAD.format("{x: 1, y: v}")}, "SND203", ("a.yaml", 4, 24),
         "`v` is a text, and this must be a number"),
        ({"a.yaml": HEAD.format("{x: 1}"), "b.yaml": MORE.format("{y: v}")}, "SND203", ("b.yaml", 3, 23),
         "`v` is a text, and this must be a number"),
        ({"a.yaml": HEAD.format("{x: 1e300}")}, "SND206", ("a.yaml", 4, 18), "`1e+300` is out of bounds"),
        ({"a.yaml": HEAD.format("{x: true}")}, "SND203", ("a.yaml", 4, 18), "`true` is true or false"),
        ({"a.yaml": "lists:\n  blocked:\n    description: Who.\n"}, "SND202", ("a.yaml", 2, 3), "`entries`"),
        ({"a.yaml": "lists:\n  blocked: {}\n"}, "SND202", ("a.yaml", 2, 3), "`description`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told_at_its_place(
    files: dict[str, str], code: str, place: tuple[str, int, int], message: str, tmp_path: Path
) -> None:
    when = "contact.id in lists.blocked"
    found = [one for one in said(tmp_path, files, {"when": when}) if one.code not in ("SND512", "SND403")]
    assert [one.code for one in found] == [code]
    start = found[0].span.start
    assert (Path(found[0].span.file).name, start.line, start.column) == place
    assert message in found[0].message
    if code == "SND504":
        assert "more_entries" in found[0].help


LIMITS = "lists:\n  limits: {description: Most emails., entries: {free: 3, Professional: 5.5}}\n"
WAITS = "lists:\n  limits: {description: Hours., entries: {free: 24, Professional: 72}}\n"


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("contact.hard_bounces > lookup(account.tier, lists.limits)", [True, True, None, None]),
        ("lookup(account.tier, lists.limits) * 2 + contact.hard_bounces == 10", [True, False, None, None]),
        ("default(lookup(account.tier, lists.limits) - 1, 0) < contact.hard_bounces", [True, True, True, None]),
        ("lookup(account.tier, lists.limits) in [3, 4]", [True, False, None, None]),
    ],
)  # fmt: skip
def test_a_map_of_numbers_means_the_same_everywhere(when: str, found: list[bool | None], tmp_path: Path) -> None:
    policy = made(tmp_path, {"a.yaml": LIMITS}, {"when": f'"{when}"', "on_unknown": "suppress"})
    assert policy.pack.lists["limits"].kind is Kind.NUMBER
    rows = [("free", 4), ("professional", 6), ("enterprise", 6), ("enterprise", None)]
    expected = [None if one is False else "matched" if one else "undetermined" for one in found]
    for (tier, bounces), wanted in zip(rows, expected, strict=True):
        decision = policy.decide({**context(hard_bounces=bounces), "account": {"tier": tier}})
        assert (None if decision.reason is None else decision.reason.certainty) == wanted
        assert policy.explain({**context(hard_bounces=bounces), "account": {"tier": tier}}).traces
    columns = {"email": "k@e.se", "hard_bounces": [row[1] for row in rows], "account__tier": [row[0] for row in rows]}
    frame = pl.DataFrame(columns, schema_overrides={"hard_bounces": pl.Int64})
    for given in (frame, duckdb.from_arrow(frame.to_arrow())):
        result: Any = policy.decide_frame(given, campaign=MARKETING, now=NOW)
        table = result if isinstance(result, pl.DataFrame) else result.pl()
        assert table["certainty"].to_list() == expected
    assert "limits" in condition(policy.pack.reasons[0].when.node, policy.pack, "en")


def test_a_time_that_a_map_of_numbers_gives_is_exact_in_columns_too(tmp_path: Path) -> None:
    later = "add_hours(contact.cap_recovers_at, lookup(account.tier, lists.limits))"
    policy = made(tmp_path, {"a.yaml": WAITS}, {"when": f'"now < {later}"', "more": f'clears_at: "{later}"'})
    assert policy.pack.lists["limits"].kind is Kind.INTEGER
    bounced = datetime(2026, 11, 23, 1, 2, 3, 4, tzinfo=UTC)
    tiers = {"free": bounced + timedelta(hours=24), "professional": bounced + timedelta(hours=72), "enterprise": None}
    frame = pl.DataFrame({"email": "k@e.se", "account__tier": list(tiers), "cap_recovers_at": bounced})
    for given in (frame, duckdb.from_arrow(frame.to_arrow())):
        result: Any = policy.decide_frame(given, campaign=MARKETING, now=NOW)
        table = result if isinstance(result, pl.DataFrame) else result.pl()
        assert [None if one is None else one.astimezone(UTC) for one in table["clears_at"]] == list(tiers.values())
    for tier, clears_at in tiers.items():
        assert policy.decide({**context(cap_recovers_at=bounced), "account": {"tier": tier}}).clears_at == clears_at


def test_a_map_of_numbers_is_no_text_and_one_of_texts_no_number(tmp_path: Path) -> None:
    texts = LIMITS.replace("3", "a").replace("5.5", "b")
    for number, (lists, when) in enumerate(
        [
            (LIMITS, "lookup(account.tier, lists.limits) == 'a'"),
            (texts, "lookup(account.tier, lists.limits) > 3"),
            (LIMITS, "domain(lookup(account.tier, lists.limits)) == 'a'"),
        ]
    ):
        root = tmp_path / str(number)
        root.mkdir()
        assert said(root, {"a.yaml": lists}, {"when": f'"{when}"'})[0].code in ("SND405", "SND412")


def test_a_priority_is_any_whole_number_and_the_lowest_is_told_first(tmp_path: Path) -> None:
    given = [0, -5, 2**53, -(2**53), 10_000]
    policy = pack(tmp_path, *({"priority": one} for one in given))
    decision = policy.decide(context())
    assert [one.priority for one in decision.reasons] == sorted(given)
    assert decision.to_dict()["reason"]["priority"] == -(2**53)
    frame: Any = policy.decide_frame(pl.DataFrame({"email": ["k@e.se"]}), campaign=MARKETING, now=NOW)
    assert frame["reason"].to_list() == ["r3"]
    assert frame["reasons"].to_list() == [["r3", "r1", "r0", "r4", "r2"]]
