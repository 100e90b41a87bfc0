"""Pictures, drawn and encoded by the tests themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.data import Framing, ImageModality, Item

Encode = Callable[..., bytes]
Decode = Callable[..., np.ndarray]


@pytest.fixture
def picture() -> Image.Image:
    """Draw 96 × 64 pixels that look different from every side."""
    y, x = np.mgrid[0:64, 0:96]
    pixels = np.dstack([x * 2, y * 3, np.where((x < 48) & (y < 32), 255, 40)])
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture
def encode() -> Encode:
    def encode(image: Image.Image, name: str, **options: object) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, name, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture
def decode(tmp_path: Path) -> Decode:
    """Write bytes to a file and decode it; 64 × 96 pixels unless told otherwise."""

    def decode(data: bytes, framing: Framing | None = None) -> np.ndarray:
        path = tmp_path / "x.jpg"
        path.write_bytes(data)
        kind = ImageModality()
        return kind.decode(kind.read(Item(str(path), path)), framing or Framing(64, 96))

    return decode
