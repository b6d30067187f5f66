"""Each example of the bundled pack has the outcome its name says, and its texts are those somebody has read.

The texts stand in `tests/cases/examples/`; `pytest --regenerate` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sendable.pack.resources import schema_path
from tests.support.packs import EXAMPLES, bundled, read

EXPECTED = Path(__file__).parent.parent / "cases" / "examples"
CLEAN = {"clean-marketing": "marketing", "clean-one-to-one": "one_to_one", "clean-transactional": "transactional"}


def test_there_is_an_example_of_every_reason_and_a_clean_one_of_every_channel() -> None:
    assert {path.stem for path in EXAMPLES} == {reason.id for reason in bundled().reasons} | set(CLEAN)
    assert len(bundled().reasons) == 32


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_has_the_outcome_its_name_says(path: Path) -> None:
    context = read(path)
    decision = bundled().decide(context)
    assert list(bundled().undeclared(context)) == []
    if path.stem in CLEAN:
        assert decision.sendable
        assert decision.reasons == ()
        assert context["email"]["channel"] == CLEAN[path.stem]
    else:
        assert decision.reason is not None
        assert (decision.reason.id, decision.reason.certainty) == (path.stem, "matched")
        assert all(finding.certainty == "matched" for finding in decision.reasons)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_is_told_in_both_languages_as_it_was_read(path: Path, regenerate: bool) -> None:
    decision = bundled().decide(read(path))
    found = {locale: decision.to_dict(locale) for locale in ("en", "sv")}
    for told in found.values():
        assert told["policy"].pop("version") == bundled().version
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    file = EXPECTED / f"{path.stem}.json"
    if regenerate:
        EXPECTED.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_context_and_decision_are_valid_against_their_schemas(path: Path) -> None:
    context = read(path)
    for name, document in (("context", context), ("decision", bundled().decide(context).to_dict("sv"))):
        schema = json.loads(schema_path(name).read_text(encoding="utf-8"))
        assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
