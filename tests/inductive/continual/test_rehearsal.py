"""What a model keeps of its items, merged with new ones, and Gaussian replay of those gone."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.inductive.continual import gaussian_replay
from topwork.model import Rows, merge, summarise


def _rows(rng: np.random.Generator, codes: np.ndarray, d: int = 6) -> np.ndarray:
    turn = np.linspace(0.5, 2, d)
    return (rng.normal(size=(len(codes), d)) * turn + 3 * codes[:, None]).astype(np.float32)


def _summary(x: np.ndarray, codes: np.ndarray, k: int):
    keys = [row.tobytes()[:16] for row in x]
    groups = np.arange(len(x))
    logits = np.zeros((len(x), k), np.float32)
    return summarise(x, codes, k, keys, groups=groups, seed=0, logits=logits)


def test_merged_statistics_are_those_of_all_items() -> None:
    rng = np.random.default_rng(0)
    old, new = np.repeat([0, 1], [50, 30]), np.repeat([1, 2], [25, 12])
    x, y = _rows(rng, old), _rows(rng, new) + np.float32(0.4)
    past, whole = _summary(x, old, 2), _summary(np.r_[x, y], np.r_[old, new], 3)
    r = len(past.rehearsal)
    rows = Rows(
        features=np.r_[past.rehearsal, y],
        codes=np.r_[past.rehearsal_codes, new],
        groups=np.arange(r + len(y)) + 1000,
        added=np.arange(r + len(y)) >= r,
        keys=[row.tobytes()[:16] for row in y],
        logits=np.zeros((r + len(y), 3), np.float32),
    )
    merged = merge(past, rows, 3, seed=0)
    np.testing.assert_array_equal(merged.counts, whole.counts)
    np.testing.assert_allclose(merged.means, whole.means, atol=1e-5)
    np.testing.assert_allclose(merged.covariance, whole.covariance, atol=1e-4)
    np.testing.assert_array_equal(merged.keys, whole.keys)
    np.testing.assert_array_equal(np.sort(merged.codes), np.sort(whole.codes))
    assert np.bincount(merged.rehearsal_codes).tolist() == [20, 20, 12]
    assert len(merged.rehearsal_logits) == 52
    # of class 1, 20 rows that stand for 30 items and 25 that stand for themselves
    of_1 = [merge(past, rows, 3, seed=seed).rehearsal_groups for seed in range(60)]
    share = np.mean([((g >= 1020) & (g < 1040)).sum() / 20 for g in of_1])
    assert share == pytest.approx(30 / 55, abs=0.1)


def test_stand_ins_are_drawn_like_the_items_that_are_gone(monkeypatch) -> None:
    """Exactly their means and covariance, whatever lies at hand."""
    monkeypatch.setattr(gaussian_replay, "MAX_OF_A_CLASS", 20_000)
    monkeypatch.setattr(gaussian_replay, "MAX_IN_ALL", 100_000)
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], [4000, 6000])
    x = _rows(rng, codes, 3)
    x[:50] += 40  # odd ones that are at hand must not show
    past = _summary(x, codes, 2)
    at_hand = np.arange(len(x)) < 50
    found = gaussian_replay.gaussian_replay(past, x, codes, at_hand=at_hand, seed=0)
    assert np.bincount(found.codes).tolist() == [3950, 6000]
    assert found.sample_weight.tolist() == [1.0] * 9950
    for c in (0, 1):
        gone = x[~at_hand & (codes == c)]
        drawn = found.features[found.codes == c]
        np.testing.assert_allclose(drawn.mean(0), gone.mean(0), atol=0.1)
        np.testing.assert_allclose(np.cov(drawn.T), np.cov(gone.T), atol=0.3)


def test_nothing_stands_in_where_nothing_is_gone() -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 5)
    x = _rows(rng, codes)
    past = _summary(x, codes, 2)
    found = gaussian_replay.gaussian_replay(past, x, codes, at_hand=np.ones(10, bool), seed=0)
    assert found.features.shape == (0, 6)
