"""What clusters are called: by the item in their middle, or by words that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, words_of

Members: TypeAlias = NDArray[np.intp]
"""Positions of the items of one cluster, the nearest to its centre first."""

N_WORDS = 3
_MIN_TEXTS = 2
_LIFT = 2.0


def named_by_exemplar(data: Dataset, clusters: Sequence[Members]) -> list[str]:
    """``like NAME`` of the item nearest to the centre."""
    return [f"like {PurePath(data.items[members[0]].name).name}" for members in clusters]


def named_by_words(data: Dataset, clusters: Sequence[Members]) -> list[str]:
    """The words by which each cluster of texts differs from the others; see `distinctive_words`."""
    texts = [set(words_of(data.kind.caption(item))) for item in data.items]
    words = distinctive_words([[texts[i] for i in members] for members in clusters])
    exemplars = named_by_exemplar(data, clusters)
    return [", ".join(w) if w else instead for w, instead in zip(words, exemplars, strict=True)]


def distinctive_words(
    clusters: Sequence[Sequence[set[str]]], most: int = N_WORDS
) -> list[list[str]]:
    """The words that tell each cluster from the others, by texts that they were not chosen on.

    Words are ranked on every other text of each cluster by class-based TF-IDF: the share of a
    cluster's texts with the word times ``log(1 + A / f)``, with ``f`` the shares of all clusters
    added and ``A`` the mean over words of ``f``. Of the ranked words those stay that on the
    remaining texts are at least twice as frequent in the cluster as outside of it.

    Parameters
    ----------
    clusters
        The different words of each text of each cluster.
    most
        Words of a cluster.

    References
    ----------
    Grootendorst 2022, BERTopic: Neural topic modeling with a class-based TF-IDF procedure, eq. 2.

    Examples
    --------
    >>> clusters = [[{"the", "cat"}] * 6, [{"the", "dog"}] * 6]
    >>> distinctive_words(clusters)
    [['cat'], ['dog']]
    """
    chosen_on = [_shares(texts[::2]) for texts in clusters]
    held_out = [_counts(texts[1::2]) for texts in clusters]
    sizes = [len(texts[1::2]) for texts in clusters]
    total: Counter[str] = Counter()
    for shares in chosen_on:
        total.update(shares)
    mean = sum(total.values()) / max(len(total), 1)
    weights = {word: np.log1p(mean / f) for word, f in total.items()}
    everywhere: Counter[str] = Counter()
    for counts in held_out:
        everywhere.update(counts)
    found = []
    for shares, counts, size in zip(chosen_on, held_out, sizes, strict=True):
        ranked = sorted(shares, key=lambda w: (-shares[w] * weights[w], w))
        rest = max(sum(sizes) - size, 1)
        kept = (
            word
            for word in ranked
            if counts[word] >= _MIN_TEXTS
            and counts[word] / size >= _LIFT * (everywhere[word] - counts[word]) / rest
        )
        found.append([word for word, _ in zip(kept, range(most), strict=False)])
    return found


def _counts(texts: Sequence[set[str]]) -> Counter[str]:
    return Counter(word for text in texts for word in text)


def _shares(texts: Sequence[set[str]]) -> dict[str, float]:
    return {word: n / len(texts) for word, n in _counts(texts).items() if n >= _MIN_TEXTS}
