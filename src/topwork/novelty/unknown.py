"""Which items look like none of the classes: the threshold, and whether it finds what it should.

The score adds direction and distance (see `topwork.novelty.known_space`), each counted from the
median of held-out items in units of their spread. Where the distance alone finds more unrelated
items, it is used alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.calibration.conformal import held_out_rank
from topwork.errors import ParameterError
from topwork.metrics.intervals import Units
from topwork.novelty.known_space import KnownSpace, fit_known_space
from topwork.novelty.unrelated import MIN, UnrelatedFound, resembling, unrelated_found
from topwork.runtime.executor import run_tasks

_MARGIN: Final = 0.05
"""By so much the distance alone must find more to be used alone."""

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class UnknownDetector:
    """The space of the known classes, and from which score on an item is called unknown.

    Parameters
    ----------
    space
        The space, from all items.
    threshold
        Scores above it are unknown; infinite where the items were too few to tell.
    false_alarm_rate
        Share of items of known classes that it was set to call unknown.
    n_items
        Held-out items that it was set on.
    unrelated
        How many unrelated items it finds; None where that wasn't measured.
    """

    space: KnownSpace
    threshold: float
    false_alarm_rate: float
    n_items: int
    unrelated: UnrelatedFound | None = None

    @property
    def used_threshold(self) -> float | None:
        """The threshold, or None where the detector is switched off."""
        useless = self.unrelated is not None and not self.unrelated.enough
        return None if useless or math.isinf(self.threshold) else self.threshold

    def unknown(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row of the features (n, d) looks like none of the classes, (n,)."""
        threshold = math.inf if self.used_threshold is None else self.used_threshold
        result: NDArray[np.bool_] = self.space.scores(X) > threshold
        return result


def fit_unknown(
    X: ArrayLike,
    codes: NDArray[np.integer],
    *,
    folds: NDArray[np.integer],
    groups: ArrayLike | None = None,
    false_alarm_rate: float = 0.05,
    features_by_fold: Mapping[int, NDArray[np.floating]] | None = None,
    unrelated: Callable[[], tuple[ArrayLike, Sequence[str]]] | None = None,
    seed: int = 0,
) -> UnknownDetector:
    """A detector whose threshold comes from items that its space had not seen.

    The threshold is the ⌈n (1 − α)(1 + 1/m)⌉-th smallest score of n held-out items, m of them
    independent, as for prediction sets; it takes 1/α − 1 of them.

    Parameters
    ----------
    X
        Features, (n, d).
    codes
        Class of each item, (n,).
    folds
        Fold of each item, (n,); items of a class that is in one fold only set no threshold.
    groups
        Group of each item, (n,).
    false_alarm_rate
        α, above 0 and below 1.
    features_by_fold
        Features (n, d) for each fold, where they come from a network that was trained on labels:
        by one that did not see the fold's. ``X`` is used for all folds otherwise.
    unrelated
        Gives features (u, d) and kinds of items of none of the classes, to measure how many it
        finds; those that resemble X don't count.
    seed
        Of the search for axes.

    Raises
    ------
    ParameterError
        The rate is not between 0 and 1.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((60, 8)) + 5 * np.eye(8)[np.arange(60) % 2]
    >>> detector = fit_unknown(X, np.arange(60) % 2, folds=np.arange(60) // 2 % 5)
    >>> detector.unknown(5 * np.eye(8)[[0, 7]]).tolist()
    [False, True]
    """
    if not 0 < false_alarm_rate < 1:
        raise ParameterError(
            f"false_alarm_rate is {false_alarm_rate}, expected a number between 0 and 1.",
            remedy="For 5 false alarms in 100 give 0.05.",
        )
    features, codes, folds = np.asarray(X), np.asarray(codes), np.asarray(folds)
    by_fold = features_by_fold or dict.fromkeys(np.unique(folds).tolist(), features)
    parts = _held_out(by_fold, codes, folds, seed)
    judged = np.isfinite(parts[:, 0])
    units = Units.of(int(judged.sum()), None if groups is None else np.asarray(groups)[judged])
    space = fit_known_space(features, codes, seed=seed)

    usual, spreads = _usual(parts[judged])

    def detector(direction: float) -> UnknownDetector:
        weights = np.array([direction, 1], np.float32) / spreads
        return UnknownDetector(
            space=replace(space, weights=weights, usual=usual),
            threshold=_threshold((parts[judged] - usual) @ weights, units, false_alarm_rate),
            false_alarm_rate=false_alarm_rate,
            n_items=int(judged.sum()),
        )

    both, alone = detector(1), detector(0)
    if unrelated is None or math.isinf(both.threshold):
        return both
    given, kinds = unrelated()
    given = np.asarray(given)
    like = resembling(given, features, groups=groups, seed=seed)
    if (~like).sum() < MIN:
        return both

    def measured(one: UnknownDetector) -> UnknownDetector:
        return replace(one, unrelated=unrelated_found(one.unknown(given), kinds, ~like))

    both, alone = measured(both), measured(alone)
    return alone if _share(alone) > _share(both) + _MARGIN else both


def _share(detector: UnknownDetector) -> float:
    assert detector.unrelated is not None
    return detector.unrelated.share.value


def _held_out(
    by_fold: Mapping[int, NDArray[np.floating]],
    codes: NDArray[np.integer],
    folds: NDArray[np.integer],
    seed: int,
) -> Float32:
    """Direction and distance (n, 2) by spaces without the item's fold; NaN for one-fold classes."""
    parts = np.full((len(codes), 2), np.nan, dtype=np.float32)
    names = list(by_fold)
    # decompositions of thin matrices gain nothing from more threads
    judged = run_tasks(partial(_judged, by_fold, codes, folds, seed), names)
    for fold, found in zip(names, judged, strict=True):
        parts[_judgeable(codes, folds, fold)] = found
    return parts


def _judged(
    by_fold: Mapping[int, NDArray[np.floating]],
    codes: NDArray[np.integer],
    folds: NDArray[np.integer],
    seed: int,
    fold: int,
) -> Float32:
    """Direction and distance of a fold's items whose class has others, ``(m, 2)``."""
    rows, fitted = _judgeable(codes, folds, fold), folds != fold
    if not rows.any():
        return np.empty((0, 2), np.float32)
    X = by_fold[fold]
    return fit_known_space(X[fitted], codes[fitted], seed=seed).parts(X[rows])


def _judgeable(
    codes: NDArray[np.integer], folds: NDArray[np.integer], fold: int
) -> NDArray[np.bool_]:
    return np.asarray((folds == fold) & np.isin(codes, codes[folds != fold]))


def _usual(parts: Float32) -> tuple[Float32, Float32]:
    """The medians of (n, 2), and what the 95th percentiles are above them (1 for nothing)."""
    if len(parts) == 0:
        return np.zeros(2, np.float32), np.ones(2, np.float32)
    low, high = np.quantile(parts, (0.5, 0.95), axis=0).astype(np.float32)
    return low, np.where(high - low > 1e-6, high - low, np.float32(1))


def _threshold(scores: Float32, units: Units, rate: float) -> float:
    if len(scores) == 0:
        return math.inf
    rank = held_out_rank(units, rate)
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else math.inf
