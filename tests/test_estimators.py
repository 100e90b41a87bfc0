"""What every public estimator keeps of scikit-learn's contract."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

import topwork as tw
from topwork.errors import UserError
from topwork.settings import FitSettings
from topwork.transductive.settings import AdaptSettings

RNG = np.random.default_rng(0)
DARK = list(RNG.integers(0, 90, (12, 24, 24, 3), dtype=np.uint8))
LIGHT = list(RNG.integers(160, 255, (12, 24, 24, 3), dtype=np.uint8))
GOOD = [f"a good film, number {i}, and a joy" for i in range(12)]
BAD = [f"a bad film, number {i}, and a bore" for i in range(12)]
LABELS = ["first"] * 12 + ["second"] * 12


def _images() -> tuple[BaseEstimator, list[Any], list[str] | None]:
    return tw.ImageClassifier("pixels", cache=False, baselines=False), DARK + LIGHT, LABELS


def _texts() -> tuple[BaseEstimator, list[Any], list[str] | None]:
    return tw.TextClassifier(cache=False, baselines=False), GOOD + BAD, LABELS


def _domain() -> tuple[BaseEstimator, list[Any], list[str] | None]:
    estimator, items, labels = _images()
    model = estimator.fit(items, labels).model_
    return tw.DomainAdapter(model, cache=False, deep=False), DARK + LIGHT, None


MAKERS: dict[str, Callable[[], tuple[BaseEstimator, list[Any], list[str] | None]]] = {
    "ImageClassifier": _images,
    "TextClassifier": _texts,
    "DomainAdapter": _domain,
}
SETTINGS = {
    "ImageClassifier": (FitSettings, {"verbose"}),
    "TextClassifier": (FitSettings, {"verbose"}),
    "DomainAdapter": (AdaptSettings, {"model"}),
}


@pytest.fixture(scope="module", params=list(MAKERS))
def made(
    request: pytest.FixtureRequest, session_cache: Path
) -> tuple[BaseEstimator, list[Any], list[str] | None]:
    return MAKERS[request.param]()


@pytest.fixture(scope="module")
def fitted(made: tuple[BaseEstimator, list[Any], list[str] | None]) -> tuple[Any, list[Any]]:
    estimator, items, labels = made
    return clone(estimator).fit(items, labels), items


def test_every_public_estimator_is_here() -> None:
    public = {
        name
        for name in tw.__all__
        if inspect.isclass(getattr(tw, name)) and issubclass(getattr(tw, name), BaseEstimator)
    }
    assert public == set(MAKERS) == set(SETTINGS)


@pytest.mark.parametrize("name", list(SETTINGS))
def test_parameters_are_settings(name: str) -> None:
    """Each parameter is a field of the settings with the same default, or known not to be one."""
    settings, others = SETTINGS[name]
    fields = inspect.signature(settings).parameters
    for parameter in inspect.signature(getattr(tw, name)).parameters.values():
        if parameter.name in others:
            continue
        assert parameter.name in fields
        if parameter.name != "backbone":  # of texts another one
            assert parameter.default == fields[parameter.name].default, parameter.name


def test_parameters_are_stored_and_cloned(
    made: tuple[BaseEstimator, list[Any], list[str] | None],
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
    made: tuple[BaseEstimator, list[Any], list[str] | None],
) -> None:
    estimator, items, _ = made
    with pytest.raises(NotFittedError):
        clone(estimator).predict(items[:1])


def test_fit_returns_self_and_leaves_parameters(fitted: tuple[Any, list[Any]]) -> None:
    estimator, items = fitted
    before = repr(estimator.get_params())
    predicted = estimator.predict(items)
    assert estimator.fit(items, LABELS) is estimator
    assert repr(estimator.get_params()) == before
    assert (estimator.predict(items) == predicted).all()
    assert set(predicted) <= {"first", "second"}
    p = estimator.predict_proba(items)
    assert p.shape == (24, 2)
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)


def test_copies_predict_alike(fitted: tuple[Any, list[Any]]) -> None:
    estimator, items = fitted
    expected = estimator.predict_proba(items)
    for other in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        assert np.array_equal(other.predict_proba(items), expected)


@pytest.mark.parametrize("name", ["ImageClassifier", "TextClassifier"])
def test_wrong_labels_are_refused(name: str) -> None:
    estimator, items, labels = MAKERS[name]()
    assert labels is not None
    for wrong in (labels[:-1], [labels] * 24, ["one"] * 24):
        with pytest.raises((UserError, ValueError)):
            clone(estimator).fit(items, wrong)
