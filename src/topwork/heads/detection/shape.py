"""What a detection head takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from topwork.heads.detection.layout import DetectionLayout

GROUPS: Final = 8
"""Of channels that are normalised together."""

TOWER: Final = 2
"""Convolutions before classes, and before boxes."""

MAX_LOG: Final = 6.0
"""Of a distance in strides, as a logarithm: what exceeds it would overflow."""


@dataclass(frozen=True, slots=True)
class HeadShape:
    """What a detection head takes and gives.

    Parameters
    ----------
    maps
        Channels, rows and columns of each map, from fine to coarse.
    layout
        The cells; it may have one level more than there are maps.
    n_classes
        k.
    width
        Channels inside the head.
    """

    maps: tuple[tuple[int, int, int], ...]
    layout: DetectionLayout
    n_classes: int
    width: int = 64
