"""What a network's features of a box say of the object in it: one of k classes, or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
        learnt = {int(fold): judged & (folds == fold) for fold in np.unique(folds)}
        rows = {fold: self._rows[own].astype(np.float64) for fold, own in learnt.items()}
        targets = {fold: truth[own].astype(np.float64) for fold, own in learnt.items()}
        few = int(judged.sum()) < self._rows.shape[1]
        self._solve = (_Dual if few else _Primal)(rows, targets)

    def weights(self, left_out: Collection[int], penalty: float) -> Float32:
        """Fitted on all folds but some, (f + 1, k + 1)."""
        kept = [fold for fold in self._solve.folds if fold not in left_out]
        return self._solve.weights(kept, penalty).astype(np.float32)

    def scores(self, weights: Float32, kept: NDArray[np.bool_]) -> Float32:
        """Of some boxes, (m', k + 1)."""
        found: Float32 = self._rows[kept] @ weights
        return found

    def evidence(self, weights: Float32) -> ClassEvidence:
        """To be applied to other boxes."""
        return ClassEvidence(self.mean, self.scale, weights)


_INTERCEPT = 1e-3
"""Penalty on intercepts, which makes any problem solvable."""


class _Primal:
    """Weights from the products of the features of each fold: cheap for many boxes."""

    def __init__(self, rows: Mapping[int, Float64], targets: Mapping[int, Float64]) -> None:
        self.folds = tuple(rows)
        self._products = {f: (rows[f].T @ rows[f], rows[f].T @ targets[f]) for f in rows}

    def weights(self, kept: Sequence[int], penalty: float) -> Float64:
        gram, moment = (np.sum([self._products[f][i] for f in kept], axis=0) for i in (0, 1))
        gram[np.diag_indices(len(gram) - 1)] += penalty
        gram[-1, -1] += _INTERCEPT
        found: Float64 = np.linalg.solve(gram, moment)
        return found


class _Dual:
    """The same from the products of boxes with each other: cheap for fewer boxes than features.

    Weights are combinations of rows: ``W = D⁻¹ Xᵀ (X D⁻¹ Xᵀ + I)⁻¹ Y`` with the penalties D on the
    diagonal.
    """

    def __init__(self, rows: Mapping[int, Float64], targets: Mapping[int, Float64]) -> None:
        self.folds = tuple(rows)
        self._fold = np.repeat(list(rows), [len(own) for own in rows.values()])
        self._rows, self._targets = np.concatenate([*rows.values()]), [*targets.values()]
        features = self._rows[:, :-1]
        self._products = features @ features.T

    def weights(self, kept: Sequence[int], penalty: float) -> Float64:
        own = np.isin(self._fold, kept)
        kernel = self._products[np.ix_(own, own)] / penalty + 1 / _INTERCEPT
        kernel[np.diag_indices(len(kernel))] += 1
        targets = np.concatenate(self._targets)[own]
        combined = self._rows[own].T @ np.linalg.solve(kernel, targets)
        strengths = np.r_[np.full(len(combined) - 1, penalty), _INTERCEPT]
        return np.asarray(combined / strengths[:, None])
