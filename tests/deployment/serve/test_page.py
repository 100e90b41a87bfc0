"""The page in a real browser: a file, a dropped image, a text, a camera, a token."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.serve.serving import Server, serving
from tests.report.chromium import Chromium, find_chromium
from topwork.deployment.serve.routes.served_page import served_page

pytestmark = [
    pytest.mark.usefixtures("socket_enabled"),
    pytest.mark.skipif(
        find_chromium() is None,
        reason="Chromium is not installed: the page is opened by no browser",
    ),
]

SHOWN = "document.documentElement.dataset.shown"
HEAD = "document.querySelector('.result h2').textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    executable = find_chromium()
    assert executable
    with Chromium(executable, tmp_path_factory.mktemp("profile")) as found:
        yield found


def _open(browser: Chromium, server: Server, **how: object) -> None:
    browser.open(f"http://127.0.0.1:{server.port}/", **how)  # type: ignore[arg-type]
    browser.wait_for("!document.getElementById('main').hidden")


def _quiet(browser: Chromium) -> None:
    """No message of the browser, and no request to anybody else."""
    for event in browser.named("Runtime.exceptionThrown", "Log.entryAdded"):
        raise AssertionError(json.dumps(event)[:500])
    for event in browser.named("Network.requestWillBeSent"):
        address = event["request"]["url"]
        assert address.startswith(("http://127.0.0.1:", "data:", "blob:http://127.0.0.1:")), event


def _drop(browser: Chromium, data: bytes, name: str = "a.png", kind: str = "image/png") -> None:
    text = base64.b64encode(data).decode()
    browser.evaluate(
        f"""(() => {{
        const bytes = Uint8Array.from(atob({text!r}), (c) => c.charCodeAt(0));
        const moved = new DataTransfer();
        moved.items.add(new File([bytes], {json.dumps(name)}, {{type: {kind!r}}}));
        dispatchEvent(new DragEvent("drop", {{dataTransfer: moved, cancelable: true}}));
        }})()"""
    )


def test_an_image_is_dropped_and_told(browser: Chromium, server: Server, picture: bytes) -> None:
    _open(browser, server)
    _drop(browser, picture, name="<img src=x onerror=alert(1)>.png")
    browser.wait_for(f"{SHOWN} === '1'", seconds=5)
    expected = server.ask("/v1/predict", picture).json["predictions"][0]
    shown = browser.evaluate(HEAD)
    assert shown == ("Unknown" if expected["unknown"] else expected["label"])
    rows = browser.evaluate("[...document.querySelectorAll('.bars li')].map(r => r.innerText)")
    assert len(rows) == 3
    assert expected["label"] in rows[0]
    assert "95 % confidence interval" in browser.evaluate("document.body.innerText")
    paragraphs = "[...document.querySelectorAll('.said p')].map(p => p.textContent)"
    took = next(p for p in browser.evaluate(paragraphs) if p.endswith(" ms"))
    assert int(took.split()[0]) < 1000
    assert browser.evaluate("document.querySelector('.shown img').naturalWidth") == 48
    _quiet(browser)


def test_a_heat_map_is_drawn_over_the_image(
    browser: Chromium, server: Server, picture: bytes
) -> None:
    _open(browser, server)
    _drop(browser, picture)
    browser.wait_for(f"{SHOWN} === '1'", seconds=5)
    browser.evaluate("document.querySelector('.said button').click()")
    browser.wait_for("!!document.querySelector('.heat')", seconds=10)
    place = "document.querySelector('.shown img').getBoundingClientRect()"
    over = "document.querySelector('.heat').getBoundingClientRect()"
    for side in ("left", "top", "width", "height"):
        assert abs(browser.evaluate(f"{place}.{side} - {over}.{side}")) < 1
    coloured = browser.evaluate(
        """(() => { const canvas = document.querySelector('.heat');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return Math.max(...data.filter((_, n) => n % 4 === 3)); })()"""
    )
    assert coloured > 150
    assert "less probable" in browser.evaluate("document.querySelector('.told').textContent")
    browser.evaluate("document.querySelector('.said button').click()")
    assert browser.evaluate("document.querySelector('.heat').hidden")
    assert browser.evaluate("document.querySelector('.told').hidden")
    _quiet(browser)


def test_what_is_no_image_is_said(browser: Chromium, server: Server) -> None:
    _open(browser, server)
    _drop(browser, b"no image at all")
    browser.wait_for("!document.getElementById('problem').hidden", seconds=5)
    said = browser.evaluate("document.getElementById('problem').textContent")
    assert "cannot be read" in said or "can be read" in said
    _drop(browser, b"text", kind="text/plain")
    browser.wait_for("document.getElementById('problem').textContent === 'That is no image.'")


def test_it_fits_a_phone_in_the_dark(browser: Chromium, server: Server, picture: bytes) -> None:
    _open(browser, server, width=390, height=800, dark=True)
    _drop(browser, picture)
    browser.wait_for(SHOWN)
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(21, 25, 22)"
    heights = browser.evaluate(
        "[...document.querySelectorAll('button')].map(b => b.offsetHeight).filter(Boolean)"
    )
    assert min(heights) >= 40
    _quiet(browser)


def test_keys_open_files_and_a_missing_camera_is_said(browser: Chromium, server: Server) -> None:
    _open(browser, server)
    browser.evaluate(
        "document.getElementById('file').click = () => { document.body.dataset.opened = 'yes' }"
    )
    browser.press("o")
    assert browser.evaluate("document.body.dataset.opened") == "yes"
    browser.evaluate("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error())")
    browser.press("c")
    browser.wait_for("document.getElementById('problem').textContent.includes('camera')")


def test_a_photo_of_the_camera_is_predicted(browser: Chromium, server: Server) -> None:
    _open(browser, server)
    browser.evaluate(
        """navigator.mediaDevices.getUserMedia = () => {
        const canvas = document.createElement("canvas");
        canvas.width = 64; canvas.height = 48;
        const context = canvas.getContext("2d");
        setInterval(() => { context.fillStyle = "#963"; context.fillRect(0, 0, 64, 48); }, 20);
        return Promise.resolve(canvas.captureStream(25));
        }"""
    )
    browser.press("c")
    browser.wait_for("document.getElementById('video').videoWidth === 64")
    browser.evaluate("document.getElementById('take').click()")
    browser.wait_for(f"{SHOWN} === '1'", seconds=10)
    browser.press("Escape")
    assert browser.evaluate("document.getElementById('live').hidden")
    _quiet(browser)


def test_a_token_opens_it(
    browser: Chromium, served_model: Path, picture: bytes, tmp_path: Path
) -> None:
    token = "s3cret-of-sixteen-letters-or-more"
    (tmp_path / "token").write_text(token)
    with serving(served_model, "--token-file", tmp_path / "token") as server:
        browser.open(f"http://127.0.0.1:{server.port}/")
        browser.wait_for("!document.getElementById('login').hidden")
        browser.wait_for("document.activeElement.id === 'token'")
        for key in token:
            browser.press(key)
        browser.press("Enter")
        browser.wait_for("!document.getElementById('main').hidden")
        _drop(browser, picture)
        browser.wait_for(SHOWN)
        assert token not in browser.evaluate("document.documentElement.outerHTML")


def test_it_is_small_and_loads_nothing() -> None:
    page = served_page()
    assert len(page.content) < 60_000
    assert b"http://" not in page.content.replace(b"http://www.w3.org/2000/svg", b"")
    assert b"https://" not in page.content
    assert b"innerHTML" not in page.content
    assert "unsafe" not in page.policy
