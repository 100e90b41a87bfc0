"""How an inspector does on parts that are known to be good or defective."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.data.reading.inspection.inspected_parts import InspectedParts, read_mask
from topwork.errors import DataError
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.metrics.inspection.heat_scores import HeatScores
from topwork.metrics.inspection.part_scores import part_auroc, share
from topwork.metrics.records import Record, Score
from topwork.model.inspection.model import InspectorModel
from topwork.model.inspection.predictions import InspectionPredictions
from topwork.model.short_repr import ShortRepr, score
from topwork.runtime.counted import counted
from topwork.runtime.progress import Progress, silent
from topwork.shift.moved_scores import MovedScores, moved_scores

Groups = NDArray[np.generic] | None


class InspectionEvaluationScores(Record):
    """How well defective parts and defects are told.

    Attributes
    ----------
    auroc
        Chance that a defective part scores above a good one; ``None`` where there is none of them.
    pixel_auroc
        The same of pixels inside and outside of masks; ``None`` without masks.
    pro
        Mean overlap of defects with what is above a threshold, over thresholds with up to 30 % of
        the good pixels above, 0 to 1; ``None`` without masks.
    false_alarm_rate
        Share of good parts that are called anomalous; ``None`` without good parts.
    found
        Share of defective parts that are called anomalous; ``None`` without defective parts.
    """

    auroc: Score | None
    pixel_auroc: Score | None
    pro: Score | None
    false_alarm_rate: Score | None
    found: Score | None


class FoundKind(BaseModel):
    """Parts with one kind of defect.

    Attributes
    ----------
    label
        What it is called.
    n
        Parts that have it.
    found
        Share of them that are called anomalous.
    auroc
        Chance that one scores above a good part; ``None`` without good parts.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    n: int
    found: Score
    auroc: Score | None


class InspectionEvaluation(ShortRepr, JsonObject, BaseModel):
    """What ``evaluate`` found of a model that inspects parts.

    Attributes
    ----------
    model
        The folder of the model, where it was named.
    n_items, n_good, n_defective, n_masks
        Images, those of good and of defective parts, and masks of defects.
    n_seen
        Images that were in the training data.
    promised
        The promised rate of false alarms.
    threshold
        Parts of a larger score are called anomalous.
    per_class
        Each kind of defect.
    moved
        Whether the scores of the good parts have moved as a whole; ``None`` where they have not.
    """

    model_config = ConfigDict(frozen=True)

    task: Literal["one-class"] = "one-class"
    modality: ModalityName = "image"
    model: str | None = None
    n_items: int
    n_good: int
    n_defective: int
    n_masks: int
    n_seen: int
    rejected: list[RejectedRecord]
    scores: InspectionEvaluationScores
    promised: float
    threshold: float
    per_class: list[FoundKind]
    seconds: float
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []
    moved: MovedScores | None = None

    def _facts(self) -> dict[str, object]:
        return {
            "good": self.n_good,
            "defective": self.n_defective,
            "auroc": score(self.scores.auroc),
            "false alarms": score(self.scores.false_alarm_rate),
            "found": score(self.scores.found),
        }


def evaluate_parts(
    model: InspectorModel, parts: InspectedParts, *, progress: Progress = silent
) -> tuple[InspectionEvaluation, InspectionPredictions]:
    """Judge a model on good and defective parts.

    Raises
    ------
    DataError
        No image can be read, or a mask can't be.
    """
    begun, data = time.monotonic(), parts.data
    found = model.predictions(data.items, progress=progress)
    if not len(found):
        raise DataError(
            f"None of the {len(data)} images can be read; the first: {found.rejected[0].path} "
            f"({found.rejected[0].why}).",
            remedy="Give images that can be opened.",
            code="nothing_readable",
        )
    kept = np.array(found.kept, np.intp)
    defective = parts.defective[kept]
    groups = data.groups if data.groups is None else data.groups[kept]
    heat, n_masks = _heat_scores(model, parts, found)
    assert data.classes is not None, "parts have classes"
    labels = [str(label) for label in data.classes.take(kept).values()]
    scores = InspectionEvaluationScores(
        auroc=part_auroc(found.scores, defective, groups),
        pixel_auroc=heat.pixel_auroc(),
        pro=heat.region_overlap(),
        false_alarm_rate=_share(found.anomalous, ~defective, groups),
        found=_share(found.anomalous, defective, groups),
    )
    seen = model.parts.training.seen(found.keys)
    n_seen = int(seen.sum())
    notes = list(data.hints)
    moved = moved_scores(model.good, found.scores[~seen & ~defective])
    if n_seen:
        seen_here = counted(n_seen, "of these images was", "of these images were")
        notes.append(f"{seen_here} in the training data: scores are too good.")
    evaluation = InspectionEvaluation(
        n_items=len(found),
        n_good=int((~defective).sum()),
        n_defective=int(defective.sum()),
        n_masks=n_masks,
        n_seen=n_seen,
        rejected=RejectedRecord.of(found.rejected),
        scores=scores,
        promised=model.card.false_alarms,
        threshold=model.card.threshold,
        per_class=list(_kinds(found, defective, np.array(labels, object), groups)),
        seconds=time.monotonic() - begun,
        remarks=list(found.remarks),
        skipped=dict(data.ignored),
        notes=notes,
        moved=moved,
    )
    return evaluation, found


def _heat_scores(
    model: InspectorModel, parts: InspectedParts, found: InspectionPredictions
) -> tuple[HeatScores, int]:
    """Of good parts and of those with masks, and how many masks there are."""
    heat, n_masks, groups = HeatScores(), 0, parts.data.groups
    if not any(parts.masks):
        return heat, 0
    for row, place in enumerate(found.kept):
        mask, (width, height) = parts.masks[place], found.sizes[row]
        if mask is None and parts.defective[place]:
            continue
        defect = np.zeros((height, width), bool)
        if mask is not None:
            defect, n_masks = read_mask(mask, model.kind, (width, height)), n_masks + 1
        heat.add(found.heat_map(row), defect, None if groups is None else groups[place])
    return heat, n_masks


def _share(flags: NDArray[np.bool_], rows: NDArray[np.bool_], groups: Groups) -> Score | None:
    return share(flags[rows], _of(groups, rows))


def _of(groups: Groups, rows: NDArray[np.bool_]) -> Groups:
    return None if groups is None else groups[rows]


def _kinds(
    found: InspectionPredictions,
    defective: NDArray[np.bool_],
    labels: NDArray[np.object_],
    groups: Groups,
) -> Iterator[FoundKind]:
    for label in sorted(set(labels[defective].tolist())):
        own = labels == label
        rows = own | ~defective
        caught = _share(found.anomalous, own, groups)
        assert caught is not None, "the label is there"
        area = part_auroc(found.scores[rows], own[rows], _of(groups, rows))
        yield FoundKind(label=label, n=int(own.sum()), found=caught, auroc=area)
