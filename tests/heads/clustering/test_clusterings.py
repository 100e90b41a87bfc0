import numpy as np
import pytest

from topwork.errors import ParameterError
from topwork.heads.clustering import (
    choose_n_clusters,
    cut,
    half_whitened,
    membership,
    normalised_cut,
    spherical_kmeans,
    stability,
    structure_test,
)
from topwork.runtime import parallel


def same_division(one, other):
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


def test_both_ways_find_what_is_apart(unit_rows):
    rows, codes = unit_rows
    assert same_division(spherical_kmeans(rows, 4).codes, codes)
    assert same_division(normalised_cut(rows, 4), codes)


def test_rows_are_with_their_nearest_centre_and_centres_are_means(unit_rows):
    rows, _ = unit_rows
    found = spherical_kmeans(rows, 6, n_starts=2)
    assert np.array_equal((rows @ found.centres.T).argmax(axis=1), found.codes)
    for code in range(6):
        mean = rows[found.codes == code].sum(axis=0)
        assert found.centres[code] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
    sizes = np.bincount(found.codes)
    assert np.all(sizes[:-1] >= sizes[1:])


def test_more_starts_are_never_worse(planted):
    better = 0
    for seed in range(4):
        X, _ = planted(150, 20, 9, apart=4.0, seed=seed)
        rows = half_whitened(X).transform(X)
        few, many = (spherical_kmeans(rows, 9, n_starts=n) for n in (1, 12))
        fit_few, fit_many = ((rows * c.centres[c.codes]).sum() for c in (few, many))
        assert fit_many >= fit_few
        better += fit_many > fit_few
    assert better, "one start is seldom the best of twelve"


@pytest.mark.parametrize("cores", [1, 3])
def test_another_order_and_other_cores_change_nothing(planted, monkeypatch, rng, cores):
    X, _ = planted(300, 50, 3, apart=4.0)
    X[7] = X[8] = X[9]
    turn = rng.permutation(len(X))
    space = half_whitened(X)
    rows = space.transform(X)
    whole = (
        spherical_kmeans(rows, 5).codes,
        normalised_cut(rows, 5),
        choose_n_clusters(rows, range(2, 6)),
        stability(rows, 3),
        structure_test(X),
    )
    monkeypatch.setattr(parallel, "usable_cores", lambda: cores)
    again = half_whitened(X[turn])
    assert np.array_equal(again.axes, space.axes)
    assert np.array_equal(again.transform(X[turn]), rows[turn])
    assert np.array_equal(spherical_kmeans(rows[turn], 5).codes, whole[0][turn])
    assert np.array_equal(normalised_cut(rows[turn], 5), whole[1][turn])
    assert choose_n_clusters(rows[turn], range(2, 6)) == whole[2]
    assert stability(rows[turn], 3) == whole[3]
    assert structure_test(X[turn]) == whole[4]


def test_a_row_is_transformed_by_itself(planted):
    X, _ = planted(300, 50, 3)
    space = half_whitened(X)
    assert np.array_equal(space.transform(X[290:291]), space.transform(X)[290:291])


def test_equal_rows_are_in_one_cluster():
    rows = np.repeat(np.eye(2, dtype=np.float32), 50, axis=0)
    for codes in (spherical_kmeans(rows, 4).codes, normalised_cut(rows, 4, n_neighbours=5)):
        assert len(set(codes[:50])) == len(set(codes[50:])) == 1


def test_rows_that_are_not_cut_go_with_their_cluster(unit_rows, monkeypatch):
    rows, codes = unit_rows
    monkeypatch.setattr(cut, "_MAX_ROWS", 120)
    assert same_division(normalised_cut(rows, 4), codes)


def test_sparse_eigenvectors_divide_as_the_dense_ones(unit_rows, monkeypatch):
    rows, codes = unit_rows
    monkeypatch.setattr(cut, "_DENSE", 0)
    assert same_division(normalised_cut(rows, 4), codes)


@pytest.mark.parametrize("k", [0, 241])
def test_impossible_numbers_are_refused(unit_rows, k):
    for ask in (spherical_kmeans, normalised_cut, stability):
        with pytest.raises(ParameterError, match="Ask for 1 to 240"):
            ask(unit_rows[0], k)
    with pytest.raises(ParameterError, match="numbers from 2 to 239"):
        choose_n_clusters(unit_rows[0], [1, 240])


def test_a_stray_is_an_outlier_and_what_lies_between_is_borderline():
    rng = np.random.default_rng(0)
    angles = np.concatenate([rng.normal(0, 0.05, 50), rng.normal(1.5, 0.05, 50), [0.76, -0.9]])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = spherical_kmeans(rows, 2)
    seen = membership(rows, found.centres, found.codes)
    assert np.flatnonzero(seen.borderline).tolist() == [100]
    assert 101 in np.flatnonzero(seen.outlier)
    assert np.all(seen.second == 1 - found.codes)
