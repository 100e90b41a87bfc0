"""A detector for each fold and one on all images, in processes of one core each."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.data.preprocessing.placed_boxes import into_image
from topwork.errors import UserError
from topwork.features import Steps
from topwork.heads.detection.suppression import suppressed
from topwork.metrics.detection.detections import Detections
from topwork.runtime import usable_cores
from topwork.runtime.executor import ProcessExecutor
from topwork.settings import FitSettings
from topwork.trials.detection.maps import MappedImages
from topwork.trials.detection.plan import DetectionPlan

Array = NDArray[np.float32]

MIN_STEPS = 12
"""Of the optimiser; fewer teach nothing, however little time there is."""

_WORTH_PROCESSES = 15.0
"""Seconds of training; each process takes some of them to begin."""

_FOR_TRAINING = 0.75
"""Share of the time budget."""


@dataclass(frozen=True, eq=False, slots=True)
class CrossFit:
    """What the fits gave.

    Parameters
    ----------
    weights
        Of the head that was trained on all images.
    detections
        Of each image by the head that was trained without its fold, in pixels of the image.
    plan
        As it was carried out.
    seconds
        What all fits took.
    """

    weights: dict[str, Array]
    detections: list[Detections]
    plan: DetectionPlan
    seconds: float


def cross_fit(
    mapped: MappedImages,
    plan: DetectionPlan,
    folds: NDArray[np.integer],
    settings: FitSettings,
    steps: Steps,
) -> CrossFit:
    """Train on the complement of each fold and on all images.

    Parameters
    ----------
    folds
        Fold of each image, ``(n,)``.
    """
    from topwork.training.detection.fit import (
        DetectionJob,
        DetectionRecipe,
        fit_detection,
        seconds_per_step,
    )

    begun = time.monotonic()
    n = len(mapped.data)
    every = np.arange(n)
    recipe = DetectionRecipe(
        steps=plan.steps,
        batch=plan.batch,
        learning_rate=plan.learning_rate,
        width=plan.channels,
        seed=settings.seed,
    )
    whole = DetectionJob(
        cuts=mapped.cuts,
        boxes=mapped.boxes,
        layout=plan.layout,
        n_classes=len(mapped.data.boxes.labels),
        recipe=recipe,
        rows=every,
        held_out=every[:0],
    )
    names = np.unique(folds)
    workers = min(usable_cores(), len(names) + 1)
    rounds = -(-(len(names) + 1) // workers)
    a_step = seconds_per_step(whole)
    affordable = 60 * settings.minutes * _FOR_TRAINING / rounds / a_step
    plan = replace(plan, steps=max(MIN_STEPS, min(plan.steps, int(affordable))))
    whole = replace(whole, recipe=replace(recipe, steps=plan.steps))
    jobs = [whole] + [
        replace(whole, rows=every[folds != fold], held_out=every[folds == fold]) for fold in names
    ]
    progress = steps("Training")
    progress(0, len(jobs))
    if len(jobs) * plan.steps * a_step > _WORTH_PROCESSES:
        final, *others = ProcessExecutor(workers).map(fit_detection, jobs)
    else:
        final, *others = [fit_detection(job) for job in jobs]
    progress(len(jobs), len(jobs))
    if any(fit.ending == "interrupted" for fit in (final, *others)):
        raise KeyboardInterrupt
    if final.ending == "diverged":
        raise UserError(
            "Training diverged: the loss became infinite.",
            remedy="Check the boxes with topwork check, or give another --seed.",
            code="diverged",
        )
    found: list[Detections] = [Detections.none()] * n
    for job, fit in zip(jobs[1:], others, strict=True):
        for i, row in enumerate(job.held_out):
            found[row] = detections_of(fit.qualities[i], fit.corners[i], mapped, int(row))
    return CrossFit(final.weights, found, plan, time.monotonic() - begun)


def detections_of(scores: Array, corners: Array, mapped: MappedImages, row: int) -> Detections:
    """What a head gives for an image as boxes of that image."""
    rows, classes = suppressed(corners, scores)
    boxes = into_image(corners[rows], mapped.framing, mapped.sizes[row])
    return Detections(boxes, classes.astype(np.int64), scores[rows, classes])
