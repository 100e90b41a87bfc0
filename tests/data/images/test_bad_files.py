"""Every kind of bad file is rejected with its reason, and none of them is fatal."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.data import MAX_BYTES, REASONS, Framing, ImageModality, Item
from topwork.errors import BadItem

KIND = ImageModality()
FRAMING = Framing(16, 16)


def reason_of(path: Path) -> str:
    with pytest.raises(BadItem) as caught:
        KIND.decode(KIND.read(Item(str(path), path)), FRAMING)
    assert caught.value.reason in REASONS
    return caught.value.reason


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))
        for name, body in chunks
    )


def header(width: int, height: int) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)


NOISE = np.random.default_rng(0).bytes(5000)
END = (b"IEND", b"")
MADE = {
    "zero bytes": (b"", "empty"),
    "one byte": (b"\xff", "not_an_image"),
    "zeros": (bytes(4000), "not_an_image"),
    "noise": (NOISE, "not_an_image"),
    "text": (b"this is not a picture\n" * 9, "not_an_image"),
    "text that starts like a bitmap": (b"BMW and other cars are made here " * 3, "not_an_image"),
    "web page": (b"\n<!DOCTYPE html><html>404</html>", "not_an_image"),
    "svg": (
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "unsupported_format",
    ),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not_an_image"),
    "zip": (b"PK\x03\x04" + NOISE, "not_an_image"),
    "gzip": (b"\x1f\x8b" + NOISE, "not_an_image"),
    "lfs pointer": (b"version https://git-lfs.github.com/spec/v1\noid 1\n", "not_an_image"),
    "photoshop": (b"8BPS\0\x01" + NOISE, "unsupported_format"),
    "icon": (b"\0\0\x01\0\x01\0" + NOISE, "unsupported_format"),
    "jpeg 2000": (b"\0\0\0\x0cjP  \r\n\x87\n" + NOISE, "unsupported_format"),
    "jpeg xl": (b"\xff\x0a" + NOISE, "unsupported_format"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + NOISE, "unsupported_format"),
    "dicom": (bytes(128) + b"DICM" + NOISE, "no_pixels"),
    "netpbm": (b"P7\nWIDTH 4\n" + NOISE, "unsupported_format"),
    "png signature alone": (b"\x89PNG\r\n\x1a\n", "truncated"),
    "png header alone": (png(header(20, 20)), "truncated"),
    "png bomb": (png(header(50_000, 50_000)), "too_many_pixels"),
    "png of no pixels": (png(header(0, 20), END), "corrupt"),
    "png without pixels": (png(header(20, 20), END), "corrupt"),
    "png of nonsense": (png((b"ABCD", NOISE), header(20, 20), END), "corrupt"),
    "gif bomb": (b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + b"\0\0\0,", "too_many_pixels"),
    "gif header alone": (b"GIF89a" + struct.pack("<HH", 20, 20) + b"\0\0\0", "truncated"),
    "bmp bomb": (
        b"BM"
        + struct.pack("<LLL", 99, 0, 54)
        + struct.pack("<LllHH", 40, 30_000, 30_000, 1, 24)
        + bytes(24),
        "too_many_pixels",
    ),
    "webp bomb": (
        b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0" + bytes(32),
        "too_many_pixels",
    ),
    "webp header alone": (b"RIFF\x30\0\0\0WEBPVP8 ", "truncated"),
    "webp of nonsense": (b"RIFF\x30\0\0\0WEBPABCD" + bytes(60), "corrupt"),
    "jpeg header alone": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", "truncated"),
    "jpeg of nothing": (b"\xff\xd8\xff\xd9", "corrupt"),
    "jpeg bomb": (
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0"
        b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0" + bytes(50),
        "too_many_pixels",
    ),
    "tiff header alone": (b"II*\0\x08\0\0\0", "truncated"),
    "tiff of four bytes": (b"II*\0", "truncated"),
    "tiff without dimensions": (b"II*\0\x08\0\0\0\0\0\0\0\0\0", "corrupt"),
    "avif header alone": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "truncated"),
}


@pytest.mark.parametrize("case", MADE)
def test_made_by_hand(case, tmp_path):
    data, reason = MADE[case]
    path = tmp_path / "x.jpg"
    path.write_bytes(data)
    assert reason_of(path) == reason


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated(name, share, picture, encode, tmp_path):
    data = encode(picture, name)
    path = tmp_path / "x.jpg"
    path.write_bytes(data[: int(len(data) * share)])
    assert reason_of(path) == "truncated"


@pytest.mark.parametrize("compression", ["tiff_lzw", "jpeg", "tiff_adobe_deflate"])
def test_truncated_tiff(compression, picture, encode, tmp_path):
    data = encode(picture, "TIFF", compression=compression)
    path = tmp_path / "x.tif"
    for end in (8, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:end])
        assert reason_of(path) == "truncated"


def test_jpeg_without_its_last_bytes(picture, encode, tmp_path):
    path = tmp_path / "x.jpg"
    path.write_bytes(encode(picture, "JPEG")[:-2])
    assert reason_of(path) == "truncated"


@pytest.mark.parametrize("chunk", [b"IHDR", b"IDAT"])
def test_wrong_checksum(chunk, picture, encode, tmp_path):
    data = bytearray(encode(picture, "PNG"))
    start = data.index(chunk)
    data[start + 4 + int.from_bytes(data[start - 4 : start], "big")] ^= 0xFF
    path = tmp_path / "x.png"
    path.write_bytes(bytes(data))
    assert reason_of(path) == "corrupt"


def test_garbled_gif(picture, encode, tmp_path):
    data = bytearray(encode(picture, "GIF"))
    data[-400:-300] = NOISE[:100]
    path = tmp_path / "x.gif"
    path.write_bytes(bytes(data))
    assert reason_of(path) == "corrupt"


def test_float_tiff_without_a_number(encode, tmp_path):
    path = tmp_path / "x.tif"
    path.write_bytes(encode(Image.fromarray(np.full((4, 4), np.nan, np.float32)), "TIFF"))
    assert reason_of(path) == "corrupt"


def test_webp_over_pillows_limit(picture, encode, tmp_path, monkeypatch):
    path = tmp_path / "x.webp"
    path.write_bytes(encode(picture, "WEBP"))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert reason_of(path) == "too_many_pixels"


def test_lossless_webp_bomb(tmp_path):
    size = (16383 << 14 | 16383).to_bytes(4, "little")
    path = tmp_path / "x.webp"
    path.write_bytes(b"RIFF\x30\0\0\0WEBPVP8L\x28\0\0\0\x2f" + size + bytes(40))
    assert reason_of(path) == "too_many_pixels"


def test_more_than_a_hundred_megabytes(tmp_path):
    path = tmp_path / "x.jpg"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert reason_of(path) == "too_large"


def test_missing(tmp_path):
    assert reason_of(tmp_path / "x.jpg") == "missing"
    (tmp_path / "file").write_bytes(b"x")
    assert reason_of(tmp_path / "file" / "x.jpg") == "missing"


def test_broken_link(tmp_path):
    (tmp_path / "x.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert reason_of(tmp_path / "x.jpg") == "missing"


def test_loop_of_links(tmp_path):
    (tmp_path / "a.jpg").symlink_to(tmp_path / "b.jpg")
    (tmp_path / "b.jpg").symlink_to(tmp_path / "a.jpg")
    assert reason_of(tmp_path / "a.jpg") == "unreadable"


def test_unspeakable_name():
    assert reason_of(Path("a\0b.jpg")) == "unreadable"


def test_no_permission(tmp_path, picture, monkeypatch):
    path = tmp_path / "x.png"
    picture.save(path)

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert reason_of(path) == "unreadable"


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
def test_things_that_are_never_opened(kind, tmp_path, monkeypatch):
    path = tmp_path / "x.jpg"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        import socket

        monkeypatch.chdir(tmp_path)  # the names of sockets are short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("x.jpg")
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(BadItem, match=kind) as caught:
        KIND.read(Item(str(path), path))
    assert caught.value.reason == "not_a_file"


def test_reasons_are_sentences():
    assert all(text.endswith(".") and text[0].isupper() for text in REASONS.values())
