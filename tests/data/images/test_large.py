"""Large pictures: the same pixels out of strips, in little memory, within limits one can set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.data import Appearance, Framing, ImageModality, Item
from topwork.data.images import modality as images_module
from topwork.data.preprocessing import strips
from topwork.errors import BadItem, ParameterError

FRAMINGS = (
    Framing(32, 32),
    Framing(30, 41, "pad", "bilinear"),
    Framing(24, 24, "crop", "lanczos"),
    Framing(16, 16, window=(0.2, 0.1, 0.83, 0.77)),
    Framing(16, 16, interpolation="nearest"),
)


def _images() -> dict[str, Image.Image]:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:411, :523]
    rgb = np.dstack([x % 256, y % 256, (x * y) % 251]).astype(np.uint8)
    picture = Image.fromarray(rgb)
    alpha = Image.fromarray(rng.integers(0, 256, rgb.shape[:2], dtype=np.uint8))
    multi_layer = picture.copy()
    multi_layer.putalpha(alpha)
    return {
        "RGB": picture,
        "P": picture.convert("P"),
        "L": picture.convert("L"),
        "1": picture.convert("1"),
        "RGBA": multi_layer,
        "LA": multi_layer.convert("LA"),
        "I;16": Image.fromarray((x * 7 + y).astype(np.uint16)),
    }


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
@pytest.mark.parametrize("mode", list(_images()))
def test_strips_give_the_same_pixels(mode, framing, tmp_path, monkeypatch) -> None:
    path = tmp_path / "a.png"
    _images()[mode].save(path, transparency=3) if mode == "P" else _images()[mode].save(path)
    for kind in (ImageModality(), ImageModality(Appearance((0.0, 4000.0), 0))):
        content = kind.read(Item("a", path))
        whole = kind.decode(content, framing)
        monkeypatch.setattr(images_module, "LARGE", 0)
        monkeypatch.setattr(strips, "_STRIP", 5000)
        np.testing.assert_array_equal(kind.decode(content, framing), whole)
        monkeypatch.undo()


MEMORY = """
import resource, sys
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from topwork.data import Framing, ImageModality, Item
kind = ImageModality()
path = Path(sys.argv[1])
def decode(_):
    return kind.decode(kind.read(Item("x", path)), Framing(64, 64))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with ThreadPoolExecutor(4) as pool:
    list(pool.map(decode, range(4)))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_large_pictures_are_decoded_one_at_a_time(tmp_path: Path) -> None:
    """Four at a time, of 16 megapixels each: no more than one is in memory, and that once."""
    side = 4000
    path = tmp_path / "a.png"
    Image.new("RGB", (side, side), (3, 9, 200)).save(path, compress_level=1)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 2 * 4 * side * side  # Pillow takes 4 bytes a pixel


def test_the_limits_can_be_set(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (400, 300), 7).save(path)
    kind, item = ImageModality(), Item("a", path)
    monkeypatch.setenv("TOPWORK_MAX_PIXELS", "100000")
    with pytest.raises(BadItem, match="allow it with TOPWORK_MAX_PIXELS=120000") as caught:
        kind.decode(kind.read(item), Framing(9, 9))
    assert caught.value.reason == "too_many_pixels"
    monkeypatch.setenv("TOPWORK_MAX_PIXELS", "120000")
    assert (kind.decode(kind.read(item), Framing(9, 9)) == 7).all()
    size = path.stat().st_size
    monkeypatch.setenv("TOPWORK_MAX_BYTES", str(size - 1))
    with pytest.raises(BadItem, match=f"allow it with TOPWORK_MAX_BYTES={size}"):
        kind.read(item)
    for variable in ("TOPWORK_MAX_PIXELS", "TOPWORK_MAX_BYTES"):
        monkeypatch.delenv("TOPWORK_MAX_BYTES", raising=False)
        monkeypatch.setenv(variable, "many")
        with pytest.raises(ParameterError, match=f"{variable} is 'many'"):
            kind.decode(kind.read(item), Framing(9, 9))
