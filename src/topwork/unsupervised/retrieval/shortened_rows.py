"""Unit rows in few coordinates, with what is needed to bound the cosines of the whole rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.heads.leading_axes import leading_axes
from topwork.quality.neighbours import unit_rows
from topwork.runtime.parallel import side_by_side

LOOKED_AT = 8192
"""Rows that the axes are computed from, drawn at random."""

BLOCK = 16_384
"""Rows at a time."""

_ROUNDING = 1e-4
"""What float32 may be off by: a sum of d products of unit rows by at most d·2⁻²⁴ (Higham, Accuracy
and Stability of Numerical Algorithms, 2002, section 3.1), which is 1e-4 for d = 1,677. Of wider
rows sums in blocks, as BLAS computes them, stay below it, too."""

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ShortenedRows:
    """n unit rows along their r leading axes.

    With the part of a row beyond the axes of length s and that of the query of length t, the
    cosine of the whole rows differs from the product of the short ones by at most s·t
    (Cauchy-Schwarz).

    Parameters
    ----------
    axes
        (d, r) with orthonormal columns.
    rows
        (n, r).
    beyond
        (n,), lengths of what the axes leave out.
    """

    axes: Float32
    rows: Float32
    beyond: Float32

    def bounds(self, query: Float32) -> tuple[Float32, Float32]:
        """Estimates (n,) of the cosines with a unit query (d,), and by how much they may be off."""
        short = query @ self.axes
        estimates: Float32 = self.rows @ short
        slack = self.beyond * _length_beyond(query[None], short[None])[0]
        return estimates, slack + np.float32(_ROUNDING)


def shorten(rows: NDArray[Any], r: int, *, seed: int = 0) -> ShortenedRows:
    """Rows (n, d) of any length and float format along their r leading axes.

    The axes are those of the rows as they are, not of centred ones: cosines are taken from zero.
    """
    n = len(rows)
    some: NDArray[np.integer] = np.arange(n)
    if n > LOOKED_AT:
        some = np.sort(np.random.default_rng(seed).choice(n, LOOKED_AT, replace=False))
    axes = np.ascontiguousarray(leading_axes(unit_rows(rows[some]), r, seed=seed)[0])
    short = np.empty((n, axes.shape[1]), np.float32)
    beyond = np.empty(n, np.float32)

    def fill(start: int) -> None:
        part = slice(start, start + BLOCK)
        whole = unit_rows(rows[part])
        short[part] = whole @ axes
        beyond[part] = _length_beyond(whole, short[part])

    side_by_side(fill, range(0, n, BLOCK))
    return ShortenedRows(axes, short, beyond)


def _length_beyond(whole: Float32, short: Float32) -> Float32:
    squares = np.einsum("nd,nd->n", whole, whole) - np.einsum("nd,nd->n", short, short)
    lengths: Float32 = np.sqrt(np.maximum(squares, 0))
    return lengths
