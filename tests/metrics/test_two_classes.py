"""Sensitivity and specificity by threshold, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.metrics.two_classes import two_classes


@pytest.mark.parametrize(
    ("labels", "positive"),
    [(("no", "yes"), "yes"), (("spam", "ham"), "spam"), (("a", "b"), "b"), (("1", "0"), "1")],
)
def test_which_class_is_looked_for(labels: tuple[str, str], positive: str) -> None:
    """By its name, else the second, so that it is the same on all data."""
    codes = np.array([0, 0, 0, 1])
    found = two_classes(labels, codes, np.full((4, 2), 0.5))
    assert found is not None
    assert found.positive == positive


def test_rows_are_shares_of_the_items() -> None:
    codes = np.array([0] * 50 + [1] * 10)
    p = np.concatenate([np.linspace(0.01, 0.6, 50), np.linspace(0.2, 0.99, 10)])
    found = two_classes(("no", "yes"), codes, np.stack([1 - p, p], axis=1))
    assert found is not None
    for row in found.rows:
        said = p >= row.threshold
        assert row.sensitivity == np.mean(said[codes == 1])
        assert row.specificity == np.mean(~said[codes == 0])
        hits = np.sum(said & (codes == 1))
        assert row.positive_predictive_value == (hits / said.sum() if said.any() else None)
    sensitivity = [row.sensitivity for row in found.rows]
    assert sensitivity == sorted(sensitivity, reverse=True)


def test_one_class_or_three_have_no_such_table() -> None:
    assert two_classes(("a", "b"), np.array([0, 0]), np.full((2, 2), 0.5)) is None
    assert two_classes(("a", "b", "c"), np.array([0, 1]), np.full((2, 3), 0.3)) is None
