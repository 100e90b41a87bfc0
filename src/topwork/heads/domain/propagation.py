"""Labels spread over a graph of nearest neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topwork.heads.half_whitening import half_whitening

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NEIGHBOURS = 10
#: How much of an item's label comes from its neighbours.
ALPHA = 0.9
_AXES, _SHARPNESS = 64, 3
_BLOCK_BYTES = 64_000_000
_ITERATIONS, _TOLERANCE = 100, 1e-5

Array = NDArray[np.float32]


def whitened(base: Array, *others: Array) -> tuple[Array, ...]:
    """Rows in the leading principal axes of ``base``, half whitened and scaled to length 1.

    Parameters
    ----------
    base
        (m, d); the axes are its own, whatever the others are.
    others
        (n, d) each.

    Returns
    -------
    All of them in turn, (·, min(64, m − 1, d)).

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)
    >>> [part.shape for part in whitened(rows, rows[:2])]
    [(9, 5), (2, 5)]
    """
    whitening = half_whitening(base, _AXES)
    return tuple(whitening.transform(part) for part in (base, *others))


def neighbour_graph(
    base: Array, beside: Array | None = None, *, neighbours: int = NEIGHBOURS
) -> csr_array:
    """Symmetric similarities of items and their nearest ones, ``max(cosine, 0)³``.

    Items of ``beside`` are joined to their nearest ones in ``base`` and are nobody's neighbours
    otherwise: without some of them, the graph of the others is the same. So held-out items are
    left out by leaving out their rows. Memory grows with the items, not with their square.

    Parameters
    ----------
    base
        (m, d), rows of length 1.
    beside
        (n, d), rows of length 1.
    neighbours
        That each item looks for.

    Returns
    -------
    (n + m, n + m), the items of ``beside`` first.

    Examples
    --------
    >>> base = np.float32([[1, 0], [0.8, 0.6], [0, 1]])
    >>> (100 * neighbour_graph(base, neighbours=1).toarray()).round().astype(int).tolist()
    [[0, 102, 0], [102, 0, 22], [0, 22, 0]]
    """
    from scipy.sparse import csr_array

    n = 0 if beside is None else len(beside)
    rows, columns, cosines = _nearest(base, base, neighbours, own=True)
    parts = [(rows + n, columns + n, cosines)]
    if beside is not None:
        rows, columns, cosines = _nearest(beside, base, neighbours, own=False)
        parts.append((rows, columns + n, cosines))
    row, column, cosine = (np.concatenate(part) for part in zip(*parts, strict=True))
    size = n + len(base)
    directed = csr_array((np.maximum(cosine, 0) ** _SHARPNESS, (row, column)), shape=(size, size))
    return (directed + directed.T).tocsr()


def propagate(graph: csr_array, seeds: NDArray[np.floating], *, alpha: float = ALPHA) -> Array:
    """Spread labels: ``F = (I − α D^−½ W D^−½)⁻¹ Y``, each row then summing to 1.

    Solved by conjugate gradients, a product with the sparse graph a step. An item that no label
    reaches gets the same share of every class.

    Parameters
    ----------
    graph
        W, (n, n), symmetric, not negative.
    seeds
        Y, (n, k): mass of each labelled item at its class, zeros elsewhere.
    alpha
        Below 1; the larger, the farther labels go.

    References
    ----------
    Zhou et al. 2004, Learning with local and global consistency, eq. 4.

    Examples
    --------
    >>> graph = neighbour_graph(np.float32([[1, 0], [0.9, 0.4], [-0.9, 0.4], [-1, 0]]))
    >>> seeds = np.float32([[1, 0], [0, 0], [0, 0], [0, 1]])
    >>> propagate(graph, seeds).argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """
    from scipy.sparse import diags_array

    degrees = np.asarray(graph.sum(axis=1), np.float64).ravel()
    scale = diags_array(1 / np.sqrt(np.maximum(degrees, 1e-12)))
    walk = (scale @ graph @ scale).tocsr()
    Y = np.asarray(seeds, np.float64)
    F, residual = np.zeros_like(Y), Y.copy()
    direction, square = residual.copy(), np.square(residual).sum(axis=0)
    enough = _TOLERANCE**2 * np.maximum(square, 1e-30)
    for _ in range(_ITERATIONS):
        if np.all(square <= enough):
            break
        product = direction - alpha * (walk @ direction)
        step = square / np.maximum((direction * product).sum(axis=0), 1e-30)
        F += step * direction
        residual -= step * product
        last, square = square, np.square(residual).sum(axis=0)
        direction = residual + square / np.maximum(last, 1e-30) * direction
    return _shares(np.maximum(F, 0))


def _nearest(
    queries: Array, base: Array, neighbours: int, *, own: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Pairs of a query and one of its nearest rows, and their cosines, all (pairs,).

    ``own`` says that queries are the rows themselves, which are not their own neighbours.
    """
    m = len(base)
    k = min(neighbours, m - own)
    size = max(1, _BLOCK_BYTES // (4 * max(m, 1)))
    columns, cosines = [], []
    for start in range(0, len(queries) if k > 0 else 0, size):
        block = queries[start : start + size] @ base.T
        if own:
            here = np.arange(len(block))
            block[here, start + here] = -2
        best = np.argpartition(block, m - k, axis=1)[:, m - k :]
        columns.append(best.ravel())
        cosines.append(np.take_along_axis(block, best, axis=1).ravel())
    if not columns:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float32)
    rows = np.repeat(np.arange(len(queries)), k)
    return rows, np.concatenate(columns), np.concatenate(cosines)


def _shares(F: NDArray[np.float64]) -> Array:
    total = F.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.full_like(F, 1 / F.shape[1])
    np.divide(F, total, out=shares, where=total > 1e-12)
    return shares.astype(np.float32)
