"""How well flipped labels are found.

`python -m benchmarks.doubtful_labels`

Labels of 5 % of the items are flipped to another class, in several draws; the ranking by
out-of-fold probabilities is judged by its area under the ROC curve.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.frozen import Frozen
from benchmarks.record import Record
from topwork.data import Dataset, read
from topwork.heads import stratified_folds
from topwork.quality import doubt_labels
from topwork.validation import cross_validate_head

DRAWS = range(10)
FLIPPED = 0.05
MIN_AUROC = 0.90


def main() -> None:
    record = Record("doubtful_labels")
    with own_cache():
        pacs = bench_data(record, "pacs-mini")
        if pacs:
            whole = read(pacs, layout="domain/class")
            chosen = np.isin(whole.domains, ["photo", "art_painting"])
            _measure(record, "pacs-mini photo + art_painting", whole.take(chosen))
        cifar = bench_data(record, "cifar-mini")
        if cifar:
            _measure(record, "cifar-mini", read(cifar, split="all"))
    record.write()


def _measure(record: Record, title: str, data: Dataset) -> None:
    assert data.targets is not None
    frozen, codes = Frozen.opened(), data.targets.codes
    store = frozen.store()
    done = frozen.extract(data.items, store)
    features = store.read(done.keys)
    rows = [_draw(features, codes, data.n_classes, seed) for seed in DRAWS]
    record.table(title, ["draw", "AUROC", "flagged", "precision", "recall", "label restored"], rows)
    lowest = min(row[1] for row in rows)
    record.target(f"{title}: lowest AUROC of {len(DRAWS)} draws", lowest, least=MIN_AUROC)


def _draw(features: np.ndarray, codes: np.ndarray, k: int, seed: int) -> list[int | float]:
    rng = np.random.default_rng(seed)
    given = codes.copy()
    flipped = rng.permutation(len(codes))[: round(FLIPPED * len(codes))]
    given[flipped] = (given[flipped] + rng.integers(1, k, len(flipped))) % k
    folds = stratified_folds(given, n_folds=5, seed=seed)
    judged = cross_validate_head(features, given, k, folds=folds)
    found = doubt_labels(judged.probabilities_oof, given, judged=judged.seen)
    wrong = given != codes
    hits = found.doubtful & wrong
    return [
        seed,
        float(roc_auc_score(wrong, -found.quality)),
        int(found.doubtful.sum()),
        float(hits.sum() / max(found.doubtful.sum(), 1)),
        float(hits.sum() / wrong.sum()),
        float((found.suggested[hits] == codes[hits]).mean()),
    ]


if __name__ == "__main__":
    main()
