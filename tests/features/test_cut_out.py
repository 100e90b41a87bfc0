"""Parts of images, cut out at the size that a network takes."""

from __future__ import annotations

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from benchmarks.composites import scenes
from tests.features.pixel_engine import PixelEngine
from topwork.data import Content, Framing, ImageModality
from topwork.features import Cuts, cut_features


@pytest.mark.parametrize(("side", "whole"), [(40, (640, 480)), (400, (160, 120))])
def test_a_photograph_is_decoded_as_large_as_its_parts_need(side, whole, monkeypatch):
    drawn = np.asarray(Image.fromarray(scenes(1, seed=7)[0].image).resize((640, 480)))
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(drawn), quality=98)
    image = Image.fromarray(simplejpeg.decode_jpeg(data))
    decoded, plain_decode = [], ImageModality.decode

    def decode(self, content, framing):
        decoded.append((framing.width, framing.height))
        return plain_decode(self, content, framing)

    monkeypatch.setattr(ImageModality, "decode", decode)
    boxes = [(30, 20, 30 + side, 20 + side), (100, 60, 100 + side, 60 + side)]
    engine = PixelEngine()
    (features,) = cut_features(
        [Cuts(Content(b"", data), image.size, np.float32([*boxes, boxes[0]]))],
        kind=ImageModality(),
        framing=Framing(80, 80),
        engine=engine,
    )
    assert features.shape == (3, 1)
    assert decoded == [whole]
    for box, pixels in zip(boxes, engine.pixels, strict=False):
        expected = np.asarray(image.resize((80, 80), Image.Resampling.BICUBIC, box), int)
        assert np.abs(pixels - expected).mean() < 2
    assert np.array_equal(engine.pixels[0], engine.pixels[2])


def test_images_among_others_are_cut_as_alone():
    images = [np.asarray(one.image) for one in scenes(3, seed=8)]
    wanted = [
        Cuts(Content(b"", image), image.shape[1::-1], np.float32([[5, 5, 60, 50]] * n))
        for n, image in enumerate(images)
    ]
    together, alone = PixelEngine(), PixelEngine()
    framing, kind = Framing(32, 32), ImageModality()
    found = cut_features(wanted, kind=kind, framing=framing, engine=together)
    assert [len(one) for one in found] == [0, 1, 2]
    for one in wanted:
        cut_features([one], kind=kind, framing=framing, engine=alone)
    assert np.array_equal(np.stack(together.pixels), np.stack(alone.pixels))
