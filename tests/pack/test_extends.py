"""A pack that stands on another: all that its base has it has too, but for its changes; and floors stay floors."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sendable
from sendable.diagnostics.record import PolicyError
from sendable.lints.fixes import fixed
from sendable.lints.run import lint_pack
from sendable.pack.folder import bases_of
from sendable.pack.schemas import keys_of
from tests.support.packs import bundled


def reason(priority: int, when: str, **more: Any) -> dict[str, Any]:
    texts = {"en": f"Reason {priority} applies.", "sv": f"Skäl {priority} gäller."}
    return {
        "title": texts,
        "priority": priority,
        "channels": ["marketing"],
        "basis": "operation",
        "when": when,
        "on_unknown": "suppress",
        "retry": "never",
        "fixable_by": "nobody",
        "message": texts,
        "fix": texts,
        **more,
    }


MOST = {"description": "The most.", "type": "integer", "value": 11, "minimum": 1}
TELLING = {kind: [kind] for kind in ("opt_outs", "bounces", "complaints", "consent", "suppression")}
GROUP: dict[str, Any] = {
    "policy.yaml": {
        "name": "group",
        "locales": ["en", "sv"],
        "default_locale": "en",
        "context": ["fields.json"],
        "parameters": {"most": MOST, "floor_most": MOST},
    },
    "fields.json": {"properties": {"account": {"properties": {"brand": {"type": "string"}}}}},
    "lists/all.yaml": {
        "lists": {
            "shared": {"description": "Shared addresses.", "entries": ["info", "office"]},
            "blocked": {"description": "Blocked domains.", "entries": ["example.com"]},
            "meant": {"description": "What was meant.", "entries": {"gmial.com": "gmail.com"}},
        }
    },
    "reasons/all.yaml": {
        "reasons": {
            "blocked": reason(1, "domain(contact.email) in lists.blocked", floor=True),
            "far_too_many": reason(2, "contact.sends_since_engagement > params.floor_most * 9", floor=True),
            "shared": reason(3, "local_part(contact.email) in lists.shared", codes={"other": "SHARED"}),
            "unengaged": reason(4, "contact.sends_since_engagement >= params.most"),
            "meant": reason(5, "domain(contact.email) in lists.meant"),
            "branded": reason(6, 'account.brand == "x"', on_unknown="ignore"),
        }
    },
    "intake/columns.yaml": {"fields": {"contact.email": ["Mejl"]}, "telling": TELLING},
}


def write(root: Path, files: dict[str, Any]) -> Path:
    """Writes documents as JSON, which is YAML."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return root


def over(root: Path, changes: dict[str, Any] | None = None, **more: Any) -> Path:
    """The pack `acme` over the group, with changes."""
    write(root / "group", GROUP)
    manifest = {"name": "acme", "extends": "group", **({} if changes is None else {"changes": changes}), **more}
    return write(root, {"policy.yaml": manifest})


def codes(root: Path) -> list[str]:
    return [one.code for one in lint_pack(root)[1]]


def test_without_changes_it_has_all_that_its_base_has(tmp_path: Path) -> None:
    acme = sendable.load(over(tmp_path))
    group = sendable.load(tmp_path / "group")
    assert (acme.name, group.name) == ("acme", "group")
    assert acme.version != group.version
    for part in ("locales", "default_locale", "parameters", "lists", "fields", "words", "reasons", "columns"):
        assert getattr(acme.pack, part) == getattr(group.pack, part)
    assert acme.pack.columns is not None


def test_it_stands_on_the_bundled_pack_by_its_name(tmp_path: Path) -> None:
    acme = sendable.load(write(tmp_path, {"policy.yaml": {"name": "acme", "extends": "bundled"}}))
    assert acme.reasons == bundled().reasons
    assert codes(tmp_path) == ["SND569"]


def test_changes_are_made_and_the_rest_stays(tmp_path: Path) -> None:
    changes = {
        "reasons": {
            "unengaged": {"mode": "monitor", "message": {"en": "No reaction."}},
            "shared": {"codes": {"more": "M"}, "when": "contact.spam_trap"},
        },
        "lists": {"shared": {"add": ["kontor"], "remove": ["Office"]}, "meant": {"add": {"gmial.com": "gmail.se"}}},
        "parameters": {"most": {"value": 20}},
    }
    found = sendable.load(over(tmp_path, changes)).pack
    base = {one.id: one for one in sendable.load(tmp_path / "group").reasons}
    reasons = {one.id: one for one in found.reasons}
    assert [one for one in reasons if reasons[one] != base[one]] == ["shared", "unengaged"]
    assert reasons["unengaged"].mode == "monitor"
    assert {tag: str(text[0]) for tag, text in reasons["unengaged"].message.texts.items()} == {
        "en": "No reaction.",
        "sv": "Skäl 4 gäller.",
    }
    assert reasons["shared"].codes == {"other": "SHARED", "more": "M"}
    assert reasons["shared"].when.source.text == "contact.spam_trap"
    assert found.lists["shared"].entries == {"info", "kontor"}
    assert found.lists["meant"].values == {"gmial.com": "gmail.se"}
    assert (found.parameters["most"].value, found.parameters["most"].type.minimum) == (20, 1)


