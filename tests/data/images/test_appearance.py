"""What a file leaves open is decided once for a data set, and changes nothing else."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.data import (
    UNDECIDED,
    Appearance,
    Dataset,
    Framing,
    ImageModality,
    Item,
    surveyed,
)
from topwork.data.images.header_facts import header_facts
from topwork.errors import ParameterError

LOOK = Appearance(levels=(600.0, 3000.0), background=0)


def _appearance(items) -> Appearance:
    return surveyed(Dataset(items)).kind.appearance


def _deep(low: int, high: int, rng: np.random.Generator, side: int = 40) -> np.ndarray:
    return rng.integers(low, high, (side, side)).astype(np.uint16)


def _files(folder: Path, arrays, ending: str = "png") -> list[Item]:
    items = []
    for i, values in enumerate(arrays):
        path = folder / f"{i}.{ending}"
        Image.fromarray(values).save(path)
        items.append(Item(str(path), path))
    return items


@pytest.mark.parametrize("ending", ["png", "tif", "in memory", "opened", "bytes"])
def test_levels_are_those_of_all_images(tmp_path, ending) -> None:
    """Neither dead pixels nor one image in 20 that is all too bright stretch the scale."""
    rng = np.random.default_rng(0)
    arrays = [_deep(600, 1200, rng) for _ in range(20)] + [
        _deep(2400, 3000, rng) for _ in range(20)
    ]
    for values in arrays[::3]:
        values[3:5, 7] = 65535
    arrays.append(_deep(64000, 65535, rng))
    if ending in ("in memory", "opened"):
        wrap = Image.fromarray if ending == "opened" else np.asarray
        items = [Item(f"item {i}", value=wrap(a)) for i, a in enumerate(arrays)]
    elif ending == "bytes":
        files = _files(tmp_path, arrays)
        items = [Item(item.name, value=item.path.read_bytes()) for item in files]
    else:
        items = _files(tmp_path, arrays, ending)
    levels = _appearance(items).levels
    assert levels is not None
    assert 400 <= levels[0] <= 610
    assert 2990 <= levels[1] <= 3200
    kind = surveyed(Dataset(items)).kind
    decoded = [
        kind.decode(kind.read(item), Framing(40, 40)).mean() for item in (items[0], items[30])
    ]
    assert decoded[0] < 60
    assert decoded[1] > 190


def test_more_images_do_not_move_the_levels() -> None:
    rng = np.random.default_rng(1)
    items = [Item(f"item {i}", value=_deep(611, 2983, rng)) for i in range(60)]
    assert len({_appearance(items[:n]).levels for n in (20, 30, 45, 60)}) == 1


def test_the_whole_range_of_a_format_stays_whole() -> None:
    rng = np.random.default_rng(0)
    photos = [Item(f"item {i}", value=_deep(900, 65000, rng)) for i in range(6)]
    assert _appearance(photos).levels == (0, 65535)
    bytes_ = [Item(f"item {i}", value=rng.integers(3, 250, (9, 9))) for i in range(6)]
    assert _appearance(bytes_).levels == (0, 255)
    fractions = [Item(f"item {i}", value=rng.random((9, 9))) for i in range(6)]
    assert _appearance(fractions) == UNDECIDED


@pytest.mark.parametrize("level", [0, 700])
def test_images_of_one_level_have_no_scale(level) -> None:
    items = [Item(f"item {i}", value=np.full((9, 9), level, np.uint16)) for i in range(4)]
    assert _appearance(items).levels is None


def test_sixteen_bit_colour_keeps_both_bytes(tmp_path) -> None:
    """Twelve bits in sixteen: by the high byte alone, 16 levels would be left."""
    from skimage import io as skio

    y, x = np.mgrid[:32, :32]
    colours = np.dstack([x * 128, y * 128, (x + y) * 60]).astype(np.uint16)
    want = np.rint(colours / 4096 * 255)
    for ending in ("tif",):
        path = tmp_path / f"c.{ending}"
        skio.imsave(path, colours, check_contrast=False)
        kind = ImageModality(Appearance(levels=(0.0, 4096.0)))
        got = kind.decode(kind.read(Item("c", path)), Framing(32, 32))
        assert np.abs(got - want).max() <= 1
    assert _appearance([Item("c", path)]).levels is not None


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_sixteen_bits_of_png(channels, tmp_path) -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 4096, (16, 24, channels)).astype(np.uint16)
    if channels != 3:
        values[..., -1] = 65535
    path = tmp_path / "a.png"
    path.write_bytes(_png(values))
    kind = ImageModality(Appearance(levels=(0.0, 4096.0)))
    got = kind.decode(kind.read(Item("a", path)), Framing(16, 24))
    colours = values if channels == 3 else values[..., :-1]
    want = np.rint(colours / 4096 * 255)
    assert np.abs(got - want).max() <= 1


def _png(values: np.ndarray) -> bytes:
    """16 bits per channel, which Pillow writes of grey alone; rows less those above them."""
    import struct
    import zlib

    height, width, channels = values.shape
    rows = values.astype(">u2").view(np.uint8).reshape(height, -1)
    rows = np.concatenate([rows[:1], np.diff(rows, axis=0)])
    stream = b"".join(bytes([2]) + row.tobytes() for row in rows)
    kind = {2: 4, 3: 2, 4: 6}[channels]
    chunks = (
        (b"IHDR", struct.pack(">LLBBBBB", width, height, 16, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(stream)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))
        for name, body in chunks
    )


def _cut_out(grey: int, rng: np.random.Generator, *, opaque: bool = False) -> np.ndarray:
    """A disc of one grey on nothing."""
    y, x = np.mgrid[:48, :48]
    row, column, radius = rng.integers(10, 38), rng.integers(10, 38), rng.integers(4, 9)
    out = np.full((48, 48, 4), grey, np.uint8)
    inside = (y - row) ** 2 + (x - column) ** 2 < radius**2
    out[..., 3] = 255 if opaque else 255 * inside
    return out


@pytest.mark.parametrize(
    ("greys", "background"),
    [((0,), 255), ((255,), 0), ((247,), 0), ((0, 255), 128), ((60, 120), 255)],
)
def test_a_background_on_which_something_shows(greys, background, tmp_path) -> None:
    rng = np.random.default_rng(0)
    arrays = [_cut_out(greys[i % len(greys)], rng) for i in range(20)]
    items = _files(tmp_path, arrays)
    assert _appearance(items).background == background
    in_memory = [Item(f"item {i}", value=values) for i, values in enumerate(arrays)]
    assert _appearance(in_memory).background == background
    kind = surveyed(Dataset(items)).kind
    assert all(kind.decode(kind.read(item), Framing(48, 48)).std() > 10 for item in items)


def test_alpha_without_transparency_decides_nothing(tmp_path) -> None:
    rng = np.random.default_rng(0)
    items = _files(tmp_path, [_cut_out(255, rng, opaque=True) for _ in range(8)])
    assert _appearance(items) == UNDECIDED


def test_nothing_else_changes(tmp_path) -> None:
    """Images that leave nothing open keep their names and pixels, whatever was decided."""
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (30, 20, 3), dtype=np.uint8)
    items = [Item("item 0", value=rgb), Item("item 1", value=Image.fromarray(rgb))]
    for ending in ("jpg", "png", "bmp", "tif", "gif", "webp"):
        Image.fromarray(rgb).save(path := tmp_path / f"a.{ending}")
        items.append(Item(ending, path))
    plain, decided = ImageModality(), ImageModality(LOOK)
    for item in items:
        one, other = plain.read(item), decided.read(item)
        assert (
            plain.decode(one, Framing(9, 9)).tobytes()
            == decided.decode(other, Framing(9, 9)).tobytes()
        )
        assert one.key == other.key or item.name in ("bmp", "webp")
    assert surveyed(Dataset(items)).kind == plain


def test_what_is_decided_is_part_of_the_name(tmp_path) -> None:
    rng = np.random.default_rng(0)
    (deep,) = _files(tmp_path, [_deep(0, 3000, rng)])
    (clear,) = _files(tmp_path, [_cut_out(0, rng)], "tif")
    for item in (deep, clear, Item("item 0", value=_deep(0, 300, rng))):
        keys = {
            ImageModality(survey).read(item).key
            for survey in (UNDECIDED, LOOK, Appearance((0.0, 9.0), 0))
        }
        assert len(keys) == 3


def test_headers_say_what_is_more_than_one_picture() -> None:
    rng = np.random.default_rng(0)
    first, second = (
        Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)) for _ in "ab"
    )
    for name in ("TIFF", "GIF", "WEBP", "PNG"):
        several, one = io.BytesIO(), io.BytesIO()
        first.save(several, name, save_all=True, append_images=[second])
        first.save(one, name)
        assert header_facts(several.getvalue()).pages, name
        assert not header_facts(one.getvalue()).pages, name


def test_a_reduced_version_is_no_page() -> None:
    big = Image.fromarray(np.zeros((64, 64), np.uint8))
    small = big.resize((32, 32))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    out = io.BytesIO()
    big.save(out, "TIFF", save_all=True, append_images=[small])
    assert not header_facts(out.getvalue()).pages


@pytest.mark.parametrize(
    "data", [b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n"]
)
def test_broken_headers_say_nothing(data) -> None:
    facts = header_facts(data)
    assert not facts.deep
    assert not facts.pages


def test_nothing_is_warned_about(tmp_path) -> None:
    with warnings.catch_warnings(action="error"):
        surveyed(Dataset(_files(tmp_path, [_deep(0, 900, np.random.default_rng(0))])))
        surveyed(Dataset([Item("missing.png", tmp_path / "missing.png"), Item("x", value="x")]))


def test_an_appearance_that_cannot_be_is_refused() -> None:
    for levels in ((3.0, 3.0), (5.0, 1.0), (0.0, float("inf")), (float("nan"), 1.0)):
        with pytest.raises(ParameterError, match="rising order"):
            Appearance(levels=levels)
    with pytest.raises(ParameterError, match="expected 0 to 255"):
        Appearance(background=300)
