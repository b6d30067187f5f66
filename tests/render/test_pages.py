"""The pages stand alone, can be read by everybody, and let nothing in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import sendable
from sendable.cli import sendable as commands
from sendable.language.parser import unparse
from sendable.pack.model import Localized, Mode
from sendable.pack.resources import bundled_path
from sendable.render.pages.explain_page import explanation_page
from sendable.render.pages.markup import Markup, join, tag, text
from sendable.render.pages.page import STYLE
from sendable.render.pages.reference_page import reference_markdown, reference_page
from sendable.render.words.forms import State
from sendable.render.words.languages import words_for
from tests.support.environment import ENVIRONMENT
from tests.support.packs import EXAMPLES, bundled, context, pack, read
from tests.support.pages import (
    EXPLAINED,
    SPARSE,
    Page,
    coverage,
    explanation,
    hostile_context,
    hostile_policy,
    reference,
)

PAGES = {
    **{f"{name}-{locale}": (explanation, (name, locale)) for name in EXPLAINED for locale in ("en", "sv")},
    "reference-en": (reference, ("en", "sv")),
    "reference-sv": (reference, ("sv", "en")),
    "coverage-en": (coverage, ()),
}


def made(name: str) -> str:
    function, arguments = PAGES[name]
    found = function(*arguments)
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_and_needs_nothing_else(name: str) -> None:
    written = made(name)
    page = Page(written)
    assert page.open == []
    assert written.startswith("<!DOCTYPE html>\n<html lang=")
    assert page.languages[0] == name[-2:]
    assert len(page.ids) == len(set(page.ids))
    assert set(page.refers) <= set(page.ids)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert all(page.tags.count(landmark) == 1 for landmark in ("main", "header", "title"))
    assert not page.attributes & {"src", "style", "srcset", "action", "onclick"}
    assert not any(attribute.startswith("on") for attribute in page.attributes)
    assert not set(page.tags) & {"img", "link", "iframe", "object", "embed", "base", "script"} - (
        {"script"} if name.startswith("reference") else set()
    )
    assert "//" not in re.sub(r"<script>.*?</script>", "", written, flags=re.DOTALL)
    assert page.meta["viewport"] == "width=device-width, initial-scale=1"


@pytest.mark.parametrize("name", ["frequency_capped-en", "reference-en", "coverage-en"])
def test_only_what_the_page_brings_itself_is_let_in(name: str) -> None:
    written = made(name)
    policy = dict(part.strip().split(" ", 1) for part in Page(written).meta["Content-Security-Policy"].split(";"))
    inside = re.findall(r"<(style|script)>(.*?)</\1>", written, flags=re.DOTALL)
    digests = {kind: f"'sha256-{b64encode(sha256(one.encode()).digest()).decode()}'" for kind, one in inside}
    wanted = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    assert policy == {**wanted, **{f"{kind}-src": digest for kind, digest in digests.items()}}
    assert written.index("Content-Security-Policy") < written.index("<style>")
    assert dict(inside)["style"] == STYLE


@pytest.mark.parametrize("name", EXPLAINED)
def test_the_page_says_what_the_decision_says(name: str) -> None:
    context = SPARSE if name == "sparse" else hostile_context() if name == "hostile" else None
    policy = hostile_policy() if name == "hostile" else bundled()
    found = policy.explain(context or read(next(path for path in EXAMPLES if path.stem == name)))
    for locale in ("en", "sv"):
        words, page = words_for(locale).explanation_page, Page(explanation(name, locale))
        shown = page.shown
        considered = sum(trace.considered for trace in found.traces)
        stops = len(re.findall(r'<li class="stop ', page.text))
        assert stops == considered + 2
        assert (words.sendable in shown) == found.decision.sendable
        assert (words.not_reached in shown) == (not found.decision.sendable)
        assert ("clear" in page.ids) == (not found.decision.sendable)
        assert ("missing" in page.ids) == bool(found.settlings)
        if not found.decision.sendable:
            assert (words.never in shown) + (words.some_day in shown) == (found.clears_at is None)
        assert ("still" in page.ids) == (bool(found.still) or len(found.decision.reasons) > 1)
        if name != "hostile":
            titles = {reason.id: reason.title[locale] for reason in policy.reasons}
            told = unescape(page.text).partition('id="still"')[2].partition("</section>")[0]
            assert all(titles[reason] in told for reason in found.still)
        for finding in (*found.decision.reasons, *found.decision.monitored):
            assert f"reason-{finding.id}" in page.ids
            if name != "hostile":
                assert " ".join(finding.message(locale).split()) in shown
                assert " ".join(finding.fix(locale).split()) in shown
        for remedy in found.remedies:
            for change in remedy.steps:
                assert words_for(locale).actor(change.by) in shown
                assert change.path in shown


def test_every_state_has_a_word() -> None:
    pack = bundled().pack
    watched = {"marked_as_spam", "unsubscribed_from_all"}
    reasons = tuple(
        replace(reason, mode=Mode.MONITOR, floor=False) if reason.id in watched else reason for reason in pack.reasons
    )
    policy = sendable.Policy(replace(pack, reasons=reasons))
    for locale in ("en", "sv"):
        words = words_for(locale).explanation_page
        unsure = Page(explanation_page(policy.explain(SPARSE), locale)).shown
        for word in (words.monitored, words.monitored_undetermined, words.undetermined_decides, words.undetermined_too):
            assert word in unsure
        assert words.undetermined in unsure
        sure = Page(explanation("frequency_capped", locale)).shown
        for word in (words.decides, words.passed, words.unknown_passes, words.suppressed):
            assert word in sure
        several = bundled().explain({**SPARSE, "contact": {**SPARSE["contact"], "unsubscribed_all": True}})
        assert words.applies_too in Page(explanation_page(several, locale)).shown


def test_what_nobody_can_change_and_what_no_value_settles_is_said(tmp_path: Path) -> None:
    words = words_for("en").explanation_page
    policy = pack(
        tmp_path,
        {"when": "email.channel == 'marketing'"},
        {"when": "contact.sends_since_engagement / 0 > 1", "on_unknown": "suppress"},
        {"when": "contact.spam_trap", "more": "\n    mode: monitor"},
    )
    explained = policy.explain(context(spam_trap=True))
    assert explained.remedies == ()
    page = Page(explanation_page(explained))
    assert words.no_way in page.shown
    assert words.monitored in page.shown
    assert ("missing" in page.ids) == ("r1" in explained.settlings)
    assert not any(explained.settlings.values())
    assert words_for("en").label(State.MONITORED) in Page(reference_page(policy)).shown
    assert words_for("en").label(State.MONITORED) in reference_markdown(policy)


def test_what_means_harm_is_only_shown() -> None:
    for written in (explanation("hostile", "en"), reference_page(hostile_policy())):
        page = Page(written)
        assert "\u202e" not in written
        assert "\x00" not in written
        assert "img" not in page.tags
        assert '"><script>alert(1)</script><img src=x onerror=alert(2)>' in page.shown
        written.encode()
    assert len(explanation("hostile", "en")) < 200_000


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_text_stays_text(content: str, value: str) -> None:
    made = tag("p", content, title=value, hidden=False, lang=None)
    assert made.count("<") == made.count(">") == 2
    assert made.count('"') == 2
    made.encode()
    assert join(made, by="<") == made == text(made)
    assert join(content, Markup("<br>"), by="\n") == f"{text(content)}\n<br>"


def test_a_pack_makes_the_same_pages_wherever_it_is(tmp_path: Path) -> None:
    script = (
        "import json, sys, sendable\n"
        "from sendable.render.pages.explain_page import explanation_page\n"
        "from sendable.render.pages.reference_page import reference_markdown, reference_page\n"
        "policy = sendable.load(sys.argv[1])\n"
        "context = json.load(sys.stdin)\n"
        "print(explanation_page(policy.explain(context), 'sv'), reference_page(policy), reference_markdown(policy))\n"
    )
    found = set()
    for seed, place in (("1", tmp_path / "here" / "policies"), ("2", tmp_path / "farther" / "off" / "policies")):
        shutil.copytree(bundled_path("policies"), place)
        environment = {**ENVIRONMENT, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-c", script, str(place)]
        found.add(subprocess.check_output(command, input=json.dumps(SPARSE).encode(), env=environment))
    assert len(found) == 1


# -- the reference


@pytest.mark.parametrize("locales", [("en", "sv"), ("sv", "en"), ("sv",)])
def test_the_reference_has_all_that_a_reason_says(locales: tuple[str, ...]) -> None:
    page = Page(reference(*locales))
    for written in (page.shown, " ".join(reference_markdown(bundled(), locales).split())):
        for reason in bundled().reasons:
            assert reason.id in written
            assert " ".join(unparse(reason.when.node).split()) in written
            assert all(code in written for code in reason.codes.values() if "_" not in code)
            assert all(reason.title[locale] in written for locale in locales)
        assert ("Svenska" in written) == ("sv" in locales)
        assert ("English" in written) == ("en" in locales)
    assert {f"reason-{reason.id}" for reason in bundled().reasons} <= set(page.refers)
    assert page.tags.count("article") == 32
    assert len(re.findall(r"<form [^>]* hidden[ >]", page.text)) == 1


def test_the_markdown_table_leads_to_the_sections() -> None:
    lines = reference_markdown(hostile_policy()).splitlines()
    assert [line for line in lines if line.startswith("## ")] == [f"## `{one.id}`" for one in bundled().reasons]
    links = re.findall(r"\(#(\w+)\)", "\n".join(lines))
    assert links == [one.id for one in bundled().reasons]
    table = [len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("|")]
    assert set(table) == {11, 4}
    assert "<script" not in "\n".join(line.replace("\\<", "") for line in lines if "`" not in line)


def test_the_reference_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(commands, ["reasons", *map(str, arguments)])

    for output_format in ("text", "md", "html", "json"):
        file = tmp_path / f"reasons.{output_format}"
        assert run("--format", output_format, "--output", file).output == ""
        told = run("--format", output_format).output
        assert file.read_text(encoding="utf-8") == told
        assert told.endswith("\n")
        assert output_format == "text" or not told.endswith("\n\n")
    assert (tmp_path / "reasons.html").read_text(encoding="utf-8") == reference()
    assert '<html lang="sv">' in run("--format", "html", "--locale", "sv-FI").output
    failed = run("--format", "html", "--output", tmp_path / "nowhere" / "reasons.html")
    assert failed.exit_code == 2
    assert "can't be written" in failed.output
    assert len(list(tmp_path.iterdir())) == 4


def test_a_language_without_words_of_its_own_is_told_apart() -> None:
    pack = bundled().pack
    reasons = tuple(
        replace(
            reason,
            title={"de": "Grund"},
            message=Localized({"de": reason.message.texts["en"]}),
            fix=Localized({"de": reason.fix.texts["en"]}),
            undetermined=None,
        )
        for reason in pack.reasons
    )
    policy = sendable.Policy(
        replace(pack, locales=("de",), default_locale="de", reasons=reasons, words={"de": pack.words["en"]})
    )
    for written in (explanation_page(policy.explain(SPARSE), "de"), reference_page(policy)):
        assert '<html lang="en">' in written
        assert '<span lang="de">Grund</span>' in written
        assert set(Page(written).languages) == {"en", "de"}
