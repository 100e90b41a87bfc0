"""Detectors from simple to complex, as long as there is time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import BadItem, DataError
from topwork.features import Steps
from topwork.search.ladder import RungRecord
from topwork.settings import FitSettings
from topwork.settings.fit import AUTO
from topwork.trials.detection.cross_fitting import CrossFitting, DivergedError
from topwork.trials.detection.maps import MappedImages, image_sizes, map_images
from topwork.trials.detection.plan import DetectionPlan, larger_input, plan_detection
from topwork.trials.detection.trial import DetectorTrial, select_detector

FROZEN = "frozen network"
LARGER = "frozen network, larger input"
TUNED = "last layers fine-tuned"

MAX_STEPS = 2000
"""Of the larger input, where there is time."""

TUNED_STEPS = 400
MIN_TUNED_STEPS = 150
"""Fewer steps of fine-tuning aren't worth trying."""

_FIRST = 0.3
"""Share of the time that the first detector may take where others are tried, too."""

_SPARE = 0.9
"""Share of the time that is left which a rung may take; saving and judging need some."""


Rung: TypeAlias = Callable[[list[DetectorTrial]], Iterator[DetectorTrial | RungRecord]]


@dataclass(frozen=True, eq=False, slots=True)
class DetectorSearch:
    """Detectors that were tried on n images that can be read.

    Parameters
    ----------
    trials
        From simple to complex.
    rungs
        Those above the first, and what became of each.
    folds
        ``(n,)``.
    """

    trials: tuple[DetectorTrial, ...]
    rungs: tuple[RungRecord, ...]
    folds: NDArray[np.integer]


@dataclass(eq=False)
class DetectorLadder:
    """Tries detectors.

    Parameters
    ----------
    data
        Annotated images that can be read.
    folds, groups
        ``(n,)``.
    deadline
        By `time.monotonic`.
    """

    data: Dataset
    settings: FitSettings
    steps: Steps
    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    deadline: float

    def search(self) -> DetectorSearch:
        """The first detector, and where the strategy is ``auto`` those above it."""
        auto = self.settings.strategy == AUTO
        targets = self.data.boxes
        try:
            sizes = image_sizes(self.data)
        except BadItem as error:
            raise DataError(
                f"An image went away since it was read ({error.detail}).",
                remedy="Start again when nothing changes the images.",
                code="went_away",
            ) from error
        plan = plan_detection(targets.images, sizes, n_classes=len(targets.labels))
        first = self._frozen(FROZEN, plan, self._left * (_FIRST if auto else _SPARE))
        trials, rungs = [first], []
        for rung in (self._larger, self._tuned) if auto else ():
            for found in self._tried(rung, trials):
                if isinstance(found, DetectorTrial):
                    trials.append(found)
                    reason = f"tried with {found.fitted.plan.steps} steps"
                    rungs.append(_record(found.name, found.seconds, reason, len(self.data)))
                else:
                    rungs.append(found)
        return DetectorSearch(tuple(trials), tuple(rungs), self.folds)

    def _tried(
        self, rung: Rung, trials: list[DetectorTrial]
    ) -> Iterator[DetectorTrial | RungRecord]:
        """What a rung gives; nothing that was found before is lost where its training diverges."""
        begun = time.monotonic()
        try:
            yield from rung(trials)
        except DivergedError:
            name = LARGER if rung == self._larger else TUNED
            yield _record(name, time.monotonic() - begun, "training diverged")

    @property
    def _left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.0)

    def _frozen(self, name: str, plan: DetectionPlan, seconds: float) -> DetectorTrial:
        begun = time.monotonic()
        mapped = self._mapped(plan)
        fitting = CrossFitting(mapped, plan, self.folds, self.settings.seed)
        fitting = fitting.within(seconds - (time.monotonic() - begun))
        fitted = fitting.run(self.steps(f"Training, {name}"))
        return DetectorTrial(name, "probe", mapped, fitted, time.monotonic() - begun)

    def _mapped(self, plan: DetectionPlan) -> MappedImages:
        return map_images(
            self.data,
            plan,
            name=self.settings.backbone_name,
            keep=self.settings.cache,
            progress=self.steps("Maps"),
        )

    def _larger(self, trials: list[DetectorTrial]) -> Iterator[DetectorTrial | RungRecord]:
        first = trials[0]
        side = larger_input(first.fitted.plan)
        if side is None:
            return
        targets = self.data.boxes
        sizes = first.mapped.sizes
        plan = plan_detection(targets.images, sizes, n_classes=len(targets.labels), side=side)
        plan = replace(plan, steps=MAX_STEPS)
        ratio = plan.height * plan.width / (first.fitted.plan.height * first.fitted.plan.width)
        needed = ratio * first.seconds
        if needed > self._left * _SPARE:
            yield _record(LARGER, 0.0, _no_time(needed, self._left))
            return
        yield self._frozen(LARGER, plan, self._left * _SPARE)

    def _tuned(self, trials: list[DetectorTrial]) -> Iterator[DetectorTrial | RungRecord]:
        from topwork.training.detection.fit import TrainedLayers

        begun = time.monotonic()
        best, _ = select_detector(trials, self.data.boxes, folds=self.folds, groups=self.groups)
        plan = best.fitted.plan
        layers = TrainedLayers(
            backbone=self.settings.backbone_name,
            height=plan.height,
            width=plan.width,
            start=best.mapped.names[-2],
            cuts=best.mapped.names[-1:],
        )
        fitting = CrossFitting(
            best.mapped,
            replace(plan, steps=TUNED_STEPS),
            self.folds,
            self.settings.seed,
            layers=layers,
            start=best.fitted,
        )
        fitting = fitting.within(self._left * _SPARE)
        if fitting.plan.steps < MIN_TUNED_STEPS:
            needed = replace(fitting, plan=replace(plan, steps=MIN_TUNED_STEPS)).seconds()
            yield _record(TUNED, time.monotonic() - begun, _no_time(needed, self._left))
            return
        fitted = fitting.run(self.steps(f"Training, {TUNED}"))
        yield DetectorTrial(TUNED, "partial", best.mapped, fitted, time.monotonic() - begun)


def _record(name: str, seconds: float, reason: str, n_items: int = 0) -> RungRecord:
    return RungRecord(name=name, tried=n_items > 0, seconds=seconds, reason=reason, n_items=n_items)


def _no_time(needed: float, left: float) -> str:
    return f"it takes about {needed / 60:.1f} min, and {left / 60:.1f} are left (--minutes)"
