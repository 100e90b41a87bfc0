"""Nested cross-validation of the logistic head, with every inner fit used twice.

Fold f is judged by a head whose penalty was chosen on the other folds only. Its inner
validation on fold g uses the fit on all but f and g, which is also the fit that fold g needs for
its inner validation on f. So K folds take K(K − 1)/2 inner paths and K outer ones; the outer
ones in turn choose the penalty of the final fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import LinearHead
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.heads.penalty import (
    DEFAULT_C,
    PENALTIES,
    can_choose,
    held_out_loss,
    penalty_stages,
)

Array = NDArray[np.float32]
#: Called with fits done and fits expected; the expectation is an upper bound.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class NestedFit:
    """Held-out logits of every item, and the final fit.

    Parameters
    ----------
    logits
        (n, k), of the head that did not see the item's fold.
    linear
        The fit on all items.
    C
        Its penalty.
    C_of_fold
        The penalty chosen for each fold, in the order of the folds' numbers.
    """

    logits: Array
    linear: LinearHead
    C: float
    C_of_fold: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _InnerSearch:
    """Losses (number of C tried, K) of each fold's inner validation, and the fits behind them."""

    losses: NDArray[np.float64]
    means: list[list[Array]]

    def best(self) -> list[int]:
        return [int(i) for i in self.losses.argmin(axis=0)]


def nested_fit(
    problem: LogisticProblem, folds: NDArray[np.integer], *, progress: Progress | None = None
) -> NestedFit:
    """Judge the logistic head on every fold and fit it on all items.

    With fewer than three folds, or where half of the classes have a single item, nothing can be
    chosen inside a fold: C is ``DEFAULT_C`` throughout.

    Parameters
    ----------
    problem
        The labelled features.
    folds
        Fold of each item, (n,).
    progress
        Told about every few fits.
    """
    names = np.unique(folds)
    tests = [np.flatnonzero(folds == fold) for fold in names]
    if len(names) < 3 or not can_choose(problem.codes, folds):
        return _fixed(problem, tests, progress)
    ticker = _Ticker(progress, len(names))
    inner = _search_pairs(problem, folds, tests, ticker)
    return _judge(problem, tests, inner, ticker)


class _Ticker:
    """Counts fits, against as many as the whole search could take."""

    def __init__(self, progress: Progress | None, n_folds: int) -> None:
        self._progress = progress
        self._done = 0
        self._expected = len(PENALTIES) * n_folds * (n_folds + 1) // 2 + n_folds + 1

    def add(self, fits: int) -> None:
        self._done += fits
        if self._progress:
            self._progress(self._done, self._expected)

    def finish(self) -> None:
        if self._progress:
            self._progress(self._expected, self._expected)


def _complement(n: int, *held_out: NDArray[np.intp]) -> NDArray[np.intp]:
    kept = np.ones(n, dtype=bool)
    for rows in held_out:
        kept[rows] = False
    return np.flatnonzero(kept)


def _fixed(
    problem: LogisticProblem, tests: list[NDArray[np.intp]], progress: Progress | None
) -> NestedFit:
    n = len(problem.codes)
    logits = np.empty((n, problem.n_classes), dtype=np.float32)
    for done, test in enumerate(tests, start=1):
        fitted = LogisticPath(problem, _complement(n, test)).reach(DEFAULT_C)
        logits[test] = problem.design[test] @ fitted
        if progress:
            progress(done, len(tests) + 1)
    linear = problem.linear(LogisticPath(problem).reach(DEFAULT_C))
    if progress:
        progress(len(tests) + 1, len(tests) + 1)
    return NestedFit(logits, linear, DEFAULT_C, (DEFAULT_C,) * len(tests))


