"""Detectors from simple to complex, as long as there is time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import BackboneError, BadItem, DataError
from topwork.features.budget import NO_ROOM
from topwork.runtime.run_context import RunContext
from topwork.search.detector_timing import MIN_RATIO, SPARE, measured, no_time, record
from topwork.search.ladder import RungRecord
from topwork.search.pretrained_detector import DETECTOR, PretrainedDetectorRung
from topwork.settings import FitSettings
from topwork.settings.choices import Strategy
from topwork.settings.fit import AUTO
from topwork.trials.detection.baselines import (
    UNTRAINED,
    BaselineDetector,
    UntrainedDetector,
    empty_answer,
    pretraining_gain,
)
from topwork.trials.detection.cross_fitting import CrossFitting
from topwork.trials.detection.fold_fitting import DivergedError
from topwork.trials.detection.maps import MappedImages, decoded_views, image_sizes, map_images
from topwork.trials.detection.plan import (
    DetectionPlan,
    larger_input,
    needed_tiles,
    plan_detection,
)
from topwork.trials.detection.trial import (
    DetectorTrial,
    HeadTrial,
    select_detector,
)
from topwork.trials.gains.transfer_gain import TransferGain

if TYPE_CHECKING:
    from topwork.training.detection.fit import TrainedLayers

FROZEN = "frozen network"
LARGER = "frozen network, larger input"
TILED = "frozen network, tiles"
TUNED = "last layers fine-tuned"
WHOLE = "whole network fine-tuned"

MAX_STEPS = 2000
"""Of the larger input, where there is time."""

TUNED_STEPS = 400
MIN_TUNED_STEPS = 150
"""Fewer steps of fine-tuning aren't worth trying."""

WHOLE_STEPS = 300
MIN_WHOLE_STEPS = 100
"""The same of the whole network, each of whose steps takes several times as long."""

WHOLE_RATE = 1e-3
"""As NanoDet trains its networks from ImageNet; measured on composed scenes (decision 42)."""

_FIRST = 0.3
"""Share of the time that the first detector may take where others are tried, too."""


Rung: TypeAlias = Callable[[list[DetectorTrial]], Iterator[DetectorTrial | RungRecord]]


@dataclass(frozen=True, eq=False, slots=True)
class DetectorSearch:
    """Detectors that were tried on n images that can be read.

    Parameters
    ----------
    trials
        From simple to complex.
    rungs
        Those above the first, and what became of each; of baselines those that were not tried.
    folds
        ``(n,)``.
    baselines
        From simple to complex; none where they were not asked for.
    gain
        What the detector on the frozen network gains over its untrained network, if that was tried.
    """

    trials: tuple[DetectorTrial, ...]
    rungs: tuple[RungRecord, ...]
    folds: NDArray[np.integer]
    baselines: tuple[BaselineDetector, ...] = ()
    gain: TransferGain | None = None