PLURAL = {"count": "contact.sends_since_engagement", "one": "Of one.", "other": "Of several."}


def test_a_text_in_a_language_is_changed_as_a_whole(tmp_path: Path) -> None:
    root = over(tmp_path, {"reasons": {"unengaged": {"message": {"en": {**PLURAL, "one": "Of but one."}}}}})
    group = {**GROUP["reasons/all.yaml"]["reasons"]}
    group["unengaged"] = {
        **group["unengaged"],
        "message": {"en": PLURAL, "sv": {**PLURAL, "one": "Av ett.", "other": "Av flera."}},
    }
    write(root / "group", {"reasons/all.yaml": {"reasons": group}})
    assert not {"SND564"} & set(codes(root))  # the number that it counts may be said again
    found = next(one for one in sendable.load(root).reasons if one.id == "unengaged")
    assert "Of but one." in str(found.message.texts["en"])
    assert "Of but one." not in str(found.message.texts["sv"])


def test_a_chain_has_any_length_and_each_changes_what_is_below(tmp_path: Path) -> None:
    over(tmp_path / "0", {"parameters": {"most": {"value": 100}}})
    for number in range(1, 8):
        manifest = {"name": f"p{number}", "extends": f"../{number - 1}", "parameters": {f"own{number}": MOST}}
        manifest["changes"] = {"parameters": {"most": {"value": 100 + number}}}
        write(tmp_path / str(number), {"policy.yaml": manifest})
    found = sendable.load(tmp_path / "7").pack
    assert found.parameters["most"].value == 107
    assert sorted(found.parameters) == ["floor_most", "most", *(f"own{number}" for number in range(1, 8))]
    assert [one.name for one in bases_of(tmp_path / "7")] == ["6", "5", "4", "3", "2", "1", "0", "group"]


def test_links_are_followed_as_often_as_a_chain_is_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[str] = []
    real = os.path.realpath

    def follow(path: str) -> str:
        followed.append(path)
        return real(path)

    monkeypatch.setattr(os.path, "realpath", follow)
    asked = []
    for length in (10, 40):
        for number in range(length):
            (folder := tmp_path / f"{length}" / f"b{number}").mkdir(parents=True)
            below = f"extends: ../b{number + 1}\n" if number + 1 < length else ""
            text = f"name: b{number}\nlocales: [en]\ndefault_locale: en\n{below}"
            (folder / "policy.yaml").write_text(text, encoding="utf-8")
        followed.clear()
        assert len(bases_of(tmp_path / f"{length}" / "b0")) == length - 1
        asked.append(len(followed))
    assert asked[1] < 5 * asked[0]


def test_a_circle_is_an_error_and_so_is_a_base_that_is_none(tmp_path: Path) -> None:
    for one, other in (
        ("a", "../b"),
        ("b", "../brand"),
        ("brand", "../a"),
        ("d", "../brnd"),
        ("e", "."),
        ("f", "/etc"),
        ("g", "../a\0"),
        ("h", f"{tmp_path}/brand"),
        ("i", "/a\0"),
    ):
        write(tmp_path / one, {"policy.yaml": {"name": one, "extends": other}})
    found = {one: lint_pack(tmp_path / one)[1] for one in ("a", "b", "brand", *"defghi")}
    assert [one[0].code for one in found.values()] == [
        "SND561",
        "SND561",
        "SND561",
        "SND560",
        "SND561",
        "SND560",
        "SND560",
        "SND560",
        "SND560",
    ]
    assert found["a"][0].message == "the pack extends itself: a → b → brand → a"
    assert [found[one][0].suggestion for one in "dfh"] == ["../brand", None, "../brand"]


