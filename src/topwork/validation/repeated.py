"""Scores of repeated cross-validation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import ParameterError
from topwork.metrics.intervals import Units
from topwork.metrics.judge import judge_units
from topwork.metrics.records import Judgement


def judge_repeats(
    codes: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    labels: Sequence[str],
    *,
    predicted: NDArray[np.integer] | None = None,
    groups: ArrayLike | None = None,
) -> Judgement:
    """Judge the held-out probabilities of r divisions into folds together.

    An item's r answers are one unit, as a group's items are, so that intervals don't shrink as
    if there were r times as many items.

    Parameters
    ----------
    codes
        Class of each item, (n,), from 0 to k - 1.
    probabilities
        (r, n, k), rows summing to 1.
    labels
        Names of the k classes.
    predicted
        What was said of each item, (r, n); the most probable class by default.
    groups
        Group of each item, (n,).

    Raises
    ------
    ParameterError
        Shapes do not agree.

    Examples
    --------
    >>> both = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.9, 0.1], [0.8, 0.2]]])
    >>> judgement = judge_repeats(np.array([0, 1]), both, ["cat", "dog"])
    >>> judgement.scores.accuracy.value, judgement.per_class[0].n
    (0.75, 1)
    """
    if probabilities.ndim != 3 or probabilities.shape[1] != len(codes):
        raise ParameterError(
            f"probabilities has shape {probabilities.shape}, expected (r, {len(codes)}, k).",
            remedy="Give one table of probabilities for each division into folds.",
        )
    repeats, n, k = probabilities.shape
    units = Units.of(n, groups, cross_validated=True).repeated(repeats)
    judgement = judge_units(
        np.tile(codes, repeats),
        probabilities.reshape(-1, k),
        labels,
        units,
        None if predicted is None else predicted.reshape(-1),
    )
    per_class = (c.model_copy(update={"n": c.n // repeats}) for c in judgement.per_class)
    return judgement.model_copy(update={"per_class": tuple(per_class)})
