"""Fitted things can be copied and sent to other processes; on disk there is still no pickle."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

import topwork as tw
from topwork.errors import BundleError
from topwork.model.storage.manifest import MANIFEST

SMALL = "packaged:efficientnet_lite0/64"


@pytest.fixture(scope="module")
def fitted(drawn: Path, session_cache: Path) -> tw.ImageClassifier:
    return tw.ImageClassifier(SMALL, baselines=False).fit(drawn)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_of_an_estimator_answer_the_same(fitted, drawn: Path, copied) -> None:
    again = copied(fitted)
    np.testing.assert_allclose(again.predict_proba(drawn), fitted.predict_proba(drawn), atol=1e-6)
    assert again.result_ == fitted.result_
    assert again.get_params() == fitted.get_params()


def test_a_copy_of_a_copy_still_answers_when_the_first_is_gone(fitted, drawn: Path) -> None:
    first = pickle.loads(pickle.dumps(fitted.model_))
    second = pickle.loads(pickle.dumps(first))
    del first
    assert second.predict(drawn).tolist() == fitted.predict(drawn).tolist()


def test_an_adapter_and_its_stream_are_copied(fitted, drawn: Path) -> None:
    adapter = tw.DomainAdapter(fitted.model_, deep=False, cache=False)
    assert clone(adapter).model.labels == fitted.model_.labels
    adapter.partial_fit(drawn)
    again = pickle.loads(pickle.dumps(adapter))
    assert again.predict(drawn).tolist() == adapter.predict(drawn).tolist()
    again.partial_fit(drawn)


def test_cross_validation_in_processes(drawn: Path) -> None:
    from sklearn.model_selection import cross_validate

    files = [str(file) for file in sorted(drawn.rglob("*.png"))]
    labels = [Path(file).parent.name for file in files]
    found = cross_validate(
        tw.ImageClassifier(SMALL, baselines=False),
        files,
        labels,
        cv=2,
        n_jobs=2,
        return_estimator=True,
    )
    assert found["test_score"].min() > 0.8
    assert [e.predict(files[0]).tolist() for e in found["estimator"]] == [["discs"]] * 2


def test_what_is_copied_is_the_sealed_folder_and_is_checked(fitted) -> None:
    state = fitted.model_.__getstate__()
    assert set(state) == {"files", "engine"}
    assert MANIFEST in state["files"]
    state["files"]["model.json"] = b"{}"
    with pytest.raises(BundleError, match="changed"):
        tw.Model.__new__(tw.Model).__setstate__(state)
