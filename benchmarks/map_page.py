"""How fluently the page of a map moves, in headless Chromium on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.record import Record
from tests.report.chromium import Chromium, find_chromium
from topwork.unsupervised.maps.colouring import Categories
from topwork.unsupervised.maps.map_page import MapPoints, render_map

N, GROUPS, FRAMES = 50_000, 30, 60
MIN_FRAMES = 30.0

_PAN = f"""new Promise((done) => {{
  const times = [];
  const next = (now) => {{
    times.push(now);
    if (times.length > {FRAMES}) done(1000 * {FRAMES} / (times.at(-1) - times[0]));
    else {{ pan(times.length % 20 < 10 ? 5 : -5, 3); requestAnimationFrame(next); }}
  }};
  requestAnimationFrame(next);
}})"""


def main() -> None:
    record = Record("map_page")
    executable = find_chromium()
    if executable is None:
        record.skip("Chromium is not installed")
        record.write()
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        Chromium(executable, Path(folder) / "profile") as chromium,
    ):
        file = Path(folder) / "map.html"
        file.write_text(render_map(many_points(N), title="many", kind="image"), "utf-8")
        chromium.open(file, width=1200, height=1000)
        record.note("bytes of the page", file.stat().st_size)
        record.target(
            f"frames per second while {N:,} points are panned",
            frames_per_second(chromium),
            least=MIN_FRAMES,
        )
    record.write()


def many_points(n: int) -> MapPoints:
    """n points in groups."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, GROUPS, n)
    plane = 4 * rng.normal(size=(GROUPS, 2))[codes] + rng.normal(size=(n, 2))
    labels = [f"group {group}" for group in range(GROUPS)]
    names = [f"images/{i:06}.jpg" for i in range(n)]
    return MapPoints(plane, names, None, {}, [Categories("label", labels, codes)])


def frames_per_second(chromium: Chromium) -> float:
    """Frames a second while the open map is panned."""
    answer = chromium.call(
        "Runtime.evaluate", expression=_PAN, awaitPromise=True, returnByValue=True
    )
    return float(answer["result"]["value"])


if __name__ == "__main__":
    main()
