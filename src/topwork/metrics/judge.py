"""Scores with intervals, overall and for each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError
from topwork.metrics.auroc import macro_auroc
from topwork.metrics.calibration_error import adaptive_calibration_error
from topwork.metrics.intervals import Units, mean_interval, share_interval, wilson
from topwork.metrics.metrics import (
    ClassCounts,
    accuracy,
    balanced_accuracy,
    f1,
    in_top,
    item_briers,
    item_log_losses,
    macro_f1,
    precision,
    recall,
)
from topwork.metrics.records import ClassScore, Judgement, MoreScores, Score, Scores

#: From so many classes on, being among the five most probable is an achievement.
MANY_CLASSES = 20
#: A misplaced item loses only some of its comparisons: areas vary less than shares do.
_PAIRS = 3.0

Float64 = NDArray[np.float64]
Codes = NDArray[np.integer]


def judge(
    codes: Codes,
    probabilities: NDArray[np.floating],
    labels: Sequence[str],
    *,
    predicted: Codes | None = None,
    groups: ArrayLike | None = None,
    cross_validated: bool = False,
) -> Judgement:
    """Judge probabilities against the truth.

    Intervals are in closed form but for that of the calibration error, which is drawn with a
    fixed seed. Of a model judged on other items they say how it would do on more such items. Of
    cross-validated probabilities they say how models trained on (K − 1)/K of such items do on
    average, over the drawing of those items as well; the model that is fitted on all items in the
    end is one of slightly better ones, and its own score is not what they are about.

    Parameters
    ----------
    codes
        True class of each item, (n,), from 0 to k - 1.
    probabilities
        (n, k), rows summing to 1.
    labels
        Names of the k classes.
    predicted
        What was said of each item, (n,); the most probable class by default.
    groups
        Group of each item, (n,): intervals take groups, not items, as independent.
    cross_validated
        Whether the judged models were trained on folds of these items.

    Raises
    ------
    ParameterError
        Shapes do not agree.
    DataError
        There are no items.

    Examples
    --------
    >>> judgement = judge(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]), ["cat", "dog"])
    >>> judgement.scores.accuracy.value
    0.5
    >>> judgement.per_class[1].precision is None
    True
    """
    codes, probabilities = np.asarray(codes), np.asarray(probabilities)
    _check(codes, probabilities, labels)
    units = Units.of(len(codes), groups, cross_validated=cross_validated)
    return judge_units(codes, probabilities, labels, units, predicted)


def judge_units(
    codes: Codes,
    probabilities: NDArray[np.floating],
    labels: Sequence[str],
    units: Units,
    predicted: Codes | None = None,
) -> Judgement:
    """As ``judge``, where what varies independently is known already."""
    if predicted is None:
        predicted = probabilities.argmax(axis=1)
    counts = ClassCounts.of(codes, predicted, len(labels))
    return Judgement(
        scores=class_scores(codes, probabilities, counts, units, predicted),
        per_class=_per_class(codes, predicted, counts, labels, units),
        more=_more(codes, probabilities, counts, units),
    )


def class_scores(
    codes: Codes,
    probabilities: NDArray[np.floating],
    counts: ClassCounts,
    units: Units,
    predicted: Codes,
) -> Scores:
    """The four scores of all items together, without those of each class and of probabilities.

    Parameters
    ----------
    counts
        Of ``codes`` and ``predicted``.
    """
    return Scores(
        accuracy=_accuracy(codes, predicted, units),
        balanced_accuracy=_balanced_accuracy(codes, predicted, counts, units),
        macro_f1=_macro_f1(codes, predicted, counts, units),
        log_loss=_log_loss(codes, probabilities, units),
    )


def _check(codes: Codes, probabilities: NDArray[np.floating], labels: Sequence[str]) -> None:
    if probabilities.shape != (len(codes), len(labels)):
        raise ParameterError(
            f"probabilities has shape {probabilities.shape}, expected {(len(codes), len(labels))}.",
            remedy="Give one row per item and one column per label.",
        )
    if len(codes) == 0:
        raise DataError("There are no items to judge.", remedy="Give at least one labelled item.")


def _accuracy(codes: Codes, predicted: Codes, units: Units) -> Score:
    return _share(codes == predicted, units)


def _share(hits: NDArray[np.bool_], units: Units) -> Score:
    value, n = float(hits.mean()), len(hits)
    low, high = share_interval(
        value, (hits - value) / n, independent=value * (1 - value) / n, ceiling=n, units=units
    )
    return Score(value=value, low=low, high=high)


def _balanced_accuracy(codes: Codes, predicted: Codes, counts: ClassCounts, units: Units) -> Score:
    value = float(balanced_accuracy(counts))
    influence = _recall_influence(codes, predicted, counts)
    variance, degrees = _recall_variance(counts)
    low, high = share_interval(
        value,
        influence,
        independent=variance,
        ceiling=_balanced_size(counts),
        units=units,
        degrees=degrees,
    )
    return Score(value=value, low=low, high=high)


def _recall_influence(codes: Codes, predicted: Codes, counts: ClassCounts) -> Float64:
    present = np.count_nonzero(counts.actual)
    found = recall(counts)
    return np.asarray(((codes == predicted) - found[codes]) / (counts.actual[codes] * present))


def _recall_variance(counts: ClassCounts) -> tuple[float, float]:
    """Variance of the mean recall, and its degrees of freedom (Satterthwaite 1946).

    Unbiased within classes; pooled for classes with one item.
    """
    present = counts.actual > 0
    n, p = counts.actual[present], recall(counts)[present]
    pooled = float(accuracy(counts))
    others = np.maximum(n - 1, 1)
    within = np.where(n > 1, p * (1 - p) / others, pooled * (1 - pooled)) / len(n) ** 2
    total = float(within.sum())
    if total == 0:
        return 0.0, np.inf
    return total, total**2 / float(np.sum(within**2 / others))


def _balanced_size(counts: ClassCounts) -> float:
    """k² / Σ 1/n_c: the items that one share would need to vary as the mean of k shares does."""
    n = counts.actual[counts.actual > 0]
    return float(len(n) ** 2 / np.sum(1 / n))


def _macro_f1(codes: Codes, predicted: Codes, counts: ClassCounts, units: Units) -> Score:
    """F1 of a class is 2 hits / (actual + predicted); each item is in one or two such ratios."""
    value = float(macro_f1(counts))
    both = counts.actual + counts.predicted
    k = np.count_nonzero(both)
    share = f1(counts) / np.where(both > 0, both, 1)
    hits = 2.0 * (codes == predicted) / both[codes]
    influence = (hits - share[codes] - share[predicted]) / k
    low, high = share_interval(
        value,
        influence,
        independent=float(np.square(influence).sum()),
        ceiling=_balanced_size(counts),
        units=units,
    )
    return Score(value=value, low=low, high=high)


def _log_loss(codes: Codes, probabilities: NDArray[np.floating], units: Units) -> Score:
    return _mean(item_log_losses(codes, probabilities), units)


def _mean(losses: Float64, units: Units) -> Score:
    low, high = mean_interval(losses, units)
    return Score(value=float(losses.mean()), low=low, high=high if np.isfinite(high) else None)


def _more(
    codes: Codes, probabilities: NDArray[np.floating], counts: ClassCounts, units: Units
) -> MoreScores:
    error, low, high = adaptive_calibration_error(probabilities, codes, units)
    many = probabilities.shape[1] >= MANY_CLASSES
    return MoreScores(
        brier=_mean(item_briers(codes, probabilities), units),
        auroc=_auroc(codes, probabilities, counts, units),
        calibration_error=Score(value=error, low=low, high=high),
        top5=_share(in_top(codes, probabilities, 5), units) if many else None,
    )


def _auroc(
    codes: Codes, probabilities: NDArray[np.floating], counts: ClassCounts, units: Units
) -> Score | None:
    found = macro_auroc(probabilities, codes)
    if found is None:
        return None
    value, influence = found
    low, high = share_interval(
        value,
        influence,
        independent=float(np.square(influence).sum()),
        ceiling=_PAIRS * _balanced_size(counts),
        units=units,
    )
    return Score(value=value, low=low, high=high)


def _per_class(
    codes: Codes, predicted: Codes, counts: ClassCounts, labels: Sequence[str], units: Units
) -> tuple[ClassScore, ...]:
    precisions = _class_shares(predicted, precision(counts), counts.predicted, units)
    recalls = _class_shares(codes, recall(counts), counts.actual, units)
    return tuple(
        ClassScore(label=label, n=int(n), precision=p, recall=r)
        for label, n, p, r in zip(labels, counts.actual, precisions, recalls, strict=True)
    )


def _class_shares(
    codes: Codes, shares: Float64, sizes: Float64, units: Units
) -> list[Score | None]:
    """Wilson intervals of the share of hits in each class; None for a class without items."""
    effective = sizes if units.single else _effective_sizes(codes, len(shares), units)
    low, high = wilson(shares, effective / units.inflation)
    return [
        Score(value=float(p), low=float(a), high=float(b)) if n > 0 else None
        for p, a, b, n in zip(shares, low, high, sizes, strict=True)
    ]


def _effective_sizes(codes: Codes, n_classes: int, units: Units) -> Float64:
    """n² / Σ (items in each unit)² of every class: as if a unit were all right or all wrong."""
    cells, sizes = np.unique(codes * units.count + units.members, return_counts=True)
    classes = cells // units.count
    total = np.bincount(classes, weights=sizes, minlength=n_classes)
    squares = np.bincount(classes, weights=np.square(sizes), minlength=n_classes)
    return np.asarray(total**2 / np.where(squares > 0, squares, 1))
