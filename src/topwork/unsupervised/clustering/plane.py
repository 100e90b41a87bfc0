"""Where items lie on the map of a report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering import canonical_order
from topwork.installation import missing
from topwork.report import ClusterMap, ClusterSpots
from topwork.runtime.parallel import one_blas_thread
from topwork.unsupervised.maps.layout import map_layout

MAX_POINTS = 1000
"""Items on the map, at most."""

_WIDTH, _HEIGHT, _EDGE = 1000, 620, 25
_NOTHING = 1e-6

Rows = NDArray[np.float32]


def cluster_map(
    rows: Rows, codes: NDArray[np.intp], names: Sequence[str], *, neighbours: bool, seed: int
) -> ClusterMap:
    """Rows (n, d) in two dimensions by their clusters (n,); of more than 1,000, as many.

    Parameters
    ----------
    neighbours
        Whether neighbours are to stay neighbours, as on a page of `topwork map`, where that is
        installed; else the clusters' centres are far from each other.
    """
    kept = canonical_order(rows)[:MAX_POINTS]
    some, theirs = rows[kept], codes[kept]
    by_neighbours = neighbours and not missing(("openTSNE",))
    with one_blas_thread():
        plane = map_layout(some, seed=seed) if by_neighbours else between_axes(some, theirs)
    places = _placed(plane)
    return ClusterMap(
        layout="t-SNE" if by_neighbours else "axes between centres",
        n_items=len(kept),
        groups=tuple(
            _spots(code, names[code], places[theirs == code])
            for code in range(len(names))
            if np.any(theirs == code)
        ),
    )


def between_axes(rows: Rows, codes: NDArray[np.intp]) -> Rows:
    """Rows (n, d) on the two directions along which the centres of clusters differ most, (n, 2).

    With two clusters there is one; then the second is that of the largest variance across it.

    Examples
    --------
    >>> rows = np.float32([[0, 0, 0], [0, 1, 0], [8, 0, 0], [8, 1, 0]])
    >>> between_axes(rows, np.array([0, 0, 1, 1])).round(1).tolist()
    [[-4.0, -0.5], [-4.0, 0.5], [4.0, -0.5], [4.0, 0.5]]
    """
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    found, sizes = np.unique(codes, return_counts=True)
    centres = np.stack([centred[codes == code].mean(axis=0) for code in found])
    _, lengths, axes = np.linalg.svd(np.sqrt(sizes)[:, None] * centres, full_matrices=False)
    axes = axes[:2][lengths[:2] > _NOTHING * max(float(lengths[0]), _NOTHING)]
    rest = centred - centred @ axes.T @ axes
    across = np.linalg.svd(rest, full_matrices=False)[2]
    axes = np.concatenate([axes, across])[:2]
    axes *= np.where(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)] < 0, -1, 1)[:, None]
    plane = np.zeros((len(rows), 2), np.float32)
    plane[:, : len(axes)] = centred @ axes.T
    return plane


def _placed(plane: Rows) -> NDArray[np.intp]:
    """Whole places on the map, as far apart along both axes as they are."""
    extent = np.maximum(np.ptp(plane, axis=0), 1e-12)
    box = np.array([_WIDTH, _HEIGHT]) - 2 * _EDGE
    scale = float((box / extent).min())
    middle = (plane.max(axis=0) + plane.min(axis=0)) / 2
    found: NDArray[np.intp] = np.rint(
        (plane - middle) * scale + np.array([_WIDTH, _HEIGHT]) / 2
    ).astype(np.intp)
    return found


def _spots(code: int, name: str, places: NDArray[np.intp]) -> ClusterSpots:
    x, y = np.median(places, axis=0)
    return ClusterSpots(
        id=code,
        name=name,
        places=tuple((int(a), int(b)) for a, b in places),
        x=round(100 * float(x) / _WIDTH, 2),
        y=round(100 * float(y) / _HEIGHT, 2),
    )