@dataclass(eq=False)
class DetectorLadder:
    """Tries detectors.

    Parameters
    ----------
    data
        Annotated images that can be read.
    folds, groups
        ``(n,)``.
    asked
        The backbone that was asked for, where another one stands in for it; None for the settings'.
    """

    data: Dataset
    run: RunContext[FitSettings]
    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    asked: str | None = None

    def search(self) -> DetectorSearch:
        """The first detector, and those above it that the strategy names."""
        tuned, whole = (TUNED, self._tuned), (WHOLE, self._whole)
        detector = DETECTOR, self._detector
        above: dict[str, tuple[tuple[str, Rung], ...]] = {
            AUTO: ((LARGER, self._larger), (TILED, self._tiled), tuned, whole, detector),
            "partial": (tuned,),
            "full": (whole, detector),
        }
        more = above.get(self.run.settings.strategy, ())
        try:
            sizes = image_sizes(self.data)
        except BadItem as error:
            raise DataError(
                f"An image went away since it was read ({error.detail}).",
                remedy="Start again when nothing changes the images.",
                code="went_away",
            ) from error
        first = self._first(sizes, _FIRST if more else SPARE)
        trials: list[DetectorTrial] = [first]
        rungs: list[RungRecord] = []
        for name, rung in more:
            for found in self._tried(name, rung, trials):
                if isinstance(found, DetectorTrial):
                    trials.append(found)
                    reason = f"tried with {found.fitted.plan.steps} steps"
                    rungs.append(record(found.name, found.seconds, reason, len(self.data)))
                else:
                    rungs.append(found)
        search = DetectorSearch(tuple(trials), tuple(rungs), self.folds)
        return self._with_baselines(search) if self.run.settings.baselines else search

    def _first(self, sizes: Sequence[tuple[int, int]], share: float) -> HeadTrial:
        """With tiles where they are asked for, or needed and not compared with none later.

        Where there is no room for so many, with fewer.
        """
        targets, settings = self.data.boxes, self.run.settings
        n_classes, asked = len(targets.labels), settings.tiles
        tiles = 1 if settings.strategy == AUTO and asked is None else self._tiles(sizes)
        while True:
            plan = plan_detection(targets.images, sizes, n_classes=n_classes, tiles=tiles)
            name = FROZEN if tiles == 1 else TILED
            try:
                return self._frozen(name, plan, self._left * share)
            except DataError as error:
                if error.code != NO_ROOM or tiles == 1 or asked is not None:
                    raise
                tiles -= 1

    def _tiles(self, sizes: Sequence[tuple[int, int]]) -> int:
        """Per side, as asked for or as the boxes need."""
        boxes = self.data.boxes
        needed = needed_tiles(boxes.images, sizes, n_classes=len(boxes.labels))
        return self.run.settings.tiles or needed

    def _with_baselines(self, search: DetectorSearch) -> DetectorSearch:
        """With what must be beaten; the untrained network where there is time left."""
        first, targets = search.trials[0], self.data.boxes
        empty = empty_answer(targets)
        found = self._untrained(first)
        if isinstance(found, RungRecord):
            return replace(search, rungs=(*search.rungs, found), baselines=(empty,))
        gain = pretraining_gain(first, found, targets, folds=self.folds, groups=self.groups)
        return replace(search, baselines=(empty, found), gain=gain)

    def _untrained(self, first: DetectorTrial) -> BaselineDetector | RungRecord:
        network = UntrainedDetector(
            first,
            self.run.settings.backbone_name,
            self.folds,
            self.run.settings.seed,
            keep=self.run.settings.cache,
        )
        reason = network.unsuited()
        if not reason and network.seconds() > self._left * SPARE:
            reason = no_time(network.seconds(), self._left)
        if reason:
            return record(UNTRAINED, 0.0, reason)
        begun = time.monotonic()
        try:
            return network.run(
                self.run.steps("Maps, untrained"), self.run.steps("Training, untrained")
            )
        except DivergedError:
            return record(UNTRAINED, time.monotonic() - begun, "training diverged")
        except BackboneError as error:  # its layers have other names, or it takes other sizes
            return record(UNTRAINED, time.monotonic() - begun, str(error).rstrip("."))

    def _tried(
        self, name: str, rung: Rung, trials: list[DetectorTrial]
    ) -> Iterator[DetectorTrial | RungRecord]:
        """What a rung gives; nothing that was found before is lost where its training diverges."""
        begun = time.monotonic()
        try:
            yield from rung(trials)
        except DivergedError:
            yield record(name, time.monotonic() - begun, "training diverged")
        except BackboneError as error:
            yield record(name, time.monotonic() - begun, str(error).rstrip("."))
        except DataError as error:
            if error.code != NO_ROOM:
                raise
            yield record(name, time.monotonic() - begun, error.message.rstrip("."))

    @property
    def _left(self) -> float:
        return max(self.run.left, 0.0)

    def _frozen(self, name: str, plan: DetectionPlan, seconds: float) -> HeadTrial:
        begun = time.monotonic()
        mapped = self._mapped(plan)
        fitting = CrossFitting(mapped, plan, self.folds, self.run.settings.seed)
        fitting = fitting.within(seconds - (time.monotonic() - begun))
        fitted = fitting.run(self.run.steps(f"Training, {name}"))
        return HeadTrial(name, "probe", mapped, fitted, time.monotonic() - begun)

    def _mapped(self, plan: DetectionPlan) -> MappedImages:
        return map_images(
            self.data,
            plan,
            name=self.run.settings.backbone_name,
            keep=self.run.settings.cache,
            progress=self.run.steps("Maps"),
        )

    def _tiled(self, trials: list[DetectorTrial]) -> Iterator[DetectorTrial | RungRecord]:
        """Small objects seen larger, in tiles; every view of an image takes as long as another."""
        first = trials[0]
        targets, sizes = self.data.boxes, first.mapped.sizes
        tiles, n_classes = self._tiles(sizes), len(targets.labels)
        if tiles == first.fitted.plan.tiles:
            return
        plan = plan_detection(targets.images, sizes, n_classes=n_classes, tiles=tiles)
        before = first.fitted.plan
        ratio = plan.height * plan.width / (before.height * before.width)
        needed = first.seconds * ratio * max(1.0, plan.views / first.mapped.cuts[0].n_views)
        if needed > self._left * SPARE:
            yield record(TILED, 0.0, no_time(needed, self._left))
            return
        yield self._frozen(TILED, plan, self._left * SPARE)

    def _larger(self, trials: list[DetectorTrial]) -> Iterator[DetectorTrial | RungRecord]:
        first = trials[0]
        side = larger_input(first.fitted.plan)
        if side is None or first.fitted.plan.tiles > 1:
            return
        targets = self.data.boxes
        sizes = first.mapped.sizes
        plan = plan_detection(targets.images, sizes, n_classes=len(targets.labels), side=side)
        plan = replace(plan, steps=MAX_STEPS)
        ratio = plan.height * plan.width / (first.fitted.plan.height * first.fitted.plan.width)
        needed = ratio * first.seconds
        if needed > self._left * SPARE:
            yield record(LARGER, 0.0, no_time(needed, self._left))
            return
        yield self._frozen(LARGER, plan, self._left * SPARE)

    def _tuned(self, trials: list[DetectorTrial]) -> Iterator[DetectorTrial | RungRecord]:
        from topwork.training.detection.fit import TrainedLayers

        best = self._best_frozen(trials)
        plan, names = best.fitted.plan, best.mapped.names
        layers = TrainedLayers(
            self.run.settings.backbone_name, plan.height, plan.width, names[-2], names[-1:]
        )
        steps = TUNED_STEPS, MIN_TUNED_STEPS
        yield self._further(best, layers, TUNED, "partial", steps, at_least=1.0)

    def _whole(self, trials: list[DetectorTrial]) -> Iterator[DetectorTrial | RungRecord]:
        from topwork.training.detection.fit import TrainedLayers

        best = self._best_frozen(trials)
        plan = best.fitted.plan
        layers = TrainedLayers(
            self.run.settings.backbone_name,
            plan.height,
            plan.width,
            None,
            best.mapped.names,
            learning_rate=WHOLE_RATE,
        )
        steps = WHOLE_STEPS, MIN_WHOLE_STEPS
        share = SPARE / 2 if self._asked_detector.exists() else SPARE
        yield self._further(best, layers, WHOLE, "full", steps, at_least=MIN_RATIO, share=share)

    def _detector(self, trials: list[DetectorTrial]) -> Iterator[DetectorTrial | RungRecord]:
        """The detector that the backbone was taken from, if it was."""
        yield from self._asked_detector.tried(self._best_frozen(trials))

    @property
    def _asked_detector(self) -> PretrainedDetectorRung:
        asked = self.asked or self.run.settings.backbone_name
        return PretrainedDetectorRung(asked, self.run, self.folds)

    def _further(
        self,
        best: HeadTrial,
        layers: TrainedLayers,
        name: str,
        strategy: Strategy,
        steps: tuple[int, int],
        *,
        at_least: float,
        share: float = SPARE,
    ) -> DetectorTrial | RungRecord:
        """Layers trained with the heads that there are, for the most steps that there is time for.

        Parameters
        ----------
        steps
            Wanted, and the fewest that are worth trying.
        at_least
            Times of a step of the head that a step takes: where even that is too much, nothing is
            measured.
        share
            Of the time that is left.
        """
        begun, (most, fewest) = time.monotonic(), steps
        fitting = CrossFitting(
            best.mapped,
            replace(best.fitted.plan, steps=fewest),
            self.folds,
            self.run.settings.seed,
            layers=layers,
            start=best.fitted,
            pixels=decoded_views(best.mapped) if layers.start is None else None,
        )
        timed = measured(fitting, self._left, at_least=at_least * best.fitted.step)
        if isinstance(timed, str):
            return record(name, time.monotonic() - begun, timed)
        wanted = replace(timed, plan=replace(fitting.plan, steps=most))
        found = wanted.within(self._left * share).run(self.run.steps(f"Training, {name}"))
        return HeadTrial(name, strategy, best.mapped, found, time.monotonic() - begun)

    def _best_frozen(self, trials: list[DetectorTrial]) -> HeadTrial:
        frozen = [t for t in trials if isinstance(t, HeadTrial) and t.strategy == "probe"]
        best, _ = select_detector(frozen, self.data.boxes, folds=self.folds, groups=self.groups)
        return best
