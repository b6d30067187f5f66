"""Columns that are not used: which are the address by another name, which may not be passed over, and what is told."""

from __future__ import annotations

import json
import pickle
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import sendable
from sendable import cli
from sendable.audience.frame import FrameError
from sendable.audience.question import Option
from sendable.audience.summary import Review
from sendable.diagnostics.record import PolicyError
from sendable.pack.columns import folded, words
from sendable.pack.loader import bundled_columns
from sendable.render.pages.audience_page import audience_page
from tests.support.audiences import summary
from tests.support.packs import bundled

CAMPAIGN: dict[str, Any] = {"email": {"channel": "transactional"}, "account": {"status": "active"}}
BASE = Path(__file__).parent.parent / "cases" / "base"

TELLING = {
    "opt-outs": (
        *("opted_out", "opt_out", "OPT_OUT", "Opt-out date", "optOut", "optout", "has_opted_out_of_email"),
        *("HasOptedOutOfEmail", "contact.opted_out", "Unsubscribed", "UNSUB_TIME", "is_subscribed", "Email status"),
        *("email_subscribe", "Newsletter", "Email Confirmation Status", "hs_emailconfirmationstatus", "receives_email"),
        *("canReceiveEmailMarketing", "Inga nyhetsbrev", "Nej till utskick", "Motsatt sig"),
        *("Avregistrerad", "nyhetsbrev_avregistrerad", "avböjt", "AVBOJT", "Avböjt", "Tackat nej", "Ej reklam"),
    ),
    "bounces": (
        *("bounced", "hard bounce", "HardBounce", "hardbounced", "email_bounced_at", "Bounce reason", "bounces"),
        *("Bad address", "email_valid", "Ogiltig e-post", "Felaktig adress", "deliverability"),
        *("studs", "Studsar", "mejlstuds", "Undeliverable", "obeställbar"),
    ),
    "complaints": ("spam", "spam_report", "lastspam", "complaint", "Complaints", "abuse_report", "klagomål", "FBL"),
    "consent": (
        *("Marketing consent", "gdpr", "GDPR-consent", "samtycke", "epostsamtycke", "Double opt-in", "optin"),
        *("Allow Email", "ok_to_email", "Marketing contact status"),
        *("Får kontaktas", "Tillåter e-post"),
    ),
    "suppression": (
        *("suppressed", "Suppression", "do_not_contact", "doNotContact", "Do not email", "DNC", "blocked"),
        *(
            "donotbulkemail",
            "Do not allow Bulk Emails",
            "CLEAN_TIME",
            "ShouldForget",
            "deleted_at",
            "_fivetran_deleted",
        ),
        *("Exclude from mailing", "Avliden", "Borttagen", "Utskicksspärr", "Spärrkod", "Begränsad behandling"),
        *("blacklisted", "block-list", "spärrad", "Spärrlista", "sparrad", "kontakta ej"),
    ),
}
ALONE = {
    "opt-outs": ("status", "Status", "STATUS", "subscriptions", "Aktiv", "Reklam"),
    "bounces": ("valid", "Ogiltig", "Retur"),
    "complaints": ("reported",),
    "consent": ("Email marketing", "E-postmarknadsföring", "Marknadsföring", "DOI"),
    "suppression": ("block", "frozen"),
}
HARMLESS = (
    *("id", "name", "first_name", "Namn", "country", "score", "company", "spamfree_region", "bounce_house_rental"),
    *("sparrow", "blocket_id", "mailbox", "nixon", "complexity", "option", "optical", "subtotal", "", "-", "🎈"),
    *(
        "Lead Status",
        "Order status",
        "State",
        "City",
        "Phone Number",
        "Last email sent date",
        "Email opens",
        "Valid from",
    ),
    *(
        "Permission set",
        "Delivery date",
        "Subscription plan",
        "Senaste utskick",
        "Reklamationer",
        "Sparris",
        "Kundklass",
    ),
)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in TELLING.items() for name in names])
def test_a_name_tells_of_what_must_not_be_passed_over(kind: str, name: str) -> None:
    assert bundled_columns().tells_of(name) == kind


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in ALONE.items() for name in names])
def test_some_names_tell_it_where_nothing_else_stands_in_them(kind: str, name: str) -> None:
    assert bundled_columns().tells_of(name) == kind
    assert bundled_columns().tells_of(f"contact.{name}") == kind
    assert bundled_columns().tells_of(f"Region {name}") is None


