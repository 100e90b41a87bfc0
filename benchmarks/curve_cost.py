"""What the learning curve costs beside the rest of a fit, whose features are computed anew.

`python -m benchmarks.curve_cost` (`TOPWORK_BENCH_DATA` names the folder with CIFAR-mini)
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.record import Record
from topwork.data import Dataset, read
from topwork.diagnosis.more_labels import QUICK, curve_of_labels
from topwork.inductive import FitSettings, fit

SIZES = ((2, 100), (5, 50), (10, 10), (10, 50), (10, 100))
"""Classes, and labels per class."""


def _part(data: Dataset, k: int, per_class: int) -> Dataset:
    assert data.targets is not None
    codes = data.targets.codes
    return data.take(np.concatenate([np.flatnonzero(codes == c)[:per_class] for c in range(k)]))


def main() -> None:
    record = Record("curve_cost")
    folder = bench_data(record, "cifar-mini")
    if folder is not None:
        data, plain, rows = read(folder), FitSettings(cache=False), []
        fit(_part(data, 2, 10), plain)  # imports, and the network is compiled
        for k, per_class in SIZES:
            begun = time.perf_counter()
            fitted = fit(_part(data, k, per_class), plain)
            whole = time.perf_counter() - begun
            made = fitted.artifacts
            begun = time.perf_counter()
            curve_of_labels(
                made.chosen, made.transfer, made.folds[0], made.groups, FitSettings(strategy="auto")
            )
            curve, measured = time.perf_counter() - begun, fitted.result.learning_curve is not None
            rows.append((f"{k} classes, {per_class} each", whole, curve, measured))
            if k * k * per_class <= QUICK:
                record.target(f"seconds with {k} classes of {per_class}", curve, most=0.3)
                record.target("its share of the fit", curve / whole, most=0.1)
        record.table("seconds", ("", "fit", "curve", "in a plain fit"), rows)
    record.write()


if __name__ == "__main__":
    main()
