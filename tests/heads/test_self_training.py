import numpy as np
import pytest

from topwork.heads import SelfTraining, fit_logistic, fit_self_training
from topwork.heads.self_training import surest


def _drawn(clustered, seed, per_class=2, k=4):
    X, codes = clustered(600, 40, k, seed=seed, spread=0.6)
    few = np.concatenate([np.flatnonzero(codes == c)[:per_class] for c in range(k)])
    others = np.setdiff1d(np.arange(400), few)
    return X[few], codes[few], X[others], X[400:], codes[400:]


def test_items_without_labels_help_where_classes_are_clusters(clustered):
    gains = []
    for seed in range(24):
        X, codes, more, new, truth = _drawn(clustered, seed)
        heads = fit_self_training(X, codes, more, 4), fit_logistic(X, codes, 4)
        with_more, without = (np.mean(h.logits(new).argmax(axis=1) == truth) for h in heads)
        gains.append(with_more - without)
    assert np.mean(gains) > 0.04
    assert np.mean(gains) > 4 * np.std(gains, ddof=1) / np.sqrt(24)


def test_items_of_classes_without_labels_are_not_drawn_in(clustered):
    """Two of six classes are among the unlabelled items only: the other four are told no worse."""
    gains = []
    for seed in range(24):
        X, codes = clustered(900, 40, 6, seed=seed, spread=0.6)
        few = np.concatenate([np.flatnonzero(codes == c)[:2] for c in range(4)])
        new = np.arange(600, 900)[codes[600:] < 4]
        more = X[np.setdiff1d(np.arange(600), few)]
        heads = fit_self_training(X[few], codes[few], more, 4), fit_logistic(X[few], codes[few], 4)
        with_more, without = (np.mean(h.logits(X[new]).argmax(axis=1) == codes[new]) for h in heads)
        gains.append(with_more - without)
    assert np.mean(gains) > 2 * np.std(gains, ddof=1) / np.sqrt(24)


def test_held_out_items_stay_unseen(clustered):
    """Whatever stands in the rows that a fit leaves out, it comes to the same head."""
    X, codes, more, new, _ = _drawn(clustered, 0, per_class=4)
    rows = np.arange(len(X)) % 4 != 0
    found = []
    for held_out in (X[~rows], new[: np.sum(~rows)] * 3):
        features, said = X.copy(), codes.copy()
        features[~rows], said[~rows] = held_out, codes[~rows][::-1]
        training = SelfTraining.prepare(features, said, more, 4)
        found.append(training.fit(np.flatnonzero(rows)).logits(new))
    assert found[0] == pytest.approx(found[1], abs=0.05)
    apart = SelfTraining.prepare(X[rows], codes[rows], more, 4).fit().logits(new)
    assert found[0] == pytest.approx(apart, abs=0.05)


def test_a_class_without_labels_is_never_said(clustered):
    X, codes, more, new, _ = _drawn(clustered, 1)
    head = fit_self_training(X, 2 * codes, more, 8)
    assert head.probabilities(new)[:, 1::2].max() < 1e-8


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_pseudo_labels_keep_the_shares_of_the_labels_or_even_ones(clustered, class_weight):
    X, codes, more, new, _ = _drawn(clustered, 2, per_class=8, k=2)
    some = np.r_[np.flatnonzero(codes == 0), np.flatnonzero(codes == 1)[:2]]
    head = fit_self_training(X[some], codes[some], more, 2, class_weight=class_weight)
    rare = float(np.mean(head.logits(new).argmax(axis=1) == 1))
    balanced = fit_self_training(X[some], codes[some], more, 2, class_weight="balanced")
    even = float(np.mean(balanced.logits(new).argmax(axis=1) == 1))
    assert rare <= even
    assert (rare == even) == (class_weight == "balanced")


@pytest.mark.parametrize("n", [1, 3])
def test_a_single_unlabelled_item_will_do(clustered, n):
    X, codes, more, new, _ = _drawn(clustered, 3)
    assert np.isfinite(fit_self_training(X, codes, more[:n], 4).logits(new)).all()


def test_the_surest_of_each_class_are_taken():
    confidence = np.array([0.2, 0.9, 0.5, 0.6, 0.7])
    assert surest(confidence, np.array([2, 0, 0, 0, 0]), 0.5).tolist() == [0, 1, 4]
