"""Nested cross-validation of the ridge head: penalty and normalisation chosen inside each fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads import ClassWeight, LinearHead
from topwork.heads.linear import normalise_rows
from topwork.heads.ridge import RidgeProblem, solve_ridge
from topwork.heads.weights import item_weights
from topwork.runtime.parallel import side_by_side

Normalisation = Literal["none", "unit", "standard"]
NORMALISATIONS: tuple[Normalisation, ...] = get_args(Normalisation)
"""Rows as they are, rows of length 1, columns of mean 0 and deviation 1."""

_SMALLEST_DEVIATION = 1e-6


@dataclass(frozen=True, eq=False)
class NestedRidge:
    """Held-out scores of every item, and what was chosen without it.

    Parameters
    ----------
    scores
        ``(n, k)``, of the head that did not see the item's fold; the largest is the prediction.
    normalisations, alphas
        The choice for each fold, in the order of the folds' numbers.
    """

    scores: NDArray[np.float32]
    normalisations: tuple[Normalisation, ...]
    alphas: tuple[float, ...]


def nested_ridge(
    X: ArrayLike,
    codes: NDArray[np.integer],
    n_classes: int,
    folds: NDArray[np.integer],
    *,
    groups: ArrayLike | None = None,
    class_weight: ClassWeight = None,
    normalisations: Sequence[Normalisation] = NORMALISATIONS,
) -> NestedRidge:
    """Judge the ridge head on every fold.

    Inside a fold 25 penalties and each normalisation are judged by exact leave-one-out (or
    leave-one-group-out) squared error, from one eigendecomposition a normalisation, in float32.

    Parameters
    ----------
    X
        Features, ``(n, d)``.
    codes
        Class of each item, ``(n,)``, from 0 to k - 1.
    n_classes
        k.
    folds
        Fold of each item, ``(n,)``.
    groups
        Group of each item, ``(n,)``; whole groups are left out then.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> codes = np.repeat([0, 1], 20)
    >>> found = nested_ridge(rng.normal(size=(40, 3)) + 4 * codes[:, None], codes, 2, codes * 0
    ...     + np.arange(40) % 4)
    >>> bool((found.scores.argmax(axis=1) == codes).mean() > 0.9)
    True
    """
    data = _Labelled(
        np.asarray(X, dtype=np.float32),
        np.asarray(codes),
        n_classes,
        None if groups is None else np.asarray(groups),
        class_weight,
    )
    names = np.unique(folds)
    tasks = [(folds != name, kind) for name in names for kind in normalisations]
    fits = side_by_side(data.fit, tasks)
    scores = np.empty((len(data.rows), n_classes), np.float32)
    chosen: list[Normalisation] = []
    alphas: list[float] = []
    for i, name in enumerate(names):
        own = fits[i * len(normalisations) : (i + 1) * len(normalisations)]
        best = min(range(len(own)), key=lambda j: own[j][0])
        _, alpha, head = own[best]
        scores[folds == name] = head.logits(data.rows[folds == name])
        chosen.append(normalisations[best])
        alphas.append(alpha)
    return NestedRidge(scores, tuple(chosen), tuple(alphas))


@dataclass(frozen=True, eq=False)
class _Labelled:
    rows: NDArray[np.float32]
    codes: NDArray[np.integer]
    n_classes: int
    groups: NDArray[np.integer] | None
    class_weight: ClassWeight

    def fit(self, task: tuple[NDArray[np.bool_], Normalisation]) -> tuple[float, float, LinearHead]:
        """Error at the best penalty, that penalty, and the head on features as they come."""
        part, kind = task
        seen, codes = self.rows[part], self.codes[part]
        mean = np.zeros(seen.shape[1], np.float32)
        deviation = np.ones(seen.shape[1], np.float32)
        if kind == "unit":
            seen = normalise_rows(seen)
        elif kind == "standard":
            mean = seen.mean(axis=0)
            deviation = np.maximum(seen.std(axis=0), _SMALLEST_DEVIATION)
            seen = (seen - mean) / deviation
        targets = np.eye(self.n_classes, dtype=np.float32)[codes]
        weights = item_weights(codes, self.n_classes, self.class_weight)
        problem = RidgeProblem.prepare(seen, targets, weights, rough=True)
        fit = solve_ridge(problem, groups=None if self.groups is None else self.groups[part])
        weight = fit.head.weight / deviation[:, None]
        head = LinearHead(weight, fit.head.bias - mean @ weight, normalise=kind == "unit")
        return float(fit.errors.min()), fit.alpha, head
