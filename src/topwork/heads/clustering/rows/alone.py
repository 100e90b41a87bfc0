"""A column of categories that fills an axis of its own among those that are to be shared."""

from __future__ import annotations

import numpy as np

from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.rows.axes import MAX_ROWS, Blocks, Rows, SharedAxes
from topwork.runtime.parallel import one_blas_thread

#: Share of a direction of the column's own that the axes hold, at least, and of the variance along
#: it that the other columns explain, at most.
_HELD, _EXPLAINED = 0.9, 0.5


def column_alone(X: Rows, blocks: Blocks, axes: SharedAxes, categories: Blocks) -> int | None:
    """The column of categories that divides rows by what it says alone; None where there is none.

    A column that is weakly related to another one gets an axis with it. What that axis leaves of
    both is related again, the other way round, and may make one more axis: together these hold all
    that the column says, although others say little of it. Its few values then divide each group
    again. Of several such columns the one that the axes hold most of is found.

    Parameters
    ----------
    X
        Encoded columns (n, d); of more than 3,000 rows, as many are looked at.
    blocks
        Which column of the table each comes from, (d,).
    axes
        Of these columns.
    categories
        The blocks that are categories.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(400, 1)) + rng.normal(scale=0.5, size=(400, 3))
    >>> yes = np.where(rng.random(400) < 0.5, 1, -1)
    >>> X = np.column_stack([x, yes]).astype(np.float32)
    >>> basis = np.float32([[3**-0.5, 0], [3**-0.5, 0], [3**-0.5, 0], [0, 1]])
    >>> column_alone(X, np.arange(4), SharedAxes(X.mean(axis=0), basis, 2), np.array([3]))
    3
    >>> column_alone(X, np.arange(4), SharedAxes(X.mean(axis=0), basis[:, :1], 1), np.array([3]))
    """
    if not axes.n_shared:
        return None
    rows = X[canonical_order(X)[:MAX_ROWS]].astype(np.float64)
    rows -= rows.mean(axis=0)
    found: list[tuple[float, int]] = []
    with one_blas_thread():
        for block in categories:
            mine = blocks == block
            own, held, _ = np.linalg.svd(axes.axes[mine].astype(np.float64), full_matrices=False)
            if held[0] ** 2 < _HELD:
                continue
            along = rows[:, mine] @ own[:, 0]
            told = rows[:, ~mine] @ np.linalg.lstsq(rows[:, ~mine], along, rcond=None)[0]
            if told @ told <= _EXPLAINED * (along @ along):
                found.append((round(float(held[0]), 6), -int(block)))
    return -max(found)[1] if found else None
