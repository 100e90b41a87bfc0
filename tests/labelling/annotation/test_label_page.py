"""The page in a real browser: keys, mouse and finger."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.labelling.annotation.serving import served
from tests.labelling.annotation.sittings import sitting_of
from tests.report.chromium import Chromium, find_chromium
from topwork.labelling.annotation.planning import Plan
from topwork.labelling.annotation.session import Sitting

pytestmark = [
    pytest.mark.skipif(
        find_chromium() is None,
        reason="Chromium is not installed: the page is opened by no browser",
    ),
    pytest.mark.usefixtures("socket_enabled"),
]

SHOWN = "document.documentElement.dataset.shown"
LOADED = "document.querySelector('#picture img')?.complete"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    executable = find_chromium()
    assert executable
    with Chromium(executable, tmp_path_factory.mktemp("profile")) as found:
        yield found


def _rows(sitting: Sitting) -> list[dict[str, str]]:
    with sitting.file.file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _labels(sitting: Sitting) -> list[str]:
    return [row["label"] for row in _rows(sitting)] if sitting.file.file.exists() else []


def _answered(browser: Chromium, n: int) -> None:
    browser.wait_for(f"document.querySelector('#progress').textContent.startsWith('{n} of')")


def _open(browser: Chromium, address: str, **how: object) -> None:
    browser.open("about:blank")  # the page before asks its own server, which has ended
    browser.open(address, **how)  # type: ignore[arg-type]
    browser.wait_for(SHOWN)


def _quiet(browser: Chromium) -> None:
    """No message of the browser, and no request to anybody else."""
    for event in browser.named("Runtime.exceptionThrown", "Log.entryAdded"):
        raise AssertionError(json.dumps(event)[:500])
    for event in browser.named("Network.requestWillBeSent"):
        assert event["request"]["url"].startswith(("http://127.0.0.1:", "data:")), event


def test_a_sitting_by_keys_alone(browser: Chromium, drawn: Path, tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, drawn)
    with served(sitting) as server:
        _open(browser, server.address)
        browser.wait_for("document.activeElement.id === 'find'")
        for key in "discs":
            browser.press(key)
        first = browser.evaluate(SHOWN)
        browser.press("Enter")
        _answered(browser, 1)
        assert browser.evaluate(SHOWN) != first
        browser.press("/")
        for key in "bars":
            browser.press(key)
        browser.press("Enter")
        _answered(browser, 2)
        assert _labels(sitting) == ["discs", "bars"]
        for key in "1221":
            browser.press(key)
        _answered(browser, 6)
        assert _labels(sitting) == ["discs", "bars", "discs", "bars", "bars", "discs"]
        for n in (5, 4):
            browser.press("u" if n == 5 else "Backspace")
            _answered(browser, n)
        assert _labels(sitting) == ["discs", "bars", "discs", "bars"]
        shown = browser.evaluate(SHOWN)
        browser.press("s")
        browser.wait_for(f"{SHOWN} !== '{shown}'")
        assert len(_labels(sitting)) == 4
        browser.wait_for(LOADED)
        _quiet(browser)


def test_keys_pressed_faster_than_answers_come_are_all_kept(
    browser: Chromium, drawn: Path, tmp_path: Path
) -> None:
    sitting = sitting_of(tmp_path, drawn, classes=["a", "b"])
    with served(sitting) as server:
        _open(browser, server.address)
        browser.evaluate(
            "for (const key of '121221')"
            " document.dispatchEvent(new KeyboardEvent('keydown', {key}))"
        )
        _answered(browser, 6)
        assert _labels(sitting) == ["ab"[int(key) - 1] for key in "121221"]


def test_proposals_and_the_grid(browser: Chromium, drawn: Path, tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, drawn, classes=["discs", "other"])
    proposed = {i: ("discs" if i < 20 else "other", 0.9 - i / 100) for i in range(36)}
    sitting.plan(Plan(suggestions=proposed))
    with served(sitting) as server:
        _open(browser, server.address)
        shown = int(browser.evaluate(SHOWN))
        browser.press(" ")
        _answered(browser, 1)
        assert _labels(sitting) == [proposed[shown][0]]
        assert sitting.journal.actions[-1][0].how == "suggested"
        browser.press("g")
        browser.wait_for("!document.querySelector('#many').hidden")
        n = browser.evaluate("document.querySelectorAll('#thumbs button').length")
        browser.press("ArrowRight")
        browser.press("x")
        marked = browser.wait_for(
            "document.querySelector('#thumbs [aria-pressed=true]')?.dataset.id"
        )
        browser.press("Enter")
        _answered(browser, n)
        assert sitting.known().values[int(marked)] is None
        assert {a.how for a in sitting.journal.actions[-1]} == {"grid"}
        browser.press("u")
        _answered(browser, 1)
        _quiet(browser)


def test_a_finger_is_enough(browser: Chromium, drawn: Path, tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, drawn, classes=["a", "b"])
    with served(sitting) as server:
        browser.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=1)
        try:
            _open(browser, server.address, width=390, height=840)
            browser.wait_for("document.querySelectorAll('#classes button').length === 2")
            wide = "document.documentElement.scrollWidth <= innerWidth"
            assert browser.evaluate(wide), "no sideways scroll"
            browser.tap(*browser.middle("#classes button:nth-child(2)"))
            _answered(browser, 1)
            browser.tap(*browser.middle("#classes button:nth-child(1)"))
            _answered(browser, 2)
            browser.tap(*browser.middle("#undo"))
            _answered(browser, 1)
            assert _labels(sitting) == ["b"]
            small = """[...document.querySelectorAll('button')].filter(b => b.checkVisibility()
                && b.getBoundingClientRect().height < 40).length"""
            assert browser.evaluate(small) == 0, "large enough for a finger"
        finally:
            browser.call("Emulation.setTouchEmulationEnabled", enabled=False)


def test_several_labels(browser: Chromium, drawn: Path, tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, drawn, form="labels", classes=["round", "grey", "striped"])
    with served(sitting) as server:
        _open(browser, server.address)
        for key in ("1", "3", "1", "2", "Enter"):
            browser.press(key)
        _answered(browser, 1)
        browser.press("Enter")
        _answered(browser, 2)
        assert _labels(sitting) == ["striped;grey", ""]
        _quiet(browser)


def test_boxes_are_drawn_moved_named_and_removed(
    browser: Chromium, drawn: Path, tmp_path: Path
) -> None:
    sitting = sitting_of(tmp_path, drawn, form="boxes", classes=["disc", "bar"])
    boxes = "JSON.parse(document.documentElement.dataset.boxes || '[]')"
    with served(sitting) as server:
        _open(browser, server.address)
        browser.wait_for(LOADED)
        x, y, w, h = browser.evaluate(
            "(() => { const b = document.querySelector('#picture img').getBoundingClientRect();"
            " return [b.x, b.y, b.width, b.height]; })()"
        )
        side = min(w, h)
        x, y = x + (w - side) / 2, y + (h - side) / 2
        browser.drag((x + side / 4, y + side / 4), (x + side / 2, y + side * 3 / 4))
        ((name, *corners),) = browser.evaluate(boxes)
        assert name == "disc"
        assert corners == pytest.approx([12, 12, 24, 36], abs=0.7)
        browser.press("2")
        browser.press("ArrowRight")
        browser.press("ArrowDown", shift=True)
        ((name, *moved),) = browser.evaluate(boxes)
        assert name == "bar"
        assert moved == pytest.approx([13, 12, 25, 37], abs=0.7)
        browser.drag((x + side / 3, y + side / 2), (x + side / 3, y - 10 * side))
        ((_, *clipped),) = browser.evaluate(boxes)
        assert clipped[1] == 0, "it stays in the image"
        browser.press("b")
        assert len(browser.evaluate(boxes)) == 2
        browser.press("Delete")
        browser.press("Enter")
        _answered(browser, 1)
        browser.press("Enter")
        _answered(browser, 2)
        rows = _rows(sitting)
        assert [row["label"] for row in rows] == ["bar", ""]
        assert float(rows[0]["y_min"]) == 0
        browser.press("u")
        _answered(browser, 1)
        _quiet(browser)


def test_proposed_boxes_are_taken_and_mended(
    browser: Chromium, drawn: Path, tmp_path: Path
) -> None:
    sitting = sitting_of(tmp_path, drawn, form="boxes", classes=["disc"])
    proposed = [["disc", 5.0, 5.0, 20.0, 20.0], ["disc", 22.0, 22.0, 40.0, 40.0]]
    sitting.plan(Plan(suggestions=dict.fromkeys(range(36), (proposed, 0.8))))
    with served(sitting) as server:
        _open(browser, server.address)
        browser.wait_for(LOADED)
        browser.press(" ")
        browser.press("n")
        browser.press("Delete")
        browser.press("Enter")
        _answered(browser, 1)
        (row,) = _rows(sitting)
        assert [row[name] for name in ("x_min", "y_min", "x_max", "y_max")] == [
            "22", "22", "40", "40",
        ]  # fmt: skip


def test_hostile_names_are_only_text(browser: Chromium, tmp_path: Path) -> None:
    texts = ("</script><script>document.title='owned'</script>", "<img src=x onerror=alert(1)>")
    sitting = sitting_of(tmp_path, texts, classes=["<svg onload=alert(1)>", "b"])
    with served(sitting) as server:
        _open(browser, server.address)
        browser.press("1")
        _answered(browser, 1)
        assert browser.evaluate("document.title") == "shapes · topwork label"
        assert "enlarges" not in browser.evaluate("document.querySelector('#keys').textContent")
        assert browser.evaluate("document.querySelectorAll('#one svg, #text img').length") == 0
        browser.press("2")
        browser.wait_for("!document.querySelector('#end').hidden")
        _quiet(browser)


def test_a_server_that_ended_is_said(browser: Chromium, drawn: Path, tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, drawn, classes=["a"])
    with served(sitting) as server:
        _open(browser, server.address)
        shown = browser.evaluate(SHOWN)
    browser.press("1")
    browser.wait_for("!document.querySelector('#problem').hidden")
    assert "labels.csv" in browser.evaluate("document.querySelector('#problem').textContent")
    assert browser.evaluate(SHOWN) == shown, "the item is still there"


def test_what_went_wrong_stays_until_the_next_action(
    browser: Chromium, drawn: Path, tmp_path: Path
) -> None:
    """The page asks for the state each second, which must not take the message away."""
    sitting = sitting_of(tmp_path, drawn, classes=["a"])
    with served(sitting) as server:
        _open(browser, server.address)
        browser.press("g")
        problem = "document.querySelector('#problem')"
        browser.wait_for(f"!{problem}.hidden")
        sitting.notes.append("a later state")
        browser.wait_for("document.querySelector('#notes').textContent.includes('later')")
        assert "Nothing is proposed yet" in browser.evaluate(f"{problem}.textContent")
        browser.press("1")
        _answered(browser, 1)
        browser.wait_for(f"{problem}.hidden")


def test_done_ends_the_server(browser: Chromium, drawn: Path, tmp_path: Path) -> None:
    sitting = sitting_of(tmp_path, drawn, classes=["a"])
    with served(sitting) as server:
        _open(browser, server.address)
        browser.press("1")
        _answered(browser, 1)
        browser.evaluate("document.querySelector('#done').click()")
        browser.wait_for("!document.querySelector('#end').hidden")
        assert sitting.ended
