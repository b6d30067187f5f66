"""The benchmarks that need none of the packages they compare with: what is written by hand answers as the pack does."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given

import sendable
from sendable.decide.facts import FactReader
from sendable.decide.reference import InterpretedProgram
from sendable.pack.model import OnUnknown
from tests.benchmarks import audience, figures, frames, frames_by_hand, hand, lists, measure, packs
from tests.benchmarks import contexts as decided
from tests.benchmarks.figures import Figures, Row, Size
from tests.benchmarks.forms import MissingPeerError, by_hand, compiled, interpreted, module, unvalidated
from tests.support.packs import EXAMPLES, bundled, clean, contexts, read

REFERENCE = InterpretedProgram(bundled().pack)
READER = FactReader.of(bundled().pack.fields.values())


def said_by_the_reference(context: dict[str, Any]) -> hand.Found:
    outcomes = REFERENCE.outcomes(READER.read(context))
    matched = [outcome.reason.id for outcome in outcomes if outcome.missing is None]
    return matched, [outcome.reason.id for outcome in outcomes if outcome.missing is not None]


def agrees(context: dict[str, Any]) -> None:
    matched, undetermined = said_by_the_reference(context)
    assert hand.every(context) == (matched, undetermined)
    assert hand.first(context) == next(iter([*matched, *undetermined]), None)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_chains_written_by_hand_agree_on_the_examples(path: Path) -> None:
    agrees(read(path))


EMPTY_TYPE = {
    "email": {"channel": "marketing", "subscription_type": ""},
    "contact": {"email": "kim@example.com", "unsubscribed_types": [" Newsletter", ""]},
}


@given(contexts())
@example(EMPTY_TYPE)
@example({**EMPTY_TYPE, "email": {"channel": "marketing", "subscription_type": "NEWSLETTER "}})
def test_the_chains_written_by_hand_agree_with_the_reference(context: dict[str, Any]) -> None:
    agrees(context)


def test_the_chains_have_every_reason_of_the_pack() -> None:
    written = Path(hand.__file__).read_text(encoding="utf-8")
    for reason in bundled().reasons:
        assert written.count(f'return "{reason.id}"') == len(reason.channels)
        assert written.count(f'undetermined.append("{reason.id}")') == (
            len(reason.channels) if reason.on_unknown is OnUnknown.SUPPRESS else 0
        )


def test_the_contexts_are_what_they_are_called() -> None:
    found = {name: bundled().decide(make()).reasons for name, make in decided.CONTEXTS.items()}
    assert not found["clean"]
    assert [finding.certainty for finding in found["three findings"]] == ["matched"] * 3
    assert {finding.certainty for finding in found["half unknown"]} == {"undetermined"}


def test_the_pack_without_address_functions_decides_alike(tmp_path: Path) -> None:
    policy = sendable.load(packs.without_addresses(tmp_path / "pack"))
    assert len(policy.reasons) == len(bundled().reasons)
    for path in EXAMPLES:
        context = read(path)
        ready = packs.ready_made(context, bundled().pack)
        expected = [(one.id, one.certainty, one.message("sv")) for one in bundled().decide(context).reasons]
        assert [(one.id, one.certainty, one.message("sv")) for one in policy.decide(ready).reasons] == expected


def test_a_generated_pack_has_every_reason_as_often_as_it_is_large(tmp_path: Path) -> None:
    policy = sendable.load(packs.of_size(tmp_path / "pack", 3))
    assert len(policy.reasons) == 3 * 32
    context = packs.ready_made(decided.three_findings(), bundled().pack)
    found = [finding.id for finding in policy.decide(packs.grown(context, 3)).reasons]
    assert len(found) == 9
    assert policy.decide(packs.grown(packs.ready_made(clean(), bundled().pack), 3)).sendable


def test_every_form_of_ours_gives_the_same_answer_and_can_be_timed() -> None:
    context = decided.three_findings()
    first, every = by_hand(context)
    forms = [every, compiled(bundled(), context), unvalidated(bundled(), context), interpreted(bundled(), context)]
    assert len({form.answer() for form in forms}) == 1
    assert {one for one, _ in first.answer()} < {one for one, _ in every.answer()}
    times = measure.best_times({form.name: form for form in forms}, 1)
    assert all(time > 0 for time in times.values())


def test_a_package_that_is_missing_is_an_error_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cedarpy", None)
    with pytest.raises(MissingPeerError, match=r'^cedarpy .* pip install -e "\.\[bench\]"$'):
        module("cedarpy")


def test_nothing_is_left_behind_by_what_keeps_nothing() -> None:
    traced, _ = measure.memory_left(lambda index: [index], 100)
    assert traced < 1_000


@pytest.mark.parametrize("markdown", [False, True])
def test_the_tables_are_written(markdown: bool) -> None:
    text = figures.report(FAKE, markdown=markdown)
    rows = [line.strip("| ").split() for line in text.splitlines()]
    assert "Machine: a machine." in text
    assert any(row[:3] == ["sendable,", "compiled", "|" if markdown else "2.00"] for row in rows)
    assert text.count("yes") + text.count(" no ") + text.count(" no\n") >= 8
    assert ("|---" in text or "|:--" in text) is markdown


def _row(name: str, time: float, peer: str | None = None) -> Row:
    return Row(name, {context: {"form": time, "slow": 2 * time} for context in ("clean", "three", "half")}, peer)


OURS = (_row(figures.COMPILED, 2_000), _row(figures.UNVALIDATED, 1_500), _row(figures.INTERPRETED, 90_000))
FAKE = Figures(
    machine="a machine",
    versions="a peer 1.0",
    rounds=1,
    contexts=("clean", "three", "half"),
    with_functions=(_row(figures.HAND_FIRST, 900), _row(figures.HAND_EVERY, 1_000), *OURS),
    ready_made=(
        *OURS,
        _row("simpleeval", 100_000, "simpleeval"),
        _row(f"simpleeval{figures.CONVERTED}", 90_000, "simpleeval"),
    ),
    sizes=(Size(32, 60, 0.1, 0.01, 2_000, 1_500), Size(320, 600, 1, 0.1, 20_000, 15_000)),
    internationalized=(50_000, 51_000),
    addresses=(500, 50_000),
    dry_runs={"one.yaml": 0.2},
    imports=0.1,
    memory=(1_000, 0, 4_096),
    notes={"simpleeval": "as its page says"},
)


def test_what_is_written_by_hand_for_whole_audiences_decides_alike(tmp_path: Path) -> None:
    file, output = tmp_path / "audience.parquet", tmp_path / "decisions.parquet"
    audience.write(file, 20_000)
    plain = frames.without(sendable.load(), ("valid_address", "local_part(", "domain("))
    frames.on_polars(plain, file, output)
    ours = pl.read_parquet(output).sort("id")
    assert ours["invalid"].list.len().sum() > 0
    assert set(ours["certainty"]) == {"matched", "undetermined", None}

    frames_by_hand.write_sql(frames_by_hand.sql_decisions(), file, output)
    assert pl.read_parquet(output).sort("id").equals(ours)

    valid = ours.filter(pl.col("sendable").is_not_null())
    for write in (
        partial(frames_by_hand.write_sql, frames_by_hand.sql_reason()),
        partial(frames_by_hand.write_sql, frames_by_hand.sql_reasons()),
        partial(frames_by_hand.write_polars, lists=False),
        partial(frames_by_hand.write_polars, lists=True),
    ):
        write(file, output)
        found = pl.read_parquet(output).join(valid.select("id"), on="id", how="semi").sort("id")
        assert found.equals(valid.select(found.columns))


def test_what_is_counted_by_hand_adds_up_to_the_summary(tmp_path: Path) -> None:
    file = tmp_path / "audience.parquet"
    pl.concat(audience.chunks(20_000, shares={"invalid_value": 0})).write_parquet(file)
    plain = frames.without(sendable.load(), ("valid_address", "local_part(", "domain("))
    summary = frames.counted_on_polars(plain, file)
    assert frames.counted_on_duckdb(plain, file) == summary
    by_hand = frames_by_hand.count_polars(file)
    assert frames_by_hand.count_sql(file) == by_hand
    assert by_hand.pop(None) == summary.sendable
    assert sum(by_hand.values()) == summary.suppressed + summary.undetermined
    known = {one.reason: one.primary for one in summary.reasons if one.primary}
    assert all(by_hand[one] >= count for one, count in known.items())


@pytest.mark.parametrize("form", lists.FORMS)
def test_of_lists_from_files_every_figure_is_measured(form: str) -> None:
    figures = lists.measured(form, 12_000)
    assert len(figures) == 7
    assert all(figure > 0 for place, figure in enumerate(figures) if place != 1)  # memory may have been there before
