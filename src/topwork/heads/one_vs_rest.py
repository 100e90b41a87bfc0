"""One logistic regression per label, all of them at once on one decomposition of the features."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.axes import PrincipalAxes, principal_axes
from topwork.heads.linear import LinearHead, normalise_rows

Array = NDArray[np.float32]

_MEMORY = 6
_SUFFICIENT_DECREASE = 1e-4
_LINE_STEPS = 12
_MAX_ITERATIONS = 200
_TOLERANCE = 1e-5
_PSEUDO = 0.5
"""Items that are imagined to have, and not to have, each label."""


@dataclass(frozen=True, eq=False)
class OneVsRestProblem:
    """Features and which labels items have, ready to be fitted on any rows with any penalty.

    The coordinates come from all rows, which changes how fast a fit on some of them converges but
    not to what.

    Parameters
    ----------
    axes
        The coordinates.
    design
        (n, p), float32.
    presence
        (n, L): 1, 0, or -1 where it is unknown; such cells count for nothing.
    normalise
        Whether rows were scaled to length 1.
    """

    axes: PrincipalAxes
    design: Array
    presence: NDArray[np.int8]
    normalise: bool = True

    @classmethod
    def prepare(
        cls, X: ArrayLike, presence: NDArray[np.int8], *, normalise: bool = True
    ) -> OneVsRestProblem:
        """Turn features (n, d) to their principal axes."""
        rows = normalise_rows(X) if normalise else np.asarray(X, np.float32)
        axes = principal_axes(rows, rough=True)
        return cls(axes, axes.design(rows), presence, normalise)

    def fit(
        self,
        rows: NDArray[np.integer],
        C: float,
        *,
        start: Array | None = None,
        tolerance: float = _TOLERANCE,
    ) -> Array:
        """Coefficients (p, L) that minimise ``C Σ log-loss + ½‖w‖²`` of each label on some rows.

        A label that all or none of these rows have gets its frequency as a constant.
        """
        loss = _Sigmoids.of(self.design[rows], self.presence[rows], C, self.axes.variances)
        return _minimise(loss, loss.start() if start is None else start, tolerance)

    def logits(self, rows: NDArray[np.integer], coefficients: Array) -> Array:
        """Of some rows, (m, L)."""
        return np.asarray(self.design[rows] @ coefficients)

    def linear(self, coefficients: Array) -> LinearHead:
        """The head on features that coefficients (p, L) stand for."""
        return LinearHead(*self.axes.linear(coefficients), normalise=self.normalise)


def log_losses(logits: NDArray[np.floating], presence: NDArray[np.int8]) -> NDArray[np.float64]:
    """Log loss of each cell, (n, L); 0 where it is unknown whether the item has the label.

    Examples
    --------
    >>> log_losses(np.zeros((1, 2)), np.array([[1, -1]], np.int8)).round(3).tolist()
    [[0.693, 0.0]]
    """
    z = np.asarray(logits, np.float64)
    loss = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - (presence == 1) * z
    return np.where(presence >= 0, loss, 0.0)


@dataclass(frozen=True, eq=False)
class _Sigmoids:
    """The mean losses of L labels, a convex function of each column of W (p, L).

    Parameters
    ----------
    design
        (n, p).
    targets
        (n, L), ones and zeros.
    weights
        (n, L): 1 over the number of known cells of the label, 0 where it is unknown.
    ridge
        (p, L): 1 / (C n_l), and 0 for the intercept.
    inverse
        (p, L): 1 over the diagonal of the Hessian where all labels are as frequent as they are.
    fitted
        (L,): labels that some rows have and others don't.
    """

    design: Array
    targets: Array
    weights: Array
    ridge: Array
    inverse: Array
    fitted: NDArray[np.bool_]

    @classmethod
    def of(
        cls, design: Array, presence: NDArray[np.int8], C: float, variances: NDArray[np.float64]
    ) -> _Sigmoids:
        known = presence >= 0
        n = np.maximum(known.sum(axis=0), 1)
        has = (presence == 1).sum(axis=0)
        fitted = (has > 0) & (has < known.sum(axis=0))
        ridge = np.repeat((1 / (C * n))[None], design.shape[1], axis=0)
        ridge[-1] = 0
        spread = np.zeros(design.shape[1])
        spread[: len(variances)], spread[-1] = variances, 1
        share = np.clip(has / n, 0.5 / n, 1 - 0.5 / n)
        diagonal = np.maximum(spread, 1e-12)[:, None] * (share * (1 - share)) + ridge
        return cls(
            design,
            (presence == 1).astype(np.float32),
            (known / n).astype(np.float32),
            ridge.astype(np.float32),
            (1 / diagonal).astype(np.float32),
            fitted,
        )

    def start(self) -> Array:
        """Coefficients that know only how frequent each label is."""
        known = (self.weights > 0).sum(axis=0)
        has = (self.targets * (self.weights > 0)).sum(axis=0)
        W = np.zeros(self.ridge.shape, np.float32)
        W[-1] = np.log((has + _PSEUDO) / (known - has + _PSEUDO))
        return W

    def of_logits(self, z: Array) -> tuple[Array, NDArray[np.float64]]:
        """Probabilities (n, L) and the mean log loss of each label, (L,)."""
        e = np.exp(-np.abs(z))
        p = np.where(z >= 0, 1, e) / (1 + e)
        each = np.maximum(z, 0) + np.log1p(e) - self.targets * z
        return p, np.einsum("nl,nl->l", self.weights, each, dtype=np.float64)

    def penalty(self, W: Array) -> NDArray[np.float64]:
        return np.asarray(0.5 * np.einsum("pl,pl,pl->l", self.ridge, W, W, dtype=np.float64))

    def gradient(self, p: Array, W: Array) -> Array:
        found = self.design.T @ (self.weights * (p - self.targets)) + self.ridge * W
        return np.asarray(found * self.fitted)


def _minimise(loss: _Sigmoids, start: Array, tolerance: float) -> Array:
    """L-BFGS of every column for itself; they share the two matrix products of an iteration."""
    W = np.where(loss.fitted, start, loss.start()).astype(np.float32)
    z = np.asarray(loss.design @ W)
    p, data = loss.of_logits(z)
    value = data + loss.penalty(W)
    gradient = loss.gradient(p, W)
    pairs: deque[tuple[Array, Array, Array]] = deque(maxlen=_MEMORY)
    for _ in range(_MAX_ITERATIONS):
        direction = _direction(gradient, pairs, loss.inverse)
        slope = _dot(gradient, direction)
        moving = slope < -2 * tolerance
        if not moving.any():
            break
        direction *= moving
        change = np.asarray(loss.design @ direction)
        length = _line_search(loss, W, z, direction, change, value=value, slope=slope * moving)
        if not (length > 0).any():
            break
        step = direction * length
        W, z = W + step, z + change * length
        p, data = loss.of_logits(z)
        value = data + loss.penalty(W)
        new = loss.gradient(p, W)
        bend = new - gradient
        curvature = _dot(step, bend)
        scale = np.where(curvature > 1e-12, 1 / np.where(curvature > 1e-12, curvature, 1), 0)
        pairs.append((step, bend, scale.astype(np.float32)))
        gradient = new
    return W


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("pl,pl->l", a, b))


def _direction(gradient: Array, pairs: deque[tuple[Array, Array, Array]], inverse: Array) -> Array:
    """The two loops of L-BFGS, column by column (Nocedal and Wright 2006, algorithm 7.4)."""
    q = gradient.copy()
    used = []
    for step, bend, scale in reversed(pairs):
        a = scale * _dot(step, q)
        q -= a * bend
        used.append(a)
    r = inverse * q
    for (step, bend, scale), a in zip(pairs, reversed(used), strict=True):
        r += (a - scale * _dot(bend, r)) * step
    return -r


def _line_search(
    loss: _Sigmoids,
    W: Array,
    z: Array,
    direction: Array,
    change: Array,
    *,
    value: NDArray[np.float64],
    slope: NDArray[np.floating],
) -> Array:
    """Length of the step of each column, (L,), that lowers its loss enough; 0 where none does."""
    linear = np.einsum("pl,pl,pl->l", loss.ridge, W, direction, dtype=np.float64)
    square = np.einsum("pl,pl,pl->l", loss.ridge, direction, direction, dtype=np.float64)
    penalty = loss.penalty(W)
    length = np.where(slope < 0, 1.0, 0.0)
    waiting = slope < 0
    for _ in range(_LINE_STEPS):
        p, data = loss.of_logits(z + change * length.astype(np.float32))
        moved = data + penalty + length * (linear + 0.5 * length * square)
        enough = moved <= value + _SUFFICIENT_DECREASE * length * slope
        waiting &= ~enough
        if not waiting.any():
            break
        bend = np.einsum("nl,nl,nl,nl->l", loss.weights, p, 1 - p, np.square(change)) + square
        ahead = np.einsum("nl,nl,nl->l", loss.weights, p - loss.targets, change)
        newton = length - (ahead + linear + length * square) / np.maximum(bend, 1e-12)
        shorter = np.clip(newton, 0.1 * length, 0.5 * length)
        length = np.where(waiting, shorter, length)
    return np.where(waiting, 0.0, length).astype(np.float32)
