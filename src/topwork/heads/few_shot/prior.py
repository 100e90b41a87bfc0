"""What classes of earlier tasks tell about new ones: how items of one class differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.centroid import SCALE, fit_centroid
from topwork.heads.linear import UNSEEN_LOGIT, LinearHead, normalise_rows

MAX_AXES: Final = 256
SHRINKAGES: Final = (0.1, 0.3, 0.6, 0.9)
"""Tried weights of equal variance along all axes."""

_FAR: Final = 1.5

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class TaskPrior:
    """The covariance within classes of rows of length 1, pooled over tasks.

    Parameters
    ----------
    axes
        (d, r), orthonormal columns, float32: the leading ones.
    variances
        (r,), along them, the largest first.
    rest
        The mean variance along all other axes.
    shrinkage
        From 0 to 1: how much the mean variance counts against each axis's own.
    places
        The mean row of each task, (t, d), float32.
    """

    axes: Array
    variances: NDArray[np.float64]
    rest: float
    shrinkage: float
    places: Array

    def suits(self, X: ArrayLike) -> bool:
        """Whether items (n, d) lie among the tasks, whatever their classes are.

        Their mean may be one and a half times as far (in squares, less what n items miss their
        mean by) from that of the nearest task as the loneliest task is from its nearest.
        """
        rows = normalise_rows(X).astype(np.float64)
        if len(self.places) < 2:
            return False
        missed = float(rows.var(axis=0, ddof=1).sum()) / len(rows) if len(rows) > 1 else 0.0
        tasks = self.places.astype(np.float64)
        own = float(np.square(tasks - rows.mean(axis=0)).sum(axis=1).min()) - missed
        apart = np.square(tasks[:, None] - tasks[None]).sum(axis=2)
        np.fill_diagonal(apart, np.inf)
        return own <= _FAR * float(apart.min(axis=1).max())

    @property
    def factors(self) -> tuple[NDArray[np.float64], float]:
        """One over the deviation along each axis, and along all others."""
        d, r = self.axes.shape
        mean = (float(self.variances.sum()) + (d - r) * self.rest) / d
        own = (1 - self.shrinkage) * self.variances + self.shrinkage * mean
        other = (1 - self.shrinkage) * self.rest + self.shrinkage * mean
        floor = 1e-12 + 1e-6 * mean
        return 1 / np.sqrt(np.maximum(own, floor)), float(1 / np.sqrt(max(other, floor)))

    def whitened(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Rows (n, d) in units of what varies within classes, (n, d)."""
        own, other = self.factors
        inside = rows @ self.axes
        found: NDArray[np.float64] = other * rows + (inside * (own - other)) @ self.axes.T
        return found

    def with_axes(self, axes: Array, own: NDArray[np.floating], other: float) -> Self:
        """The metric that stretches rows along other axes; of the tasks the places stay.

        Parameters
        ----------
        axes
            (d, r), orthonormal columns.
        own, other
            Factors along each axis, (r,), and along all others; not negative.

        Examples
        --------
        >>> prior = TaskPrior(np.eye(3, 1, dtype=np.float32), np.ones(1), 1.0, 0.5, np.eye(2, 3))
        >>> moved = prior.with_axes(np.eye(3, dtype=np.float32)[:, 1:2], np.array([4.0]), 2.0)
        >>> moved.whitened(np.ones((1, 3))).round(3).tolist()
        [[2.0, 4.0, 2.0]]
        """
        order = np.argsort(-np.asarray(own), kind="stable")[::-1]
        tiny = 1e-6 * max(float(np.max(own)), other, 1e-12)
        variances = 1 / np.square(np.maximum(np.asarray(own, np.float64)[order], tiny))
        rest = 1 / max(other, tiny) ** 2
        kept = np.ascontiguousarray(axes[:, order], np.float32)
        return replace(self, axes=kept, variances=variances, rest=rest, shrinkage=0.0)

    def with_shrinkage(self, shrinkage: float) -> Self:
        """The same, shrunk otherwise."""
        return replace(self, shrinkage=shrinkage)

    def head(self, X: ArrayLike, codes: NDArray[np.integer], n_classes: int) -> LinearHead:
        """The nearest class mean in that metric, as a head on rows of length 1.

        Parameters
        ----------
        X
            Features, (n, d).
        codes
            Class of each, (n,), from 0 to k − 1.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> X, codes = rng.normal(size=(60, 8)), np.repeat(np.arange(6), 10)
        >>> prior = fit_prior([within_classes(X, codes)])
        >>> prior.head(X[:2], np.array([0, 1]), 2).logits(X[:2]).argmax(axis=1).tolist()
        [0, 1]
        """
        rows = normalise_rows(X).astype(np.float64)
        present = np.unique(codes)
        means = np.stack([rows[codes == code].mean(axis=0) for code in present])
        centre = means.mean(axis=0)
        directions = self.whitened(means - centre)
        lengths = np.linalg.norm(directions, axis=1, keepdims=True)
        usual = float(np.mean(np.linalg.norm(self.whitened(rows - centre), axis=1)))
        if usual < 1e-12:
            return fit_centroid(X, codes, n_classes)
        directions = self.whitened(directions / np.maximum(lengths, 1e-12)) * (SCALE / usual)
        weight = np.zeros((rows.shape[1], n_classes), np.float32)
        bias = np.full(n_classes, UNSEEN_LOGIT, np.float32)
        weight[:, present] = directions.T
        bias[present] = -(directions @ centre)
        return LinearHead(weight, bias, normalise=True)


@dataclass(frozen=True, eq=False, slots=True)
class TaskRows:
    """What a prior takes from one task.

    Parameters
    ----------
    within
        Rows of length 1 less the mean of their class, (n, d), scaled so that RᵀR is their
        covariance.
    place
        The mean row, (d,).
    """

    within: NDArray[np.float64]
    place: NDArray[np.float64]


def within_classes(X: ArrayLike, codes: NDArray[np.integer]) -> TaskRows:
    """Of features (n, d) of one task and the class of each, (n,)."""
    rows = normalise_rows(X).astype(np.float64)
    place = rows.mean(axis=0)
    names, codes = np.unique(codes, return_inverse=True)
    for code in range(len(names)):
        rows[codes == code] -= rows[codes == code].mean(axis=0)
    rows /= np.sqrt(max(len(rows) - len(names), 1))
    return TaskRows(rows, place)


def fit_prior(tasks: Sequence[TaskRows], shrinkage: float = 0.3) -> TaskPrior:
    """The prior of several tasks, each given by its `within_classes`; tasks count alike.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(90, 5)) * [3, 1, 1, 1, 1]
    >>> prior = fit_prior([within_classes(X, np.repeat(np.arange(9), 10))])
    >>> int(np.abs(prior.axes[:, 0]).argmax())
    0
    """
    from scipy.linalg import eigh

    rows = np.concatenate([task.within for task in tasks]) / np.sqrt(len(tasks))
    n, d = rows.shape
    few = n < d
    gram = rows @ rows.T if few else rows.T @ rows
    kept = min(MAX_AXES, n, d)
    values, vectors = eigh(gram, subset_by_index=(len(gram) - kept, len(gram) - 1))
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    if few:
        real = values > 1e-9 * max(float(values[0]), 1e-30)
        values, vectors = values[real], vectors[:, real]
        vectors = rows.T @ vectors / np.sqrt(values)
    total = float(np.trace(gram))
    rest = max(total - float(values.sum()), 0.0) / max(d - len(values), 1)
    places = np.stack([task.place for task in tasks]).astype(np.float32)
    return TaskPrior(vectors.astype(np.float32), values, rest, shrinkage, places)
