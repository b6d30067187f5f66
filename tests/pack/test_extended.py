"""The pack `extended`: its reasons are what they are to be, and the tests and examples that come with it hold.

The texts of the examples stand in `tests/cases/extended/`; `pytest --regenerate` writes them anew.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

import sendable
from sendable.lints.run import lint_pack
from sendable.pack.resources import bundled_path, pack_named
from sendable.render.terminal import tests as rendered
from sendable.testing.coverage import measure
from sendable.testing.reader import load_suites
from sendable.testing.run import run_suites
from tests.support.packs import bundled, read

HOME = bundled_path("policies") / "extended"
EXAMPLES = sorted(HOME.glob("examples/*.yaml"))
EXPECTED = Path(__file__).parent.parent / "cases" / "extended"
CLEAN = {"clean-marketing": "marketing", "clean-one-to-one": "one_to_one", "clean-transactional": "transactional"}

REASONS = {
    "outside_send_window": ("M", "ignore", False, "later", "nobody"),
    "repeated_soft_bounces": ("MO", "ignore", False, "later", "nobody"),
    "complaint_rate_exceeded": ("M", "ignore", False, "after_fix", "admin"),
    "bounce_rate_exceeded": ("M", "ignore", False, "after_fix", "admin"),
    "no_one_click_unsubscribe": ("M", "ignore", False, "after_fix", "user"),
    "sender_not_aligned": ("MOT", "ignore", False, "after_fix", "admin"),
    "opted_out_of_brand": ("M", "suppress", True, "after_fix", "contact"),
    "unconfirmed_for_type": ("M", "suppress", True, "after_fix", "contact"),
    "soft_opt_in_not_met": ("M", "suppress", True, "after_fix", "user"),
    "erased": ("MOT", "suppress", True, "never", "nobody"),
    "processing_restricted": ("MO", "suppress", True, "after_fix", "contact"),
    "duplicate_in_send": ("M", "ignore", False, "never", "nobody"),
    "expired": ("MOT", "ignore", False, "never", "user"),
    "not_on_staging_list": ("MOT", "ignore", False, "after_fix", "user"),
}
"""By id: first letters of the kinds of email, `on_unknown`, `floor`, `retry`, `fixable_by`."""


@cache
def extended() -> sendable.Policy:
    return sendable.load(HOME)


def test_it_is_chosen_by_name_and_has_the_bundled_packs_reasons_and_its_own() -> None:
    assert pack_named("extended") == HOME
    own = {reason.id: reason for reason in extended().reasons}
    for reason in bundled().reasons:
        assert own.pop(reason.id).priority == reason.priority
    assert {
        name: (
            "".join(letter for letter in "MOT" if letter.lower() in {channel.value[0] for channel in one.channels}),
            one.on_unknown.value,
            one.floor,
            one.retry.value,
            one.fixable_by.value,
        )
        for name, one in own.items()
    } == REASONS


def test_nothing_is_wrong_with_it() -> None:
    assert lint_pack(HOME)[1] == ()


def test_its_cases_hold_and_see_every_outcome_that_can_come_about() -> None:
    suites, found = load_suites(HOME / "tests", extended().pack, HOME)
    assert found == ()
    run = run_suites(extended(), suites)
    assert [result.case.name for result in run.results if result.mismatches] == []
    assert [rendered.outcome_as_text(one) for one in measure(extended().pack, run).never_seen] == []


def test_there_is_an_example_of_each_of_its_reasons_and_a_clean_one_of_every_channel() -> None:
    assert {path.stem for path in EXAMPLES} == set(REASONS) | set(CLEAN)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_the_outcome_its_name_says_and_nothing_undeclared(path: Path) -> None:
    context = read(path)
    assert list(extended().undeclared(context)) == []
    decision = extended().decide(context)
    found = [(finding.id, finding.certainty.value) for finding in decision.reasons]
    assert found == ([] if path.stem in CLEAN else [(path.stem, "matched")])
    assert context["email"]["channel"] == CLEAN.get(path.stem, context["email"]["channel"])


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem not in CLEAN], ids=lambda path: path.stem)
def test_an_example_is_told_and_explained_in_both_languages_as_it_was_read(path: Path, regenerate: bool) -> None:
    context = read(path)
    told = [extended().decide(context).to_dict(locale)["reason"] for locale in ("en", "sv")]
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    file = EXPECTED / f"{path.stem}.json"
    if regenerate:
        EXPECTED.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["outside_send_window", "repeated_soft_bounces"])
def test_what_passes_by_itself_is_waited_for(name: str) -> None:
    """No other time zone is proposed, nor another past."""
    explanation = extended().explain(read(HOME / "examples" / f"{name}.yaml"))
    assert explanation.clears_at is not None
    assert explanation.remedies == ()


@pytest.mark.parametrize("name", ["erased", "processing_restricted", "unconfirmed_for_type", "soft_opt_in_not_met"])
def test_no_setting_of_the_account_is_proposed_to_lift_what_the_law_forbids(name: str) -> None:
    explanation = extended().explain(read(HOME / "examples" / f"{name}.yaml"))
    steps = {step.path for remedy in explanation.remedies for step in remedy.steps}
    assert steps
    assert not any(path.startswith("account.") for path in steps)
