"""Pictures are small, whatever they show."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from topwork.errors import ParameterError
from topwork.report import Member, saliency_data_uri, thumbnail_data_uri
from topwork.report.images import LONGEST_URI


def opened(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


@pytest.mark.parametrize("shape", [(1, 1), (40, 30), (300, 200), (1, 5000), (97, 4)])
def test_longer_side_fits(shape: tuple[int, int]) -> None:
    image = opened(thumbnail_data_uri(np.full((*shape, 3), 90, np.uint8)))
    assert max(image.size) == min(96, max(shape))


@pytest.mark.parametrize("side", [96, 1024])
def test_noise_fits_too(side: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3)).astype(np.uint8)
    uri = thumbnail_data_uri(noise[:side, :side], side)
    assert len(uri) <= LONGEST_URI
    assert Member(path="p", image=uri).image == uri


@pytest.mark.parametrize(
    "rgb",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_anything_else_is_refused(rgb: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="uint8"):
        thumbnail_data_uri(rgb)


@pytest.mark.parametrize(
    "uri",
    [
        "http://example.invalid/a.jpg",
        "javascript:alert(1)",
        "data:text/html;base64,AAAA",
        "data:image/svg+xml;base64,AAAA",
        'data:image/jpeg;base64,AAAA" onerror="alert(1)',
        "data:image/jpeg;base64,AAAA\n",
        "data:image/jpeg;base64," + "A" * LONGEST_URI,
    ],
)
def test_a_record_takes_nothing_but_small_pictures(uri: str) -> None:
    with pytest.raises(ValidationError):
        Member(path="p", image=uri)


def test_the_salient_place_glows() -> None:
    rgb = np.full((64, 64, 3), 100, np.uint8)
    heat = np.zeros((8, 8))
    heat[:, :4] = 1.0
    shown = np.asarray(opened(saliency_data_uri(rgb, heat)).convert("RGB"), float)
    assert shown[:, :24, 0].mean() > shown[:, 40:, 0].mean() + 50
    assert np.ptp(shown[:, 44:], axis=2).max() < 20


@pytest.mark.parametrize("heat", [np.zeros((3, 3)), np.full((2, 2), np.nan), np.ones((1, 1))])
def test_a_flat_map_marks_nothing_in_particular(heat: np.ndarray) -> None:
    shown = np.asarray(opened(saliency_data_uri(np.full((32, 32, 3), 100, np.uint8), heat)), float)
    assert np.ptp(shown) < 20


def test_a_map_has_two_dimensions() -> None:
    with pytest.raises(ParameterError, match="saliency"):
        saliency_data_uri(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 1)))
