"""The pages in a real browser: they fit, can be read in light and dark and on paper, and ask nobody for anything."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.support.pages import coverage, explanation, reference

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="no Chromium: install the Debian packages chromium and chromium-driver",
)

PAGES = {
    "suppressed": (explanation, ("frequency_capped", "en")),
    "suppressed-sv": (explanation, ("unsubscribed_from_type", "sv")),
    "sendable": (explanation, ("clean-marketing", "sv")),
    "sparse": (explanation, ("sparse", "en")),
    "hostile": (explanation, ("hostile", "sv")),
    "reference": (reference, ("en", "sv")),
    "coverage": (coverage, ()),
}

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

WIDTHS = (360, 768, 1280)


class Browser:
    """Chromium with one of the pages open."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self._driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self._driver.get("about:blank")  # away from Chromium's own first page, which goes on loading for a while

    def close(self) -> None:
        self._driver.quit()

    def open(self, file: Path) -> None:
        self.asks("Emulation.setEmulatedMedia", media="", features=[])
        self._driver.get(file.as_uri())

    def asks(self, command: str, **parameters: object) -> Any:
        """What Chromium's DevTools answer."""
        return self._driver.execute_cdp_cmd(command, parameters)

    def runs(self, script: str) -> Any:
        return self._driver.execute_script(script)

    def resize(self, width: int) -> None:
        self.asks(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500
        )

    def scheme(self, name: str) -> None:
        self.asks("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def log(self, kind: str) -> list[dict[str, Any]]:
        """What came to the log since it was last asked for."""
        return list(self._driver.get_log(kind))  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = Browser(tmp_path_factory.mktemp("profile"))
    try:
        yield found
    finally:
        found.close()


@pytest.fixture(params=PAGES)
def opened(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Browser:
    """The browser with one of the pages open, and nothing in its logs from before."""
    function, arguments = PAGES[request.param]
    file = tmp_path / f"{request.param}.html"
    file.write_text(str(function(*arguments)), encoding="utf-8")
    browser.log("browser")
    browser.log("performance")
    browser.open(file)
    return browser


OVERFLOW = """
const page = document.documentElement;
return [page.scrollWidth - page.clientWidth, ...Array.from(document.querySelectorAll("body *"))
  .filter((one) => one.getBoundingClientRect().right > page.clientWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 120))];
"""

UNFOLD = 'for (const one of document.querySelectorAll("details")) one.open = true;'

CONTRAST = """
const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
const luminance = (rgb) => {
  const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = rgb.map((one) => linear(one / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const [r, g, b, a = 1] = parts(getComputedStyle(one).backgroundColor);
    if (a === 1) return [r, g, b];
    if (a > 0) throw new Error(`half transparent: ${one.outerHTML.slice(0, 80)}`);
  }
  throw new Error("nothing behind");
};
const poor = [];
let seen = 0;
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = texts.nextNode(); node; node = texts.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  if (style.opacity !== "1") throw new Error(`half transparent: ${element.outerHTML.slice(0, 80)}`);
  const [light, dark] = [luminance(parts(style.color).slice(0, 3)), luminance(behind(element))].sort((a, b) => b - a);
  const ratio = (light + 0.05) / (dark + 0.05);
  seen += 1;
  if (ratio < 4.5) poor.push(`${ratio.toFixed(2)}: ${node.data.trim().slice(0, 60)}`);
}
return [seen, getComputedStyle(document.body).backgroundColor, ...poor];
"""


def test_nothing_has_to_be_scrolled_sideways(opened: Browser) -> None:
    for width in WIDTHS:
        opened.resize(width)
        assert opened.runs(OVERFLOW) == [0]
    opened.runs(UNFOLD)
    for width in WIDTHS:
        opened.resize(width)
        assert opened.runs(OVERFLOW) == [0]


def test_every_text_stands_out(opened: Browser) -> None:
    opened.resize(1280)
    opened.runs(UNFOLD)
    backgrounds = set()
    for scheme in ("light", "dark"):
        opened.scheme(scheme)
        seen, background, *poor = opened.runs(CONTRAST)
        assert poor == []
        assert seen > 20
        backgrounds.add(background)
    assert len(backgrounds) == 2


def test_nothing_is_loaded_and_nothing_complains(opened: Browser) -> None:
    opened.runs(UNFOLD)
    assert opened.log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in opened.log("performance")]
    asked = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    assert len(asked) == 1
    assert asked[0].startswith("file:///")


def test_it_can_be_printed(opened: Browser) -> None:
    answer = opened.asks("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
    assert base64.b64decode(answer["data"]).startswith(b"%PDF-")
    opened.resize(700)
    opened.asks(
        "Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )
    seen, background, *poor = opened.runs(CONTRAST)
    assert (seen > 0, background, poor) == (True, "rgb(255, 255, 255)", [])
    assert opened.runs(OVERFLOW) == [0]


def test_headings_and_landmarks_are_what_assistive_technology_is_told(opened: Browser) -> None:
    nodes = opened.asks("Accessibility.getFullAXTree")["nodes"]
    roles = [one["role"]["value"] for one in nodes if not one["ignored"]]
    names = {one["role"]["value"]: one.get("name", {}).get("value", "") for one in nodes if not one["ignored"]}
    assert roles.count("main") == roles.count("banner") == 1
    assert names["RootWebArea"]
    unnamed = {"link", "button", "heading", "region", "navigation", "searchbox", "article"}
    assert [
        one["role"]["value"]
        for one in nodes
        if not one["ignored"] and one["role"]["value"] in unnamed and not one.get("name", {}).get("value", "").strip()
    ] == []


# -- the search of the reference


@pytest.fixture
def searched(browser: Browser, tmp_path: Path) -> Browser:
    file = tmp_path / "reference.html"
    file.write_text(reference("en", "sv"), encoding="utf-8")
    browser.resize(1280)
    browser.open(file)
    return browser


def found(browser: Browser, words: str) -> tuple[list[str], list[str], str]:
    """What is left of the sections and of the contents after a search, and what is told of it."""
    browser.runs(
        f'const box = document.getElementById("words"); box.value = {json.dumps(words)};'
        'box.dispatchEvent(new Event("input", {bubbles: true}));'
    )
    sections, contents, told = browser.runs("""
        const left = (all) => Array.from(document.querySelectorAll(all)).filter((one) => one.checkVisibility());
        return [
          left(".entry").map((one) => one.id),
          left(".contents a").map((one) => one.getAttribute("href").slice(1)),
          document.getElementById("count").textContent,
        ];
    """)
    return sections, contents, told


def test_the_search_leaves_what_has_every_word(searched: Browser) -> None:
    every, contents, told = found(searched, "")
    assert (len(every), told) == (32, "")
    assert every == contents
    for words in (
        "frequency_capped",
        "FREQUENCY cap",
        "  emails_in_cap_window ",
        "tier enterprise grans for antal mejl",
    ):
        sections, contents, told = found(searched, words)
        assert "reason-frequency_capped" in sections
        assert sections == contents
        assert told == f"{len(sections)} of 32 reasons"
        assert len(sections) < 32
    assert found(searched, "no such words anywhere") == ([], [], "No reason has all of these words.")
    assert found(searched, "") == (every, every, "")


def test_the_reference_is_whole_without_script(searched: Browser) -> None:
    searched.asks("Emulation.setScriptExecutionDisabled", value=True)
    try:
        searched.asks("Page.reload")
        document = searched.asks("DOM.getDocument", depth=-1)["root"]["nodeId"]
        form = searched.asks("DOM.querySelector", nodeId=document, selector="#search[hidden]")["nodeId"]
        entries = searched.asks("DOM.querySelectorAll", nodeId=document, selector=".entry:not([hidden])")["nodeIds"]
    finally:
        searched.asks("Emulation.setScriptExecutionDisabled", value=False)
    assert form
    assert len(entries) == 32