@pytest.mark.parametrize("name", HARMLESS)
def test_other_names_tell_nothing(name: str) -> None:
    assert bundled_columns().tells_of(name) is None


@given(st.text(max_size=30), st.sampled_from([name for names in TELLING.values() for name in names]))
def test_words_before_and_behind_change_nothing(other: str, name: str) -> None:
    assert bundled_columns().tells_of(f"{name} {other}") is not None or "house" in other
    assert bundled_columns().tells_of(f"{other} {name}") is not None
    assert folded(" ".join(words(other))) == folded(other)


@pytest.mark.parametrize(
    "name",
    [
        *("Email", "EMAIL", "E-post", "e_post", "EPOST", "Email Address", "EmailAddress", "e-mail", "E-postadress"),
        *("email_address", "E-Mail Address", "Mejl", "mejladress", "contact_email"),
    ],
)
def test_the_address_is_known_by_other_names(name: str) -> None:
    frame = pl.DataFrame({"id": ["1", "2"], name: ["kim@example.com", None]})
    found = bundled().decide_frame(frame, campaign=CAMPAIGN)
    assert found["sendable"].to_list() == [True, None]
    inside = frame.select("id", contact=pl.struct(name))
    assert bundled().decide_frame(inside, campaign=CAMPAIGN)["sendable"].to_list() == [True, None]


def problems(frame: Any, **options: Any) -> tuple[str, ...]:
    """What is wrong with the frame, which decisions, summaries and reviews say alike."""
    told = []
    for asked in (bundled().decide_frame, bundled().summarize_frame, bundled().review_frame):
        with pytest.raises(FrameError) as raised:
            asked(frame, campaign=CAMPAIGN, **options)
        told.append(raised.value.problems)
    assert told[0] == told[1] == told[2]
    return told[0]


def refused(column: str, kind: str) -> str:
    return (
        f"`{column}` tells of {kind} by its name, and nothing is decided by it; "
        "name the path that it is in `columns`, or give it up in `ignore`"
    )


def test_what_tells_of_an_opt_out_and_is_not_used_is_refused() -> None:
    names = ("opted_out", "bounced", "spam", "opt_out", "do_not_contact", "suppressed")
    kinds = ("opt-outs", "bounces", "complaints", "opt-outs", "suppression", "suppression")
    frame = pl.DataFrame({"id": ["1"], "email": ["kim@example.com"], **{name: [True] for name in names}})
    expected = tuple(map(refused, names, kinds))
    assert problems(frame) == expected
    assert problems(frame.with_columns(pl.lit(None).alias(name) for name in names)) == expected
    with duckdb.connect() as connection:
        assert problems(connection.from_arrow(frame.to_arrow())) == expected
    columns = {"opted_out": "contact.unsubscribed_all", "spam": "contact.marked_as_spam", "opt_out": None}
    given_up = ["bounced", "do_not_contact", "suppressed"]
    found = bundled().summarize_frame(frame, campaign=CAMPAIGN, columns=columns, ignore=given_up)
    assert (found.unused_columns, sorted(found.ignored_columns)) == ((), sorted([*given_up, "opt_out"]))


def test_fields_of_structs_are_columns_too() -> None:
    contact = pl.struct(
        pl.lit("kim@example.com").alias("email"), pl.lit(True).alias("opted_out"), pl.lit("Kim").alias("name")
    )
    more = pl.struct(pl.struct(pl.lit(1).alias("size"), pl.lit(True).alias("Spam")).alias("deep"))
    listed = pl.concat_list(pl.struct(pl.lit("x").alias("consent")))
    frame = pl.DataFrame({"id": ["1"]}).with_columns(contact=contact, more=more, listed=listed)
    expected = (
        refused("contact.opted_out", "opt-outs"),
        refused("more.deep.Spam", "complaints"),
        refused("listed.consent", "consent"),
    )
    assert problems(frame) == expected
    with duckdb.connect() as connection:
        assert problems(connection.from_arrow(frame.to_arrow())) == expected
    given_up = ["contact.opted_out", "more", "listed.consent"]
    found = bundled().review_frame(frame, campaign=CAMPAIGN, ignore=given_up)
    assert found.unused_columns == ("contact.name",)
    assert found.ignored_columns == tuple(given_up)
    used = {"more.deep.Spam": "contact.marked_as_spam", "contact.opted_out": "contact.unsubscribed_all"}
    decided = bundled().decide_frame(
        frame, campaign={**CAMPAIGN, "email": {"channel": "one_to_one"}}, columns=used, ignore="listed"
    )
    assert {"marked_as_spam"} <= set(decided["reasons"].to_list()[0])


