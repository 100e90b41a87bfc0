"""What a model that is there already proposes, before the answers say anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data import Item
from topwork.errors import ParameterError
from topwork.labelling.annotation.answer_form import FormName, Value

if TYPE_CHECKING:
    from topwork.model.detection.model import DetectorModel
    from topwork.model.labels.model import LabelsModel
    from topwork.model.loading import AnyModel
    from topwork.model.model import Model
    from topwork.model.ordinal.model import OrdinalModel
    from topwork.model.ordinal.predictions import PredictedRank
    from topwork.model.predictions import PredictedItem

Proposed = Mapping[int, tuple[Value, float]]
"""The proposed answer and its probability, by the position of the item."""

Propose = Callable[[Sequence[Item]], Proposed]


def proposer(path: str | Path, form: FormName) -> tuple[Propose, tuple[str, ...]]:
    """What gives the answers of a saved model, and its classes.

    Raises
    ------
    ParameterError
        The model's answers have another form.
    """
    from topwork.model import load
    from topwork.model.detection.model import DetectorModel
    from topwork.model.labels.model import LabelsModel
    from topwork.model.model import Model
    from topwork.model.ordinal.model import OrdinalModel

    model: AnyModel = load(path)
    if isinstance(model, DetectorModel) and form == "boxes":
        return _boxes_of(model), tuple(model.labels)
    if isinstance(model, LabelsModel) and form == "labels":
        return _labels_of(model), tuple(model.labels)
    if (isinstance(model, Model) and form == "classes") or (
        isinstance(model, OrdinalModel) and form == "ordinal"
    ):
        return _class_of(model), tuple(map(str, model.labels))
    raise ParameterError(
        f"{path} is a model for {model.task}: its answers are none for --task {form}.",
        remedy=f"Say --task {model.task}, or leave --model out.",
        code="another_task",
    )


def _class_of(model: Model | OrdinalModel) -> Propose:
    def propose(items: Sequence[Item]) -> Proposed:
        found = model.predictions(list(items))
        predicted: Iterable[PredictedItem | PredictedRank] = found
        return {
            place: (str(one.label), float(one.probability))
            for place, one in zip(found.kept, predicted, strict=True)
        }

    return propose


def _labels_of(model: LabelsModel) -> Propose:
    def propose(items: Sequence[Item]) -> Proposed:
        found = model.predictions(list(items))
        return {
            place: (
                [given.label for given in one.labels],
                min((given.probability for given in one.labels), default=0.0),
            )
            for place, one in zip(found.kept, found, strict=True)
        }

    return propose


def _boxes_of(model: DetectorModel) -> Propose:
    def propose(items: Sequence[Item]) -> Proposed:
        found = model.predictions(list(items))
        proposed: dict[int, tuple[Value, float]] = {}
        for place, boxes in zip(found.kept, found, strict=True):
            if boxes:
                corners = [
                    [box.label, *(round(max(0.0, float(end)), 1) for end in box[2:])]
                    for box in boxes
                ]
                proposed[place] = corners, float(min(box.probability for box in boxes))
        return proposed

    return propose
