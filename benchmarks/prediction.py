"""What a prediction of a saved model takes: one image after another, and many at once.

A classifier, and a detector of playing cards that looks at crops of its boxes again.

`python -m benchmarks.prediction`
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.images import write_classes, write_photographs
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import run
from topwork.data import read
from topwork.model import load

N, WARM = 200, 20
MAX_MS = 8.0
MINUTES = 3
"""Of the detector's fit."""

MAX_DETECTOR_MS = 40.0


def main() -> None:
    record = Record("prediction")
    with own_cache() as root:
        images = write_classes(root / "images", 10, 10)
        run(TOPWORK, "fit", str(images), "--out", str(root / "model.topwork"), "--json")
        files = write_photographs(root / "photographs", N)
        model = load(root / "model.topwork")
        times = [_times(f"{N} photographs of 300 x 200 pixels", model.predict, files)]
        record.target("ms of a further image", times[0][1], most=MAX_MS)
        cards = bench_data(record, "cards-mini")
        if cards is not None:
            times += _objects(record, cards, root / "cards.topwork")
    heads = ("decoding included", "one at a time, p50 ms", "p99 ms", "all at once, images/s")
    record.table("Predictions from files", heads, times)
    record.write()


def _times(
    name: str, predict: Callable[[Any], object], files: Sequence[Path]
) -> tuple[str, float, float, float]:
    """Milliseconds of one file after another, and files a second of all at once."""
    for file in files[:WARM]:
        predict([file])
    latencies = []
    for file in files:
        begun = time.perf_counter()
        predict([file])
        latencies.append(1e3 * (time.perf_counter() - begun))
    rates = []
    for _ in range(3):
        begun = time.perf_counter()
        predict(files)
        rates.append(len(files) / (time.perf_counter() - begun))
    p50, p99 = (float(np.percentile(latencies, q)) for q in (50, 99))
    return name, p50, p99, float(np.median(rates))


def _objects(record: Record, cards: Path, out: Path) -> list[tuple[str, float, float, float]]:
    """Of a detector that looks at crops, where its fit chose to."""
    options = ("--strategy", "auto", "--minutes", str(MINUTES), "--json", "--quiet")
    said = json.loads(run(TOPWORK, "fit", str(cards), "--out", str(out), *options).stdout)
    model = load(out)
    record.note("playing cards: the second look", said["second_look"]["reason"])
    if said["second_look"]["looks_at"] != "crops":
        record.skip("a detector that looks at crops: this fit didn't choose to")
        return []
    files = [item.path for item in read(cards, split="test").items]
    framing = model.card.framing
    name = f"playing cards, network at {framing.width} x {framing.height} and crops"
    times = _times(name, model.predict, files)
    record.target("ms of a photograph, detector with crops", times[1], most=MAX_DETECTOR_MS)
    record.target("times that torch was imported", float("torch" in sys.modules), most=0)
    return [times]


if __name__ == "__main__":
    main()
