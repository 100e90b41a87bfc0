"""What images look like, and which of them are changed copies of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.quality.images.alignment import aligned
from topwork.quality.images.candidates import Candidates, best_of_each, find_candidates
from topwork.quality.images.compact import compact
from topwork.quality.images.copy_evidence import like_copies
from topwork.quality.images.detail import FLAT, detail, levels_agree
from topwork.quality.images.duplicate_threshold import PairSimilarities, confirmed
from topwork.quality.images.oddities import find_oddities
from topwork.quality.images.perceptual_hash import INNER, WHOLE, hash_similarity, perceptual_hashes
from topwork.quality.images.relatives import Compared, related
from topwork.quality.neighbours import unit_rows
from topwork.quality.similarity import OddItem, Oddity, Pair

_WORTH_ALIGNING = 0.88
"""Copies reach 0.92 in every set tried; most other pairs end here."""

_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class ImageSimilarity:
    """What n readable images look like.

    Copies that were encoded again, resized, made brighter or darker, or cropped by a few per cent
    at any edge are first sought among the nearest neighbours by signature (a perceptual hash) and
    by features, then confirmed by aligning their pixels. How alike is the same is taken from the
    data: see `topwork.quality.images.duplicate_threshold`.

    Parameters
    ----------
    thumbnails
        uint8 (n, 64, 64).
    sizes
        int64 (n, 2): width and height as shown, in pixels.
    """

    thumbnails: NDArray[np.uint8]
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.thumbnails)

    @property
    def extent(self) -> NDArray[np.int64]:
        pixels: NDArray[np.int64] = self.sizes.prod(axis=1)
        return pixels

    def near(
        self,
        chosen: NDArray[np.intp],
        features: NDArray[np.floating],
        codes: NDArray[np.integer] | None,
    ) -> tuple[list[Pair], NDArray[np.intp]]:
        # an image without detail is like any other of its kind
        distinct = chosen[detail(self.thumbnails)[chosen] >= FLAT]
        if len(distinct) < 2:
            return [], np.empty(0, np.intp)
        return _near(distinct, self.thumbnails, features, codes)

    def oddities(self) -> Mapping[Oddity, NDArray[np.intp]]:
        """Positions of those that are odd by themselves, by what is odd."""
        return find_oddities(self.thumbnails, self.sizes)

    def odd_items(self) -> list[OddItem]:
        return [
            OddItem(int(i), oddity, int(self.sizes[i, 0]), int(self.sizes[i, 1]))
            for oddity, positions in self.oddities().items()
            for i in positions
        ]

    def related(
        self,
        known: NDArray[np.int64],
        features: NDArray[np.floating],
        codes: NDArray[np.integer],
        hinted: Sequence[tuple[int, ...]],
    ) -> NDArray[np.int64]:
        marks = perceptual_hashes(self.thumbnails)[:, WHOLE]
        compared = Compared(self.thumbnails, marks, unit_rows(features), codes)
        return related(compared, known, hinted)

    def compact(self) -> NDArray[np.int8]:
        return compact(self.thumbnails)

    def attributes(self) -> dict[str, ArrayLike]:
        grey = [
            self.thumbnails[start : start + _CHUNK].astype(np.float32)
            for start in range(0, len(self), _CHUNK)
        ]
        width, height = np.where(self.sizes > 0, self.sizes, np.nan).T
        return {
            "brightness": np.concatenate([part.mean(axis=(1, 2)) for part in grey]),
            "sharpness": np.concatenate([_sharpness(part) for part in grey]),
            "pixels of the shorter side": np.minimum(width, height),
            "width by height": width / height,
        }


def _near(
    chosen: NDArray[np.intp],
    thumbnails: NDArray[np.uint8],
    features: NDArray[np.floating],
    codes: NDArray[np.integer] | None,
) -> tuple[list[Pair], NDArray[np.intp]]:
    small, marks = thumbnails[chosen], perceptual_hashes(thumbnails[chosen])
    rows, classes = unit_rows(features[chosen]), None if codes is None else codes[chosen]
    whole = np.ascontiguousarray(marks[:, WHOLE])
    spaces = [(whole, whole), (np.ascontiguousarray(marks[:, INNER]), whole), (rows, rows)]
    candidates = find_candidates(spaces, classes)
    near = hash_similarity(marks, candidates.first, candidates.second)
    few = (near >= _WORTH_ALIGNING) & best_of_each(candidates, near, classes)
    few &= levels_agree(small, candidates.first, candidates.second)
    cosines = _cosines(rows, candidates)
    correlations = np.zeros(len(candidates), np.float32)
    looked = Candidates(candidates.first[few], candidates.second[few])
    alignment = aligned(small, looked.first, looked.second)
    correlations[few] = alignment.correlation
    similarities = PairSimilarities(candidates, correlations, cosines)
    same, undecided = confirmed(similarities, classes, len(chosen))
    same[few] = like_copies(small, looked, alignment, same[few], classes)
    same &= few
    pairs = [
        Pair(int(chosen[a]), int(chosen[b]), "near", round(float(s), 4))
        for a, b, s in zip(
            candidates.first[same], candidates.second[same], correlations[same], strict=True
        )
    ]
    return pairs, chosen[undecided]


def _cosines(rows: NDArray[np.float32], pairs: Candidates) -> NDArray[np.float32]:
    out = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = np.einsum("md,md->m", rows[pairs.first[part]], rows[pairs.second[part]])
    return out


def _sharpness(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Energy of the discrete Laplacian for that of the image, ``(m,)``; 0 for one grey."""
    inner = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    fine, all_of_it = (4 * inner - around).std(axis=(1, 2)), grey.std(axis=(1, 2))
    result: NDArray[np.float32] = fine / np.maximum(all_of_it, 1)
    return result
