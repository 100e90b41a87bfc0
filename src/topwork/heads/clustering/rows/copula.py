"""Draws of tables whose columns vary together as those of one cloud do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.rows.axes import Blocks, Rows, leading_vectors

_MAX_CORRELATION = 0.98
_TINY = 1e-6

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class GaussianCopula:
    """A table's columns, each with the rows it has, dependent as a Gaussian's are.

    Parameters
    ----------
    blocks
        Encoded columns of each of the p columns of the table.
    sorted_rows
        What each of them holds, by rising score, (n, w) each.
    ties
        Scores in that order, (n,) each: rows with equal ones may be in any order. Empty where
        all differ.
    root
        Of the correlation of the Gaussian, (p, p).
    """

    blocks: list[NDArray[np.bool_]]
    sorted_rows: list[Rows]
    ties: list[Array]
    root: Array

    def draw(self, rng: np.random.Generator) -> Rows:
        """A table of as many rows, (n, d)."""
        n, p = len(self.sorted_rows[0]), len(self.blocks)
        latent = rng.standard_normal((n, p))
        latent = (latent - latent.mean(axis=0)) @ self.root.T
        found = np.empty((n, len(self.blocks[0])), np.float32)
        for j, (mine, rows, ties) in enumerate(
            zip(self.blocks, self.sorted_rows, self.ties, strict=True)
        ):
            own = rows[np.lexsort((rng.random(n), ties))] if len(ties) else rows
            found[np.ix_(np.argsort(latent[:, j], kind="stable"), mine)] = own
        return found


def gaussian_copula(X: Rows, blocks: Blocks) -> GaussianCopula:
    """The copula of encoded columns (n, d), given which column of the table each comes from, (d,).

    The score of a number is itself, that of a category how far along the leading axis it is. The
    correlation of two latent variables is that of their normal scores over what ties take from it,
    which is exact for numbers without ties and nearly so for others.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(400, 1))
    >>> X = np.hstack([x, x + 1]).astype(np.float32)
    >>> drawn = gaussian_copula(X, np.arange(2)).draw(np.random.default_rng(1))
    >>> bool(np.corrcoef(drawn.T)[0, 1] > 0.95), bool((np.sort(drawn, 0) == np.sort(X, 0)).all())
    (True, True)
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    n, axis = len(X), leading_vectors(X)[:, 0]
    masks = [blocks == block for block in np.unique(blocks)]
    scores = [(X[:, mine].astype(np.float64) @ axis[mine]).round(9) for mine in masks]
    normal = np.column_stack([_averaged(ndtri((rankdata(s, "ordinal") - 0.5) / n), s)
                              for s in scores])  # fmt: skip
    normal -= normal.mean(axis=0)
    covariance = normal.T @ normal / n
    kept = np.maximum(np.diag(covariance), _TINY)
    correlation = np.clip(covariance / np.outer(kept, kept), -_MAX_CORRELATION, _MAX_CORRELATION)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 1e-6))
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    orders = [np.argsort(s, kind="stable") for s in scores]
    return GaussianCopula(
        masks,
        [X[:, mine][order] for mine, order in zip(masks, orders, strict=True)],
        [_where_equal(s[order]) for s, order in zip(scores, orders, strict=True)],
        root,
    )


def _where_equal(rising: Array) -> Array:
    """The same where some are equal; else none."""
    return rising if np.any(rising[1:] == rising[:-1]) else rising[:0]


def _averaged(values: Array, groups: Array) -> Array:
    """Values (n,) averaged over rows of equal groups (n,)."""
    _, codes = np.unique(groups, return_inverse=True)
    found: Array = (np.bincount(codes, values) / np.bincount(codes))[codes]
    return found
