"""How good a detector is on other data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.data import BoxTargets, Dataset, ImageBoxes, Item, match_labels
from topwork.features import ExtraRequest
from topwork.features.rejected import RejectedRecord
from topwork.metrics.detection.false_detections import FalseDetections, false_detections
from topwork.metrics.detection.matching import Matches
from topwork.metrics.detection.scores import DetectionScores, detection_scores
from topwork.model.detection.class_of_boxes import ClassOfBoxes, classes_of_boxes
from topwork.model.detection.judged import JudgedBoxes
from topwork.model.detection.predictions import DetectionPredictions
from topwork.model.evaluation.copies import CopySearch
from topwork.model.evaluation.judged_data import JudgedData, check_any_readable
from topwork.model.evaluation.ledger import note_use
from topwork.model.evaluation.shifted import DataShift, pooled_shift
from topwork.model.short_repr import score
from topwork.model.training_items import TrainingImages
from topwork.runtime.counted import counted


class AtThreshold(BaseModel):
    """What the model's own threshold does on the judged images.

    Attributes
    ----------
    threshold
        Least probability of a box.
    precision, recall
        Share of the boxes that are right, and of the objects that are found; ``null`` where there
        are none.
    false_per_image
        Wrong boxes per image.
    """

    model_config = ConfigDict(frozen=True)

    threshold: float
    precision: float | None
    recall: float | None
    false_per_image: float


class DetectionEvaluation(JudgedData, BaseModel):
    """What ``evaluate`` found of a detector.

    Attributes
    ----------
    n_objects
        Objects in the images.
    unknown_objects
        Objects of classes that the model does not know; they are not judged.
    per_class
        Each class of the model, by its name.
    at_threshold
        What a user of the model sees of these images.
    errors
        Kinds of false boxes at the threshold, and missed objects.
    shift
        Whether the images look like those of training; ``null`` where there are too few to tell.
    """

    task: Literal["boxes"] = "boxes"
    n_objects: int
    unknown_objects: int = 0
    scores: DetectionScores
    per_class: list[ClassOfBoxes]
    at_threshold: AtThreshold
    errors: FalseDetections
    shift: DataShift | None = None

    def _left_out(self) -> tuple[str, ...]:
        if not self.unknown_objects:
            return ()
        what = counted(self.unknown_objects, "object")
        return (f"{what} of classes that the model does not know were left out.",)

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "ap50": score(self.scores.ap50),
            "recall_at_05": score(self.scores.recall_at_05),
            "rejected": len(self.rejected),
        }


def evaluate_boxes(
    data: Dataset,
    *,
    labels: Sequence[str],
    training: TrainingImages,
    identity: str,
    threshold: float,
    predict: Callable[[Sequence[Item], Sequence[ExtraRequest]], DetectionPredictions],
) -> tuple[DetectionEvaluation, JudgedBoxes]:
    """Judge a detector on annotated data.

    Parameters
    ----------
    labels, training, identity, threshold
        Of the model.
    predict
        What the model finds in images, down to low probabilities; others see them, too, while
        they are open.

    Raises
    ------
    DataError
        The data have no boxes, or nothing can be read.
    """
    begun = time.monotonic()
    boxes = data.boxes
    copies = CopySearch(training)
    found = predict(data.items, copies.extra_requests)
    check_any_readable(len(found), found.rejected, "images")
    kept, n_unknown = known_boxes(boxes.take(np.array(found.kept)), labels)
    groups = None if data.groups is None else data.groups[found.kept]
    items = [data.items[i] for i in found.kept]
    judged = JudgedBoxes.of(
        data.kind, items, found.sizes, kept, found.detections, threshold=threshold
    )
    evaluation = DetectionEvaluation(
        modality=data.kind.name,
        n_items=len(found),
        n_objects=int(kept.counts().sum()),
        unknown_objects=n_unknown,
        seen_in_training=training.saw(found.keys),
        altered_copies=copies.altered(found.keys),
        rejected=RejectedRecord.of((*data.rejected, *found.rejected)),
        remarks=list(found.remarks),
        scores=detection_scores(kept, found.detections, groups),
        per_class=classes_of_boxes(kept, judged.matches),
        at_threshold=at_threshold(judged.matches, threshold),
        errors=false_detections(judged.matches, threshold=threshold),
        shift=pooled_shift(
            training.pooled,
            training.pooled_groups,
            found.pooled,
            groups=groups,
            seen=training.seen(found.keys),
        ),
        uses=note_use(identity, found.keys),
        skipped=dict(data.ignored),
        notes=list(data.hints),
        seconds=time.monotonic() - begun,
    )
    return evaluation, judged


def known_boxes(targets: BoxTargets, labels: Sequence[str]) -> tuple[BoxTargets, int]:
    """Targets in the classes of a model, and how many objects it doesn't know.

    Objects of other classes are ignored in each of the model's: what it can't know is neither found
    nor missed, and a box on it is not false.
    """
    codes = np.array([*match_labels(targets.labels, labels)], np.int64).reshape(-1)
    images, n_unknown, k = [], 0, len(labels)
    for one in targets.images:
        strange = codes[one.classes] < 0
        n = int(strange.sum())
        n_unknown += int((strange & ~one.ignored).sum())
        images.append(
            ImageBoxes(
                np.concatenate([one.corners[~strange], np.repeat(one.corners[strange], k, axis=0)]),
                np.r_[codes[one.classes[~strange]], np.tile(np.arange(k), n)].astype(np.int64),
                np.r_[one.ignored[~strange], np.ones(n * k, bool)],
            )
        )
    return replace(targets, labels=tuple(labels), images=tuple(images)), n_unknown


def at_threshold(matches: Matches, threshold: float) -> AtThreshold:
    """Precision, recall and false boxes per image at one threshold."""
    errors = false_detections(matches, threshold=threshold)
    n_right, n_false, n_objects = errors.right, errors.false, errors.right + errors.missed
    return AtThreshold(
        threshold=threshold,
        precision=n_right / (n_right + n_false) if n_right + n_false else None,
        recall=n_right / n_objects if n_objects else None,
        false_per_image=n_false / max(matches.flat.n_images, 1),
    )
