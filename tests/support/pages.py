"""The pages that tests look at, each with the bundled pack or one that means harm."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import sendable
from sendable.pack.resources import bundled_path
from sendable.render.pages.coverage_page import as_html
from sendable.render.pages.explain_page import explanation_page
from sendable.render.pages.reference_page import reference_page
from sendable.testing.coverage import measure
from sendable.testing.reader import load_suites
from sendable.testing.run import run_suites
from tests.support.packs import EXAMPLES, bundled, read

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x00]]>&amp;</style></title><!--'
"""A text that breaks out of whatever does not escape it."""

SPARSE: dict[str, Any] = {
    "email": {"channel": "marketing"},
    "contact": {"email": "kim@example.com", "marked_as_spam": True},
    "now": "2026-11-01T08:00:00Z",
}
"""A context that leaves many reasons undetermined."""


def hostile_context() -> dict[str, Any]:
    """A context with a hostile text wherever there may be one, long ones and right-to-left ones among them."""
    return {
        "email": {"channel": "marketing", "subscription_type": HOSTILE, "subscription_name": HOSTILE},
        "contact": {
            "email": f"{HOSTILE}{'x' * 400}@example.com",
            "first_name": HOSTILE,
            "unsubscribed_types": [HOSTILE, "y" * 5_000, *map(str, range(500))],
            "marked_as_spam": True,
        },
        "now": "2026-11-01T08:00:00Z",
    }


@cache
def hostile_policy() -> sendable.Policy:
    """The bundled pack with hostile titles and names, as no author would write them."""
    pack = bundled().pack
    reasons = tuple(
        replace(
            reason,
            title=dict.fromkeys(reason.title, HOSTILE),
            codes={"system": HOSTILE},
        )
        for reason in pack.reasons
    )
    return sendable.Policy(replace(pack, name=HOSTILE, description=HOSTILE, reasons=reasons))


@cache
def explanation(name: str, locale: str) -> str:
    """The page of an example of the bundled pack, or of one of the contexts above."""
    if name == "hostile":
        return explanation_page(hostile_policy().explain(hostile_context()), locale)
    context = SPARSE if name == "sparse" else read(bundled_path("policies") / "examples" / f"{name}.yaml")
    return explanation_page(bundled().explain(context), locale)


@cache
def reference(*locales: str) -> str:
    return reference_page(bundled(), locales or None)


@cache
def coverage() -> str:
    suites, _ = load_suites(bundled_path("policies") / "tests", bundled().pack)
    run = run_suites(bundled(), suites[:1])
    return as_html(bundled().pack, run, measure(bundled().pack, run))


EXPLAINED = ["sparse", "hostile", *(path.stem for path in EXAMPLES)]


@dataclass
class Page(HTMLParser):
    """What can be told of a page without a browser."""

    text: str
    languages: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refers: list[str] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    content: list[str] = field(default_factory=list)

    VOID = frozenset({"meta", "br", "input", "link"})

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.close()

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs), f"<{tag}> has an attribute twice"
        self.tags.append(tag)
        self.attributes |= given.keys()
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if "lang" in given:
            self.languages.append(given["lang"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.refers.append(given["href"].removeprefix("#"))
            assert given["href"].startswith("#")
        for name in ("aria-labelledby", "for"):
            self.refers += given.get(name, "").split()
        if tag == "meta":
            self.meta[given.get("name") or given.get("http-equiv") or "charset"] = given.get("content", "")
        if tag == "th":
            assert "scope" in given

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.content.append(data)

    @property
    def shown(self) -> str:
        return " ".join(" ".join(self.content).split())
