"""The page on an audience: its figures, its structure, that it lets nothing in, and how it fits in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

mpl = pytest.importorskip("matplotlib", reason="no matplotlib: install sendable[report]")

from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402

from sendable.audience.summary import Summary  # noqa: E402
from sendable.pack import locales  # noqa: E402
from sendable.render.pages.audience_page import audience_page  # noqa: E402
from tests.support.audiences import SAMPLES, empty, hostile, ordinary, policy, small, summary, summed  # noqa: E402

PAGES: dict[str, Callable[[str | None], str]] = {
    "ordinary": ordinary,
    "hostile": hostile,
    "small": small,
    "empty": empty,
}
VOID = {"br", "input", "link", "meta"}


class Page(HTMLParser):
    """Elements with their attributes and all of their text, in order; fails on what is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[int] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for one in self._open:
            self.elements[one][2].append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str | None], str]]:
        return [(tag, attributes, "".join(text)) for tag, attributes, text in self.elements if tag in tags]

    def texts(self, *tags: str) -> list[str]:
        return [text for _, _, text in self.all(*tags)]


@pytest.fixture(params=[(name, locale) for name in PAGES for locale in ("en", "sv")], ids="-".join)
def page(request: pytest.FixtureRequest) -> str:
    name, locale = request.param
    return PAGES[name](locale)


def tables(page: Page) -> dict[str, list[list[str]]]:
    """Rows of figures by the captions of their tables."""
    found: dict[str, list[list[str]]] = {}
    name = ""
    for tag, _, text in page.elements:
        if tag == "caption":
            name = "".join(text)
            found[name] = []
        elif tag == "tr" and name:
            found[name].append([])
        elif tag in ("td", "th") and name:
            found[name][-1].append("".join(text))
    return found


def number(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text.partition("(")[0]))


# -- structure


def test_landmarks_headings_and_ids_are_in_order(page: str) -> None:
    parsed = Page(page)
    tags = [tag for tag, _, _ in parsed.elements]
    assert (tags.count("main"), tags.count("header"), tags.count("footer"), tags.count("h1")) == (1, 1, 1, 1)
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [str(attributes["id"]) for _, attributes, _ in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert not any(re.search(r"\s", one) for one in ids)
    for _, attributes, _ in parsed.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(str(attributes.get(name) or "").split()) <= set(ids)
        target = attributes.get("href")
        assert target is None or (target[:1] == "#" and target[1:] in ids)


def test_it_needs_nothing_and_lets_nothing_in(page: str) -> None:
    parsed = Page(page)
    tags = {tag for tag, _, _ in parsed.elements}
    assert not tags & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "image",
        "use",
        "a:href",
        "foreignobject",
        "metadata",
    }
    for _, attributes, _ in parsed.elements:
        assert not {"src", "style", "xlink:href", "srcset"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"https?:|url\(|@import", page)
    assert len([tag for tag, _, _ in parsed.elements if tag == "style"]) == 1


def test_every_chart_has_a_name_a_description_and_a_table_beside_it() -> None:
    parsed = Page(ordinary())
    charts = [attributes for _, attributes, _ in parsed.all("svg") if attributes.get("role") == "img"]
    assert len(charts) == 3
    names = {attributes.get("id"): text for tag, attributes, text in parsed.all("title", "desc")}
    captions = parsed.texts("caption")
    for chart in charts:
        assert names[chart["aria-labelledby"]] in captions
        assert len(names[chart["aria-describedby"]]) > 100
    decoration = [attributes for _, attributes, _ in parsed.all("svg") if "role" not in attributes]
    assert all(one["aria-hidden"] == "true" for one in decoration)


def test_every_shape_looks_like_something_of_the_style_sheet() -> None:
    parsed = Page(ordinary())
    style = parsed.texts("style")[0]
    shapes = parsed.all("path", "rect", "text")
    assert len(shapes) > 60
    for _, attributes, _ in shapes:
        names = str(attributes["class"]).split()
        assert set(names) <= {"name"} | set(re.findall(r"\.chart \.([a-z0-9-]+)", style)) | {"heat-5"}
    assert {tag for tag, _, _ in parsed.elements} >= {"path", "rect", "text"}


# -- figures


