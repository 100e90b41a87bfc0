"""What held-out predictions show of a fit: confusions, and what probabilities mean."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.metrics import Score
from topwork.metrics.intervals import wilson
from topwork.report import Confusions, ReliabilityBin, confusions_of
from topwork.reporting.fit_artifacts import FitArtifacts
from topwork.trials.trial import targets_of

_BINS: Final = 8


def held_out_confusions(artifacts: FitArtifacts) -> Confusions:
    """Held-out items by true and predicted class."""
    targets = targets_of(artifacts.chosen.frozen)
    k = len(targets.labels)
    cells = artifacts.calibrated.codes * k + artifacts.predicted
    counts = np.bincount(cells, minlength=k * k).reshape(k, k)
    return confusions_of([str(label) for label in targets.labels], counts)


def reliability(
    probabilities: NDArray[np.float32], codes: NDArray[np.int64]
) -> tuple[ReliabilityBin, ...]:
    """Bins of equally many items, from the least confident to the most.

    Parameters
    ----------
    probabilities
        Of held-out items, (n, k).
    codes
        Their classes, (n,).
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == codes
    order = np.argsort(confidence, kind="stable")
    bins = [
        rows for rows in np.array_split(order, max(1, min(_BINS, len(order) // 10))) if len(rows)
    ]
    return tuple(
        ReliabilityBin(
            confidence=float(confidence[rows].mean()), accuracy=share(right[rows]), n=len(rows)
        )
        for rows in bins
    )


def share(hits: NDArray[np.bool_]) -> Score:
    """The share that is True with its 95 % interval (Wilson).

    Examples
    --------
    >>> share(np.array([True, True, False, True])).value
    0.75
    """
    low, high = wilson(hits.mean(), len(hits))
    return Score(value=float(hits.mean()), low=float(low), high=float(high))
