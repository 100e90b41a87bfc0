import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from topwork.errors import DataError, ParameterError
from topwork.heads import stratified_folds

sizes = st.lists(st.integers(1, 20), min_size=1, max_size=8).filter(lambda s: sum(s) > 1)


def table(codes, folds):
    return np.stack(
        [np.bincount(codes[folds == f], minlength=codes.max() + 1) for f in np.unique(folds)]
    )


@given(sizes, st.integers(2, 7), st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_without_groups_classes_and_folds_are_level(counts, n_folds, seed):
    codes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    folds = stratified_folds(codes, n_folds=n_folds, seed=seed)
    assert sorted(set(folds.tolist())) == list(range(min(n_folds, len(codes))))
    spread = np.ptp(table(codes, folds), axis=0)
    assert spread.max() <= 1
    assert np.ptp(np.bincount(folds)) <= 1


@given(sizes, st.integers(2, 6), st.integers(2, 15), st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_a_group_is_never_divided(counts, n_folds, n_groups, seed):
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(counts)), counts)
    groups = rng.integers(0, n_groups, len(codes))
    if len(np.unique(groups)) < 2:
        return
    folds = stratified_folds(codes, n_folds=n_folds, groups=groups, seed=seed)
    assert folds.min() == 0
    assert len(np.unique(folds)) == min(n_folds, len(np.unique(groups)))
    for group in np.unique(groups):
        assert len(np.unique(folds[groups == group])) == 1


def test_groups_of_one_are_as_level_as_none():
    codes = np.random.default_rng(1).integers(0, 7, 100)
    folds = stratified_folds(codes, groups=[f"g{i}" for i in range(100)])
    assert np.ptp(table(codes, folds), axis=0).max() <= 1


def test_single_items_make_up_for_the_groups():
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 5, 400)
    groups = np.arange(400)
    groups[:90] = np.repeat(np.arange(30), 3)
    folds = stratified_folds(codes, groups=groups)
    assert np.ptp(table(codes, folds), axis=0).max() <= 1


@pytest.mark.parametrize(("n_groups", "n_classes"), [(40, 6), (20, 3), (60, 10)])
def test_groups_are_spread_as_well_as_by_scikit_learn(n_groups, n_classes):
    ours, theirs = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        groups = rng.integers(0, n_groups, 300)
        codes = (groups + (rng.random(300) < 0.4) * rng.integers(0, n_classes, 300)) % n_classes
        folds = stratified_folds(codes, groups=groups, seed=seed)
        peer = np.empty(300, dtype=int)
        splitter = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        for f, (_, test) in enumerate(splitter.split(codes, codes, groups)):
            peer[test] = f
        ours.append(table(codes, folds).std(axis=0).mean())
        theirs.append(table(codes, peer).std(axis=0).mean())
    assert np.mean(ours) <= np.mean(theirs)


def test_the_seed_decides():
    codes = np.repeat([0, 1], 50)
    one = stratified_folds(codes, seed=1)
    assert np.array_equal(one, stratified_folds(codes, seed=1))
    assert not np.array_equal(one, stratified_folds(codes, seed=2))


def test_many_groups_are_quick():
    codes = np.arange(20_000) % 50
    begun = time.process_time()
    stratified_folds(codes, groups=np.arange(20_000) // 2)
    assert time.process_time() - begun < 3


def test_one_fold_is_refused():
    with pytest.raises(ParameterError, match="n_folds is 1"):
        stratified_folds(np.array([0, 1]), n_folds=1)


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_items_are_refused(n):
    with pytest.raises(DataError, match="items"):
        stratified_folds(np.zeros(n, dtype=int))


def test_a_single_group_is_refused():
    with pytest.raises(DataError, match="groups"):
        stratified_folds(np.array([0, 1]), groups=["a", "a"])
