"""Whether halves of one set are called different: random divisions of real domains.

Every other half is what a model was fitted on; the rest should be told to be the same domain.

`python -m benchmarks.no_shift [DIVISIONS]` (240 by default)
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit
from topwork.transductive import AdaptSettings, adapt

DIVISIONS = 240
MIN = 0.98


def main() -> None:
    divisions = int(sys.argv[1]) if len(sys.argv) > 1 else DIVISIONS
    record = Record("no_shift")
    with own_cache():
        sets = dict(_sets(record))
        rows, changed = [], 0
        for name, data in sets.items():
            verdicts: Counter[str] = Counter()
            for seed in range(divisions // len(sets)):
                order = np.random.default_rng(seed).permutation(len(data))
                first, second = np.array_split(order, 2)
                model = fit(
                    data.take(np.sort(first)), FitSettings(baselines=False, seed=seed)
                ).model
                done = adapt(
                    model, data.take(np.sort(second)), AdaptSettings(deep=False, seed=seed)
                )
                verdicts[done.result.shift] += 1
                changed += done.result.adapted
            tell(f"{name}: {dict(verdicts)}")
            total = verdicts.total()
            rows.append((name, total, verdicts["none"] / total, dict(verdicts).__repr__()))
    if rows:
        record.table("Random halves", ("domain", "divisions", "no shift", "verdicts"), rows)
        total = sum(int(row[1]) for row in rows)
        none = sum(row[2] * row[1] for row in rows) / total
        record.target("divisions without a shift", none, least=MIN)
        record.note("models that were changed", changed / total)
    record.write()


def _sets(record: Record) -> Iterator[tuple[str, Dataset]]:
    for domain in ("photo", "art_painting", "cartoon", "sketch"):
        folder = bench_data(record, "pacs-mini", domain)
        if folder is not None:
            yield domain, read(folder)
    folder = bench_data(record, "cifar-mini")
    if folder is not None:
        everything = read(folder, split="test")
        yield "small pictures", everything


if __name__ == "__main__":
    main()
