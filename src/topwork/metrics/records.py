"""Scores as plain records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """What is found once and then only read; goes to JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Score(Record):
    """A value with its 95 % interval; ``high`` is None where nothing bounds it.

    Examples
    --------
    >>> Score(value=0.9, low=0.8, high=0.95).model_dump()
    {'value': 0.9, 'low': 0.8, 'high': 0.95}
    """

    value: float
    low: float
    high: float | None


class Scores(Record):
    """The scores of a classifier; all between 0 and 1 but the log loss."""

    accuracy: Score
    balanced_accuracy: Score
    macro_f1: Score
    log_loss: Score


class MoreScores(Record):
    """Scores of the probabilities.

    Parameters
    ----------
    brier
        Mean squared distance from the truth, summed over classes, 0 to 2.
    auroc
        Mean over the classes of the area under each one's curve against the rest; None where
        only one class is present.
    calibration_error
        Adaptive calibration error of the predicted class, 0 to 1.
    top5
        Share of items whose class is among the five most probable; None with few classes.
    """

    brier: Score
    auroc: Score | None
    calibration_error: Score
    top5: Score | None


class ClassScore(Record):
    """One class: its items, and how well they are found.

    ``precision`` is None where the class is never predicted, ``recall`` where it has no items.
    """

    label: str
    n: int
    precision: Score | None
    recall: Score | None


class Judgement(Record):
    """What is known about a classifier from labelled items."""

    scores: Scores
    per_class: tuple[ClassScore, ...]
    more: MoreScores | None = None
