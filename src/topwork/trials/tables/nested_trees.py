"""Nested cross-validation of boosted trees: how many of them is chosen inside each fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads.boosting import Grown, Trees, grow_trees, logits_of
from topwork.heads.boosting.growing import MAX_ITERATIONS
from topwork.heads.linear import UNSEEN_LOGIT
from topwork.runtime.progress import Progress, silent

_USUAL: Final = 60
"""Iterations where there are too few folds to choose."""

_STEP: Final = 5
"""Iterations between two that are looked at."""

_SHARPNESS: Final = np.exp(np.linspace(-2.0, 0.7, 10))
"""Factors of logits that are tried, as calibration will find one."""

_MANY_ROWS: Final = 20_000
_MAX_OF_MANY: Final = 100
"""Most iterations for as many rows or more, to save time."""

_ALL_CLASSES: Final = 600
_MIN_ITERATIONS: Final = 40
"""Trees of all classes together, and iterations that there are at least."""

Float64 = NDArray[np.float64]
Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NestedTrees:
    """Out-of-fold outputs, and the fit on all rows.

    Parameters
    ----------
    outputs
        ``(n, k)``: logits of k classes, or a number each, ``(n, 1)``.
    whole
        The trees on all rows; None where only one class is there.
    iterations
        How many it has for each output.
    """

    outputs: Float64
    whole: Trees
    iterations: int


def nested_trees(
    X: Rows,
    targets: NDArray[Any],
    folds: NDArray[np.integer],
    *,
    n_classes: int | None,
    seed: int = 0,
    progress: Progress = silent,
) -> NestedTrees:
    """Judge boosted trees on every fold, and grow them on all rows.

    The folds stand in a ring. Trees grown without two neighbours tell each of them, by the loss on
    the other, after how many iterations to stop; so the number for a fold is chosen without it. Of
    classes that is the log loss at the best temperature, as the model gets one. The fit on all rows
    takes the median of these numbers.

    Parameters
    ----------
    targets
        ``(n,)``: codes of classes, or numbers.
    folds
        Fold of each row, ``(n,)``.
    n_classes
        k; None for numbers.

    Examples
    --------
    >>> X = np.arange(90, dtype=np.float32).reshape(-1, 1)
    >>> found = nested_trees(X, np.square(X[:, 0]), np.arange(90) % 3, n_classes=None)
    >>> found.outputs.shape, found.iterations > 20
    ((90, 1), True)
    """
    names = np.unique(folds)
    most = _most(len(X), n_classes)
    total = 2 * len(names) + 1
    chosen = [min(_USUAL, most)] * len(names)
    if len(names) >= 3:
        curves = [np.zeros(most // _STEP) for _ in names]
        for place, name in enumerate(names):
            after = (place + 1) % len(names)
            tests = (folds == name, folds == names[after])
            part = ~(tests[0] | tests[1])
            losses = _staged_losses(
                X, targets, part, tests, n_classes=n_classes, most=most, seed=seed
            )
            curves[place] += losses[1]
            curves[after] += losses[0]
            progress(place + 1, total)
        chosen = [_STEP * (int(np.argmin(curve)) + 1) for curve in curves]
    outputs = np.empty((len(X), n_classes or 1))
    for place, (name, iterations) in enumerate(zip(names, chosen, strict=True)):
        test = folds == name
        outputs[test] = _fitted(
            X, targets, ~test, X[test], n_classes=n_classes, iterations=iterations, seed=seed
        )
        progress(len(names) + place + 1, total)
    iterations = int(np.median(chosen))
    whole = grow_trees(X, targets, classes=bool(n_classes), iterations=iterations, seed=seed)
    progress(total, total)
    return NestedTrees(outputs, whole.trees(), iterations)


def _most(n: int, n_classes: int | None) -> int:
    most = MAX_ITERATIONS if n < _MANY_ROWS else _MAX_OF_MANY
    if n_classes is None or n_classes <= 2:
        return most
    return min(most, max(_MIN_ITERATIONS, _ALL_CLASSES // n_classes))


def _staged_losses(
    X: Rows,
    targets: NDArray[Any],
    part: NDArray[np.bool_],
    tests: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    *,
    n_classes: int | None,
    most: int,
    seed: int,
) -> list[Float64]:
    """Mean losses of the rows of both folds after every fifth iteration, ``(most / 5,)`` each."""
    if n_classes is None:
        grown = grow_trees(X[part], targets[part], classes=False, iterations=most, seed=seed)
        return [
            np.array(
                [np.abs(one[:, 0] - targets[test]).mean() for one in _looked_at(grown, X[test])]
            )
            for test in tests
        ]
    present, codes = np.unique(targets[part], return_inverse=True)
    if len(present) < 2:
        return [np.zeros(most // _STEP)] * 2
    grown = grow_trees(X[part], codes, classes=True, iterations=most, seed=seed)
    return [
        np.array(
            [
                calibrated_loss(_spread(one, present, n_classes), targets[test])
                for one in _looked_at(grown, X[test])
            ]
        )
        for test in tests
    ]


def _looked_at(grown: Grown, rows: Rows) -> Iterator[Float64]:
    """Outputs after every fifth iteration."""
    return islice(grown.staged(rows), _STEP - 1, None, _STEP)


def _error(outputs: Float64, numbers: Float64) -> float:
    return float(np.abs(outputs[:, 0] - numbers).mean())


def calibrated_loss(logits: Float64, codes: NDArray[np.integer]) -> float:
    """Mean log loss at the best of a few temperatures.

    Examples
    --------
    >>> round(calibrated_loss(np.array([[0.0, 90.0], [0.0, 90.0]]), np.array([1, 0])) / 6.1, 1)
    1.0
    """
    return min(float(log_losses(factor * logits, codes).mean()) for factor in _SHARPNESS)


def _fitted(
    X: Rows,
    targets: NDArray[Any],
    part: NDArray[np.bool_],
    rows: Rows,
    *,
    n_classes: int | None,
    iterations: int,
    seed: int,
) -> Float64:
    if n_classes is None:
        grown = grow_trees(X[part], targets[part], classes=False, iterations=iterations, seed=seed)
        return grown.outputs(rows)
    present, codes = np.unique(targets[part], return_inverse=True)
    if len(present) < 2:
        found = np.full((len(rows), n_classes), UNSEEN_LOGIT)
        found[:, present] = 0.0
        return found
    grown = grow_trees(X[part], codes, classes=True, iterations=iterations, seed=seed)
    return _spread(grown.outputs(rows), present, n_classes)


def _spread(outputs: Float64, present: NDArray[np.integer], n_classes: int) -> Float64:
    """Logits of all classes, from those of the classes that were there."""
    found = np.full((len(outputs), n_classes), UNSEEN_LOGIT)
    found[:, present] = logits_of(outputs, len(present))
    return found


def log_losses(logits: Float64, codes: NDArray[np.integer]) -> Float64:
    """Negative logarithm of the probability of each row's class, ``(n,)``."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    own = shifted[np.arange(len(codes)), codes]
    return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - own)
