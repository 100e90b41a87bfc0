"""The rung of a pretrained detector that is fine-tuned as a whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.detectors.query_detector import find_query_detector
from topwork.errors import BackboneError
from topwork.runtime.run_context import RunContext
from topwork.search.detector_timing import MIN_RATIO, SPARE, measured, record
from topwork.search.ladder import RungRecord
from topwork.settings import FitSettings
from topwork.trials.detection.query_fitting import QueryFitting, query_plan
from topwork.trials.detection.trial import HeadTrial, QueryTrial

DETECTOR = "whole detector fine-tuned"

DETECTOR_STEPS = 600
MIN_DETECTOR_STEPS = 100
"""Fewer steps of fine-tuning aren't worth trying."""


@dataclass(frozen=True, eq=False, slots=True)
class PretrainedDetectorRung:
    """The detector that a backbone was taken from.

    Parameters
    ----------
    asked
        Name of the backbone.
    run
        The settings, and the time that is left.
    folds
        Fold of each of the n images, ``(n,)``.
    """

    asked: str
    run: RunContext[FitSettings]
    folds: NDArray[np.integer]

    def exists(self) -> bool:
        """Whether the backbone is a detector."""
        try:
            return find_query_detector(self.asked) is not None
        except BackboneError:  # `tried` says what is wrong
            return False

    def tried(self, best: HeadTrial) -> Iterator[QueryTrial | RungRecord]:
        """Fine-tuned on what the best head saw, or why not; nothing if it is no detector.

        Raises
        ------
        BackboneError
            It can't be loaded or compiled.
        DivergedError
            The loss of a fit became infinite.
        """
        found = find_query_detector(self.asked)
        if found is None:
            return
        begun, plan = time.monotonic(), best.fitted.plan
        fitting = QueryFitting(
            best.mapped,
            query_plan(plan, MIN_DETECTOR_STEPS),
            self.folds,
            self.run.settings.seed,
            detector=found,
        )
        timed = measured(fitting, self.run.left, at_least=MIN_RATIO * best.fitted.step)
        if isinstance(timed, str):
            yield record(DETECTOR, time.monotonic() - begun, timed)
            return
        wanted = replace(timed, plan=query_plan(plan, DETECTOR_STEPS)).within(
            max(self.run.left, 0.0) * SPARE
        )
        fits = wanted.run(self.run.steps(f"Training, {DETECTOR}"))
        saved, seconds = wanted.saved(fits.final), time.monotonic() - begun
        if not saved.graph.faithful:
            yield record(DETECTOR, seconds, "its compiled graph gives other boxes than PyTorch")
            return
        yield QueryTrial(DETECTOR, "full", best.mapped, fits, seconds, saved)
