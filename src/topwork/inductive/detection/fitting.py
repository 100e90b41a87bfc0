"""From annotated images to a judged detector: maps once, a head on top of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection import SeenAgain, fit_box_probability
from topwork.data import Dataset, surveyed
from topwork.errors import DataError
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import stratified_folds
from topwork.inductive.detection.assembly import assemble_detector
from topwork.inductive.detection.network_with_maps import network_with_maps
from topwork.inductive.saving import Clock, model_name, saved
from topwork.installation import TRAINING, require
from topwork.intake.labelled import undivided
from topwork.intake.survey import Survey, survey
from topwork.model import check_target
from topwork.model.detection.model import DetectorModel
from topwork.quality import Duplicates, Families, examine, find_duplicates, find_families
from topwork.reporting.detection.evidence import DetectionEvidence
from topwork.reporting.detection.record import record_detection
from topwork.reporting.detection.result import DetectionFitResult
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.search.detectors import DetectorLadder
from topwork.settings import FitSettings
from topwork.settings.classes_only import check_classes_only, of_classes_only
from topwork.settings.fit import AUTO
from topwork.tasks.registry import strata_of
from topwork.trials.detection.crops import CropNetwork
from topwork.trials.detection.regions import region_features
from topwork.trials.detection.thresholds import Thresholded, with_threshold
from topwork.trials.detection.trial import DetectorTrial, select_detector
from topwork.trials.resolved import check_kind, resolved

MIN_IMAGES = 8
"""With objects; fewer can be neither learnt from nor judged by."""

LOOKING = 0.2
"""Share of the minutes that looking at boxes again may take where none are left."""


@dataclass(frozen=True, slots=True)
class FittedDetector:
    """A detector, what is known of it, and what that is known from."""

    model: DetectorModel
    result: DetectionFitResult
    evidence: DetectionEvidence


@where_settings_say
def fit_boxes(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedDetector:
    """Fit a detector on annotated images, judge it, and save it if ``save_to`` is given.

    Parameters
    ----------
    data
        Images with `topwork.data.BoxTargets`.
    steps
        Where progress goes.
    read_seconds
        What finding the images took, for the record.

    Raises
    ------
    DataError
        Too few images show objects, or too many can't be read.
    ParameterError
        Something is asked for that only classifiers can have.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    settings = resolved(settings or FitSettings(), data.kind.name)
    check_kind(settings, data.kind.name)
    check_detection_settings(settings)
    require("Training a detector", TRAINING)
    check_boxes(data)
    if save_to is not None:
        check_target(save_to)
    clock = Clock(time.monotonic(), read_seconds)
    asked = settings.backbone_name
    settings = replace(settings, backbone=network_with_maps(asked, settings.strategy))
    if settings.backbone_name != asked:
        said = f"{asked} gives no maps of images: heads stand on {settings.backbone_name}."
        data = replace(data, hints=(*data.hints, said))
    evidence, seconds = _evidence(
        surveyed(data, settings.window), RunContext(settings, steps), asked
    )
    spent = clock.spent(seconds)
    result = record_detection(evidence, spent)
    named = model_name(data, save_to, default="images")
    model = assemble_detector(evidence, settings, result, named)
    result = saved(model, result, save_to, spent, clock)
    return FittedDetector(model, result, evidence)


def check_detection_settings(settings: FitSettings) -> None:
    """Refuse what detectors can't do, before anything is computed.

    Raises
    ------
    ParameterError
        The first such setting.
    """
    check_classes_only(
        of_classes_only(settings, ("probe", "partial", "full", AUTO)),
        "the targets are boxes",
        remedy="Leave it out.",
    )


def check_boxes(data: Dataset) -> None:
    """Refuse data that no detector can be learnt from.

    Raises
    ------
    DataError
        Too few images show objects.
    """
    shown = sum(bool((~one.ignored).any()) for one in data.boxes.images)
    if shown < MIN_IMAGES:
        raise DataError(
            f"{shown} of {len(data)} images show an annotated object.",
            remedy=f"Annotate at least {MIN_IMAGES}; a hundred give a useful detector.",
            code="too_few",
        )


def _evidence(
    data: Dataset, context: RunContext[FitSettings], asked: str
) -> tuple[DetectionEvidence, dict[str, float]]:
    """Everything that is measured, and the seconds of each part.

    Parameters
    ----------
    asked
        The backbone that was asked for, where another one stands in for it.
    """
    settings, clock = context.settings, [time.monotonic()]
    context = context.within(60 * settings.minutes)
    plain = replace(context, settings=replace(settings, baselines=False))
    seen = survey(data, plain, step="Images")
    check_boxes(seen.frozen.data)
    groups, duplicates, families = _groups(seen, settings)
    data, strata = seen.frozen.data, strata_of(seen.frozen.data)
    folds = stratified_folds(strata, n_folds=settings.n_folds, groups=groups, seed=settings.seed)
    clock.append(time.monotonic())
    search = DetectorLadder(data, context, folds, groups, asked).search()
    clock.append(time.monotonic())
    chosen, selection = select_detector(search.trials, data.boxes, folds=folds, groups=groups)
    crops = CropNetwork.of(settings.backbone_name, keep=settings.cache)
    mapped = chosen.mapped
    again = crops.look(
        mapped.data,
        chosen.fitted.detections,
        mapped.sizes,
        seconds=max(context.left, LOOKING * 60 * settings.minutes),
        progress=context.steps("Looking at boxes again"),
    )
    evidence = DetectionEvidence(
        asked=asked if chosen.by_queries else settings.backbone_name,
        search=search,
        chosen=chosen,
        selection=selection,
        groups=groups,
        strata=strata,
        thresholded=_thresholded(chosen, again, folds, groups, settings),
        crops=crops,
        duplicates=duplicates,
        families=families,
        findings=examine(
            seen.frozen.data,
            seen.similarity,
            duplicates,
            rejected=seen.frozen.extraction.rejected,
            families=families,
        ),
        survey=seen,
    )
    clock.append(time.monotonic())
    features, head, judge = np.diff(clock)
    return evidence, {"features": features, "head": head, "judge": judge}


def _thresholded(
    chosen: DetectorTrial,
    seen: Sequence[SeenAgain] | None,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    settings: FitSettings,
) -> Thresholded:
    """Probabilities and threshold by what was found in images held out."""
    mapped, found = chosen.mapped, chosen.fitted.detections
    frozen = chosen.strategy == "probe"  # the stored maps are not those of layers trained on
    probability = fit_box_probability(
        mapped.data.boxes,
        found,
        np.array(mapped.sizes),
        folds,
        features=region_features(mapped, found) if frozen else None,
        crops=seen,
        groups=groups,
    )
    return with_threshold(mapped.data.boxes, probability, settings, groups=groups)


def _groups(
    seen: Survey, settings: FitSettings
) -> tuple[NDArray[np.int64], Duplicates, Families | None]:
    frozen: FrozenPart = seen.frozen
    keys, strata = frozen.extraction.keys, strata_of(frozen.data)
    duplicates = find_duplicates(
        keys,
        seen.similarity,
        frozen.features,
        strata,
        near_duplicates=settings.near_duplicates,
    )
    families: Families | None = None
    if settings.name_groups:
        names = [item.name for item in frozen.data.items]
        families = find_families(names, seen.similarity, frozen.features, duplicates, strata)
    return undivided(frozen.data, duplicates, families), duplicates, families
