"""Which rows to label next: typical ones at first, then those that a head hesitates about.

On photographs, images of 32 pixels and short texts, the most typical item of the largest group
without a label needs fewer labels than random choice, up to about five per class; from
then on small margins, spread by k-means, are as good or better. The centres of what is left are
worse than random choice: they are outliers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.heads import (
    LogisticProblem,
    choose_penalty,
    fit_logistic,
    softmax,
    stratified_folds,
)
from topwork.heads.clustering import half_whitened, spherical_kmeans

Rows = NDArray[np.float32]
Why = Literal["audit", "typical", "uncertain"]

ENOUGH_PER_CLASS: Final = 5
"""Labels per class from which on a head says more than groups do."""

N_AXES: Final = 64
MAX_GROUPS: Final = 200
SMALL: Final = 5
"""Groups of fewer items come last: they are outliers more often than classes."""

_NEIGHBOURS: Final = 20
_POOL: Final = 10
_STARTS: Final = 3
_FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A row to label.

    Parameters
    ----------
    row
        Its position.
    why
        ``audit``: drawn at random, to measure accuracy with; ``typical`` of a group;
        ``uncertain``: the head hesitates.
    size, n_labelled
        Items of its group, and how many of them are labelled already; for typical rows.
    classes, probabilities
        The two most likely classes; for uncertain rows.
    """

    row: int
    why: Why
    size: int = 0
    n_labelled: int = 0
    classes: tuple[int, int] = (0, 0)
    probabilities: tuple[float, float] = (0.0, 0.0)


def choose_next(
    X: Rows,
    codes: NDArray[np.integer],
    n: int,
    *,
    n_classes: int = 0,
    seed: int = 0,
    barred: NDArray[np.bool_] | None = None,
) -> list[Choice]:
    """The n rows to label next, the most useful first; fewer where fewer are left.

    Parameters
    ----------
    X
        Features of items of different content, (n_rows, d), float32.
    codes
        Class of each, (n_rows,), from 0; −1 where it has no label.
    n
        How many rows are wanted.
    n_classes
        Classes that are known to exist; those that ``codes`` holds where there are more.
    seed
        Of k-means.
    barred
        Rows that are neither chosen nor learnt from, (n_rows,).

    References
    ----------
    Hacohen et al. 2022, Active learning on a budget (TypiClust); Gupte et al. 2024, Revisiting
    active learning in the era of vision foundation models (DropQuery: small margins, spread by
    k-means).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(np.eye(3, 8), 20, axis=0) + 0.05 * rng.normal(size=(60, 8))
    >>> chosen = choose_next(X.astype(np.float32), np.full(60, -1), 3)
    >>> sorted(choice.row // 20 for choice in chosen), chosen[0].why
    ([0, 1, 2], 'typical')
    """
    out = np.zeros(len(X), bool) if barred is None else barred
    codes = np.where(out, -1, codes)
    labelled, free = np.flatnonzero(codes >= 0), np.flatnonzero((codes < 0) & ~out)
    n = min(n, len(free))
    if not n:
        return []
    kept = np.flatnonzero(~out)
    space = half_whitened(X[kept], N_AXES).transform(X[kept])
    present = np.unique(codes[labelled])
    known = max(n_classes, len(present))
    if len(present) < 2 or len(labelled) < ENOUGH_PER_CLASS * known:
        found = _typical(space, codes[kept] >= 0, n, seed)
    else:
        found = _uncertain(space, X[kept], codes[kept], n, seed)
    return [replace(choice, row=int(kept[choice.row])) for choice in found]


def audit_rows(keys: tuple[bytes, ...], n: int, seed: int) -> NDArray[np.bool_]:
    """n rows at random, (n_rows,), the same whenever the same contents are asked about.

    A row is in it by its content and the seed alone, so that no list of what was
    drawn has to be kept. Equal contents count once each.

    Examples
    --------
    >>> int(audit_rows((b"a", b"b", b"c"), 2, 0).sum())
    2
    """
    salt = f"audit {seed}".encode()
    order = sorted(range(len(keys)), key=lambda row: blake2b(keys[row], key=salt).digest())
    found = np.zeros(len(keys), bool)
    found[order[:n]] = True
    return found


def _typical(space: Rows, has_label: NDArray[np.bool_], n: int, seed: int) -> list[Choice]:
    """The most typical row of the largest group without a label, again and again."""
    k = min(int(has_label.sum()) + n, MAX_GROUPS, len(space))
    groups = spherical_kmeans(space, k, n_starts=_STARTS, seed=seed).codes
    sizes = np.bincount(groups, minlength=k)
    waiting: dict[int, list[int]] = {}
    counts: dict[int, int] = {}
    for group in range(k):
        members = np.flatnonzero(groups == group)
        order = members[np.argsort(-_typicality(space[members]), kind="stable")]
        waiting[group] = [int(row) for row in order if not has_label[row]]
        counts[group] = int(has_label[members].sum())
    found: list[Choice] = []
    while len(found) < n:
        left = [group for group in waiting if waiting[group]]
        group = min(left, key=lambda g: (counts[g] + (sizes[g] < SMALL), -sizes[g], g))
        row = waiting[group].pop(0)
        found.append(Choice(row, "typical", size=int(sizes[group]), n_labelled=counts[group]))
        counts[group] += 1
    return found


def _typicality(rows: Rows) -> NDArray[np.floating]:
    """The mean cosine of each row (m, a) with its nearest ones among them, (m,)."""
    if len(rows) <= 1:  # k-means leaves groups empty where rows are alike
        return np.ones(len(rows))
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -np.inf)
    near = min(_NEIGHBOURS, len(rows) - 1)
    found: NDArray[np.floating] = np.sort(cosines, axis=1)[:, -near:].mean(axis=1)
    return found


def _uncertain(space: Rows, X: Rows, codes: NDArray[np.integer], n: int, seed: int) -> list[Choice]:
    """Of the smallest margins between the two most likely classes, some that differ."""
    labelled, free = np.flatnonzero(codes >= 0), np.flatnonzero(codes < 0)
    present, own = np.unique(codes[labelled], return_inverse=True)
    problem = LogisticProblem.prepare(X[labelled], own, len(present))
    folds = stratified_folds(own, n_folds=_FOLDS, groups=None, seed=seed)
    C = choose_penalty(problem, folds)
    P = softmax(fit_logistic(X[labelled], own, len(present), C=C).logits(X[free]))
    order = np.argsort(-P, axis=1, kind="stable")[:, :2]
    best = np.take_along_axis(P, order, axis=1)
    margin = best[:, 0] - best[:, 1]
    pool = np.argsort(margin, kind="stable")[: _POOL * n]
    groups = spherical_kmeans(space[free[pool]], n, n_starts=_STARTS, seed=seed).codes
    chosen = [int(pool[np.flatnonzero(groups == group)[0]]) for group in np.unique(groups)]
    chosen += [int(row) for row in pool if int(row) not in set(chosen)][: n - len(chosen)]
    chosen.sort(key=lambda row: float(margin[row]))
    return [
        Choice(
            int(free[row]),
            "uncertain",
            classes=(int(present[order[row, 0]]), int(present[order[row, 1]])),
            probabilities=(float(best[row, 0]), float(best[row, 1])),
        )
        for row in chosen
    ]
