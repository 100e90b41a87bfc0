"""The rung of a pretrained detector that is fine-tuned as a whole, and how rungs are timed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.detectors.query_detector import find_query_detector
from topwork.errors import BackboneError
from topwork.runtime.run_context import RunContext
from topwork.search.ladder import RungRecord
from topwork.settings import FitSettings
from topwork.trials.detection.fold_fitting import FoldFitting
from topwork.trials.detection.query_fitting import QueryFitting, query_plan
from topwork.trials.detection.trial import HeadTrial, QueryTrial

DETECTOR = "whole detector, fine-tuned"

DETECTOR_STEPS = 600
MIN_DETECTOR_STEPS = 100
"""Fewer steps of fine-tuning aren't worth trying."""

MIN_RATIO: Final = 4.0
"""Of the time of a step of a whole network to one of the head: where even that is too much,
nothing is measured."""

SPARE: Final = 0.9
"""Share of the time that is left which a rung may take; saving and judging need some."""

Fitting = TypeVar("Fitting", bound=FoldFitting[Any])


@dataclass(frozen=True, eq=False, slots=True)
class WholeDetector:
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


def measured(fitting: Fitting, left: float, *, at_least: float) -> Fitting | str:
    """The same with the time of a step measured, or why there is no time for it.

    Parameters
    ----------
    left
        Seconds.
    at_least
        Seconds that a step takes: where even that is too much, nothing is measured.
    """
    needed = replace(fitting, step=at_least).seconds()
    if needed <= left * SPARE:
        begun = time.monotonic()
        fitting = replace(fitting, step=fitting.seconds_per_step())
        needed, left = fitting.seconds(), left - (time.monotonic() - begun)
    return no_time(needed, left) if needed > left * SPARE else fitting


def record(name: str, seconds: float, reason: str, n_items: int = 0) -> RungRecord:
    """What became of a rung, which was tried if it was judged on items."""
    return RungRecord(name=name, tried=n_items > 0, seconds=seconds, reason=reason, n_items=n_items)


def no_time(needed: float, left: float) -> str:
    """Why a rung isn't tried, by seconds.

    Examples
    --------
    >>> no_time(300, 60)
    'it takes about 5.0 min, and 1.0 are left (--minutes)'
    """
    left = max(left, 0.0)
    return f"it takes about {needed / 60:.1f} min, and {left / 60:.1f} are left (--minutes)"