def shown(page: str) -> set[int]:
    """Every whole number that is on the page."""
    body = unescape(re.sub(r"<[^>]*>", "|", page.partition("<body>")[2]))
    return {number(one) for one in re.findall(r"[0-9][0-9,\xa0]*", body)}


@pytest.mark.parametrize("locale", ["en", "sv"])
def test_every_number_of_the_summary_is_on_the_page(locale: str) -> None:
    def numbers(value: object) -> Iterator[int]:
        match value:
            case int() if not isinstance(value, bool):
                yield value
            case dict():
                for one in value.values():
                    yield from numbers(one)
            case list():
                for one in value:
                    yield from numbers(one)
            case _:
                pass

    wanted = set(numbers(summary().to_dict()))
    assert len(wanted) > 100
    assert wanted <= shown(ordinary(locale))
    written = locales.format_number(summary().sendable, locale)
    assert written == {"en": "61,234,567", "sv": "61\xa0234\xa0567"}[locale]
    assert written in ordinary(locale)


def test_the_figures_of_the_tables_add_up() -> None:
    given, found = summary(), tables(Page(ordinary()))
    funnel = found["From the audience to those who are sendable"]
    assert [number(row[1]) for row in funnel[1:]] == [
        given.contacts,
        given.invalid,
        given.undetermined,
        given.suppressed,
        given.sendable,
    ]
    left = given.contacts
    for row in funnel[2:5]:
        left -= number(row[1])
        assert number(row[3]) == left
    assert left == given.sendable
    for name, column, whole in (
        ("What stops the email", 1, given.suppressed),
        ("What stops the email", 3, sum(one.alone for one in given.reasons)),
        ("What is missing", 1, given.undetermined),
        ("Values that are not allowed", 1, given.invalid),
    ):
        *rows, total = found[name][1:]
        assert sum(number(row[column]) for row in rows) == number(total[column]) == whole
    parts = (given.sendable, given.suppressed, given.undetermined, given.invalid)
    proof = " + ".join(f"{one:,}" for one in parts) + f" = {given.contacts:,}"
    assert proof in ordinary()


def test_the_bars_are_as_long_as_their_figures() -> None:
    parsed = Page(ordinary())

    def width(path: str) -> float:
        across = [float(one) for one in re.findall(r"[ML] (\S+)", path)]
        return max(across) - min(across)

    paths = [(str(one["class"]), width(str(one["d"]))) for _, one, _ in parsed.all("path")]
    given = summary()
    (good,) = [wide for look, wide in paths if look == "good"]
    assert good / 338 == pytest.approx(given.sendable / given.contacts, abs=1e-5)
    alone = [wide for look, wide in paths if look == "bad"][1:]  # the first is the funnel's
    part = [wide for look, wide in paths if look == "part"]
    ranked = sorted(given.reasons, key=lambda one: -one.primary)
    rest = (sum(one.primary for one in ranked[14:]), sum(one.alone for one in ranked[14:]))
    bars = [*((one.primary, one.alone) for one in ranked[:14]), rest]
    most = max(primary for primary, _ in bars)
    assert [one / 338 for one in alone] == pytest.approx([one / most for _, one in bars], abs=1e-5)
    lengths = [(primary - one) / most for primary, one in bars if primary > one]
    assert [one / 338 for one in part] == pytest.approx(lengths, abs=1e-5)


def test_what_would_gain_most_comes_first() -> None:
    given = summary()
    best = sorted((one.alone for one in given.reasons), reverse=True)[:5]
    rows = tables(Page(ordinary()))["What would gain most"][1:]
    assert [(number(row[1]), number(row[2])) for row in rows] == [(one, given.sendable + one) for one in best]


def test_figures_that_do_not_add_up_are_not_shown() -> None:
    given = summary()
    wrong: list[tuple[str, Summary]] = [
        ("contacts", replace(given, contacts=given.contacts + 1)),
        ("suppressed", replace(given, reasons=given.reasons[1:])),
        ("undetermined", replace(given, missing={})),
        ("invalid", replace(given, invalid_fields={})),
    ]
    for name, one in wrong:
        with pytest.raises(ValueError, match=f"do not add up: {name} is"):
            audience_page(one, policy(), {}, "en")


