"""What a model stores of its training features, for adapting and continuing without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

REHEARSAL_ROWS = 20
"""Feature rows per class that a bundle carries at most."""


@dataclass(frozen=True, slots=True)
class TrainingStatistics:
    """Summary of the training features.

    Parameters
    ----------
    means
        Class means ``(k, d)``.
    counts
        Items per class ``(k,)``.
    covariance
        Pooled within-class covariance ``(d, d)``.
    rehearsal, rehearsal_codes, rehearsal_groups
        Up to ``REHEARSAL_ROWS`` rows per class ``(r, d)``, their classes and groups ``(r,)``.
    codes, groups
        Class and group of every training item ``(n,)``.
    keys
        Content key of every training item, ``(n, 16)`` bytes: by it an item is known again, and its
        features are found where they are stored.
    rehearsal_logits
        What the model's heads said of the rehearsal rows when they were held out, ``(r, k)``: how
        good it was on them before anything is added. Without rows where that isn't known.
    sketches
        Every training image in 99 bytes, ``(n, 99)``, by which altered copies of it are known
        again; see `topwork.quality.compact`. Without rows where the items are no images.
    adapted, adapted_codes
        Of an adapted model up to ``REHEARSAL_ROWS`` rows of the new domain per predicted class,
        ``(t, d)``, and these classes, ``(t,)``; none otherwise.
    hashed
        Where the backbone was made of the training texts, the hashed words of the rehearsal
        rows, ``(r, HASHED)``, by which other texts are compared with them; no rows otherwise. The
        texts that a backbone is made of look unlike all others to it.
    adapted_keys, labelled_keys
        Of an adapted model, content keys of the items that it was adapted to, ``(u, 16)``, and of
        those whose labels it learnt, ``(l, 16)``.
    """

    means: NDArray[np.float32]
    counts: NDArray[np.int64]
    covariance: NDArray[np.float32]
    rehearsal: NDArray[Any]
    rehearsal_codes: NDArray[np.int64]
    rehearsal_groups: NDArray[np.int32]
    codes: NDArray[np.int32]
    groups: NDArray[np.int32]
    keys: NDArray[np.uint8]
    rehearsal_logits: NDArray[np.float32] = field(
        default_factory=lambda: np.empty((0, 0), np.float32)
    )
    sketches: NDArray[np.int8] = field(default_factory=lambda: np.empty((0, 0), np.int8))
    adapted: NDArray[Any] = field(default_factory=lambda: np.empty((0, 0), np.float16))
    adapted_codes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    hashed: NDArray[Any] = field(default_factory=lambda: np.empty((0, 0), np.float16))
    adapted_keys: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, 16), np.uint8))
    labelled_keys: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, 16), np.uint8))

    def seen(self, keys: Sequence[bytes]) -> NDArray[np.bool_]:
        """Which of these content keys were in the training data."""
        return among(keys, self.keys)

    def learnt(self, keys: Sequence[bytes]) -> NDArray[np.bool_]:
        """Of which of these content keys the labels were learnt by an adaptation."""
        return among(keys, self.labelled_keys)

    def adapted_on(self, keys: Sequence[bytes]) -> NDArray[np.bool_]:
        """To which of these content keys the model was adapted, with their labels or without."""
        return among(keys, self.adapted_keys)

    def saw(self, keys: Sequence[bytes]) -> int:
        """How many of these content keys were in the training data."""
        return int(self.seen(keys).sum())


def among(keys: Sequence[bytes], known: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which content keys are among rows of such keys, ``(n, 16)``.

    Examples
    --------
    >>> among([bytes(16), b"0123456789abcdef"], key_rows([bytes(16)])).tolist()
    [True, False]
    """
    mine = {row.tobytes() for row in known}
    return np.array([key in mine for key in keys], bool)


def with_domain(
    past: TrainingStatistics,
    features: NDArray[Any],
    codes: NDArray[np.int64],
    *,
    keys: Sequence[bytes] = (),
    labelled: Sequence[bytes] = (),
    seed: int,
) -> TrainingStatistics:
    """The same with some rows of the domain that a model was adapted to.

    Parameters
    ----------
    features, codes
        Rows of the domain, ``(m, d)``, and their predicted classes, ``(m,)``.
    keys, labelled
        Content keys of its items, and of those whose labels were learnt.
    """
    rows = rehearsal_rows(codes, len(past.counts), seed)
    return replace(
        with_keys(past, keys, labelled),
        adapted=features[rows].astype(np.float16),
        adapted_codes=codes[rows].astype(np.int64),
    )


def with_keys(
    past: TrainingStatistics, adapted: Sequence[bytes], labelled: Sequence[bytes] = ()
) -> TrainingStatistics:
    """The same, knowing further items that a model was adapted to, and those with labels."""
    both = ((past.adapted_keys, adapted), (past.labelled_keys, labelled))
    adapted_keys, labelled_keys = (
        np.unique(np.concatenate([earlier, key_rows(keys)]), axis=0) for earlier, keys in both
    )
    return replace(past, adapted_keys=adapted_keys, labelled_keys=labelled_keys)


def summarise(
    features: NDArray[Any],
    codes: NDArray[np.int64],
    n_classes: int,
    keys: list[bytes],
    *,
    groups: NDArray[np.integer],
    seed: int,
    logits: NDArray[np.float32] | None = None,
    sketches: NDArray[np.int8] | None = None,
    hashed: Callable[[NDArray[np.intp]], NDArray[np.float32]] | None = None,
) -> TrainingStatistics:
    """Summary of features ``(n, d)`` with classes and groups ``(n,)``.

    Parameters
    ----------
    logits
        Of held-out items, ``(n, k)``.
    sketches
        Of images, ``(n, 99)``.
    hashed
        Gives hashed words of some items, where the backbone was made of the items.
    """
    x = features.astype(np.float32)
    counts = np.bincount(codes, minlength=n_classes)
    sums = np.stack([x[codes == c].sum(axis=0, dtype=np.float64) for c in range(n_classes)])
    means = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
    centred = x - means[codes]
    freedom = max(1, len(x) - int((counts > 0).sum()))
    rows = rehearsal_rows(codes, n_classes, seed)
    return TrainingStatistics(
        means=means,
        counts=counts.astype(np.int64),
        covariance=np.asarray(centred.T @ centred / freedom, np.float32),
        rehearsal=features[rows],
        rehearsal_codes=codes[rows].astype(np.int64),
        rehearsal_groups=groups[rows].astype(np.int32),
        codes=codes.astype(np.int32),
        groups=groups.astype(np.int32),
        keys=key_rows(keys),
        rehearsal_logits=held_out_rows(logits, rows),
        sketches=np.empty((0, 0), np.int8) if sketches is None else sketches,
        hashed=(np.empty((0, 0)) if hashed is None else hashed(rows)).astype(np.float16),
    )


def key_rows(keys: Iterable[bytes]) -> NDArray[np.uint8]:
    """Content keys as rows, ``(n, 16)`` bytes."""
    return np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16)


def held_out_rows(
    logits: NDArray[np.float32] | None, rows: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Some rows of held-out logits; none where there are no logits."""
    if logits is None:
        return np.empty((0, 0), np.float32)
    return np.asarray(logits[rows], np.float32)


def rehearsal_rows(codes: NDArray[np.int64], n_classes: int, seed: int) -> NDArray[np.intp]:
    """Positions of up to ``REHEARSAL_ROWS`` items per class, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(codes))
    chosen = [order[codes[order] == c][:REHEARSAL_ROWS] for c in range(n_classes)]
    return np.sort(np.concatenate(chosen))
