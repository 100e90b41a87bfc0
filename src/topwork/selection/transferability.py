"""How well features suit labelled items, in closed form: one decomposition, no training.

The held-out accuracy and log loss of ridge regression are what candidates are ranked by: they are
about the task itself, have intervals, and hold out whole groups. LogME and the shrunk H-score come
out of the same decomposition and are told beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.calibration.temperature import Temperature, fit_temperature
from topwork.errors import DataError, ParameterError
from topwork.heads.linear import normalise_rows, softmax
from topwork.heads.ridge import RidgeProblem, solve_ridge
from topwork.metrics.metrics import item_briers

_STEPS = 50
_PRECISION = 1e-3
_TINY = 1e-12

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]
Codes = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Transferability:
    """What the features of n items say about their k classes.

    Parameters
    ----------
    scores
        Held-out scores of ridge regression at the penalty that suits the items best, (n, k);
        each item, or its whole group, was left out exactly, but for the shares of the classes.
    probabilities
        The same as probabilities, (n, k), float32.
    temperature
        What made them so.
    log_me, h_score
        See there.
    """

    scores: Float32
    probabilities: Float32
    temperature: Temperature
    log_me: float
    h_score: float

    def right(self, codes: Codes) -> NDArray[np.bool_]:
        """Whether each item's own class has the highest held-out score, (n,)."""
        right: NDArray[np.bool_] = self.scores.argmax(axis=1) == codes
        return right

    def negative_half_brier(self, codes: Codes) -> Float64:
        """How near each item's probabilities are to the truth, (n,): 1 minus half its Brier score.

        Between 0 and 1 as accuracy is, and about the same thing, but it tells a near miss from a
        clear one, so that fewer items settle which features are better.
        """
        return 1 - item_briers(codes, self.probabilities) / 2


def transferability(
    X: ArrayLike, codes: Codes, n_classes: int, *, groups: ArrayLike | None = None
) -> Transferability:
    """Judge features by a closed form.

    Rows are scaled to length 1 and centred, as the heads see them.

    An item that is left out makes its class rarer among the others, which alone would turn scores
    against it: features that say nothing would be right in none of the cases instead of one in k.
    As in stratified folds, classes therefore keep their shares.

    Ridge scores estimate one-hot targets. Taken as targets with Gaussian noise of the held-out
    variance σ², they give the logits ``score / σ²``; one temperature on the held-out items makes
    up for what is wrong with that.

    Parameters
    ----------
    X
        Features, (n, d).
    codes
        Class of each item, (n,), from 0 to k - 1.
    n_classes
        k.
    groups
        Group of each item, (n,); whole groups are left out then.

    Raises
    ------
    ParameterError
        Shapes do not agree.
    DataError
        Features are not finite, or there are fewer than two items or groups.

    Examples
    --------
    >>> X = np.float32([[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
    >>> found = transferability(X, np.array([0, 0, 1, 1]), 2)
    >>> found.right(np.array([0, 0, 1, 1])).tolist(), found.h_score < 1
    ([True, True, True, True], True)
    """
    features, codes = np.asarray(X), np.asarray(codes)
    units = np.arange(len(codes)) if groups is None else np.unique(groups, return_inverse=True)[1]
    _check(features, codes, units)
    targets = np.eye(n_classes, dtype=np.float32)[codes]
    problem = RidgeProblem.prepare(normalise_rows(features), targets, rough=True)
    # nothing to hold together: leaving items out one by one is the same, and faster
    whole = None if units.max() + 1 == len(units) else units
    fit = solve_ridge(problem, groups=whole)
    noise = float(fit.errors.min()) / n_classes
    scores = fit.held_out + _lost_shares(targets, units)
    logits = scores / np.float32(max(noise, _TINY))
    temperature = fit_temperature(logits, codes, seen=_seen(codes, units, n_classes))
    return Transferability(
        scores=scores,
        probabilities=softmax(logits / np.float32(temperature.value)),
        temperature=temperature,
        log_me=log_me(problem),
        h_score=h_score(problem, codes),
    )


def _check(X: NDArray[np.floating], codes: Codes, units: NDArray[np.integer]) -> None:
    if X.ndim != 2 or not len(X) == len(codes) == len(units):
        raise ParameterError(
            f"X has shape {X.shape}, codes {codes.shape} and groups {units.shape}, "
            "expected (n, d), (n,) and (n,).",
            remedy="Give one row, one code and one group for each item.",
        )
    if len(units) == 0 or units.max() == 0:
        raise DataError(
            "There are fewer than two items or groups, so that none can be left out.",
            remedy="Give at least two.",
        )
    if not np.isfinite(X).all():
        raise DataError(
            "The features hold values that are not finite.",
            remedy="Extract them again in float32.",
        )


def _lost_shares(targets: Float32, units: NDArray[np.integer]) -> Float32:
    """Shares of the classes minus what they are without the item's unit, (n, k)."""
    n, sizes = len(targets), np.bincount(units)
    inside = np.zeros((len(sizes), targets.shape[1]))
    np.add.at(inside, units, targets)
    total = inside.sum(axis=0)
    lost = total / n - (total - inside) / (n - sizes)[:, None]
    return np.asarray(lost[units], dtype=np.float32)


def _seen(codes: Codes, units: NDArray[np.integer], n_classes: int) -> NDArray[np.bool_]:
    """Whether an item's class is there outside the item's unit as well, (n,)."""
    pairs, members = np.unique(units * n_classes + codes, return_inverse=True)
    units_of_class = np.bincount(pairs % n_classes, minlength=n_classes)
    seen: NDArray[np.bool_] = units_of_class[pairs[members] % n_classes] > 1
    return seen


