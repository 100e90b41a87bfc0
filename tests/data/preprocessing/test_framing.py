"""Pictures of any shape fill the input of a network as they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from topwork.data import GEOMETRIES, INTERPOLATIONS, PAD_VALUE, Framing, ImageModality, Item
from topwork.data.preprocessing.framing import needed_size, place, render
from topwork.errors import ParameterError

SIDE = st.one_of(st.integers(1, 600), st.sampled_from([1, 2, 599, 3000]))
# Pillow's box filter has 24 bits: from 3000 pixels to one it would darken a picture by 5 %
INPUT = st.integers(8, 80)
GEOMETRY = st.sampled_from(GEOMETRIES)


@settings(max_examples=150, deadline=None)
@given(
    width=SIDE, height=SIDE, out=st.tuples(INPUT, INPUT), geometry=GEOMETRY,
    interpolation=st.sampled_from(INTERPOLATIONS), fraction=st.floats(0.05, 1.0),
)  # fmt: skip
def test_output_has_the_shape_of_the_input(width, height, out, geometry, interpolation, fraction):
    framing = Framing(*out, geometry, interpolation, fraction)
    placement = place(framing, width, height)
    left, top, right, bottom = placement.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    picture = Image.new("RGB", (width, height), (200, 100, 50))
    got = render(picture, framing, placement, size=picture.size)
    assert got.shape == (*out, 3)
    assert got.dtype == np.uint8
    assert got.flags.c_contiguous
    if geometry != "pad":
        assert (abs(got.astype(int) - (200, 100, 50)) <= 1).all()


@settings(max_examples=200, deadline=None)
@given(width=SIDE, height=SIDE, out=st.tuples(INPUT, INPUT))
def test_pad_keeps_the_aspect(width, height, out):
    placement = place(Framing(*out, "pad"), width, height)
    scale = min(out[0] / height, out[1] / width)
    assert abs(placement.width - width * scale) <= max(0.5, 1 - width * scale) + 1e-9
    assert abs(placement.height - height * scale) <= max(0.5, 1 - height * scale) + 1e-9
    assert placement.width == out[1] or placement.height == out[0]
    assert 0 <= placement.x <= placement.x + placement.width <= out[1]
    assert 0 <= placement.y <= placement.y + placement.height <= out[0]
    assert abs(out[1] - placement.width - 2 * placement.x) <= 1
    assert abs(out[0] - placement.height - 2 * placement.y) <= 1


@settings(max_examples=200, deadline=None)
@given(width=SIDE, height=SIDE, out=st.tuples(INPUT, INPUT), fraction=st.floats(0.05, 1.0))
def test_crop_keeps_the_aspect_and_the_middle(width, height, out, fraction):
    left, top, right, bottom = place(
        Framing(*out, "crop", crop_fraction=fraction), width, height
    ).box
    assert (right - left) / (bottom - top) == pytest.approx(out[1] / out[0], rel=1e-6)
    assert left + right == pytest.approx(width)
    assert top + bottom == pytest.approx(height)
    widest = max((right - left) / width, (bottom - top) / height)
    assert widest == pytest.approx(fraction, rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(width=SIDE, height=SIDE, out=st.tuples(INPUT, INPUT), geometry=GEOMETRY)
def test_needed_size_is_enough(width, height, out, geometry):
    placement = place(Framing(*out, geometry), width, height)
    across, down = needed_size(placement, width, height)
    assert 1 <= across <= width
    assert 1 <= down <= height
    left, top, right, bottom = placement.box
    if across < width:
        assert (right - left) * across / width >= placement.width - 1e-3
    if down < height:
        assert (bottom - top) * down / height >= placement.height - 1e-3


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 400), height=st.integers(1, 400), geometry=GEOMETRY)
def test_jpeg_of_any_size(width, height, geometry):
    import simplejpeg

    data = simplejpeg.encode_jpeg(np.full((height, width, 3), (200, 100, 50), np.uint8))
    kind, framing = ImageModality(), Framing(48, 32, geometry)
    from topwork.data import Content

    got = kind.decode(Content(b"", data), framing).astype(int)
    assert got.shape == (48, 32, 3)
    near = (abs(got - (200, 100, 50)) <= 8).all(axis=2)
    grey = (got == PAD_VALUE).all(axis=2)
    assert (near | grey).all()
    assert near.any()


def test_reduced_jpegs_are_never_smaller_than_needed():
    import simplejpeg

    rng = np.random.default_rng(0)
    for _ in range(150):
        width, height, across, down = (int(n) for n in rng.integers(1, 500, 4))
        data = simplejpeg.encode_jpeg(np.zeros((height, width, 3), np.uint8))
        got = simplejpeg.decode_jpeg(data, min_height=down, min_width=across, min_factor=1)
        assert got.shape[0] >= min(height, down)
        assert got.shape[1] >= min(width, across)


@pytest.mark.parametrize(("width", "height"), [(1, 3000), (3000, 1), (1, 1)])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_extreme_shapes(width, height, geometry):
    kind = ImageModality()
    content = kind.read(Item("item 0", value=np.full((height, width), 9, np.uint8)))
    assert kind.decode(content, Framing(224, 224, geometry)).shape == (224, 224, 3)


def test_squeeze_shows_everything_and_crop_the_middle():
    pixels = np.zeros((40, 80), np.uint8)
    pixels[:, :10] = 255
    kind = ImageModality()
    content = kind.read(Item("item 0", value=pixels))
    assert kind.decode(content, Framing(40, 40))[20, 0, 0] == 255
    assert kind.decode(content, Framing(40, 40, "crop"))[:, :, 0].max() == 0
    padded = kind.decode(content, Framing(40, 40, "pad"))
    assert (padded[:10] == PAD_VALUE).all()
    assert (padded[30:] == PAD_VALUE).all()
    assert padded[20, 0, 0] == 255


def test_crop_is_a_resize_and_a_cut(picture):
    got = render(
        picture, f := Framing(28, 28, "crop", crop_fraction=0.875), place(f, 96, 64), size=(96, 64)
    )
    resized = picture.resize((48, 32), Image.Resampling.BICUBIC).crop((10, 2, 38, 30))
    assert np.abs(got.astype(int) - np.asarray(resized)).mean() < 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"height": 0},
        {"width": -1},
        {"geometry": "stretch"},
        {"interpolation": "cubic"},
        {"crop_fraction": 0},
        {"crop_fraction": 1.5},
    ],
)
def test_parameters_are_checked(arguments):
    with pytest.raises(ParameterError, match=next(iter(arguments))):
        Framing(**{"height": 8, "width": 8} | arguments)
