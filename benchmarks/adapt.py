"""Models of one domain adapted to another without labels: what ships, beside the best that could.

All pairs of the four domains of PACS, and three domains to the fourth. Labels of the target are
used for the table alone.

`python -m benchmarks.adapt [--shallow]`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.evaluation.paired import paired_items
from topwork.inductive import FitSettings, fit
from topwork.model import Model
from topwork.transductive import AdaptSettings, adapt

DOMAINS = ("photo", "art_painting", "cartoon", "sketch")
LEAST_GAIN = 0.12
MOST_LOSS = 0.01


def main() -> None:
    settings = AdaptSettings(deep="--shallow" not in sys.argv)
    record = Record("adapt")
    rows: list[tuple[object, ...]] = []
    gains, lost = [], 0
    with own_cache():
        for name, model, target in _pairs(record):
            assert target.targets is not None
            done = adapt(model, target.without_targets(), settings)
            before, after = (_right(m, target) for m in (model, done.model))
            test = paired_items(after.astype(float) - before)
            lost += test.difference < -MOST_LOSS and test.significant
            gains.append(test.difference)
            method = done.result.method or "as it was"
            seconds = done.result.seconds
            rows.append((name, before.mean(), after.mean(), test.difference, method, seconds))
            tell(f"{name}: {before.mean():.3f} -> {after.mean():.3f} ({method}, {seconds:.0f} s)")
    if rows:
        headings = ("from > to", "source only", "what ships", "gain", "how", "s")
        record.table("PACS, accuracy on the unlabelled items", headings, rows)
        record.target("mean gain over source only", float(np.mean(gains)), least=LEAST_GAIN)
        record.target("pairs that lose more than a point significantly", lost, most=0)
    record.write()


def _pairs(record: Record) -> Iterator[tuple[str, Model, Dataset]]:
    folders = {d: bench_data(record, "pacs-mini", d) for d in DOMAINS}
    if not all(folders.values()):
        return
    sets = {d: read(folder) for d, folder in folders.items() if folder is not None}
    for domain in DOMAINS:
        model = fit(sets[domain], FitSettings(baselines=False)).model
        for other in DOMAINS:
            if other != domain:
                yield f"{domain} > {other}", model, sets[other]
    for domain in DOMAINS:
        others = [sets[d] for d in DOMAINS if d != domain]
        paths = [item.path for data in others for item in data.items]
        labels = [v for data in others if data.targets for v in data.targets.values()]
        model = fit(read(paths, labels), FitSettings(baselines=False)).model
        yield f"the others > {domain}", model, sets[domain]


def _right(model: Model, data: Dataset) -> np.ndarray:
    assert data.targets is not None
    return model.predict(data.items) == np.array(data.targets.values())


if __name__ == "__main__":
    main()
