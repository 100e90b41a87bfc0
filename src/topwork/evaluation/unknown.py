"""Whether an item looks like none of the classes: a score from feature space and its threshold.

The score is 1 minus the largest cosine between the item and a class mean, on L2-normalised
features, centred and whitened by the shrunk covariance within classes. With two classes at a time
left out of 7 (PACS, four domains) or of 10 (CIFAR-10), the mean area under the curve of the five,
on EfficientNet-Lite0's features: this 0.83, energy 0.81, largest logit 0.81, cosine without
whitening 0.80, relative Mahalanobis 0.80, largest probability 0.79, Mahalanobis 0.77, nearest
neighbour 0.77. Without L2 normalisation Mahalanobis falls from 0.99 to 0.92 on photographs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import ParameterError
from topwork.evaluation.conformal import held_out_rank
from topwork.evaluation.intervals import Units
from topwork.evaluation.leading_axes import leading_axes
from topwork.heads.linear import normalise_rows

#: Share of the covariance that is replaced by a multiple of the identity; 0.3 to 0.9 do as well.
SHRINKAGE = 0.75
#: Directions that are whitened; the others vary too little to matter beside the shrinkage.
MAX_AXES = 128

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class KnownSpace:
    """Where the known classes lie; plain arrays, so that a saved model can carry them.

    Parameters
    ----------
    centre
        Mean of the class means on L2-normalised features, (d,), float32.
    axes
        Directions in which items of a class vary most, (d, r), float32.
    gains
        What whitening adds along each, relative to the other directions, (r,), between -1 and 0.
    directions
        Direction of each class with items from the centre, whitened twice, (d, c), float32.
    """

    centre: Float32
    axes: Float32
    gains: Float32
    directions: Float32

    def scores(self, X: ArrayLike) -> Float32:
        """How far the features (n, d) are from every class, (n,), from 0 to 2.

        Examples
        --------
        >>> space = fit_known_space([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]], np.array([0, 0, 1]))
        >>> space.scores([[1.0, 0.0], [-1.0, -1.0]]) > 0.5
        array([False,  True])
        """
        rows = normalise_rows(X) - self.centre
        along = rows @ self.axes
        squares = np.einsum("ij,ij->i", rows, rows)
        squares += np.square(along) @ (np.square(self.gains) + 2 * self.gains)
        lengths = np.sqrt(np.maximum(squares, 1e-12))
        result: Float32 = 1 - (rows @ self.directions).max(axis=1) / lengths
        return result


def fit_known_space(X: ArrayLike, codes: NDArray[np.integer], *, seed: int = 0) -> KnownSpace:
    """The space of the known classes from features (n, d) and codes (n,).

    Examples
    --------
    >>> fit_known_space([[1.0, 0.0], [0.0, 1.0]], np.array([0, 1])).directions.shape
    (2, 2)
    """
    rows = normalise_rows(X)
    present, members, counts = np.unique(codes, return_inverse=True, return_counts=True)
    by_class = rows[np.argsort(members, kind="stable")]
    sums = np.add.reduceat(by_class, np.cumsum(counts) - counts, axis=0, dtype=np.float64)
    means = (sums / counts[:, None]).astype(np.float32)
    centre = means.mean(axis=0)
    axes, gains = _whitening(rows - means[members], len(rows) - len(present), seed)
    from_centre = (means - centre).T
    whitened = from_centre + axes @ (gains[:, None] * (axes.T @ from_centre))
    whitened /= np.maximum(np.linalg.norm(whitened, axis=0), 1e-12)
    directions = whitened + axes @ (gains[:, None] * (axes.T @ whitened))
    return KnownSpace(centre, axes, gains, directions)


def _whitening(within: Float32, freedom: int, seed: int) -> tuple[Float32, Float32]:
    """Axes (d, r) and √(floor / variance) − 1 along each, (r,).

    The shrunk covariance is (1 − s) S + s tr(S)/d I; floor = s tr(S)/d is what all directions
    share.
    """
    d = within.shape[1]
    total = float(np.einsum("ij,ij->", within, within))
    if freedom < 1 or total <= 1e-10 * len(within):
        return np.zeros((d, 0), np.float32), np.zeros(0, np.float32)
    axes, squares = leading_axes(within, min(MAX_AXES, freedom), seed=seed)
    floor = SHRINKAGE * total / freedom / d
    variances = (1 - SHRINKAGE) * squares / freedom + floor
    return axes, np.sqrt(floor / variances).astype(np.float32) - 1


@dataclass(frozen=True, eq=False)
class UnknownDetector:
    """The space of the known classes, and from which score on an item is called unknown.

    Parameters
    ----------
    space
        The space, from all items.
    threshold
        Scores above it are unknown; infinite where the items were too few to tell.
    false_alarm_rate
        Share of items of known classes that it was set to call unknown.
    n_items
        Held-out items that it was set on.
    """

    space: KnownSpace
    threshold: float
    false_alarm_rate: float
    n_items: int

    def unknown(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row of the features (n, d) looks like none of the classes, (n,)."""
        result: NDArray[np.bool_] = self.space.scores(X) > self.threshold
        return result


