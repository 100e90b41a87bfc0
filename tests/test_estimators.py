"""What every public estimator keeps of scikit-learn's contract."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone, is_classifier, is_clusterer, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

import topwork as tw
from tests.small_detectors import SMALL, small_detectors
from topwork.errors import UserError

RNG = np.random.default_rng(0)
DARK = list(RNG.integers(0, 90, (12, 24, 24, 3), dtype=np.uint8))
LIGHT = list(RNG.integers(160, 255, (12, 24, 24, 3), dtype=np.uint8))
GOOD = [f"a good film, number {i}, and a joy" for i in range(12)]
BAD = [f"a bad film, number {i}, and a bore" for i in range(12)]
LABELS = ["first"] * 12 + ["second"] * 12
NUMBERS = [*np.linspace(1, 2, 12), *np.linspace(11, 12, 12)]
BOXES = [[(label, 4, 4, 18, 16)] for label in ["first", "second"] * 12]
REGRESSORS = ("ImageRegressor", "TextRegressor", "TableRegressor")
SETS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]] * 6, np.int8)
SETS[:, 0] = np.arange(24) < 12
TAGGERS = ("ImageTagger", "TextTagger")

Made = tuple[BaseEstimator, list[Any], list[Any] | None]


def _images() -> Made:
    return tw.ImageClassifier("pixels", cache=False, baselines=False), DARK + LIGHT, LABELS


def _texts() -> Made:
    return tw.TextClassifier(baselines=False), GOOD + BAD, LABELS


def _few() -> Made:
    return tw.FewShotClassifier(backbone="pixels", cache=False), DARK + LIGHT, LABELS


def _image_numbers() -> Made:
    estimator = tw.ImageRegressor("pixels", cache=False, baselines=False, name_groups=False)
    return estimator, DARK + LIGHT, NUMBERS


def _text_numbers() -> Made:
    estimator = tw.TextRegressor(baselines=False, name_groups=False)
    return estimator, GOOD + BAD, NUMBERS


def _image_labels() -> Made:
    estimator = tw.ImageTagger("pixels", cache=False, baselines=False, name_groups=False)
    return estimator, DARK + LIGHT, list(SETS)


def _text_labels() -> Made:
    return tw.TextTagger(baselines=False, name_groups=False), GOOD + BAD, list(SETS)


def _image_ranks() -> Made:
    estimator = tw.OrdinalImageClassifier(
        "pixels", order=["first", "second"], cache=False, baselines=False, name_groups=False
    )
    return estimator, DARK + LIGHT, LABELS


def _text_ranks() -> Made:
    estimator = tw.OrdinalTextClassifier(
        order=["first", "second"], baselines=False, name_groups=False
    )
    return estimator, GOOD + BAD, LABELS


def _objects() -> Made:
    estimator = tw.ObjectDetector(SMALL, minutes=0.001, n_folds=2, name_groups=False)
    return estimator, DARK + LIGHT, BOXES


def _domain() -> Made:
    estimator, items, labels = _images()
    model = estimator.fit(items, labels).model_
    return tw.DomainAdapter(model, cache=False, deep=False), DARK + LIGHT, None


def _clusters() -> Made:
    more = [255 - image for image in DARK + LIGHT]  # half of them must be enough to cluster
    return tw.Clusterer(n_clusters=2, backbone="pixels", cache=False), DARK + LIGHT + more, None


def _good_parts() -> Made:
    estimator = tw.AnomalyDetector(SMALL, false_alarms=0.2, cache=False, name_groups=False)
    return estimator, DARK + LIGHT, [False, True] * 12


ROWS = [{"age": str(20 + i % 12 + 9 * (i > 11)), "pay": f"{i * i}.5"} for i in range(24)]


def _rows() -> Made:
    return tw.TableClassifier(baselines=False), ROWS, LABELS


def _row_numbers() -> Made:
    return tw.TableRegressor(baselines=False), ROWS, NUMBERS


MAKERS: dict[str, Callable[[], Made]] = {
    "ImageClassifier": _images,
    "TextClassifier": _texts,
    "FewShotClassifier": _few,
    "ImageRegressor": _image_numbers,
    "TextRegressor": _text_numbers,
    "ImageTagger": _image_labels,
    "TextTagger": _text_labels,
    "OrdinalImageClassifier": _image_ranks,
    "OrdinalTextClassifier": _text_ranks,
    "TableClassifier": _rows,
    "TableRegressor": _row_numbers,
    "ObjectDetector": _objects,
    "DomainAdapter": _domain,
    "Clusterer": _clusters,
    "AnomalyDetector": _good_parts,
}


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    with small_detectors(64, views=1, at_least=3):
        yield


@pytest.fixture(scope="module", params=list(MAKERS))
def made(request: pytest.FixtureRequest, session_cache: Path) -> Made:
    return MAKERS[request.param]()


@pytest.fixture(scope="module")
def fitted(made: Made) -> tuple[Any, list[Any]]:
    estimator, items, labels = made
    return clone(estimator).fit(items, labels), items


def test_every_public_estimator_is_here() -> None:
    public = {
        name
        for name in tw.__all__
        if inspect.isclass(getattr(tw, name)) and issubclass(getattr(tw, name), BaseEstimator)
    }
    assert public == set(MAKERS)


def test_parameters_are_stored_and_cloned(
    made: Made,
) -> None:
    estimator = made[0]
    parameters = estimator.get_params()
    other = clone(estimator)
    assert type(other) is type(estimator)
    assert set(other.get_params()) == set(parameters)
    plain = [k for k, v in parameters.items() if not isinstance(v, tw.Model)]
    assert all(other.get_params()[k] == parameters[k] for k in plain)
    assert other.set_params(seed=7) is other
    assert (other.seed, estimator.seed) == (7, 0)
    with pytest.raises(ValueError, match="nonsense"):
        other.set_params(nonsense=1)


def test_what_is_not_fitted_says_so(
    made: Made,
) -> None:
    estimator, items, _ = made
    with pytest.raises(NotFittedError):
        clone(estimator).predict(items[:1])


def test_fit_returns_self_and_leaves_parameters(fitted: tuple[Any, list[Any]], made: Made) -> None:
    estimator, items = fitted
    labels = made[2]
    before = repr(estimator.get_params())
    predicted = estimator.predict(items)
    assert estimator.fit(items, labels) is estimator
    assert repr(estimator.get_params()) == before
    assert all(map(np.array_equal, estimator.predict(items), predicted))
    if isinstance(estimator, tw.ImageTagger | tw.TextTagger):
        assert (predicted.shape, predicted.dtype) == ((24, 3), np.dtype(np.int8))
        assert estimator.classes_.tolist() == ["0", "1", "2"]
        p = estimator.predict_proba(items)
        assert ((p > 0) & (p < 1)).all()
        return
    if isinstance(estimator, tw.ObjectDetector):
        assert len(predicted) == 24
        return
    if isinstance(estimator, tw.AnomalyDetector):
        assert (predicted.shape, predicted.dtype) == ((24,), np.dtype(bool))
        return
    if is_regressor(estimator):
        assert (predicted.shape, predicted.dtype) == ((24,), np.dtype(np.float64))
        return
    if is_clusterer(estimator):
        assert list(predicted) == list(estimator.labels_)
        assert list(clone(estimator).fit_predict(items)) == list(estimator.labels_)
        return
    assert set(predicted) <= {"first", "second"}
    p = estimator.predict_proba(items)
    assert p.shape == (24, 2)
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)


def test_copies_predict_alike(fitted: tuple[Any, list[Any]]) -> None:
    """Pickles hold the files of a saved model, which are validated when they are read again."""
    estimator, items = fitted
    expected = _asked(estimator, items)
    for other in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        assert np.array_equal(_asked(other, items), expected)


def _asked(estimator: Any, items: list[Any]) -> Any:
    if isinstance(estimator, tw.ObjectDetector):
        columns = estimator.predictions(items, threshold=0.0).columns()
        return np.array([columns[name] for name in ("probability", "x1", "y1", "x2", "y2")])
    if isinstance(estimator, tw.AnomalyDetector):
        return estimator.score_samples(items)
    if is_regressor(estimator) or is_clusterer(estimator):
        return estimator.predict(items)
    return estimator.predict_proba(items)


LABELLED = [
    "ImageClassifier",
    "TextClassifier",
    "TableClassifier",
    "ObjectDetector",
    *REGRESSORS,
    *TAGGERS,
]


@pytest.mark.parametrize("name", LABELLED)
def test_wrong_labels_are_refused(name: str) -> None:
    estimator, items, labels = MAKERS[name]()
    assert labels is not None
    several = () if name == "ObjectDetector" else ([labels[0]] * 24, [*labels[:-1], None])
    for wrong in (labels[:-1], [labels] * 24, *several, None):
        with pytest.raises((UserError, ValueError)):
            clone(estimator).fit(items, wrong)


@pytest.mark.parametrize("name", REGRESSORS)
def test_labels_that_are_no_numbers_are_refused(name: str) -> None:
    estimator, items, _ = MAKERS[name]()
    for wrong in (LABELS, [True, False] * 12, [np.inf, *NUMBERS[1:]], [np.nan, *NUMBERS[1:]]):
        with pytest.raises(UserError):
            clone(estimator).fit(items, wrong)


def test_numbers_that_a_classifier_is_given_are_told_of_the_regressor() -> None:
    estimator, items, _ = _images()
    with pytest.raises(UserError, match="ImageRegressor"):
        estimator.fit(items, NUMBERS)


def test_searches_pipelines_and_cross_validation_take_it(
    fitted: tuple[Any, list[Any]], made: Made
) -> None:
    items = fitted[1]
    labels = made[2] or (LABELS * 2)[: len(items)]
    pipeline = Pipeline([("same", FunctionTransformer()), ("model", clone(fitted[0]))])
    search = GridSearchCV(pipeline, {"model__seed": [1]}, cv=2, error_score="raise", refit=False)
    assert search.fit(items, labels).best_params_ == {"model__seed": 1}
    scores = [search.cv_results_[f"split{fold}_test_score"] for fold in range(2)]
    assert np.isfinite(scores).all()


def test_it_is_refitted_to_other_items(fitted: tuple[Any, list[Any]], made: Made) -> None:
    """Nothing of an earlier fit is left."""
    estimator, items = copy.deepcopy(fitted[0]).set_params(seed=1), fitted[1]
    labels = made[2] or LABELS
    first = estimator.predict(items)
    if isinstance(estimator, tw.AnomalyDetector):
        score = estimator.score_samples(LIGHT)
        assert (estimator.fit(DARK).score_samples(LIGHT) > score).all()
        return
    if isinstance(estimator, tw.DomainAdapter | tw.Clusterer):
        assert (estimator.fit(items[::-1]).predict(items) == first).all()
        return
    if isinstance(estimator, tw.ObjectDetector):
        estimator.fit(items, [[("third", *box[1:]) for box in boxes] for boxes in labels])
        assert estimator.classes_ == ["third"]
        return
    if isinstance(estimator, tw.ImageTagger | tw.TextTagger):
        estimator.fit(items, [[label] for label in LABELS])
        assert estimator.classes_.tolist() == ["first", "second"]
        return
    if isinstance(estimator, tw.OrdinalImageClassifier | tw.OrdinalTextClassifier):
        estimator.set_params(order=["the first", "the second"])
    other = [f"the {label}" if isinstance(label, str) else -label for label in labels]
    again = estimator.fit(items, other).predict(items)
    assert not set(again) & set(first)


def test_what_is_fitted_is_scored(fitted: tuple[Any, list[Any]], made: Made) -> None:
    estimator, items = fitted
    labels = made[2] or LABELS
    if isinstance(estimator, tw.ObjectDetector):
        found = estimator.evaluate(items, labels).scores.ap50.value
        assert estimator.score(items, labels) == found
        return
    if is_clusterer(estimator):
        assert 0 < estimator.score(items) <= 1
    if isinstance(estimator, tw.AnomalyDetector):
        assert 0 <= estimator.score(items, labels) <= 1
    if isinstance(estimator, tw.ImageTagger | tw.TextTagger):
        found = estimator.evaluate(items, labels).scores.macro_f1.value
        assert estimator.score(items, labels) == found > 0.5
    if not is_classifier(estimator):
        return
    assert estimator.classes_.tolist() == ["first", "second"]
    right = (estimator.predict(items) == labels).mean()
    assert estimator.score(items, labels) == pytest.approx(right)
    weights = [1.0] * 12 + [0.0] * 12
    assert estimator.score(items, labels, weights) == estimator.score(items[:12], labels[:12])
    for wrong in (labels[:-1], [labels] * 24):
        with pytest.raises(UserError) as refused:
            estimator.score(items, wrong)
        assert refused.value.remedy


def test_a_regressor_scores_by_r2_and_weights() -> None:
    estimator, items, numbers = _image_numbers()
    fitted = clone(estimator).fit(items, numbers)
    assert 0.5 < fitted.score(items, numbers) <= 1
    assert fitted.score(items, numbers, sample_weight=np.ones(24)) == fitted.score(items, numbers)
    assert len(list(fitted.predictions(items))) == 24
    assert fitted.evaluate(items, numbers).scores.r2.value == pytest.approx(
        fitted.score(items, numbers)
    )
