"""Detectors whose bundles were changed, checksums made right: refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from benchmarks.composites import scenes
from tests.model.mutations import Mutation, card, copied, put, seal, tensors
from topwork.errors import BundleError

HEAD = "head.safetensors"
TRAINING = "training.safetensors"
HOSTILE: dict[str, Mutation] = {
    "a threshold above 1": card(threshold=2.0),
    "a label twice": card(labels=["cat", "cat", "cup", "face"]),
    "more labels than classes": card(labels=[str(i) for i in range(9)]),
    "no labels": card(labels=[]),
    "strides that fall": card(strides=[32, 16, 8]),
    "a stride of none": card(strides=[0, 16, 32]),
    "a stride of a million": card(strides=[16, 32, 10**6]),
    "strides that do not double": card(strides=[16, 32, 100]),
    "a width that no groups divide": card(width=60),
    "a hundred thousand labels": card(labels=[str(i) for i in range(99_999)]),
    "another map": card(maps=[[112, 9, 9], [320, 9, 12]]),
    "maps of a million channels": card(maps=[[10**6, 18, 24], [320, 9, 12]]),
    "no maps": card(maps=[]),
    "a head of a million channels": card(width=10**6),
    "a calibration that falls": card(calibration__rise=-1.0),
    "a calibration that is no number": card(calibration__shift=float("nan")),
    "a framing that crops": card(framing__geometry="crop"),
    "a mirrored framing": card(framing__mirrored=True),
    "another task": card(task="classes"),
    "a deviation of nothing": tensors(HEAD, put("deviation0", np.zeros_like)),
    "a weight that is no number": tensors(HEAD, put("scales", lambda v: v * np.nan)),
    "a weight of another shape": tensors(HEAD, put("scales", lambda _: np.zeros(7, np.float32))),
    "a second look of another shape": tensors(HEAD, lambda a: a.update({"look.mean": np.zeros(3)})),
    "pooled maps of other channels": tensors(
        TRAINING, put("pooled", lambda _: np.zeros((3, 5), np.float32))
    ),
    "pooled maps that are no numbers": tensors(TRAINING, put("pooled", lambda v: v * np.nan)),
    "pooled maps without groups": tensors(TRAINING, lambda a: a.pop("pooled_groups")),
    "groups of other pooled maps": tensors(TRAINING, put("pooled_groups", lambda v: v[:-1].copy())),
    "an unknown tensor": tensors(HEAD, lambda a: a.update(strange=np.zeros(3, np.float32))),
}


def test_the_good_one_finds_something(detector: Path) -> None:
    found = tw.load(detector).predictions([scenes(1, seed=3)[0].image], threshold=0.0)
    assert len(found.detections[0]) > 0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_changed_detector_is_refused(detector: Path, tmp_path: Path, name: str) -> None:
    folder = copied(detector, tmp_path / "changed.topwork")
    HOSTILE[name](folder)
    seal(folder)
    with pytest.raises(BundleError) as refused:
        tw.load(folder)
    assert refused.value.remedy
