"""What a text is compared by: a fingerprint of its letters, and a sketch of its shingles."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

NAMED: Final = 16
"""Bytes of the fingerprint, which the sketch follows."""

HASHES: Final = 128
SHINGLE: Final = 5
"""Characters of a shingle."""

_MAX: Final = 20_000
"""Characters that are compared of a long text."""

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Shingling:
    """How a text becomes what it is compared by: uint8 ``(NAMED + HASHES,)``.

    Parameters
    ----------
    version
        Part of the store's keys: raise it whenever a byte may change.
    """

    version: int = 1

    def sketch(self, text: str) -> np.ndarray:
        """The fingerprint of the normalised text, and the MinHash of its shingles.

        Of each of the smallest hashes one byte is kept (Li and König 2010, b-bit minwise hashing):
        two texts agree in about the share of shingles that they have in common, and in one of 256
        others.
        """
        plain = normalised(text)
        name = blake2b(plain.encode(), digest_size=NAMED).digest()
        return np.concatenate([np.frombuffer(name, np.uint8), _smallest(plain[:_MAX])])


def normalised(text: str) -> str:
    """A text without case, marks and all that is neither letter nor digit.

    Examples
    --------
    >>> normalised("  It\u2019s GREAT -- really! ")
    'it s great really'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(c if c.isalnum() else " " for c in folded).split()
    # of a text of signs alone, the signs are what it says
    return " ".join(words) or folded


def _smallest(text: str) -> NDArray[np.uint8]:
    letters = np.frombuffer(text.ljust(SHINGLE).encode("utf-32-le"), np.uint32).astype(np.uint64)
    n = len(letters) - SHINGLE + 1
    hashes = np.zeros(n, np.uint64)
    for i in range(SHINGLE):
        hashes = (hashes ^ letters[i : i + n]) * _STEP
        hashes ^= hashes >> np.uint64(29)
    factors, shifts = _family()
    smallest = (np.unique(hashes)[:, None] * factors + shifts).min(axis=0)
    kept: NDArray[np.uint8] = ((smallest * _STEP) >> np.uint64(56)).astype(np.uint8)
    return kept


@cache
def _family() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    rng = np.random.default_rng(0)
    factors = rng.integers(1, 2**63, HASHES, np.uint64) | np.uint64(1)
    return factors, rng.integers(0, 2**63, HASHES, np.uint64)
