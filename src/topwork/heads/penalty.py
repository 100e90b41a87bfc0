"""The penalty of the logistic head, chosen by cross-validated log loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.runtime.executor import run_tasks

#: Tried from strong to weak, as long as the loss falls.
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4, 1e5)
#: Where in ``PENALTIES`` a nested search begins: stronger penalties are seldom best.
USUAL_START = 2
#: Where the data are too few to choose: good on L2-normalised features of many networks.
DEFAULT_C = 30.0
#: Fits that only choose a penalty may stop earlier, in mean log loss.
SEARCH_TOLERANCE = 1e-4

Array = NDArray[np.float32]


def penalty_stages(
    problem: LogisticProblem,
    parts: Sequence[NDArray[np.integer]],
    *,
    first: int = 0,
    starts: Sequence[Array] | None = None,
) -> Iterator[tuple[float, list[Array]]]:
    """For every C of ``PENALTIES`` in turn, rough fits on each part; stop taking them at will.

    Parameters
    ----------
    problem
        The labelled features.
    parts
        Rows to fit on, one array a fit.
    first
        Where in ``PENALTIES`` to begin.
    starts
        Coefficients (p, k) near the first fit of each part, if there are any.
    """
    paths = [LogisticPath(problem, rows) for rows in parts]
    for C in PENALTIES[first:]:
        if starts is None:
            paths = run_tasks(partial(_reached, C=C), paths)
        else:
            paths = run_tasks(partial(_fitted, C=C), list(zip(paths, starts, strict=True)))
            starts = None
        yield C, [path.latest for path in paths]


def _reached(path: LogisticPath, *, C: float) -> LogisticPath:
    """The path with a rough fit at C as its latest."""
    path.reach(C, tolerance=SEARCH_TOLERANCE)
    return path


def _fitted(task: tuple[LogisticPath, Array], *, C: float) -> LogisticPath:
    """The same from coefficients near it."""
    path, start = task
    path.fit(C, start=start, tolerance=SEARCH_TOLERANCE)
    return path


def held_out_loss(
    problem: LogisticProblem,
    coefficients: Array,
    *,
    fitted: NDArray[np.integer],
    held_out: NDArray[np.integer],
) -> float:
    """Summed log loss of the held-out rows, weighted as a fit on them would be.

    Rows of a class that the fit has not seen say nothing about the penalty and are left out.
    """
    seen = np.isin(problem.codes[held_out], problem.codes[fitted])
    rows = held_out[seen]
    if len(rows) == 0:
        return 0.0
    loss = problem.loss(rows, 1.0)
    _, mean = loss.of_logits(loss.design @ coefficients)
    return mean * len(rows)


def can_choose(codes: NDArray[np.integer], folds: NDArray[np.integer]) -> bool:
    """Whether cross-validation can say anything: half of the classes or more have two items."""
    counts = np.bincount(codes)
    return len(np.unique(folds)) > 1 and float(np.median(counts[counts > 0])) >= 2


def first_minimum(losses: Sequence[float]) -> int | None:
    """Where the loss was before it first rose; None while it has not.

    Choices stop there and look no further, so that one fold's choice cannot depend on how far
    the search went for another.

    Examples
    --------
    >>> first_minimum([3.0, 2.0, 2.5, 1.0]), first_minimum([3.0, 2.0])
    (1, None)
    """
    for i in range(1, len(losses)):
        if losses[i] > losses[i - 1]:
            return i - 1
    return None


def choose_penalty(problem: LogisticProblem, folds: NDArray[np.integer]) -> float:
    """The C of ``PENALTIES`` before the log loss over the held-out folds first rises.

    ``DEFAULT_C`` where most of the classes have a single item.

    Parameters
    ----------
    problem
        The labelled training features.
    folds
        Fold of each item, (n,).
    """
    if not can_choose(problem.codes, folds):
        return DEFAULT_C
    names = np.unique(folds)
    parts = [np.flatnonzero(folds != fold) for fold in names]
    tests = [np.flatnonzero(folds == fold) for fold in names]
    losses: list[float] = []
    for _, fits in penalty_stages(problem, parts):
        losses.append(
            sum(
                held_out_loss(problem, W, fitted=part, held_out=test)
                for W, part, test in zip(fits, parts, tests, strict=True)
            )
        )
        if (best := first_minimum(losses)) is not None:
            return PENALTIES[best]
    return PENALTIES[-1]
