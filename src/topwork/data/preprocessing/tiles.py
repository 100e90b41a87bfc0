"""Overlapping tiles of an image, in which small objects are seen larger."""

from __future__ import annotations

from typing import Final

from topwork.data.preprocessing.framing import Window

TILE_OVERLAP: Final = 0.2
"""Share of a tile's side that the next one sees as well: smaller objects are whole in one of
them. Raise `DECODER_VERSION` with it."""


def magnification(tiles: int) -> float:
    """How much larger an object is seen in one of so many tiles per side.

    Examples
    --------
    >>> magnification(1), magnification(2)
    (1.0, 1.8)
    """
    return tiles * (1 - TILE_OVERLAP) + TILE_OVERLAP


def tile_windows(tiles: int) -> tuple[Window, ...]:
    """The tiles row by row, as fractions of the image: left, top, right, bottom.

    Parameters
    ----------
    tiles
        Per side.

    Examples
    --------
    >>> tile_windows(1)
    ((0.0, 0.0, 1.0, 1.0),)
    >>> [round(x, 3) for x in tile_windows(2)[3]]
    [0.444, 0.444, 1.0, 1.0]
    """
    side = 1 / magnification(tiles)
    starts = [i * side * (1 - TILE_OVERLAP) for i in range(tiles)]
    spans = [(start, 1.0 if i == tiles - 1 else start + side) for i, start in enumerate(starts)]
    return tuple((left, top, right, bottom) for top, bottom in spans for left, right in spans)
