"""Whether one scoring of the same boxes leaves fewer false detections than another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data.targets.boxes import BoxTargets
from topwork.metrics.detection.average_precision import image_precision
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.froc import Froc, false_at_recall, recall_at_rates
from topwork.metrics.detection.matching import Matches, match_detections
from topwork.metrics.detection.resampling import resampled_weights
from topwork.metrics.intervals import Units, quantile_95
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
    precision, precision_low, precision_high
        What AP50 gains, with its 95 % interval from the images' parts in it.
    """

    recall: float
    before: float
    after: float
    difference: float
    low: float
    high: float
    precision: float = 0.0
    precision_low: float = 0.0
    precision_high: float = 0.0

    @property
    def fewer(self) -> bool:
        """Whether the whole interval is below 0."""
        return self.high < 0

    @property
    def better(self) -> bool:
        """Whether there are surely fewer, or AP50 surely gains and there are not more.

        The number at one recall hangs on the hardest tenth of the objects: in few images its
        interval is wide where the order of all boxes has surely become better.
        """
        return self.fewer or (self.precision_low > 0 and self.difference <= 0)


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
    matches = [match_detections(targets, scoring, overlaps=(0.5,)) for scoring in (before, after)]
    curves = [Froc.of(found) for found in matches]
    units = Units.of(len(targets), groups)
    found = min(float(recall_at_rates(froc, [np.inf])[0, 0]) for froc in curves)
    recall = recall if found >= recall else REACHABLE * found
    values = [float(false_at_recall(froc, recall)[0]) for froc in curves]
    weights = resampled_weights(units, _DRAWS, seed=seed)
    drawn = np.subtract(*(_reached(froc, recall, weights) for froc in reversed(curves)))
    low, high = np.quantile(drawn, [0.025, 0.975])
    difference = values[1] - values[0]
    gain, error = _precision_gain(matches, units)
    return FalseDetectionChange(
        recall=recall,
        before=values[0],
        after=values[1],
        difference=difference,
        low=min(float(low), difference),
        high=max(float(high), difference),
        precision=gain,
        precision_low=gain - error,
        precision_high=gain + error,
    )


def _precision_gain(matches: Sequence[Matches], units: Units) -> tuple[float, float]:
    """What AP50 gains, and half of its 95 % interval (Student's t of jackknife pseudo-values)."""
    parts = image_precision(matches[1]) - image_precision(matches[0])
    gain, m = float(parts.mean()), units.count
    if m < 2:
        return gain, np.inf
    centred = units.total(parts - gain) * m / len(parts)
    variance = float(np.square(centred).sum()) / (m - 1)
    return gain, float(quantile_95(m - 1) * np.sqrt(variance * units.inflation / m))


def _reached(froc: Froc, recall: float, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """False detections per image of every draw; where the recall is out of reach, of all."""
    found = false_at_recall(froc, recall, weights)
    everything = weights @ np.bincount(froc.image, froc.false, weights.shape[1])
    return np.where(np.isfinite(found), found, everything / weights.sum(axis=1))
