"""What a model stores after it went on: the earlier items, which are gone, and the new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.model.statistics import (
    REHEARSAL_ROWS,
    TrainingStatistics,
    held_out_rows,
    summarise,
)


@dataclass(frozen=True, eq=False, slots=True)
class Rows:
    """The rows that a model was fitted on when it went on: stored ones first, then new ones.

    Parameters
    ----------
    features
        ``(m, d)``.
    codes, groups
        Classes and groups ``(m,)``; a group keeps the number that the base model gave it.
    added
        Which of them are items that the base model had not seen, ``(m,)``.
    keys
        Content keys of the new items.
    logits
        What heads that had not seen a row say of it, ``(m, k)``.
    """

    features: NDArray[Any]
    codes: NDArray[np.int64]
    groups: NDArray[np.int64]
    added: NDArray[np.bool_]
    keys: list[bytes]
    logits: NDArray[np.float32]

    @property
    def added_keys(self) -> list[bytes]:
        """Content keys of the rows that are added."""
        new = self.added[len(self.added) - len(self.keys) :]
        return [key for key, is_added in zip(self.keys, new, strict=True) if is_added]


def merge(
    earlier: TrainingStatistics,
    rows: Rows,
    n_classes: int,
    *,
    seed: int,
    sketches: NDArray[np.int8] | None = None,
    hashed: Callable[[NDArray[np.intp]], NDArray[np.float32]] | None = None,
) -> TrainingStatistics:
    """The statistics of the earlier items and the added ones together.

    Counts, means and covariance are those of all items. Of the rows of a class that are more than
    a bundle carries, some are drawn, each with the weight of the items that it stands for
    (Efraimidis and Spirakis 2006, Weighted random sampling with a reservoir, algorithm A).

    Parameters
    ----------
    sketches
        Of the new items, ``(len(rows.keys), 99)``.
    hashed
        Gives hashed words of some rows, where the backbone was made of the earlier items.
    """
    added = rows.added
    new = summarise(
        rows.features[added],
        rows.codes[added],
        n_classes,
        rows.added_keys,
        groups=rows.groups[added],
        seed=seed,
    )
    old_counts, old_means = _padded(earlier.counts, n_classes), _padded(earlier.means, n_classes)
    counts = old_counts + new.counts
    share = (new.counts / np.maximum(counts, 1))[:, None].astype(np.float32)
    kept = _kept(rows, earlier.counts, n_classes, seed)
    return TrainingStatistics(
        means=old_means + share * (new.means - old_means),
        counts=counts,
        covariance=_pooled(earlier, new, old_counts, old_means),
        rehearsal=rows.features[kept],
        rehearsal_codes=rows.codes[kept],
        rehearsal_groups=rows.groups[kept].astype(np.int32),
        codes=np.concatenate([earlier.codes, new.codes]),
        groups=np.concatenate([earlier.groups, new.groups]),
        keys=np.concatenate([earlier.keys, new.keys]),
        rehearsal_logits=held_out_rows(rows.logits, kept),
        sketches=_sketches(earlier, rows, sketches),
        hashed=_hashed(earlier, kept, hashed),
        adapted_keys=earlier.adapted_keys,
        labelled_keys=earlier.labelled_keys,
    )


def _sketches(
    earlier: TrainingStatistics, rows: Rows, new: NDArray[np.int8] | None
) -> NDArray[np.int8]:
    """Of all items; none where those of some are not known."""
    if new is None or len(new) != len(rows.keys) or len(earlier.sketches) != len(earlier.keys):
        return np.empty((0, 0), np.int8)
    added = rows.added[len(rows.added) - len(rows.keys) :]
    return np.concatenate([earlier.sketches, new[added]])


def _hashed(
    earlier: TrainingStatistics,
    kept: NDArray[np.intp],
    of_new: Callable[[NDArray[np.intp]], NDArray[np.float32]] | None,
) -> NDArray[Any]:
    """Of the rows to remember; none where those of the earlier ones are not known."""
    r = len(earlier.rehearsal_codes)
    if of_new is None or len(earlier.hashed) != r:
        return np.empty((0, 0), np.float16)
    new = of_new(kept[kept >= r]).astype(np.float16)
    return np.concatenate([earlier.hashed[kept[kept < r]], new])


def _padded(values: NDArray[Any], n_classes: int) -> NDArray[Any]:
    """Zeros for the classes that are new."""
    more = np.zeros((n_classes - len(values), *values.shape[1:]), values.dtype)
    return np.concatenate([values, more])


def _pooled(
    old: TrainingStatistics,
    new: TrainingStatistics,
    old_counts: NDArray[np.int64],
    old_means: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Both covariances within classes, and what lies between the two means of a class."""
    total = old_counts + new.counts
    between = np.sqrt(old_counts * new.counts / np.maximum(total, 1))[:, None]
    apart = (between * (new.means - old_means)).astype(np.float32)
    scatter = _freedom(old.counts) * old.covariance + _freedom(new.counts) * new.covariance
    return np.asarray((scatter + apart.T @ apart) / max(1, _freedom(total)), np.float32)


def _freedom(counts: NDArray[np.int64]) -> int:
    return int(counts.sum() - np.count_nonzero(counts))


def _kept(rows: Rows, counts: NDArray[np.int64], n_classes: int, seed: int) -> NDArray[np.intp]:
    """Positions of the rows to remember; ``counts`` are those of the earlier items."""
    past = rows.codes[~rows.added]
    sample_weight = np.ones(len(rows.codes))
    sample_weight[~rows.added] = (counts / np.bincount(past, minlength=len(counts)).clip(1))[past]
    rank = np.log(1 - np.random.default_rng(seed).random(len(sample_weight))) / sample_weight
    order = np.argsort(-rank, kind="stable")
    chosen = [order[rows.codes[order] == c][:REHEARSAL_ROWS] for c in range(n_classes)]
    return np.sort(np.concatenate(chosen))
