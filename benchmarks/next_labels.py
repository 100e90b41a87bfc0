"""How many labels are saved by labelling what `topwork next` lists, instead of random items.

`python -m benchmarks.next_labels [SEEDS]` (20 by default; `TOPWORK_BENCH_DATA` names the folder
with PACS-mini, CIFAR-mini and SST-2; sets without their data are skipped)

Of each set three quarters are labelled in batches of ten, up to 20 per class (sets with fewer items
are skipped); the rest judges a logistic head on the labels so far. Saved is what is needed less,
in per cent, for the accuracy that random labelling reaches with 5, 10 and 20 labels per class.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.cluster_sets import GroupedSet, grouped_sets
from benchmarks.record import Record
from topwork.heads import fit_logistic, stratified_folds
from topwork.labelling import choose_next

SEEDS = 20
PER_CLASS = (1, 2, 3, 5, 7, 10, 15, 20)
AT = (5, 10, 20)
GOALS = {5: 40.0, 10: 20.0}
SLACK = 0.02
BATCH = 10

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]
Chooses = Callable[[Rows, Codes, int, int], list[int]]


def _random(_: Rows, codes: Codes, n: int, seed: int) -> list[int]:
    rng = np.random.default_rng((seed, int((codes >= 0).sum())))
    return [int(row) for row in rng.permutation(np.flatnonzero(codes < 0))[:n]]


def _listed(X: Rows, codes: Codes, n: int, seed: int) -> list[int]:
    present = np.unique(codes[codes >= 0])
    own = np.where(codes >= 0, np.searchsorted(present, codes), -1)
    return [choice.row for choice in choose_next(X, own, n, seed=seed)]


def curve(one: GroupedSet, chooses: Chooses, seed: int) -> NDArray[np.float64]:
    """Accuracy on the rest with that many labels per class on average, `PER_CLASS`."""
    pool = stratified_folds(one.codes, n_folds=4, seed=seed) > 0
    X, truth = one.X[pool], one.codes[pool]
    k = int(one.codes.max()) + 1
    known = np.full(len(X), -1)
    found: list[float] = []
    for per_class in PER_CLASS:
        budget = min(per_class * k, len(X))
        while (have := int((known >= 0).sum())) < budget:
            rows = chooses(X, known, min(BATCH, budget - have), seed)
            known[rows] = truth[rows]
        have_label = known >= 0
        head = fit_logistic(X[have_label], known[have_label], k)
        right = head.logits(one.X[~pool]).argmax(axis=1) == one.codes[~pool]
        found.append(float(right.mean()))
    return np.array(found)


def saved(random: NDArray[np.float64], listed: NDArray[np.float64], at: int) -> float:
    """Per cent of labels, for the accuracy of random choice at so many per class.

    Negative where more are needed; −100 where that accuracy is not reached.

    Examples
    --------
    >>> round(saved(np.arange(8.0), np.arange(8.0) + 1, 5), 6)
    40.0
    """
    goal, best = random[PER_CLASS.index(at)], np.maximum.accumulate(listed)
    if best[-1] < goal:
        return -100.0
    first = int(np.argmax(best >= goal))
    if first == 0:
        return 100 * (1 - PER_CLASS[0] / at)
    low, high = best[first - 1], best[first]
    share = (goal - low) / (high - low)
    needed = PER_CLASS[first - 1] + share * (PER_CLASS[first] - PER_CLASS[first - 1])
    return float(100 * (1 - needed / at))


def main() -> None:
    seeds = int(next((a for a in sys.argv[1:] if a.isdigit()), SEEDS))
    record = Record("next_labels")
    below: list[float] = []
    helped: dict[int, list[bool]] = {at: [] for at in AT}
    means: dict[int, list[float]] = {at: [] for at in AT}
    for one in grouped_sets(record):
        if one.kind == "row":
            continue
        if 0.75 * len(one.X) < PER_CLASS[-1] * (one.codes.max() + 1):
            record.skip(f"{one.name}: fewer than {PER_CLASS[-1]} items per class to label")
            continue
        random = np.array([curve(one, _random, seed) for seed in range(seeds)])
        listed = np.array([curve(one, _listed, seed) for seed in range(seeds)])
        gap = listed - random.mean(axis=0)
        below.append(float((listed - random).min()))
        rows = []
        for i, per_class in enumerate(PER_CLASS):
            cells = [100 * random[:, i].mean(), 100 * listed[:, i].mean(), 100 * gap[:, i].min()]
            rows.append((str(per_class), *(round(float(cell), 1) for cell in cells)))
        record.table(
            f"{one.name}: accuracy by labels per class, %",
            ("labels", "random", "listed", "worst seed against the mean of random"),
            rows,
        )
        for at in AT:
            each = np.array([saved(r, c, at) for r, c in zip(random, listed, strict=True)])
            own = saved(random.mean(axis=0), listed.mean(axis=0), at)
            half = 1.96 * each.std(ddof=1) / np.sqrt(len(each)) if len(each) > 1 else np.inf
            record.note(
                f"{one.name}: labels saved at {at} per class, %",
                [own, each.mean() - half, each.mean() + half],
            )
            means[at].append(own)
            helped[at].append(bool(each.mean() - half > 0))
    for at, goal in GOALS.items():
        record.target(
            f"labels saved at {at} per class, %, mean over sets",
            float(np.mean(means[at])),
            least=goal,
        )
        record.target(
            f"share of sets where the interval at {at} per class is above 0",
            float(np.mean(helped[at])),
            least=0.5,
        )
    record.target(
        "worst difference to random of the same seed, any budget", min(below), least=-SLACK
    )
    record.write()


if __name__ == "__main__":
    main()
