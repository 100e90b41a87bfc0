"""The scores of the selected model, with what each of them means."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from topwork.metrics.records import MoreScores, Record, Score

Kind = Literal["share", "number"]
"""A share lies between 0 and 1 and is written in per cent; a number is written as it is."""


class ReportedMetric(Record):
    """One score.

    Attributes
    ----------
    key
        Its name for programs, such as ``balanced_accuracy``.
    name, note
        What people call it, and one sentence that says what it is.
    """

    key: str
    name: str
    score: Score
    kind: Kind = "share"
    better: Literal["higher", "lower", "neither"] = "higher"
    note: str = ""


class _Metric(NamedTuple):
    name: str
    kind: Kind
    better: Literal["higher", "lower", "neither"]
    note: str


METRICS: Final[dict[str, _Metric]] = {
    "balanced_accuracy": _Metric(
        "balanced accuracy", "share", "higher", "Every class counts the same, however many items."
    ),
    "accuracy": _Metric(
        "accuracy", "share", "higher", "The share of items that it predicts correctly."
    ),
    "macro_f1": _Metric(
        "macro F1",
        "share",
        "higher",
        "Harmonic mean of precision and recall, averaged over classes.",
    ),
    "mean_ap": _Metric(
        "mean average precision",
        "share",
        "higher",
        "How precise the items are that each label's probability puts first, averaged over labels.",
    ),
    "micro_f1": _Metric("micro F1", "share", "higher", "F1 of all labels of all items together."),
    "empty": _Metric(
        "empty predictions", "share", "neither", "Share of items for which no label is predicted."
    ),
    "top5": _Metric(
        "top-5 accuracy", "share", "higher", "The right class is among the five most probable."
    ),
    "auroc": _Metric(
        "AUROC",
        "share",
        "higher",
        "Area under the ROC curve, averaged over classes (one against the rest).",
    ),
    "calibration_error": _Metric(
        "calibration error",
        "share",
        "lower",
        "How far predicted probabilities are from observed frequencies (ECE).",
    ),
    "brier": _Metric(
        "Brier score", "number", "lower", "Squared error of the probabilities, from 0 to 2."
    ),
    "log_loss": _Metric("log loss", "number", "lower", "Punishes confident mistakes most."),
    "mae": _Metric(
        "mean absolute error", "number", "lower", "How far predictions are off on average."
    ),
    "rmse": _Metric(
        "root mean squared error", "number", "lower", "The same with large errors counting more."
    ),
    "r2": _Metric(
        "R²",
        "number",
        "higher",
        "Share of the variance that is explained: 1 is perfect, 0 is no better than the mean.",
    ),
    "spearman": _Metric(
        "Spearman correlation", "number", "higher", "How well it ranks items, from -1 to 1."
    ),
    "kappa": _Metric(
        "quadratic weighted kappa",
        "number",
        "higher",
        "Agreement with the true classes beyond chance, errors weighted by their squared ranks.",
    ),
    "mean_rank_error": _Metric(
        "mean rank error", "number", "lower", "Ranks between the predicted and the true class."
    ),
    "ap50": _Metric(
        "AP50",
        "share",
        "higher",
        "Average precision, boxes that overlap their object by half being right.",
    ),
    "ap": _Metric("AP50:95", "share", "higher", "The same, averaged over overlaps up to 95 %."),
    "recall_at_01": _Metric("recall at 0.1 false boxes per image", "share", "higher", ""),
    "recall_at_05": _Metric("recall at 0.5 false boxes per image", "share", "higher", ""),
    "recall_at_1": _Metric("recall at 1 false box per image", "share", "higher", ""),
    "recall_at_2": _Metric("recall at 2 false boxes per image", "share", "higher", ""),
}
"""The metrics that have a text of their own, by their key."""


def reported_metrics(scores: Record, more: MoreScores | None = None) -> tuple[ReportedMetric, ...]:
    """Every score that there is, in the order of the records.

    Examples
    --------
    >>> half = Score(value=0.5, low=0.4, high=0.6)
    >>> from topwork.metrics.records import Scores
    >>> scores = Scores(accuracy=half, balanced_accuracy=half, macro_f1=half, log_loss=half)
    >>> [m.name for m in reported_metrics(scores)]
    ['accuracy', 'balanced accuracy', 'macro F1', 'log loss']
    """
    found = [*scores, *(more or ())]
    return tuple(_measure(key, score) for key, score in found if isinstance(score, Score))


def _measure(key: str, score: Score) -> ReportedMetric:
    metric = METRICS.get(key, _Metric(key.replace("_", " "), "number", "higher", ""))
    return ReportedMetric(
        key=key,
        name=metric.name,
        score=score,
        kind=metric.kind,
        better=metric.better,
        note=metric.note,
    )
