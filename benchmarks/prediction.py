"""What an answer of a saved model takes: one image after another, and many at once.

`python -m benchmarks.prediction`
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.images import write_classes, write_photographs
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import run
from topwork.model import load

N, WARM = 200, 20
MAX_MS = 8.0


def main() -> None:
    record = Record("prediction")
    with own_cache() as root:
        images = write_classes(root / "images", 10, 10)
        run(TOPWORK, "fit", str(images), "--out", str(root / "model.topwork"), "--json")
        files = write_photographs(root / "photographs", N)
        model = load(root / "model.topwork")
        for file in files[:WARM]:
            model.predict([file])
        latencies = []
        for file in files:
            begun = time.perf_counter()
            model.predict([file])
            latencies.append(1e3 * (time.perf_counter() - begun))
        rates = []
        for _ in range(3):
            begun = time.perf_counter()
            model.predict(files)
            rates.append(N / (time.perf_counter() - begun))
    p50, p99 = (float(np.percentile(latencies, q)) for q in (50, 99))
    record.table(
        f"{N} photographs of 300 x 200 pixels, decoding included",
        ("one at a time, p50 ms", "p99 ms", "all at once, images/s"),
        [(p50, p99, float(np.median(rates)))],
    )
    record.target("ms of a further image", p50, most=MAX_MS)
    record.write()


if __name__ == "__main__":
    main()