def fit_unknown(
    X: ArrayLike,
    codes: NDArray[np.integer],
    *,
    folds: NDArray[np.integer],
    groups: ArrayLike | None = None,
    false_alarm_rate: float = 0.05,
    features_by_fold: Mapping[int, NDArray[np.floating]] | None = None,
    seed: int = 0,
) -> UnknownDetector:
    """A detector whose threshold comes from items that its space had not seen.

    The threshold is the ⌈n (1 − α)(1 + 1/m)⌉-th smallest score of n held-out items, m of them
    independent, as for prediction sets; it takes 1/α − 1 of them.

    Parameters
    ----------
    X
        Features, (n, d).
    codes
        Class of each item, (n,).
    folds
        Fold of each item, (n,); items of a class that is in one fold only set no threshold.
    groups
        Group of each item, (n,).
    false_alarm_rate
        α, above 0 and below 1.
    features_by_fold
        Features (n, d) for each fold, where they come from a network that was trained on labels:
        by one that did not see the fold's. ``X`` is used for all folds otherwise.
    seed
        Of the search for axes.

    Raises
    ------
    ParameterError
        The rate is not between 0 and 1.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((60, 8)) + 5 * np.eye(8)[np.arange(60) % 2]
    >>> detector = fit_unknown(X, np.arange(60) % 2, folds=np.arange(60) // 2 % 5)
    >>> detector.unknown(5 * np.eye(8)[[0, 7]]).tolist()
    [False, True]
    """
    if not 0 < false_alarm_rate < 1:
        raise ParameterError(
            f"false_alarm_rate is {false_alarm_rate}, expected a number between 0 and 1.",
            remedy="For 5 false alarms in 100 give 0.05.",
        )
    features, codes, folds = np.asarray(X), np.asarray(codes), np.asarray(folds)
    by_fold = features_by_fold or dict.fromkeys(np.unique(folds).tolist(), features)
    scores = _held_out_scores(by_fold, codes, folds, seed)
    judged = np.isfinite(scores)
    units = Units.of(int(judged.sum()), None if groups is None else np.asarray(groups)[judged])
    return UnknownDetector(
        space=fit_known_space(features, codes, seed=seed),
        threshold=_threshold(scores[judged], units, false_alarm_rate),
        false_alarm_rate=false_alarm_rate,
        n_items=int(judged.sum()),
    )


def _held_out_scores(
    by_fold: Mapping[int, NDArray[np.floating]],
    codes: NDArray[np.integer],
    folds: NDArray[np.integer],
    seed: int,
) -> Float32:
    """Scores (n,) by spaces without the item's fold; NaN where its class is only there."""
    scores = np.full(len(codes), np.nan, dtype=np.float32)
    for fold, X in by_fold.items():
        fitted = folds != fold
        judged = ~fitted & np.isin(codes, codes[fitted])
        if judged.any():
            scores[judged] = fit_known_space(X[fitted], codes[fitted], seed=seed).scores(X[judged])
    return scores


def _threshold(scores: Float32, units: Units, rate: float) -> float:
    if len(scores) == 0:
        return math.inf
    rank = held_out_rank(units, rate)
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else math.inf
