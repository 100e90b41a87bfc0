"""Whether other data look different from those a model was trained on, and their classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.leading_axes import leading_axes
from topwork.heads.linear import normalise_rows
from topwork.metrics.auroc import midranks
from topwork.metrics.records import Record
from topwork.shift.permutations import PermutedSets, share_as_extreme

#: At many items any difference is significant; these areas under the curve are worth acting on.
NOTICEABLE, STRONG = 0.7, 0.9
#: With few items areas beyond ``NOTICEABLE`` come by chance, so that more is asked of p: of
#: random halves of one set, fewer than 2 % are called different.
NOTICEABLE_P = 0.02
N_AXES = 64
N_PERMUTATIONS = 199
_FOLDS = 5
_RIDGE = 0.1

Float64 = NDArray[np.float64]


class ShiftTest(Record):
    """How well a linear classifier tells two sets of items apart.

    Parameters
    ----------
    auc
        Held-out area under its curve: 0.5 where it cannot, 1 where it always can.
    p
        Share of random divisions of the same items that are told apart as well.
    n_first, n_second
        Items on either side.
    """

    auc: float
    p: float
    n_first: int
    n_second: int

    @property
    def noticeable(self) -> bool:
        """Whether the difference is both beyond chance and large enough to matter."""
        return self.p < NOTICEABLE_P and self.auc >= NOTICEABLE


class ClassShift(Record):
    """How differently the classes are distributed.

    Parameters
    ----------
    distance
        Total variation, the share of items that would have to change class: 0 to 1.
    p
        Share of random divisions of the same items with as large a distance.
    first, second
        Share of each class on either side, (k,).
    """

    distance: float
    p: float
    first: tuple[float, ...]
    second: tuple[float, ...]


def shift_test(
    first: ArrayLike,
    second: ArrayLike,
    *,
    first_groups: ArrayLike | None = None,
    second_groups: ArrayLike | None = None,
    seed: int = 0,
) -> ShiftTest:
    """The classifier two-sample test on features.

    A cross-fitted ridge classifier on the leading principal axes of both sets together; it is
    linear in its targets, so that all permutations are fitted at once. With groups, folds and
    permutations keep them whole.

    Parameters
    ----------
    first, second
        Features, (n, d) and (m, d).
    first_groups, second_groups
        Group of each item, (n,) and (m,).
    seed
        Of folds and permutations.

    Raises
    ------
    DataError
        There are too few items or groups on either side.

    References
    ----------
    Lopez-Paz and Oquab 2017, Revisiting classifier two-sample tests.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> test = shift_test(rng.random((50, 4)), rng.random((50, 4)) + [0, 0, 0, 2])
    >>> test.auc > 0.95, test.p
    (True, 0.005)
    """
    X = normalise_rows(np.concatenate([np.asarray(first), np.asarray(second)]))
    n, m = len(np.asarray(first)), len(np.asarray(second))
    sets = PermutedSets.of(n, m, first_groups, second_groups)
    rng = np.random.default_rng(seed)
    X -= X.mean(axis=0)
    coordinates = X @ leading_axes(X, N_AXES, seed=seed)[0]
    permutations = sets.permutations(rng, N_PERMUTATIONS)
    folds = _folds(sets, rng)
    aucs = _areas(_held_out(coordinates, permutations, folds), permutations)
    return ShiftTest(auc=float(aucs[0]), p=share_as_extreme(aucs), n_first=n, n_second=m)


def class_shift(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    n_classes: int,
    *,
    first_groups: ArrayLike | None = None,
    second_groups: ArrayLike | None = None,
    seed: int = 0,
) -> ClassShift:
    """Total variation distance between the classes of two sets, codes (n,) and (m,).

    Raises
    ------
    DataError
        There are too few items or groups on either side.

    Examples
    --------
    >>> shift = class_shift(np.arange(40) % 2, np.arange(40) % 4 // 3, 2)
    >>> shift.distance, shift.first, shift.second
    (0.25, (0.5, 0.5), (0.75, 0.25))
    """
    sets = PermutedSets.of(len(first), len(second), first_groups, second_groups)
    permutations = sets.permutations(np.random.default_rng(seed), N_PERMUTATIONS)
    one_hot = np.eye(n_classes)[np.concatenate([first, second])]
    after = one_hot.T @ permutations / permutations.sum(axis=0)
    before = one_hot.T @ ~permutations / (~permutations).sum(axis=0)
    distances = np.abs(after - before).sum(axis=0) / 2
    return ClassShift(
        distance=float(distances[0]),
        p=share_as_extreme(distances),
        first=tuple(map(float, before[:, 0])),
        second=tuple(map(float, after[:, 0])),
    )


def _folds(sets: PermutedSets, rng: np.random.Generator) -> NDArray[np.intp]:
    """Fold of each item; units of either set are spread evenly."""
    order = rng.permutation(len(sets.second))
    order = order[np.argsort(sets.second[order], kind="stable")]
    folds = np.empty(len(order), dtype=np.intp)
    folds[order] = np.arange(len(order)) % _FOLDS
    result: NDArray[np.intp] = folds[sets.members]
    return result


def _held_out(
    X: NDArray[np.float32], permutations: NDArray[np.bool_], folds: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Ridge scores of every division, (n, p), by fits without the item's fold."""
    scores = np.empty(permutations.shape, dtype=np.float32)
    targets = permutations.astype(np.float32)
    for fold in range(_FOLDS):
        test = folds == fold
        train = X[~test]
        centre = train.mean(axis=0)
        inner = train - centre
        gram = inner.T @ inner
        penalty = _RIDGE * np.trace(gram) / max(len(gram), 1) + 1e-12
        weights = np.linalg.solve(
            gram + penalty * np.eye(len(gram), dtype=np.float32), inner.T @ targets[~test]
        )
        scores[test] = (X[test] - centre) @ weights + targets[~test].mean(axis=0)
    return scores


def _areas(scores: NDArray[np.float32], permutations: NDArray[np.bool_]) -> Float64:
    """Area under the curve of each column."""
    return np.array(
        [
            _area(midranks(column), side)
            for column, side in zip(scores.T, permutations.T, strict=True)
        ]
    )


def _area(ranks: Float64, second: NDArray[np.bool_]) -> float:
    m = int(second.sum())
    return float((ranks[second].sum() - m * (m + 1) / 2) / (m * (len(ranks) - m)))
