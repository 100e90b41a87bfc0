"""Aligned pictures: what must not matter doesn't, what must matter does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from topwork.quality.images.alignment import aligned_correlation
from topwork.quality.images.perceptual_hash import hash_similarity, perceptual_hashes
from topwork.quality.images.thumbnails import thumbnail

EDGE = st.floats(0, 0.05)
ONE, TWO = np.array([0]), np.array([1])


def _thumbnail(image: Image.Image) -> np.ndarray:
    return thumbnail(np.asarray(image.resize((224, 224), Image.Resampling.BICUBIC)))


@settings(max_examples=30, deadline=None)
@given(which=st.integers(0, 60), left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)
def test_any_small_crop_fits(pictures, which, left, right, top, bottom) -> None:
    image = pictures[which]
    w, h = image.size
    cropped = image.crop(
        (round(left * w), round(top * h), w - round(right * w), h - round(bottom * h))
    )
    both = np.stack([_thumbnail(image), _thumbnail(cropped)])
    assert aligned_correlation(both, ONE, TWO)[0] > 0.96
    assert hash_similarity(perceptual_hashes(both), ONE, TWO)[0] > 0.88


@settings(max_examples=20, deadline=None)
@given(which=st.integers(0, 60), gain=st.floats(0.5, 1.0), offset=st.integers(0, 60))
def test_brightness_and_contrast_cancel(pictures, which, gain, offset) -> None:
    plain = _thumbnail(pictures[which])
    changed = (plain * gain * 0.75 + offset).astype(np.uint8)
    assert aligned_correlation(np.stack([plain, changed]), ONE, TWO)[0] > 0.98


def test_it_is_symmetric_and_at_most_one(seen) -> None:
    first, second = np.triu_indices(40, 1)
    there, back = (aligned_correlation(seen, *pair) for pair in ((first, second), (second, first)))
    np.testing.assert_allclose(there, back, atol=1e-6)
    assert there.max() < 0.96
    assert there.min() >= -1


def test_a_picture_is_itself(seen) -> None:
    same = np.arange(len(seen))
    np.testing.assert_allclose(aligned_correlation(seen, same, same), 1, atol=1e-4)


def test_one_grey_is_like_nothing(seen) -> None:
    both = np.stack([seen[0], np.full((64, 64), 90, np.uint8)])
    assert aligned_correlation(both, ONE, TWO)[0] == 0
    assert hash_similarity(perceptual_hashes(both), ONE, TWO)[0] == 0
