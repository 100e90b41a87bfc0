"""What further images of an item add to the outputs of a head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import SAME_CELL, Item

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FilesOf:
    """The further images of n items in one list, each read once.

    Parameters
    ----------
    items
        The f images.
    rows
        By the name of a column: the places of each item's images in that list.
    """

    items: list[Item]
    rows: dict[str, list[list[int]]]

    @classmethod
    def of(cls, items: Sequence[Item], names: Sequence[str]) -> FilesOf:
        """Those of some columns."""
        files: list[Item] = []
        rows: dict[str, list[list[int]]] = {name: [] for name in names}
        for item in items:
            for name in names:
                own = (item.images or {}).get(name, ())
                rows[name].append(list(range(len(files), len(files) + len(own))))
                files += own
        return cls(files, rows)


def pooled(rows: Sequence[Sequence[int]], features: ArrayLike, *, unit: bool) -> Float32:
    """Mean features ``(n, d)`` of each item's images, of which ``features`` ``(f, d)`` are known.

    Rows of NaN are images that could not be read; an item without any is one of NaN.

    Parameters
    ----------
    unit
        Whether each image's row is scaled to length 1 first.

    Examples
    --------
    >>> pooled([[0, 1], []], [[3.0, 0.0], [0.0, 4.0]], unit=True).tolist()
    [[0.5, 0.5], [nan, nan]]
    """
    known = np.asarray(features, np.float32)
    there: NDArray[np.bool_] = np.asarray(np.isfinite(known).all(axis=1), np.bool_)
    if unit:
        length = np.linalg.norm(known, axis=1, keepdims=True)
        known = np.asarray(known / np.where(length > 0, length, 1), np.float32)
    found = np.full((len(rows), known.shape[1]), np.nan, np.float32)
    for row, places in enumerate(rows):
        own = [place for place in places if there[place]]
        if own:
            found[row] = known[own].mean(axis=0)
    return found


@dataclass(frozen=True, eq=False)
class ImagesHead:
    """A linear function of the features of further images.

    Parameters
    ----------
    names
        Of the m further columns of images.
    weight, mean
        ``(m, d, k)``, and what stands for images that are not there, ``(m, d)``.
    pooled
        Whether the outputs for several images in the first column's cell are averaged.
    unit
        Whether rows of features are scaled to length 1 first.
    """

    names: tuple[str, ...]
    weight: Float32
    mean: Float32
    pooled: bool
    unit: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose images are read."""
        return (*self.names, *([SAME_CELL] if self.pooled else []))

    def added(self, files: FilesOf, features: Float32, own: Float32, of_files: Float32) -> Float32:
        """Outputs ``(n, k)`` of items whose first images have the outputs ``own``.

        Parameters
        ----------
        features, of_files
            Features ``(f, d)`` and outputs ``(f, k)`` of the further images; NaN where one can't be
            read.
        """
        found = np.array(own, np.float32)
        if self.pooled:
            for row, places in enumerate(files.rows[SAME_CELL]):
                rest = [of_files[place] for place in places if np.isfinite(of_files[place]).all()]
                found[row] = np.mean([own[row], *rest], axis=0)
        for name, weight, mean in zip(self.names, self.weight, self.mean, strict=True):
            rows = pooled(files.rows[name], features, unit=self.unit)
            found += np.where(np.isnan(rows), mean, rows) @ weight
        return found
