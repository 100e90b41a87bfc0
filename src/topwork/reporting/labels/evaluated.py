"""What the page of an evaluation says of several labels."""

from __future__ import annotations

import numpy as np

from topwork.data import Dataset
from topwork.model import LabelsEvaluation, LabelsModel, LabelsPredictions
from topwork.report import PredictedLabelSets, ReportedLabel
from topwork.report.numbers import percent
from topwork.reporting.evaluated_head import EvaluatedWords


def evaluated_labels(
    found: LabelsEvaluation,
    model: LabelsModel,
    data: Dataset,
    predicted: LabelsPredictions,
) -> EvaluatedWords:
    """In words, with a table of the labels and the items whose labels are predicted worst."""
    f1 = found.scores.macro_f1
    good, sure = "None of these items has a label that the model knows.", ""
    if f1 is not None:
        good = f"The F1 of its labels is {percent(f1.value)} on average."
        high = 1.0 if f1.high is None else f1.high
        sure = f"The 95 % confidence interval is {percent(f1.low)} to {percent(high)}."
    thresholds = dict(zip(model.labels, model.card.thresholds, strict=True))
    labels = PredictedLabelSets(
        labels=tuple(
            ReportedLabel(
                label=one.label,
                n=one.n,
                threshold=thresholds[one.label],
                precision=one.precision,
                recall=one.recall,
                f1=one.f1,
                average_precision=one.average_precision,
            )
            for one in found.per_label
        ),
        sentences=_sentences(found),
    )
    true = data.several
    given = {
        one.path: (
            "; ".join(true.labels[j] for j in np.flatnonzero(true.presence[place] == 1))
            or "nothing",
            "; ".join(label.label for label in one.labels) or "nothing",
        )
        for place, one in zip(predicted.kept, predicted, strict=True)
    }
    errors = ((one.path, *given[one.path]) for one in found.wrong)
    return EvaluatedWords(
        headline="macro_f1",
        how_good=good,
        how_sure=sure,
        errors=tuple(errors),
        sections={"labels": labels},
    )


def _sentences(found: LabelsEvaluation) -> tuple[str, ...]:
    empty = (
        f"For {percent(found.scores.empty.value)} of the {found.modality}s no label is predicted."
    )
    if found.missed is None:
        return (empty,)
    missed = f"On average {percent(found.missed.value)} of an item's labels are missed"
    if found.promised is None:
        return (empty, f"{missed}.")
    return (empty, f"{missed}; at most {100 * found.promised:g} % was promised.")
