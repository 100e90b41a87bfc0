"""Ridge regression of a number: penalty and transform by exact leave-one-out errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.ridge import RidgeProblem, leave_one_group_out
from topwork.tasks.number.transform import Transform, TransformName, fit_transform, possible

_SMALLEST_DEVIATION = 1e-6
_SMALLEST_SLACK = 1e-6

_WORTH = 0.01
"""Share of the mean absolute error that a transform has to save."""

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Column:
    """A linear function of features, and what it predicts of items that it wasn't fitted on.

    Parameters
    ----------
    weight, bias
        Of features as they come: ``(d,)`` and a number.
    alpha
        The penalty of the smallest leave-one-out squared error.
    held_out
        Of each item the prediction by the fit on all others (or on all other groups), ``(n,)``.
    """

    weight: Float32
    bias: float
    alpha: float
    held_out: Float64

    def predict(self, X: ArrayLike) -> Float64:
        """Of features ``(m, d)``: ``(m,)``."""
        rows = np.asarray(X, np.float32)
        return np.asarray(rows @ self.weight, np.float64) + self.bias


@dataclass(frozen=True, eq=False)
class NumberRidge:
    """Features of n items, decomposed once, under a ridge for whatever is to be predicted.

    Parameters
    ----------
    problem
        The standardised features.
    left
        Its left singular vectors, ``(n, r)``, float32.
    alphas, leverages
        The penalties, ``(a,)``, and the leverage of each item at each of them, that of the
        intercept included, ``(n, a)``.
    mean, deviation
        Of the features, ``(d,)``.
    groups
        Group of each item, ``(n,)``, where whole groups have to be left out.
    """

    problem: RidgeProblem
    left: Float32
    alphas: Float64
    leverages: Float32
    mean: Float32
    deviation: Float32
    groups: NDArray[np.integer] | None

    @classmethod
    def prepare(
        cls,
        X: ArrayLike,
        groups: NDArray[np.integer] | None = None,
        *,
        standardise: bool = True,
    ) -> NumberRidge:
        """Decompose features ``(n, d)``, in float32."""
        rows = np.asarray(X, np.float32)
        mean = rows.mean(axis=0)
        deviation = np.ones(rows.shape[1], np.float32)
        if standardise:
            deviation = shrunk_deviations(rows)
        empty = np.zeros((len(rows), 1), np.float32)
        problem = RidgeProblem.prepare((rows - mean) / deviation, empty, rough=True)
        alphas, left = problem.default_alphas(), problem.left.astype(np.float32)
        shrunk = (problem.values[:, None] / (problem.values[:, None] + alphas)).astype(np.float32)
        leverages = np.square(left) @ shrunk + np.float32(1 / len(rows))
        alone = groups is None or len(np.unique(groups)) == len(groups)
        return cls(problem, left, alphas, leverages, mean, deviation, None if alone else groups)

    def fit(self, values: Float64) -> list[Column]:
        """A ridge for each of t targets ``(n, t)``, each at the penalty of its own."""
        centre = values.mean(axis=0)
        target = (values - centre).astype(np.float32)
        problem = replace(self.problem, target=target, target_mean=centre.astype(np.float32))
        errors = self._errors(problem)
        means = np.square(errors, dtype=np.float64).mean(axis=1)
        best = len(self.alphas) - 1 - np.argmin(means[::-1], axis=0)  # of equals the larger
        return [
            self._column(problem, values[:, j], j, int(i), errors[i, :, j])
            for j, i in enumerate(best)
        ]

    def _column(
        self, problem: RidgeProblem, values: Float64, j: int, i: int, errors: Float32
    ) -> Column:
        one = replace(
            problem, target=problem.target[:, j : j + 1], target_mean=problem.target_mean[j : j + 1]
        )
        weight, bias = one.coefficients(float(self.alphas[i]))
        own = weight[:, 0] / self.deviation
        return Column(own, float(bias[0] - self.mean @ own), float(self.alphas[i]), values - errors)

    def _errors(self, problem: RidgeProblem) -> Float32:
        """Leave-one-out errors at every penalty, ``(a, n, t)`` (Allen 1974, PRESS)."""
        if self.groups is not None:
            groups = self.groups
            each = [leave_one_group_out(problem, float(alpha), groups) for alpha in self.alphas]
            return np.stack(each)
        values, target = problem.values[:, None], problem.target
        shrunk = (values / (values + self.alphas)).astype(np.float32)
        projected = shrunk[:, :, None] * (self.left.T @ target)[:, None, :]
        fitted = (self.left @ projected.reshape(len(values), -1)).reshape(
            len(target), *shrunk.shape[1:], -1
        )
        slack = np.maximum(1 - self.leverages, _SMALLEST_SLACK)
        errors = (target[:, None, :] - fitted) / slack[:, :, None]
        return np.asarray(errors.transpose(1, 0, 2), np.float32)


def shrunk_deviations(rows: Float32) -> Float32:
    """Standard deviations of columns ``(n, d)``, each increased by their median: ``(d,)``.

    A feature that is nearly always 0 has a small deviation; divided by it alone, the one new item
    on which it is active would be predicted far off.

    Examples
    --------
    >>> shrunk_deviations(np.float32([[0, -3, 0], [0, 3, 2]])).tolist()
    [1.0, 4.0, 2.0]
    """
    deviations = rows.std(axis=0)
    typical = max(float(np.median(deviations)), _SMALLEST_DEVIATION)
    return np.asarray(deviations + np.float32(typical), np.float32)


@dataclass(frozen=True, eq=False)
class NumberFit:
    """A ridge for numbers on the scale that suits them.

    Parameters
    ----------
    transform
        The scale.
    column
        Predicts on it.
    """

    transform: Transform
    column: Column

    def predict(self, X: ArrayLike) -> Float64:
        """Numbers of features ``(m, d)``."""
        return self.transform.backward(self.column.predict(X))


def fit_numbers(
    ridge: NumberRidge, numbers: Float64, *, transforms: Sequence[TransformName] | None = None
) -> NumberFit:
    """The ridge on the simplest transform whose absolute error no other clearly undercuts.

    Errors are leave-one-out errors in the units of the numbers; one transform undercuts another
    where it does so by 1 %, and by more than one standard error of the paired differences.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(80, 3))
    >>> fit = fit_numbers(NumberRidge.prepare(X), np.exp(2 * X[:, 0] + 0.1 * rng.normal(size=80)))
    >>> fit.transform.name
    'log'
    """
    names = possible(numbers) if transforms is None else transforms
    scales = [fit_transform(name, numbers) for name in names]
    columns = ridge.fit(np.stack([scale.forward(numbers) for scale in scales], axis=1))
    fits = [NumberFit(scale, column) for scale, column in zip(scales, columns, strict=True)]
    losses = [np.abs(fit.transform.backward(fit.column.held_out) - numbers) for fit in fits]
    best = min(range(len(fits)), key=lambda i: losses[i].mean())
    chosen = next(i for i in range(len(fits)) if not _clearly(losses[best], losses[i]))
    return fits[chosen]


def _clearly(less: Float64, more: Float64) -> bool:
    """Whether some losses are less than others by 1 %, and by more than a standard error."""
    differences = more - less
    error = float(differences.std()) / max(len(differences) - 1, 1) ** 0.5
    gain = float(differences.mean())
    return gain > error and gain > _WORTH * float(more.mean())
