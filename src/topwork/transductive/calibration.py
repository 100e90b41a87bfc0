"""How sure a model may be on items without labels: as sure as all ways together are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads import softmax

_TEMPERATURES = tuple(2.0 ** (i / 4) for i in range(-16, 25))


def temperature_towards(logits: NDArray[np.float32], probabilities: NDArray[np.float32]) -> float:
    """The temperature at which held-out logits ``(m, k)`` are nearest to probabilities ``(m, k)``.

    In cross entropy. There are no labels to calibrate on, and a head that was fitted on its own
    pseudo-labels knows no doubt; where many ways of answering disagree, there is some.

    Examples
    --------
    >>> temperature_towards(np.float32([[4, 0]]), np.float32([[0.7310586, 0.2689414]]))
    4.0
    """

    def cost(temperature: float) -> float:
        said = softmax(logits / np.float32(temperature))
        return float(-(probabilities * np.log(said + 1e-12)).sum(axis=1).mean())

    best: float = min(_TEMPERATURES, key=cost)
    return best
