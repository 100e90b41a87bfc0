"""Where there is nothing to transfer, or nothing to learn, the program says so."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from topwork.data import Dataset, read
from topwork.inductive import fit
from topwork.trials.gains.transfer_gain import NEGLIGIBLE, TransferGain


def _data(images: list[np.ndarray], labels: list[str]) -> Dataset:
    return read(images, labels)


def _textures(n: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Pictures in which any network sees something, and of which none tells its label."""
    y, x = np.mgrid[:64, :64]
    pictures = []
    for _ in range(n):
        fx, fy, phase = rng.uniform(0.05, 0.6), rng.uniform(0.05, 0.6), rng.uniform(0, 6)
        grey = 90 + 60 * np.sin(fx * x + fy * y + phase) + rng.normal(0, 8, (64, 64))
        pictures.append(grey.clip(0, 255).astype(np.uint8)[..., None].repeat(3, axis=2))
    return pictures


def _assert_the_sentence_says_what_the_interval_holds(transfer: TransferGain) -> None:
    """Where there is nothing to gain, or nothing that can be told."""
    gain = transfer.gain
    assert -1 <= gain.low <= gain.difference <= gain.high <= 1
    assert gain.low <= 0
    none = gain.high < NEGLIGIBLE
    assert transfer.helps is (False if none else None)
    assert ("does not help here" if none else "No gain from transfer") in transfer.sentence


@pytest.mark.parametrize("seed", range(4))
def test_random_labels_teach_nothing_and_it_says_so(seed: int, session_cache) -> None:
    pictures = _textures(120, np.random.default_rng(5))
    labels = [str(c) for c in np.random.default_rng(seed).permutation(np.arange(120) % 3)]
    fitted = fit(_data(pictures, labels))
    score = fitted.result.scores.balanced_accuracy
    assert score.low <= 1 / 3 <= score.high
    assert fitted.result.tried[0].chosen, "the majority class is the simplest of equals"
    _assert_the_sentence_says_what_the_interval_holds(fitted.result.transfer)
    assert "not distinguishable from guessing" in fitted.model.parts.pages["report.html"]


def test_a_label_that_is_the_brightness_needs_no_network(session_cache) -> None:
    rng = np.random.default_rng(6)
    pictures = _textures(160, rng)
    shift = rng.uniform(-60, 60, 160)
    pictures = [
        (p.astype(float) + s).clip(0, 255).astype(np.uint8)
        for p, s in zip(pictures, shift, strict=True)
    ]
    bright = [float(p.mean()) for p in pictures]
    labels = ["bright" if b > np.median(bright) else "dark" for b in bright]
    fitted = fit(_data(pictures, labels))
    assert fitted.result.backbone == "pixels"
    assert fitted.result.transfer.helps is not True
    _assert_the_sentence_says_what_the_interval_holds(fitted.result.transfer)
    assert fitted.result.scores.balanced_accuracy.value > 0.9


def test_handwritten_digits_are_read_from_their_pixels(session_cache) -> None:
    digits = load_digits()
    rows = np.concatenate([np.flatnonzero(digits.target == d)[:30] for d in range(10)])
    pictures = [(digits.images[i] * 15.9).astype(np.uint8) for i in rows]
    fitted = fit(_data(pictures, [str(digits.target[i]) for i in rows]))
    assert fitted.result.backbone == "pixels"
    assert fitted.result.transfer.helps is not True
    _assert_the_sentence_says_what_the_interval_holds(fitted.result.transfer)
    assert fitted.model.predict(pictures[:1]).tolist() == [str(digits.target[rows[0]])]
