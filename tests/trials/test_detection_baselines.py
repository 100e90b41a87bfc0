"""Which images the untrained network of a detector is judged on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from topwork.data import BoxTargets, ImageBoxes
from topwork.trials.detection.baselines import UntrainedDetector


def test_it_is_judged_on_folds_that_hold_objects() -> None:
    shown, empty = ImageBoxes.of([(0, 0, 9, 9)], [0]), ImageBoxes.of([], [])
    ignored = ImageBoxes.of([(0, 0, 9, 9)], [0], [True])
    boxes = BoxTargets(("ace",), (empty, ignored, empty, shown, empty, shown))
    first: Any = SimpleNamespace(mapped=SimpleNamespace(data=SimpleNamespace(boxes=boxes)))
    folds = np.array([0, 0, 1, 2, 2, 3])
    assert UntrainedDetector(first, "timm:x", folds, 0, keep=False).judged_folds == [2, 3]
