"""What the page of an evaluation says of ordered classes."""

from __future__ import annotations

import numpy as np

from topwork.data import Dataset
from topwork.model import OrdinalEvaluation, OrdinalModel, OrdinalPredictions
from topwork.report.confusions import confusions_of
from topwork.report.numbers import number, percent
from topwork.reporting.evaluated_head import EvaluatedWords


def evaluated_order(
    found: OrdinalEvaluation,
    model: OrdinalModel,  # noqa: ARG001
    data: Dataset,  # noqa: ARG001
    predicted: OrdinalPredictions,  # noqa: ARG001
) -> EvaluatedWords:
    """In words, with the confusions and the items that are most ranks off."""
    kappa, error = found.scores.kappa, found.scores.mean_rank_error
    good, sure = f"Predictions are {number(error.value)} ranks off on average.", ""
    if kappa is not None:
        good += f" Their quadratic weighted kappa is {number(kappa.value)}."
        sure = (
            f"The 95 % confidence interval of kappa is {number(kappa.low)} to "
            f"{number(kappa.high or 1.0)}."
        )
    if found.coverage is not None:
        sure += (
            f" {percent(found.coverage.value)} of the sets hold the true class; "
            f"{100 * found.promised:g} % was promised."
        )
    return EvaluatedWords(
        headline="kappa",
        how_good=good,
        how_sure=sure.strip(),
        errors=tuple((one.path, one.true, one.predicted) for one in found.largest_errors),
        sections={"confusions": confusions_of(found.labels, np.array(found.confusions))},
    )
