"""A saved model of several labels is hostile input, too: what is changed in it is refused."""

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
LABELS = [["a"], ["a", "b"], ["b"], []] * 6


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, session_cache: Path) -> Path:
    tagger = tw.ImageTagger("pixels", cache=False, name_groups=False, miss=0.3, baselines=False)
    return tagger.fit(IMAGES, LABELS).save(tmp_path_factory.mktemp("hostile") / "m.topwork")


CHANGES: dict[str, Change] = {
    "a label twice": card(labels=["a", "a"]),
    "no label": card(labels=[], thresholds=[]),
    "fewer thresholds than labels": card(thresholds=[0.5]),
    "a threshold above 1": card(thresholds=[0.5, 1.5]),
    "a threshold that is no number": card(thresholds=[0.5, float("nan")]),
    "a shift that overflows": card(miss__shift=-1e6),
    "a target above 1": card(miss__target=2.0),
    "a field that there isn't": card(transform="none"),
    "a label that is too long": card(labels=["a", "b" * 20_000]),
    "more labels than outputs": card(labels=["a", "b", "c"], thresholds=[0.5] * 3),
    "a presence of 2": tensors("training.safetensors", presence=np.full((24, 2), 2, np.int8)),
    "a presence in floats": tensors("training.safetensors", presence=np.zeros((24, 2), np.float32)),
    "a presence of other items": tensors("training.safetensors", presence=np.ones((3, 2), np.int8)),
    "a presence of other labels": tensors(
        "training.safetensors", presence=np.ones((24, 3), np.int8)
    ),
    "codes beyond the labels": tensors("training.safetensors", codes=np.full(24, 9, np.int32)),
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
    assert loaded.predict(IMAGES).shape == (24, 2)
    assert loaded.labels == ("a", "b")
