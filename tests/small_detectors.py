"""Detectors that are fitted in seconds, with as many steps on any machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from topwork.search import detectors
from topwork.trials.detection import crops, fold_fitting, plan

SMALL = "packaged:efficientnet_lite0/64"
"""Surveys images at 64 pixels; the maps that boxes are found on have the side of the plan."""


@contextmanager
def small_detectors(
    *sides: int, views: int = 2, steps: int | None = None, at_least: int | None = None
) -> Iterator[pytest.MonkeyPatch]:
    """Detectors fitted in here see images of the first side, which may grow to the others.

    Parameters
    ----------
    views
        Stored of each image.
    steps
        Of the optimiser, where the minutes allow them; None for the usual ones.
    at_least
        Steps that are made however few minutes there are; None for the usual ones.
    """
    wanted = detectors.plan_detection

    def planned(*asked: object, **how: object) -> plan.DetectionPlan:
        found = wanted(*asked, **how)
        return found if steps is None else replace(found, steps=steps)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("MIN_VIEWS", "MAX_VIEWS"):
            patch.setattr(plan, name, views)
        patch.setattr(plan, "INPUTS", tuple((side, 0.0) for side in sides))
        patch.setattr(detectors, "plan_detection", planned)
        patch.setattr(crops, "SIDE", 64)
        patch.setattr("topwork.training.detection.fit._TIMED", 3)
        if at_least is not None:
            patch.setattr(fold_fitting, "MIN_STEPS", at_least)
        yield patch
