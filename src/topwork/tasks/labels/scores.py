"""Scores of several predicted labels per item, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError
from topwork.metrics.auroc import auroc
from topwork.metrics.average_precision import average_precision
from topwork.metrics.intervals import Units, share_interval
from topwork.metrics.records import Record, Score

Float64 = NDArray[np.float64]

_PAIRS = 3.0
"""A misplaced item loses only some of its comparisons: areas vary less than shares do."""


class LabelsScores(Record):
    """The scores of a model that predicts several labels per item, all between 0 and 1.

    Parameters
    ----------
    mean_ap
        Average precision, averaged over the labels that some items have and others don't.
    macro_f1
        F1 at the labels' thresholds, averaged over the labels that occur or are predicted.
    micro_f1
        F1 of all labels of all items together.
    auroc
        Area under the ROC curve, averaged over the labels.
    empty
        Share of items for which no label is predicted.
    """

    mean_ap: Score | None
    macro_f1: Score | None
    micro_f1: Score | None
    auroc: Score | None
    empty: Score


class LabelScore(Record):
    """One label: its items, and how well they are found.

    Parameters
    ----------
    n
        Items that have it.
    n_known
        Items of which it is known whether they have it.
    precision, recall
        Of the items that it is predicted for the share that have it, and the reverse; None where
        there are none.
    f1, average_precision, auroc
        None where no item has it, or all have.
    """

    label: str
    n: int
    n_known: int
    precision: Score | None
    recall: Score | None
    f1: Score | None
    average_precision: Score | None
    auroc: Score | None


def labels_scores(
    presence: NDArray[np.int8],
    probabilities: NDArray[np.floating],
    given: NDArray[np.bool_],
    *,
    groups: ArrayLike | None = None,
    cross_validated: bool = False,
) -> LabelsScores:
    """Judge predicted labels against the true ones; unknown cells count for nothing.

    Intervals come from the influence of each item on each score, summed within groups.

    Parameters
    ----------
    presence
        ``(n, L)``: 1, 0, or -1 where it is unknown.
    probabilities, given
        Of each label, and whether it is predicted, ``(n, L)``.
    groups
        Group of each item, ``(n,)``: intervals take groups, not items, as independent.
    cross_validated
        Whether the judged models were trained on folds of these items.

    Raises
    ------
    DataError
        There are no items.

    Examples
    --------
    >>> y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]] * 5, np.int8)
    >>> scores = labels_scores(y, 0.8 * y + 0.1, y == 1)
    >>> scores.mean_ap.value, scores.macro_f1.value, scores.empty.value
    (1.0, 1.0, 0.25)
    """
    if not len(presence):
        raise DataError("There are no items to judge.", remedy="Give at least one labelled item.")
    units = Units.of(len(presence), groups, cross_validated=cross_validated)
    empty = np.asarray(~given.any(axis=1))
    return LabelsScores(
        mean_ap=_mean(presence, probabilities, units, average_precision),
        macro_f1=_macro_f1(presence, given, units),
        micro_f1=_f1(presence, given, units),
        auroc=_mean(presence, probabilities, units, auroc, pairs=_PAIRS),
        empty=_share(empty, units),
    )


def label_scores(
    presence: NDArray[np.int8],
    probabilities: NDArray[np.floating],
    given: NDArray[np.bool_],
    labels: Sequence[str],
    *,
    groups: ArrayLike | None = None,
    cross_validated: bool = False,
) -> tuple[LabelScore, ...]:
    """The scores of every label for itself; see `labels_scores`."""
    units = Units.of(len(presence), groups, cross_validated=cross_validated)
    return tuple(
        _one(label, presence[:, j], probabilities[:, j], given[:, j], units)
        for j, label in enumerate(labels)
    )


def _one(
    label: str,
    presence: NDArray[np.int8],
    probabilities: NDArray[np.floating],
    given: NDArray[np.bool_],
    units: Units,
) -> LabelScore:
    known, has = presence >= 0, presence == 1
    column, p, g = presence[:, None], probabilities[:, None], given[:, None]
    return LabelScore(
        label=label,
        n=int(has.sum()),
        n_known=int(known.sum()),
        precision=_ratio(has & given, known & given, units),
        recall=_ratio(has & given, has, units),
        f1=_f1(column, g, units) if has.any() else None,
        average_precision=_mean(column, p, units, average_precision),
        auroc=_mean(column, p, units, auroc, pairs=_PAIRS),
    )


Judged = Callable[[Float64, NDArray[np.bool_]], tuple[float, Float64]]


def _mean(
    presence: NDArray[np.int8],
    probabilities: NDArray[np.floating],
    units: Units,
    judged: Judged,
    *,
    pairs: float = 1.0,
) -> Score | None:
    """The mean over labels that some items have and others don't."""
    total, influence, sizes = 0.0, np.zeros(len(presence)), []
    for y, p in zip(presence.T, probabilities.T, strict=True):
        known = y >= 0
        has = y[known] == 1
        if has.all() or not has.any():
            continue
        value, own = judged(np.asarray(p[known], np.float64), has)
        total += value
        influence[known] += own
        sizes.append(min(int(has.sum()), int((~has).sum())))
    if not sizes:
        return None
    k = len(sizes)
    return _score(total / k, influence / k, pairs * _size(sizes, len(presence)), units)


def _macro_f1(presence: NDArray[np.int8], given: NDArray[np.bool_], units: Units) -> Score | None:
    known = presence >= 0
    has, said = presence == 1, given & known
    both = (has.sum(axis=0) + said.sum(axis=0)).astype(np.float64)
    held = both > 0
    if not held.any():
        return None
    f1 = 2 * (has & said).sum(axis=0)[held] / both[held]
    influence = 2.0 * (has & said)[:, held]
    influence = (influence - f1 * (has.astype(float) + said)[:, held]) / both[held]
    sizes = np.maximum(has.sum(axis=0)[held], 1)
    return _score(
        float(f1.mean()), influence.mean(axis=1), _size(sizes.tolist(), len(presence)), units
    )


def _f1(presence: NDArray[np.int8], given: NDArray[np.bool_], units: Units) -> Score | None:
    known = presence >= 0
    has, said = presence == 1, given & known
    both = (has.astype(np.float64) + said).sum(axis=1)
    if not both.sum():
        return None
    hits = 2.0 * (has & said).sum(axis=1)
    value = float(hits.sum() / both.sum())
    n = max(int(has.any(axis=1).sum()), 1)
    return _score(value, (hits - value * both) / both.sum(), n, units)


def _ratio(hits: NDArray[np.bool_], of: NDArray[np.bool_], units: Units) -> Score | None:
    n = int(of.sum())
    if not n:
        return None
    value = float(hits.sum() / n)
    return _score(value, (hits - value * of) / n, n, units)


def _share(hits: NDArray[np.bool_], units: Units) -> Score:
    n = len(hits)
    value = float(hits.mean())
    return _score(value, (hits - value) / n, n, units)


def _size(sizes: Sequence[int], n: int) -> float:
    """Items that one share would need to vary as the mean of shares of so many items does."""
    return float(min(len(sizes) ** 2 / np.sum(1 / np.asarray(sizes, np.float64)), n))


def _score(value: float, influence: Float64, ceiling: float, units: Units) -> Score:
    low, high = share_interval(
        value,
        influence,
        independent=float(np.square(influence).sum()),
        ceiling=ceiling,
        units=units,
    )
    return Score(value=value, low=low, high=high)
