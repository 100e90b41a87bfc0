"""What clusters are called: by the item in their middle, or by words that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, words_of
from topwork.unsupervised.clustering.function_words import FUNCTION_WORDS

Members: TypeAlias = NDArray[np.intp]
"""Positions of the items of one cluster, the nearest to its centre first."""

N_WORDS = 3
_MIN_TEXTS = 2
_LIFT = 2.0


def named_by_exemplar(data: Dataset, clusters: Sequence[Members]) -> list[str]:
    """``like NAME`` of the item nearest to the centre."""
    exemplars = told_apart([data.items[members[0]].name for members in clusters])
    return [f"like {name}" for name in exemplars]


def told_apart(paths: Sequence[str]) -> list[str]:
    """The names of files, with as many of their folders as tell them from each other.

    Examples
    --------
    >>> told_apart(["all/cat/1.jpg", "all/dog/1.jpg", "all/dog/2.jpg"])
    ['cat/1.jpg', 'dog/1.jpg', '2.jpg']
    """
    parts = [PurePath(path).parts for path in paths]
    found = []
    for own in parts:
        same = [sum(other[-n:] == own[-n:] for other in parts) for n in range(1, len(own) + 1)]
        enough = next((n for n, times in enumerate(same, 1) if times == 1), len(own))
        found.append(str(PurePath(*own[-enough:])) if own else "")
    return found


def named_by_words(data: Dataset, clusters: Sequence[Members]) -> list[str]:
    """The words by which each cluster of texts differs from the others; see `distinctive_words`."""
    texts = [set(words_of(data.kind.caption(item))) for item in data.items]
    words = distinctive_words([[texts[i] for i in members] for members in clusters])
    exemplars = named_by_exemplar(data, clusters)
    names = [", ".join(own) for own in words]
    counts = Counter(names)
    return [
        name if name and counts[name] == 1 else ", ".join(filter(None, (name, instead)))
        for name, instead in zip(names, exemplars, strict=True)
    ]


def distinctive_words(
    clusters: Sequence[Sequence[set[str]]], most: int = N_WORDS
) -> list[list[str]]:
    """The words that tell each cluster from the others, by texts that they were not chosen on.

    Words are ranked on every other text of each cluster by class-based TF-IDF: the share of a
    cluster's texts with the word times ``log(1 + A / f)``, with ``f`` the shares of all clusters
    added and ``A`` the mean over words of ``f``. Of the ranked words those stay that on the
    remaining texts are at least twice as frequent in the cluster as outside of it. Function words,
    single letters and digits are no subject, and are left out.

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
    return Counter(word for text in texts for word in text if _says_something(word))


def _says_something(word: str) -> bool:
    """Not for function words, single letters and digits; signs of a script without letters do."""
    single = len(word) == 1 and (word.isdigit() or word.lower() != word.upper())
    return not single and word not in FUNCTION_WORDS


def _shares(texts: Sequence[set[str]]) -> dict[str, float]:
    return {word: n / len(texts) for word, n in _counts(texts).items() if n >= _MIN_TEXTS}
