"""The size that an annotation says tells which way up its boxes were drawn."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.boxes.written import found, put, put_image, voc, yolo
from topwork.data import Framing, ImageModality, Item, read
from topwork.data.images.stored_size import StoredSize, stored_size

RAW = (64, 48)
"""Width and height in the file."""

BLOCK = (8, 4, 24, 20)
"""A white block in the pixels of the file."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put_block(path: Path, turn: int, name: str = "JPEG") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((RAW[1], RAW[0], 3), np.uint8)
    x1, y1, x2, y2 = BLOCK
    pixels[y1:y2, x1:x2] = 255
    exif = Image.Exif()
    exif[274] = turn
    Image.fromarray(pixels).save(path, name, exif=exif, quality=95)


def block_in(path: Path) -> tuple[int, int, int, int]:
    """Where the block is in the image as it is decoded."""
    kind = ImageModality()
    width, height = stored_size(path).upright
    pixels = kind.decode(kind.read(Item(str(path), path)), Framing(height, width))
    ys, xs = np.nonzero(pixels[..., 0] > 128)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_a_box_is_where_the_decoded_image_shows_it(turn, name):
    path = Path(f"data/1.{name.lower()}")
    put_block(path, turn, name)
    size = stored_size(path)
    assert size == StoredSize(*RAW, turn)
    turned = size.turned(np.array([BLOCK], float))[0]
    assert turned.tolist() == pytest.approx(block_in(path), abs=1)


@pytest.mark.parametrize("turn", range(1, 9))
def test_the_same_image_turned_by_exif_gives_the_same_boxes(turn):
    """Annotated before or after the camera's orientation is applied, or turned for good."""
    upright_size = StoredSize(*RAW, turn).upright
    put_block(Path("raw/1.jpg"), turn)
    shown = tuple(StoredSize(*RAW, turn).turned(np.array([BLOCK], float))[0])
    put(Path("raw/1.xml"), voc("1.jpg", [("a", BLOCK if turn >= 5 else shown)], RAW))
    put_block(Path("shown/1.jpg"), turn)
    put(Path("shown/1.xml"), voc("1.jpg", [("a", shown)], upright_size))
    put_image(Path("plain/1.jpg"), upright_size)
    put(Path("plain/1.xml"), voc("1.jpg", [("a", shown)], upright_size))
    put_block(Path("none/1.jpg"), turn)
    put(Path("none/1.xml"), voc("1.jpg", [("a", shown)], None))
    expected = {"1": [("a", shown)]}
    for folder in ("raw", "shown", "plain", "none"):
        assert found(read(folder)) == expected, folder
    told = [any("were turned with their image" in hint for hint in read("raw").hints)]
    assert told == [turn >= 5]


@pytest.mark.parametrize(
    ("turn", "size", "either"),
    [(1, RAW, False), (3, RAW, True), (6, RAW, False), (6, None, True), (6, (48, 64), False)],
)
def test_what_the_size_does_not_tell_is_said(turn, size, either):
    put_block(Path("data/1.jpg"), turn)
    put(Path("data/1.xml"), voc("1.jpg", [("a", BLOCK)], size))
    said = [hint for hint in read("data").hints if "which way up" in hint]
    assert len(said) == either
    assert not said or "Of 1 image with a camera's orientation" in said[0]


def test_yolo_boxes_are_upright_and_that_is_said_once():
    for number in range(3):
        put_block(Path(f"data/{number}.jpg"), 6 if number else 1)
        put(Path(f"data/{number}.txt"), yolo([("cat", (0, 0, 32, 24))]))
    put(Path("data/classes.txt"), "cat\n")
    data = read("data")
    assert found(data)["0"] == [("cat", (0, 0, 32, 24))]
    assert found(data)["1"] == found(data)["2"] == [("cat", (0, 0, 24, 32))]
    assert [hint for hint in data.hints if "which way up" in hint] == [
        "Of 2 images with a camera's orientation the annotations don't tell which way up boxes "
        "were drawn; they were taken as drawn on the upright image."
    ]


@pytest.mark.parametrize(
    ("told", "written", "kept", "reason"),
    [
        ((128, 96), (20, 16, 60, 56), (10, 8, 30, 28), "scaled"),
        ((32, 24), (5, 4, 15, 14), (10, 8, 30, 28), "scaled"),
        ((43, 32), (0, 0, 43, 32), (0, 0, 64, 48), "scaled"),
        ((640, 640), (10, 8, 30, 28), (10, 8, 30, 28), "other_size"),
        ((0, 0), (10, 8, 30, 28), (10, 8, 30, 28), None),
    ],
)
def test_another_size_scales_boxes_where_it_has_the_same_shape(told, written, kept, reason):
    put_image(Path("data/1.jpg"), RAW)
    put(Path("data/1.xml"), voc("1.jpg", [("a", written)], told))
    data = read("data")
    assert found(data) == {"1": [("a", pytest.approx(kept, abs=0.01))]}
    assert [issue.reason for issue in data.boxes.issues] == ([reason] if reason else [])
    assert any("another size" in hint for hint in data.hints) == (reason is not None)


def test_a_size_before_turning_and_scaling_counts_as_well():
    put_block(Path("data/1.jpg"), 6)
    twice = tuple(2 * value for value in BLOCK)
    put(Path("data/1.xml"), voc("1.jpg", [("a", twice)], (128, 96)))
    shown = StoredSize(*RAW, 6).turned(np.array([BLOCK], float))[0]
    assert found(read("data")) == {"1": [("a", tuple(shown))]}


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ([(1, 1, 64, 20), (5, 5, 9, 9)], True),
        ([(0, 1, 64, 20), (1, 5, 9, 9)], False),
        ([(1, 1, 63, 20)], False),
        ([(2, 2, 64, 48)], False),
    ],
)
def test_pixels_counted_from_one_are_taken_as_written_and_said(boxes, said):
    put_image(Path("data/1.jpg"), RAW)
    put(Path("data/1.xml"), voc("1.jpg", [("a", box) for box in boxes]))
    data = read("data")
    assert found(data)["1"] == [("a", box) for box in boxes]
    assert any("counted from 1" in hint for hint in data.hints) == said


def test_a_header_behind_much_else_is_found():
    put_block(Path("data/1.jpg"), 6)
    data = Path("data/1.jpg").read_bytes()
    comment = b"\xff\xfe" + (60_000).to_bytes(2, "big") + bytes(59_998)
    Path("data/1.jpg").write_bytes(data[:2] + comment * 3 + data[2:])
    assert stored_size(Path("data/1.jpg")) == StoredSize(*RAW, 6)


def test_a_size_is_what_decoding_finds_for_every_kind_of_jpeg():
    for options in ({"progressive": True}, {"quality": 10}, {"subsampling": 2}):
        buffer = io.BytesIO()
        Image.new("L", (33, 17)).save(buffer, "JPEG", **options)
        Path("data").mkdir(exist_ok=True)
        Path("data/2.jpg").write_bytes(buffer.getvalue())
        assert stored_size(Path("data/2.jpg")) == StoredSize(33, 17)
