"""Images as items: reading, naming and decoding them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

from topwork.data.arrays import array_to_rgb, read_array, read_pil
from topwork.data.colour import upright_rgb
from topwork.data.files import checked_size, read_file
from topwork.data.formats import sniff
from topwork.data.framing import Framing, place, render
from topwork.data.item import Content, Item, KindName
from topwork.data.jpeg import decode_jpeg
from topwork.data.pillow import decoding, load, open_image
from topwork.data.tokenizing import Preparation
from topwork.errors import BadItem

if TYPE_CHECKING:
    from PIL.Image import Image

DECODER_VERSION: Final = "1"
"""Part of the store's keys: raise it whenever a pixel may change."""

_SHOWN: Final = Framing(96, 96, geometry="pad")


@dataclass(frozen=True, slots=True)
class ImageKind:
    """Images of every format in `topwork.data.FORMATS`, arrays and PIL images. Thread-safe.

    Examples
    --------
    >>> kind = ImageKind()
    >>> content = kind.read(Item("item 0", value=np.zeros((20, 30), np.uint8)))
    >>> kind.decode(content, Framing(4, 5)).shape
    (4, 5, 3)
    """

    name: KindName = "image"

    def read(self, item: Item) -> Content:
        """Read an item once and name its content.

        Raises
        ------
        topwork.errors.BadItem
            With one of `topwork.data.REASONS`.
        """
        if item.path is not None:
            data = read_file(item.path)
            return Content(blake2b(data, digest_size=16).digest(), data)
        if isinstance(item.value, bytes):
            data = checked_size(item.value)
            return Content(blake2b(data, digest_size=16).digest(), data)
        if isinstance(item.value, np.ndarray):
            return read_array(item.value)
        from PIL.Image import Image

        if isinstance(item.value, Image):
            return read_pil(item.value)
        kind = type(item.value).__name__
        raise BadItem("bad_array", f"it is of type {kind}, neither an array, a PIL image nor bytes")

    def decode(self, content: Content, preparation: Preparation) -> np.ndarray:
        """Decode what was read.

        Returns
        -------
        numpy.ndarray
            uint8 (height, width, 3), C-contiguous: upright RGB, one frame, no transparency.

        Raises
        ------
        topwork.errors.BadItem
            With one of `topwork.data.REASONS`.
        """
        assert isinstance(preparation, Framing)
        data, framing = content.data, preparation
        if isinstance(data, np.ndarray):
            return _frame(array_to_rgb(data), framing)
        assert isinstance(data, bytes)
        name = sniff(data)
        if name == "JPEG":
            return decode_jpeg(data, framing)
        image = load(name, data, open_image(name, data))
        with decoding(name, data):
            return _frame(upright_rgb(image), framing)

    def cut_short(self, content: Content, preparation: Preparation) -> bool:  # noqa: ARG002
        """Never: what a crop leaves out is the geometry's doing."""
        return False

    def caption(self, item: Item) -> str:
        """Give the picture's name."""
        return item.name

    def show(self, content: Content) -> np.ndarray:
        """Give a small picture, uint8 (96, 96, 3).

        Raises
        ------
        topwork.errors.BadItem
            With one of `topwork.data.REASONS`.
        """
        return self.decode(content, _SHOWN)


def _frame(picture: Image, framing: Framing) -> np.ndarray:
    return render(picture, framing, place(framing, *picture.size), size=picture.size)
