"""One image per class that is nearest to its name, where no image has a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from topwork.backbones.towers.text_tower import EXAMPLE, open_text_tower
from topwork.data import ClassTargets, Dataset
from topwork.errors import DataError, ParameterError
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import normalise_rows
from topwork.heads.few_shot.names import MIN_CLASSES
from topwork.runtime.progress import Progress, silent
from topwork.settings import FitSettings
from topwork.trials.few_shot import class_texts
from topwork.trials.resolved import resolved


def items_by_name(
    data: Dataset, names: Sequence[str], settings: FitSettings, *, progress: Progress = silent
) -> Dataset:
    """Of unlabelled images one per class, by a network with a tower for texts.

    A fit on them also learns from the names themselves; with one image per class it evaluates
    nothing, so that nothing is said of labels that nobody gave.

    Parameters
    ----------
    data
        Images; labels are not looked at.
    names
        Of the classes, four or more, which are words.

    Raises
    ------
    DataError
        There are fewer images than classes.
    ParameterError
        The names are too few or no words, or the network has no tower for texts.
    """
    settings = resolved(settings, data.kind.name)
    tower = open_text_tower(settings.backbone_name)
    if tower is None:
        raise ParameterError(
            f"Names of classes say nothing to {settings.backbone_name}, which has no tower for "
            "texts.",
            remedy=f"Add --backbone transformers:{EXAMPLE} (or another of the CLIP or SigLIP "
            "kind), or label a few items of each class first: topwork label DATA.",
            code="no_texts",
        )
    labels = tuple(sorted(dict.fromkeys(names)))
    told = class_texts(labels, None)
    if told is None or len(labels) < MIN_CLASSES:
        raise ParameterError(
            f"Without any label, images are told by the names of {MIN_CLASSES} classes or more, "
            "which are words.",
            remedy="Name all classes in words, or label some images: topwork label DATA.",
            code="too_few_classes",
        )
    opened = open_backbone(settings.backbone_name, settings)
    read = read_once(data, opened.request, max_bad=settings.max_bad, progress=progress)
    if len(read.kept) < len(labels):
        raise DataError(
            f"There are {len(read.kept)} images for {len(labels)} classes.",
            remedy="Give more images, or fewer classes.",
            code="too_few_items",
        )
    images = normalise_rows(opened.request.store.read(read.keys))
    rows = tower.among_images([told[code][0] for code in range(len(labels))])
    scores = normalise_rows(rows - rows.mean(axis=0)) @ (images - images.mean(axis=0)).T
    from scipy.optimize import linear_sum_assignment

    _, best = linear_sum_assignment(-scores)
    chosen = data.take(np.asarray(read.kept)[best])
    note = (
        "No image has a label: of each class the image that is nearest to its name was taken, and "
        "the name itself."
    )
    targets = ClassTargets(np.arange(len(labels)), labels)
    return replace(chosen, targets=targets, hints=(*chosen.hints, note))
