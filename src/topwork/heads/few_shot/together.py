"""Few labelled rows and many to predict, taken together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import normalise_rows

#: Inverse temperature of the cosines.
SHARPNESS = 15.0
_ROUNDS = 10
#: A labelled row counts as much as so many others.
_WEIGHT = 3.0
#: Added to the estimated count of each class, in mean counts.
_PSEUDO = 0.5
_AXES = 32


def predict_together(
    X: ArrayLike, codes: NDArray[np.integer], queries: ArrayLike, n_classes: int
) -> NDArray[np.float64]:
    """Probabilities of rows that are known all at once, by soft EM with estimated class shares.

    Rows are seen in two ways, side by side: centred on the mean of the class means and scaled to
    length 1; and on the leading principal axes of all rows, half whitened. Class directions start
    as the means of the labelled rows and take in the others by their probabilities.

    Parameters
    ----------
    X
        Labelled features, (s, d).
    codes
        Class of each, (s,), from 0 to k − 1; every class has one.
    queries
        Features to predict, (q, d).
    n_classes
        k.

    Returns
    -------
    (q, k), rows summing to 1.

    References
    ----------
    Veilleux et al. 2021, Realistic evaluation of transductive few-shot learning (why shares must
    be estimated: balance can't be assumed).

    Examples
    --------
    >>> X, codes = np.eye(2, 3), np.array([0, 1])
    >>> queries = np.array([[1, 0.2, 0], [0.9, 0.3, 0], [0.2, 1, 0.1]])
    >>> predict_together(X, codes, queries, 2).argmax(axis=1).tolist()
    [0, 0, 1]
    """
    labelled, others = normalise_rows(X), normalise_rows(queries)
    members = np.eye(n_classes)[codes]
    if not len(others):
        return np.empty((0, n_classes))
    rows = _two_spaces(labelled, others, members)
    S, Q = rows[: len(labelled)], rows[len(labelled) :]
    known = _WEIGHT * members.T @ S
    directions, shares = _unit(known), np.full(n_classes, 1 / n_classes)
    for _ in range(_ROUNDS):
        P = _softmax(SHARPNESS * Q @ directions.T + np.log(shares))
        counts = P.sum(axis=0) + _PSEUDO * len(Q) / n_classes
        shares, directions = counts / counts.sum(), _unit(known + P.T @ Q)
    return _softmax(SHARPNESS * Q @ directions.T + np.log(shares))


def _two_spaces(
    labelled: NDArray[np.float32], others: NDArray[np.float32], members: NDArray[np.float64]
) -> NDArray[np.float64]:
    means = members.T @ labelled / members.sum(axis=0)[:, None]
    rows = np.concatenate([labelled, others]).astype(np.float64)
    centred = _unit(rows - means.mean(axis=0))
    rows -= rows.mean(axis=0)
    values, vectors = np.linalg.eigh(rows @ rows.T)
    values, vectors = values[::-1][:_AXES], vectors[:, ::-1][:, :_AXES]
    # of the root of the Gram matrix: coordinates over the root of their deviations
    halfway = _unit(vectors * np.maximum(values, 0) ** 0.25)
    found: NDArray[np.float64] = np.concatenate([centred, halfway], axis=1) / np.sqrt(2)
    return found


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = rows / np.maximum(
        np.linalg.norm(rows, axis=1, keepdims=True), 1e-12
    )
    return found


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
    found /= found.sum(axis=1, keepdims=True)
    return found
