"""Two classes as a test for one of them: at a chosen specificity, a prevalence, and in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.metrics.intervals import Units, share_interval
from topwork.metrics.records import Record, Score
from topwork.metrics.two_classes import positive_of

SPECIFICITIES: Final = (0.9, 0.95)
"""At which the sensitivity is given."""

DECISIONS: Final = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Probabilities from which on someone would act."""


class FixedSpecificity(Record):
    """What a test finds where few of the negatives may be called positive.

    Attributes
    ----------
    aimed
        The specificity that the threshold is chosen for, on the other folds.
    threshold
        Probability of the positive class above which an item is called positive, chosen on all
        items.
    sensitivity, specificity
        Of items that the threshold was not chosen on; shares with 95 % confidence intervals.
    positive_predictive_value, negative_predictive_value
        Of those called positive or negative the share that are, at the prevalence; None where
        nothing is called so.
    """

    aimed: float
    threshold: float
    sensitivity: Score
    specificity: Score
    positive_predictive_value: float | None
    negative_predictive_value: float | None


class DecisionPoint(Record):
    """One point of a decision curve (Vickers and Elkin 2006, Decision curve analysis).

    Attributes
    ----------
    threshold
        Probability from which on someone acts: its odds are the harm of a needless act over the
        benefit of one that is due.
    model
        True positives less false positives, weighted by these odds, as a share of all items.
    act_on_all
        The same where everyone is acted on; on no one it is 0.
    """

    threshold: float
    model: float
    act_on_all: float


class Screening(Record):
    """A classifier of two classes as a test.

    Attributes
    ----------
    positive
        The label that is tested for.
    prevalence
        Its share where the test is used: as given, else that of the data.
    asked
        Whether it was given.
    points
        By rising specificity.
    decision_curve
        By rising threshold.
    """

    positive: str
    prevalence: float
    asked: bool
    points: tuple[FixedSpecificity, ...]
    decision_curve: tuple[DecisionPoint, ...]

    @property
    def sentence(self) -> str:
        """For people."""
        parts = []
        for one in self.points:
            found, value = one.sensitivity, one.positive_predictive_value
            high = 1.0 if found.high is None else found.high
            right = "" if value is None else f", right in {100 * value:.3g} % of its alarms"
            parts.append(
                f"at {100 * one.aimed:.0f} % specificity (reached "
                f"{100 * one.specificity.value:.1f} %) it finds {100 * found.value:.1f} % "
                f"[{100 * found.low:.1f}, {100 * high:.1f}]{right}"
            )
        return (
            f"As a test for {self.positive}, {'; '.join(parts)}, "
            f"where {100 * self.prevalence:.3g} % have it."
        )


def screening(
    labels: Sequence[str],
    codes: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    folds: NDArray[np.integer],
    *,
    groups: ArrayLike | None = None,
    prevalence: float | None = None,
) -> Screening | None:
    """Judge held-out probabilities as a test; None unless both of two classes have items.

    Parameters
    ----------
    codes
        Class of each item, ``(n,)``.
    probabilities
        ``(n, 2)``, of items that the model was not fitted on.
    folds
        The fold of each item, ``(n,)``: its threshold is chosen on the other folds.
    groups
        What varies together, such as a patient, ``(n,)``.
    prevalence
        Share of the positive class where the test is used. Probabilities are moved to it.

    Examples
    --------
    >>> p = np.linspace(0.01, 0.99, 40)
    >>> codes = (p > 0.5).astype(int)
    >>> found = screening(["no", "yes"], codes, np.stack([1 - p, p], 1), np.arange(40) % 4)
    >>> found.points[0].sensitivity.value
    1.0
    """
    if len(labels) != 2 or len(np.unique(codes)) != 2:
        return None
    one = positive_of(labels)
    truth = codes == one
    scores = np.asarray(probabilities[:, one], np.float64)
    share = float(truth.mean())
    used = share if prevalence is None else prevalence
    units = np.arange(len(codes)) if groups is None else np.asarray(groups)
    return Screening(
        positive=labels[one],
        prevalence=used,
        asked=prevalence is not None,
        points=tuple(
            _point(aim, truth, scores, folds, units=units, prevalence=used) for aim in SPECIFICITIES
        ),
        decision_curve=tuple(
            _decision_point(t, truth, _moved(scores, share, used), used) for t in DECISIONS
        ),
    )


def threshold_for(specificity: float, negatives: NDArray[np.floating]) -> float:
    """The score that at most so many of the negatives (m,) exceed.

    Examples
    --------
    >>> threshold_for(0.75, np.array([0.1, 0.4, 0.2, 0.3]))
    0.3
    """
    allowed = int(np.floor((1 - specificity) * len(negatives) + 1e-9))
    return float(np.sort(negatives)[::-1][allowed]) if allowed < len(negatives) else -np.inf


def _point(
    aim: float,
    truth: NDArray[np.bool_],
    scores: NDArray[np.float64],
    folds: NDArray[np.integer],
    *,
    units: NDArray[np.generic],
    prevalence: float,
) -> FixedSpecificity:
    said = np.zeros(len(truth), bool)
    for fold in np.unique(folds):
        others = scores[(folds != fold) & ~truth]
        threshold = threshold_for(aim, others) if len(others) else 1.0
        said[folds == fold] = scores[folds == fold] > threshold
    sensitivity = _share(said[truth], units[truth])
    specificity = _share(~said[~truth], units[~truth])
    found = sensitivity.value * prevalence
    false = (1 - specificity.value) * (1 - prevalence)
    called = found + false
    return FixedSpecificity(
        aimed=aim,
        threshold=max(0.0, threshold_for(aim, scores[~truth])),
        sensitivity=sensitivity,
        specificity=specificity,
        positive_predictive_value=found / called if called > 0 else None,
        negative_predictive_value=(1 - prevalence - false) / (1 - called) if called < 1 else None,
    )


def _share(hits: NDArray[np.bool_], units: NDArray[np.generic]) -> Score:
    value, n = float(hits.mean()), len(hits)
    low, high = share_interval(
        value,
        (hits - value) / n,
        independent=value * (1 - value) / n,
        ceiling=n,
        units=Units.of(n, units, cross_validated=True),
    )
    return Score(value=value, low=low, high=high)


def _moved(scores: NDArray[np.float64], share: float, prevalence: float) -> NDArray[np.float64]:
    """Probabilities of the data's mix of classes as they are at another prevalence (by Bayes)."""
    up, down = prevalence / share, (1 - prevalence) / (1 - share)
    return scores * up / (scores * up + (1 - scores) * down)


def _decision_point(
    threshold: float, truth: NDArray[np.bool_], scores: NDArray[np.float64], prevalence: float
) -> DecisionPoint:
    said, odds = scores >= threshold, threshold / (1 - threshold)
    right, wrong = float(said[truth].mean()), float(said[~truth].mean())
    return DecisionPoint(
        threshold=threshold,
        model=right * prevalence - wrong * (1 - prevalence) * odds,
        act_on_all=prevalence - (1 - prevalence) * odds,
    )
