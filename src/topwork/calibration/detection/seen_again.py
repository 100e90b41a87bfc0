"""What a network says of crops of the places where boxes were detected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Float32: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class SeenAgain:
    """Features of the crops of one image, and which of its boxes each belongs to.

    Parameters
    ----------
    features
        Of p crops, float32 (p, f).
    of
        Crop of each of the m boxes, -1 where there is none, (m,).
    """

    features: Float32
    of: NDArray[np.intp]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which boxes a crop shows, (m,)."""
        return self.of >= 0

    def rows(self) -> Float32:
        """Features of each box that a crop shows, in their order.

        Examples
        --------
        >>> SeenAgain(np.float32([[5], [7]]), np.array([1, -1, 0, 1])).rows().ravel().tolist()
        [7.0, 5.0, 7.0]
        """
        return self.features[self.of[self.seen]]


def rows_of_all(images: Sequence[SeenAgain]) -> tuple[NDArray[np.bool_], Float32]:
    """Which boxes of n images crops show, (m,), and the features of these, (m', f)."""
    seen = np.concatenate([np.zeros(0, bool), *(one.seen for one in images)])
    widest = max((one.features.shape[1] for one in images), default=0)
    none = np.empty((0, widest), np.float32)
    rows = [one.rows() for one in images if len(one.features)]
    return seen, np.concatenate([none, *rows])
