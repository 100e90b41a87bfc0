"""Pseudo-labels by the nearest class prototype among the unlabelled items themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import normalise_rows

_ROUNDS = 2
_NOTHING = 1e-6

Float32 = NDArray[np.float32]


def prototype_labels(directions: Float32, probabilities: Float32) -> NDArray[np.intp]:
    """The class of each item's nearest prototype, ``(m,)``.

    Prototypes are first the means weighted by the probabilities, then the means of what was nearest
    to them. A class that loses all its items is not given any again.

    Parameters
    ----------
    directions
        Features of length 1, ``(m, d)``.
    probabilities
        ``(m, k)``.

    References
    ----------
    Liang, Hu and Feng 2020, Do we really need to access the source data?, equations 4 and 5.

    Examples
    --------
    >>> rows = np.float32([[1, 0], [1, 0], [0, 1], [0, 1]])
    >>> answers = np.float32([[0.9, 0.1], [0.4, 0.6], [0.1, 0.9], [0.1, 0.9]])
    >>> prototype_labels(rows, answers).tolist()
    [0, 0, 1, 1]
    """
    k = probabilities.shape[1]
    labels = _nearest(directions, probabilities)
    for _ in range(_ROUNDS):
        labels = _nearest(directions, np.eye(k, dtype=np.float32)[labels])
    return labels


def _nearest(directions: Float32, members: Float32) -> NDArray[np.intp]:
    """The class of the likest mean; one without members has none."""
    similarity = directions @ normalise_rows(members.T @ directions).T
    similarity[:, members.sum(axis=0) < _NOTHING] = -np.inf
    nearest: NDArray[np.intp] = similarity.argmax(axis=1)
    return nearest