def _search_pairs(
    problem: LogisticProblem,
    folds: NDArray[np.integer],
    tests: list[NDArray[np.intp]],
    ticker: _Ticker,
) -> _InnerSearch:
    """Fit on all but each pair of folds, until every fold's inner loss has risen."""
    pairs = list(combinations(range(len(tests)), 2))
    parts = [_complement(len(folds), tests[f], tests[g]) for f, g in pairs]
    losses: list[NDArray[np.float64]] = []
    means: list[list[Array]] = []
    for _, fits in penalty_stages(problem, parts):
        stage = np.zeros(len(tests))
        sums = [np.zeros_like(fits[0]) for _ in tests]
        for (f, g), W, part in zip(pairs, fits, parts, strict=True):
            stage[f] += held_out_loss(problem, W, fitted=part, held_out=tests[g])
            stage[g] += held_out_loss(problem, W, fitted=part, held_out=tests[f])
            sums[f] += W
            sums[g] += W
        losses.append(stage)
        means.append([total / np.float32(len(tests) - 1) for total in sums])
        ticker.add(len(pairs))
        if np.all(stage > np.min(losses, axis=0)):
            break
    return _InnerSearch(np.array(losses), means)


class _OuterStart:
    """First coefficients of an outer fit: the mean of the inner fits that lack its fold.

    They stop short in the same way at every C, so the last difference is added. Classes that an
    inner fit has not seen start from nothing.
    """

    def __init__(
        self, problem: LogisticProblem, tests: list[NDArray[np.intp]], inner: _InnerSearch
    ) -> None:
        self._means = inner.means
        self.fitted: list[list[Array]] = []
        rows = [_complement(len(problem.codes), test) for test in tests]
        self._plain = [problem.start(part) for part in rows]
        counts = np.array(
            [np.bincount(problem.codes[test], minlength=problem.n_classes) for test in tests]
        )
        total = counts.sum(axis=0)
        self._unseen = [
            np.any((counts[f] + np.delete(counts, f, axis=0)) == total, axis=0)
            for f in range(len(tests))
        ]

    def __call__(self, part: int, C: float) -> Array | None:
        stage = PENALTIES.index(C)
        if stage >= len(self._means):
            return None
        start = self._means[stage][part]
        if stage > 0:
            start = start + (self.fitted[stage - 1][part] - self._means[stage - 1][part])
        return np.where(self._unseen[part], self._plain[part], start)


def _judge(
    problem: LogisticProblem,
    tests: list[NDArray[np.intp]],
    inner: _InnerSearch,
    ticker: _Ticker,
) -> NestedFit:
    """Outer paths: logits at each fold's own penalty, and the final fit's penalty."""
    n = len(problem.codes)
    parts = [_complement(n, test) for test in tests]
    chosen = inner.best()
    logits = np.empty((n, problem.n_classes), dtype=np.float32)
    start = _OuterStart(problem, tests, inner)
    losses: list[float] = []
    for C, fits in penalty_stages(problem, parts, start=start):
        stage = len(losses)
        start.fitted.append(fits)
        losses.append(
            sum(
                held_out_loss(problem, W, fitted=part, held_out=test)
                for W, part, test in zip(fits, parts, tests, strict=True)
            )
        )
        for f in np.flatnonzero(np.array(chosen) == stage):
            fitted = LogisticPath(problem, parts[f]).fit(C, start=fits[f])
            logits[tests[f]] = problem.design[tests[f]] @ fitted
        ticker.add(len(tests))
        if losses[-1] > min(losses) and stage >= max(chosen):
            break
    best = int(np.argmin(losses))
    mean = np.mean(start.fitted[best], axis=0)
    final = LogisticPath(problem).fit(PENALTIES[best], start=_sound(problem, mean, tests))
    ticker.finish()
    penalties = tuple(PENALTIES[i] for i in chosen)
    return NestedFit(logits, problem.linear(final), PENALTIES[best], penalties)


def _sound(problem: LogisticProblem, mean: Array, tests: list[NDArray[np.intp]]) -> Array:
    """``mean`` with the classes reset that one of the outer fits has not seen."""
    counts = np.array(
        [np.bincount(problem.codes[test], minlength=problem.n_classes) for test in tests]
    )
    unseen = np.any(counts == counts.sum(axis=0), axis=0)
    return np.where(unseen, problem.start(None), mean)
