"""The evidence of a fit of several labels as a report."""

from __future__ import annotations

import numpy as np

from topwork.report import Fact, PredictedLabelSets, ReportContent, ReportedLabel
from topwork.report.numbers import percent
from topwork.reporting.head_report import HeadWords, head_report
from topwork.reporting.labels.result import LabelsEvidence, LabelsFitResult
from topwork.runtime.counted import counted
from topwork.tasks.labels.scores import LabelsScores


def labels_report(evidence: LabelsEvidence, result: LabelsFitResult, title: str) -> ReportContent:
    """Everything that the fit can tell, in the report's own records."""
    labels = PredictedLabelSets(labels=_labels(result), sentences=_sentences(result))
    return head_report(evidence, result, title, _words(evidence, result), labels=labels)


def _words(evidence: LabelsEvidence, result: LabelsFitResult) -> HeadWords[LabelsScores]:
    found, miss = result.scores.macro_f1, result.miss
    items, n_folds = f"{result.modality}s", len(np.unique(evidence.folds))
    good = sure = ""
    if found is not None:
        good = f"The F1 of its labels is {percent(found.value)} on average."
        high = 1.0 if found.high is None else found.high
        sure = (
            f"The true macro F1 lies between {percent(found.low)} and {percent(high)} with 95 % "
            f"confidence, for {items} like the ones it was measured on."
        )
    if result.head == "constant":
        good += " This is not distinguishable from predicting how frequent each label is."
    return HeadWords(
        subtitle=f"{counted(result.n_items, result.modality)} with "
        f"{result.labels_per_item:.2f} of {counted(len(result.labels), 'label')} on average",
        headline="macro_f1",
        how_good=good.strip(),
        how_sure=sure,
        metric="mean average precision",
        compared=lambda scores: scores.mean_ap,
        warnings=(miss.sentence,) if miss is not None and miss.shift is None else (),
        paragraphs=(
            f"The {items} were split into {n_folds} folds that hold every label alike (iterative "
            f"stratification); copies of one {result.modality} and the groups that were given stay "
            "together. For each fold one logistic regression per label was fitted on the others "
            "and judged on the fold; penalty, temperatures, thresholds and which of the candidates "
            "is used were chosen without it.",
            "The threshold of a label is the one of the largest F1. Whether an item has a label "
            "counts for nothing where that is unknown.",
        ),
        facts=(Fact(name="labels", value=str(len(result.labels))),),
        head=f"{result.head}, one per label",
    )


def _labels(result: LabelsFitResult) -> tuple[ReportedLabel, ...]:
    return tuple(
        ReportedLabel(
            label=one.label,
            n=one.n,
            threshold=rule.threshold,
            precision=one.precision,
            recall=one.recall,
            f1=one.f1,
            average_precision=one.average_precision,
        )
        for one, rule in zip(result.per_label, result.rules, strict=True)
    )


def _sentences(result: LabelsFitResult) -> tuple[str, ...]:
    empty = (
        f"For {percent(result.scores.empty.value)} of the {result.modality}s no label is predicted."
    )
    return (empty,) if result.miss is None else (empty, result.miss.sentence)
