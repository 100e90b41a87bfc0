"""Scores that might tell unknown items; larger is more unknown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.heads import fit_logistic, normalise_rows, stratified_folds
from topwork.heads.leading_axes import leading_axes
from topwork.novelty.known_space import fit_known_space
from topwork.novelty.unknown import fit_unknown

N_FOLDS = 5

Array = NDArray[np.float32]
Codes = NDArray[np.int64]
Scorer = Callable[[Array], Array]
"""Larger is more unknown."""


def _whitened_cosine(X: Array, codes: Codes) -> Scorer:
    return fit_known_space(X, codes).scores


def _distance_to_mean(X: Array, codes: Codes) -> Scorer:
    space = fit_known_space(X, codes)
    return lambda rows: space.parts(rows)[:, 1]


def _as_shipped(X: Array, codes: Codes) -> Scorer:
    folds = stratified_folds(codes, n_folds=N_FOLDS)
    return fit_unknown(X, codes, folds=folds).space.scores


def _residual(X: Array, codes: Codes) -> Scorer:  # noqa: ARG001
    """Length outside the subspace that holds half of the variance (ViM, without the logit)."""
    rows = normalise_rows(X)
    centre = rows.mean(axis=0)
    axes, squares = leading_axes(rows - centre, min(len(rows) - 1, 256))
    half = 1 + int(np.searchsorted(np.cumsum(squares), np.square(rows - centre).sum() / 2))

    def score(new: Array) -> Array:
        from_centre = normalise_rows(new) - centre
        inside = np.square(from_centre @ axes[:, :half]).sum(axis=1)
        return np.asarray(np.square(from_centre).sum(axis=1) - inside)

    return score


def _cosine(X: Array, codes: Codes) -> Scorer:
    means = _means(normalise_rows(X), codes)
    centre = means.mean(axis=0)
    directions = normalise_rows(means - centre)
    return lambda rows: -(normalise_rows(normalise_rows(rows) - centre) @ directions.T).max(axis=1)


def _neighbour(X: Array, codes: Codes, *, which: int) -> Scorer:  # noqa: ARG001
    bank = normalise_rows(X)
    return lambda rows: -np.sort(normalise_rows(rows) @ bank.T, axis=1)[:, -which]


def _means(rows: Array, codes: Codes) -> Array:
    return np.stack([rows[codes == c].mean(axis=0) for c in np.unique(codes)])


def _distance(within: Array, freedom: int, shrinkage: float) -> Callable[[Array], Array]:
    """Squared Mahalanobis length under the shrunk covariance of centred rows."""
    axes, squares = leading_axes(within, len(within))
    floor = shrinkage * float(squares.sum()) / freedom / within.shape[1]
    inverse = 1 / ((1 - shrinkage) * squares / freedom + floor) - 1 / floor

    def length(rows: Array) -> Array:
        plain = np.square(rows).sum(axis=1) / floor
        return np.asarray(plain + np.square(rows @ axes) @ inverse)

    return length


def _mahalanobis(
    X: Array, codes: Codes, *, normalise: bool, relative: bool, shrinkage: float
) -> Scorer:
    prepared = normalise_rows if normalise else np.asarray
    rows, (_, members) = prepared(X), np.unique(codes, return_inverse=True)
    means, centre = _means(rows, codes), rows.mean(axis=0)
    within = _distance(rows - means[members], len(rows) - len(means), shrinkage)
    whole = _distance(rows - centre, len(rows) - 1, shrinkage)

    def score(new: Array) -> Array:
        new = prepared(new)
        nearest = np.min([within(new - mean) for mean in means], axis=0)
        return np.asarray(nearest - whole(new - centre) if relative else nearest)

    return score


def _of_logits(X: Array, codes: Codes, *, summary: Callable[[Array], Array]) -> Scorer:
    names, numbers = np.unique(codes, return_inverse=True)
    head = fit_logistic(X, numbers, len(names))
    return lambda rows: -summary(head.logits(rows))


def _energy(logits: Array) -> Array:
    return np.asarray(np.logaddexp.reduce(logits, axis=1))


def _largest_logit(logits: Array) -> Array:
    return np.asarray(logits.max(axis=1))


def _largest_probability(logits: Array) -> Array:
    return _largest_logit(logits) - _energy(logits)


CANDIDATES: dict[str, Callable[[Array, Codes], Scorer]] = {
    "direction and distance together": _as_shipped,
    "direction: whitened cosine to a class mean": _whitened_cosine,
    "distance to the nearest class mean, whitened": _distance_to_mean,
    "residual outside the principal subspace": _residual,
    "cosine to a class mean": _cosine,
    "nearest neighbour": partial(_neighbour, which=1),
    "fifth neighbour": partial(_neighbour, which=5),
    "Mahalanobis, not normalised": partial(
        _mahalanobis, normalise=False, relative=False, shrinkage=0.1
    ),
    "Mahalanobis": partial(_mahalanobis, normalise=True, relative=False, shrinkage=0.1),
    "Mahalanobis, shrunk by 0.9": partial(
        _mahalanobis, normalise=True, relative=False, shrinkage=0.9
    ),
    "relative Mahalanobis, shrunk by 0.9": partial(
        _mahalanobis, normalise=True, relative=True, shrinkage=0.9
    ),
    "energy": partial(_of_logits, summary=_energy),
    "largest logit": partial(_of_logits, summary=_largest_logit),
    "largest probability": partial(_of_logits, summary=_largest_probability),
}
