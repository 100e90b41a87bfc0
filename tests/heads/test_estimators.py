import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_digits, load_iris
from sklearn.utils.estimator_checks import parametrize_with_checks

import topwork.heads
from topwork.errors import ParameterError
from topwork.heads import CentroidHead, LogisticHead, RidgeHead, estimators
from topwork.heads.penalty import DEFAULT_C

HEADS = [CentroidHead(), LogisticHead(), LogisticHead(C=30.0), RidgeHead()]
NO_DICTIONARY = {"check_class_weight_classifiers": "class_weight takes no dictionary"}
EXPECTED_FAILURES = {"LogisticHead": NO_DICTIONARY, "RidgeHead": NO_DICTIONARY}


def expected_failed_checks(estimator):
    return EXPECTED_FAILURES.get(type(estimator).__name__, {})


@parametrize_with_checks(HEADS, expected_failed_checks=expected_failed_checks)
def test_estimator_contract(estimator, check):
    check(estimator)


def test_every_public_estimator_is_in_the_contract():
    public = {
        name
        for name in topwork.heads.__all__
        if isinstance(getattr(topwork.heads, name), type)
        and issubclass(getattr(topwork.heads, name), BaseEstimator)
    }
    assert public == {type(head).__name__ for head in HEADS}


@pytest.mark.parametrize("head", HEADS, ids=repr)
def test_the_linear_form_is_the_estimator(head):
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])
    fitted = clone(head).fit(X, names[y])
    logits = fitted.linear_.logits(X)
    assert np.array_equal(logits, fitted.decision_function(X))
    assert np.array_equal(fitted.classes_[logits.argmax(axis=1)], fitted.predict(X))
    assert fitted.coef_.shape == (3, 4)
    assert fitted.intercept_.shape == (3,)


@pytest.mark.parametrize(
    ("head", "least"), [(LogisticHead(), 0.92), (CentroidHead(), 0.85), (RidgeHead(), 0.88)]
)
def test_digits_are_learnt(head, least):
    X, y = load_digits(return_X_y=True)
    assert head.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > least


def test_groups_stay_whole_in_the_choice_of_C():
    rng = np.random.default_rng(0)
    X, y = np.repeat(rng.standard_normal((40, 60)), 3, axis=0), np.repeat(np.arange(40) % 2, 3)
    leaky = LogisticHead().fit(X, y)
    honest = LogisticHead().fit(X, y, groups=np.repeat(np.arange(40), 3))
    assert honest.C_ < leaky.C_


def test_one_group_leaves_C_at_its_default():
    X, y = load_iris(return_X_y=True)
    assert LogisticHead().fit(X, y, groups=np.zeros(150)).C_ == DEFAULT_C


def test_ridge_keeps_its_held_out_scores():
    X, y = load_iris(return_X_y=True)
    head = RidgeHead().fit(X, y, groups=np.arange(150) // 2)
    assert head.held_out_.shape == (150, 3)
    assert head.alpha_ in head.alphas_
    assert not hasattr(head, "predict_proba")


@pytest.mark.parametrize("C", [0, -1.0, "best", np.inf])
def test_a_senseless_C_is_refused(C):
    with pytest.raises(ParameterError, match="C is"):
        LogisticHead(C=C).fit([[0.0], [1.0]], [0, 1])


def test_a_senseless_scale_is_refused():
    with pytest.raises(ParameterError, match="scale is"):
        CentroidHead(scale=0).fit([[0.0], [1.0]], [0, 1])


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="ForestHead"):
        topwork.heads.ForestHead  # noqa: B018
    assert estimators.RidgeHead is topwork.heads.RidgeHead


@pytest.mark.parametrize("package", ["topwork.heads", "topwork.metrics", "topwork.validation"])
def test_importing_loads_neither_scikit_learn_nor_scipy(package):
    code = (
        f"import sys, {package}; "
        "print([m for m in ('sklearn', 'scipy', 'torch', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
