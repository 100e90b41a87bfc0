"""An ensemble of regression trees as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_NODES: Final = 20_000_000
"""Of all trees of an ensemble together."""

LEAF: Final = -1
"""In place of a feature."""


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees whose values are added to a baseline, for each of k outputs.

    Parameters
    ----------
    feature
        By which each of the N nodes of all trees splits, int32 ``(N,)``; -1 for a leaf.
    threshold
        Rows whose feature is at most this go left, float64 ``(N,)``.
    left, right
        The nodes below, int32 ``(N,)``, counted from the first of the tree; those of a node come
        behind it.
    value
        What a leaf adds, float64 ``(N,)``.
    first
        The first node of each of the t trees, int64 ``(t,)``. Tree i belongs to output i modulo k.
    baseline
        ``(k,)``, float64.
    width
        Features of a row, int64 ``(1,)``.

    Examples
    --------
    >>> one = Trees(
    ...     np.int32([0, -1, -1]), np.array([0.5, 0, 0]), np.int32([1, 0, 0]), np.int32([2, 0, 0]),
    ...     np.array([0.0, -1.0, 1.0]), np.array([0]), np.array([10.0]), np.array([1]),
    ... )
    >>> one.outputs([[0.5], [0.6]]).tolist()
    [[9.0], [11.0]]
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    first: NDArray[np.int64]
    baseline: NDArray[np.float64]
    width: NDArray[np.int64]

    def outputs(self, X: ArrayLike) -> NDArray[np.float64]:
        """Of rows ``(n, d)``: ``(n, k)``."""
        rows = np.asarray(X, np.float64)
        k = len(self.baseline)
        found = np.tile(self.baseline, (len(rows), 1))
        for tree, start in enumerate(self.first):
            found[:, tree % k] += self.value[self._leaves(rows, int(start))]
        return found

    def _leaves(self, rows: NDArray[np.float64], start: int) -> NDArray[np.intp]:
        """The leaf of each row in one tree, ``(n,)``."""
        at = np.full(len(rows), start, np.intp)
        active = np.arange(len(rows)) if self.feature[start] != LEAF else np.empty(0, np.intp)
        while len(active):
            node = at[active]
            goes_left = rows[active, self.feature[node]] <= self.threshold[node]
            below = start + np.where(goes_left, self.left[node], self.right[node])
            at[active] = below
            active = active[self.feature[below] != LEAF]
        return at

    def problem(self) -> str:
        """Why rows could not be sent through the trees; empty where they can.

        Every node comes behind the one above it, so that every row ends in a leaf.
        """
        n, t = len(self.feature), len(self.first)
        if not 0 < t <= n <= MAX_NODES or t % len(self.baseline):
            return "a number of trees and nodes that do not belong together"
        if self.first[0] != 0 or (np.diff(self.first) < 1).any() or self.first[-1] >= n:
            return "trees that overlap"
        own = np.arange(n) - np.repeat(self.first, np.diff([*self.first, n]))
        size = np.repeat(np.diff([*self.first, n]), np.diff([*self.first, n]))
        inner = self.feature != LEAF
        for below in (self.left, self.right):
            if (below[inner] <= own[inner]).any() or (below[inner] >= size[inner]).any():
                return "nodes that do not lie below each other"
        if self.feature.min() < LEAF or self.feature.max() >= int(self.width[0]):
            return "features that no row has"
        if not (np.isfinite(self.value).all() and np.isfinite(self.baseline).all()):
            return "values that are no numbers"
        return "thresholds that are no numbers" if np.isnan(self.threshold).any() else ""


def logits_of(outputs: NDArray[np.float64], n_classes: int) -> NDArray[np.float64]:
    """Logits ``(n, k)`` of the outputs of trees: those of two classes are one log odds.

    Examples
    --------
    >>> logits_of(np.array([[1.5]]), 2).tolist()
    [[0.0, 1.5]]
    """
    if n_classes == 2 and outputs.shape[1] == 1:
        return np.column_stack([np.zeros(len(outputs)), outputs[:, 0]])
    return outputs
