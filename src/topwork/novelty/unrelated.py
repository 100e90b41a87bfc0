"""How many unrelated items a detector of unknown ones finds: measured, not supposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import normalise_rows
from topwork.metrics.intervals import wilson
from topwork.metrics.records import Record, Score

MIN: Final = 10
"""Unrelated items from which on a share is measured."""

MIN_FOUND: Final = 0.5
"""A detector that finds less than this share of unrelated items is switched off."""

_MIN_KINDS: Final = 0.75
"""It is also switched off unless it finds that share of each of more than so many of the kinds."""

_MAX_PROMISED: Final = 0.91
"""Other kinds may be found less often: this is within ten points of 81 % and of all of them."""

_NEAREST: Final = 0.9
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
    kinds
        The share of each kind of them, 0 to 1; None where all of a kind are left out.
    expected
        What to expect for unrelated items of other kinds, 0 to 1: the share, but never more than
        0.91, because other kinds may be harder to tell.
    """

    n_items: int
    n_left_out: int
    share: Score
    kinds: dict[str, float | None]
    expected: float

    @property
    def missed(self) -> list[str]:
        """Kinds of which less than half are found."""
        return [k for k, share in self.kinds.items() if share is not None and share < MIN_FOUND]

    @property
    def enough(self) -> bool:
        """Whether a detector that finds these is worth having."""
        found = [share for share in self.kinds.values() if share is not None]
        seen = sum(share >= MIN_FOUND for share in found) / len(self.kinds)
        return self.expected >= MIN_FOUND and seen > _MIN_KINDS


def unrelated_found(
    unknown: NDArray[np.bool_], kinds: Sequence[str], counted: NDArray[np.bool_]
) -> UnrelatedFound:
    """The record of which unrelated items (u,) of which kinds are called unknown.

    Parameters
    ----------
    counted
        Which of them count, (u,), one or more.

    Examples
    --------
    >>> kinds = ["noise"] * 20 + ["text"] * 20
    >>> found = unrelated_found(np.arange(40) > 1, kinds, np.ones(40, bool))
    >>> found.kinds, found.share.value, found.expected
    ({'noise': 0.9, 'text': 1.0}, 0.95, 0.91)
    """
    n, share, names = int(counted.sum()), float(unknown[counted].mean()), np.asarray(kinds)
    low, high = wilson(share, n)

    def share_of(kind: str) -> float | None:
        own = counted & (names == kind)
        return float(unknown[own].mean()) if own.any() else None

    return UnrelatedFound(
        n_items=n,
        n_left_out=len(unknown) - n,
        share=Score(value=share, low=float(low), high=float(high)),
        kinds={kind: share_of(kind) for kind in dict.fromkeys(kinds)},
        expected=min(share, _MAX_PROMISED),
    )


def resembling(
    unrelated: ArrayLike, X: ArrayLike, *, groups: ArrayLike | None = None, seed: int = 0
) -> NDArray[np.bool_]:
    """Which unrelated items (u, d) resemble the training items (n, d), (u,).

    Those are nearer to a training item than nine in ten training items are to one of another
    group: somebody's classes may be the very photographs that come with the package.

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
    near = float(np.quantile(cosines.max(axis=1), _NEAREST))
    result: NDArray[np.bool_] = (new @ rows[bank].T).max(axis=1) > near
    return result
