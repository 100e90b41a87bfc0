"""The nearest rows are those of comparing all of them, also along few axes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topwork.unsupervised.retrieval.exact_neighbours import ExactNeighbours
from topwork.unsupervised.retrieval.neighbours import largest
from topwork.unsupervised.retrieval.search_index import neighbours_of


def rows_like_features(n: int, d: int, seed: int, *, decay: float) -> np.ndarray:
    """Positive rows whose variance falls from axis to axis; with equal ones and one of zeros."""
    rng = np.random.default_rng(seed)
    spread = np.arange(1, d + 1) ** -decay
    turned = np.linalg.qr(rng.normal(size=(d, d)))[0]
    rows = np.abs(rng.normal(size=(n, d)) * spread @ turned + 0.3 * turned[0])
    rows[5], rows[7] = rows[3], 0
    return rows.astype(np.float16)


def by_hand(rows: np.ndarray, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    wide = rows.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1)
    found = wide @ query / np.maximum(lengths, 1e-30) / np.linalg.norm(query)
    order = np.argsort(-np.float32(found), kind="stable")[:k]
    return order, found[order]


@pytest.mark.parametrize("decay", [0.0, 1.0])
@pytest.mark.parametrize("few", [0, 10**6])
def test_are_the_nearest_of_all(few: int, decay: float) -> None:
    rows = rows_like_features(1500, 600, 0, decay=decay)
    finder = ExactNeighbours(rows, few=few)
    for position in (0, 3, 11):
        query = rows[position].astype(np.float64) + 0.01
        order, similarities = by_hand(rows, query, 10)
        found = finder.nearest(query.astype(np.float32), 10)
        np.testing.assert_allclose(found.similarities, similarities, atol=1e-5)
        assert set(order[similarities > similarities[-1] + 1e-5]) <= set(found.positions.tolist())
    assert len(finder.nearest(rows[0], 5000)) == len(finder) == 1500


def test_an_index_finds_nearly_all() -> None:
    rows = rows_like_features(3000, 600, 1, decay=1.0)
    exact, indexed = ExactNeighbours(rows), neighbours_of(rows, exact_up_to=2999)
    assert (exact.exact, indexed.exact, len(indexed)) == (True, False, 3000)
    hits = 0
    for position in range(40, 60):
        one, other = (finder.nearest(rows[position], 10) for finder in (exact, indexed))
        assert np.all(np.diff(other.similarities) <= 0)
        assert other.positions[0] == position
        hits += len(set(one.positions) & set(other.positions))
    assert hits >= 0.9 * 200
    assert len(indexed.nearest(rows[0], 5000)) == 3000


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(1, 40))
def test_largest_is_a_stable_sort(values: list[int], k: int) -> None:
    similarities = np.float32(values)
    found = largest(np.arange(len(values)), similarities, k)
    expected = np.argsort(-similarities, kind="stable")[:k]
    assert found.positions.tolist() == expected.tolist()
    assert found.similarities.tolist() == similarities[expected].tolist()
