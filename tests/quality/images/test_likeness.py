"""What is asked for follows the data."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.quality.images.candidates import Candidates, best_of_each, find_candidates, ranks
from topwork.quality.images.duplicate_threshold import (
    ALIKE,
    MAX,
    PairSimilarities,
    confirmed,
    extrapolated,
    threshold,
)
from topwork.quality.neighbours import unit_rows


def _all_pairs(n: int) -> Candidates:
    return Candidates(*np.triu_indices(n, 1))


def _asked(correlations: np.ndarray, codes: np.ndarray) -> np.ndarray:
    pairs = _all_pairs(len(codes))
    evidence = PairSimilarities(
        pairs, correlations.astype(np.float32), np.zeros(len(pairs), np.float32)
    )
    return threshold(evidence, codes, len(codes), most=MAX)


@pytest.mark.parametrize(("like", "low", "high"), [(0.3, ALIKE, ALIKE), (0.95, 0.97, 0.9999)])
def test_more_is_asked_for_where_classes_look_alike(like: float, low: float, high: float) -> None:
    rng = np.random.default_rng(0)
    codes = np.arange(40) % 4
    correlations = rng.normal(like, 0.01, 40 * 39 // 2)
    asked = _asked(correlations, codes)
    assert (asked >= low).all()
    assert (asked <= high).all()


def test_only_the_class_that_looks_alike_is_asked_more() -> None:
    codes = np.repeat([0, 1], 20)
    pairs = _all_pairs(40)
    alike = (codes[pairs.first] == 0) & (codes[pairs.second] == 0)
    rng = np.random.default_rng(0)
    correlations = np.where(alike, rng.normal(0.95, 0.01, len(pairs)), 0.2)
    asked = _asked(correlations, codes)
    assert (asked[codes == 0] > 0.965).all()
    assert (asked[codes == 1] == ALIKE).all()


def test_the_tail_is_not_taken_from_what_spoils_it() -> None:
    rng = np.random.default_rng(0)
    values = 1 - np.exp(-rng.normal(2.2, 0.15, 500))
    spoilt = np.where(np.arange(500) < 25, 0.9999, values)
    assert extrapolated(spoilt) < extrapolated(values) + 0.02
    assert np.quantile(spoilt, 0.999) > 0.999


def test_features_help_where_pixels_nearly_agree() -> None:
    pairs = Candidates(np.array([0, 0, 1, 2, 4]), np.array([1, 2, 3, 3, 5]))
    codes = np.array([0, 0, 1, 1, 0, 0])
    correlations = np.array([0.94, 0.3, 0.3, 0.94, 0.97], np.float32)
    cosines = np.array([0.9, 0.5, 0.5, 0.4, 0.2], np.float32)
    found, undecided = confirmed(PairSimilarities(pairs, correlations, cosines), codes, 6)
    assert found.tolist() == [True, False, False, False, True]
    assert not undecided.any()


def test_candidates_hold_the_nearest_of_all_and_of_another_class() -> None:
    rng = np.random.default_rng(0)
    space, codes = rng.normal(size=(60, 5)), np.arange(60) % 3
    units = unit_rows(space)
    found = find_candidates([(units, units)], codes)
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert (found.first < found.second).all()
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    for i in range(60):
        other = np.where(codes == codes[i], -2, cosines[i])
        for j in (*np.argsort(-cosines[i])[:5], other.argmax()):
            assert (min(i, j), max(i, j)) in pairs


def test_one_class_has_no_neighbours_elsewhere() -> None:
    units = np.eye(3, dtype=np.float32)
    found = find_candidates([(units, units)], np.zeros(3, int))
    assert len(found) == 3


def test_ranks_and_the_best_of_each() -> None:
    pairs = Candidates(np.array([0, 0, 0, 0, 1]), np.array([1, 2, 3, 4, 2]))
    values = np.array([0.9, 0.8, 0.7, 0.6, 0.95], np.float32)
    assert ranks(pairs, values).tolist() == [[0, 1, 2, 3, 0], [1, 1, 0, 0, 0]]
    assert best_of_each(pairs, values, None).tolist() == [True] * 5
    codes = np.array([0, 1, 1, 1, 1])
    assert best_of_each(pairs, values, codes).all()
