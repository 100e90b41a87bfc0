"""Whether intervals of predicted numbers hold what they promise, how wide they are, what they cost.

`python -m benchmarks.numbers [REPEATS]` (200 by default)

Three sets of numbers, each drawn anew in every repeat: a simulated world whose noise is known, the
ten columns of scikit-learn's diabetes data, and the radius of a disc in a drawn image, told from
raw pixels. A model is fitted on n items and asked about others. The oracle is the same fitted
model with intervals of the width that holds exactly 90 % of those other items (scaled by the size
of the noise where that is known).

The intervals of the cross-validated scores are held against the mean of the scores over all
repeats.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Record
from topwork.heads import stratified_folds
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.number.intervals import fit_intervals
from topwork.tasks.number.nested import nested_numbers
from topwork.tasks.number.scores import NumberScores, number_scores
from topwork.tasks.number.strata import strata

REPEATS = 200
SIZES = (60, 300, 2000)
ERROR_RATE = 0.1
FRESH = 1000
N_FOLDS = 5
N_POOL = 4000

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Items with numbers: ``n`` to learn from, the rest to be asked about.

    Parameters
    ----------
    X, y
        Features and numbers.
    sizes
        Size of the noise of each, where it is known; otherwise ones.
    """

    X: NDArray[np.float32]
    y: Array
    sizes: Array


def world(rng: np.random.Generator, n: int) -> Sample:
    """A linear function of some of 40 features, with noise that grows along one of them."""
    weight = np.random.default_rng(1).normal(size=40) * (np.arange(40) < 12)
    X = rng.normal(size=(n + FRESH, 40)).astype(np.float32)
    sizes = 2.0 * np.exp(0.5 * X[:, 20].astype(np.float64))
    return Sample(X, X @ weight + sizes * rng.normal(size=len(X)), sizes)


def skewed(rng: np.random.Generator, n: int) -> Sample:
    """The same without the growth, and its exponential to be predicted."""
    weight = np.random.default_rng(1).normal(size=40) * (np.arange(40) < 12) / 4
    X = rng.normal(size=(n + FRESH, 40)).astype(np.float32)
    y = np.exp(X @ weight + 0.3 * rng.normal(size=len(X)))
    return Sample(X, y, y)


def diabetes(rng: np.random.Generator, n: int) -> Sample:  # noqa: ARG001  all are drawn
    """Progression of a disease after a year, from ten columns of 442 patients."""
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True)
    order = rng.permutation(len(y))
    return Sample(X[order].astype(np.float32), y[order].astype(np.float64), np.ones(len(y)))


def discs(rng: np.random.Generator, n: int) -> Sample:
    """The radius of a disc at some place of a noisy image, from raw pixels."""
    X, y = _drawn()
    order = rng.permutation(len(y))[: n + FRESH]
    return Sample(X[order], y[order], np.ones(len(order)))


@cache
def _drawn() -> tuple[NDArray[np.float32], Array]:
    from topwork.data import read
    from topwork.features.opened_backbone import open_backbone, read_once
    from topwork.runtime.progress import silent
    from topwork.settings import FitSettings

    rng = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32]
    images, radii = [], rng.uniform(3, 14, N_POOL)
    for radius in radii:
        cy, cx = rng.uniform(12, 20, 2)
        grey = rng.integers(0, 60, (32, 32)) + 150 * ((y - cy) ** 2 + (x - cx) ** 2 < radius**2)
        images.append(grey.astype(np.uint8))
    opened = open_backbone("pixels", FitSettings(backbone="pixels", cache=False))
    data = read(images, radii.tolist(), items="image")
    read_all = read_once(data, opened.request, max_bad=0, progress=silent)
    return opened.part(data, read_all).features.astype(np.float32), radii


SETS: dict[str, tuple[Callable[[np.random.Generator, int], Sample], tuple[int, ...]]] = {
    "simulated, noise that grows": (world, SIZES),
    "simulated, skewed": (skewed, SIZES),
    "diabetes": (diabetes, (60, 300)),
    "radius of drawn discs": (discs, SIZES),
}


