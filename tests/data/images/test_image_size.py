"""The size of an image without decoding it is that of the decoded one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from topwork.data import Framing, ImageModality, Item
from topwork.data.images.image_size import image_size

_ORIENTATION = 0x0112


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_turned_images_have_the_size_that_is_shown(name: str, turn: int) -> None:
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:5, :15] = 255  # upper left, before it is turned
    exif = Image.Exif()
    exif[_ORIENTATION] = turn
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, name, exif=exif)
    kind = ImageModality()
    content = kind.read(Item("turned", value=stream.getvalue()))
    size = image_size(content)
    assert size == ((20, 60) if turn >= 5 else (60, 20))
    width, height = size
    shown = kind.decode(content, Framing(height, width))
    assert shown.shape == (height, width, 3)
    light = shown[..., 0] > 128
    assert light.mean() == pytest.approx(1 / 16, abs=0.02)  # whole, not squeezed
