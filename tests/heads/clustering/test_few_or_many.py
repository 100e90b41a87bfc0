import numpy as np
import pytest

from topwork.heads.clustering import FewOrMany, canonical_order, choose_n_clusters


@pytest.mark.parametrize("cut_from", [None, 4, 5])
def test_numbers_are_judged_by_the_clusters_that_are_returned(unit_rows, cut_from):
    rows, _ = unit_rows
    ways, ordered = FewOrMany(cut_from=cut_from), rows[canonical_order(rows)]
    divide = ways.dividing(ordered, 6)
    assert np.array_equal(divide(4, 20), ways.codes(ordered, 4))


def test_few_clusters_are_those_of_k_means_and_many_those_of_the_cut(unit_rows):
    rows = unit_rows[0]
    few, cut = FewOrMany(), FewOrMany(cut_from=9)
    assert np.array_equal(few.codes(rows, 8), cut.codes(rows, 8))
    assert not np.array_equal(few.codes(rows, 12), cut.codes(rows, 12))
    assert choose_n_clusters(rows, range(2, 12), ways=cut).k == 4


def test_by_the_cut_rows_have_the_cluster_of_the_nearest_mean(unit_rows):
    rows = unit_rows[0]
    codes = FewOrMany(cut_from=2).codes(rows, 6)
    means = np.stack([rows[codes == code].mean(axis=0) for code in range(6)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    assert np.mean((rows @ means.T).argmax(axis=1) == codes) > 0.9
