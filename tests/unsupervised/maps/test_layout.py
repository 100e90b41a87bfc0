"""Neighbours stay neighbours on a map, and the same items give the same map."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.errors import BackboneError
from topwork.unsupervised.maps import layout
from topwork.unsupervised.maps.layout import map_layout


@pytest.fixture(scope="module")
def groups() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, 160)
    return (4 * rng.normal(size=(4, 70))[codes] + rng.normal(size=(160, 70))).astype("f"), codes


def test_neighbours_are_of_the_same_group(groups: tuple[np.ndarray, np.ndarray]) -> None:
    rows, codes = groups
    plane = map_layout(rows, seed=0)
    assert plane.shape == (160, 2)
    distances = np.linalg.norm(plane[:, None] - plane[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (codes[distances.argmin(axis=1)] == codes).mean() > 0.98


def test_the_same_items_give_the_same_map(groups: tuple[np.ndarray, np.ndarray]) -> None:
    rows, _ = groups
    one = map_layout(rows, seed=1)
    np.testing.assert_array_equal(one, map_layout(rows, seed=1))


@pytest.mark.parametrize("n", [1, 2, 3, 9, 10, 11])
def test_few_items(n: int) -> None:
    plane = map_layout(np.random.default_rng(n).normal(size=(n, 6)).astype("f"))
    assert plane.shape == (n, 2)
    assert np.isfinite(plane).all()


def test_equal_items() -> None:
    assert np.isfinite(map_layout(np.ones((30, 6), np.float16))).all()


def test_names_the_extra(groups: tuple[np.ndarray, np.ndarray], monkeypatch) -> None:
    def absent(what: str, packages: tuple[str, ...]) -> None:
        from topwork.installation import missing_extra

        raise missing_extra(what, packages)

    monkeypatch.setattr(layout, "require", absent)
    with pytest.raises(BackboneError, match=r"needs openTSNE.*extra cluster") as caught:
        map_layout(groups[0])
    assert "[cluster]" in caught.value.remedy
