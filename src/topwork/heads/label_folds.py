"""Folds that hold every label alike where items have several, groups undivided."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError


def label_folds(
    presence: NDArray[np.int8],
    *,
    n_folds: int = 5,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Fold of each item, (n,), by iterative stratification of whole groups.

    The label that fewest groups without a fold have comes first; each of these groups, those with
    the most of it first, goes where most of that label is still wanted, of equals where most items
    are wanted. Groups with no label level the folds in the end. A fold wants its part of the items
    that have each label.

    Parameters
    ----------
    presence
        (n, L): 1 where the item has the label.
    n_folds
        Wanted number of folds, 2 or more; there are never more than groups.
    groups
        Group of each item, (n,); items of one group share a fold.
    seed
        Which of equal groups go where.

    Raises
    ------
    ParameterError
        Fewer than two folds are wanted.
    DataError
        There are fewer than two items or groups.

    References
    ----------
    Sechidis, Tsoumakas and Vlahavas 2011, On the stratification of multi-label data, algorithm 1;
    here with groups in place of items.

    Examples
    --------
    >>> presence = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1], [1, 1]], np.int8)
    >>> folds = label_folds(presence, n_folds=2)
    >>> [presence[folds == fold].sum(axis=0).tolist() for fold in (0, 1)]
    [[2, 2], [2, 2]]
    """
    if n_folds < 2:
        raise ParameterError(
            f"n_folds is {n_folds}, expected 2 or more.", remedy="Give at least 2."
        )
    n = len(presence)
    members = np.arange(n)
    if groups is not None:
        members = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    n_groups = int(members.max()) + 1 if n else 0
    if n_groups < 2:
        what = "group" if groups is not None else "item"
        raise DataError(
            f"There are {n_groups} {what}s, too few to hold any out.",
            remedy=f"Give at least two {what}s.",
        )
    held = np.zeros((n_groups, presence.shape[1]))
    np.add.at(held, members, presence == 1)
    sizes = np.bincount(members, minlength=n_groups).astype(np.float64)
    placed = _placed(held, sizes, min(n_folds, n_groups), np.random.default_rng(seed))
    return placed[members]


def _placed(
    held: NDArray[np.float64],
    sizes: NDArray[np.float64],
    n_folds: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """The fold of each of g groups by how many of their items have each label, (g, L)."""
    folds = np.full(len(held), -1, np.intp)
    wanted = np.repeat(held.sum(axis=0)[None] / n_folds, n_folds, axis=0)
    room = np.full(n_folds, sizes.sum() / n_folds)
    order = rng.permutation(len(held))
    left = (held > 0).sum(axis=0)
    while left.any():
        label = int(np.where(left > 0, left, len(held) + 1).argmin())
        having = order[(folds[order] < 0) & (held[order, label] > 0)]
        for group in having[np.argsort(-held[having, label], kind="stable")]:
            _place(int(group), label, folds, held, sizes, wanted=wanted, room=room)
            left -= held[group] > 0
    rest = order[folds[order] < 0]
    for group in rest[np.argsort(-sizes[rest], kind="stable")]:
        _place(int(group), None, folds, held, sizes, wanted=wanted, room=room)
    return _filled(folds, sizes, n_folds)


def _place(
    group: int,
    label: int | None,
    folds: NDArray[np.intp],
    held: NDArray[np.float64],
    sizes: NDArray[np.float64],
    *,
    wanted: NDArray[np.float64],
    room: NDArray[np.float64],
) -> None:
    need = np.zeros(len(room)) if label is None else wanted[:, label]
    fold = int(np.lexsort((-room, -need))[0])
    folds[group] = fold
    wanted[fold] -= held[group]
    room[fold] -= sizes[group]


def _filled(folds: NDArray[np.intp], sizes: NDArray[np.float64], n_folds: int) -> NDArray[np.intp]:
    """The same with a group in every fold: an empty one takes the smallest of the fullest."""
    for fold in range(n_folds):
        if (folds == fold).any():
            continue
        fullest = int(np.bincount(folds, minlength=n_folds).argmax())
        mine = np.flatnonzero(folds == fullest)
        folds[mine[sizes[mine].argmin()]] = fold
    return folds
