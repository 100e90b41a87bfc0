"""A saved model of ordered classes is hostile input, too: what is changed in it is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.model.mutations import seal
from tests.model.storage.test_hostile_numbers import Change, card, tensors
from topwork.errors import BundleError

RNG = np.random.default_rng(0)
IMAGES = list(RNG.integers(0, 255, (24, 16, 16, 3), dtype=np.uint8))
LABELS = [1, 2, 3] * 8


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, session_cache: Path) -> Path:
    estimator = tw.OrdinalImageClassifier(
        "pixels", cache=False, name_groups=False, near_duplicates=False, baselines=False
    )
    return estimator.fit(IMAGES, LABELS).save(tmp_path_factory.mktemp("hostile") / "m.topwork")


CHANGES: dict[str, Change] = {
    "a label twice": card(labels=[1, 2, 2]),
    "one label": card(labels=[1]),
    "more labels than outputs": card(labels=[1, 2, 3, 4, 5]),
    "a label that is no number": card(labels=[1, 2, float("inf")]),
    "a label that is too long": card(labels=[1, 2, "b" * 20_000]),
    "another link": card(link="probit"),
    "another rule": card(rule="mood"),
    "an error rate above 1": card(sets__error_rate=2.0),
    "sets of more than everything": card(sets__most=1.5),
    "a field that there isn't": card(thresholds=[0.5]),
    "codes beyond the labels": tensors("training.safetensors", codes=np.full(24, 3, np.int32)),
    "numbers beside the codes": tensors("training.safetensors", numbers=np.zeros(24)),
    "an infinite head": tensors("head.safetensors", bias=np.array([np.inf, 0], np.float32)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_refused_in_a_sentence(name: str, saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "m.topwork"
    shutil.copytree(saved, folder)
    CHANGES[name](folder)
    seal(folder)
    with pytest.raises(BundleError) as caught:
        tw.load(folder)
    assert caught.value.remedy


def test_unchanged_it_predicts_as_before(saved: Path) -> None:
    loaded = tw.load(saved)
    assert loaded.labels == (1, 2, 3)
    assert set(loaded.predict(IMAGES)) <= {1, 2, 3}
