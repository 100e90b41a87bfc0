"""Sets of classes that hold the right one as often as stated."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError
from topwork.metrics.intervals import Units
from topwork.metrics.records import Record

_ROUNDING = 1e-9


class PredictionSets(Record):
    """Which classes are credible for an item: those of at least ``least`` probability.

    Parameters
    ----------
    error_rate
        Share of items whose set may miss the right class.
    least
        Smallest probability of a class in a set; 0 puts all classes in.
    n_items
        Items that it was found on.
    enough
        Whether those were enough; if not, every set holds every class.
    needed
        Independent items (or groups) that this error rate takes.
    """

    error_rate: float
    least: float
    n_items: int
    enough: bool
    needed: int

    def of(
        self, probabilities: NDArray[np.floating], *, never_empty: bool = False
    ) -> NDArray[np.bool_]:
        """Which classes are in the set of each item, (n, k).

        Where a classifier is right more often than the sets have to be, some sets are empty: no
        class is as credible as the right one usually is.

        Parameters
        ----------
        probabilities
            (n, k), at the temperature of the calibration.
        never_empty
            Put the most probable class into empty sets. The right class is then in the set at
            least as often as the classifier is right.

        Examples
        --------
        >>> sets = PredictionSets(error_rate=0.1, least=0.3, n_items=50, enough=True, needed=9)
        >>> sets.of(np.array([[0.6, 0.4], [0.9, 0.1]])).tolist()
        [[True, True], [True, False]]
        """
        rows = np.asarray(probabilities)
        inside: NDArray[np.bool_] = rows.astype(np.float64) >= self.least
        if never_empty:
            inside[np.arange(len(rows)), rows.argmax(axis=1)] = True
        return inside


def fit_prediction_sets(
    probabilities: NDArray[np.floating],
    codes: NDArray[np.integer],
    *,
    error_rate: float = 0.1,
    seen: NDArray[np.bool_] | None = None,
    groups: ArrayLike | None = None,
) -> PredictionSets:
    """Least probability of a class in a set, from held-out probabilities of the right classes.

    The ⌈n (1 − α)(1 + 1/m)⌉-th largest probability of the right class, with m the independent
    items: the split-conformal quantile, which for m = n is the ⌈(n + 1)(1 − α)⌉-th. With groups m
    is (Σ size)² / Σ size². Held-out probabilities of all folds are pooled (Vovk 2015) and used
    with the model fitted on all items; no theorem covers that, simulations do.

    Parameters
    ----------
    probabilities
        Held-out probabilities at the temperature of the model, (n, k).
    codes
        Class of each item, (n,), from 0 to k - 1.
    error_rate
        α, above 0 and below 1.
    seen
        (n,), whether the judging head knew the item's class; the others are left out. All by
        default.
    groups
        Group of each item, (n,).

    Raises
    ------
    ParameterError
        The error rate is not between 0 and 1.
    DataError
        There are no items.

    References
    ----------
    Sadinle, Lei and Wasserman 2019, Least ambiguous set-valued classifiers with bounded error
    levels. Vovk 2015, Cross-conformal predictors. Dunn, Wasserman and Ramdas 2023,
    Distribution-free prediction sets for two-layer hierarchical models (pooling).

    Examples
    --------
    >>> own = np.linspace(0.01, 1, 100)
    >>> sets = fit_prediction_sets(np.column_stack([own, 1 - own]), np.zeros(100, int))
    >>> round(sets.least, 2)
    0.1
    """
    if not 0 < error_rate < 1:
        raise ParameterError(
            f"error_rate is {error_rate}, expected a number between 0 and 1.",
            remedy="For sets that are right 90 times in 100 give 0.1.",
        )
    kept = np.ones(len(codes), dtype=bool) if seen is None else np.asarray(seen)
    own = np.asarray(probabilities)[np.arange(len(codes)), codes][kept].astype(np.float64)
    if len(own) == 0:
        raise DataError(
            "There are no held-out items to find prediction sets on.",
            remedy="Give at least two items of a class.",
        )
    units = Units.of(len(own), None if groups is None else np.asarray(groups)[kept])
    rank = held_out_rank(units, error_rate)
    enough = rank <= len(own)
    return PredictionSets(
        error_rate=error_rate,
        least=float(np.sort(own)[len(own) - rank]) if enough else 0.0,
        n_items=len(own),
        enough=enough,
        needed=math.ceil(1 / error_rate - 1 - _ROUNDING),
    )


def held_out_rank(units: Units, error_rate: float) -> int:
    """⌈n (1 − α)(1 + 1/m)⌉: that many of n held-out scores lie below what new ones rarely exceed.

    More than n where the independent items are fewer than 1/α − 1.

    Examples
    --------
    >>> held_out_rank(Units.of(19), 0.05), held_out_rank(Units.of(18), 0.05)
    (19, 19)
    """
    n = len(units.members)
    return math.ceil(n * (1 - error_rate) * (1 + 1 / units.independent) - _ROUNDING)