def test_a_key_that_tells_of_an_opt_out_is_refused_too() -> None:
    frame = pl.DataFrame({"opted_out": ["1"], "email": ["kim@example.com"]})
    assert problems(frame, keys="opted_out") == (refused("opted_out", "opt-outs"),)


def test_a_field_in_another_spelling_is_suggested() -> None:
    frame = pl.DataFrame({"id": ["1"], "email": ["kim@example.com"], "Unsubscribed_All": [True]})
    (told,) = problems(frame)
    assert told.endswith("did you mean `unsubscribed_all`?")
    assert bundled().review_frame(frame, campaign=CAMPAIGN, ignore=["Unsubscribed_All"]).unused_columns == ()


def test_two_columns_that_could_be_the_address_are_both_named() -> None:
    frame = pl.DataFrame({"id": ["1"], "E-post": ["kim@example.com"], "Email Address": ["robin@example.com"]})
    (told,) = problems(frame)
    assert told == "`Email Address` and `E-post` are both `contact.email`; give one of the two up in `ignore`"
    found = bundled().review_frame(frame, campaign=CAMPAIGN, ignore=["E-post"])
    assert (found.unused_columns, found.ignored_columns) == ((), ("E-post",))


def test_what_is_ignored_has_to_be_there_and_can_be_nothing_else() -> None:
    frame = pl.DataFrame({"id": ["1"], "email": ["kim@example.com"], "optin": [True]})
    assert problems(frame, ignore=["opt_in"]) == (
        "`ignore` names `opt_in`, which is no column; did you mean `optin`?",
        refused("optin", "consent"),
    )
    assert problems(frame, ignore="optin", columns={"optin": "contact.double_opt_in_confirmed"}) == (
        "`optin` is to be `contact.double_opt_in_confirmed`, and to be ignored: only one can be right",
    )


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.sendable, ["audience", *map(str, arguments)])


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("output", [False, True])
def test_every_summary_names_the_columns_that_were_not_used(engine: str, output: bool, tmp_path: Path) -> None:
    file, letter = tmp_path / "contacts.csv", tmp_path / "campaign.json"
    file.write_text("id,E-post,Namn,gdpr,Stad\n1,kim@example.com,Kim,ja,Ystad\n", encoding="utf-8")
    letter.write_text(json.dumps(CAMPAIGN))
    more = ["-o", tmp_path / "decisions.csv"] if output else []
    arguments = [file, "--campaign", letter, "--engine", engine, *more]
    result = run(*arguments)
    assert result.exit_code == 2
    told = refused("gdpr", "consent").replace("in `columns`", "with --column").replace("in `ignore`", "with --ignore")
    assert f"error: {told}\n" in result.stderr
    assert "--ignore COLUMN" in result.stderr
    assert not (tmp_path / "decisions.csv").exists()
    result = run(*arguments, "--ignore", "gdpr", "--format", "json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["unused_columns"], told["ignored_columns"]) == (["Namn", "Stad"], ["gdpr"])


def test_the_summary_says_it_in_both_languages(tmp_path: Path) -> None:
    file, letter = tmp_path / "contacts.csv", tmp_path / "campaign.json"
    file.write_text("id,email,name,gdpr\n1,kim@example.com,Kim,ja\n", encoding="utf-8")
    letter.write_text(json.dumps(CAMPAIGN))
    for locale, said in (
        ("en", ["columns that were not used: name", "columns that were ignored, as asked for: gdpr"]),
        ("sv", ["kolumner som inte användes: name", "kolumner som valdes bort: gdpr"]),
    ):
        result = run(file, "--campaign", letter, "--ignore", "gdpr", "--locale", locale)
        assert [line for line in result.stdout.splitlines() if "kol" in line or "col" in line] == said


@pytest.mark.parametrize(("locale", "none"), [("en", "Every column was used."), ("sv", "Alla kolumner användes.")])
def test_the_page_names_the_columns_that_were_not_used(locale: str, none: str) -> None:
    assert none in audience_page(summary(), bundled(), {}, locale)
    page = audience_page(Review(("<name>",), ("gdpr",)).added_to(summary()), bundled(), {}, locale)
    assert none not in page
    assert "<code>&lt;name&gt;</code>" in page
    assert "<code>gdpr</code>" in page


def with_columns(pack: Path, text: str | None) -> Path:
    shutil.copytree(BASE, pack)
    if text is not None:
        (pack / "intake").mkdir()
        (pack / "intake" / "columns.yaml").write_text(text, encoding="utf-8")
    return pack


OWN = """\
fields:
  contact.email: [adresse]
  contact.marked_as_spam: [plainte]
telling:
  opt_outs: [désabonn*]
  bounces: [rebond]
  complaints: [indésirable]
  consent: [consentement]
  suppression: [bloqué]
"""


def test_a_pack_says_itself_what_columns_are_called(tmp_path: Path) -> None:
    policy = pickle.loads(pickle.dumps(sendable.load(with_columns(tmp_path / "own", OWN))))
    frame = pl.DataFrame({"id": ["1"], "Adresse": ["kim@example.com"], "PLAINTE": [True], "spam": [True]})
    campaign = {"email": {"channel": "marketing"}}
    assert policy.decide_frame(frame, campaign=campaign)["reasons"].to_list() == [["marked_as_spam"]]
    assert policy.review_frame(frame, campaign=campaign).unused_columns == ("spam",)
    with pytest.raises(FrameError, match="`Désabonnée` tells of opt-outs"):
        policy.review_frame(frame.with_columns(pl.lit(1).alias("Désabonnée")), campaign=campaign)
    bundled_names = sendable.load(with_columns(tmp_path / "without", None))
    with pytest.raises(FrameError, match="`spam` tells of complaints"):
        bundled_names.review_frame(frame.rename({"Adresse": "email"}), campaign=campaign)


@pytest.mark.parametrize(
    "text", ["", "fields: [", "- 1\n", "fields: 1\ntelling: 2\n", OWN.replace("rebond", "*"), "\0"]
)
def test_a_broken_file_is_told_with_its_place(text: str, tmp_path: Path) -> None:
    pack = with_columns(tmp_path / "pack", text)
    with pytest.raises(PolicyError) as raised:
        sendable.load(pack)
    assert {one.span.file for one in raised.value.diagnostics} == {str(pack / "intake" / "columns.yaml")}


def test_a_link_that_leads_nowhere_is_no_absent_file(tmp_path: Path) -> None:
    pack = with_columns(tmp_path / "pack", OWN)
    (pack / "intake" / "columns.yaml").unlink()
    (pack / "intake" / "columns.yaml").symlink_to(tmp_path / "nowhere.yaml")
    with pytest.raises(PolicyError, match=r"columns\.yaml"):
        sendable.load(pack)


def test_the_command_speaks_of_its_own_options(tmp_path: Path) -> None:
    """And the library of arguments: what it says has a name for each of them."""
    file, letter = tmp_path / "contacts.parquet", tmp_path / "campaign.json"
    letter.write_text(json.dumps(CAMPAIGN))
    noon = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - that is what is refused
    pl.DataFrame({"hard_bounce": [1], "gdpr": ["ja"], "cap_recovers_at": [noon]}).write_parquet(file)
    result = run(file, "--campaign", letter, "--column", "x=contact.id", "--ignore", "y", "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    told = [line.removeprefix("error: ") for line in result.stderr.splitlines()]
    wanted = [
        "--column names `x`",
        "--ignore names `y`",
        "name the path that it is with --column, or nothing after =; did you mean `hard_bounces`?",
        "name the path that it is with --column, or give it up with --ignore",
        "name the time zone whose clocks show them with --time-zone",
        "name one or more with --key",
        "name it with --column",
    ]
    assert [one for one, line in zip(wanted, told, strict=False) if one in line] == wanted
    with pytest.raises(FrameError) as caught:
        bundled().decide_frame(pl.read_parquet(file), campaign=CAMPAIGN, columns={"x": "contact.id", "y": None})
    assert len(caught.value.problems) == 7
    assert all(str(one.value) in str(caught.value) for one in Option)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.problems) == (str(caught.value), caught.value.problems)
