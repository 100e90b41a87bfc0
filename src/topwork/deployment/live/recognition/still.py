"""Whether an image is the same as before, but for the noise of its sensor."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.live.frame import Image

SIDE: Final = 32
"""Cells across and down that are compared."""

_GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)

MAX_DIFFERENCE: Final = 2.0
"""Grey levels of 255 by which the mean of a cell may differ: noise of a sensor averages out."""


def grey_cells(image: Image) -> NDArray[np.float32]:
    """Mean grey level of ``SIDE`` × ``SIDE`` cells of an image."""
    from PIL.Image import Resampling, fromarray

    small = fromarray(image).resize((SIDE, SIDE), Resampling.BOX, reducing_gap=1.0)
    grey: NDArray[np.float32] = np.asarray(small, np.float32) @ _GREY
    return grey


class StillImages:
    """Compares each image with the last one that was different enough to be predicted.

    Examples
    --------
    >>> still = StillImages()
    >>> grey = np.full((64, 64, 3), 90, np.uint8)
    >>> still.unchanged(grey), still.unchanged(grey), still.unchanged(grey + np.uint8(9))
    (False, True, False)
    """

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._cells: NDArray[np.float32] | None = None

    def unchanged(self, image: Image) -> bool:
        """Whether it is; otherwise the next ones are compared with this one."""
        cells = grey_cells(image)
        if (
            self._cells is not None
            and self._shape == image.shape
            and float(np.abs(cells - self._cells).max()) <= MAX_DIFFERENCE
        ):
            return True
        self._shape, self._cells = image.shape, cells
        return False
