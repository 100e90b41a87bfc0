"""The evidence of a fit of numbers as a report."""

from __future__ import annotations

import numpy as np

from topwork.report import Point, PredictedNumbers, ReportContent
from topwork.report.numbers import number, percent
from topwork.reporting.head_report import HeadWords, head_report
from topwork.reporting.numbers.result import NumberEvidence, NumberFitResult
from topwork.tasks.number.scores import NumberScores

MAX_POINTS = 400
_SCALES = {
    "none": "It predicts the number itself.",
    "log": "It predicts the logarithm of the number, so that its errors are proportional to it.",
    "rank": "It predicts the rank of the number among those of training, turned back into one.",
}


def number_report(evidence: NumberEvidence, result: NumberFitResult, title: str) -> ReportContent:
    """Everything that the fit can tell, in the report's own records."""
    words, predicted = _words(evidence, result), _predicted(evidence, result)
    return head_report(evidence, result, title, words, numbers=predicted)


def _words(evidence: NumberEvidence, result: NumberFitResult) -> HeadWords[NumberScores]:
    mae, r2 = result.scores.mae, result.scores.r2
    good = f"Predictions are off by {number(mae.value)} on average."
    if r2 is not None:
        good += f" They explain {percent(max(r2.value, 0.0))} of the variance."
    if r2 is not None and r2.low <= 0:
        good += " This is not distinguishable from predicting a constant."
    high = "or more" if mae.high is None else f"and {number(mae.high)}"
    items, n_folds = f"{result.modality}s", len(np.unique(evidence.folds))
    return HeadWords(
        subtitle=f"{result.n_items} {items} with numbers from "
        f"{number(result.target.least)} to {number(result.target.most)}",
        headline="mae",
        how_good=good,
        how_sure=f"The true mean absolute error lies between {number(mae.low)} {high} with 95 % "
        f"confidence, for {items} like the ones it was measured on.",
        metric="mean absolute error",
        kind="number",
        compared=lambda scores: scores.mae,
        warnings=(result.promise,) if result.mean_width is None else (),
        paragraphs=(
            f"The {items} were split into {n_folds} folds that hold low and high numbers alike; "
            f"copies of one {result.modality} and the groups that were given stay together. For "
            "each fold a ridge was fitted on the others, its penalty and its scale (the number, "
            "its logarithm or its rank) chosen there by leave-one-out errors, and judged on the "
            "fold; which of the candidates is used was chosen without it, too.",
            "The interval of a single prediction comes from the errors of those held-out "
            "predictions, divided by their size as another ridge expects it.",
        ),
        head=f"{result.head}, on the scale {result.transform!r}",
    )


def _predicted(evidence: NumberEvidence, result: NumberFitResult) -> PredictedNumbers:
    true = evidence.transfer.frozen.data.numbers
    predicted = evidence.selection.held_out.predicted
    rows = np.linspace(0, len(true) - 1, min(MAX_POINTS, len(true))).astype(int)
    both = np.concatenate([true[rows], predicted[rows]])
    return PredictedNumbers(
        points=tuple(Point(true=float(true[i]), predicted=float(predicted[i])) for i in rows),
        least=float(both.min()),
        most=float(both.max()),
        promise=result.promise,
        scale=_SCALES[result.transform] if result.head == "ridge" else "",
    )