@dataclass(frozen=True)
class Outcome:
    """One repeat: coverage on other items, width over the oracle's, and the scores."""

    coverage: float
    width: float
    scores: NumberScores
    transform: str


def repeat(sample: Sample, n: int, seed: int) -> Outcome:
    """Fit on the first n items, ask about the others."""
    X, y, fresh = sample.X[:n], sample.y[:n], slice(n, None)
    folds = stratified_folds(strata(y), n_folds=N_FOLDS, seed=seed)
    found = nested_numbers(FixedRows(X), y, folds)
    transform, column = found.whole.transform, found.whole.column
    rule, spread = fit_intervals(found.ridge, transform, y, found.predicted, error_rate=ERROR_RATE)
    values = column.predict(sample.X[fresh])
    logs = rule.log_residuals(spread, sample.X[fresh])
    ends = rule.around(transform, values, logs)
    assert ends is not None
    true = sample.y[fresh]
    errors = np.abs(true - transform.backward(values)) / sample.sizes[fresh]
    oracle = 2 * np.quantile(errors, 1 - ERROR_RATE) * sample.sizes[fresh]
    return Outcome(
        coverage=float(((ends[0] <= true) & (true <= ends[1])).mean()),
        width=float((ends[1] - ends[0]).mean() / oracle.mean()),
        scores=number_scores(y, found.predicted, cross_validated=True),
        transform=transform.name,
    )


def score_coverage(outcomes: list[Outcome], name: str) -> float:
    """How often the interval of a score holds the mean of that score over all repeats."""
    scores = [getattr(outcome.scores, name) for outcome in outcomes]
    mean = np.mean([score.value for score in scores])
    return float(np.mean([s.low <= mean <= (s.high or np.inf) for s in scores]))


def whole_seconds() -> tuple[float, float]:
    """Seconds of everything for 3,000 items of 1,280 features, and of the processor's cores.

    Folds, fit, intervals and scores; the least of five times, as other work only ever adds.
    """
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 1280)).astype(np.float32)
    y = X[:, :50].sum(axis=1) + 5 * rng.normal(size=3000)
    times, cpu = [], []
    for _ in range(5):
        begun, busy = time.monotonic(), time.process_time()
        folds = stratified_folds(strata(y), n_folds=N_FOLDS)
        found = nested_numbers(FixedRows(X), y, folds)
        fit_intervals(found.ridge, found.whole.transform, y, found.predicted)
        number_scores(y, found.predicted, cross_validated=True)
        times.append(time.monotonic() - begun)
        cpu.append(time.process_time() - busy)
    return min(times), min(cpu)


def main() -> None:
    """Run all sets and record them."""
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    repeats = int(given[0]) if given else REPEATS
    record = Record("numbers")
    record.note("repeats", repeats)
    rows = []
    for name, (draw, sizes) in SETS.items():
        for n in sizes:
            rng = np.random.default_rng(n)
            outcomes = [repeat(draw(rng, n), n, seed) for seed in range(repeats)]
            coverage = float(np.mean([o.coverage for o in outcomes]))
            width = float(np.mean([o.width for o in outcomes]))
            transforms = [o.transform for o in outcomes]
            usual = max(sorted(set(transforms)), key=transforms.count)
            of_scores = [
                score_coverage(outcomes, score) for score in ("mae", "rmse", "r2", "spearman")
            ]
            rows.append((name, n, coverage, width, usual, *of_scores))
            record.target(f"coverage, {name}, n = {n}", coverage, least=0.89)
            record.target(f"coverage, {name}, n = {n}, above", coverage, most=0.93)
            record.target(f"width over the oracle's, {name}, n = {n}", width, most=1.15)
    headings = ("set", "n", "coverage", "width", "scale", "MAE", "RMSE", "R2", "Spearman")
    record.table("90 % intervals on other items; 95 % intervals of the scores", headings, rows)
    seconds, cpu = whole_seconds()
    record.note("seconds of all cores together, 3,000 items of 1,280 features", cpu)
    record.target("seconds, 3,000 items of 1,280 features", seconds, most=2.0)
    record.write()


if __name__ == "__main__":
    main()
