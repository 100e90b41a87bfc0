"""Which items are held out together. Here, because heads choose their penalty by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError

_ROUNDS = 3
_TIE = 1e-6


def stratified_folds(
    codes: NDArray[np.integer],
    *,
    n_folds: int = 5,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Fold of each item, (n,): classes spread evenly, groups undivided.

    Groups of several items are placed one by one, the largest first, where their classes are
    rarest; single items then level every class. Without groups the folds of a class differ by
    one item at most. There are never more folds than groups; a class may have fewer items than
    folds.

    Parameters
    ----------
    codes
        Class of each item, (n,), from 0 to k - 1.
    n_folds
        Wanted number of folds, 2 or more.
    groups
        Group of each item, (n,), of any type that sorts; items of one group share a fold.
    seed
        Which items of a class, and which of equal groups, go where.

    Raises
    ------
    ParameterError
        Fewer than two folds are wanted.
    DataError
        There are fewer than two items or groups.

    Examples
    --------
    >>> folds = stratified_folds(np.array([0, 0, 1, 1]), n_folds=2)
    >>> sorted(folds[:2].tolist()), sorted(folds[2:].tolist())
    ([0, 1], [0, 1])
    """
    if n_folds < 2:
        raise ParameterError(
            f"n_folds is {n_folds}, expected 2 or more.", remedy="Give at least 2."
        )
    codes = np.asarray(codes)
    members = np.arange(len(codes)) if groups is None else _numbered(groups)
    sizes = np.bincount(members) if len(members) else members
    if len(sizes) < 2:
        what = "group" if groups is not None else "item"
        raise DataError(
            f"There are {len(sizes)} {what}s, too few to hold any out.",
            remedy=f"Give at least two {what}s.",
        )
    n_folds = min(n_folds, len(sizes))
    rng = np.random.default_rng(seed)
    folds = np.full(len(codes), -1, dtype=np.intp)
    counts = np.zeros((n_folds, int(codes.max()) + 1))
    _place_groups(folds, counts, codes, members, rng=rng)
    _place_singles(folds, counts, codes, rng)
    return folds


def _numbered(groups: ArrayLike) -> NDArray[np.intp]:
    """Groups as numbers from 0, in the order of their names."""
    return np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)


def _place_groups(
    folds: NDArray[np.intp],
    counts: NDArray[np.float64],
    codes: NDArray[np.integer],
    members: NDArray[np.intp],
    *,
    rng: np.random.Generator,
) -> None:
    """Put each group of several items where Σ over classes of count² / class size grows least.

    Then every group may move again, a few times, as long as that sum falls.
    """
    n_classes = counts.shape[1]
    sizes = np.bincount(members)
    cells, added = np.unique(members * n_classes + codes, return_counts=True)
    classes = cells % n_classes
    bounds = np.searchsorted(cells, np.arange(len(sizes) + 1) * n_classes)
    weights = added / np.bincount(codes, minlength=n_classes)[classes]
    groups = rng.permutation(np.flatnonzero(sizes > 1))
    groups = groups[np.argsort(-sizes[groups], kind="stable")]
    fold_of = np.full(len(sizes), -1, dtype=np.intp)
    filled = np.zeros(len(counts))
    for _ in range(1 + _ROUNDS):
        before = fold_of.copy()
        for group in groups:
            cell = slice(bounds[group], bounds[group + 1])
            here, own = fold_of[group], classes[cell]
            if here >= 0:
                counts[here, own] -= added[cell]
                filled[here] -= sizes[group]
            growth = counts[:, own] @ weights[cell] + _TIE / len(codes) * filled
            best = int(growth.argmin())
            fold = here if here >= 0 and growth[best] > growth[here] - _TIE else best
            fold_of[group] = fold
            counts[fold, own] += added[cell]
            filled[fold] += sizes[group]
        if np.array_equal(before, fold_of):
            break
    folds[:] = fold_of[members]


def _place_singles(
    folds: NDArray[np.intp],
    counts: NDArray[np.float64],
    codes: NDArray[np.integer],
    rng: np.random.Generator,
) -> None:
    """Fill every class from its emptiest fold up, the smaller fold first where equal."""
    n_folds = len(counts)
    single = rng.permutation(np.flatnonzero(folds < 0))
    if not len(single):
        return
    single = single[np.argsort(codes[single], kind="stable")]
    classes, starts = np.unique(codes[single], return_index=True)
    for label, rows in zip(classes, np.split(single, starts[1:]), strict=True):
        rounds = np.arange(-(-len(rows) // n_folds) + int(np.ptp(counts[:, label])))
        level = counts[:, label][:, None] + rounds
        fullness = np.broadcast_to(counts.sum(axis=1)[:, None], level.shape)
        slots = np.lexsort((fullness.ravel(), level.ravel()))[: len(rows)] // len(rounds)
        folds[rows] = slots
        counts[:, label] += np.bincount(slots, minlength=n_folds)
