"""A normal distribution of good parts at each place of a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

N_AXES = 120
"""Principal axes that the distributions lie in, at most."""

SHARED = 0.3
"""Weight of the covariance of all places together in that of each."""

_RIDGE = 1e-3
"""Of the mean variance, added to each, so that nothing is divided by 0."""

MIN_DEVIATION = 1e-3
"""Of the median of the channels: one that hardly ever varies would outweigh all others."""

_AT_ONCE = 64
"""Parts of which the distances are computed together; bounds the memory."""


@dataclass(frozen=True, eq=False, slots=True)
class PlaceGaussian:
    """Normal distributions of p places in a principal axes of c channels.

    Parameters
    ----------
    axes
        From channels to principal axes, ``(c, a)``, float32, as are the others.
    means
        Of each place, ``(p, a)``.
    whitening
        Triangular, ``(p, a, a)``: what makes the covariance of each place the identity.
    """

    axes: Float32
    means: Float32
    whitening: Float32

    def distances(self, rows: Float32) -> Float32:
        """Distance of each place of n parts ``(n, p, c)`` from the good ones, ``(n, p)``.

        Mahalanobis distance over the square root of a: about 1 for a good part.
        """
        parts = [
            self._distances(rows[first : first + _AT_ONCE])
            for first in range(0, len(rows), _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty((0, len(self.means)), np.float32)

    def _distances(self, rows: Float32) -> Float32:
        centred = rows @ self.axes - self.means
        whitened = centred.transpose(1, 0, 2) @ self.whitening
        squared = np.square(whitened).mean(axis=2)
        return np.asarray(np.sqrt(squared).T, np.float32)


def fit_place_gaussian(
    rows: Float32, *, n_axes: int = N_AXES, shared: float = SHARED
) -> PlaceGaussian:
    """The distributions of n good parts that are framed alike.

    Channels are divided by their deviation first. The covariance of a place is shrunk towards the
    mean one of all places, so that few parts are enough.

    Parameters
    ----------
    rows
        Features of the p places of each part, ``(n, p, c)``.
    n_axes
        Principal axes, at most.
    shared
        Weight of the mean covariance of all places, 0 to 1.

    References
    ----------
    Defard, Setkov, Loesch and Audigier 2021, PaDiM: a patch distribution modeling framework for
    anomaly detection and localization, section III. The shrinkage towards other places is ours.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = rng.normal(size=(40, 4, 6)).astype(np.float32)
    >>> odd = rows[:1].copy()
    >>> odd[0, 2] += 9
    >>> int(fit_place_gaussian(rows).distances(odd)[0].argmax())
    2
    """
    n, _, channels = rows.shape
    flat = rows.reshape(-1, channels)
    centre = flat.mean(axis=0, dtype=np.float64)
    covariance = (flat.T @ flat).astype(np.float64) / len(flat) - np.outer(centre, centre)
    deviation = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    deviation = np.maximum(deviation, MIN_DEVIATION * np.median(deviation))
    correlation = covariance / np.outer(deviation, deviation)
    _, vectors = np.linalg.eigh(correlation)
    axes = (vectors[:, ::-1][:, :n_axes] / deviation[:, None]).astype(np.float32)
    projected = (rows @ axes).transpose(1, 0, 2)  # (p, n, a)
    means = projected.mean(axis=1)
    centred = projected - means[:, None]
    own = (centred.transpose(0, 2, 1) @ centred) / n
    mean = own.mean(axis=0)
    mixed = (1 - shared) * own + shared * mean
    floor = _RIDGE * max(float(np.trace(mean)) / len(mean), 1e-12)
    mixed += np.float32(floor) * np.eye(len(mean), dtype=np.float32)
    triangles = np.linalg.cholesky(mixed)
    whitening = np.linalg.inv(triangles).transpose(0, 2, 1)
    return PlaceGaussian(axes, means, np.ascontiguousarray(whitening, np.float32))


def part_scores(distances: Float32) -> Float32:
    """Score of each part ``(n,)``: the largest distance of its places ``(n, p)``."""
    scores: Float32 = distances.max(axis=1)
    return scores
