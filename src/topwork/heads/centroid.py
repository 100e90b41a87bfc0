"""Nearest class mean, for one or two labels per class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import UNSEEN_LOGIT, LinearHead, normalise_rows

#: Sharpness of the softmax over cosines.
SCALE = 10.0


def fit_centroid(
    X: ArrayLike, codes: NDArray[np.integer], n_classes: int, *, scale: float = SCALE
) -> LinearHead:
    """The class whose mean has the largest cosine, on centred L2-normalised features.

    Logits are ``scale · ⟨x − μ, m̂⟩`` with x of length 1, μ the mean of the class means and m̂ the
    direction of a class mean from μ: linear in x, and ordered as the cosines are. A class
    without items gets a logit far below all others.

    Parameters
    ----------
    X
        Features, (n, d).
    codes
        Class of each item, (n,), from 0 to k - 1.
    n_classes
        k.
    scale
        Factor on the cosines.

    References
    ----------
    Wang et al. 2019, SimpleShot: revisiting nearest-neighbor classification for few-shot
    learning (CL2N).

    Examples
    --------
    >>> head = fit_centroid([[1.0, 0.0], [0.0, 1.0]], np.array([0, 1]), 2)
    >>> head.logits([[3.0, 1.0]]).argmax()
    np.int64(0)
    """
    rows = normalise_rows(X)
    counts = np.bincount(codes, minlength=n_classes)
    seen = counts > 0
    order = np.argsort(codes, kind="stable")
    starts = (np.cumsum(counts) - counts)[seen]
    means = np.add.reduceat(rows[order], starts, axis=0, dtype=np.float64) / counts[seen, None]
    centre = means.mean(axis=0)
    directions = means - centre
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    directions = np.where(lengths > 1e-7, directions / np.maximum(lengths, 1e-7), 0)
    weight = np.zeros((rows.shape[1], n_classes), dtype=np.float32)
    bias = np.full(n_classes, UNSEEN_LOGIT, dtype=np.float32)
    weight[:, seen] = scale * directions.T
    bias[seen] = -scale * (directions @ centre)
    return LinearHead(weight, bias, normalise=True)
