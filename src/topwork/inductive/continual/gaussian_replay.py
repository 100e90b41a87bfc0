"""Rows for the earlier items that a model stores only the means and the covariance of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.model import TrainingStatistics
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import ClassWeight
from topwork.validation import JudgedHead, cross_validate_head, suited_head

MAX_OF_A_CLASS, MAX_IN_ALL = 200, 20_000
"""Replayed rows at most; each then stands for several items. With 40 per class accuracy falls."""

_ROUNDING = 1e-6
"""Smaller variances, in terms of the largest, are nothing but rounding."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class GaussianReplay:
    """``s`` rows in place of items that are gone.

    Parameters
    ----------
    features
        ``(s, d)``.
    codes
        Their classes, ``(s,)``.
    sample_weight
        How many items each one stands for, ``(s,)``.
    """

    features: NDArray[np.float32]
    codes: Codes
    sample_weight: NDArray[np.float64]


def gaussian_replay(
    past: TrainingStatistics,
    features: NDArray[Any],
    codes: Codes,
    *,
    at_hand: NDArray[np.bool_],
    seed: int,
) -> GaussianReplay:
    """Draw rows for the items that a model was trained on and that are not at hand.

    Means of the classes and the pooled covariance of the items that are gone follow exactly from
    those of all earlier items and from the rows at hand. Normal rows are drawn from them, so that
    nothing of a row at hand is in them: heads that are judged on it have not seen it.

    Parameters
    ----------
    past
        What the model stores of all its items.
    features, codes
        Rows, ``(m, d)`` and ``(m,)``.
    at_hand
        Which rows are earlier items, ``(m,)``.
    """
    rows, mine = np.asarray(features[at_hand], np.float32), codes[at_hand]
    k = len(past.counts)
    there = np.bincount(mine, minlength=k)
    gone = np.maximum(past.counts - there, 0)
    sums = np.zeros(past.means.shape, np.float64)
    np.add.at(sums, mine, rows)
    total = past.means.astype(np.float64) * past.counts[:, None]
    centres = (total - sums) / np.maximum(gone, 1)[:, None]
    size = np.minimum(gone, min(MAX_OF_A_CLASS, MAX_IN_ALL // k))
    own = np.repeat(np.arange(k), size)
    spread = _spread(past, rows - past.means[mine], centres - past.means, gone)
    noise = np.random.default_rng(seed).standard_normal((len(own), spread.shape[1]))
    drawn = centres[own].astype(np.float32) + noise.astype(np.float32) @ spread.T
    return GaussianReplay(drawn, own, (gone / np.maximum(size, 1))[own])


def _spread(
    past: TrainingStatistics,
    within: NDArray[np.float32],
    moved: NDArray[np.float64],
    gone: NDArray[np.int64],
) -> NDArray[np.float32]:
    """A root ``(d, q)`` of the pooled covariance of the items that are gone.

    Parameters
    ----------
    within
        Rows at hand from the means of all items, ``(r, d)``.
    moved
        The means of the items that are gone from those of all items, ``(k, d)``.
    gone
        How many they are, ``(k,)``.
    """
    freedom = int(gone.sum() - np.count_nonzero(gone))
    if freedom < 1:
        return np.zeros((past.means.shape[1], 0), np.float32)
    scatter = past.covariance.astype(np.float64) * _freedom(past.counts)
    scatter -= within.T.astype(np.float64) @ within
    scatter -= (moved * gone[:, None]).T @ moved
    values, axes = np.linalg.eigh(scatter / freedom)
    real = values > _ROUNDING * max(values[-1], 0)
    return np.asarray(axes[:, real] * np.sqrt(values[real]), np.float32)


def _freedom(counts: NDArray[np.int64]) -> int:
    return max(1, int(counts.sum() - np.count_nonzero(counts)))


def judged_with(
    absent: GaussianReplay,
    features: NDArray[Any],
    codes: Codes,
    n_classes: int,
    *,
    folds: NDArray[np.integer],
    class_weight: ClassWeight,
    progress: Progress = silent,
) -> JudgedHead:
    """A head on rows at hand and replayed rows, judged on the rows at hand.

    Parameters
    ----------
    features, codes, folds
        Of the rows at hand, ``(m, d)``, ``(m,)`` and ``(m,)``.
    """
    m = len(codes)
    head = cross_validate_head(
        np.concatenate([features, absent.features]),
        np.concatenate([codes, absent.codes]),
        n_classes,
        folds=np.concatenate([folds, np.resize(np.unique(folds), len(absent.codes))]),
        head=suited_head(codes),
        class_weight=class_weight,
        sample_weight=np.concatenate([np.ones(m), absent.sample_weight]),
        progress=progress,
    )
    return replace(
        head,
        logits_oof=head.logits_oof[:m],
        probabilities_oof=head.probabilities_oof[:m],
        seen=head.seen[:m],
    )
