"""Thumbnails, sizes, and pictures that are odd by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.quality.conftest import survey
from topwork.data import Content, ImageModality, Item
from topwork.data.images.image_size import image_size
from topwork.errors import BadItem
from topwork.quality import ODDITIES, ImageSimilarity, find_oddities, measure, thumbnail
from topwork.quality.images.thumbnails import SIDE


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), grey=st.integers(0, 255))
def test_a_thumbnail_averages_areas(seed: int, grey: int) -> None:
    assert (thumbnail(np.full((224, 224, 3), grey, np.uint8)) == grey).all()
    noise = np.random.default_rng(seed).integers(0, 256, (224, 224, 3)).astype(np.uint8)
    luma = noise @ [0.299, 0.587, 0.114]
    areas = luma.repeat(2, 0).repeat(2, 1).reshape(64, 7, 64, 7).mean(axis=(1, 3))
    assert np.abs(thumbnail(noise) - areas).max() < 1.01


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "bmp", "tiff", "gif"])
def test_sizes_come_from_headers(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    Image.new("RGB", (90, 40)).save(path)
    assert image_size(Content(b"", path.read_bytes())) == (90, 40)


def test_a_turned_picture_has_the_size_that_is_shown(tmp_path: Path) -> None:
    path, exif = tmp_path / "a.jpg", Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (90, 40)).save(path, exif=exif)
    similarity = survey([Item("a", path)])
    assert similarity.sizes.tolist() == [[40, 90]]


def test_what_is_no_picture_has_no_size() -> None:
    with pytest.raises(BadItem):
        image_size(Content(b"", b"not a picture at all"))


def test_items_that_vanish_are_not_odd(tmp_path: Path, pictures) -> None:
    items = [Item("gone", tmp_path / "gone.jpg"), Item("here", value=pictures[0])]
    similarity = survey(items)
    assert (
        similarity.sizes.tolist()
        == [[0, 0], [128, 128]]
        == measure(items, kind=ImageModality()).tolist()
    )
    assert len(similarity) == 2
    assert not any(len(where) for where in similarity.oddities().values())
    assert measure([], kind=ImageModality()).shape == (0, 2)


def test_oddities(seen) -> None:
    n = 40
    thumbnails, sizes = seen[:n].copy(), np.tile([640, 480], (n, 1))
    thumbnails[0], thumbnails[1] = 200, 5
    thumbnails[2] = seen[2] // 12
    sizes[3], sizes[4], sizes[5] = (12, 480), (6400, 4800), (2000, 200)
    found = find_oddities(thumbnails, sizes)
    assert set(found) == set(ODDITIES)
    assert {name: where.tolist() for name, where in found.items()} == {
        "blank": [0, 1],
        "dark": [1, 2],
        "tiny": [3],
        "size": [3, 4],
        "shape": [3, 5],
    }


def test_nothing_is_odd_in_nothing() -> None:
    none = ImageSimilarity(np.empty((0, SIDE, SIDE), np.uint8), np.empty((0, 2), np.int64))
    assert not any(len(where) for where in none.oddities().values())
