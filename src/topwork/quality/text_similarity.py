"""What texts look like, and which of them are changed copies of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import NAMED
from topwork.quality.similarity import OddItem, Pair

ALIKE = 0.8
"""The part of their shingles that copies share. A word changed in twenty leaves about 0.85."""

_BAND = 4
"""Hashes in which copies agree somewhere: texts at `ALIKE` are missed once in ten million."""

_CHANCE = 1 / 256


@dataclass(frozen=True, eq=False)
class TextSimilarity:
    """What n readable texts look like.

    Those that are equal but for case, marks and blanks are copies, and those that share most of
    their shingles (Broder 1997, On the resemblance and containment of documents): pairs that agree
    in a band of hashes are compared in all of them.

    Parameters
    ----------
    sketches
        uint8 (n, s), as from `topwork.data.Shingling`.
    lengths
        int64 (n,): characters.
    scripts
        What each is written in, (n,), as from `topwork.data.script_of`, where that was looked at.
    """

    sketches: NDArray[np.uint8]
    lengths: NDArray[np.int64]
    scripts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sketches)

    @property
    def extent(self) -> NDArray[np.int64]:
        return self.lengths

    def near(
        self,
        chosen: NDArray[np.intp],
        features: NDArray[np.floating],  # noqa: ARG002  what means the same is not yet a copy
        codes: NDArray[np.integer] | None,  # noqa: ARG002
    ) -> tuple[list[Pair], NDArray[np.intp]]:
        names, hashes = np.split(self.sketches[chosen], [NAMED], axis=1)
        found: dict[tuple[int, int], float] = {}
        for first, second in (*_equal(names), *_alike(hashes)):
            if (first, second) in found:
                continue
            same = bool((names[first] == names[second]).all())
            share = 1.0 if same else shared(hashes[first], hashes[second])
            if share >= ALIKE:
                found[first, second] = share
        pairs = [
            Pair(int(chosen[a]), int(chosen[b]), "near", round(share, 4))
            for (a, b), share in sorted(found.items())
        ]
        return pairs, np.empty(0, np.intp)

    def related(
        self,
        known: NDArray[np.int64],
        features: NDArray[np.floating],  # noqa: ARG002  only their names tell of an original
        codes: NDArray[np.integer],  # noqa: ARG002
        hinted: Sequence[tuple[int, ...]],  # noqa: ARG002
    ) -> NDArray[np.int64]:
        return known

    def odd_items(self) -> list[OddItem]:
        return []

    def compact(self) -> None:
        return None

    def attributes(self) -> dict[str, ArrayLike]:
        found: dict[str, ArrayLike] = {"length in characters": self.lengths.astype(np.float64)}
        return found | ({"script": self.scripts} if self.scripts else {})


def shared(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """The part of the shingles of two texts that they share (Jaccard), from their hashes."""
    agreeing = float(np.mean(a == b))
    return max(0.0, (agreeing - _CHANCE) / (1 - _CHANCE))


def _alike(hashes: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    for start in range(0, hashes.shape[1], _BAND):
        yield from _equal(hashes[:, start : start + _BAND])


def _equal(rows: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """The first of equal rows with each of the others."""
    keys = np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    for i in np.flatnonzero(first[inverse] != np.arange(len(rows))):
        yield int(first[inverse[i]]), int(i)
