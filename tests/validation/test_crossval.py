import numpy as np
import pytest

from topwork.errors import DataError, ParameterError
from topwork.heads import (
    LogisticProblem,
    fit_centroid,
    fit_logistic,
    softmax,
    stratified_folds,
)
from topwork.heads.logistic import LogisticPath
from topwork.heads.penalty import DEFAULT_C, PENALTIES, first_minimum, held_out_loss
from topwork.validation import cross_validate_head, suited_head


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    codes = rng.permutation(np.arange(150) % 5)
    X = rng.standard_normal((5, 20))[codes] + 1.5 * rng.standard_normal((150, 20))
    return X.astype(np.float16), codes, stratified_folds(codes)


def chosen_by_neighbours(X, codes, folds, f, class_weight):
    """Fold f's penalty by brute force: validated on both neighbours, fitted without f and them."""
    problem = LogisticProblem.prepare(X, codes, 5, class_weight=class_weight)
    losses = []
    for C in PENALTIES:
        loss = 0.0
        for g in ((f - 1) % 5, (f + 1) % 5):
            fitted = np.flatnonzero((folds != f) & (folds != g))
            W = LogisticPath(problem, fitted).reach(C)
            loss += held_out_loss(problem, W, fitted=fitted, held_out=np.flatnonzero(folds == g))
        losses.append(loss)
    return PENALTIES[first_minimum(losses)]


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_each_fold_is_judged_by_the_head_that_would_ship_without_it(data, class_weight):
    X, codes, folds = data
    judged = cross_validate_head(X, codes, 5, folds=folds, class_weight=class_weight)
    for f in range(5):
        train = folds != f
        C = chosen_by_neighbours(X, codes, folds, f, class_weight)
        assert judged.C_of_fold[f] == C
        head = fit_logistic(X[train], codes[train], 5, C=C, class_weight=class_weight)
        expected = head.probabilities(X[~train])
        assert judged.probabilities_oof[~train] == pytest.approx(expected, abs=0.003)


def test_the_head_that_ships_is_fitted_on_all_items(data):
    X, codes, folds = data
    judged = cross_validate_head(X, codes, 5, folds=folds)
    assert judged.head == "logistic"
    assert sorted(judged.C_of_fold)[2] == judged.C
    expected = fit_logistic(X, codes, 5, C=judged.C)
    assert judged.linear.probabilities(X) == pytest.approx(expected.probabilities(X), abs=1e-3)
    assert judged.logits_oof.dtype == judged.probabilities_oof.dtype == np.float32
    assert np.array_equal(softmax(judged.logits_oof), judged.probabilities_oof)
    assert judged.seconds > 0


def test_the_labels_of_a_fold_do_not_reach_its_judges(data):
    X, codes, folds = data
    changed = np.where(folds == 2, np.random.default_rng(1).permutation(codes), codes)
    one, other = (cross_validate_head(X, c, 5, folds=folds) for c in (codes, changed))
    assert np.array_equal(one.logits_oof[folds == 2], other.logits_oof[folds == 2])
    assert one.C_of_fold[2] == other.C_of_fold[2]


def test_noise_is_judged_as_noise():
    rng = np.random.default_rng(0)
    X, codes = rng.standard_normal((200, 100)), np.arange(200) % 2
    judged = cross_validate_head(X, codes, 2, folds=stratified_folds(codes))
    right = np.mean(judged.probabilities_oof.argmax(axis=1) == codes)
    own = judged.probabilities_oof[np.arange(200), codes]
    assert 0.35 < right < 0.65
    assert -np.log(own).mean() < 0.75


def test_centroids_are_refitted_on_every_fold(data):
    X, codes, folds = data
    judged = cross_validate_head(X, codes, 5, folds=folds, head="centroid")
    assert (judged.head, judged.C, judged.C_of_fold) == ("centroid", None, ())
    train = folds != 0
    expected = fit_centroid(X[train], codes[train], 5).logits(X[~train])
    assert judged.logits_oof[~train] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("counts", "head"),
    [
        ([1, 1, 1], "centroid"),
        ([2, 2, 2], "centroid"),
        ([2, 2, 2, 30], "centroid"),
        ([3, 3, 3], "logistic"),
        ([30, 30, 1], "logistic"),
    ],
)
def test_few_labels_ask_for_centroids(counts, head):
    codes = np.repeat(np.arange(len(counts)), counts)
    assert suited_head(codes) == head
    X = np.random.default_rng(0).random((len(codes), 6))
    assert cross_validate_head(X, codes, len(counts), folds=np.arange(len(codes)) % 3).head == head


@pytest.mark.parametrize("head", ["logistic", "centroid"])
def test_a_class_that_a_fold_has_not_seen_gets_no_probability_there(data, head):
    X, codes, folds = data
    codes = codes.copy()
    codes[folds == 1] %= 4
    codes[np.flatnonzero(folds == 1)[:2]] = 5
    judged = cross_validate_head(X, codes, 7, folds=folds, head=head)
    assert judged.probabilities_oof[folds == 1][:, 5].max() < 1e-8
    assert judged.probabilities_oof[:, 6].max() < 1e-8
    assert np.array_equal(judged.seen, codes != 5)
    assert np.isfinite(judged.logits_oof).all()
    assert judged.linear.probabilities(X)[codes == 5, 5].max() > 0.05


@pytest.mark.parametrize("n_folds", [2, 3])
def test_few_folds_will_do(data, n_folds):
    X, codes, _ = data
    folds = stratified_folds(codes, n_folds=n_folds)
    judged = cross_validate_head(X, codes, 5, folds=folds)
    assert len(judged.C_of_fold) == n_folds
    assert n_folds > 2 or judged.C == DEFAULT_C


@pytest.mark.parametrize("n_folds", [2, 5])
def test_progress_ends_at_its_end(data, n_folds):
    X, codes, _ = data
    told = []
    cross_validate_head(
        X,
        codes,
        5,
        folds=stratified_folds(codes, n_folds=n_folds),
        progress=lambda done, expected: told.append((done, expected)),
    )
    done, expected = zip(*told, strict=True)
    assert list(done) == sorted(done)
    assert done[-1] == expected[-1]
    assert len(set(expected)) == 1


def test_shapes_must_agree():
    with pytest.raises(ParameterError, match="shape"):
        cross_validate_head(np.ones((3, 2)), np.array([0, 1]), 2, folds=np.array([0, 1]))


def test_one_fold_is_refused():
    with pytest.raises(ParameterError, match="folds"):
        cross_validate_head(np.ones((2, 2)), np.array([0, 1]), 2, folds=np.array([0, 0]))


def test_features_must_be_finite():
    X = np.array([[1.0, np.inf], [0.0, 1.0]])
    with pytest.raises(DataError, match="finite"):
        cross_validate_head(X, np.array([0, 1]), 2, folds=np.array([0, 1]))
