"""Every format and mode comes out as upright 8-bit RGB."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from topwork.data import (
    FORMATS,
    Content,
    Framing,
    ImageModality,
    Item,
    sniff,
)
from topwork.errors import BadItem

KIND = ImageModality()


def far(got: np.ndarray, expected: Image.Image | np.ndarray) -> float:
    return float(np.abs(got.astype(float) - np.asarray(expected).astype(float)).mean())


LOSSLESS = {"JPEG": 6.0, "WEBP": 6.0, "AVIF": 8.0, "GIF": 20.0}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_format_and_mode(name, mode, picture, encode, decode):
    image = picture.convert(mode)
    if (name, mode) in {("JPEG", "P"), ("WEBP", "P"), ("AVIF", "P"), ("AVIF", "1"), ("PPM", "P")}:
        image = picture.convert("RGB")
    got = decode(encode(image, name))
    assert got.shape == (64, 96, 3)
    assert got.dtype == np.uint8
    assert got.flags.c_contiguous
    assert got.flags.writeable
    assert far(got, image.convert("RGB")) < LOSSLESS.get(name, 0.01)


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_told_by_content(name, picture, encode):
    data = encode(picture, name)
    assert sniff(data) == name
    assert sniff(data[:512]) == name


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB", "RGBX"])
def test_colour_spaces_of_tiff(mode, picture, encode, decode):
    image = picture.convert(mode) if mode != "LAB" else _lab(picture)
    assert far(decode(encode(image, "TIFF")), picture) < 4


def _lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(image, *spaces, outputMode="LAB")


def test_cmyk_jpeg(picture, encode, decode):
    assert far(decode(encode(picture.convert("CMYK"), "JPEG", quality=95)), picture) < 4


def test_grey_jpeg_by_the_fast_way(picture, decode):
    grey = np.asarray(picture.convert("L"))
    data = simplejpeg.encode_jpeg(grey[..., None], colorspace="GRAY", quality=95)
    assert far(decode(data), picture.convert("L").convert("RGB")) < 3


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg", "tiff_adobe_deflate"])
def test_compressed_tiff(compression, picture, encode, decode):
    assert far(decode(encode(picture, "TIFF", compression=compression)), picture) < 6


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation(name, turn, picture, encode, decode):
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[turn]
    lying = picture if undo is None else picture.transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = turn
    data = encode(lying, name, exif=exif.tobytes() if name != "TIFF" else exif)
    assert far(decode(data), picture) < 8
    wide = decode(data, Framing(40, 30, "pad"))
    assert (wide[:10] == 128).all()
    assert (wide[-10:] == 128).all()
    assert not (wide[12:28] == 128).all(axis=(1, 2)).any()


def test_broken_exif_means_upright(picture, decode):
    data = bytearray(simplejpeg.encode_jpeg(np.asarray(picture)))
    for block in (b"Exif\0\0MM\0*\0\0\0\xff", b"Exif\0\0XX", b"Exif\0\0II*\0\x08\0\0\0\x09\0"):
        segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
        assert far(decode(bytes(data[:2] + segment + data[2:])), picture) < 6


def test_orientation_out_of_range_means_upright(picture, encode, decode):
    exif = Image.Exif()
    exif[0x0112] = 77
    assert far(decode(encode(picture, "JPEG", exif=exif.tobytes())), picture) < 6


def test_transparency_is_laid_over_white(picture, encode, decode):
    alpha = Image.fromarray(np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1)))
    multi_layer = picture.copy()
    multi_layer.putalpha(alpha)
    weight = np.asarray(alpha)[..., None] / 255
    expected = np.asarray(picture) * weight + 255 * (1 - weight)
    for name, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
        assert far(decode(encode(multi_layer, name, **options)), expected) < 1
    assert far(decode(encode(multi_layer, "AVIF", quality=95)), expected) < 8
    grey = multi_layer.convert("LA")
    expected = np.asarray(picture.convert("L"))[..., None] * weight + 255 * (1 - weight)
    assert far(decode(encode(grey, "PNG")), np.repeat(expected, 3, 2)) < 1


def test_transparent_palette(encode, decode):
    image = Image.new("P", (10, 10), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (0, 0, 5, 10))
    for transparency in (0, b"\xff\x00"):
        got = decode(encode(image, "PNG", transparency=transparency), Framing(10, 10))
        clear, solid = (7, 2) if transparency == 0 else (2, 7)
        assert (got[:, clear] == 255).all()
        assert (got[:, solid] != 255).all()


def test_transparent_colour(encode, decode):
    image = Image.new("RGB", (10, 10), (9, 8, 7))
    image.paste((100, 0, 0), (0, 0, 5, 10))
    got = decode(encode(image, "PNG", transparency=(9, 8, 7)), Framing(10, 10))
    assert got[0, 9].tolist() == [255, 255, 255]
    assert got[0, 0].tolist() == [100, 0, 0]
    grey = encode(Image.new("L", (4, 4), 3), "PNG", transparency=3)
    assert (decode(grey, Framing(4, 4)) == 255).all()


def test_first_frame_of_an_animation(picture, encode, decode):
    later = [Image.new("RGB", picture.size, colour) for colour in ("red", "blue")]
    for name in ("GIF", "WEBP", "PNG", "AVIF", "TIFF"):
        data = encode(picture, name, save_all=True, append_images=later)
        assert far(decode(data), picture) < 20


def _sixteen(low: int, high: int) -> np.ndarray:
    return np.linspace(low, high, 64 * 96).reshape(64, 96).astype(np.uint16)


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_by_their_own_range(name, encode, decode):
    data = encode(Image.fromarray(_sixteen(1000, 4095)), name)
    got = decode(data)
    assert (got[0, 0, 0], got[-1, -1, 0]) == (0, 255)
    assert far(got[..., 1], np.linspace(0, 255, 64 * 96).reshape(64, 96)) < 1


def test_numbers_of_tiff(encode, decode):
    ramp = np.linspace(-3, 7, 64 * 96).reshape(64, 96)
    expected = np.linspace(0, 255, 64 * 96).reshape(64, 96)
    assert (
        far(decode(encode(Image.fromarray(ramp.astype(np.float32)), "TIFF"))[..., 0], expected) < 1
    )
    whole = (ramp * 1e5).astype(np.int32)
    assert far(decode(encode(Image.fromarray(whole), "TIFF"))[..., 0], expected) < 1
    holes = ramp.astype(np.float32)
    holes[5, 5], holes[6, 6], holes[7, 7] = np.nan, np.inf, -np.inf
    got = decode(encode(Image.fromarray(holes), "TIFF"))[..., 0]
    assert (got[5, 5], got[6, 6], got[7, 7]) == (0, 255, 0)


def test_one_value_becomes_black(encode, decode):
    assert not decode(encode(Image.fromarray(np.full((9, 9), 700, np.uint16)), "PNG")).any()


def test_big_endian_sixteen_bits(decode):
    pixels = _sixteen(0, 60000).astype(">u2").tobytes()
    entries = [(256, 3, 96), (257, 3, 64), (258, 3, 16), (259, 3, 1), (262, 3, 1)]
    entries += [(273, 4, 8), (277, 3, 1), (278, 3, 64), (279, 4, len(pixels))]
    directory = struct.pack(">H", len(entries))
    for tag, kind, value in entries:
        packed = struct.pack(">HH", value, 0) if kind == 3 else struct.pack(">L", value)
        directory += struct.pack(">HHL", tag, kind, 1) + packed
    data = b"MM\0*" + struct.pack(">L", 8 + len(pixels)) + pixels + directory + bytes(4)
    got = decode(data)
    assert far(got[..., 2], np.linspace(0, 255, 64 * 96).reshape(64, 96)) < 1


def test_sixteen_bit_colour_keeps_its_high_byte(decode):
    # Pillow reads 16-bit colour as 8 bits; the full range is that of the format.
    import zlib

    row = b"\0" + struct.pack(">3H", 0x8034, 0x1200, 0xFFFF) * 4
    chunks = [
        (b"IHDR", struct.pack(">LLBBBBB", 4, 4, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 4)),
        (b"IEND", b""),
    ]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))
        for name, body in chunks
    )
    assert decode(data, Framing(4, 4))[0, 0].tolist() == [0x80, 0x12, 0xFF]


def test_reduced_jpeg_looks_like_the_full_one(encode, decode):
    y, x = np.mgrid[0:900, 0:1200]
    large = Image.fromarray(np.dstack([x // 5, y // 4, (x + y) // 9]).clip(0, 255).astype(np.uint8))
    data = encode(large, "JPEG", quality=95)
    for geometry in ("squeeze", "pad", "crop"):
        framing = Framing(128, 128, geometry)
        full = KIND.decode(KIND.read(Item("x", value=np.asarray(large))), framing)
        assert far(decode(data, framing), full) < 2


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_kinds_of_jpeg(progressive, subsampling, picture, encode, decode):
    data = encode(picture, "JPEG", progressive=progressive, subsampling=subsampling, quality=95)
    assert far(decode(data), picture) < 4


def test_stray_bytes_are_forgiven(picture, encode, decode):
    data = encode(picture, "JPEG", quality=95)
    assert far(decode(data + b"behind the end"), picture) < 4
    before_end = data[:-2] + b"\x12\x34\x56" * 99 + data[-2:]
    with pytest.raises(ValueError, match="extraneous"):
        simplejpeg.decode_jpeg(before_end)
    assert far(decode(before_end), picture) < 4


def test_png_behind_its_end_is_nobodys_business(picture, encode, decode):
    assert far(decode(encode(picture, "PNG") + b"more"), picture) == 0


def test_bigtiff(picture, encode, decode):
    assert far(decode(encode(picture, "TIFF", big_tiff=True)), picture) == 0


@pytest.mark.parametrize("name", ["JPEG", "PNG", "BMP", "TIFF", "GIF", "AVIF"])
def test_pillows_limit_does_not_matter(name, picture, encode, decode, monkeypatch):
    data = encode(picture, name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert far(decode(data), picture) < 20
    assert Image.MAX_IMAGE_PIXELS == 100


def test_many_threads_agree(picture, encode):
    data = [encode(picture, name) for name in FORMATS]
    alone = [KIND.decode(Content(b"", one), Framing(30, 20)) for one in data]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda one: KIND.decode(Content(b"", one), Framing(30, 20)), data * 8)
        )
    for index, got in enumerate(together):
        np.testing.assert_array_equal(got, alone[index % len(data)])


# In memory


def rendered(value: object, size: tuple[int, int] = (4, 4)) -> np.ndarray:
    return KIND.decode(KIND.read(Item("item 0", value=value)), Framing(*size))


def test_arrays_of_bytes_are_taken_as_they_are():
    grey = np.arange(16, dtype=np.uint8).reshape(4, 4)
    for value in (grey, grey[..., None], np.dstack([grey] * 3)):
        np.testing.assert_array_equal(rendered(value), np.dstack([grey] * 3))
    assert (rendered(np.zeros((4, 4, 4), np.uint8)) == 255).all()  # nothing but transparency


def test_arrays_of_truth_values_and_fractions():
    truth = np.eye(4, dtype=bool)
    np.testing.assert_array_equal(rendered(truth)[..., 0], truth * np.uint8(255))
    fractions = np.linspace(0, 1, 16).reshape(4, 4)
    for kind in (np.float16, np.float32, np.float64):
        np.testing.assert_allclose(
            rendered(fractions.astype(kind))[..., 0], fractions * 255, atol=1
        )


@pytest.mark.parametrize("kind", ["u2", ">i4", "f4", "f8", "u8"])
def test_other_arrays_are_scaled_by_their_own_range(kind):
    values = (np.arange(16).reshape(4, 4) * 100 + 3).astype(kind)
    got = rendered(values)
    np.testing.assert_allclose(got[..., 0], np.linspace(0, 255, 16).reshape(4, 4), atol=1)


def test_extremes_of_numbers():
    values = np.array([[-1.7e308, 0], [0, 1.7e308]])
    assert rendered(values, (2, 2))[..., 0].tolist() == [[0, 128], [128, 255]]


@pytest.mark.parametrize(("kind", "full"), [("i8", 255), ("u2", 65535), ("i4", 10**6)])
def test_alpha_of_other_arrays_is_not_stretched(kind, full):
    value = np.full((4, 4, 4), 7, kind)
    value[0, 0] = 0
    value[..., 3] = full
    got = rendered(value)
    assert got[0, 0].tolist() == [0, 0, 0]
    assert got[3, 3].tolist() == [255, 255, 255]
    value[..., 3] = 0
    value[0, 0, 3] = full
    assert rendered(value)[3, 3].tolist() == [255, 255, 255]


def test_arrays_that_are_not_contiguous():
    base = np.arange(96, dtype=np.uint8).reshape(4, 8, 3)
    np.testing.assert_array_equal(rendered(base[:, ::2]), base[:, ::2])
    np.testing.assert_array_equal(rendered(base[:, 3::-1]), base[:, 3::-1])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((3, 8, 8)), "channels must come last"),
        (np.zeros(5), "shape"),
        (np.zeros((2, 2, 2, 2)), "shape"),
        (np.zeros((0, 5)), "no pixels"),
        (np.zeros((4, 4, 2)), "shape"),
        (np.full((4, 4), "a"), "type"),
        (np.zeros((4, 4), complex), "type"),
        (np.array([[0.0, np.nan]]), "NaN"),
        (np.array([[0.0, np.inf]]), "NaN"),
        ("text", "type str"),
        (None, "NoneType"),
    ],
)
def test_bad_array(value, said):
    with pytest.raises(BadItem, match=said) as caught:
        rendered(value)
    assert caught.value.reason == "bad_array"


def test_array_of_too_many_pixels():
    huge = np.broadcast_to(np.uint8(0), (20_000, 20_000))
    with pytest.raises(BadItem) as caught:
        KIND.read(Item("item 0", value=huge))
    assert caught.value.reason == "too_many_pixels"


def test_pil_images(picture, encode):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = picture.transpose(Image.Transpose.ROTATE_90)
    opened = Image.open(io.BytesIO(encode(lying, "PNG", exif=exif.tobytes())))
    assert far(rendered(opened, (64, 96)), picture) == 0
    assert far(rendered(picture.convert("HSV"), (64, 96)), picture) < 4
    assert (rendered(Image.new("RGBA", (4, 4))) == 255).all()
    assert (rendered(Image.new("La", (4, 4))) == 255).all()
    deep = rendered(Image.fromarray(_sixteen(3, 900)), (64, 96))[..., 0]
    assert (deep[0, 0], deep[-1, -1]) == (0, 255)


def test_pil_images_that_cannot_be_loaded(picture, encode):
    cut = Image.open(io.BytesIO(encode(picture, "JPEG")[:-50]))
    with pytest.raises(BadItem) as caught:
        rendered(cut)
    assert caught.value.reason == "truncated"
    with pytest.raises(BadItem) as caught:
        rendered(Image.new("L", (0, 4)))
    assert caught.value.reason == "corrupt"


def test_keys_name_the_content(tmp_path, picture, encode):
    data = encode(picture, "PNG")
    for name in ("a.png", "b.jpg"):
        (tmp_path / name).write_bytes(data)
    keys = {KIND.read(Item(name, tmp_path / name)).key for name in ("a.png", "b.jpg")}
    assert len(keys) == 1
    pixels = np.asarray(picture)
    values = [pixels, pixels.astype(np.int32), pixels.reshape(96, 64, 3), pixels + 1, picture]
    keys |= {KIND.read(Item("item 0", value=value)).key for value in values}
    assert len(keys) == 6
    assert {len(key) for key in keys} == {16}
    again = KIND.read(Item("item 9", value=pixels[:, ::-1][:, ::-1]))
    assert again.key in keys


def test_importing_is_cheap():
    heavy = "('PIL', 'simplejpeg', 'pandas', 'pyarrow', 'torch', 'sklearn')"
    code = f"import sys, topwork.data; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_decoding_needs_neither_tables_nor_networks(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "a.jpg")
    code = (
        "import sys; from topwork.data import *\n"
        f"for item in read_items({str(tmp_path)!r}):\n"
        "    kind = ImageModality(); kind.decode(kind.read(item), Framing(8, 8))\n"
        "print([m for m in ('pandas', 'pyarrow', 'torch', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_warning_escapes_from_pillow(picture, encode, decode):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name in FORMATS:
            data = encode(picture, name)
            for end in (20, 60, len(data) // 2):
                with pytest.raises(BadItem):
                    decode(data[:end])
    assert not caught
