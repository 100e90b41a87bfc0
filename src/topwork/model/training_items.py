"""What a model stores of its training items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class RehearsalRows(Protocol):
    """What a model of any task stores of its n training items.

    ``keys`` are their content keys ``(n, 16)``, ``codes`` their classes or bins ``(n,)``, and
    ``sketches`` the training images in 99 bytes each, none where the items are no images.
    """

    @property
    def keys(self) -> NDArray[np.uint8]: ...

    @property
    def codes(self) -> NDArray[np.int32]: ...

    @property
    def sketches(self) -> NDArray[np.int8]: ...

    def seen(self, keys: Sequence[bytes]) -> NDArray[np.bool_]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingItems:
    """The n training items of a model.

    Parameters
    ----------
    codes, groups
        Stratum and group of each, ``(n,)``: a quantile bin of numbers, the rarest label of an item
        with several, or the rarest class of the boxes of an image, one more than the last where
        there are none.
    keys
        Content key of each, ``(n, 16)`` bytes.
    sketches
        The training images in 99 bytes each, ``(n, 99)``; without rows for other items.
    """

    codes: NDArray[np.int32]
    groups: NDArray[np.int32]
    keys: NDArray[np.uint8]
    sketches: NDArray[np.int8]

    def seen(self, keys: Sequence[bytes]) -> NDArray[np.bool_]:
        """Which of these content keys were in the training data."""
        mine = {row.tobytes() for row in self.keys}
        return np.array([key in mine for key in keys], bool)

    def saw(self, keys: Sequence[bytes]) -> int:
        """How many of these content keys were in the training data."""
        return int(self.seen(keys).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedItems(TrainingItems):
    """The same of a model that stores features of some of them.

    Parameters
    ----------
    rehearsal, rehearsal_codes, rehearsal_groups
        Features of some items of each stratum, ``(r, w)``, their strata and groups, ``(r,)``: what
        other items are compared with. Hashed words where the backbone was made of the training
        texts. Without rows in models that were saved before.
    """

    rehearsal: NDArray[Any] = field(default_factory=lambda: np.empty((0, 0), np.float16))
    rehearsal_codes: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    rehearsal_groups: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingNumbers(RehearsedItems):
    """The same of a regressor.

    Parameters
    ----------
    numbers
        Their targets, float64 ``(n,)``.
    """

    numbers: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingLabels(RehearsedItems):
    """The same of a model that predicts several labels.

    Parameters
    ----------
    presence
        Which labels they have, int8 ``(n, L)``: 1, 0, or -1 where it is unknown.
    """

    presence: NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingImages(TrainingItems):
    """The same of a detector.

    Parameters
    ----------
    pooled, pooled_groups
        Of up to `POOLED_ROWS` images the mean of each channel of the finest map, ``(r, c)``, and
        their groups, ``(r,)``: what other images are compared with. Without rows in models that
        were saved before.
    """

    pooled: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    pooled_groups: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingParts:
    """The n good parts that an inspector was fitted on.

    Parameters
    ----------
    scores
        Held-out score of each, float64 ``(n,)``.
    groups
        Which images show one part, ``(n,)``.
    keys
        Content key of each, ``(n, 16)`` bytes.
    """

    scores: NDArray[np.float64]
    groups: NDArray[np.int32]
    keys: NDArray[np.uint8]

    def seen(self, keys: Sequence[bytes]) -> NDArray[np.bool_]:
        """Which of these content keys were in the training data."""
        mine = {row.tobytes() for row in self.keys}
        return np.array([key in mine for key in keys], bool)


POOLED_ROWS = 500
"""Training images that a bundle of a detector carries pooled maps of, at most."""
