import numpy as np
import pytest

from topwork.heads import fit_centroid, normalise_rows


def test_order_is_that_of_centred_cosines(clustered):
    X, codes = clustered(60, 12, 4)
    rows = normalise_rows(X).astype(np.float64)
    means = np.stack([rows[codes == c].mean(axis=0) for c in range(4)])
    means -= (centre := means.mean(axis=0))
    cosines = ((rows - centre) @ means.T) / np.linalg.norm(means, axis=1)
    logits = fit_centroid(X, codes, 4, scale=7).logits(X)
    assert logits == pytest.approx(7 * cosines, abs=1e-4)


def test_one_item_a_class_finds_itself(clustered):
    X, _ = clustered(5, 20, 5)
    assert fit_centroid(X, np.arange(5), 5).logits(X).argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_a_class_without_items_gets_no_probability(clustered):
    X, codes = clustered(20, 8, 2)
    assert fit_centroid(X, 2 * codes, 3).probabilities(X)[:, 1].max() < 1e-8


def test_equal_items_are_equally_likely():
    probabilities = fit_centroid(np.ones((4, 3)), np.array([0, 0, 1, 1]), 2).probabilities(
        np.eye(3)
    )
    assert probabilities == pytest.approx(0.5)
