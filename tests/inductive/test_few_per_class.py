"""Where there are too few items per class to compare models, what was asked for is used."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.data import read
from topwork.inductive import FitResult, FitSettings, fit


def _fit(counts: list[int], rng: np.random.Generator, **settings: object) -> FitResult:
    """On pictures of one colour and some noise for each class."""
    pictures, labels = [], []
    colours = rng.uniform(30, 225, (len(counts), 3))
    for label, n in enumerate(counts):
        for _ in range(n):
            noisy = colours[label] + rng.normal(0, 8, (12, 12, 3))
            pictures.append(noisy.clip(0, 255).astype(np.uint8))
            labels.append(f"c{label:03d}")
    chosen = FitSettings(backbone="pixels", cache=False, **settings)  # type: ignore[arg-type]
    return fit(read(pictures, labels), chosen).result


def _assert_nothing_is_claimed(result: FitResult) -> None:
    assert result.transfer is not None
    gain = result.transfer.gain
    assert result.transfer.helps is None
    assert "too few images per class" in result.transfer.sentence
    assert "does not help" not in result.transfer.sentence
    if gain.low is not None and gain.high is not None:
        assert -1 <= gain.low <= gain.difference <= gain.high <= 1


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize("n_classes", [2, 7, 36])
def test_one_to_three_items_per_class_never_ship_the_constant(n_classes: int, most: int) -> None:
    rng = np.random.default_rng([n_classes, most])
    counts = rng.integers(1, most + 1, n_classes).tolist()
    result = _fit(counts, rng)
    assert [t.chosen for t in result.tried] == [False, True]
    assert result.choice is not None
    assert not result.choice.ranked
    _assert_nothing_is_claimed(result)


@pytest.mark.parametrize("few", [2, 3, 4])
def test_a_class_of_few_beside_many_is_not_given_up(few: int) -> None:
    """All numbers on the screen agree: what is selected has the score that the gain is from."""
    result = _fit([60, few], np.random.default_rng(few))
    majority, chosen = result.tried
    assert chosen.chosen
    _assert_nothing_is_claimed(result)
    assert majority.scores is not None
    assert chosen.scores is not None
    assert result.scores == chosen.scores
    gain = chosen.scores.balanced_accuracy.value - majority.scores.balanced_accuracy.value
    assert result.transfer is not None
    assert result.transfer.gain.difference == pytest.approx(gain)
    assert gain > 0


@pytest.mark.parametrize("seed", range(3))
def test_the_gain_is_the_difference_of_the_scores_shown(seed: int) -> None:
    """Also where the selection changes from fold to fold."""
    rng = np.random.default_rng(seed)
    pictures = list(rng.integers(0, 256, (60, 12, 12, 3), dtype=np.uint8))
    for i in range(0, 60, 2):
        pictures[i] = (pictures[i] * 0.985).astype(np.uint8)
    result = fit(
        read(pictures, ["dim", "bright"] * 30), FitSettings(backbone="pixels", cache=False)
    ).result
    majority, pixels = result.tried
    assert majority.scores is not None
    assert pixels.scores is not None
    assert result.transfer is not None
    shown = pixels.scores.balanced_accuracy.value - majority.scores.balanced_accuracy.value
    assert result.transfer.gain.difference == pytest.approx(shown)
