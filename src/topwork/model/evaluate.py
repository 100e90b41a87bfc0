"""How good a model is on other data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from topwork.data import Dataset, Item
from topwork.errors import DataError
from topwork.evaluation import ClassScore, Scores, judge
from topwork.model.card import Label
from topwork.model.predictions import Predictions
from topwork.model.statistics import TrainingStatistics


class RejectedRecord(BaseModel):
    """An item that could not be read, and why."""

    model_config = ConfigDict(frozen=True)

    path: str
    reason: str


class Evaluation(BaseModel):
    """What ``evaluate`` found.

    Attributes
    ----------
    n_items
        Items that were judged.
    unknown_labels
        Items set aside because the model doesn't know their label.
    seen_in_training
        Judged items that were in the training data; they flatter the scores.
    """

    model_config = ConfigDict(frozen=True)

    model: str | None = None
    n_items: int
    unknown_labels: int
    seen_in_training: int
    rejected: list[RejectedRecord]
    scores: Scores
    per_class: list[ClassScore]
    seconds: float = Field(ge=0)


def evaluate(
    data: Dataset,
    *,
    labels: Sequence[Label],
    statistics: TrainingStatistics,
    predict: Callable[[Sequence[Item]], Predictions],
) -> Evaluation:
    """Judge a model on labelled data.

    Parameters
    ----------
    labels, statistics
        Of the model.
    predict
        What the model says about items.

    Raises
    ------
    DataError
        The data have no labels, or none that the model knows, or nothing can be read.
    """
    begun = time.monotonic()
    codes = _codes(data, labels)
    judged = np.flatnonzero(codes >= 0)
    said = predict([data.items[int(i)] for i in judged])
    if len(said) == 0:
        raise DataError(
            "None of these items can be read.",
            remedy=f"The first one: {said.rejected[0].path} ({said.rejected[0].reason}).",
            code="nothing_readable",
        )
    rows = judged[said.kept]
    groups = None if data.groups is None else data.groups[rows]
    names = [str(label) for label in labels]
    verdict = judge(codes[rows], said.probabilities, names, predicted=said.codes, groups=groups)
    return Evaluation(
        n_items=len(rows),
        unknown_labels=int((codes < 0).sum()),
        seen_in_training=statistics.saw(said.keys),
        rejected=[RejectedRecord(path=r.path, reason=r.reason) for r in said.rejected],
        scores=verdict.scores,
        per_class=list(verdict.per_class),
        seconds=time.monotonic() - begun,
    )


def _codes(data: Dataset, labels: Sequence[Label]) -> NDArray[np.int64]:
    """The model's number of each item's label ``(n,)``, -1 for those that it doesn't know."""
    if data.targets is None:
        raise DataError(
            "These items have no labels, so there is nothing to judge by.",
            remedy="Give class folders or a table with a label column; topwork predict needs none.",
        )
    known = {str(label): code for code, label in enumerate(labels)}
    numbers = np.array([known.get(str(label), -1) for label in data.targets.labels])
    codes: NDArray[np.int64] = numbers[data.targets.codes]
    if not (codes >= 0).any():
        theirs = ", ".join(str(label) for label in data.targets.labels[:5])
        ours = ", ".join(str(label) for label in labels[:5])
        raise DataError(
            f"The model knows none of the labels in these data ({theirs}).",
            remedy=f"It was trained for {ours}{' and others' if len(labels) > 5 else ''}; "
            "check the names of the folders.",
            code="unknown_labels",
        )
    return codes