def test_the_version_is_of_both_whatever_their_layout_and_place(tmp_path: Path) -> None:
    first = sendable.load(over(tmp_path / "a", {"parameters": {"most": {"value": 20}}})).version
    again = over(tmp_path / "b" / "elsewhere", {"parameters": {"most": {"value": 20}}})
    path = again / "group" / "reasons" / "all.yaml"
    path.write_text(json.dumps(GROUP["reasons/all.yaml"], indent=4, sort_keys=True), encoding="utf-8")
    assert sendable.load(again).version == first
    path.write_text(path.read_text(encoding="utf-8").replace("Reason 6", "Reason six"), encoding="utf-8")
    assert sendable.load(again).version != first


def test_the_files_of_a_base_inside_the_pack_are_not_the_pack_s(tmp_path: Path) -> None:
    root = over(tmp_path, reasons=["*/**/*.yaml"], lists=[])
    write(root, {"own/reasons.yaml": {"reasons": {"own": reason(9, "contact.spam_trap")}}})
    assert [one.id for one in sendable.load(root).reasons][-1] == "own"
    assert codes(root) == []


def test_a_lock_is_of_the_files_of_both(tmp_path: Path) -> None:
    from sendable.lints.run import lint_and_lock  # noqa: PLC0415

    _, text, _ = lint_and_lock(over(tmp_path))
    assert text is not None
    assert {"policy.yaml", "group/policy.yaml", "group/reasons/all.yaml"} < json.loads(text)["files"].keys()
    (tmp_path / "policy.lock").write_text(text, encoding="utf-8")
    sendable.load(tmp_path, verify=True)
    write(tmp_path / "group", {"intake/columns.yaml": {"fields": {"contact.email": ["Post"]}, "telling": TELLING}})
    with pytest.raises(PolicyError, match="SND513"):
        sendable.load(tmp_path, verify=True)


def test_a_language_of_its_own_needs_the_texts_of_the_base_and_one_less_needs_nothing(tmp_path: Path) -> None:
    words = dict.fromkeys(("unknown_value", "yes", "no", "undetermined", "supply"), "x")
    texts = {key: {"de": "Ein Grund."} for key in ("title", "message", "fix")}
    names = GROUP["reasons/all.yaml"]["reasons"]
    more: dict[str, Any] = {"locales": ["en", "sv", "de"], "texts": {"de": words}}
    lacking = codes(over(tmp_path / "a", {"reasons": {one: texts for one in names if one != "meant"}}, **more))
    assert lacking == ["SND601"] * 3
    whole = over(tmp_path / "b", {"reasons": dict.fromkeys(names, texts)}, **more)
    assert sendable.load(whole).pack.locales == ("en", "sv", "de")
    less = sendable.load(over(tmp_path / "c", locales=["sv"], default_locale="sv")).pack
    assert [*less.reasons[0].message.texts] == ["sv"]


def test_what_the_base_has_is_not_declared_again(tmp_path: Path) -> None:
    root = over(tmp_path, parameters={"most": MOST})
    own = {"shared": {"description": "Mine.", "entries": ["a"]}, "blocked": {"more_entries": ["b.se"]}}
    write(
        root,
        {"lists/own.yaml": {"lists": own}, "reasons/own.yaml": {"reasons": {"meant": reason(9, "contact.spam_trap")}}},
    )
    assert codes(root) == ["SND568"] * 4


def test_nothing_is_put_right_in_the_files_of_a_base(tmp_path: Path) -> None:
    root = over(tmp_path, {"reasons": {"unengaged": {"when": "contact.sends_since_engagment > 3"}}})
    path = root / "group" / "reasons" / "all.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("contact.email", "contact.emial", 1), encoding="utf-8")
    assert [*fixed(root).texts] == ["policy.yaml"]


def test_what_columns_are_called_is_told_by_both_and_nothing_that_tells_is_forgotten(tmp_path: Path) -> None:
    own = {"fields": {"account.brand": ["Märke"]}, "telling": {**TELLING, "opt_outs": ["nej tack"]}}
    columns = sendable.load(write(over(tmp_path), {"intake/columns.yaml": own})).pack.columns
    assert columns is not None
    assert [columns.path(name) for name in ("Mejl", "märke")] == ["contact.email", "account.brand"]
    assert [columns.tells_of(name) for name in ("avanmäld", "opt_outs", "Nej tack")] == [None, "opt-outs", "opt-outs"]


def test_a_comment_allows_a_code_on_what_a_change_says(tmp_path: Path) -> None:
    root = over(tmp_path)
    (root / "changes").mkdir()
    text = """
changes:
  reasons:
    # sendable: allow {code}, as our pages show it
    unengaged:
      message: {{en: Have <b>mercy</b>., sv: Visa <b>nåd</b>.}}
"""
    (root / "changes" / "a.yaml").write_text(text.format(code="SND624"), encoding="utf-8")
    assert codes(root) == []
    (root / "changes" / "a.yaml").write_text(text.format(code="SND620"), encoding="utf-8")
    assert codes(root) == ["SND524", "SND624", "SND624"]


