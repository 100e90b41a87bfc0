"""What a detector found in an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import ParameterError


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes that a detector found in one image, the most confident first.

    Parameters
    ----------
    corners
        float32 (m, 4): x1, y1, x2, y2 in pixels of the upright image.
    classes
        int64 (m,): index into the labels.
    scores
        float32 (m,), from 0 to 1, descending.

    Raises
    ------
    ParameterError
        Lengths differ, or the scores do not descend.

    Examples
    --------
    >>> found = Detections.of([[0, 0, 9, 9], [2, 2, 5, 5]], [0, 1], [0.3, 0.8])
    >>> found.classes.tolist(), len(found.at_least(0.5))
    ([1, 0], 1)
    """

    corners: NDArray[np.float32]
    classes: NDArray[np.int64]
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        m = len(self.scores)
        if self.corners.shape != (m, 4) or self.classes.shape != (m,):
            raise ParameterError(
                f"corners has shape {self.corners.shape} and classes {self.classes.shape}, "
                f"expected {(m, 4)} and {(m,)}.",
                remedy="Give one row of corners and one class for each score.",
            )
        descending = np.all(self.scores[1:] <= self.scores[:-1])
        if not (descending and np.isfinite(self.scores).all()):
            raise ParameterError(
                "scores do not descend, or are not numbers.",
                remedy="Use Detections.of, which sorts them.",
            )

    @classmethod
    def of(cls, corners: ArrayLike, classes: ArrayLike, scores: ArrayLike) -> Detections:
        """Sort boxes (m, 4) of classes (m,) by their scores (m,); equal scores keep their order."""
        values = np.asarray(scores, dtype=np.float32).reshape(-1)
        order = np.argsort(-values, kind="stable")
        return cls(
            np.asarray(corners, dtype=np.float32).reshape(-1, 4)[order],
            np.asarray(classes, dtype=np.int64).reshape(-1)[order],
            values[order],
        )

    @classmethod
    def none(cls) -> Detections:
        """Nothing was found."""
        return cls.of([], [], [])

    def __len__(self) -> int:
        return len(self.scores)

    def at_least(self, threshold: float) -> Detections:
        """Those whose score is at least ``threshold``."""
        m = int(np.count_nonzero(self.scores >= np.float32(threshold)))
        return Detections(self.corners[:m], self.classes[:m], self.scores[:m])

    def rescored(self, scores: NDArray[np.floating]) -> Detections:
        """The same boxes with other scores (m,), in their new order."""
        return Detections.of(self.corners, self.classes, scores)


def rescored(detections: Sequence[Detections], scores: NDArray[np.floating]) -> list[Detections]:
    """The same boxes of n images with other scores (m,), image after image, in their new order.

    Examples
    --------
    >>> found = Detections.of([(0, 0, 1, 1), (5, 5, 6, 6)], [0, 1], [0.9, 0.8])
    >>> rescored([found], np.array([0.1, 0.3]))[0].classes.tolist()
    [1, 0]
    """
    cuts = np.cumsum([len(found) for found in detections])[:-1]
    parts = np.split(np.asarray(scores), cuts)
    return [found.rescored(own) for found, own in zip(detections, parts, strict=True)]
