"""What is shown of items on their way through a network."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.features.pixel_engine import PixelEngine
from topwork.data import Framing, ImageModality, read_items
from topwork.features import Reading, forward


def test_what_cannot_be_decoded_is_not_shown(tmp_path):
    good, bad = tmp_path / "a.png", tmp_path / "b.png"
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(good)
    bad.write_bytes(good.read_bytes()[:-30])
    reading, shown = Reading(), []
    computed = forward(
        read_items([good, bad], kind="image"),
        reading,
        kind=ImageModality(),
        framing=Framing(4, 4),
        engine=PixelEngine(),
        look=lambda index, content: shown.append((index, len(content.data))),
    )
    assert [batch.positions for batch in computed] == [[0]]
    assert len(reading.rejected) == 1
    assert shown == [(0, good.stat().st_size)]
