"""A wrong order of classes is told, and a right one never is."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.tasks.ordinal.suggested_order import suggested_order


def _predicted(order: list[int], n: int, seed: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Held-out probabilities of classes that really stand at these ranks."""
    rng, rank = np.random.default_rng(seed), np.array(order, float)
    codes = rng.integers(0, len(order), n)
    codes[: len(order)] = np.arange(len(order))
    seen = rank[codes] + noise * rng.normal(size=n)
    p = np.exp(-np.square(seen[:, None] - rank) / (2 * noise**2))
    return p / p.sum(axis=1, keepdims=True), codes


@pytest.mark.parametrize("k", [3, 5, 9])
@pytest.mark.parametrize("n", [60, 400])
def test_a_right_order_is_never_doubted(k: int, n: int) -> None:
    for seed in range(40):
        assert suggested_order(*_predicted(list(range(k)), n, seed, 0.8)) is None


def test_classes_without_any_order_are_rarely_given_one() -> None:
    """Where all are alike no order is better; the level holds over all orders together."""
    told = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        p, codes = rng.dirichlet(np.ones(4), 200), rng.integers(0, 4, 200)
        told += suggested_order(p, codes) is not None
    assert told <= 2


def test_a_wrong_order_is_told_with_the_right_one() -> None:
    right = [0, 3, 1, 2]  # the second class really is the last
    for seed in range(20):
        found = suggested_order(*_predicted(right, 300, seed, 0.8))
        assert found is not None
        assert found.order == (0, 2, 3, 1)
        assert found.error < 0.8 * found.given_error
    many = [*range(9)]
    many[2], many[7] = many[7], many[2]
    found = suggested_order(*_predicted(many, 900, 0, 0.8))
    assert found is not None
    assert [many[code] for code in found.order] == list(range(9))


def test_two_classes_and_perfect_predictions_say_nothing() -> None:
    codes = np.arange(90) % 3
    assert suggested_order(np.eye(3)[codes], codes) is None
    assert suggested_order(np.full((90, 2), 0.5), codes % 2) is None
    assert suggested_order(np.full((90, 4), 0.25), codes) is None
