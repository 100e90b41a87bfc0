"""The page of a map in a real browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.map_page import frames_per_second, many_points
from tests.report.chromium import Chromium, find_chromium
from topwork.report.images import thumbnail_data_uri
from topwork.unsupervised.maps.colouring import Amounts, Categories
from topwork.unsupervised.maps.map_page import MapPoints, render_map

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed")

HOSTILE = [
    "</script><script>window.hit=1</script>.png",
    '"><img src=x onerror="window.hit=1">.png',
    "=cmd|' /C calc'!A0",
    'a,"b"\n{{data}}.png',
    "<!--<script>\u2028",
    "{{script}}",
]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory) -> Iterator[Chromium]:
    executable = find_chromium()
    assert executable is not None
    with Chromium(executable, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    n = len(HOSTILE)
    points = MapPoints(
        np.stack([np.arange(n), np.arange(n) % 2], axis=1),
        names=HOSTILE,
        texts=None,
        images={0: thumbnail_data_uri(np.zeros((40, 60, 3), np.uint8))},
        colourings=[
            Categories("label", ["<b>bold</b>", "+1"], np.arange(n) % 2),
            Amounts("doubt", np.linspace(0, 1, n)),
        ],
    )
    file = tmp_path_factory.mktemp("map") / "map.html"
    file.write_text(render_map(points, title="<i>hostile</i>", kind="image"), "utf-8")
    return file


def _open(chromium: Chromium, page: Path, **how: int) -> None:
    chromium.open(page, **how)
    bad = ("Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded")
    assert chromium.named(*bad) == []
    requests = chromium.named("Network.requestWillBeSent")
    urls = [one["request"]["url"] for one in requests]
    assert all(url.startswith(("file:", "data:image/")) for url in urls), urls


def _press(chromium: Chromium, *keys: str) -> None:
    for key in keys:
        chromium.call("Input.dispatchKeyEvent", type="keyDown", key=key)


def test_hostile_names_are_inert(chromium: Chromium, page: Path) -> None:
    _open(chromium, page)
    chromium.evaluate("for (let i = 0; i < n; i++) show(i)")
    assert chromium.evaluate("window.hit") is None
    assert chromium.evaluate("document.querySelectorAll('b, i:not([style]), script').length") == 2
    assert chromium.evaluate("document.querySelector('h1').textContent") == "<i>hostile</i>"
    assert chromium.evaluate("$('what').textContent") == HOSTILE[-1]
    assert chromium.evaluate("document.querySelector('#legend button').textContent") == (
        "<b>bold</b> (3)"
    )


def test_lasso_and_table(chromium: Chromium, page: Path) -> None:
    _open(chromium, page)
    assert chromium.evaluate("$('save').disabled")
    box = chromium.evaluate(
        "(({left, top, width, height}) => [left, top, width, height])"
        "(canvas.getBoundingClientRect())"
    )
    left, top, width, height = box
    chromium.evaluate("$('lasso').click()")
    corners = [(2, 2), (width * 0.45, 2), (width * 0.45, height - 2), (2, height - 2)]
    names = ["mousePressed", *["mouseMoved"] * 3, "mouseReleased"]
    for name, (x, y) in zip(names, [*corners, corners[-1]], strict=True):
        chromium.call(
            "Input.dispatchMouseEvent",
            type=name,
            x=left + x,
            y=top + y,
            button="left",
            buttons=1,
            clickCount=1,
        )
    assert chromium.evaluate("$('count').textContent") == "3 selected"
    assert not chromium.evaluate("$('save').disabled")
    rows = list(csv.reader(chromium.evaluate("table()").splitlines()))
    assert rows[0] == ["path", "label", "doubt"]
    assert [row[0] for row in rows[1:]] == [*HOSTILE[:2], f" {HOSTILE[2]}"]
    assert [row[1:] for row in rows[1:3]] == [["<b>bold</b>", "0"], ["+1", "0.2"]]


def test_everything_is_reached_by_keyboard(chromium: Chromium, page: Path) -> None:
    _open(chromium, page)
    chromium.evaluate("canvas.focus()")
    _press(chromium, "n", "Enter", "n", "Enter")
    assert chromium.evaluate("$('count').textContent") == "2 selected"
    assert HOSTILE[1] in chromium.evaluate("$('said').textContent")
    before = chromium.evaluate("[view.x, view.y, view.scale]")
    _press(chromium, "ArrowLeft", "ArrowUp", "+")
    after = chromium.evaluate("[view.x, view.y, view.scale]")
    assert all(a != b for a, b in zip(before, after, strict=True))
    _press(chromium, "0", "Escape")
    assert chromium.evaluate("[view.x, view.y, view.scale]") == before
    assert chromium.evaluate("$('count').textContent") == "0 selected"
    focusable = "[...document.querySelectorAll('select, button:not(:disabled), canvas')]"
    assert chromium.evaluate(f"{focusable}.every((one) => one.tabIndex === 0)")


def test_fits_a_phone(chromium: Chromium, page: Path) -> None:
    _open(chromium, page, width=390, height=800)
    assert chromium.evaluate("document.documentElement.scrollWidth <= 390")


def test_fifty_thousand_points_move(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "many.html"
    file.write_text(render_map(many_points(50_000), title="many", kind="image"), "utf-8")
    _open(chromium, file, width=1200, height=1000)
    assert frames_per_second(chromium) >= 30