def test_some_are_never_none_nor_nearly_all_all() -> None:
    nearly: dict[str, Any] = {
        "sendable": True,
        "reason": None,
        "reasons": [],
        "certainty": None,
        "missing": [],
        "invalid": [],
    }
    one = {**nearly, "sendable": False, "reason": "unsubscribed_from_all", "reasons": ["unsubscribed_from_all"]}
    given = summed({**nearly, "contacts": 9_999_999}, {**one, "certainty": "matched", "contacts": 1})
    assert ">9,999,999 (&gt;\xa099.9%)<" in audience_page(given, policy(), {}, "en")
    assert ">1 (&lt;\xa00,1\xa0%)<" in audience_page(given, policy(), {}, "sv")


# -- words


def test_it_speaks_the_language_of_its_readers() -> None:
    english, swedish = Page(ordinary("en-GB")), Page(ordinary("sv-FI"))
    assert (english.all("html")[0][1]["lang"], swedish.all("html")[0][1]["lang"]) == ("en", "sv")
    assert english.texts("h1")[0].endswith(" contacts are sendable")
    assert swedish.texts("h1")[0].startswith("Mejlet får skickas till ")
    for served, parsed in (("en", english), ("sv", swedish)):
        found = parsed.texts("h3")
        assert found == [reason.title[served] for reason in policy().reasons]
        told = " ".join(parsed.texts("dd"))
        for reason in policy().reasons:
            for text in reason.message.texts[served]:
                assert str(getattr(text, "forms", {"other": text})["other"]).replace("{", "").replace("}", "") in told
    assert not set(english.texts("h2")) & set(swedish.texts("h2"))
    assert ordinary(None) == ordinary("en") == ordinary("xx")


def test_samples_stand_with_their_reason() -> None:
    parsed = Page(ordinary())
    (entry,) = [text for text in parsed.texts("article") if "unsubscribed_from_all" in text]
    for one in SAMPLES["unsubscribed_from_all"]:
        assert one in entry
        assert "".join(parsed.texts("article")).count(one) == 1


@pytest.mark.parametrize("locale", ["en", "sv"])
def test_no_slot_is_left_open(locale: str) -> None:
    for name in PAGES:
        body = PAGES[name](locale).partition("<body>")[2]
        assert "{" not in body


# -- what comes from outside


def test_nothing_from_outside_becomes_markup_or_a_formula() -> None:
    page = hostile()
    parsed = Page(page)
    assert "<script" not in page.partition("<body>")[2]
    assert "<img" not in page
    assert "\x00" not in page
    assert "\u202e" not in page
    assert any('<script>alert("1")</script> $x^2$ &amp; ' in text for text in parsed.texts("h3"))
    assert any("<script>" in text for text in parsed.texts("text"))
    assert any("漢字" in text for text in parsed.texts("bdi"))
    assert any('"><img src=x onerror=alert(1)>' in text for text in parsed.texts("bdi"))


def test_a_reason_that_the_pack_does_not_have_goes_by_its_id() -> None:
    given = summary()
    renamed = replace(given, reasons=(replace(given.reasons[0], reason="of_an_older_pack"), *given.reasons[1:]))
    assert "of_an_older_pack" in Page(audience_page(renamed, policy(), {}, "en")).texts("h3")


def test_the_same_summary_makes_the_same_page() -> None:
    first = ordinary()
    with mpl.rc_context({"svg.hashsalt": "another", "font.size": 30, "figure.dpi": 300, "savefig.bbox": "tight"}):
        assert ordinary() == first
    script = "import sys; from tests.support.audiences import ordinary; sys.stdout.buffer.write(ordinary().encode())"
    again = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert again.stdout.decode() == first


def test_what_others_have_set_for_matplotlib_stays() -> None:
    before = dict(mpl.rcParams)
    ordinary()
    assert dict(mpl.rcParams) == before


# -- in a browser

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="no Chromium: install the Debian packages chromium and chromium-driver",
)

