"""Images as items: reading, naming and decoding them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from topwork.data.arrays import array_to_rgb, read_array, read_pil
from topwork.data.colour import upright_rgb
from topwork.data.formats import sniff
from topwork.data.framing import Framing, place, render
from topwork.data.item import Content, Item
from topwork.data.jpeg import decode_jpeg
from topwork.data.limits import MAX_BYTES
from topwork.data.pillow import decoding, load, open_image
from topwork.errors import BadItem

if TYPE_CHECKING:
    from PIL.Image import Image

DECODER_VERSION: Final = "1"
"""Part of the store's keys: raise it whenever a pixel may change."""


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

    name: str = "image"

    def read(self, item: Item) -> Content:
        """Read an item once and name its content.

        Raises
        ------
        topwork.errors.BadItem
            With one of `topwork.data.REASONS`.
        """
        if item.path is not None:
            data = _read_file(item.path)
            return Content(blake2b(data, digest_size=16).digest(), data)
        if isinstance(item.value, np.ndarray):
            return read_array(item.value)
        from PIL.Image import Image

        if isinstance(item.value, Image):
            return read_pil(item.value)
        kind = type(item.value).__name__
        raise BadItem("bad_array", f"it is of type {kind}, neither an array nor a PIL image")

    def decode(self, content: Content, framing: Framing) -> np.ndarray:
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
        data = content.data
        if isinstance(data, np.ndarray):
            return _frame(array_to_rgb(data), framing)
        name = sniff(data)
        if name == "JPEG":
            return decode_jpeg(data, framing)
        image = load(name, data, open_image(name, data))
        with decoding(name, data):
            return _frame(upright_rgb(image), framing)


def _frame(picture: Image, framing: Framing) -> np.ndarray:
    return render(picture, framing, place(framing, *picture.size), size=picture.size)


def _read_file(path: Path) -> bytes:
    """Read a file that is one, and not too large; nothing else is so much as opened."""
    try:
        status = os.stat(path)  # noqa: PTH116 (half the price of Path.stat)
        if not stat.S_ISREG(status.st_mode):
            raise BadItem("not_a_file", f"it is a {_kind_of(status.st_mode)}")
        if status.st_size == 0:
            raise BadItem("empty")
        if status.st_size > MAX_BYTES:
            raise BadItem("too_large", f"it has {status.st_size / 1e6:.0f} MB")
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (the same)
            return file.read()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadItem("missing", error.strerror or "") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise BadItem("unreadable", getattr(error, "strerror", None) or str(error)) from error


def _kind_of(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISFIFO(mode):
        return "pipe"
    if stat.S_ISSOCK(mode):
        return "socket"
    return "device"
