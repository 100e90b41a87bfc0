"""Images as items: reading, naming and decoding them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np

from topwork.data.appearance import UNDECIDED, WHITE, Appearance
from topwork.data.files import checked_size, read_file
from topwork.data.images.arrays import array_to_rgb, read_array, read_pil
from topwork.data.images.colour import (
    colours_to_rgb,
    own_turn,
    to_rgb,
    upright,
    upright_rgb,
    with_own_range,
)
from topwork.data.images.deep_colour import deep_colours, is_deep_colour
from topwork.data.images.formats import FORMATS, IMAGE_EXTENSIONS, Format, sniff
from topwork.data.images.header_facts import HeaderFacts, header_facts
from topwork.data.images.jpeg import decode_jpeg
from topwork.data.images.medical.decoding import medical_image, medical_remarks
from topwork.data.images.medical.recognised import HEAD, medical_format
from topwork.data.images.pillow import decoding, load, open_image
from topwork.data.item import Content, Item, ModalityName, ModalityWords, Remark
from topwork.data.preprocessing.framing import Framing, place, render
from topwork.data.preprocessing.strips import LARGE, room_for
from topwork.data.preprocessing.tokenizing import Preparation
from topwork.errors import BadItem
from topwork.settings.choices import PLANES, Plane

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

DECODER_VERSION: Final = "1"
"""Part of the store's keys: raise it whenever a pixel may change."""

_SHOWN: Final = Framing(96, 96, geometry="pad")


@dataclass(frozen=True, slots=True)
class ImageModality:
    """Images of every format in `topwork.data.FORMATS`, arrays and PIL images. Thread-safe.

    Parameters
    ----------
    appearance
        How what a file leaves open is decided for the data set.

    Examples
    --------
    >>> kind = ImageModality()
    >>> content = kind.read(Item("item 0", value=np.zeros((20, 30), np.uint8)))
    >>> kind.decode(content, Framing(4, 5)).shape
    (4, 5, 3)
    """

    appearance: Appearance = UNDECIDED

    name: ClassVar[ModalityName] = "image"
    network: ClassVar[ModalityName] = "image"
    column: ClassVar[str] = "path"
    inline: ClassVar[bool] = False
    extensions: ClassVar[frozenset[str]] = IMAGE_EXTENSIONS
    shows_objects: ClassVar[bool] = True
    adapts: ClassVar[bool] = True
    words: ClassVar[ModalityWords] = ModalityWords(
        accepted=f"Give {', '.join(FORMATS[:-1])} or {FORMATS[-1]} images.",
        example="NEW_IMAGE.jpg",
        origin="camera",
        unrelated="photographs, noise and drawings",
        unit="px",
    )

    def with_appearance(self, appearance: Appearance) -> Self:
        """The same, decoded as was decided."""
        return replace(self, appearance=appearance)

    def unrelated(self) -> dict[str, list[Item]]:
        """Photographs that scikit-image and scikit-learn ship, and drawn images."""
        from topwork.data.unrelated.drawn import drawn_images
        from topwork.data.unrelated.photographs import photographs

        drawn = {
            kind: [Item(f"{kind} {number}", value=image) for number, image in enumerate(images)]
            for kind, images in drawn_images().items()
        }
        return {"photographs": photographs(), **drawn}

    def read(self, item: Item) -> Content:
        """Read an item once and name its content, apart where its appearance was decided.

        Raises
        ------
        topwork.errors.BadItem
            With one of `topwork.data.REASONS`.
        """
        content = self._read(item)
        if isinstance(content.data, bytes) and medical_format(content.data[:HEAD]):
            return self._medical(content, item.frame)
        if self.appearance == UNDECIDED or not self._decides(header_facts(_raw(content))):
            return content
        key = blake2b(content.key + self.appearance.salt, digest_size=16).digest()
        return replace(content, key=key)

    def _medical(self, content: Content, frame: int | None) -> Content:
        """Apart by frame and by everything that decides how it looks."""
        which = b"" if frame is None else frame.to_bytes(4, "little")
        salt = self.appearance.medical_salt
        key = blake2b(content.key + salt + which, digest_size=16).digest()
        return Content(key, content.data, frame)

    def _read(self, item: Item) -> Content:
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
            return read_pil(item.value, self.appearance)
        kind = type(item.value).__name__
        raise BadItem("bad_array", f"it is of type {kind}, neither an array, a PIL image nor bytes")

    def _decides(self, facts: HeaderFacts) -> bool:
        """Whether an item looks otherwise than it would by itself."""
        look = self.appearance
        return (facts.deep and look.levels is not None) or (
            facts.transparent and look.background != WHITE
        )

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
            return _frame(array_to_rgb(data, self.appearance), framing)
        assert isinstance(data, bytes)
        name = sniff(data)
        if name == "JPEG":
            return decode_jpeg(data, framing)
        if name in ("DICOM", "NIFTI"):
            look = self.appearance
            plane: Plane = look.plane or PLANES[0]
            image = medical_image(name, data, content.frame, look.window, plane=plane)
            return _frame(image, framing)
        opened = open_image(name, data)
        with decoding(name, data), room_for(*opened.size):
            return self._decode(name, data, opened, framing)

    def _decode(self, name: Format, data: bytes, opened: ImageFile, framing: Framing) -> np.ndarray:
        look = self.appearance
        if look.levels is not None and is_deep_colour(opened, data):
            image = colours_to_rgb(deep_colours(name, data), look)
            return _frame(upright(image, own_turn(opened)), framing)
        image = load(name, data, opened)
        size = image.size
        if size[0] * size[1] < LARGE or own_turn(image) != 1:
            return _frame(upright_rgb(image, look), framing)
        convert = partial(to_rgb, look=with_own_range(image, look))
        return render(image, framing, place(framing, *size), size=size, convert=convert)

    def remarks(self, content: Content) -> tuple[Remark, ...]:
        """Tell what of an item is read otherwise than its owner may think."""
        if isinstance(content.data, bytes) and medical_format(content.data[:HEAD]):
            return medical_remarks(content.data, content.frame)
        facts = header_facts(_raw(content))
        found: list[Remark] = ["first_page"] if facts.pages else []
        if facts.deep:
            found.append("own_range" if self.appearance.levels is None else "common_range")
        elif self.appearance.levels is not None:
            found.append("eight_bits")
        return tuple(found)

    def cut_short(self, content: Content, preparation: Preparation) -> bool:  # noqa: ARG002
        """Never: what a crop leaves out is the geometry's doing."""
        return False

    def caption(self, item: Item) -> str:
        """Give the image's name."""
        return item.name

    def show(self, content: Content) -> np.ndarray:
        """Give a small image, uint8 (96, 96, 3).

        Raises
        ------
        topwork.errors.BadItem
            With one of `topwork.data.REASONS`.
        """
        return self.decode(content, _SHOWN)


def _raw(content: Content) -> bytes | np.ndarray:
    assert not isinstance(content.data, str)
    return content.data


def _frame(image: Image, framing: Framing) -> np.ndarray:
    return render(image, framing, place(framing, *image.size), size=image.size)
