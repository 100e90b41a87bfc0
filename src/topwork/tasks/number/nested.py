"""Nested cross-validation for numbers: penalty and transform chosen inside each fold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.runtime.executor import run_tasks
from topwork.runtime.progress import Progress, silent
from topwork.tasks.feature_rows import Rows
from topwork.tasks.number.ridge import NumberFit, NumberRidge, fit_numbers
from topwork.tasks.number.transform import possible

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NestedNumbers:
    """Out-of-fold predictions, and the fit on all items.

    Parameters
    ----------
    predicted
        ``(n,)``: each by the fit that did not see the item's fold.
    ridge, whole
        All items decomposed, and the fit on them.
    """

    predicted: Float64
    ridge: NumberRidge
    whole: NumberFit


def nested_numbers(
    rows: Rows,
    numbers: Float64,
    folds: NDArray[np.integer],
    *,
    groups: NDArray[np.integer] | None = None,
    progress: Progress = silent,
) -> NestedNumbers:
    """Judge the ridge on every fold, and fit it on all items.

    Parameters
    ----------
    numbers
        ``(n,)``.
    folds, groups
        Fold and group of each item, ``(n,)``.

    Examples
    --------
    >>> from topwork.tasks.feature_rows import FixedRows
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 4)).astype(np.float32)
    >>> y = X[:, 0] + 0.1 * rng.normal(size=60)
    >>> found = nested_numbers(FixedRows(X), y, np.arange(60) % 5)
    >>> bool(np.abs(found.predicted - y).mean() < 0.2)
    True
    """
    names = [int(fold) for fold in np.unique(folds)]
    fit = partial(_fit, rows, numbers, folds, groups)
    *fits, (_, whole) = run_tasks(fit, [*names, None], progress)
    predicted = np.empty(len(numbers))
    for name, (found, _) in zip(names, fits, strict=True):
        predicted[folds == name] = found
    assert whole is not None
    return NestedNumbers(predicted, *whole)


def _fit(
    rows: Rows,
    numbers: Float64,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer] | None,
    fold: int | None,
) -> tuple[Float64, tuple[NumberRidge, NumberFit] | None]:
    """Predictions of a fold by a fit without it; for None all items decomposed, and their fit."""
    part = np.flatnonzero(folds != fold) if fold is not None else np.arange(len(numbers))
    features = rows.learnt_on(part)
    ridge = NumberRidge.prepare(
        features[part],
        None if groups is None else groups[part],
        standardise=rows.standardised,
    )
    fit = fit_numbers(ridge, numbers[part], transforms=possible(numbers))
    if fold is None:
        return np.empty(0), (ridge, fit)
    return fit.predict(features[folds == fold]), None
