"""Ridge regression with exact leave-one-out errors for a whole grid of penalties."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import LinearHead, normalise_rows
from topwork.heads.weights import item_weights
from topwork.settings.choices import ClassWeight

_NEGLIGIBLE = 1e-12
_ROUGHLY_NEGLIGIBLE = 1e-6
_SMALLEST_SLACK = 1e-10

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RidgeProblem:
    """Centred and weighted X = U √λ Vᵀ from one eigendecomposition; serves every penalty.

    Parameters
    ----------
    centred
        √w (x − x̄), (n, d), float64, or float32 where it is rough; so are the means.
    mean
        Weighted mean x̄, (d,).
    target_mean
        Weighted mean of the targets, (k,).
    target
        √w (y − ȳ), (n, k), float32.
    root
        √w, (n,), float64.
    left
        U, (n, r), float64.
    values
        λ, (r,), float64, above zero.
    """

    centred: NDArray[np.floating]
    mean: NDArray[np.floating]
    target_mean: NDArray[np.floating]
    target: Float32
    root: Float64
    left: Float64
    values: Float64

    @classmethod
    def prepare(
        cls,
        X: ArrayLike,
        Y: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        rough: bool = False,
    ) -> RidgeProblem:
        """Decompose X (n, d) for targets Y (n, k), items weighted by ``weights`` (n,).

        ``rough`` decomposes in float32: two to three times as fast, and exact enough to compare
        features by, as the default penalties are far above what it loses.
        """
        precision = np.float32 if rough else np.float64
        features, targets = np.asarray(X, precision), np.asarray(Y, precision)
        w = np.ones(len(features)) if weights is None else np.asarray(weights, dtype=np.float64)
        root, share = np.sqrt(w), (w / w.sum()).astype(precision)
        mean, target_mean = share @ features, share @ targets
        column = root.astype(precision)[:, None]
        centred = column * (features - mean)
        # what rounding leaves of features that are constant
        floor = (8 * float(np.finfo(precision).eps)) ** 2 * float(np.square(features).sum())
        left, values = _left_vectors(centred, _ROUGHLY_NEGLIGIBLE if rough else _NEGLIGIBLE, floor)
        target = (column * (targets - target_mean)).astype(np.float32)
        return cls(centred, mean, target_mean, target, root, left, values)

    def default_alphas(self) -> Float64:
        """25 penalties from 1e-3 to 1e5 times the mean eigenvalue, tr(XᵀX) / d."""
        trace = self.values.sum() / self.centred.shape[1]
        return np.logspace(-3, 5, 25) * (trace if trace > 0 else 1.0)

    @cached_property
    def _left32(self) -> Float32:
        return self.left.astype(np.float32)

    @cached_property
    def _projected(self) -> Float32:
        """Uᵀ y, (r, k)."""
        return self._left32.T @ self.target

    def residuals(self, alpha: float) -> Float32:
        """√w (y − ŷ), (n, k), of the fit on all items."""
        shrunk = (self.values / (self.values + alpha)).astype(np.float32)[:, None]
        return self.target - self._left32 @ (shrunk * self._projected)

    def leverages(self, alphas: Float64) -> Float64:
        """Diagonal of the hat matrix, intercept included, (n, number of alphas)."""
        intercept = self.root**2 / (self.root @ self.root)
        shrunk = self.values[:, None] / (self.values[:, None] + alphas)
        return np.asarray(intercept[:, None] + self.left**2 @ shrunk)

    def coefficients(self, alpha: float) -> tuple[Float32, Float32]:
        """Weight (d, k) and bias (k,) of the fit on all items."""
        dual = self.left @ (self._projected / (self.values + alpha)[:, None])
        weight = self.centred.T @ dual
        bias = self.target_mean - self.mean @ weight
        return weight.astype(np.float32), bias.astype(np.float32)


def _left_vectors(
    centred: NDArray[np.floating], negligible: float, floor: float
) -> tuple[Float64, Float64]:
    """U and λ of the nonzero part, from the smaller of XᵀX and XXᵀ, in the precision of X."""
    from scipy.linalg import eigh

    n, d = centred.shape
    gram = centred.T @ centred if n >= d else centred @ centred.T
    values, vectors = eigh(gram, driver="evd", overwrite_a=True)
    kept = values > max(negligible * float(values[-1]), floor)
    values, vectors = values[kept], vectors[:, kept]
    left = (centred @ vectors) / np.sqrt(values) if n >= d else vectors
    return left.astype(np.float64), values.astype(np.float64)


def leave_one_out(problem: RidgeProblem, alpha: float) -> Float32:
    """Prediction errors y − ŷ, (n, k), each from the fit on all other items.

    Exact, intercept included: e = (y − ŷ) / (1 − h) (Allen 1974, PRESS). Class weights stay as
    they are on all items.

    Examples
    --------
    >>> problem = RidgeProblem.prepare([[0.0], [1.0], [2.0]], [[0.0], [0.0], [3.0]])
    >>> leave_one_out(problem, 1e9).round(3).ravel().tolist()
    [-1.5, -1.5, 3.0]
    """
    return _unlever(problem, problem.residuals(alpha), problem.leverages(np.array([alpha]))[:, 0])


def _unlever(problem: RidgeProblem, residuals: Float32, leverage: Float64) -> Float32:
    slack = np.maximum(1 - leverage, _SMALLEST_SLACK)
    return residuals * (1 / (slack * problem.root))[:, None].astype(np.float32)


def leave_one_group_out(problem: RidgeProblem, alpha: float, groups: ArrayLike) -> Float32:
    """Prediction errors y − ŷ, (n, k), each from the fit without the item's whole group.

    Solves (I − H_gg) e_g = r_g for every group g; groups of one size are solved together.

    Parameters
    ----------
    problem
        The decomposed data.
    alpha
        The penalty.
    groups
        Group of each item, (n,).
    """
    residuals = problem.residuals(alpha)
    shrunk = np.sqrt(problem.values / (problem.values + alpha))
    intercept = problem.root / np.linalg.norm(problem.root)
    factors = np.column_stack([problem.left * shrunk, intercept])
    errors = np.empty_like(residuals)
    for rows in _groups_by_size(groups):
        block = factors[rows]
        matrix = np.eye(rows.shape[1]) - block @ block.transpose(0, 2, 1)
        matrix += _SMALLEST_SLACK * np.eye(rows.shape[1])
        errors[rows] = np.linalg.solve(matrix, residuals[rows].astype(np.float64))
    errors /= problem.root[:, None].astype(np.float32)
    return errors


def _groups_by_size(groups: ArrayLike) -> list[NDArray[np.intp]]:
    """Rows of the groups, one array (number of groups, size) for every size that occurs."""
    _, members, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    order = np.argsort(members.reshape(-1), kind="stable")
    starts = np.cumsum(sizes) - sizes
    return [order[starts[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes)]


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """A ridge classifier and how it did on items it was not fitted on.

    Parameters
    ----------
    problem
        The decomposed data.
    alpha
        The best penalty.
    alphas
        All penalties tried.
    errors
        Weighted mean squared held-out error at each of them.
    held_out
        Held-out scores (n, k) at the best penalty; their argmax is the held-out prediction.
    normalise
        Whether rows were scaled to length 1 first.
    """

    problem: RidgeProblem
    alpha: float
    alphas: Float64
    errors: Float64
    held_out: Float32
    normalise: bool

    @cached_property
    def head(self) -> LinearHead:
        """The fit on all items at the best penalty."""
        return LinearHead(*self.problem.coefficients(self.alpha), normalise=self.normalise)


def fit_ridge(
    X: ArrayLike,
    codes: NDArray[np.integer],
    n_classes: int,
    *,
    alphas: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    class_weight: ClassWeight = None,
    normalise: bool = True,
) -> RidgeFit:
    """Regress one-hot classes, with the penalty of the smallest leave-one-out squared error.

    Parameters
    ----------
    X
        Features, (n, d).
    codes
        Class of each item, (n,), from 0 to k - 1.
    n_classes
        k.
    alphas
        Penalties to try; 25 around the scale of the data by default.
    groups
        Group of each item, (n,); whole groups are left out then.
    class_weight
        None or ``"balanced"``.
    normalise
        Scale rows to length 1 first.

    Examples
    --------
    >>> fit = fit_ridge([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]], np.array([0, 0, 1, 1]), 2)
    >>> fit.held_out.argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """
    rows = normalise_rows(X) if normalise else np.asarray(X)
    targets = np.eye(n_classes, dtype=np.float32)[codes]
    problem = RidgeProblem.prepare(rows, targets, item_weights(codes, n_classes, class_weight))
    return solve_ridge(problem, alphas=alphas, groups=groups, normalise=normalise)


def solve_ridge(
    problem: RidgeProblem,
    *,
    alphas: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    normalise: bool = True,
) -> RidgeFit:
    """As ``fit_ridge``, of data that are decomposed already; ``normalise`` says how they were."""
    weights = problem.root**2
    root = problem.root[:, None].astype(np.float32)
    targets: Float32 = problem.target / root + problem.target_mean.astype(np.float32)
    grid = problem.default_alphas() if alphas is None else np.atleast_1d(np.asarray(alphas, float))
    errors = np.empty(len(grid))
    best = np.empty(targets.shape, dtype=np.float32)
    leverages = problem.leverages(grid) if groups is None else None
    for i, alpha in enumerate(grid):
        if leverages is None:
            held_out = leave_one_group_out(problem, alpha, np.asarray(groups))
        else:
            held_out = _unlever(problem, problem.residuals(alpha), leverages[:, i])
        errors[i] = (weights @ np.einsum("ij,ij->i", held_out, held_out)) / weights.sum()
        if errors[i] == errors[: i + 1].min():
            best = held_out
    alpha = float(grid[len(grid) - 1 - np.argmin(errors[::-1])])
    return RidgeFit(problem, alpha, grid, errors, targets - best, normalise)
