"""Whether one of two models is better, from scores on the same folds or the same items."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError
from topwork.metrics.intervals import Units
from topwork.metrics.records import Record
from topwork.metrics.student import student_quantile, student_tail

Float64 = NDArray[np.float64]


class PairedTest(Record):
    """A mean difference with its standard error, 95 % interval and two-sided p.

    ``degrees`` are those of Student's t. With one pair nothing is known: the interval is infinite,
    which JSON shows as None.
    """

    difference: float
    error: float | None
    low: float | None
    high: float | None
    p: float
    degrees: float

    @property
    def significant(self) -> bool:
        """Whether p is below 5 %."""
        return self.p < 0.05


def corrected_t_test(differences: ArrayLike, *, test_to_train: float) -> PairedTest:
    """The corrected resampled t-test: ``t = d̄ / √((1/J + n_test/n_train) s²)``, J − 1 degrees.

    Training sets of resampled folds overlap, so that the plain t-test finds differences where
    there are none. For k folds repeated r times J = r k and n_test/n_train = 1/(k − 1).

    Parameters
    ----------
    differences
        Score of one model minus that of the other on every fold, (J,).
    test_to_train
        Items that a fold holds out over items that it trains on.

    Raises
    ------
    DataError
        There are no differences.

    References
    ----------
    Nadeau and Bengio 2003, Inference for the generalization error, eq. 9 and §4. Bouckaert and
    Frank 2004, Evaluating the replicability of significance tests, for repeated folds.

    Examples
    --------
    >>> test = corrected_t_test([0.02, 0.03, 0.01, 0.02, 0.02], test_to_train=0.25)
    >>> round(test.difference, 3), round(test.p, 3)
    (0.02, 0.014)
    """
    values = np.asarray(differences, dtype=np.float64)
    _check(values)
    n = len(values)
    variance = float(values.var(ddof=1)) if n > 1 else np.inf
    return _student(float(values.mean()), variance * (1 / n + test_to_train), n - 1)


def paired_items(
    differences: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    n_folds: int | None = None,
    n_judged: int | None = None,
    limit: float | None = None,
) -> PairedTest:
    """A paired test on the differences of single items, groups taken as one.

    Two imaginary items (or groups), one for each model, stand beside the real ones: of five
    items that differ all for the better, an empirical variance makes too much (Bonett and Price
    2012, Adjusted Wald confidence interval for a difference of binomial proportions based on
    paired data). A bootstrap of the groups rejects as often but is drawn at random.

    With cross-validation the variance of the mean grows as in ``corrected_t_test``, from
    σ²/n to σ²/n (1/r + j/(k − 1)) for items of j of the k folds. It keeps its level for unstable
    models too (nearest neighbour: 2 % rejected of 5 % allowed, 14 % without it), and items give
    it more degrees of freedom, and so more power, than folds do.

    Parameters
    ----------
    differences
        Score of one model minus that of the other for each item, (n,), or (r, n) for r
        repeats of the folds.
    groups
        Group of each item, (n,).
    n_folds
        k, if the models were trained on folds of these items; None for models that were not.
    n_judged
        j, where the items are not those of all folds.
    limit
        What the mean difference can be at most, either way, which the interval is cut to: 1 for
        shares.

    Raises
    ------
    DataError
        There are no differences.

    Examples
    --------
    >>> test = paired_items([1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    >>> test.difference, test.significant
    (0.5, True)
    """
    values = np.atleast_2d(np.asarray(differences, dtype=np.float64))
    _check(values[0])
    repeats, n = values.shape
    units = Units.of(n, groups)
    variance = float(np.mean([_variance(units.total(row)) for row in values])) / n**2
    if n_folds is not None:
        variance *= 1 / repeats + (n_judged or n_folds) / (n_folds - 1)
    return _within(_student(float(values.mean()), variance, units.count - 1), limit)


def _within(test: PairedTest, limit: float | None) -> PairedTest:
    if limit is None or test.low is None or test.high is None:
        return test
    return test.model_copy(update={"low": max(test.low, -limit), "high": min(test.high, limit)})


def _check(values: Float64) -> None:
    if len(values) == 0:
        raise DataError("There is nothing to compare.", remedy="Give at least one difference.")


def _variance(totals: Float64) -> float:
    """Variance of Σ totals (m,) about 0, the imaginary pair included."""
    nonzero = totals[totals != 0]
    imagined = 2 * float(np.square(nonzero).mean()) if len(nonzero) else 0.0
    m = len(totals)
    centred = np.square(totals - totals.mean()).sum() * m / max(m - 1, 1)
    return float(centred + imagined)


def _student(difference: float, variance: float, degrees: int) -> PairedTest:
    error = float(np.sqrt(variance))
    if degrees < 1 or not np.isfinite(error):
        return PairedTest(difference=difference, error=None, low=None, high=None, p=1.0, degrees=0)
    if error == 0:
        p = 1.0 if difference == 0 else 0.0
    else:
        p = 2 * student_tail(abs(difference) / error, degrees)
    half = student_quantile(0.975, degrees) * error
    return PairedTest(
        difference=difference,
        error=error,
        low=difference - half,
        high=difference + half,
        p=p,
        degrees=degrees,
    )
