"""The logistic head on more features than memory holds: read in chunks, again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.heads.axes import PrincipalAxes
from topwork.heads.linear import LinearHead, normalise_rows
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.settings.choices import ClassWeight

Array = NDArray[np.float32]

CHUNK = 8192
"""Rows at a time: 40 MB of 1,280 float32."""


class Chunks(Protocol):
    """Rows of features in pieces, the same each time."""

    @property
    def shape(self) -> tuple[int, int]:
        """``(n, d)``."""
        ...

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """The pieces in order, ``(m, d)`` each."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayChunks:
    """Pieces of an array, which may be memory-mapped: ``np.load(file, mmap_mode="r")``.

    Parameters
    ----------
    rows
        ``(n, d)``.
    size
        Rows of a piece.
    """

    rows: NDArray[Any]
    size: int = CHUNK

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.rows.shape
        return n, d

    def __iter__(self) -> Iterator[NDArray[Any]]:
        for start in range(0, len(self.rows), self.size):
            yield self.rows[start : start + self.size]


@dataclass(frozen=True, eq=False)
class StreamedDesign:
    """What `PrincipalAxes.design` gives, as far as products with it go, from chunks of rows.

    The rotation is applied to the coefficients instead of to the rows.
    """

    chunks: Chunks
    axes: PrincipalAxes

    @property
    def shape(self) -> tuple[int, int]:
        return self.chunks.shape[0], len(self.axes.variances) + 1

    def __len__(self) -> int:
        return self.chunks.shape[0]

    @property
    def T(self) -> StreamedTranspose:  # noqa: N802  as arrays have it
        """For products from the other side."""
        return StreamedTranspose(self)

    def __matmul__(self, coefficients: Array) -> Array:
        """(n, p) @ (p, k)."""
        weight, bias = self.axes.linear(coefficients)
        out = np.empty((len(self), coefficients.shape[1]), np.float32)
        for start, rows in self.pieces():
            np.matmul(rows, weight, out=out[start : start + len(rows)])
        out += bias
        return out

    def __getitem__(self, rows: NDArray[np.integer]) -> Array:
        """Some rows, in memory: (m, p)."""
        found = np.ones((len(rows), self.shape[1]), np.float32)
        for start, piece in self.pieces():
            here = np.flatnonzero((rows >= start) & (rows < start + len(piece)))
            found[here, :-1] = (piece[rows[here] - start] - self.axes.mean) @ self._rotation
        return found

    @property
    def _rotation(self) -> Array:
        assert self.axes.rotation is not None
        return self.axes.rotation

    def pieces(self) -> Iterator[tuple[int, Array]]:
        """Where each piece starts, and its rows at length 1."""
        start = 0
        for rows in self.chunks:
            yield start, normalise_rows(rows)
            start += len(rows)


@dataclass(frozen=True, eq=False)
class StreamedTranspose:
    """The transpose of a `StreamedDesign`."""

    design: StreamedDesign

    def __matmul__(self, values: Array) -> Array:
        """(p, n) @ (n, k)."""
        axes = self.design.axes
        total = np.zeros((len(axes.mean), values.shape[1]), np.float64)
        for start, rows in self.design.pieces():
            total += rows.T @ values[start : start + len(rows)]
        sums = values.sum(axis=0, dtype=np.float64)
        centred = (total - np.outer(axes.mean, sums)).astype(np.float32)
        return np.vstack([self.design._rotation.T @ centred, sums.astype(np.float32)])


def streamed_axes(chunks: Chunks) -> PrincipalAxes:
    """Principal axes of rows at length 1, from one pass."""
    n, d = chunks.shape
    total, square = np.zeros(d), np.zeros((d, d))
    for rows in chunks:
        unit = normalise_rows(rows)
        total += unit.sum(axis=0, dtype=np.float64)
        square += unit.T @ unit
    mean = total / n
    values, vectors = np.linalg.eigh(square / n - np.outer(mean, mean))
    return PrincipalAxes(
        mean.astype(np.float32), vectors.astype(np.float32), np.maximum(values, 0.0)
    )


def fit_logistic_streamed(
    X: Chunks | NDArray[Any],
    codes: NDArray[np.integer],
    n_classes: int,
    *,
    C: float = 30.0,
    class_weight: ClassWeight = None,
    tolerance: float | None = None,
) -> LinearHead:
    """``fit_logistic`` that holds a chunk of the features at a time, and a few arrays ``(n, k)``.

    The optimum is the same. Every iteration reads all features twice; a million rows of 1,280
    float16 take 2.6 GB on disk.

    Parameters
    ----------
    X
        Features in chunks, or an array ``(n, d)``, which may be memory-mapped.
    codes
        Class of each item, ``(n,)``, from 0 to k - 1.
    n_classes
        k.
    C
        Inverse strength of the penalty.
    class_weight
        None or ``"balanced"``.
    tolerance
        Distance to the optimum at which to stop, in mean log loss; None for that of a fit that
        ships.

    Examples
    --------
    >>> head = fit_logistic_streamed(np.float16([[1, 0], [0, 1]]), np.array([0, 1]), 2)
    >>> head.logits([[2.0, 0.5]]).argmax()
    np.int64(0)
    """
    chunks = ArrayChunks(X) if isinstance(X, np.ndarray) else X
    axes = streamed_axes(chunks)
    design = StreamedDesign(chunks, axes)
    problem = LogisticProblem(axes, design, np.asarray(codes), n_classes, class_weight)
    return problem.linear(LogisticPath(problem).reach(C, tolerance=tolerance))
