"""The evidence of a fit of numbers as a report."""

from __future__ import annotations

import numpy as np

from topwork.data import MODALITIES
from topwork.data.texts.truncated import truncated
from topwork.installation import installed_versions
from topwork.metrics.intervals import Units
from topwork.report import (
    Fact,
    Method,
    Point,
    PredictedNumbers,
    ReportContent,
    Strategies,
    Summary,
    Tried,
    reported_metrics,
)
from topwork.report.numbers import number, percent
from topwork.reporting.data_section import data_section
from topwork.reporting.fit_report import contents_hash
from topwork.reporting.number_evidence import NumberEvidence
from topwork.reporting.number_result import NumberFitResult
from topwork.runtime.counted import counted

MAX_POINTS = 400
_SCALES = {
    "none": "It predicts the number itself.",
    "log": "It predicts the logarithm of the number, so that its errors are proportional to it.",
    "rank": "It predicts the rank of the number among those of training, turned back into one.",
}


def number_report(artifacts: NumberEvidence, result: NumberFitResult, title: str) -> ReportContent:
    """Everything that the fit can tell, in the report's own records."""
    return ReportContent(
        kind=result.modality,
        task="number",
        title=title,
        subtitle=f"{result.n_items} {result.modality}s with numbers from "
        f"{number(result.target.least)} to {number(result.target.most)}",
        summary=_summary(result),
        metrics=reported_metrics(result.scores),
        strategies=_strategies(result),
        numbers=_predicted(artifacts, result),
        data=data_section(artifacts.findings, artifacts.transfer.frozen.data),
        method=_method(artifacts, result),
    )


def _summary(result: NumberFitResult) -> Summary:
    mae, r2 = result.scores.mae, result.scores.r2
    headline = next(m for m in reported_metrics(result.scores) if m.key == "mae")
    good = f"Predictions are off by {number(mae.value)} on average."
    if r2 is not None:
        good += f" They explain {percent(max(r2.value, 0.0))} of the variance."
    if r2 is not None and r2.low <= 0:
        good += " This is not distinguishable from predicting a constant."
    high = "or more" if mae.high is None else f"and {number(mae.high)}"
    return Summary(
        headline=headline,
        how_good=good,
        how_sure=f"The true mean absolute error lies between {number(mae.low)} {high} with 95 % "
        f"confidence, for {result.modality}s like the ones it was measured on.",
        transfer=result.choice.reason if result.choice else "",
        next_steps=(
            f"Evaluate it on {result.modality}s from another day or "
            f"{MODALITIES[result.modality].words.origin} with topwork evaluate.",
        ),
        warnings=_warnings(result),
    )


def _warnings(result: NumberFitResult) -> tuple[str, ...]:
    found = [remark.sentence for remark in result.remarks]
    if result.mean_width is None:
        found.append(result.promise)
    if result.rejected:
        found.append(f"{counted(len(result.rejected), result.modality)} could not be read.")
    if result.cut_short:
        found.append(f"{truncated(result.cut_short)}.")
    return tuple(found)


def _strategies(result: NumberFitResult) -> Strategies:
    return Strategies(
        tried=tuple(
            Tried(
                name=t.name,
                score=t.scores.mae,
                seconds=t.seconds,
                chosen=t.chosen,
                baseline=t.baseline,
            )
            for t in result.tried
        ),
        metric="mean absolute error",
        kind="number",
        note=result.choice.reason if result.choice else "",
    )


def _predicted(artifacts: NumberEvidence, result: NumberFitResult) -> PredictedNumbers:
    true, predicted = artifacts.transfer.numbers, artifacts.selection.predicted
    rows = np.linspace(0, len(true) - 1, min(MAX_POINTS, len(true))).astype(int)
    both = np.concatenate([true[rows], predicted[rows]])
    return PredictedNumbers(
        points=tuple(Point(true=float(true[i]), predicted=float(predicted[i])) for i in rows),
        least=float(both.min()),
        most=float(both.max()),
        promise=result.promise,
        scale=_SCALES[result.transform] if result.head == "ridge" else "",
    )


def _method(artifacts: NumberEvidence, result: NumberFitResult) -> Method:
    items, n_folds = f"{result.modality}s", len(np.unique(artifacts.folds))
    units = Units.of(len(artifacts.groups), artifacts.groups)
    keys = artifacts.transfer.frozen.extraction.keys
    return Method(
        paragraphs=(
            f"The {items} were split into {n_folds} folds that hold low and high numbers alike; "
            f"copies of one {result.modality} and the groups that were given stay together. For "
            "each fold a ridge was fitted on the others, its penalty and its scale (the number, "
            "its logarithm or its rank) chosen there by leave-one-out errors, and judged on the "
            "fold; which of the candidates is used was chosen without it, too.",
            "The interval of a single prediction comes from the errors of those held-out "
            "predictions, divided by their size as another ridge expects it.",
            f"Intervals hold for other {items} of this kind. They say nothing about another "
            f"{MODALITIES[result.modality].words.origin} or season.",
        ),
        facts=(
            Fact(name=items, value=str(result.n_items)),
            Fact(name="independent units", value=str(units.count)),
            Fact(name="folds", value=str(n_folds)),
            Fact(name="backbone", value=result.backbone),
            Fact(name="head", value=f"{result.head}, on the scale {result.transform!r}"),
            Fact(name="engine", value=f"{result.engine}, {result.precision}"),
        ),
        versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
        hashes=(Fact(name=f"contents of the {items}", value=contents_hash(keys)),),
    )
