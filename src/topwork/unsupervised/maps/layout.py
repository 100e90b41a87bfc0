"""Features in two dimensions, so that neighbours stay neighbours."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads.leading_axes import leading_axes
from topwork.installation import require
from topwork.quality.neighbours import unit_rows
from topwork.runtime import usable_cores

N_AXES: Final = 50
"""Principal axes that neighbours are sought in."""

PERPLEXITY: Final = 30.0
"""About how many neighbours each point keeps; fewer where there are few points."""

FEW: Final = 10
"""Below so many points there are no neighbourhoods to keep: two axes are drawn."""


def map_layout(features: NDArray[Any], *, seed: int = 0) -> NDArray[np.float32]:
    """Coordinates (n, 2) of features (n, d) on a map, by t-SNE on 50 principal axes.

    Distances between groups and sizes of groups mean nothing on such a map, only neighbourhoods
    do (van der Maaten and Hinton 2008, Visualizing data using t-SNE). The first guess are the
    leading axes, so that the same items and seed give the same map.

    Raises
    ------
    BackboneError
        openTSNE is not installed.
    """
    rows = unit_rows(features)
    rows -= rows.mean(axis=0)
    axes, _ = leading_axes(rows, N_AXES, seed=seed)
    short = rows @ _signed(axes)
    if len(rows) < FEW or short.shape[1] < 2:
        plane = np.zeros((len(rows), 2), np.float32)
        plane[:, : min(2, short.shape[1])] = short[:, :2]
        return plane
    require("A map", ("openTSNE",))
    from openTSNE import TSNE

    many = len(rows) > EXACT_UP_TO
    embedding = TSNE(
        perplexity=min(PERPLEXITY, (len(rows) - 1) / 3),
        initialization="pca",
        neighbors="annoy" if many else "exact",
        n_jobs=usable_cores() if many else 1,
        random_state=seed,
    ).fit(short)
    return np.asarray(embedding, np.float32)


EXACT_UP_TO: Final = 5000
"""Points; of more the neighbours are approximate, and several threads are worth their start."""


def _signed(axes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each axis in the direction in which its largest entry is positive."""
    largest = np.abs(axes).argmax(axis=0)
    signs: NDArray[np.float32] = np.sign(axes[largest, np.arange(axes.shape[1])])
    return axes * np.where(signs == 0, np.float32(1), signs)
