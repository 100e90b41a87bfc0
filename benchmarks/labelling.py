"""The page for labelling with 10,000 images: how soon it opens, and from a key to the next image.

`python -m benchmarks.labelling [ITEMS] [KILLS]` (10,000 and 25 by default)

A real browser presses keys; the time is from the key to the frame that shows the next image. The
server is killed at random moments while answers come as fast as it takes them.
"""

from __future__ import annotations

import csv
import http.client
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from benchmarks.caches import own_cache
from benchmarks.record import Record
from tests.cli.test_label import Program, running
from tests.report.chromium import Chromium, find_chromium

ITEMS, KILLS, KEYS = 10_000, 25, 200
SIDE = 224
_TIMED = """
new Promise((done) => {
  const begun = performance.now(), before = document.documentElement.dataset.shown;
  document.dispatchEvent(new KeyboardEvent("keydown", {key: "1"}));
  (function look() {
    const image = document.querySelector("#picture img");
    const shown = document.documentElement.dataset.shown;
    if (shown !== before && image && image.complete && image.naturalWidth) {
      requestAnimationFrame(() => done(performance.now() - begun));
    } else setTimeout(look, 1);
  })();
})
"""


def main() -> None:
    items, kills = (*map(int, sys.argv[1:]), *(ITEMS, KILLS)[len(sys.argv) - 1 :])
    record = Record("labelling")
    with own_cache(), TemporaryDirectory() as folder:
        photos = _photos(Path(folder), items)
        _page(record, photos, Path(folder), items)
        _killed(record, photos, Path(folder), kills)
    record.write()


def _photos(folder: Path, n: int) -> Path:
    rng = np.random.default_rng(0)
    place = folder / "photos"
    place.mkdir()
    for i in range(n):
        small = rng.integers(0, 256, (14, 14, 3), np.uint8)
        Image.fromarray(small).resize((SIDE, SIDE)).save(place / f"{i:05}.jpg", quality=85)
    return place


def _page(record: Record, photos: Path, folder: Path, n: int) -> None:
    executable = find_chromium()
    if executable is None:
        record.note("skipped", "Chromium is not installed")
        return
    begun = time.monotonic()
    with (
        running(photos, "--out", folder / "labels.csv", "--classes", "a,b") as program,
        Chromium(executable, folder / "profile") as browser,
    ):
        browser.open(f"http://127.0.0.1:{program.port}/?token={program.token}")
        browser.wait_for("document.documentElement.dataset.shown", 60)
        opened = time.monotonic() - begun
        record.note("images", n)
        record.target("seconds from the command to the first image", opened, most=3.0)
        during = list(_keys(browser, KEYS))
        record.note("ms, median, while features are read", float(np.median(during)))
        record.target(
            "ms from a key to the next image, p95, while features are read",
            float(np.quantile(during, 0.95)),
            most=50.0,
        )
        browser.wait_for("!document.querySelector('#progress').textContent.includes('Features')",
                         1200)  # fmt: skip
        after = list(_keys(browser, KEYS))
        record.note("ms, median, with plans", float(np.median(after)))
        record.target(
            "ms from a key to the next image, p95, with plans",
            float(np.quantile(after, 0.95)),
            most=50.0,
        )


def _keys(browser: Chromium, n: int) -> Iterator[float]:
    for _ in range(n):
        found = browser.call(
            "Runtime.evaluate", expression=_TIMED, awaitPromise=True, returnByValue=True
        )
        yield float(found["result"]["value"])
        time.sleep(0.15)


def _killed(record: Record, photos: Path, folder: Path, kills: int) -> None:
    """Answers that were confirmed and are gone after a kill, and those in flight that are there."""
    table, rng = folder / "killed.csv", random.Random(0)
    confirmed: set[str] = set()
    lost = 0
    worst = 0
    for _ in range(kills):
        with running(photos, "--out", table, "--classes", "a,b", "--audit", "0") as program:
            program.state()
            _answer_until_killed(program, confirmed, rng)
        with table.open(encoding="utf-8", newline="") as stream:
            found = {row["path"] for row in csv.DictReader(stream)}
        names = {Path(path).name for path in found}
        gone = confirmed - names
        lost += len(gone)
        worst = max(worst, len(gone))
        confirmed = names
    record.note("kills", kills)
    record.note("answers", len(confirmed))
    record.target("confirmed answers lost by one kill at most", worst, most=1)
    record.note("confirmed answers lost by all", lost)


def _answer_until_killed(program: Program, confirmed: set[str], rng: random.Random) -> None:
    killer = subprocess.Popen(
        ["sh", "-c", f"sleep {rng.uniform(0.05, 1.0)}; kill -9 {program.process.pid}"]
    )
    try:
        state = program.state()
        while state["next"]:
            shown = state["next"][0]
            state = program.answer(shown["id"], "a")
            confirmed.add(Path(shown["texts"][0]).name)
    except (OSError, http.client.HTTPException) as error:  # the connection broke
        print(f"killed: {type(error).__name__}")
    killer.wait()


if __name__ == "__main__":
    main()