def test_a_change_of_a_misspelt_name_is_put_right(tmp_path: Path) -> None:
    root = over(tmp_path, {"reasons": {"unengagd": {"mode": "monitor"}}, "lists": {"shared": {"remove": ["ofice"]}}})
    assert codes(root) == ["SND563", "SND563"]
    (root / "policy.yaml").write_text(fixed(root).texts["policy.yaml"], encoding="utf-8")
    assert codes(root) == []
    assert sendable.load(root).pack.lists["shared"].entries == {"info"}


# -- floors

_OPEN = {"title", "message", "fix", "undetermined", "codes", "priority", "channels"}


@pytest.mark.parametrize("key", keys_of("reasons", "reasons"))
def test_of_a_floor_only_texts_codes_the_priority_and_further_channels_are_changed(key: str, tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "priority": 77,
        "codes": {"a": "b"},
        "channels": ["marketing", "one_to_one"],
        **{text: {"en": "Otherwise."} for text in ("title", "message", "fix")},
        "undetermined": {"en": "Not known.", "sv": "Inte känt."},
        "floor": False,
        "mode": "monitor",
        "details": {"most": "params.most"},
        "basis": "choice",
        "on_unknown": "ignore",
        "retry": "later",
        "fixable_by": "user",
        "from": "2027-01-01T00:00:00+01:00",
        "until": "2027-01-01T00:00:00+01:00",
        "rollout": {"share": "10 %", "by": "account.id"},
    }
    found = codes(over(tmp_path, {"reasons": {"blocked": {key: values.get(key, "contact.spam_trap")}}}))
    assert found == ([] if key in _OPEN else ["SND566"])


def test_what_a_floor_reads_is_not_changed_but_described(tmp_path: Path) -> None:
    closed = {"lists": {"blocked": {"add": ["a.se"]}}, "parameters": {"floor_most": {"value": 12}}}
    assert codes(over(tmp_path / "a", closed)) == ["SND567"] * 2
    described = {"lists": {"blocked": {"description": "D."}}, "parameters": {"floor_most": {"description": "D."}}}
    assert codes(over(tmp_path / "b", described)) == []


def test_a_reason_that_a_pack_makes_a_floor_is_one_for_those_above(tmp_path: Path) -> None:
    over(tmp_path / "a", {"reasons": {"shared": {"floor": True}}})
    changes = {"reasons": {"shared": {"mode": "monitor"}}, "lists": {"shared": {"add": ["kontor"]}}}
    write(tmp_path / "b", {"policy.yaml": {"name": "b", "extends": "../a", "changes": changes}})
    assert codes(tmp_path / "b") == ["SND566", "SND567"]


_BASE = GROUP["reasons/all.yaml"]["reasons"]
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "reasons": st.dictionaries(
            st.sampled_from([*_BASE]),
            st.dictionaries(
                st.sampled_from([*keys_of("reasons", "reasons")]),
                st.sampled_from([value for one in _BASE.values() for value in one.values()])
                | st.sampled_from(
                    [False, "monitor", "ignore", 44, ["transactional"], ["marketing", "one_to_one"], "'true'"]
                ),
                min_size=1,
                max_size=3,
            ),
            min_size=1,
            max_size=3,
        ),
        "lists": st.dictionaries(
            st.sampled_from(["shared", "blocked", "meant"]),
            st.sampled_from([{"add": ["x.se"]}, {"remove": ["example.com"]}, {"add": {"a.se": "b.se"}}]),
            min_size=1,
        ),
        "parameters": st.dictionaries(
            st.sampled_from(["most", "floor_most"]), st.sampled_from([{"value": 20}, {"minimum": 2}]), min_size=1
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(changes=_CHANGES)
def test_whatever_is_changed_a_floor_of_the_base_stops_what_it_stopped(
    changes: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("pack")
    try:
        found = sendable.load(over(root, changes)).pack
    except PolicyError:
        return
    finally:
        base = sendable.load(root / "group").pack
        shutil.rmtree(root)
    reasons = {one.id: one for one in found.reasons}
    for one in base.reasons:
        now = reasons[one.id]
        if one.floor:
            assert (now.when, now.on_unknown, now.mode, now.floor) == (one.when, one.on_unknown, one.mode, True)
            assert now.channels >= one.channels
            assert not now.period
    assert found.lists["blocked"].entries == base.lists["blocked"].entries
    assert found.parameters["floor_most"].value == base.parameters["floor_most"].value
