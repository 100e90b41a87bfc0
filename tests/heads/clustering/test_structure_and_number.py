import numpy as np
import pytest

from topwork.errors import ParameterError
from topwork.heads.clustering import choose_n_clusters, half_whitened, stability, structure_test
from topwork.heads.clustering.number import silhouette
from topwork.heads.clustering.structure import two_means_index


def test_one_cloud_is_no_groups_and_groups_are_found(planted, rng):
    cloud = rng.normal(size=(200, 30)).astype(np.float32) * np.linspace(1, 4, 30, dtype="f")
    assert not structure_test(cloud).found
    found = structure_test(planted(200, 30, 3, apart=8.0)[0])
    assert found.found
    assert found.p == pytest.approx(0.01)
    assert found.strength > 3


def test_too_few_rows_are_refused(rng):
    with pytest.raises(ParameterError, match="at least 20"):
        structure_test(rng.normal(size=(19, 4)).astype(np.float32))


def test_the_index_is_that_of_two_means(rng):
    rows = rng.normal(size=(14, 2)).astype(np.float32) * np.float32([3, 1])
    divided = (np.array([i >> j & 1 for j in range(14)], bool) for i in range(1, 2**13))
    best = min(
        sum(np.square(part - part.mean(axis=0)).sum() for part in (rows[one], rows[~one]))
        for one in divided
    )
    total = np.square(rows - rows.mean(axis=0)).sum()
    assert two_means_index(rows, rng) == pytest.approx(best / total, rel=0.02)


def test_the_silhouette_is_that_of_scikit_learn(unit_rows):
    from sklearn.metrics import silhouette_score

    rows, codes = unit_rows
    codes = codes.copy()
    codes[0] = 4
    wanted = silhouette_score(rows, codes, metric="cosine")
    assert silhouette(rows, codes) == pytest.approx(wanted, abs=1e-5)


def test_the_number_stands_out_where_groups_are_apart_and_not_in_a_cloud(unit_rows, rng):
    found = choose_n_clusters(unit_rows[0], range(2, 9))
    assert (found.k, found.stands_out) == (4, True)
    assert max(found.scores, key=found.scores.get) == 4
    X = rng.normal(size=(200, 40)).astype(np.float32)
    cloud = choose_n_clusters(half_whitened(X).transform(X), range(2, 9))
    assert (cloud.k, cloud.stands_out) == (None, False)


def test_groups_come_back_and_arbitrary_divisions_do_not(unit_rows, rng):
    for one in stability(unit_rows[0], 4):
        assert 0.9 < one.low <= one.value <= one.high <= 1
    X = rng.normal(size=(200, 40)).astype(np.float32)
    for one in stability(half_whitened(X).transform(X), 4):
        assert one.value < 0.7
