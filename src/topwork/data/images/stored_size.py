"""How large an image is and which way up it lies in its file, out of its header."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.files import read_file, read_head
from topwork.data.images.colour import own_turn
from topwork.data.images.exif import jpeg_orientation
from topwork.data.images.formats import sniff
from topwork.data.images.pillow import open_image

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

HEAD: Final = 1 << 16
"""Bytes at the start of a JPEG that hold its size, unless much else comes before."""

_ORIENTATION: Final = 274
"""The tag of a TIFF (TIFF 6.0, section 8)."""

_NO_FRAME: Final = (0xC4, 0xC8, 0xCC)
"""Markers among those of frames that begin none (ITU T.81, table B.1)."""


@dataclass(frozen=True, slots=True)
class StoredSize:
    """The size of an image as its pixels lie in the file.

    Parameters
    ----------
    width, height
        In pixels.
    turn
        The Exif orientation, 1 to 8, that makes it upright.

    Examples
    --------
    >>> StoredSize(640, 480, 6).upright
    (480, 640)
    """

    width: int
    height: int
    turn: int = 1

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the image as it is decoded."""
        return (self.height, self.width) if self.turn >= 5 else (self.width, self.height)

    def turned(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """Boxes of the pixels in the file as boxes of the upright image.

        Parameters
        ----------
        corners
            (m, 4): x1, y1, x2, y2.

        Examples
        --------
        >>> StoredSize(640, 480, 6).turned(np.array([[0.0, 0.0, 100.0, 50.0]])).tolist()
        [[430.0, 0.0, 480.0, 100.0]]
        """
        x1, y1, x2, y2 = corners.T
        if self.turn in (2, 3, 7, 8):
            x1, x2 = self.width - x2, self.width - x1
        if self.turn in (3, 4, 6, 7):
            y1, y2 = self.height - y2, self.height - y1
        return np.stack([y1, x1, y2, x2] if self.turn >= 5 else [x1, y1, x2, y2], axis=1)


def stored_size(path: Path) -> StoredSize:
    """Read the header of an image file; nothing is decoded.

    Raises
    ------
    topwork.errors.BadItem
        With one of `topwork.data.REASONS`.
    """
    head = read_head(path, HEAD)
    if head[:3] == b"\xff\xd8\xff":
        size = jpeg_size(head)
        if size is not None:
            return StoredSize(*size, jpeg_orientation(head))
    data = read_file(path)
    name = sniff(data)
    image = open_image(name, data)
    if name == "TIFF":
        return _of_tiff(image)
    return StoredSize(*image.size, jpeg_orientation(data) if name == "JPEG" else own_turn(image))


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height out of the first bytes of a JPEG; None where they don't lie there.

    The segments are walked through up to the header of the frame (ITU T.81, B.2.2).

    Examples
    --------
    >>> jpeg_size(bytes.fromhex("ffd8ffe00004aabbffc0000b08001000200101"))
    (32, 16)
    """
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filled up
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (5, 7))
            return (width, height) if width and height else None
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _of_tiff(image: ImageFile) -> StoredSize:
    """Pillow gives the size of a TIFF upright, and turns its pixels."""
    from PIL.TiffImagePlugin import TiffImageFile

    assert isinstance(image, TiffImageFile)
    turn = image.tag_v2.get(_ORIENTATION, 1)
    turn = turn if turn in range(1, 9) else 1
    width, height = image.size
    return StoredSize(height, width, turn) if turn >= 5 else StoredSize(width, height, turn)
