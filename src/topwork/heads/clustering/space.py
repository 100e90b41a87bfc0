"""The space in which groups are sought."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.order import canonical_order
from topwork.heads.half_whitening import HalfWhitened, half_whitening
from topwork.runtime.parallel import one_blas_thread

N_AXES = 32
#: Rows that define the axes: more of them don't turn the leading axes.
_MAX_ROWS = 20_000


def half_whitened(X: NDArray[np.float32], n_axes: int = N_AXES) -> HalfWhitened:
    """The leading principal axes of X, half whitened; ``transform`` gives unit rows on them.

    Parameters
    ----------
    X
        (n, d), float32.
    n_axes
        Fewer come back where there are fewer rows or columns.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32)
    >>> space = half_whitened(X)
    >>> space.transform(X).shape
    (50, 32)
    >>> other = half_whitened(X[::-1])
    >>> bool(np.array_equal(space.axes, other.axes))
    True
    """
    order = canonical_order(X)
    with one_blas_thread():
        return half_whitening(X[order[:_MAX_ROWS]], n_axes)
