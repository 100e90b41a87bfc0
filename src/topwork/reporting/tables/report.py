"""What a fit on the rows of a table found, as a report."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.installation import installed_versions
from topwork.report import (
    Fact,
    Method,
    Point,
    PredictedNumbers,
    Publication,
    ReportContent,
    Strategies,
    Summary,
    Tried,
    reported_metrics,
)
from topwork.report.numbers import number, percent
from topwork.reporting.tables.result import (
    TableClassFitResult,
    TableFitResult,
    TableNumberFitResult,
)

MAX_POINTS = 400

_ENCODED = (
    "Numbers are standardised, or brought near by the inverse hyperbolic sine where some are far "
    "away; categories are one column each, rare ones joined; of dates the day, and month and "
    "weekday where they vary; of texts their frequent words, weighted by TF-IDF. A missing number "
    "is the mean, with a mark of its own where several rows lack it. None of this looks at what is "
    "predicted."
)


def class_report(result: TableClassFitResult, title: str, contents: str) -> ReportContent:
    """Everything that a fit of classes can tell, in the report's own records."""
    balanced = result.scores.balanced_accuracy
    return _report(
        result,
        title,
        contents,
        subtitle=f"{result.n_items:,} rows of {result.n_classes} classes",
        headline="balanced_accuracy",
        chance=1 / result.n_classes,
        how_good=f"It is right for {percent(balanced.value)} of the rows of a class on average.",
        how_sure=f"With 95 % confidence the true value lies between {percent(balanced.low)} and "
        f"{percent(1.0 if balanced.high is None else balanced.high)}, for rows like these.",
        strategies=Strategies(
            tried=_tried(result, lambda scores: scores.balanced_accuracy),
            note=result.choice.reason if result.choice else "",
        ),
        classes=tuple(result.per_class),
    )


def number_report(
    result: TableNumberFitResult,
    title: str,
    contents: str,
    *,
    true: NDArray[np.float64],
    predicted: NDArray[np.float64],
) -> ReportContent:
    """Everything that a fit of numbers can tell, in the report's own records.

    Parameters
    ----------
    true, predicted
        The numbers, and what was predicted for them out of fold, ``(n,)``.
    """
    mae, r2 = result.scores.mae, result.scores.r2
    good = f"Predictions are off by {number(mae.value)} on average."
    if r2 is not None:
        good += f" They explain {percent(max(r2.value, 0.0))} of the variance."
    high = "or more" if mae.high is None else f"and {number(mae.high)}"
    rows = np.linspace(0, len(true) - 1, min(MAX_POINTS, len(true))).astype(int)
    both = np.concatenate([true[rows], predicted[rows]])
    return _report(
        result,
        title,
        contents,
        subtitle=f"{result.n_items:,} rows with numbers from {number(result.target.least)} to "
        f"{number(result.target.most)}",
        headline="mae",
        how_good=good,
        how_sure=f"The true mean absolute error lies between {number(mae.low)} {high} with 95 % "
        "confidence, for rows like these.",
        warnings=(result.promise,) if result.mean_width is None else (),
        strategies=Strategies(
            tried=_tried(result, lambda scores: scores.mae),
            metric="mean absolute error",
            kind="number",
            note=result.choice.reason if result.choice else "",
        ),
        numbers=PredictedNumbers(
            points=tuple(Point(true=float(true[i]), predicted=float(predicted[i])) for i in rows),
            least=float(both.min()),
            most=float(both.max()),
            promise=result.promise,
        ),
    )


def _tried(result: TableFitResult[Any, Any], score: Any) -> tuple[Tried, ...]:
    return tuple(
        Tried(
            name=one.name,
            score=score(one.scores),
            seconds=one.seconds,
            chosen=one.chosen,
            baseline=one.baseline,
        )
        for one in result.tried
    )


def _report(
    result: TableClassFitResult | TableNumberFitResult,
    title: str,
    contents: str,
    *,
    subtitle: str,
    headline: str,
    how_good: str,
    how_sure: str,
    chance: float | None = None,
    warnings: tuple[str, ...] = (),
    **sections: Any,
) -> ReportContent:
    metrics = reported_metrics(result.scores)
    columns = result.columns
    left_out = (columns.left_out_sentence,) if columns.left_out else ()
    return ReportContent(
        kind=result.modality,
        task=result.task,
        title=title,
        subtitle=subtitle,
        summary=Summary(
            headline=next((m for m in metrics if m.key == headline), None),
            chance=chance,
            how_good=how_good,
            how_sure=how_sure,
            transfer=result.choice.reason if result.choice else "",
            next_steps=("Evaluate it on rows from another time or source with topwork evaluate.",),
            warnings=(*warnings, *left_out, *result.notes),
        ),
        metrics=metrics,
        method=Method(
            paragraphs=(
                f"{columns.sentence} {columns.left_out_sentence}".strip(),
                _ENCODED,
                "Rows with equal cells and the groups that were given stay in one fold. For each "
                "fold every candidate was fitted on the others, the penalty of the linear one and "
                "the number of trees chosen there, and judged on the fold; which of the candidates "
                "is used was chosen without it, too.",
                "Intervals hold for other rows of this kind. They say nothing about another source "
                "or time.",
            ),
            facts=(
                Fact(name="rows", value=f"{result.n_items:,}"),
                Fact(name="columns as numbers", value=str(columns.n_features)),
                Fact(name="head", value=result.head),
            ),
            versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
            hashes=(Fact(name="contents of the rows", value=contents),),
        ),
        publication=Publication(tags=("tabular",)),
        **sections,
    )
