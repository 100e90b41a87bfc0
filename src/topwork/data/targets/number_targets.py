"""Numbers as targets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class NumberTargets:
    """One number for each of n items.

    Parameters
    ----------
    numbers
        float64 (n,), all finite.
    """

    numbers: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, indices: np.ndarray) -> NumberTargets:
        """Keep some of the items."""
        return replace(self, numbers=self.numbers[indices])

    def values(self) -> list[float]:
        """Give the n numbers themselves."""
        return [float(number) for number in self.numbers]
