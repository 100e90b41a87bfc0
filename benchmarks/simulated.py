"""Whether intervals, tests, temperatures and prediction sets keep what they promise.

`python -m benchmarks.simulated [REPEATS]` (2,000 by default)

Data are drawn from classes that are Gaussian in a few dozen features, so that the truth is known
and fresh data can be had at will. In grouped settings an item shares half of its noise with its
group, and a group has one class.

What an interval of cross-validated balanced accuracy is held against: the expected balanced
accuracy, on fresh items of fresh groups, of models trained on (K − 1)/K of so many items, over the
drawing of those items too. The oracle draws the data anew in every repeat and knows how the
cross-validated scores then vary; its width is that of the middle 95 % of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Record
from topwork.calibration.conformal import fit_prediction_sets
from topwork.calibration.temperature import fit_temperature
from topwork.heads import softmax, stratified_folds
from topwork.metrics.calibration_error import confidence_bins
from topwork.metrics.intervals import Units
from topwork.metrics.judge import judge
from topwork.metrics.metrics import log_loss
from topwork.metrics.paired import corrected_t_test, paired_items
from topwork.metrics.records import Score
from topwork.validation.repeated import judge_repeats

REPEATS = 2000
N_FOLDS = 5
FRESH = 2000

Array = NDArray[np.float64]
Head = Callable[[Array, NDArray[np.intp], int], Callable[[Array], Array]]


@dataclass(frozen=True)
class World:
    """Where data come from.

    Parameters
    ----------
    n, k, d
        Items, classes, features.
    separation
        Length of a class mean, in standard deviations of the noise.
    group
        Items of a group; 1 for none.
    seed
        Of the class means.
    """

    n: int
    k: int = 4
    d: int = 20
    separation: float = 3.0
    group: int = 1
    seed: int = 0

    @property
    def means(self) -> Array:
        """(k, d)."""
        directions = np.random.default_rng(self.seed).standard_normal((self.k, self.d))
        return directions * self.separation / np.sqrt(self.d)

    def draw(self, rng: np.random.Generator, n: int | None = None) -> Sample:
        """So many items, every class alike."""
        m = (n or self.n) // self.group
        groups = np.repeat(np.arange(m), self.group)
        codes = (np.arange(m) % self.k)[groups]
        noise = rng.standard_normal((len(codes), self.d))
        if self.group > 1:
            noise = (noise + rng.standard_normal((m, self.d))[groups]) / np.sqrt(2)
        return Sample(self.means[codes] + noise, codes, groups if self.group > 1 else None)


@dataclass(frozen=True, eq=False)
class Sample:
    """Features (n, d), codes (n,) and groups (n,) or None."""

    X: Array
    codes: NDArray[np.intp]
    groups: NDArray[np.intp] | None


def nearest_mean(X: Array, codes: NDArray[np.intp], k: int) -> Callable[[Array], Array]:
    """Logits of Gaussians with equal covariance: overconfident with few items."""
    means = np.stack([X[codes == c].mean(axis=0) for c in range(k)])
    bias = 0.5 * np.square(means).sum(axis=1)
    return lambda rows: rows @ means.T - bias


def ridge(X: Array, codes: NDArray[np.intp], k: int) -> Callable[[Array], Array]:
    """Scores of a lightly penalised least-squares fit."""
    design = np.column_stack([X, np.ones(len(X))])
    gram = design.T @ design + np.eye(design.shape[1])
    weights = np.linalg.solve(gram, design.T @ np.eye(k)[codes])
    return lambda rows: 5 * (rows @ weights[:-1] + weights[-1])


def nearest_neighbour(X: Array, codes: NDArray[np.intp], k: int) -> Callable[[Array], Array]:
    """The class of the nearest item: as unstable as heads come."""
    squares = np.square(X).sum(axis=1)
    return lambda rows: np.eye(k)[codes[(squares - 2 * rows @ X.T).argmin(axis=1)]]


def held_out(sample: Sample, k: int, head: Head, *, seed: int) -> tuple[Array, NDArray[np.intp]]:
    """Out-of-fold logits (n, k), and the folds."""
    folds = stratified_folds(sample.codes, n_folds=N_FOLDS, groups=sample.groups, seed=seed)
    logits = np.empty((len(folds), k))
    for fold in range(N_FOLDS):
        test = folds == fold
        logits[test] = head(sample.X[~test], sample.codes[~test], k)(sample.X[test])
    return logits, folds


@dataclass(frozen=True)
class Coverage:
    """How an interval of balanced accuracy did.

    Parameters
    ----------
    truth
        What it should cover.
    covered
        How often it did.
    width
        Its mean width over that of the oracle.
    """

    truth: float
    covered: float
    width: float


def interval_coverage(world: World, head: Head, *, repeats: int, n_repeated: int = 1) -> Coverage:
    """Of the interval of (repeated) grouped cross-validation."""
    labels = [str(c) for c in range(world.k)]
    rows, truths = [], []
    for i in range(repeats):
        rng = np.random.default_rng([world.seed, i])
        sample = world.draw(rng)
        runs = [held_out(sample, world.k, head, seed=r)[0] for r in range(n_repeated)]
        probabilities = np.stack([softmax(run) for run in runs])
        score = _judged(sample, probabilities, labels)
        rows.append((score.value, score.low, score.high))
        truths.append(_on_fresh_items(world, sample, head, rng))
    value, low, high = np.array(rows, dtype=float).T
    truth = float(np.mean(truths))
    oracle = np.quantile(value, 0.975) - np.quantile(value, 0.025)
    return Coverage(
        truth,
        float(np.mean((low <= truth) & (truth <= high))),
        float(np.mean(high - low) / oracle),
    )


def _judged(sample: Sample, probabilities: NDArray[np.float32], labels: list[str]) -> Score:
    if len(probabilities) == 1:
        found = judge(
            sample.codes, probabilities[0], labels, groups=sample.groups, cross_validated=True
        )
    else:
        found = judge_repeats(sample.codes, probabilities, labels, groups=sample.groups)
    return found.scores.balanced_accuracy


def _on_fresh_items(world: World, sample: Sample, head: Head, rng: np.random.Generator) -> float:
    """Balanced accuracy of a model trained on one fold's complement."""
    folds = stratified_folds(sample.codes, n_folds=N_FOLDS, groups=sample.groups, seed=0)
    kept = folds > 0
    fresh = replace(world, group=1).draw(rng, FRESH // world.k * world.k)
    predicted = head(sample.X[kept], sample.codes[kept], world.k)(fresh.X).argmax(axis=1)
    return float(np.mean(predicted == fresh.codes))


@dataclass(frozen=True)
class Rejections:
    """How often a difference was found where there is none, at 5 %."""

    folds: float
    items: float


def null_rejections(world: World, head: Head, *, repeats: int) -> Rejections:
    """Of the paired tests, for models on two halves of the features that are equally good.

    The halves are two draws of features for the same items, so that each model has its own.
    """
    k, found = world.k, np.zeros(2)
    for i in range(repeats):
        rng = np.random.default_rng([world.seed, i, 1])
        one, other = world.draw(rng), world.draw(rng)
        right = []
        for half in (one, other):
            logits, folds = held_out(half, k, head, seed=i)
            right.append(logits.argmax(axis=1) == half.codes)
        differences = right[0].astype(float) - right[1]
        by_fold = [differences[folds == f].mean() for f in range(N_FOLDS)]
        test = corrected_t_test(by_fold, test_to_train=1 / (N_FOLDS - 1))
        items = paired_items(differences, groups=one.groups, n_folds=N_FOLDS)
        found += [test.significant, items.significant]
    return Rejections(*(found / repeats).tolist())


@dataclass(frozen=True)
class Calibrated:
    """What a temperature and prediction sets do to fresh items, on average.

    Parameters
    ----------
    accuracy
        Of the model fitted on all items.
    error_before, error_after
        Adaptive calibration error at temperature 1 and at the one fitted.
    loss_before, loss_after
        Log loss.
    covered
        How often 90 % sets hold the right class.
    size
        Classes in a set.
    """

    accuracy: float
    error_before: float
    error_after: float
    loss_before: float
    loss_after: float
    covered: float
    size: float


def calibration(world: World, head: Head, *, repeats: int) -> Calibrated:
    """Fitted on out-of-fold logits, judged on fresh items of the model fitted on all."""
    rows = []
    for i in range(repeats):
        rng = np.random.default_rng([world.seed, i, 2])
        sample, fresh = world.draw(rng), replace(world, group=1).draw(rng, FRESH)
        logits, _ = held_out(sample, world.k, head, seed=i)
        said = head(sample.X, sample.codes, world.k)(fresh.X)
        rows.append(_calibrated(sample, logits, said, fresh.codes))
    return Calibrated(*np.mean(rows, axis=0).tolist())


def _calibrated(
    sample: Sample, logits: Array, said: Array, codes: NDArray[np.intp]
) -> tuple[float, ...]:
    temperature = fit_temperature(logits, sample.codes).value
    sets = fit_prediction_sets(softmax(logits / temperature), sample.codes, groups=sample.groups)
    before, after = softmax(said), softmax(said / temperature)
    inside = sets.of(after)
    units = Units.of(len(codes))
    return (
        float(np.mean(said.argmax(axis=1) == codes)),
        confidence_bins(before, codes, units).error,
        confidence_bins(after, codes, units).error,
        log_loss(codes, before),
        log_loss(codes, after),
        float(inside[np.arange(len(codes)), codes].mean()),
        float(inside.sum(axis=1).mean()),
    )


INTERVALS = (
    *((World(n, group=group), nearest_mean, 1) for n in (60, 300, 2000) for group in (1, 4)),
    *((World(n, group=group), ridge, 1) for n in (60, 300, 2000) for group in (1, 4)),
    (World(60, group=4), nearest_mean, 3),
    (World(300, group=4), nearest_mean, 3),
    (World(300, k=10, d=30, separation=4.5, group=5), nearest_mean, 1),
    (World(60, k=2, separation=1), ridge, 1),
)
STRESS = ((World(300), nearest_neighbour, 1), (World(300, k=3, d=200), ridge, 1))
"""Heads far less stable than those that ship: shown, but held against no target."""

NULLS = (
    (World(60), nearest_mean),
    (World(60), ridge),
    (World(60, group=4), ridge),
    (World(300), nearest_neighbour),
    (World(300, group=4), nearest_mean),
)
CALIBRATIONS = (
    (World(60, k=3, separation=1.5), nearest_mean),
    (World(60), nearest_mean),
    (World(60), ridge),
    (World(300, k=10, separation=2), nearest_mean),
    (World(300), ridge),
    (World(300, k=30, d=30, separation=4), nearest_mean),
    (World(300, group=4), nearest_mean),
    (World(2000, k=5, separation=2.5), ridge),
)


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS
    record = Record("simulated")
    record.note("repeats a setting", repeats)
    _intervals(record, repeats)
    _tests(record, repeats)
    _probabilities(record, repeats)
    record.write()


def _named(world: World, head: Head) -> tuple[str, int, int, int]:
    return head.__name__, world.n, world.k, world.group


def _intervals(record: Record, repeats: int) -> None:
    title = "95 % intervals of balanced accuracy"
    found = _coverages(record, title, INTERVALS, repeats)
    _coverages(record, f"{title}, unstable heads", STRESS, repeats)
    record.target("least coverage", min(c.covered for c in found), least=0.93)
    record.target(
        "mean width over the oracle's", float(np.mean([c.width for c in found])), most=1.3
    )


def _coverages(
    record: Record, title: str, settings: Sequence[tuple[World, Head, int]], repeats: int
) -> list[Coverage]:
    found = [
        interval_coverage(world, head, repeats=repeats, n_repeated=times)
        for world, head, times in settings
    ]
    record.table(
        title,
        ("head", "items", "classes", "group", "repeats of folds", "truth", "covered", "width"),
        [
            (*_named(world, head), times, *vars(coverage).values())
            for (world, head, times), coverage in zip(settings, found, strict=True)
        ],
    )
    return found


def _tests(record: Record, repeats: int) -> None:
    found = [(w, h, null_rejections(w, h, repeats=repeats)) for w, h in NULLS]
    record.table(
        "Equal models found different, at 5 %",
        ("head", "items", "classes", "group", "by folds", "by items"),
        [(*_named(w, h), r.folds, r.items) for w, h, r in found],
    )
    worst = max(max(r.folds, r.items) for *_, r in found)
    record.target("most rejections", worst, most=0.06)


def _probabilities(record: Record, repeats: int) -> None:
    found = [(w, h, calibration(w, h, repeats=repeats)) for w, h in CALIBRATIONS]
    headings = ("accuracy", "error before", "after", "loss before", "after it", "covered", "size")
    record.table(
        "Temperature and 90 % sets, on fresh items",
        ("head", "items", "classes", "group", *headings),
        [(*_named(w, h), *vars(c).values()) for w, h, c in found],
    )
    record.target(
        "calibration error after − before, largest",
        max(c.error_after - c.error_before for *_, c in found),
        most=0.002,
    )
    record.target("least coverage of sets", min(c.covered for *_, c in found), least=0.88)
    record.target("most coverage of sets", max(c.covered for *_, c in found), most=0.92)


if __name__ == "__main__":
    main()
