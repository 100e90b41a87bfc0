"""Error against labels per class, and what more labels would probably bring."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.metrics.records import Record
from topwork.runtime.executor import run_tasks
from topwork.validation.power_law import PowerLaw, fit_power_law

N_SIZES = 6
#: Labels per class at the smallest size, and fewest at the largest for there to be a curve.
SMALLEST, MIN = 2.0, 8.0
#: The smallest size is not below this share of the labels: a wider span bends the power law.
_SMALLEST_SHARE = 1 / 24
_TOLERANCE = 1e-4

#: Errors on the rows of the second argument after training on each of the first, from small to
#: large.
Judge = Callable[[list[NDArray[np.intp]], NDArray[np.intp]], list[float]]


class CurvePoint(Record):
    """An error at so many labels per class, with its 95 % band where there is one."""

    labels_per_class: float
    error: float
    low: float | None = None
    high: float | None = None


class LearningCurve(Record):
    """Mean error per class against labels per class.

    Parameters
    ----------
    measured
        Means over the subsets.
    fitted
        The power law with its band, from the smallest size to twice all labels.
    now, twice
        The power law at all labels and at twice as many; None without a curve.
    sentence
        What twice the labels would probably bring.
    """

    measured: tuple[CurvePoint, ...]
    fitted: tuple[CurvePoint, ...]
    now: CurvePoint | None
    twice: CurvePoint | None
    sentence: str


def learning_curve(
    judge: Judge,
    codes: NDArray[np.integer],
    *,
    folds: NDArray[np.integer],
    groups: ArrayLike | None = None,
    n_sizes: int = N_SIZES,
    seed: int = 0,
) -> LearningCurve:
    """Judge nested subsets of the labels on held-out folds, one chain of subsets a fold.

    Every subset holds the same share of each class; its items come in a random order of groups.
    The error is of heads trained on so many labels, on items of other folds.

    Parameters
    ----------
    judge
        Trains and judges, such as ``logistic_judge``; called by several threads.
    codes
        Class of each item, (n,).
    folds
        Fold of each item, (n,); five or more.
    groups
        Group of each item, (n,).
    n_sizes
        Sizes measured, five or more.
    seed
        Of the subsets and of the band.
    """
    k = len(np.unique(codes))
    names = np.unique(folds)
    most = (1 - 1 / len(names)) * len(codes) / k
    if most < MIN:
        return _nothing(len(codes) / k)
    shares = np.geomspace(max(SMALLEST / most, _SMALLEST_SHARE), 1, n_sizes)
    tests = [np.flatnonzero(folds == fold) for fold in names]
    rng = np.random.default_rng(seed)
    chains = [_chain(codes, folds != fold, shares, groups, rng) for fold in names]
    errors = np.array(run_tasks(partial(_errors, judge), zip(chains, tests, strict=True)))
    sizes = np.mean([[len(part) for part in chain] for chain in chains], axis=0) / k
    law = fit_power_law(sizes, errors, seed=seed)
    return _curve(law, sizes, errors.mean(axis=0), len(codes) / k)


def _chain(
    codes: NDArray[np.integer],
    allowed: NDArray[np.bool_],
    shares: NDArray[np.float64],
    groups: ArrayLike | None,
    rng: np.random.Generator,
) -> list[NDArray[np.intp]]:
    """Nested subsets of the allowed rows, one for each share of every class."""
    rows = np.flatnonzero(allowed)
    members = (
        rows if groups is None else np.unique(np.asarray(groups)[rows], return_inverse=True)[1]
    )
    order = rng.permutation(int(members.max()) + 1)[members]
    rows = rows[np.lexsort((order, codes[rows]))]
    _, starts, counts = np.unique(codes[rows], return_index=True, return_counts=True)
    place = np.arange(len(rows)) - np.repeat(starts, counts)
    size = np.repeat(counts, counts)
    return [rows[place < np.maximum(1, np.round(share * size))] for share in shares]


def logistic_judge(problem: LogisticProblem, C: float) -> Judge:
    """Mean error per class of logistic heads at one penalty C."""
    return partial(_logistic_errors, problem, C)


def _errors(judge: Judge, part: tuple[list[NDArray[np.intp]], NDArray[np.intp]]) -> list[float]:
    return judge(*part)


def _logistic_errors(
    problem: LogisticProblem, C: float, train: list[NDArray[np.intp]], test: NDArray[np.intp]
) -> list[float]:
    errors = []
    for rows in train:
        fitted = LogisticPath(problem, rows).reach(C, tolerance=_TOLERANCE)
        predicted = (problem.design[test] @ fitted).argmax(axis=1)
        errors.append(_balanced_error(problem.codes[test], predicted))
    return errors


def _balanced_error(codes: NDArray[np.integer], predicted: NDArray[np.integer]) -> float:
    counts = np.bincount(codes)
    wrong = np.bincount(codes, codes != predicted)
    return float(np.mean(wrong[counts > 0] / counts[counts > 0]))


def _nothing(per_class: float) -> LearningCurve:
    return LearningCurve(
        measured=(),
        fitted=(),
        now=None,
        twice=None,
        sentence=f"{per_class:.0f} labels per class are too few for a learning curve "
        f"({MIN / 0.8:.0f} needed).",
    )


def _curve(
    law: PowerLaw, sizes: NDArray[np.float64], means: NDArray[np.float64], per_class: float
) -> LearningCurve:
    now, twice = _point(law, per_class), _point(law, 2 * per_class)
    grid = np.geomspace(sizes.min(), 2 * per_class, 25)
    return LearningCurve(
        measured=tuple(
            CurvePoint(labels_per_class=float(n), error=float(e))
            for n, e in zip(sizes, means, strict=True)
        ),
        fitted=tuple(_point(law, float(n)) for n in grid),
        now=now,
        twice=twice,
        sentence=_sentence(now, twice),
    )


def _point(law: PowerLaw, labels: float) -> CurvePoint:
    error, low, high = law.error(labels)
    return CurvePoint(labels_per_class=labels, error=error, low=low, high=high)


def _sentence(now: CurvePoint, twice: CurvePoint) -> str:
    assert twice.low is not None
    assert twice.high is not None
    gain = now.error - twice.error
    change = "fall" if gain >= 0.005 else "hardly fall"
    sure = "would probably" if twice.high < now.error or gain < 0.005 else "may"
    return (
        f"With twice the labels ({twice.labels_per_class:.0f} per class instead of "
        f"{now.labels_per_class:.0f}) the mean error per class {sure} {change}, from "
        f"{100 * now.error:.1f} to {100 * twice.error:.1f} % ({100 * twice.low:.1f} to "
        f"{100 * twice.high:.1f} %)."
    )
