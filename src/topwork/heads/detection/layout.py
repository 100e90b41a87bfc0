"""Where the cells of a detector lie on its input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DetectionLayout:
    """The grids of a detector without anchor boxes: one cell per stride in both directions.

    Parameters
    ----------
    height, width
        Of the network's input, in pixels.
    strides
        Of each level in pixels, from fine to coarse.

    Examples
    --------
    >>> layout = DetectionLayout(64, 96, (16, 32))
    >>> layout.sizes, len(layout), layout.points()[0].tolist()
    (((4, 6), (2, 3)), 30, [8.0, 8.0])
    """

    height: int
    width: int
    strides: tuple[int, ...]

    def __len__(self) -> int:
        return sum(rows * columns for rows, columns in self.sizes)

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of each level."""
        return tuple((-(-self.height // s), -(-self.width // s)) for s in self.strides)

    def points(self) -> Float32:
        """The centre of each of the N cells, float32 ``(N, 2)``: x, y in pixels."""
        parts = []
        for stride, (rows, columns) in zip(self.strides, self.sizes, strict=True):
            y, x = np.mgrid[:rows, :columns]
            parts.append((np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * stride)
        return np.concatenate(parts).astype(np.float32)

    def cell_strides(self) -> Float32:
        """The stride of each cell, float32 ``(N,)``."""
        counts = [rows * columns for rows, columns in self.sizes]
        return np.repeat(np.array(self.strides, np.float32), counts)

    def levels(self) -> NDArray[np.int64]:
        """The level of each cell, ``(N,)``."""
        counts = [rows * columns for rows, columns in self.sizes]
        return np.repeat(np.arange(len(self.strides)), counts)
