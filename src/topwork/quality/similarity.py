"""What items are compared by, whatever their kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

DuplicateKind = Literal["exact", "near"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items that show or say the same; ``first < second``.

    Parameters
    ----------
    first, second
        Positions of the items.
    kind
        ``exact`` for equal content, ``near`` for a copy that was changed a little.
    similarity
        Of images the correlation once they are aligned, of texts the part of the shingles that
        they share; 1 for equal content.
    """

    first: int
    second: int
    kind: DuplicateKind
    similarity: float


Oddity = Literal["blank", "dark", "tiny", "size", "shape"]


@dataclass(frozen=True, slots=True)
class OddItem:
    """An item that is odd by itself, and its size as shown."""

    position: int
    oddity: Oddity
    width: int
    height: int


class Similarity(Protocol):
    """What n readable items look like."""

    def __len__(self) -> int: ...

    @property
    def extent(self) -> NDArray[np.int64]:
        """How much there is of each, in pixels or characters, (n,); of copies the largest stays."""
        ...

    def near(
        self,
        chosen: NDArray[np.intp],
        features: NDArray[np.floating],
        codes: NDArray[np.integer] | None,
    ) -> tuple[list[Pair], NDArray[np.intp]]:
        """Changed copies among the chosen items, and the items of which that can't be told."""
        ...

    def related(
        self,
        known: NDArray[np.int64],
        features: NDArray[np.floating],
        codes: NDArray[np.integer],
        hinted: Sequence[tuple[int, ...]],
    ) -> NDArray[np.int64]:
        """Groups of one original, (n,): the known ones, joined by what the items look like.

        Of ``hinted`` items the names say that they may come from one original.
        """
        ...

    def odd_items(self) -> list[OddItem]:
        """Those that are odd by themselves."""
        ...

    def compact(self) -> NDArray[np.int8] | None:
        """99 bytes of each, (n, 99), by which altered copies are known; None if there are none."""
        ...

    def attributes(self) -> dict[str, ArrayLike]:
        """Values (n,) of what items may be told apart by, by its name."""
        ...
