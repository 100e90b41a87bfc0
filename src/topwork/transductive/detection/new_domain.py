"""A detector looks at images of a new domain."""

from __future__ import annotations

import time
from pathlib import Path

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.features.rejected import RejectedRecord
from topwork.metrics.detection.detections import Detections
from topwork.model import DetectorModel
from topwork.model.evaluation.shifted import DataShift, pooled_shift
from topwork.runtime.counted import counted
from topwork.runtime.progress import Progress, silent
from topwork.transductive.detection.annotation_folder import SuggestedBoxes, check_folder
from topwork.transductive.detection.choosing_images import choose_images
from topwork.transductive.detection.result import DetectorAdaptResult

_SUGGESTED = 0.5
"""Boxes are suggested from this share of the model's threshold on: deleting one is quicker than
drawing one."""


def look_at_domain(
    model: DetectorModel,
    data: Dataset,
    *,
    n: int = 0,
    folder: Path | None = None,
    title: str = "",
    seed: int = 0,
    progress: Progress = silent,
) -> DetectorAdaptResult:
    """Whether images of a new domain look different, and which of them to annotate.

    The model stays as it is.

    Parameters
    ----------
    n, folder, title
        How many images to annotate, where they are copied with suggested boxes, and what the page
        there is called; 0 and None for none.

    Raises
    ------
    DataError
        No image can be read.
    ParameterError
        Something lies where the folder would be.
    """
    begun = time.monotonic()
    if folder is not None:
        check_folder(folder)
    found = model.predictions(data.items, threshold=0.0, progress=progress)
    if not len(found):
        raise DataError(
            "None of these images can be read.",
            remedy=f"The first one: {found.rejected[0].path} ({found.rejected[0].why}).",
            code="nothing_readable",
        )
    training, least = model.parts.training, model.card.threshold
    shift = pooled_shift(training.pooled, training.pooled_groups, found.pooled, seed=seed)
    shown = [one.at_least(least) for one in found.detections]
    sentences = _sentences(shown, shift)
    chosen = choose_images(found.detections, found.pooled, n)
    if folder is not None and len(chosen):
        SuggestedBoxes(
            kind=model.kind,
            labels=model.labels,
            items=[data.items[found.kept[i]] for i in chosen],
            sizes=[found.sizes[i] for i in chosen],
            detections=[found.detections[i].at_least(_SUGGESTED * least) for i in chosen],
        ).write(folder, title, sentences)
    return DetectorAdaptResult(
        n_items=len(found),
        n_boxes=sum(len(one) for one in shown),
        n_without=sum(not len(one) for one in shown),
        seen_in_training=training.saw(found.keys),
        rejected=RejectedRecord.of((*data.rejected, *found.rejected)),
        remarks=list(found.remarks),
        shift=shift,
        suggestions=None if folder is None or not len(chosen) else str(folder),
        suggested=[found.names[i] for i in chosen],
        sentences=sentences,
        seconds=time.monotonic() - begun,
    )


def _sentences(shown: list[Detections], shift: DataShift | None) -> list[str]:
    n = sum(len(one) for one in shown)
    empty = sum(not len(one) for one in shown)
    said = [
        f"At its threshold the detector finds {counted(n, 'box', 'boxes')} in "
        f"{counted(len(shown), 'image')}; {empty} show none.",
    ]
    if shift is None:
        said.append(
            "Whether they look like those of training cannot be told: there are too few images, or "
            "the model holds nothing to compare them with."
        )
    else:
        said.append(shift.sentence)
    if shift is not None and shift.noticeable:
        said.append(
            "Its scores, box probabilities and promises need not hold here, and cannot be "
            "recalibrated without annotations."
        )
    said.append(
        "The detector was not adapted: that needs annotations. Annotate some of these images, add "
        "them to the training data, and fit again."
    )
    return said
