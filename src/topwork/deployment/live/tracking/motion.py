"""How boxes move: a Kalman filter with constant velocity, for n boxes at once.

Centre and size of a box are independent of each other, so that a state is four pairs of value and
velocity ``(n, 4, 2)``, and its covariance three numbers for each pair ``(n, 4, 3)``. The noise is
that of ByteTrack [1]_, which is stated per frame at 30 frames per second, here per second; but
velocities may change twice as fast, which lost fewer objects that turn.

References
----------
.. [1] Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

_RATE: Final = 30.0
_POSITION: Final = 1 / 20
"""Standard deviation of a measured centre or size, as a fraction of the size."""
_VELOCITY: Final = _RATE / 80
"""Standard deviation of how velocity changes in a thirtieth of a second, in sizes per second."""


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """Where n boxes are and how fast they move.

    Parameters
    ----------
    state
        Centre x, centre y, width and height, each with its velocity per second, ``(n, 4, 2)``.
    covariance
        Variance of the value, covariance, variance of the velocity, ``(n, 4, 3)``.
    """

    state: Float64
    covariance: Float64

    def __len__(self) -> int:
        return len(self.state)

    @property
    def corners(self) -> Float64:
        """x1, y1, x2, y2 of each box, ``(n, 4)``."""
        centre, size = self.state[:, :2, 0], np.maximum(self.state[:, 2:, 0], 1e-3)
        return np.concatenate([centre - size / 2, centre + size / 2], axis=1)

    def take(self, rows: NDArray[np.intp]) -> Motion:
        """Those of some boxes."""
        return Motion(self.state[rows], self.covariance[rows])


def boxes_at_rest(corners: NDArray[np.floating]) -> Motion:
    """Boxes that were seen for the first time, ``(n, 4)``."""
    values = centre_and_size(corners)
    scale = _scale(values)
    state = np.stack([values, np.zeros_like(values)], axis=-1)
    position, velocity = (2 * _POSITION * scale) ** 2, (10 * _VELOCITY * scale) ** 2
    return Motion(state, np.stack([position, np.zeros_like(values), velocity], axis=-1))


def moved(motion: Motion, seconds: float) -> Motion:
    """Where boxes are expected so many seconds later.

    Examples
    --------
    >>> later = moved(boxes_at_rest(np.float64([[0, 0, 10, 20]])), 1.0)
    >>> later.corners.tolist()
    [[0.0, 0.0, 10.0, 20.0]]
    """
    value, velocity = motion.state[..., 0], motion.state[..., 1]
    pp, pv, vv = np.moveaxis(motion.covariance, -1, 0)
    scale, frames = _scale(value), seconds * _RATE
    state = np.stack([value + seconds * velocity, velocity], axis=-1)
    covariance = np.stack(
        [
            pp + 2 * seconds * pv + seconds**2 * vv + frames * (_POSITION * scale) ** 2,
            pv + seconds * vv,
            vv + frames * (_VELOCITY * scale) ** 2,
        ],
        axis=-1,
    )
    return Motion(state, covariance)


def corrected(motion: Motion, corners: NDArray[np.floating]) -> Motion:
    """Boxes after they were seen there, ``(n, 4)``."""
    value, velocity = motion.state[..., 0], motion.state[..., 1]
    pp, pv, vv = np.moveaxis(motion.covariance, -1, 0)
    off = centre_and_size(corners) - value
    total = pp + (_POSITION * _scale(value)) ** 2
    gain, velocity_gain = pp / total, pv / total
    state = np.stack([value + gain * off, velocity + velocity_gain * off], axis=-1)
    covariance = np.stack([(1 - gain) * pp, (1 - gain) * pv, vv - velocity_gain * pv], axis=-1)
    return Motion(state, covariance)


def joined(first: Motion, second: Motion) -> Motion:
    """The boxes of both."""
    return Motion(
        np.concatenate([first.state, second.state]),
        np.concatenate([first.covariance, second.covariance]),
    )


def centre_and_size(corners: NDArray[np.floating]) -> Float64:
    """Centre x, centre y, width and height of boxes, ``(n, 4)``."""
    boxes = np.asarray(corners, np.float64).reshape(-1, 4)
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] + size / 2, size], axis=1)


def _scale(values: Float64) -> Float64:
    """Width and height, for what is measured along each."""
    return np.maximum(values[:, [2, 3, 2, 3]], 1.0)
