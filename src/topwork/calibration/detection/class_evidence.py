"""What a network's features of a box say of the object in it: one of k classes, or none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The numbers that `ClassEvidence` gives for each box.
EVIDENCE_COLUMNS = 4

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ClassEvidence:
    """Linear scores of k classes and of none of them: ``(features − mean) / scale · weights``.

    Parameters
    ----------
    mean, scale
        float32 (f,).
    weights
        float32 (f + 1, k + 1), the intercepts last; the last column is for none of the classes.
    """

    mean: Float32
    scale: Float32
    weights: Float32

    def columns(self, features: NDArray[np.floating], classes: NDArray[np.integer]) -> Float64:
        """The score of a box's own class, of the best other, of none, and own minus other.

        Parameters
        ----------
        features
            Of m boxes, (m, f).
        classes
            Class that each is said to show, (m,).
        """
        return evidence_columns(
            standardised(features, self.mean, self.scale) @ self.weights, classes
        )


def standardised(features: NDArray[np.floating], mean: Float32, scale: Float32) -> Float32:
    """Features (m, f) over their deviation, and a column of ones, (m, f + 1)."""
    rows = (np.asarray(features, np.float32) - mean) / scale
    return np.hstack([rows, np.ones((len(rows), 1), np.float32)])


def evidence_columns(scores: NDArray[np.floating], classes: NDArray[np.integer]) -> Float64:
    """The four numbers of each box from scores (m, k + 1).

    Examples
    --------
    >>> evidence_columns(np.array([[0.7, 0.2, 0.1]]), np.array([1])).round(1).tolist()
    [[0.2, 0.7, 0.1, -0.5]]
    """
    rows = np.arange(len(classes))
    own, none = scores[rows, classes], scores[:, -1]
    others = scores[:, :-1].astype(np.float64)
    others[rows, classes] = -np.inf
    other = others.max(axis=1, initial=-np.inf)
    other = np.where(np.isfinite(other), other, 0.0)
    return np.column_stack([own, other, none, own - other]).astype(np.float64)


class FoldedEvidence:
    """Ridge regressions on what boxes show, for any selection of the folds.

    Each fold's products are computed once, so that leaving out folds costs one solution.

    Parameters
    ----------
    features
        Of m boxes, (m, f).
    shown
        Class of the object in each box, k for none, (m,).
    judged
        Whether a box is fitted on, (m,).
    folds
        (m,).
    n_classes
        k.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> shown = rng.integers(0, 3, 300)
    >>> features = rng.normal(size=(300, 5)) + 3 * np.eye(5)[shown]
    >>> folded = FoldedEvidence(
    ...     features, shown, judged=np.ones(300, bool), folds=np.arange(300) % 3, n_classes=2
    ... )
    >>> held_out = folded.scores(folded.weights([0], 10.0), np.arange(300) % 3 == 0)
    >>> bool((held_out.argmax(axis=1) == shown[::3]).mean() > 0.9)
    True
    """

    def __init__(
        self,
        features: NDArray[np.floating],
        shown: NDArray[np.integer],
        *,
        judged: NDArray[np.bool_],
        folds: NDArray[np.integer],
        n_classes: int,
    ) -> None:
        values = np.asarray(features, np.float32)
        self.mean = values.mean(axis=0)
        deviation = values.std(axis=0)
        self.scale = np.where(deviation > 1e-6, deviation, np.float32(1)).astype(np.float32)
        self._rows = standardised(values, self.mean, self.scale)
        truth = np.eye(n_classes + 1, dtype=np.float32)[shown]
        self._products = {}
        for fold in np.unique(folds):
            own = judged & (folds == fold)
            X = self._rows[own]
            self._products[int(fold)] = (
                (X.T @ X).astype(np.float64),
                (X.T @ truth[own]).astype(np.float64),
            )

    def weights(self, left_out: Collection[int], penalty: float) -> Float32:
        """Fitted on all folds but some, (f + 1, k + 1)."""
        kept = [pair for fold, pair in self._products.items() if fold not in left_out]
        gram, moment = (np.sum([pair[i] for pair in kept], axis=0) for i in (0, 1))
        gram[np.diag_indices(len(gram) - 1)] += penalty
        gram[-1, -1] += 1e-3
        found: Float32 = np.linalg.solve(gram, moment).astype(np.float32)
        return found

    def scores(self, weights: Float32, kept: NDArray[np.bool_]) -> Float32:
        """Of some boxes, (m', k + 1)."""
        found: Float32 = self._rows[kept] @ weights
        return found

    def evidence(self, weights: Float32) -> ClassEvidence:
        """To be applied to other boxes."""
        return ClassEvidence(self.mean, self.scale, weights)
