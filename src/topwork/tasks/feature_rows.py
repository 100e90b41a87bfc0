"""Features of items, as a fit on some of them sees those of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Rows(Protocol):
    """Features that may depend on the items to learn from.

    ``standardised`` says whether a head brings them to one scale first: their columns, or the
    length of their rows.
    """

    @property
    def standardised(self) -> bool: ...

    def __len__(self) -> int: ...

    def learnt_on(self, rows: NDArray[np.intp]) -> NDArray[np.floating]:
        """Of all n items, ``(n, d)``, as learnt from some of them."""


@dataclass(frozen=True, eq=False)
class FixedRows:
    """Features ``(n, d)`` of a network that never changes."""

    features: NDArray[np.floating]

    standardised = True

    def __len__(self) -> int:
        return len(self.features)

    def learnt_on(self, rows: NDArray[np.intp]) -> NDArray[np.floating]:  # noqa: ARG002
        return self.features
