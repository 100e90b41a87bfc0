"""The form in which every head is stored: one matrix and one bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Logit of a class that the head has never seen: a probability of about 2e-22 beside a logit of 0.
UNSEEN_LOGIT = -50.0


def normalise_rows(X: ArrayLike) -> NDArray[np.float32]:
    """Scale every row to length 1; rows of zeros stay zero.

    Rows are divided by their largest entry first, so that no square overflows.

    Parameters
    ----------
    X
        Features, (n, d), of any floating type.

    Examples
    --------
    >>> normalise_rows([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    rows = np.array(X, dtype=np.float32, ndmin=2)
    largest = np.maximum(rows.max(axis=1, initial=0.0), -rows.min(axis=1, initial=0.0))
    rows /= np.where(largest > 0, largest, 1)[:, None]
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.where(length > 0, length, 1)[:, None]
    return rows


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Probabilities (n, k) of logits (n, k), float32, rows summing to 1.

    Examples
    --------
    >>> softmax(np.zeros((1, 4))).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponentials: NDArray[np.float32] = np.exp(shifted.astype(np.float32, copy=False))
    exponentials /= exponentials.sum(axis=1, keepdims=True)
    return exponentials


@dataclass(frozen=True, eq=False)
class LinearHead:
    """A fitted head as plain arrays: ``logits = normalise(x) @ weight + bias``.

    Parameters
    ----------
    weight
        (d, k), float32.
    bias
        (k,), float32.
    normalise
        Whether rows are scaled to length 1 first.

    Examples
    --------
    >>> head = LinearHead(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), normalise=True)
    >>> head.logits(np.array([[2.0, 0.0]])).tolist()
    [[1.0, 0.0]]
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    normalise: bool = True

    def logits(self, X: ArrayLike) -> NDArray[np.float32]:
        """Logits (n, k) of features (n, d) of any floating type."""
        rows = normalise_rows(X) if self.normalise else np.asarray(X, dtype=np.float32)
        return rows @ self.weight + self.bias

    def probabilities(self, X: ArrayLike, *, temperature: float = 1.0) -> NDArray[np.float32]:
        """Probabilities (n, k) of features (n, d); logits are divided by ``temperature``."""
        return softmax(self.logits(X) / np.float32(temperature))
