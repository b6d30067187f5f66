"""Coverage by outcome: what counts, what was seen, and that nothing is called impossible that can come about."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import sendable
from sendable.lints.run import lint_pack
from sendable.render.pages.coverage_page import as_html
from sendable.render.terminal import tests as rendered
from sendable.testing import coverage
from sendable.testing.coverage import Coverage, Subject, measure
from sendable.testing.equivalence import is_equivalent
from sendable.testing.mutants import Change, mutants
from sendable.testing.mutation import mutate
from sendable.testing.reader import load_suites
from sendable.testing.run import Run, run_suites
from tests.support.packs import bundled, pack
from tests.support.suites import NOW, TESTS


def covered(policy: sendable.Policy, directory: Path, cases: str) -> Coverage:
    (directory / "tests").mkdir(exist_ok=True)
    (directory / "tests" / "a.yaml").write_text(f"{NOW}cases:\n{cases}", encoding="utf-8")
    suites, found = load_suites(directory / "tests", policy.pack)
    assert found == (), [str(one) for one in found]
    return measure(policy.pack, run_suites(policy, suites))


def of(found: Coverage, *subjects: Subject) -> dict[tuple[str, str], str]:
    """What became of each outcome: `seen`, `never` or `impossible`."""
    return {
        (one.text, one.outcome): "seen" if one.seen else "never" if one.possible else "impossible"
        for one in found.outcomes
        if one.subject in subjects
    }


def case(name: str, expect: str, **contact: Any) -> str:
    patch = "".join(f", contact.{path}: {value}" for path, value in contact.items())
    context = f"email.channel: marketing, contact.email: kim@example.org{patch}"
    return f"  - {{name: {name}, patch: {{{context}}}, expect: {{{expect}}}}}\n"


# -- what is seen


def test_a_condition_and_each_operand_is_seen_true_false_and_unknown(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "contact.spam_trap or not (contact.hard_bounces > 2 and known(contact.id))"})
    found = covered(
        policy,
        tmp_path,
        case("one", "reason: r0", spam_trap="true", hard_bounces=3)
        + case("two", "sendable: true", spam_trap="false", hard_bounces=3, id="a")
        + case("three", "sendable: true", hard_bounces=3, id="b"),
    )
    whole = "contact.spam_trap or not (contact.hard_bounces > 2 and known(contact.id))"
    assert of(found, Subject.CONDITION) == {
        (whole, "true"): "seen",
        (whole, "false"): "seen",
        (whole, "unknown"): "seen",
    }
    assert of(found, Subject.OPERAND) == {
        ("contact.spam_trap", "true"): "seen",
        ("contact.spam_trap", "false"): "seen",
        ("contact.spam_trap", "unknown"): "seen",
        ("not (contact.hard_bounces > 2 and known(contact.id))", "true"): "seen",
        ("not (contact.hard_bounces > 2 and known(contact.id))", "false"): "seen",
        ("not (contact.hard_bounces > 2 and known(contact.id))", "unknown"): "never",
        ("contact.hard_bounces > 2", "true"): "seen",
        ("contact.hard_bounces > 2", "false"): "never",
        ("contact.hard_bounces > 2", "unknown"): "never",
        ("known(contact.id)", "true"): "seen",
        ("known(contact.id)", "false"): "seen",
        ("known(contact.id)", "unknown"): "impossible",
    }
    assert of(found, Subject.ORDER) == {("r0", "primary"): "seen"}


def test_layout_changes_nothing(tmp_path: Path) -> None:
    shares = []
    for number, when in enumerate(
        [
            "contact.spam_trap or contact.marked_as_spam",
            ">-\n      contact.spam_trap\n\n      or (contact.marked_as_spam)",
        ]
    ):
        directory = tmp_path / str(number)
        directory.mkdir()
        policy = pack(directory, {"when": when})
        found = covered(policy, directory, case("one", "reason: r0", spam_trap="true"))
        shares.append((found.share, [(one.subject, one.outcome, one.seen, one.possible) for one in found.outcomes]))
    assert shares[0] == shares[1]


def test_only_emails_of_the_reasons_channels_count(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"channels": "transactional", "when": "contact.spam_trap"})
    found = covered(policy, tmp_path, case("one", "sendable: true", spam_trap="true"))
    assert set(of(found, Subject.CONDITION).values()) == {"never"}


def test_a_text_is_seen_where_a_case_says_what_it_must_be(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "contact.spam_trap", "message": "Because of {contact.email}."})
    found = covered(policy, tmp_path, case("one", "reason: r0", spam_trap="true"))
    assert set(of(found, Subject.MESSAGE, Subject.FIX).values()) == {"never"}
    expect = "reason: r0, text: {en-GB: Because of kim@example.org.}"
    found = covered(policy, tmp_path, case("one", expect, spam_trap="true"))
    assert of(found, Subject.MESSAGE, Subject.FIX) == {
        ("Because of {contact.email}.", "en"): "seen",
        ("Fix it.", "en"): "never",
    }


def test_each_alternative_and_each_plural_form_is_one(tmp_path: Path) -> None:
    alternatives = (
        "[{count: contact.hard_bounces, one: 'One {contact.id}', other: '{contact.hard_bounces} {contact.id}'}, Many]"
    )
    policy = pack(
        tmp_path,
        {"when": "contact.hard_bounces > 0", "more": f"undetermined: {{en: {alternatives}}}", "on_unknown": "suppress"},
    )
    reasons = tmp_path / "reasons" / "all.yaml"
    text = reasons.read_text(encoding="utf-8").replace('message: {en: "Because."}', f"message: {{en: {alternatives}}}")
    reasons.write_text(text, encoding="utf-8")
    policy = sendable.load(tmp_path)
    found = covered(
        policy,
        tmp_path,
        case("one", "text: {en: One a}", hard_bounces=1, id="a")
        + case("two", "text: {en: 2 a}", hard_bounces=2, id="a"),
    )
    assert of(found, Subject.MESSAGE) == {
        ("One {contact.id}", "en, alternative 1, form `one`"): "seen",
        ("{contact.hard_bounces} {contact.id}", "en, alternative 1, form `other`"): "seen",
        ("Many", "en, alternative 2"): "never",
    }
    # Where it is not known how many bounces there are, they can't be counted.
    assert of(found, Subject.UNDETERMINED) == {
        ("One {contact.id}", "en, alternative 1, form `one`"): "impossible",
        ("{contact.hard_bounces} {contact.id}", "en, alternative 1, form `other`"): "impossible",
        ("Many", "en, alternative 2"): "never",
    }


# -- what can't come about


def test_what_certainly_cannot_come_about_does_not_count(tmp_path: Path) -> None:
    policy = pack(
        tmp_path,
        {"when": "contact.hard_bounces > 0"},
        {"when": "contact.hard_bounces > 5"},
        {"when": "contact.hard_bounces > 5 and valid_address(contact.email)", "channels": "marketing, transactional"},
        {"when": "contact.globally_bounced and not contact.globally_bounced"},
        {"when": "contact.spam_trap", "more": "mode: monitor"},
        {"when": "email.channel == 'transactional' or known(contact.id)"},
    )
    found = covered(policy, tmp_path, case("one", "reason: r0", hard_bounces=9))
    assert of(found, Subject.ORDER) == {
        ("r0", "primary"): "seen",
        ("r1", "primary"): "impossible",  # r0 is always before it
        ("r2", "primary"): "never",  # but not in the email of the other channel
        ("r3", "primary"): "impossible",
        ("r4", "monitored"): "never",
        ("r5", "primary"): "never",
    }
    assert (
        of(found, Subject.CONDITION)["contact.globally_bounced and not contact.globally_bounced", "true"]
        == "impossible"
    )
    assert of(found, Subject.OPERAND)['email.channel == "transactional"', "true"] == "impossible"


FLAGS = [
    f"contact.{name}"
    for name in (
        "globally_bounced", "marked_as_spam", "unsubscribed_all", "opted_out_of_platform",
        "company_opted_out", "domain_blocked", "ever_engaged", "spam_trap",
    )
]  # fmt: skip
ALL = " and ".join(FLAGS)


@pytest.mark.parametrize(
    ("when", "possible"),
    [
        ("count(contact.unsubscribed_types) < 0", False),
        ("count(contact.unsubscribed_types) < 1", True),
        (f"{ALL} and not {FLAGS[-1]}", False),
        (f"{ALL} and not {FLAGS[0]}", False),
        (f"{ALL} and not contact.double_opt_in_confirmed", True),
    ],
)
def test_lint_coverage_and_mutation_say_the_same_of_what_can_hold(when: str, possible: bool, tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": when, "on_unknown": "ignore"})
    never = [one for one in lint_pack(tmp_path)[1] if one.code in ("SND421", "SND423")]
    assert bool(never) is not possible
    outcomes = of(covered(policy, tmp_path, case("one", "sendable: true")), Subject.CONDITION, Subject.ORDER)
    expected = "never" if possible else "impossible"
    assert (outcomes[when, "true"], outcomes["r0", "primary"]) == (expected, expected)
    # What never holds may be for any channel: nobody notices.
    wider = [one for one in mutants(policy.pack) if one.change is Change.CHANNEL]
    assert {is_equivalent(policy.pack, one) for one in wider} == {not possible}


# -- the bundled pack, and reports


def measured() -> tuple[Run, Coverage]:
    suites, found = load_suites(TESTS, bundled().pack)
    assert found == ()
    run = run_suites(bundled(), suites)
    return run, measure(bundled().pack, run)


def test_the_bundled_packs_tests_see_every_outcome_that_can_come_about() -> None:
    _, found = measured()
    assert [rendered.outcome_as_text(one) for one in found.never_seen] == []
    assert found.percent == 100
    assert [(one.reason, one.outcome) for one in found.impossible] == [
        ("role_or_misspelled_address", "unknown"),
        ("role_or_misspelled_address", "unknown"),
        ("role_or_misspelled_address", "unknown"),
        ("unengaged", "en, form `one`"),
        ("unengaged", "sv, form `one`"),
        ("invalid_recipient_address", "unknown"),
        ("invalid_recipient", "unknown"),
        ("account_over_monthly_limit", "unknown"),
        ("provider_limit_reached", "unknown"),
        ("frequency_capped", "unknown"),
        ("frequency_capped", "unknown"),
        ("provider_timed_out", "unknown"),
        ("undeliverable", "unknown"),
        ("unspecified_failure", "unknown"),
    ]


def test_the_share_is_never_rounded_up_to_all() -> None:
    seen = coverage.Outcome("r", Subject.ORDER, "r", "primary", measured()[1].outcomes[0].span, True, ("x",))
    never = coverage.Outcome("r", Subject.ORDER, "r", "primary", seen.span, True, ())
    assert Coverage((*[seen] * 4000, never)).percent == 99.9


class _Page(HTMLParser):
    """Holds a page to what can be held without a browser: tags that close, headings in order, no reference outward."""

    VOID = frozenset({"meta", "br", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.tables = self.captions = self.unscoped = 0
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        assert not given.keys() & {"src", "onclick", "onload"}
        if "id" in given:
            assert given["id"] not in self.ids
            self.ids.add(given["id"] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.lang = given.get("lang") or self.lang
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.unscoped += tag == "th" and "scope" not in given
        if tag == "a":
            self.links.append(given["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_can_be_read_by_everybody(tmp_path: Path) -> None:
    policy = pack(tmp_path, {"when": "contact.locale == '<b>&\"'"}, {"when": "contact.spam_trap"})
    found = covered(policy, tmp_path, case("'<script>alert(1)</script>'", "reason: r1", spam_trap="true"))
    suites, _ = load_suites(tmp_path / "tests", policy.pack)
    text = as_html(policy.pack, run_suites(policy, suites), found, mutate(policy.pack, suites))
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert page.lang == "en"
    assert page.headings[0] == 1
    assert set(page.headings[1:]) == {2}
    assert page.tables == page.captions == 2
    assert page.unscoped == 0
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "http" not in text.replace("http-equiv", "")
    assert "never seen" in text
    assert "Changes that no test notices" in text


def test_each_case_of_a_parameter_is_to_hold_in_some_test(tmp_path: Path) -> None:
    manifest = """\
parameters:
  least:
    description: x
    type: integer
    value: 3
    cases:
      - {when: account.id == "acme", value: 5}
      - {when: account.tier == "free", value: 1}
      - {when: account.tier == "free" and account.status == "active", value: 7}
"""
    policy = pack(tmp_path, {"when": "contact.hard_bounces > params.least"}, manifest=manifest)
    account = "email.channel: marketing, contact.email: kim@example.org, account.id: acme, account.tier: free"
    found = covered(policy, tmp_path, f"  - {{name: a, patch: {{{account}}}, expect: {{sendable: true}}}}\n")
    assert of(found, Subject.CASE) == {
        ('account.id == "acme"', "true"): "seen",
        ('account.tier == "free"', "true"): "never",
        ('account.tier == "free" and account.status == "active"', "true"): "impossible",
    }
    told = list(rendered.coverage_as_text(found))
    assert told[told.index("params.least: never seen") + 1] == '  the case where `account.tier == "free"`'
