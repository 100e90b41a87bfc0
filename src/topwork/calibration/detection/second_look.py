"""The second look: the probability that a detected box is right, from more than its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection.box_features import BOX_COLUMNS, BoxFeatures
from topwork.calibration.detection.newton import fit_weights, sigmoid
from topwork.errors import DataError

#: Penalties on the weights of the network's features that are tried, per standard deviation.
PENALTIES = (3e4, 3e3, 3e2, 3e1)
#: Penalty on the weights of score, shape and class.
_OWN_PENALTY = 1.0
_MIN_EACH = 20

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SecondLook:
    """``log odds = ((row − mean) / scale) · weights + intercepts[class]``.

    Parameters
    ----------
    mean, scale, weights
        float64 (d,).
    intercepts
        float64 (k,).
    """

    mean: Float64
    scale: Float64
    weights: Float64
    intercepts: Float64

    def probabilities(self, features: BoxFeatures) -> NDArray[np.float32]:
        """That each detection is right, (m,)."""
        odds = (features.rows - self.mean) / self.scale @ self.weights
        return sigmoid(odds + self.intercepts[features.classes]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class SecondLookFit:
    """A second look with what it says of detections that it was not fitted on.

    Parameters
    ----------
    look
        Fitted on all detections.
    held_out
        Probabilities by fits on the other folds, penalties chosen on those too, float32 (m,).
    penalty
        That of ``look``.
    """

    look: SecondLook
    held_out: NDArray[np.float32]
    penalty: float


def fit_second_look(
    features: BoxFeatures,
    right: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    folds: NDArray[np.integer],
    *,
    n_classes: int,
    penalties: Sequence[float] = PENALTIES,
) -> SecondLookFit:
    """Fit a penalised logistic model of whether a detection is right.

    Parameters
    ----------
    features
        Of detections that no model was trained on, (m, d).
    right
        Whether each is right, (m,).
    judged
        Whether it is fitted on: not those on ignored objects, (m,).
    folds
        Fold of each image, (n,); images of one group share a fold.
    n_classes
        k.
    penalties
        On the weights of the network's features, in units of their standard deviations; the
        strongest that predicts the held-out detections within one standard error of the best.

    Raises
    ------
    DataError
        There are fewer than 20 right or fewer than 20 false detections, or only one fold.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = rng.normal(size=(400, BOX_COLUMNS))
    >>> features = BoxFeatures(rows, np.zeros(400, int), np.repeat(np.arange(40), 10))
    >>> right = rows[:, 0] + rows[:, 3] > 0
    >>> fit = fit_second_look(
    ...     features, right, np.ones(400, bool), np.arange(40) % 4, n_classes=1
    ... )
    >>> bool(((fit.held_out > 0.5) == right).mean() > 0.9)
    True
    """
    own = folds[features.image]
    names = np.unique(own)
    _check(right[judged], names)
    tried = penalties if features.rows.shape[1] > BOX_COLUMNS else penalties[:1]
    said = np.empty((len(tried), len(own)))
    for fold in names:
        test = own == fold
        path = _path(features, right, judged & ~test, n_classes, tried)
        said[:, test] = [look.probabilities(_rows(features, test)) for look in path]
    losses = _losses(said, right)
    held_out = np.empty(len(own), dtype=np.float32)
    for fold in names:
        best = _strongest(losses, features.image, judged & (own != fold))
        held_out[own == fold] = said[best, own == fold]
    best = _strongest(losses, features.image, judged)
    look = _path(features, right, judged, n_classes, tried[: best + 1])[-1]
    return SecondLookFit(look, held_out, float(tried[best]))


def _check(right: NDArray[np.bool_], folds: NDArray[np.integer]) -> None:
    if min(right.sum(), (~right).sum()) < _MIN_EACH:
        raise DataError(
            f"{int(right.sum())} right and {int((~right).sum())} false detections are too few to "
            f"learn the difference from; {_MIN_EACH} of each are needed.",
            remedy="Keep the detector's scores, or annotate more images.",
        )
    if len(folds) < 2:
        raise DataError(
            "All detections are in one fold.", remedy="Divide the images into at least two folds."
        )


def _rows(features: BoxFeatures, kept: NDArray[np.bool_]) -> BoxFeatures:
    return BoxFeatures(features.rows[kept], features.classes[kept], features.image[kept])


def _losses(said: Float64, right: NDArray[np.bool_]) -> Float64:
    own = np.where(right, said, 1 - said)
    return np.asarray(-np.log(np.maximum(own, 1e-7)))


def _strongest(losses: Float64, image: NDArray[np.int64], kept: NDArray[np.bool_]) -> int:
    """The first penalty whose loss exceeds the smallest by at most one standard error.

    The standard error of the paired difference, images being independent.
    """
    totals = np.stack([np.bincount(image[kept], row[kept]) for row in losses])
    best = int(totals.sum(axis=1).argmin())
    for i, row in enumerate(totals[: best + 1]):
        excess = row - totals[best]
        if excess.sum() <= np.sqrt(np.square(excess).sum()):
            return i
    return best


def _path(
    features: BoxFeatures,
    right: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    n_classes: int,
    penalties: Sequence[float],
) -> list[SecondLook]:
    """Fits from the strongest penalty on, each begun at the one before."""
    rows, classes = features.rows[kept], features.classes[kept]
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    d = rows.shape[1]
    X = np.hstack([(rows - mean) / scale, np.eye(n_classes)[classes], np.ones((len(rows), 1))])
    y, found = right[kept].astype(np.float64), []
    weights = np.zeros(X.shape[1])
    weights[-1] = np.log(y.sum() + 1) - np.log(len(y) - y.sum() + 1)
    for penalty in penalties:
        strengths = np.full(X.shape[1], _OWN_PENALTY)
        strengths[BOX_COLUMNS:d] = penalty
        strengths[-1] = 1e-6
        weights = fit_weights(X, y, strengths=strengths, start=weights)
        found.append(SecondLook(mean, scale, weights[:d], weights[d:-1] + weights[-1]))
    return found
