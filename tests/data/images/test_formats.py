"""Netpbm is read; sound TIFFs that are no pictures are said to be what they are."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from topwork.data import Framing, ImageModality, Item, Rejected, read
from topwork.data.images.header_facts import header_facts
from topwork.errors import BadItem

KIND = ImageModality()


def _decode(data: bytes, side: int = 4) -> np.ndarray:
    return KIND.decode(
        KIND.read(Item("x", value=data)), Framing(side, side, interpolation="nearest")
    )


def _refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(BadItem) as caught:
        _decode(data)
    return caught.value.reason, caught.value.detail


LEVELS = np.arange(16, dtype=np.uint8).reshape(4, 4) * 17


@pytest.mark.parametrize(
    "data",
    [
        b"P5\n4 4\n255\n" + LEVELS.tobytes(),
        b"P5 # by hand\n# twice\n4\t4 255 " + LEVELS.tobytes(),
        b"P2\n4 4\n255\n" + b" ".join(b"%d" % v for v in LEVELS.ravel()),
        b"P6\n4 4\n255\n" + LEVELS.repeat(3).tobytes(),
        b"P3\n4 4\n15\n" + b" ".join(b"%d" % (v // 17) for v in LEVELS.repeat(3)),
        b"P5\n4 4\n15\n" + (LEVELS // 17).tobytes(),
        b"P5\n4 4\n65535\n" + (LEVELS.astype(">u2") * 257).tobytes(),
    ],
)
def test_netpbm(data) -> None:
    np.testing.assert_allclose(_decode(data)[..., 1], LEVELS, atol=1)
    assert header_facts(data).deep == (b"65535" in data[:16])


def test_netpbm_of_black_and_white() -> None:
    for data in (b"P1\n4 4\n" + b"0 1 0 1 " * 4, b"P4\n4 4\n" + bytes([0b01010000] * 4)):
        assert _decode(data)[0, :, 0].tolist() == [255, 0, 255, 0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"P5\n4 4\n255\n" + LEVELS.tobytes()[:-1], "truncated"),
        (b"P6\n4 4\n65535\n" + bytes(95), "truncated"),
        (b"P4\n9 4\n" + bytes(7), "truncated"),
        (b"P5\n4 4\n0\n" + bytes(16), "corrupt"),
        (b"P5\n4 4\n", "corrupt"),
        (b"P5\n0 4\n255\n", "corrupt"),
        (b"P6\n99999 99999\n255\n", "truncated"),
        (b"P5 is a lens", "not_an_image"),
        (b"P7\nWIDTH 4\n", "unsupported_format"),
    ],
)
def test_broken_netpbm(data, reason) -> None:
    assert _refused(data)[0] == reason


def test_folders_of_netpbm(tmp_path: Path) -> None:
    for label in "ab":
        (tmp_path / label).mkdir()
        for ending, mode in (("ppm", "RGB"), ("pgm", "L"), ("pbm", "1"), ("pnm", "RGB")):
            Image.new(mode, (9, 9)).save(tmp_path / label / f"x.{ending}", "PPM")
    assert len(read(tmp_path)) == 8


def _tiff(values: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


COLOUR = np.random.default_rng(0).integers(0, 255, (9, 11, 3)).astype(np.uint8)
BANDS = np.concatenate([COLOUR, COLOUR], axis=2)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (
            _tiff(BANDS[..., :5], photometric="minisblack", planarconfig="contig"),
            "5 channels of 8-bit unsigned integers",
        ),
        (
            _tiff(BANDS[..., :4], photometric="minisblack", planarconfig="contig"),
            "4 channels of 8-bit unsigned integers",
        ),
        (_tiff(COLOUR / np.float32(255), photometric="rgb"), "3 channels of 32-bit floating point"),
        (_tiff(COLOUR.mean(2)), "1 channel of 64-bit floating point numbers"),
        (_tiff(COLOUR[..., 0].astype(np.float16)), "1 channel of 16-bit floating point numbers"),
        (_tiff(COLOUR.astype(np.uint32), photometric="rgb"), "3 channels of 32-bit unsigned"),
        (_tiff(COLOUR[..., 0].astype(np.complex64)), "1 channel of 64-bit complex numbers"),
    ],
)
def test_a_sound_tiff_is_not_called_corrupt(data, seen) -> None:
    reason, detail = _refused(data)
    assert reason == "unsupported_format"
    assert seen in detail


@pytest.mark.parametrize(
    "values",
    [COLOUR, COLOUR[..., 0], COLOUR[..., 0].astype(np.uint16), COLOUR[..., 0].astype(np.float32),
     COLOUR[..., 0].astype(np.int32), COLOUR.astype(np.uint16) * 257, COLOUR[..., 0] > 9],
    ids=lambda v: f"{v.dtype}-{v.ndim}",
)  # fmt: skip
def test_other_tiffs_are_read(values) -> None:
    data = _tiff(values, photometric="rgb" if values.ndim == 3 else "minisblack")
    assert _decode(data, 9).shape == (9, 9, 3)


def test_of_several_pages_the_first_is_read_and_that_is_said() -> None:
    pages = np.stack([COLOUR[..., i] for i in range(3)])
    content = KIND.read(Item("x", value=_tiff(pages, photometric="minisblack")))
    assert KIND.remarks(content) == ("first_page",)
    one = KIND.decode(KIND.read(Item("y", value=_tiff(pages[0]))), Framing(9, 11))
    np.testing.assert_array_equal(KIND.decode(content, Framing(9, 11)), one)


def test_why_names_what_was_seen() -> None:
    assert Rejected("a", "corrupt").why == "corrupt"
    assert Rejected("a", "corrupt", "it ends").why == "corrupt: it ends"
