"""Whether one scoring of the same boxes leaves fewer false detections than another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data.targets.boxes import BoxTargets
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.froc import Froc, false_at_recall, recall_at_rates
from topwork.metrics.detection.matching import match_detections
from topwork.metrics.detection.resampling import resampled_weights
from topwork.metrics.intervals import Units
from topwork.metrics.records import Record

#: Share of what both scorings can find at all that is asked for where the recall is out of reach.
REACHABLE = 0.8
_DRAWS = 2000


class FalseDetectionChange(Record):
    """False detections per image of two scorings at one recall.

    Parameters
    ----------
    recall
        Share of the objects found. Where fewer than asked for can be found at all, 0.8 of what
        can.
    before, after
        False detections per image at that recall, of either scoring.
    difference, low, high
        After minus before, with its 95 % interval from resampled images.
    """

    recall: float
    before: float
    after: float
    difference: float
    low: float
    high: float

    @property
    def fewer(self) -> bool:
        """Whether the whole interval is below 0."""
        return self.high < 0


def compare_scorings(
    targets: BoxTargets,
    before: Sequence[Detections],
    after: Sequence[Detections],
    *,
    recall: float = 0.9,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> FalseDetectionChange:
    """Compare the false detections per image of two scorings of the same boxes, at one recall.

    The interval is the percentile interval of the difference over resampled images (or groups),
    the same ones for both scorings.

    Parameters
    ----------
    targets
        The objects of n images.
    before, after
        The boxes of each image with either score, n.
    recall
        Share of all objects that are to be found, at an overlap of at least 0.5.
    groups
        Group of each image, (n,).
    seed
        Of the draws.

    Raises
    ------
    ParameterError
        Images and detections do not agree.

    Examples
    --------
    >>> from topwork.data.targets.boxes import ImageBoxes
    >>> targets = BoxTargets(("cell",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),) * 20)
    >>> boxes = [(0, 0, 9, 9), (50, 50, 60, 60)]
    >>> before = [Detections.of(boxes, [0, 0], [0.4, 0.6])] * 20
    >>> after = [Detections.of(boxes, [0, 0], [0.7, 0.1])] * 20
    >>> change = compare_scorings(targets, before, after)
    >>> change.before, change.after, change.fewer
    (1.0, 0.0, True)
    """
    curves = [
        Froc.of(match_detections(targets, scoring, overlaps=(0.5,))) for scoring in (before, after)
    ]
    units = Units.of(len(targets), groups)
    found = min(float(recall_at_rates(froc, [np.inf])[0, 0]) for froc in curves)
    recall = recall if found >= recall else REACHABLE * found
    values = [float(false_at_recall(froc, recall)[0]) for froc in curves]
    weights = resampled_weights(units, _DRAWS, seed=seed)
    drawn = np.subtract(*(_reached(froc, recall, weights) for froc in reversed(curves)))
    low, high = np.quantile(drawn, [0.025, 0.975])
    difference = values[1] - values[0]
    return FalseDetectionChange(
        recall=recall,
        before=values[0],
        after=values[1],
        difference=difference,
        low=min(float(low), difference),
        high=max(float(high), difference),
    )


def _reached(froc: Froc, recall: float, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """False detections per image of every draw; where the recall is out of reach, of all."""
    found = false_at_recall(froc, recall, weights)
    everything = weights @ np.bincount(froc.image, froc.false, weights.shape[1])
    return np.where(np.isfinite(found), found, everything / weights.sum(axis=1))
