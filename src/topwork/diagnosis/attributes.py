"""What items have in common: the attributes that a model may fail along."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.leading_axes import leading_axes
from topwork.heads.linear import normalise_rows
from topwork.intake.survey import Survey

N_CLUSTERS = 8
_AXES = 32
_SMALLEST_CLUSTERED = 80


def attributes(seen: Survey, *, seed: int = 0) -> dict[str, ArrayLike]:
    """Values ``(n,)`` of every attribute that the items have, by its name."""
    data = seen.frozen.data
    found: dict[str, ArrayLike] = seen.similarity.attributes()
    if seen.pixels is not None:
        found |= _of_colours(seen.pixels.features)
    if data.domains is not None:
        found["domain"] = data.domains
    if data.groups is not None:
        found["group"] = [str(group) for group in data.groups]
    if len(data) >= _SMALLEST_CLUSTERED:
        found["cluster of features"] = _clusters(seen.frozen.features, seed)
    return found


def _of_colours(pixels: NDArray[Any]) -> dict[str, ArrayLike]:
    """The hue that an image tends to, from the histograms that raw pixels end in."""
    histograms = pixels[:, -48:].astype(np.float32).reshape(-1, 3, 16)
    means = histograms @ (np.arange(16, dtype=np.float32) + 0.5) / 16
    strongest = means.argmax(axis=1)
    colourful = np.ptp(means, axis=1) > 0.04
    names = np.array(["reddish", "greenish", "bluish"])[strongest]
    return {"colour": np.where(colourful, names, "grey")}


def _clusters(features: NDArray[Any], seed: int) -> list[str]:
    from sklearn.cluster import KMeans

    rows = normalise_rows(features)
    rows -= rows.mean(axis=0)
    rows = rows @ leading_axes(rows, _AXES, seed=seed)[0]
    found = KMeans(N_CLUSTERS, n_init=1, random_state=seed).fit(rows).labels_
    return [f"cluster {c + 1}" for c in found]
