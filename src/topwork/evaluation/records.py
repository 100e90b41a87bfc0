"""Scores as plain records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Score(_Record):
    """A value with its 95 % interval; ``high`` is None where nothing bounds it.

    Examples
    --------
    >>> Score(value=0.9, low=0.8, high=0.95).model_dump()
    {'value': 0.9, 'low': 0.8, 'high': 0.95}
    """

    value: float
    low: float
    high: float | None


class Scores(_Record):
    """The scores of a classifier; all between 0 and 1 but the log loss."""

    accuracy: Score
    balanced_accuracy: Score
    macro_f1: Score
    log_loss: Score


class ClassScore(_Record):
    """One class: its items, and how well they are found.

    ``precision`` is None where the class is never predicted, ``recall`` where it has no items.
    """

    label: str
    n: int
    precision: Score | None
    recall: Score | None


class Judgement(_Record):
    """What is known about a classifier from labelled items."""

    scores: Scores
    per_class: tuple[ClassScore, ...]
