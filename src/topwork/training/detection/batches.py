"""Stored maps and what each of their cells learns, a view of each image per epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from topwork.data import ImageBoxes
from topwork.features import Activations
from topwork.heads.detection.layout import DetectionLayout
from topwork.training.batches import Batch, as_tensor, drawn_batches
from topwork.training.detection.objective import cell_targets

Rows = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class StoredMaps:
    """Maps of n images in v views at several cuts, from fine to coarse."""

    cuts: tuple[Activations, ...]

    @property
    def shapes(self) -> tuple[tuple[int, int, int], ...]:
        """Channels, rows and columns of each."""
        found = []
        for cut in self.cuts:
            c, h, w = cut.shape
            found.append((c, h, w))
        return tuple(found)

    @property
    def n_views(self) -> int:
        return self.cuts[0].n_views

    def __len__(self) -> int:
        return len(self.cuts[0])

    def take(self, items: Rows, views: Rows) -> torch.Tensor:
        """One view of each of these images, all cuts flat behind each other, ``(b, d)``."""
        parts = [as_tensor(cut.take(items, views)).flatten(1) for cut in self.cuts]
        return torch.cat(parts, dim=1)


@dataclass(frozen=True, eq=False)
class MapBatches:
    """Some of the images, one random view of each per epoch, the next batch read meanwhile.

    Parameters
    ----------
    maps
        Of all n images.
    rows
        Those to train on.
    boxes
        Objects of each view of each image, in pixels of the input, ``[n][v]``.
    layout
        The cells.
    """

    maps: StoredMaps
    rows: Rows
    boxes: Sequence[Sequence[ImageBoxes]]
    layout: DetectionLayout

    def __len__(self) -> int:
        return len(self.rows)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        views = rng.integers(self.maps.n_views, size=len(self))
        wanted = drawn_batches(len(self), rng, size)

        def read(positions: NDArray[np.intp]) -> Batch:
            rows, seen = self.rows[positions], views[positions]
            cells = [self._cells(int(r), int(v)) for r, v in zip(rows, seen, strict=True)]
            return Batch(self.maps.take(rows, seen), torch.from_numpy(np.stack(cells)))

        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(read, wanted[0])
            for positions in wanted[1:]:
                batch, ahead = ahead.result(), pool.submit(read, positions)
                yield batch
            yield ahead.result()

    def _cells(self, row: int, view: int) -> NDArray[np.float32]:
        one = self.boxes[row][view]
        return cell_targets(one.corners, one.classes, one.ignored, self.layout)
