"""A memory of what good parts look like, wherever it lies in an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads.inspection.place_gaussian import MIN_DEVIATION, N_AXES

Float32 = NDArray[np.float32]

N_PATCHES = 1000
"""Places of good parts in the memory, at most."""

_POOL = 10_000
"""Places that these are chosen among."""

_PROJECTED = 64
"""Random directions in which places are compared when they are chosen."""

_RIDGE = 1e-3
"""Of the mean variance, added to each, so that nothing is divided by 0."""


@dataclass(frozen=True, eq=False, slots=True)
class PatchMemory:
    """m places of good parts in a whitened axes of c channels.

    Parameters
    ----------
    axes
        From channels to whitened principal axes, ``(c, a)``, float32, as are the others.
    centre
        Mean of good parts in the axes, ``(a,)``.
    patches
        The memory, less the mean, ``(m, a)``.
    """

    axes: Float32
    centre: Float32
    patches: Float32

    def distances(self, rows: Float32) -> Float32:
        """Distance of each place of n parts ``(n, p, c)`` from the nearest patch, ``(n, p)``.

        Euclidean distance in whitened axes over the square root of a.
        """
        if not len(rows):
            return np.empty(rows.shape[:2], np.float32)
        return np.stack([self._distances(one) for one in rows])

    def _distances(self, row: Float32) -> Float32:
        whitened = row @ self.axes - self.centre
        near = whitened @ self.patches.T - np.square(self.patches).sum(axis=1) / 2
        squared = np.square(whitened).sum(axis=1) - 2 * near.max(axis=1)
        return np.asarray(np.sqrt(np.maximum(squared, 0) / whitened.shape[1]), np.float32)


def fit_patch_memory(
    rows: Float32, *, n_axes: int = N_AXES, n_patches: int = N_PATCHES
) -> PatchMemory:
    """The memory of n good parts, which may lie anyhow.

    Places are whitened together. Of a random 10,000 each patch is the one that is farthest from
    those before it, in 64 random directions.

    Parameters
    ----------
    rows
        Features of the p places of each part, ``(n, p, c)``.
    n_axes
        Principal axes, at most.
    n_patches
        Places in the memory, at most.

    References
    ----------
    Roth, Pemula, Zepeda, Schölkopf, Brox and Gehler 2022, Towards total recall in industrial
    anomaly detection, algorithm 1. The whitening is ours.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = rng.normal(size=(40, 4, 6)).astype(np.float32)
    >>> odd = rows[:1].copy()
    >>> odd[0, 2] += 9
    >>> int(fit_patch_memory(rows).distances(odd)[0].argmax())
    2
    """
    rng = np.random.default_rng(0)
    flat = rows.reshape(-1, rows.shape[2])
    if len(flat) > _POOL:
        flat = flat[np.sort(rng.permutation(len(flat))[:_POOL])]
    axes = _whitened_axes(flat, n_axes)
    projected = flat @ axes
    centre = projected.mean(axis=0)
    patches = projected - centre
    directions = rng.normal(size=(patches.shape[1], _PROJECTED)).astype(np.float32)
    chosen = _farthest(patches @ directions, min(n_patches, len(patches)))
    return PatchMemory(axes, centre, np.ascontiguousarray(patches[chosen]))


def _whitened_axes(flat: Float32, n_axes: int) -> Float32:
    centre = flat.mean(axis=0, dtype=np.float64)
    covariance = (flat.T @ flat).astype(np.float64) / len(flat) - np.outer(centre, centre)
    deviation = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    deviation = np.maximum(deviation, MIN_DEVIATION * np.median(deviation))
    values, vectors = np.linalg.eigh(covariance / np.outer(deviation, deviation))
    values, vectors = np.maximum(values[::-1][:n_axes], 0), vectors[:, ::-1][:, :n_axes]
    scale = np.sqrt(values + _RIDGE * max(float(values.mean()), 1e-12))
    return np.asarray(vectors / scale / deviation[:, None], np.float32)


def _farthest(points: Float32, m: int) -> NDArray[np.intp]:
    """m of the points, each the farthest from those before it; the first is the farthest from 0."""
    squares = np.square(points).sum(axis=1)
    distances = np.full(len(points), np.inf, np.float32)
    chosen, last = np.empty(m, np.intp), int(squares.argmax())
    for i in range(m):
        chosen[i] = last
        np.minimum(distances, squares - 2 * (points @ points[last]) + squares[last], out=distances)
        last = int(distances.argmax())
    return chosen
