"""The map of a report: where items lie, in which colours, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.metrics.records import Score
from topwork.report import Clusters, ReportContent, ShownCluster, render
from topwork.unsupervised.clustering import plane
from topwork.unsupervised.clustering.plane import MAX_POINTS, cluster_map

NAMES = [f"group {code}" for code in range(3)]


def _groups(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, n)
    return (9 * np.eye(3, 6)[codes] + rng.normal(size=(n, 6))).astype(np.float32), codes


@pytest.mark.parametrize("neighbours", [False, True])
def test_items_lie_with_their_cluster(neighbours: bool) -> None:
    if neighbours:
        pytest.importorskip("openTSNE")
    rows, codes = _groups(120)
    found = cluster_map(rows, codes, NAMES, neighbours=neighbours, seed=0)
    assert found.layout == ("t-SNE" if neighbours else "axes between centres")
    assert [len(group.places) for group in found.groups] == np.bincount(codes).tolist()
    middles = np.array([[10 * group.x, 6.2 * group.y] for group in found.groups])
    for code, group in enumerate(found.groups):
        places = np.array(group.places)
        assert places.min() >= 0
        assert (places <= [1000, 620]).all()
        gaps = np.linalg.norm(places[:, None] - middles, axis=2)
        assert np.mean(gaps.argmin(axis=1) == code) > 0.95


def test_without_the_extra_the_axes_between_centres_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plane, "missing", tuple)
    found = cluster_map(*_groups(60), NAMES, neighbours=True, seed=0)
    assert found.layout == "axes between centres"


def test_the_order_of_items_changes_nothing_and_many_are_drawn_in_part() -> None:
    rows, codes = _groups(MAX_POINTS + 200)
    found = cluster_map(rows, codes, NAMES, neighbours=False, seed=0)
    again = cluster_map(rows[::-1], codes[::-1], NAMES, neighbours=False, seed=0)
    assert found == again
    assert found.n_items == sum(len(group.places) for group in found.groups) == MAX_POINTS


@pytest.mark.parametrize("k", [1, 2])
def test_equal_rows_and_two_clusters_have_places(k: int) -> None:
    codes = np.arange(30) % k
    flat = cluster_map(np.ones((30, 4), np.float32), codes, NAMES, neighbours=False, seed=0)
    assert {place for group in flat.groups for place in group.places} == {(500, 310)}


def test_the_page_draws_every_item_in_the_colour_of_its_cluster() -> None:
    rows, codes = _groups(50)
    found = cluster_map(rows, codes, NAMES, neighbours=False, seed=0)
    stability = Score(value=0.9, low=0.8, high=1.0)
    shown = tuple(
        ShownCluster(id=i, name=name, size=9, stability=stability, n_outliers=0, typical=())
        for i, name in enumerate(NAMES)
    )
    content = ReportContent(title="t", kind="row", clusters=Clusters(clusters=shown, map=found))
    page = render(content)
    assert page.count("h0") == 50
    assert all(f'stroke="{group.colour}"' in page for group in found.groups)
    assert "two directions along which the centres" in page
    several = {found.groups[0].model_copy(update={"id": code}).colour for code in range(40)}
    assert len(several) == 40
