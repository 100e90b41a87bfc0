"""Nested cross-validation of the logistic head, with every inner fit used twice.

Fold f is judged by a head whose penalty was chosen on other folds only. Its inner validation
on fold g uses the fit on all but f and g, which is also the fit that fold g needs for its
inner validation on f. The folds stand in a ring and each is validated on its two neighbours:
K inner paths instead of K(K - 1)/2, for a choice that comes out the same or next to it. The
final fit takes the median of the folds' choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import LinearHead
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.heads.penalty import (
    DEFAULT_C,
    PENALTIES,
    SEARCH_TOLERANCE,
    USUAL_START,
    can_choose,
    first_minimum,
    held_out_loss,
    penalty_stages,
)
from topwork.runtime.executor import run_tasks
from topwork.runtime.progress import Progress, silent

Array = NDArray[np.float32]


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


def nested_fit(
    problem: LogisticProblem,
    folds: NDArray[np.integer],
    *,
    search: bool = True,
    progress: Progress = silent,
) -> NestedFit:
    """Judge the logistic head on every fold and fit it on all items.

    With fewer than three folds, or where most of the classes have a single item, nothing can be
    chosen inside a fold: C is ``DEFAULT_C`` throughout.

    Parameters
    ----------
    problem
        The labelled features.
    folds
        Fold of each item, (n,); −1 for items that every fit learns from and that are not judged.
    search
        Whether to choose C at all; ``DEFAULT_C`` otherwise.
    progress
        Told about every few fits; how many are expected is an upper bound.
    """
    names = np.unique(folds[folds >= 0])
    tests = [np.flatnonzero(folds == fold) for fold in names]
    if not search or len(names) < 3 or not can_choose(problem.codes, folds):
        tolerance = None if search else SEARCH_TOLERANCE
        return _fixed(problem, tests, tolerance, progress)
    ticker = _Ticker(progress, len(names))
    return _judge(problem, tests, _search_pairs(problem, tests, ticker), ticker)


class _Ticker:
    """Counts fits, against as many as the whole search could take."""

    def __init__(self, progress: Progress, n_folds: int) -> None:
        self._progress = progress
        self._done = 0
        self._expected = len(PENALTIES) * n_folds + n_folds + 1

    def add(self, fits: int) -> None:
        self._done += fits
        self._progress(self._done, self._expected)

    def finish(self) -> None:
        self._progress(self._expected, self._expected)


def _complement(n: int, *held_out: NDArray[np.intp]) -> NDArray[np.intp]:
    kept = np.ones(n, dtype=bool)
    for rows in held_out:
        kept[rows] = False
    return np.flatnonzero(kept)


def _fixed(
    problem: LogisticProblem,
    tests: list[NDArray[np.intp]],
    tolerance: float | None,
    progress: Progress,
) -> NestedFit:
    """Fits at ``DEFAULT_C``; without a tolerance they are as exact as fits that ship."""
    n = len(problem.codes)
    logits = np.zeros((n, problem.n_classes), dtype=np.float32)
    for done, test in enumerate(tests, start=1):
        path = LogisticPath(problem, _complement(n, test))
        fitted = path.reach(DEFAULT_C, tolerance=tolerance)
        logits[test] = problem.design[test] @ fitted
        progress(done, len(tests) + 1)
    linear = problem.linear(LogisticPath(problem).reach(DEFAULT_C, tolerance=tolerance))
    progress(len(tests) + 1, len(tests) + 1)
    return NestedFit(logits, linear, DEFAULT_C, (DEFAULT_C,) * len(tests))


@dataclass(frozen=True, eq=False)
class _Choice:
    """A fold's penalty by its number in ``PENALTIES``, and a fit there without the fold."""

    penalty: int
    near: Array


def _search_pairs(
    problem: LogisticProblem, tests: list[NDArray[np.intp]], ticker: _Ticker
) -> list[_Choice]:
    """Each fold's choice, from fits on all but two neighbours.

    Begins in the middle of the grid; folds for which that penalty was too weak search again
    from its start. Nothing of a fold's choice depends on the fold, so neither does whether the
    other search took place.
    """
    choices = _search_from(USUAL_START, problem, tests, ticker)
    if all(choice.penalty > USUAL_START for choice in choices):
        return choices
    again = _search_from(0, problem, tests, ticker)
    pairs = zip(choices, again, strict=True)
    return [late if late.penalty > USUAL_START else early for late, early in pairs]


def _search_from(
    first: int, problem: LogisticProblem, tests: list[NDArray[np.intp]], ticker: _Ticker
) -> list[_Choice]:
    """Each fold's choice; stops when the inner loss of every fold has risen."""
    ring = [(f, (f + 1) % len(tests)) for f in range(len(tests))]
    parts = [_complement(len(problem.codes), tests[f], tests[g]) for f, g in ring]
    losses: list[list[float]] = [[] for _ in tests]
    kept: list[list[Array]] = []
    for _, fits in penalty_stages(problem, parts, first=first):
        kept.append(fits)
        for curve in losses:
            curve.append(0.0)
        for (f, g), W, part in zip(ring, fits, parts, strict=True):
            losses[f][-1] += held_out_loss(problem, W, fitted=part, held_out=tests[g])
            losses[g][-1] += held_out_loss(problem, W, fitted=part, held_out=tests[f])
        ticker.add(len(ring))
        if all(first_minimum(curve) is not None for curve in losses):
            break
    best = [_choice(curve) for curve in losses]
    return [_Choice(first + i, kept[i][f]) for f, i in enumerate(best)]


def _choice(losses: list[float]) -> int:
    best = first_minimum(losses)
    return len(losses) - 1 if best is None else best


def _judge(
    problem: LogisticProblem,
    tests: list[NDArray[np.intp]],
    choices: list[_Choice],
    ticker: _Ticker,
) -> NestedFit:
    """Logits of each fold at its own penalty, and the fit on all items at the folds' common one."""
    parts = [_complement(len(problem.codes), test) for test in tests]
    fits = run_tasks(partial(_fit, problem), list(zip(parts, choices, strict=True)))
    logits = np.zeros((len(problem.codes), problem.n_classes), dtype=np.float32)
    for test, W in zip(tests, fits, strict=True):
        logits[test] = problem.design[test] @ W
    ticker.add(len(tests))
    # each fold's choice comes from two others; what most of them agree on holds for all items
    common = int(np.median([choice.penalty for choice in choices]))
    near: Array = np.mean(fits, axis=0)
    linear = problem.linear(LogisticPath(problem).fit(PENALTIES[common], start=near))
    ticker.finish()
    return NestedFit(
        logits, linear, PENALTIES[common], tuple(PENALTIES[c.penalty] for c in choices)
    )


def _fit(problem: LogisticProblem, task: tuple[NDArray[np.intp], _Choice]) -> Array:
    """The selected fit for some rows and a penalty."""
    rows, choice = task
    return LogisticPath(problem, rows).fit(PENALTIES[choice.penalty], start=choice.near)
