"""Whether there are enough independent items to compare models on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Below these nothing is ranked: a difference of 20 points would more often than not go unseen.
MIN_ITEMS = 30
MIN_GROUPS = 10

MIN_EFFECTIVE = 16
"""Groups of equal classes that the groups at hand have to be worth (``too_few``): 60 against 4 are
worth 15."""

MIN_PER_CLASS = 4
"""Independent items per class (harmonic mean) below which nothing is ranked: with one to three,
holding one out leaves next to nothing of its class to learn from."""


def too_few(
    n_items: int,
    groups: ArrayLike | None,
    codes: NDArray[np.integer] | None,
    *,
    min_items: int = MIN_ITEMS,
) -> str | None:
    """What is too little to compare models by, as the beginning of a sentence; else None.

    Where classes count alike, the variance of a score is that of the harmonic mean of their
    independent items times the number of classes: 60 items against 3 are worth 11.

    Parameters
    ----------
    n_items
        How many items there are.
    groups, codes
        Group and class of each item, (n,).
    min_items
        Items that are needed.

    Examples
    --------
    >>> too_few(36, None, np.arange(36))
    'The rarest class has 1 independent item, too few to compare models'
    >>> too_few(80, None, np.arange(80) % 8) is None
    True
    """
    if n_items < min_items:
        return f"Only {n_items} item{'s' * (n_items != 1)} ({min_items} needed to compare models)"
    members = np.arange(n_items) if groups is None else np.asarray(groups)
    n_groups = len(np.unique(members))
    if groups is not None and n_groups < MIN_GROUPS:
        return (
            f"Only {n_groups} group{'s' * (n_groups != 1)} ({MIN_GROUPS} needed to compare models)"
        )
    if codes is None:
        return None
    groups_of = np.bincount(np.unique(np.stack([codes, members]), axis=1)[0])
    items, units = _effective(np.bincount(codes)), _effective(groups_of)
    k = int(np.count_nonzero(groups_of))
    needed = max(min(MIN_EFFECTIVE, min_items), MIN_PER_CLASS * k)
    if items >= min(min_items, MIN_ITEMS) and units >= needed:
        return None
    rarest = int(groups_of[groups_of > 0].min())
    few = f"{rarest} independent item{'s' * (rarest != 1)}"
    return f"The rarest class has {few}, too few to compare models"


def _effective(counts: NDArray[np.integer]) -> float:
    """Items of equal classes that would tell as much: the harmonic mean times the classes."""
    counts = counts[counts > 0]
    return len(counts) ** 2 / float((1 / counts).sum())
