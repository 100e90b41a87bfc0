"""Which images a person should annotate next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import normalise_rows
from topwork.metrics.detection.detections import Detections

_MIN_PROBABILITY = 0.05
"""Less probable boxes are no doubts."""

_WITHOUT_DOUBT = 0.1
"""Weight of an image without doubtful boxes against 1 for the most doubtful: a detector that sees
nothing has no doubts either."""


def doubt(found: Detections) -> float:
    """How many boxes of an image are undecided: the sum of 4 p (1 − p) over its boxes.

    Examples
    --------
    >>> doubt(Detections.of([(0, 0, 1, 1), (2, 2, 3, 3)], [0, 0], [1.0, 0.5]))
    1.0
    """
    p = found.at_least(_MIN_PROBABILITY).scores.astype(np.float64)
    return float((4 * p * (1 - p)).sum())


def choose_images(
    detections: Sequence[Detections], rows: NDArray[np.float32], n: int
) -> NDArray[np.intp]:
    """Positions of at most n images, doubtful and unlike each other, the most useful first.

    One after the other, the image with the largest product of its doubt and its distance from those
    that were chosen.

    Parameters
    ----------
    detections
        Boxes with probabilities of each of m images, down to low ones.
    rows
        What the images look like to the network, ``(m, c)``.

    References
    ----------
    Brust, Käding and Denzler 2019, Active learning for deep object detection, §4.1 (sum over
    boxes). Sener and Savarese 2018, Active learning for convolutional neural networks: a core-set
    approach, algorithm 1 (distances).

    Examples
    --------
    >>> sure, unsure = (Detections.of([(0, 0, 9, 9)], [0], [p]) for p in (0.99, 0.5))
    >>> rows = np.float32([[1, 0], [1, 0], [0, 1], [1, 0.1]])
    >>> choose_images([sure, unsure, unsure, unsure], rows, 3).tolist()
    [1, 2, 3]
    """
    if not detections or n < 1:
        return np.empty(0, np.intp)
    doubts = np.array([doubt(found) for found in detections])
    weights = _WITHOUT_DOUBT + (1 - _WITHOUT_DOUBT) * doubts / max(doubts.max(initial=0), 1e-9)
    scale = np.maximum(rows.std(axis=0), 1e-6)
    X = normalise_rows((rows - rows.mean(axis=0)) / scale).astype(np.float64)
    distances, chosen = np.full(len(X), 2.0), list[int]()
    free = np.ones(len(X), bool)
    for _ in range(min(n, len(X))):
        gains = np.where(free, weights * (distances + 1e-3), -1)
        best = int(gains.argmax())
        chosen.append(best)
        free[best] = False
        distances = np.minimum(distances, np.maximum(1 - X @ X[best], 0))
    return np.array(chosen, np.intp)
