"""The evidence of a fit of several labels as a report."""

from __future__ import annotations

import numpy as np

from topwork.data import MODALITIES
from topwork.data.texts.truncated import truncated
from topwork.installation import installed_versions
from topwork.metrics.intervals import Units
from topwork.report import (
    Fact,
    Method,
    PredictedLabelSets,
    ReportContent,
    ReportedLabel,
    Strategies,
    Summary,
    Tried,
    reported_metrics,
)
from topwork.report.numbers import percent
from topwork.reporting.data_section import data_section
from topwork.reporting.fit_report import contents_hash
from topwork.reporting.labels.evidence import LabelsEvidence
from topwork.reporting.labels.result import LabelsFitResult
from topwork.runtime.counted import counted


def labels_report(artifacts: LabelsEvidence, result: LabelsFitResult, title: str) -> ReportContent:
    """Everything that the fit can tell, in the report's own records."""
    return ReportContent(
        kind=result.modality,
        task="labels",
        title=title,
        subtitle=f"{counted(result.n_items, result.modality)} with "
        f"{result.labels_per_item:.2f} of {counted(len(result.labels), 'label')} on average",
        summary=_summary(result),
        metrics=reported_metrics(result.scores),
        strategies=_strategies(result),
        labels=PredictedLabelSets(labels=_labels(result), sentences=_sentences(result)),
        data=data_section(artifacts.findings, artifacts.transfer.frozen.data),
        method=_method(artifacts, result),
    )


def _summary(result: LabelsFitResult) -> Summary:
    found = result.scores.macro_f1
    headline = next((m for m in reported_metrics(result.scores) if m.key == "macro_f1"), None)
    good = sure = ""
    if found is not None:
        good = f"The F1 of its labels is {percent(found.value)} on average."
        high = 1.0 if found.high is None else found.high
        sure = (
            f"The true macro F1 lies between {percent(found.low)} and {percent(high)} with 95 % "
            f"confidence, for {result.modality}s like the ones it was measured on."
        )
    if result.head == "constant":
        good += " This is not distinguishable from predicting how frequent each label is."
    return Summary(
        headline=headline,
        how_good=good.strip(),
        how_sure=sure,
        transfer=result.choice.reason if result.choice else "",
        next_steps=(
            f"Evaluate it on {result.modality}s from another day or "
            f"{MODALITIES[result.modality].words.origin} with topwork evaluate.",
        ),
        warnings=_warnings(result),
    )


def _warnings(result: LabelsFitResult) -> tuple[str, ...]:
    found = [remark.sentence for remark in result.remarks]
    if result.miss is not None and result.miss.shift is None:
        found.append(result.miss.sentence)
    if result.rejected:
        found.append(f"{counted(len(result.rejected), result.modality)} could not be read.")
    if result.cut_short:
        found.append(f"{truncated(result.cut_short)}.")
    return tuple(found)


def _strategies(result: LabelsFitResult) -> Strategies | None:
    scored = [(t, t.scores.mean_ap) for t in result.tried]
    return Strategies(
        tried=tuple(
            Tried(
                name=t.name,
                score=score,
                seconds=t.seconds,
                chosen=t.chosen,
                baseline=t.baseline,
            )
            for t, score in scored
        ),
        metric="mean average precision",
        note=result.choice.reason if result.choice else "",
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


def _method(artifacts: LabelsEvidence, result: LabelsFitResult) -> Method:
    items, n_folds = f"{result.modality}s", len(np.unique(artifacts.folds))
    units = Units.of(len(artifacts.groups), artifacts.groups)
    keys = artifacts.transfer.frozen.extraction.keys
    return Method(
        paragraphs=(
            f"The {items} were split into {n_folds} folds that hold every label alike (iterative "
            f"stratification); copies of one {result.modality} and the groups that were given stay "
            "together. For each fold one logistic regression per label was fitted on the others "
            "and judged on the fold; penalty, temperatures, thresholds and which of the candidates "
            "is used were chosen without it.",
            "The threshold of a label is the one of the largest F1. Whether an item has a label "
            "counts for nothing where that is unknown.",
            f"Intervals hold for other {items} of this kind. They say nothing about another "
            f"{MODALITIES[result.modality].words.origin} or season.",
        ),
        facts=(
            Fact(name=items, value=str(result.n_items)),
            Fact(name="independent units", value=str(units.count)),
            Fact(name="labels", value=str(len(result.labels))),
            Fact(name="folds", value=str(n_folds)),
            Fact(name="backbone", value=result.backbone),
            Fact(name="head", value=f"{result.head}, one per label"),
            Fact(name="engine", value=f"{result.engine}, {result.precision}"),
        ),
        versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
        hashes=(Fact(name=f"contents of the {items}", value=contents_hash(keys)),),
    )
