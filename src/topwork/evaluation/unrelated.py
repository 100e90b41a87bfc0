"""How many unrelated items a detector of unknown ones finds: measured, not supposed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.evaluation.intervals import wilson
from topwork.evaluation.records import Record, Score
from topwork.heads.linear import normalise_rows

FEWEST: Final = 10
"""Unrelated items from which on a share is measured."""

_ONE_SIDED_90: Final = 1.2816
_QUERIES: Final = 256
_BANK: Final = 10_000

Float32 = NDArray[np.float32]


class UnrelatedFound(Record):
    """How many unrelated items a detector calls unknown.

    Attributes
    ----------
    n_items
        Unrelated items that it was measured on.
    n_left_out
        Others that resemble the training data and so don't count.
    share
        Share of the ``n_items`` that are called unknown, 0 to 1.
    expected
        What can be promised for other unrelated items: the lower limit of that share at 90 %
        confidence, one-sided, 0 to 1.
    """

    n_items: int
    n_left_out: int
    share: Score
    expected: float


def unrelated_found(unknown: NDArray[np.bool_], *, n_left_out: int) -> UnrelatedFound:
    """The record of which unrelated items (u,), one or more, are called unknown.

    Examples
    --------
    >>> round(unrelated_found(np.ones(50, bool), n_left_out=0).expected, 3)
    0.968
    """
    n, share = len(unknown), float(unknown.mean())
    low, high = wilson(share, n)
    least, _ = wilson(share, n, quantile=_ONE_SIDED_90)
    return UnrelatedFound(
        n_items=n,
        n_left_out=n_left_out,
        share=Score(value=share, low=float(low), high=float(high)),
        expected=float(least),
    )


def resembling(
    unrelated: ArrayLike, X: ArrayLike, *, groups: ArrayLike | None = None, seed: int = 0
) -> NDArray[np.bool_]:
    """Which unrelated items (u, d) resemble the training items (n, d), (u,).

    Those are nearer to a training item than half of the training items are to one of another
    group: somebody's classes may be photographs like the ones that come with the package.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((50, 8)) + 9 * np.eye(8)[0]
    >>> resembling([X[0] + 0.01, -X[0]], X).tolist()
    [True, False]
    """
    rows, new = normalise_rows(X), normalise_rows(unrelated)
    names = np.arange(len(rows)) if groups is None else np.asarray(groups)
    order = np.random.default_rng(seed).permutation(len(rows))
    bank, queries = order[:_BANK], order[:_QUERIES]
    cosines = rows[queries] @ rows[bank].T
    cosines[names[queries][:, None] == names[bank]] = -np.inf
    usual = float(np.median(cosines.max(axis=1)))
    result: NDArray[np.bool_] = (new @ rows[bank].T).max(axis=1) > usual
    return result
