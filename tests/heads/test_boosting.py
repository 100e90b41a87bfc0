"""Boosted trees as arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from topwork.heads.boosting import Trees, grow_trees, logits_of

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 5)).astype(np.float32)
X[:, 4] = rng.integers(0, 3, 300)
Y = X[:, 0] * X[:, 1] + X[:, 4] + 0.1 * rng.normal(size=300)


@pytest.mark.parametrize("k", [None, 2, 3])
def test_arrays_say_what_scikit_learn_says(k: int | None) -> None:
    targets = Y if k is None else np.digitize(Y, np.quantile(Y, np.arange(1, k) / k))
    grown = grow_trees(X, targets, classes=k is not None, iterations=20)
    trees = grown.trees()
    new = np.concatenate([X, 3 * rng.normal(size=(500, 5)).astype(np.float32)])
    assert np.abs(trees.outputs(new) - grown.outputs(new)).max() < 1e-6
    assert np.abs(list(grown.staged(new))[-1] - grown.outputs(new)).max() < 1e-9
    assert trees.problem() == ""
    if k is not None:
        assert logits_of(trees.outputs(X), k).shape == (300, k)


def test_what_would_not_end_or_reads_elsewhere_is_told() -> None:
    trees = grow_trees(X, Y, classes=False, iterations=3).trees()

    def with_first(name: str, value: float) -> Trees:
        array = getattr(trees, name).copy()
        array[0] = value
        return replace(trees, **{name: array})

    for name, value in (
        ("left", 0),
        ("right", 10**6),
        ("feature", 5),
        ("feature", -2),
        ("first", 1),
        ("baseline", np.inf),
        ("value", np.nan),
        ("threshold", np.nan),
    ):
        assert with_first(name, value).problem(), name
    assert replace(trees, first=trees.first[:0]).problem()
