"""No form is denied to what a well-formed address has, but for what is taken for a pattern."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sendable.language.addresses import base_address, domain, fold, local_part, valid_address
from sendable.language.identifiers import trimmed
from sendable.lints.forms import Case, Form, cased, has_form, is_pattern, meant_by

_LOCALS = st.text("ab+.-_'!#$&/=?^`{|}~åé漢Ω0", min_size=1, max_size=8)
_LABELS = st.text("ab-0åé漢ß", min_size=1, max_size=5) | st.sampled_from(["xn--mnchen-3ya", "EXAMPLE", "com"])
_ADDRESSES = st.builds(
    lambda local, labels: f"{local}@{'.'.join(labels)}", _LOCALS, st.lists(_LABELS, min_size=2, max_size=3)
)


@example("++@example.com")
@example("a.+tag@example.com")
@example("+.+tag@example.com")
@given(_ADDRESSES)
def test_what_addresses_have_has_its_form(address: str) -> None:
    assume(valid_address(address) and not is_pattern(local_part(address)))
    assert has_form(domain(address), Form.DOMAIN)
    assert has_form(local_part(address), Form.LOCAL_PART)
    assert has_form(base_address(address), Form.BASE)
    assert cased(base_address(address), Case.FOLDED) == base_address(address)
    if not is_pattern(address.partition("@")[0]):
        assert has_form(address, Form.ADDRESS)
    assert cased(domain(address), Case.FOLDED) == domain(address)
    assert cased(local_part(address), Case.FOLDED) == local_part(address)


@given(st.text("ab.@*%+ <>:/,;", max_size=10))
def test_what_was_meant_has_a_form_if_it_is_no_pattern(text: str) -> None:
    found = meant_by(text)
    if found is None or found.begins or found.ends:
        return
    assert found.text == trimmed(found.text) != ""
    if found.form is not None:
        assert has_form(fold(found.text), found.form) or "+" in found.text


@pytest.mark.parametrize(
    ("text", "form"),
    [
        *(
            (text, Form.DOMAIN)
            for text in ("@x.se", "*.x.se", ".x.se", "x.se.", "x..se", "a@x.se", "x.se ", "https://x.se", "x.se/a")
        ),
        *(
            (text, Form.LOCAL_PART)
            for text in ("info+x", "noreply*", "*info", "info@", "a@x.se", "a b", ".a", "a..", "^a", "a$", "%a", "a:b")
        ),
        *(
            (text, form)
            for form in (Form.ADDRESS, Form.BASE)
            for text in ("x.se", "info", "@x.se", "info@", "*@x.se", "a b@x.se", "a@x.se.")
        ),
        *((text, Form.BASE) for text in ("a+b@x.se", "a..@x.se", "kim+@x.se")),
    ],
)  # fmt: skip
def test_what_no_address_has(text: str, form: Form) -> None:
    assert not has_form(text, form)
