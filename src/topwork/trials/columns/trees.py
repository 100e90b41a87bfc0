"""Boosted trees on the columns alone: what a user would want to see beaten. They are not kept."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.heads.boosting.growing import threads_for
from topwork.trials.columns.further_columns import FurtherColumns

TREES: Final = "boosted trees on the columns"

MIN_ROWS: Final = 60
"""Below so many items no tree of twenty items per leaf says anything."""

Integers = NDArray[np.integer]
Float64 = NDArray[np.float64]


def held_out_by_trees(
    columns: FurtherColumns,
    target: NDArray[Any],
    folds: Integers,
    *,
    of: Literal["number", "class"],
) -> Float64:
    """Out-of-fold predictions ``(n,)`` of numbers, or probabilities ``(n, k)`` of codes.

    Gradient boosting on histograms (Friedman 2001; Ke et al. 2017, LightGBM) as scikit-learn has
    it, with its defaults, on the encoded columns.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    made: Any = HistGradientBoostingRegressor if of == "number" else HistGradientBoostingClassifier
    shape = (len(target),) if of == "number" else (len(target), int(target.max()) + 1)
    found = np.zeros(shape)
    for fold in np.unique(folds):
        own = folds == fold
        rows = columns.rows[~own]
        with threads_for(rows):
            model = made(random_state=0, early_stopping=False).fit(rows, target[~own])
        if of == "number":
            found[own] = model.predict(columns.rows[own])
        else:
            found[np.ix_(own, model.classes_)] = model.predict_proba(columns.rows[own])
    return found
