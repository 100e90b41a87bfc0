"""The limited-memory inverse Hessian of Broyden, Fletcher, Goldfarb and Shanno."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class InverseHessian:
    """Two-loop recursion over the last steps (Nocedal & Wright 2006, algorithm 7.4).

    Parameters
    ----------
    diagonal
        First guess of the inverse Hessian, of a shape that broadcasts to the parameters'.
    memory
        How many steps are kept.

    Examples
    --------
    On a quadratic with Hessian 4 one step is enough to know it.

    >>> inverse = InverseHessian(np.float32([1.0]), memory=3)
    >>> inverse.update(step=np.float32([1.0]), change=np.float32([4.0]))
    >>> inverse(np.float32([8.0])).tolist()
    [2.0]
    """

    def __init__(self, diagonal: Array, *, memory: int = 5) -> None:
        self._diagonal = diagonal
        self._scale = np.float32(1)
        self._pairs: deque[tuple[Array, Array, np.float32]] = deque(maxlen=memory)

    def __call__(self, gradient: Array) -> Array:
        """The inverse Hessian times ``gradient``."""
        result = gradient.copy()
        pulls = []
        for step, change, inverse in reversed(self._pairs):
            pull = inverse * np.vdot(step, result)
            result -= pull * change
            pulls.append(pull)
        result *= self._diagonal * self._scale
        for (step, change, inverse), pull in zip(self._pairs, reversed(pulls), strict=True):
            result += (pull - inverse * np.vdot(change, result)) * step
        return result

    def update(self, step: Array, change: Array) -> None:
        """Learn from a step and the change of the gradient along it; both are kept, not copied."""
        curvature = np.vdot(step, change)
        norm = np.vdot(change, self._diagonal * change)
        if curvature <= 0 or norm <= 0:
            return
        self._pairs.append((step, change, np.float32(1 / curvature)))
        self._scale = np.float32(curvature / norm)
