"""Intervals of single predictions that hold the true number as often as stated."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.conformal import held_out_rank
from topwork.errors import ParameterError
from topwork.metrics.intervals import Units
from topwork.metrics.records import Record
from topwork.tasks.number.ridge import Column, NumberRidge
from topwork.tasks.number.transform import Transform

_FLOOR = 1e-3
"""Residuals below this part of their median count as this, so that their logarithm is finite."""

_WIDEST = 4.0
"""A predicted residual is at most so many times the usual one, and at least that part of it."""

_ROUNDING = 1e-9

Float64 = NDArray[np.float64]


class IntervalRule(Record):
    """How wide the interval around a prediction is.

    Parameters
    ----------
    error_rate
        Share of items whose interval may miss the true number.
    factor
        Half the width on the transformed scale, over the predicted size of the residual; None
        where there were too few independent items to promise any interval.
    least, most
        Between these the predicted log residual is kept.
    n_items
        Items that it was found on.
    needed
        Independent items (or groups) that this error rate takes.
    """

    error_rate: float
    factor: float | None
    least: float
    most: float
    n_items: int
    needed: int

    @property
    def usual(self) -> float:
        """The log residual where all items are alike."""
        return (self.least + self.most) / 2

    def log_residuals(self, spread: Column | None, X: NDArray[np.floating]) -> Float64:
        """Predicted log residuals of features ``(m, d)``: ``(m,)``."""
        return np.full(len(X), self.usual) if spread is None else spread.predict(X)

    def around(
        self, transform: Transform, values: Float64, log_residuals: Float64
    ) -> tuple[Float64, Float64] | None:
        """Ends of the intervals ``(m,)`` each, in the units of the target.

        Parameters
        ----------
        values
            Predictions on the transformed scale, ``(m,)``.
        log_residuals
            Predicted logarithm of their residuals' size, ``(m,)``.
        """
        if self.factor is None:
            return None
        half = self.factor * np.exp(np.clip(log_residuals, self.least, self.most))
        return transform.backward(values - half), transform.backward(values + half)


def fit_intervals(
    ridge: NumberRidge | None,
    transform: Transform,
    numbers: Float64,
    predicted: Float64,
    *,
    error_rate: float = 0.1,
    groups: NDArray[np.integer] | None = None,
) -> tuple[IntervalRule, Column | None]:
    """The rule, and what predicts the logarithm of a residual's size (None: all alike).

    Residuals are those of pooled out-of-fold predictions on the scale of the final model, scaled
    by a ridge on log |residual| whose own predictions are leave-one-out: the normalised residuals
    of Papadopoulos et al. 2002. The factor is their split-conformal quantile, by the number of
    independent items (see `topwork.calibration.conformal`).

    Parameters
    ----------
    ridge
        The decomposed features of all items; None where all intervals are to be alike.
    transform
        The scale of the final model.
    numbers, predicted
        True and out-of-fold, ``(n,)``.
    groups
        Group of each item, ``(n,)``.

    Raises
    ------
    ParameterError
        The error rate is not between 0 and 1.

    References
    ----------
    Papadopoulos, Proedrou, Vovk and Gammerman 2002, Inductive confidence machines for regression.
    Vovk 2015, Cross-conformal predictors.
    """
    if not 0 < error_rate < 1:
        raise ParameterError(
            f"error_rate is {error_rate}, expected a number between 0 and 1.",
            remedy="For intervals that are right 90 times in 100 give 0.1.",
        )
    within = np.clip(predicted, transform.least, transform.most)  # a fold may have another scale
    residuals = np.abs(transform.forward(numbers) - transform.forward(within))
    usual = float(np.median(residuals))
    floor = _FLOOR * usual if usual > 0 else 1e-12
    logs = np.log(np.maximum(residuals, floor))
    column = None if ridge is None else _spread(ridge, logs)
    centre = float(np.median(logs if column is None else column.held_out))
    least, most = centre - math.log(_WIDEST), centre + math.log(_WIDEST)
    held_out = np.full(len(logs), centre) if column is None else column.held_out
    scores = np.sort(residuals / np.exp(np.clip(held_out, least, most)))
    rank = held_out_rank(Units.of(len(scores), groups), error_rate)
    rule = IntervalRule(
        error_rate=error_rate,
        factor=float(scores[rank - 1]) if rank <= len(scores) else None,
        least=least,
        most=most,
        n_items=len(scores),
        needed=math.ceil(1 / error_rate - 1 - _ROUNDING),
    )
    return rule, column


def _spread(ridge: NumberRidge, logs: Float64) -> Column | None:
    """What predicts log residuals, where it does so better than a constant by a standard error."""
    column = ridge.fit(logs[:, None])[0]
    n = len(logs)
    constant = np.square((logs - logs.mean()) * n / max(n - 1, 1))
    gains = constant - np.square(logs - column.held_out)
    error = float(gains.std()) / math.sqrt(max(n - 1, 1))
    return column if gains.mean() > error else None
