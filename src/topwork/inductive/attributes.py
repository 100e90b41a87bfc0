"""What items have in common: the attributes that a model may fail along."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.evaluation.leading_axes import leading_axes
from topwork.heads.linear import normalise_rows
from topwork.inductive.looking import Seen
from topwork.quality import Looks

N_CLUSTERS = 8
_AXES = 32
_SMALLEST_CLUSTERED = 80
_CHUNK = 4096


def attributes(seen: Seen, *, seed: int = 0) -> dict[str, ArrayLike]:
    """Values ``(n,)`` of every attribute that the items have, by its name."""
    data = seen.frozen.data
    found: dict[str, ArrayLike] = _of_pictures(seen.looks)
    if seen.pixels is not None:
        found |= _of_colours(seen.pixels.features)
    if data.domains is not None:
        found["domain"] = data.domains
    if data.groups is not None:
        found["group"] = [str(group) for group in data.groups]
    if len(data) >= _SMALLEST_CLUSTERED:
        found["cluster of features"] = _clusters(seen.frozen.features, seed)
    return found


def _of_pictures(looks: Looks) -> dict[str, ArrayLike]:
    grey = [
        looks.thumbnails[start : start + _CHUNK].astype(np.float32)
        for start in range(0, len(looks), _CHUNK)
    ]
    width, height = np.where(looks.sizes > 0, looks.sizes, np.nan).T
    return {
        "brightness": np.concatenate([part.mean(axis=(1, 2)) for part in grey]),
        "sharpness": np.concatenate([_sharpness(part) for part in grey]),
        "pixels of the shorter side": np.minimum(width, height),
        "width by height": width / height,
    }


def _sharpness(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Energy of the discrete Laplacian for that of the picture, ``(m,)``; 0 for one grey."""
    inner = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    fine, all_of_it = (4 * inner - around).std(axis=(1, 2)), grey.std(axis=(1, 2))
    result: NDArray[np.float32] = fine / np.maximum(all_of_it, 1)
    return result


def _of_colours(pixels: NDArray[Any]) -> dict[str, ArrayLike]:
    """The hue that a picture tends to, from the histograms that raw pixels end in."""
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
