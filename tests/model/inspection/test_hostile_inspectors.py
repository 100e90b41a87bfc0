"""A saved inspector is hostile input: whatever is changed in it is refused in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import topwork as tw
from tests.model.mutations import seal
from tests.model.storage.test_hostile_numbers import Change, card, tensors
from tests.small_detectors import SMALL
from topwork.errors import BundleError

CHANGES: dict[str, Change] = {
    "another threshold": card(threshold=0.5),
    "no number for a threshold": card(threshold=-1.0),
    "a promise that its parts don't allow": card(false_alarms=0.01),
    "no rate": card(false_alarms=1.5),
    "a rate at which everything is anomalous": card(false_alarms=1 - 1e-10),
    "other maps": card(maps=[[112, 4, 4], [191, 2, 2]]),
    "maps of another size": card(maps=[[112, 8, 8], [192, 2, 2]]),
    "no maps": card(maps=[]),
    "too many axes": card(n_axes=1000),
    "other axes": card(n_axes=7),
    "another description": card(head="patch-memory", n_patches=10),
    "a description that there is not": card(head="svm"),
    "patches without a memory": card(n_patches=10),
    "another geometry": card(framing__geometry="pad"),
    "a mirrored input": card(framing__mirrored=True),
    "means of other places": tensors("head.safetensors", means=np.zeros((4, 120), np.float32)),
    "whitening that is no number": tensors(
        "head.safetensors", whitening=np.full((16, 120, 120), np.nan, np.float32)
    ),
    "axes of another type": tensors("head.safetensors", axes=np.zeros((304, 120))),
    "scores of other parts": tensors("training.safetensors", scores=np.ones(3)),
    "other scores": tensors("training.safetensors", scores=np.linspace(0, 1, 24)),
    "groups that are none": tensors("training.safetensors", groups=np.zeros(24, np.float32)),
    "something else": tensors("training.safetensors", more=np.zeros(24, np.float32)),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, session_cache: Path) -> Path:
    images = list(np.random.default_rng(0).integers(0, 256, (24, 64, 64, 3), dtype=np.uint8))
    detector = tw.AnomalyDetector(SMALL, name_groups=False).fit(images)
    return detector.save(tmp_path_factory.mktemp("inspector") / "m.topwork")


def test_the_model_as_it_is_can_be_opened(saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "m")
    seal(tmp_path / "m")
    model = tw.load(tmp_path / "m")
    assert (model.task, model.identity) == ("one-class", tw.load(saved).identity)


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_refused(name: str, saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "m")
    CHANGES[name](tmp_path / "m")
    seal(tmp_path / "m")
    with pytest.raises(BundleError) as refused:
        tw.load(tmp_path / "m")
    assert len(refused.value.message) > 20


def test_a_memory_of_other_patches_is_refused(saved: Path, tmp_path: Path) -> None:
    """What the card says of a memory must be what lies in the file."""
    shutil.copytree(saved, tmp_path / "m")
    arrays = {
        "axes": np.zeros((304, 120), np.float32),
        "centre": np.zeros(120, np.float32),
        "patches": np.zeros((9, 120), np.float32),
    }
    save_file(arrays, tmp_path / "m" / "head.safetensors")
    for n in (0, 9, 10, 10**6):
        card(head="patch-memory", n_patches=n)(tmp_path / "m")
        seal(tmp_path / "m")
        if n == 9:
            assert tw.load(tmp_path / "m").card.n_patches == 9
            continue
        with pytest.raises(BundleError):
            tw.load(tmp_path / "m")
