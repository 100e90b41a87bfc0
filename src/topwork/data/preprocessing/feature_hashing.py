"""Words of a text as numbers that no training text has a part in."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.preprocessing.words import grams_of

HASHED: Final = 512
"""Columns that words and pairs share."""


@dataclass(frozen=True, slots=True)
class FeatureHashing:
    """How a text becomes float32 ``(HASHED,)`` of length 1, whatever a model was fitted on.

    References
    ----------
    Weinberger et al. 2009, Feature hashing for large scale multitask learning.
    """

    def row(self, text: str) -> NDArray[np.float32]:
        """Each different word and pair adds 1 or -1 to one of the columns, both by its hash.

        Examples
        --------
        >>> row = FeatureHashing().row("a fine film")
        >>> row.shape, bool((row == FeatureHashing().row("A fine film!")).all())
        ((512,), True)
        """
        hashes = np.array([zlib.crc32(gram.encode()) for gram in grams_of(text)], np.int64)
        row = np.bincount(hashes % HASHED, np.where(hashes >> 31, 1.0, -1.0), minlength=HASHED)
        return (row / max(float(np.linalg.norm(row)), 1.0)).astype(np.float32)
