"""Explanations where a reason reads a parameter that has cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sendable.pack.resources import schema_path
from sendable.render.reports.explanations import explanation_to_dict
from sendable.render.terminal.explain import explanation_as_text
from sendable.render.terminal.text import TextStyle
from tests.support.packs import context as small_context
from tests.support.packs import pack as small_pack

_CASES = """\
parameters:
  most:
    description: x
    type: integer
    value: 11
    cases:
      - when: account.id == "acme"
        value: 20
        until: "2027-02-01T00:00:00+01:00"
        owner: deliverability
        why: they are moving their lists
"""


def test_an_explanation_says_which_case_of_a_parameter_holds(tmp_path: Path) -> None:
    policy = small_pack(tmp_path, {"when": "contact.hard_bounces >= params.most"}, manifest=_CASES)
    document = {**small_context(hard_bounces=20), "account": {"id": "acme"}}
    found = policy.explain(document)
    told = explanation_as_text(found, "here", TextStyle("en", "en", width=200))
    assert "is at least 20." in told
    assert (
        "params.most is 20 where the account's id is “acme”, until January 31, 2027 at 11:00\u202fPM UTC "
        "(owner: deliverability; why: they are moving their lists)."
    ) in told.replace("\n      ", " ")
    data = explanation_to_dict(found, "en")
    Draft202012Validator(json.loads(schema_path("explanation").read_text("utf-8"))).validate(data)
    assert data["reasons"][0]["cases"]["most"] == {
        "value": 20,
        "when": 'account.id == "acme"',
        "from": None,
        "until": "2027-01-31T23:00:00Z",
        "owner": "deliverability",
        "why": "they are moving their lists",
        "place": {"file": str(tmp_path / "policy.yaml"), "line": 10, "column": 15},
    }
    assert "at least 20" in data["reasons"][0]["because"]
    assert [step.path for remedy in found.remedies for step in remedy.steps] == ["contact.hard_bounces"]
    other = policy.explain({**document, "account": {"id": "other"}})
    assert other.traces[0].cases == {}
    assert "at least 11" in explanation_to_dict(other, "en")["reasons"][0]["because"]


_BY_CASE = """\
parameters:
  most:
    description: x
    type: integer
    value: 11
    cases:
      - when: account.double_opt_in_required
        value: 30
        owner: deliverability
        why: their contacts confirm
"""


@pytest.mark.parametrize(
    ("besides", "wanted"),
    [
        ("contact.spam_trap", [{"contact.hard_bounces", "contact.spam_trap"}]),  # nothing asks for what the case reads
        (
            "contact.spam_trap and not account.double_opt_in_required",
            [{"account.double_opt_in_required"}, {"contact.hard_bounces", "contact.spam_trap"}],
        ),
    ],
)
def test_what_a_case_reads_is_changed_where_another_reason_rests_on_it(
    besides: str, wanted: list[set[str]], tmp_path: Path
) -> None:
    reasons = [{"when": when, "fixable_by": "user"} for when in ("contact.hard_bounces >= params.most", besides)]
    policy = small_pack(tmp_path, *reasons, manifest=_BY_CASE)
    document = small_context(hard_bounces=20, spam_trap=True)
    found = policy.explain({**document, "account": {"double_opt_in_required": False}})
    assert [set(one.changes) for one in found.remedies] == wanted
    assert found.complete