FLAGS = (
    "--headless",
    "--no-sandbox",  # containers run it as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

OVERFLOW = """
for (const one of document.querySelectorAll("details")) one.open = true;
const page = document.documentElement;
return [page.scrollWidth - page.clientWidth, ...Array.from(document.querySelectorAll("body *"))
  .filter((one) => one.getBoundingClientRect().right > page.clientWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 120))];
"""

COLLISIONS = """
const found = [];
for (const row of document.querySelectorAll(".figures tr")) {
  const boxes = Array.from(row.children, (one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return [one.textContent, range.getBoundingClientRect()];
  }).filter(([, box]) => box.width);
  boxes.forEach(([text, box], index) => boxes.slice(index + 1).forEach(([other, next]) => {
    const across = Math.min(box.right, next.right) - Math.max(box.left, next.left);
    const down = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
    if (across > 0.5 && down > 0.5) found.push(`${text} / ${other}`);
  }));
}
for (const chart of document.querySelectorAll("svg[role=img]")) {
  const texts = Array.from(chart.querySelectorAll("text"), (one) => [one.textContent, one.getBoundingClientRect()]);
  const frame = chart.getBoundingClientRect();
  texts.forEach(([text, box], index) => {
    if (box.right > frame.right + 2 || box.left < frame.left - 2) found.push(`sticks out: ${text}`);
    texts.slice(index + 1).forEach(([other, next]) => {
      const across = Math.min(box.right, next.right) - Math.max(box.left, next.left);
      const down = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
      if (across > 0.5 && down > 2) found.push(`${text} / ${other}`);
    });
  });
}
return found;
"""

COLOURS = """
return Array.from(document.querySelectorAll(".chart path, .chart text"), (one) => getComputedStyle(one).fill);
"""


class Browser:
    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))

    def asks(self, command: str, **parameters: object) -> Any:
        return self.driver.execute_cdp_cmd(command, parameters)

    def runs(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def log(self, kind: str) -> list[dict[str, Any]]:
        return list(self.driver.get_log(kind))  # type: ignore[no-untyped-call]

    def resize(self, width: int) -> None:
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        self.asks("Emulation.setDeviceMetricsOverride", **size)

    def media(self, media: str, scheme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.asks("Emulation.setEmulatedMedia", media=media, features=features)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("profile"))
    try:
        yield found
    finally:
        found.driver.quit()


@pytest.fixture
def opened(browser: Browser, page: str, tmp_path: Path) -> Browser:
    file = tmp_path / "audience.html"
    file.write_text(page, encoding="utf-8")
    browser.log("browser")
    browser.log("performance")
    browser.media("", "light")
    browser.driver.get(file.as_uri())
    return browser


@needs_browser
def test_it_fits_every_width_and_paper(opened: Browser) -> None:
    for width in (360, 768, 1280):
        opened.resize(width)
        assert (width, opened.runs(OVERFLOW)) == (width, [0])
        assert (width, opened.runs(COLLISIONS)) == (width, [])
    opened.media("print", "light")
    opened.resize(700)
    assert opened.runs(OVERFLOW) == [0]
    assert opened.runs(COLLISIONS) == []


@needs_browser
def test_nothing_is_loaded_and_nothing_complains(opened: Browser) -> None:
    assert opened.log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in opened.log("performance")]
    asked = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    assert len(asked) == 1
    assert asked[0].startswith("file:///")


@needs_browser
def test_the_charts_take_their_colours_from_the_page(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "audience.html"
    file.write_text(ordinary(), encoding="utf-8")
    browser.media("", "light")
    browser.driver.get(file.as_uri())
    seen = {}
    for media, scheme in (("", "light"), ("", "dark"), ("print", "dark")):
        browser.media(media, scheme)
        seen[media, scheme] = browser.runs(COLOURS)
    texts = {key: set(colours[-1:]) for key, colours in seen.items()}
    assert texts == {
        ("", "light"): {"rgb(29, 29, 33)"},
        ("", "dark"): {"rgb(236, 236, 240)"},
        ("print", "dark"): {"rgb(0, 0, 0)"},
    }
    assert len(set(map(tuple, seen.values()))) == 3


@needs_browser
def test_assistive_technology_is_told_of_charts_and_tables(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "audience.html"
    file.write_text(ordinary(), encoding="utf-8")
    browser.driver.get(file.as_uri())
    for width in (360, 1280):
        browser.resize(width)
        nodes = [one for one in browser.asks("Accessibility.getFullAXTree")["nodes"] if not one["ignored"]]
        named = [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in nodes]
        roles = [role for role, _ in named]
        assert sum(role in ("image", "img") for role in roles) == 3
        assert roles.count("table") == 7
        assert {"row", "columnheader", "rowheader", "cell"} <= set(roles)
        unnamed = {"image", "img", "table", "link", "heading", "region", "article", "navigation"}
        assert [role for role, name in named if role in unnamed and not name.strip()] == []
