"""How good a model of ordered classes is on other data."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset
from topwork.metrics import Score
from topwork.metrics.intervals import Units
from topwork.model.evaluation.judged_data import JudgedData
from topwork.model.evaluation.shifted import DataShift
from topwork.model.head_card import OrdinalCard
from topwork.model.ordinal.predictions import OrdinalPredictions
from topwork.model.short_repr import score
from topwork.tasks.ordinal.scores import OrdinalScores, ordinal_scores, rank_counts, share

MAX_ERRORS = 50


class RankError(BaseModel):
    """An item whose predicted class is not its true one.

    Attributes
    ----------
    path
        What the item is called.
    true, predicted
        The classes.
    probability
        Of the true class.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    true: str
    predicted: str
    probability: float


class OrdinalEvaluation(JudgedData, BaseModel):
    """What ``evaluate`` found of a model of ordered classes.

    Attributes
    ----------
    labels
        The classes, from low to high.
    coverage
        Share of the items whose set holds the true class; ``null`` where the model promises none.
    promised
        Share that the model promises.
    mean_set_size
        Classes per set.
    confusions
        Items by true class (rows) and predicted class (columns).
    shift
        Whether the items look different from those of training; ``null`` where there are too few to
        tell, or the model stores none.
    largest_errors
        Items by the ranks between their predicted and their true class, at most ``MAX_ERRORS``.
    """

    task: Literal["ordinal"] = "ordinal"
    labels: list[str]
    scores: OrdinalScores
    coverage: Score | None
    promised: float
    mean_set_size: float
    confusions: list[list[int]]
    shift: DataShift | None = None
    largest_errors: list[RankError] = []

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "kappa": score(self.scores.kappa),
            "accuracy": score(self.scores.accuracy),
            "rejected": len(self.rejected),
        }


def judged_ordinal(
    codes: NDArray[np.int64],
    data: Dataset,
    found: OrdinalPredictions,
    card: OrdinalCard,
    **facts: Any,
) -> OrdinalEvaluation:
    """The scores of predicted ranks; see `HeadModel`.

    Parameters
    ----------
    codes
        The true ones, ``(m,)``.
    """
    labels, k = [str(label) for label in card.labels], len(card.labels)
    inside = found.sets[np.arange(len(codes)), codes]
    units = Units.of(len(codes), data.groups)
    return OrdinalEvaluation(
        **facts,
        labels=labels,
        scores=ordinal_scores(codes, found.codes, k, groups=data.groups),
        coverage=share(inside, units) if card.sets.enough else None,
        promised=1 - card.sets.error_rate,
        mean_set_size=float(found.sets.sum(axis=1).mean()),
        confusions=rank_counts(codes, found.codes, k).tolist(),
        largest_errors=_largest(codes, found, labels),
    )


def _largest(
    codes: NDArray[np.int64], found: OrdinalPredictions, labels: list[str]
) -> list[RankError]:
    own = found.probabilities[np.arange(len(codes)), codes]
    apart = np.abs(found.codes - codes)
    order = np.lexsort((own, -apart))[:MAX_ERRORS]
    return [
        RankError(
            path=found.names[i],
            true=labels[codes[i]],
            predicted=labels[found.codes[i]],
            probability=float(own[i]),
        )
        for i in order
        if apart[i]
    ]
