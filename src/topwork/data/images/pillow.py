"""Decoding with Pillow: every format, and the JPEGs that the fast decoder declines."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from topwork.data.images.formats import Format
from topwork.data.images.headers import gif_size, png_size, webp_size
from topwork.data.images.integrity import check_png, check_tiff, ends_early
from topwork.data.images.netpbm import check_netpbm
from topwork.data.images.tiff import check_tiff_pixels
from topwork.data.limits import check_pixels
from topwork.errors import BadItem, ParameterError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile


# Tags of a TIFF: where its pieces start and how many bytes they have.
_STRIPS = (273, 279)
_TILES = (324, 325)


@functools.cache
def _plugins() -> Mapping[str, type[ImageFile]]:
    """Pillow's class for each format.

    `PIL.Image.open` would try by list and apply a limit of its own, which is one number for the
    whole process; the classes are what it calls.
    """
    from PIL.AvifImagePlugin import AvifImageFile
    from PIL.BmpImagePlugin import BmpImageFile
    from PIL.GifImagePlugin import GifImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.PpmImagePlugin import PpmImageFile
    from PIL.TiffImagePlugin import TiffImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    return {
        "JPEG": JpegImageFile,
        "PNG": PngImageFile,
        "WEBP": WebPImageFile,
        "BMP": BmpImageFile,
        "TIFF": TiffImageFile,
        "GIF": GifImageFile,
        "AVIF": AvifImageFile,
        "PPM": PpmImageFile,
    }


def open_image(name: Format, data: bytes) -> ImageFile:
    """Read the header of an image file and check what it promises.

    Raises
    ------
    topwork.errors.BadItem
        ``too_many_pixels``, ``truncated`` or ``corrupt``.
    """
    with decoding(name, data):
        if name not in _plugins():
            raise BadItem("unsupported_format", f"images in {name} cannot be used for this")
        _check_before(name, data)
        image = _plugins()[name](io.BytesIO(data))
        check_pixels(*image.size)
        if name == "TIFF":
            _check_strips(image, len(data))
        return image


def _check_before(name: Format, data: bytes) -> None:
    """Check what Pillow would notice too late or not at all."""
    if name == "WEBP":  # its memory is reserved while the file is opened
        check_pixels(*webp_size(data))
    elif name == "GIF":  # its first frame is looked for while the file is opened
        check_pixels(*gif_size(data))
    elif name == "PNG":  # the checksums of its pixels are never looked at
        check_pixels(*png_size(data))
        check_png(data)
    elif name == "TIFF":  # a directory that is missing is only warned about
        check_tiff(data)
        check_tiff_pixels(data)
    elif name == "PPM":  # what is missing at its end would be black
        check_netpbm(data)


def _check_strips(image: ImageFile, size: int) -> None:
    """Hold where a TIFF's strips or tiles end against the size of the file, in bytes."""
    from PIL.TiffImagePlugin import TiffImageFile

    assert isinstance(image, TiffImageFile)
    for starts, counts in (_STRIPS, _TILES):
        pieces = zip(image.tag_v2.get(starts, ()), image.tag_v2.get(counts, ()), strict=False)
        if any(start + count > size for start, count in pieces):
            raise BadItem("truncated", "its pixels end beyond the end of the file")


def load(name: Format, data: bytes, image: ImageFile) -> Image:
    """Decode the first frame of an opened image.

    Raises
    ------
    topwork.errors.BadItem
        ``truncated`` or ``corrupt``.
    """
    with decoding(name, data):
        if name == "TIFF":
            _reserve(image)
        image.load()
    return image


def _reserve(image: ImageFile) -> None:
    """Reserve a TIFF's memory, which Pillow would only do below its own limit of pixels."""
    from PIL import Image
    from PIL.TiffImagePlugin import TiffImageFile

    assert isinstance(image, TiffImageFile)
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        image.im = Image.core.new(  # type: ignore[attr-defined]
            image.mode, image._tile_size
        )


@contextmanager
def decoding(name: Format | None = None, data: bytes = b"") -> Iterator[None]:
    """Turn whatever Pillow raises into `topwork.errors.BadItem`."""
    from PIL.Image import DecompressionBombError

    try:
        yield
    except (BadItem, ParameterError):
        raise
    except MemoryError as error:
        raise BadItem("too_many_pixels", "it needs more memory than there is") from error
    except DecompressionBombError as error:
        raise BadItem("too_many_pixels", str(error)) from error
    # Its plugins let anything escape: SyntaxError, struct.error, KeyError, zlib.error and more.
    except Exception as error:
        says_so = "truncated" in str(error).lower()
        reason = "truncated" if says_so or (name and ends_early(name, data)) else "corrupt"
        raise BadItem(reason, str(error) or type(error).__name__) from error
