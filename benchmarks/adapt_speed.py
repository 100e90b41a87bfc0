"""Seconds that an adaptation takes: 2,000 labelled small pictures, and the same ones in fog.

`python -m benchmarks.adapt_speed`
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.domain_pairs import CORRUPTIONS, values_of, written
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import read
from topwork.inductive import FitSettings, fit
from topwork.transductive import AdaptSettings, adapt

MAX_STORED, MAX_DEEP = 20.0, 180.0


def main() -> None:
    record = Record("adapt_speed")
    folder = bench_data(record, "cifar-mini")
    if folder is not None:
        with own_cache() as root:
            _measure(record, folder, root)
    record.write()


def _measure(record: Record, folder: Path, root: Path) -> None:
    source = read(folder, split="train")
    pictures = [np.asarray(Image.open(i.path).convert("RGB")) for i in source.items if i.path]
    target = written(pictures, values_of(source), root / "fog", CORRUPTIONS["fog"])
    model = fit(source, FitSettings(baselines=False)).model
    rows = []
    for name, deep in (
        ("from files, top only", False),
        ("stored features, top only", False),
        ("from files, behind cuts", True),
        ("stored activations, behind cuts", True),
    ):
        settings = AdaptSettings(deep=deep)
        begun = time.perf_counter()
        result = adapt(model, target, settings).result
        seconds = time.perf_counter() - begun
        rows.append((name, len(target), seconds, result.method or "as it was"))
        tell(f"{name}: {seconds:.1f} s")
    record.table("One adaptation", ("what", "items", "s", "how"), rows)
    record.target("s on stored features", rows[1][2], most=MAX_STORED)
    record.target("s behind cuts, their activations included", rows[2][2], most=MAX_DEEP)


if __name__ == "__main__":
    main()
