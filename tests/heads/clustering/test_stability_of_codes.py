"""The stability of clusters that were found in another way than by k-means."""

from __future__ import annotations

import numpy as np

from topwork.heads.clustering import spherical_kmeans, stability
from topwork.heads.clustering.stability import summary


def test_it_is_that_of_the_given_clusters_in_their_order() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(np.eye(3, dtype=np.float32), (30, 20, 10), axis=0)
    rows += rng.normal(scale=0.05, size=rows.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    codes = spherical_kmeans(rows, 3).codes
    assert stability(rows, 3, codes=codes) == stability(rows, 3)
    mixed = np.where(codes == 2, 0, np.where(np.arange(60) % 2, 1, 2))
    found = stability(rows, 3, codes=mixed)
    assert found[0].value > 0.9
    assert max(found[1].value, found[2].value) < 0.7


def test_the_mean_lies_within_its_interval() -> None:
    """One half of fifty that is unlike the others moves the mean, and no quantile."""
    found = summary(np.array([0.9] + [1.0] * 49))
    assert (found.low, found.value, found.high) == (found.value, 0.998, 1.0)
