"""The page in a real browser: no request, no message, no sideways scroll, readable colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw
from tests.report.chromium import Chromium, find_chromium
from tests.report.sample import lean, sample
from topwork.data import read
from topwork.inductive import FitSettings, fit
from topwork.report import render

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="Chromium is not installed: the page is opened by no browser"
)

PAGES = {
    "rich": lambda: sample(12),
    "heat": lambda: sample(25),
    "many": lambda: sample(101),
    "hostile": lambda: sample(30, hostile=True),
    "hostile_heat": lambda: sample(25, hostile=True),
    "lean": lean,
}

_MESSAGES = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")

# Text whose contrast with what lies behind it is below WCAG's 4.5 (AA).
_PALE = """
(() => {
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const known = new Map();
  const rgba = colour => {
    if (!known.has(colour)) known.set(colour, painted(colour));
    return known.get(colour);
  };
  const painted = colour => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const pale = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = rgba(element.closest("svg") ? style.fill : style.color);
    if (ink[3] === 0) continue;
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) pale.add(element.outerHTML.slice(0, 120));
  }
  return [...pale];
})()
"""


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "]]><!--",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u2066",
    "a\x1b[31mred\x07",
    "long" * 60,
    "=HYPERLINK(1)",
)


def _fitted_page(folder: Path) -> str:
    """A thorough fit of files and labels whose names are attacks."""
    rng = np.random.default_rng(0)
    paths, labels = [], []
    for i in range(30):
        name = HOSTILE[i % len(HOSTILE)].replace("/", "\u2215")[:200]
        paths.append(folder / f"{i}{name}.png")
        draw(("discs", "stripes")[i % 2], rng).save(paths[-1])
        labels.append(HOSTILE[i % 2] if i % 7 else HOSTILE[1 - i % 2])
    settings = FitSettings(backbone="pixels", thorough=True)
    return fit(read(paths, labels), settings).model.parts.pages["report.html"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, session_cache: Path) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {name: render(content()) for name, content in PAGES.items()}
    written["fitted"] = _fitted_page(folder)
    for name, page in written.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in written}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    executable = find_chromium()
    assert executable is not None
    with Chromium(executable, tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1100, True)], ids=["phone", "dark"])
@pytest.mark.parametrize("name", [*PAGES, "fitted"])
def test_opens_in_silence(
    browser: Chromium, pages: dict[str, Path], name: str, width: int, dark: bool
) -> None:
    browser.open(pages[name], width=width, dark=dark)
    browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    overflow = browser.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    urls = [e["request"]["url"] for e in browser.named("Network.requestWillBeSent")]
    assert [u for u in urls if not u.startswith("data:")] == [pages[name].as_uri()]
    assert browser.named(*_MESSAGES) == []
    assert [i["issue"]["code"] for i in browser.named("Audits.issueAdded")] == []
    assert overflow <= 0
    assert browser.evaluate(_PALE) == []


def test_every_picture_is_drawn(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["rich"])
    widths = browser.evaluate("[...document.images].map(i => i.naturalWidth)")
    assert len(widths) > 50
    assert min(widths) > 0


def test_the_policy_stops_what_the_page_does_not_hold(
    browser: Chromium, pages: dict[str, Path], tmp_path: Path
) -> None:
    """The checks above would notice a script, a style or a request, if there were one."""
    html = pages["lean"].read_text(encoding="utf-8")
    extra = (
        "<script>document.title = 'run'</script><p style='color:red'>x</p>"
        "<img src='http://example.invalid/a.png' alt='x'>"
    )
    page = tmp_path / "bad.html"
    page.write_text(html.replace("<main>", f"<main>{extra}"), encoding="utf-8")
    browser.open(page)
    refused = " ".join(e["entry"]["text"] for e in browser.named("Log.entryAdded"))
    assert "script-src" in refused
    assert "style-src" in refused
    assert "img-src" in refused
    assert browser.evaluate("document.title") != "run"


def test_paper_shows_what_is_folded_on_screen(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["many"])
    rows = "[...document.querySelectorAll('details details tr')]"
    folded = f"{rows}.filter(r => r.checkVisibility()).length"
    assert browser.evaluate(folded) == 0
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.evaluate(folded) > 100
    browser.call("Emulation.setEmulatedMedia", media="")
