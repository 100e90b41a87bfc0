import numpy as np
import pytest

from topwork.heads import normalise_rows
from topwork.heads.domain import neighbour_graph, propagate, propagation, whitened


@pytest.fixture
def rows(clustered):
    X, _ = clustered(60, 12, 3)
    return normalise_rows(X - X.mean(axis=0))


def test_it_solves_zhou_s_equation(rows):
    graph = neighbour_graph(rows, neighbours=5)
    seeds = np.zeros((60, 3))
    seeds[[0, 1, 2], [0, 1, 2]] = 1, 2, 1
    W = graph.toarray().astype(np.float64)
    scale = 1 / np.sqrt(W.sum(axis=1))
    exact = np.linalg.solve(np.eye(60) - 0.9 * scale[:, None] * W * scale, seeds)
    exact /= exact.sum(axis=1, keepdims=True)
    assert propagate(graph, seeds, alpha=0.9) == pytest.approx(exact, abs=1e-3)


def test_each_item_is_joined_to_its_nearest(rows):
    graph = neighbour_graph(rows, neighbours=3).toarray()
    cosines = rows @ rows.T - 3 * np.eye(60)
    wanted = np.zeros((60, 60), bool)
    np.put_along_axis(wanted, np.argsort(-cosines, axis=1)[:, :3], values=True, axis=1)
    wanted &= cosines > 0
    assert np.array_equal(graph > 0, wanted | wanted.T)
    assert graph == pytest.approx(graph.T)


def test_blocks_change_nothing(rows, monkeypatch):
    whole = neighbour_graph(rows[5:], rows[:5]).toarray()
    monkeypatch.setattr(propagation, "_BLOCK_BYTES", 7 * 4 * 55)
    assert neighbour_graph(rows[5:], rows[:5]).toarray() == pytest.approx(whole, abs=1e-6)


def test_an_item_beside_the_others_changes_nothing_between_them(rows):
    both = neighbour_graph(rows[10:], rows[:10]).toarray()
    few = neighbour_graph(rows[10:], rows[:4]).toarray()
    kept = [*range(4), *range(10, 60)]
    assert both[np.ix_(kept, kept)] == pytest.approx(few, abs=1e-6)


def test_what_no_label_reaches_may_be_anything(rows):
    apart = np.zeros((6, 3), np.float32)
    apart[[0, 1, 2], 0] = apart[[3, 4, 5], 1] = 1
    seeds = np.zeros((6, 2))
    seeds[0, 1] = 1
    found = propagate(neighbour_graph(apart, neighbours=2), seeds)
    assert found[:3, 1] == pytest.approx(1)
    assert found[3:] == pytest.approx(0.5)


@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_any_number_of_items_will_do(n, rng):
    X = rng.normal(size=(n, 20)).astype(np.float32)
    base, beside = whitened(X, X[:1] + 1)
    assert np.linalg.norm(base, axis=1).max() <= 1 + 1e-5
    assert neighbour_graph(base, beside).shape == (n + 1, n + 1)


def test_axes_are_those_of_the_first_rows(rng):
    X = rng.normal(size=(50, 8)).astype(np.float32)
    assert np.array_equal(whitened(X, X[:3])[0], whitened(X, 9 * X[:9])[0])
    tall, wide = whitened(X[:, :4])[0], whitened(X[:9])[0]
    assert tall.shape == (50, 4)
    assert wide.shape == (9, 8)