def log_me(problem: RidgeProblem) -> float:
    """LogME: the log evidence of a Bayesian linear model an item, mean over the classes.

    For every class, weights have a prior precision α and targets a noise precision β; both are
    set where the evidence is highest, by MacKay's fixed point. With X = U √λ Vᵀ of rank r,
    t = α/β, x = Uᵀy: γ = Σ λ/(λ + t), ‖m‖² = Σ λx²/(λ + t)², ‖y − Xm‖² = Σ x²/(1 + λ/t)² + ‖y‖² −
    ‖x‖², α ← γ/‖m‖², β ← (n − γ)/‖y − Xm‖². The evidence is d/2 ln α + n/2 ln β − ½ ln|A| −
    β/2 ‖y − Xm‖² − α/2 ‖m‖² − n/2 ln 2π, where A has the eigenvalues α + βλ, and α in the d − r
    directions without items, which the published loop leaves out.

    Here n is one less than the items: features and targets are centred, which integrates out an
    intercept under a flat prior. Counted among them, its direction without any error would draw β
    to infinity wherever there are more features than items.

    Parameters
    ----------
    problem
        The decomposed features, with one column of targets a class.

    References
    ----------
    You et al. 2021, LogME: Practical assessment of pre-trained models for transfer learning, §4.

    Examples
    --------
    >>> y = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> good, bad = (RidgeProblem.prepare(X, y) for X in (y, np.cos(9 * y)))
    >>> log_me(good) > log_me(bad)
    True
    """
    n = len(problem.target) - 1
    y = problem.target[:, np.any(problem.target, axis=0)].astype(np.float64)
    if n < 1 or y.shape[1] == 0:
        return float("nan")
    squares = np.square(problem.left.T @ y)
    beyond = np.maximum(np.square(y).sum(axis=0) - squares.sum(axis=0), 0.0)
    return float(_evidence(problem.values[:, None], squares, beyond, n).mean()) / n


def _evidence(values: Float64, squares: Float64, beyond: Float64, n: int) -> Float64:
    """The highest log evidence of k targets, (k,): λ (r, 1), x² (r, k), ‖y‖² − ‖x‖² (k,)."""
    alpha, beta = np.ones_like(beyond), np.ones_like(beyond)
    for _ in range(_STEPS):
        ratio = alpha / beta
        length, error = _moments(values, squares, beyond, ratio)
        gamma = (values / (values + ratio)).sum(axis=0)
        alpha = np.maximum(gamma, _TINY) / np.maximum(length, _TINY)
        beta = np.maximum(n - gamma, _TINY) / np.maximum(error, _TINY)
        if np.all(np.abs(alpha / beta - ratio) <= _PRECISION * ratio):
            break
    length, error = _moments(values, squares, beyond, alpha / beta)
    # the d − r directions without items give d/2 ln α and take it again
    return (
        np.asarray(
            len(values) * np.log(alpha)
            + n * np.log(beta / (2 * np.pi))
            - np.log(alpha + beta * values).sum(axis=0)
            - beta * error
            - alpha * length
        )
        / 2
    )


def _moments(
    values: Float64, squares: Float64, beyond: Float64, ratio: Float64
) -> tuple[Float64, Float64]:
    """‖m‖² and ‖y − Xm‖², (k,)."""
    fitted = squares / np.square(values + ratio)
    return (values * fitted).sum(axis=0), np.square(ratio) * fitted.sum(axis=0) + beyond


def h_score(problem: RidgeProblem, codes: Codes) -> float:
    """The shrunk H-score ``tr[Σ_a⁻¹ (1 − a) Σ_B]``, between 0 and k − 1.

    Σ_a = (1 − a) Σ + a tr(Σ)/d I shrinks the covariance of the features, Σ_B is that of the class
    means. Without the shrinkage few items of many features exceed the bound.

    Parameters
    ----------
    problem
        The decomposed features.
    codes
        Class of each item, (n,).

    References
    ----------
    Bao et al. 2019, An information-theoretic approach to transferability in task transfer learning.
    Ibrahim et al. 2021, Newer is not always better, §3.1, for the shrinkage.
    """
    n, d = problem.centred.shape
    counts = np.bincount(codes).astype(np.float64)
    means = np.eye(len(counts))[codes].T @ problem.left
    means *= np.sqrt(problem.values) / np.maximum(counts, 1)[:, None]
    variances = problem.values / n
    shrinkage = ledoit_wolf(problem)
    shrunk = (1 - shrinkage) * variances + shrinkage * variances.sum() / d
    between = (counts / n) @ np.square(means)
    return float(np.sum((1 - shrinkage) * between / np.maximum(shrunk, _TINY)))


def ledoit_wolf(problem: RidgeProblem) -> float:
    """How far to shrink the covariance of the features, 0 to 1.

    References
    ----------
    Ledoit and Wolf 2004, A well-conditioned estimator for large-dimensional covariance matrices,
    §3.3.
    """
    n, d = problem.centred.shape
    variances = problem.values / n
    squared = float(np.square(variances).sum())
    fourth = float(np.square(np.square(problem.centred).sum(axis=1)).sum()) / n
    spread = squared - float(variances.sum()) ** 2 / d
    return min(1.0, (fourth - squared) / n / spread) if spread > 0 else 1.0
