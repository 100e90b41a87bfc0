"""The scores of a detector, with intervals over images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data.targets.boxes import BoxTargets
from topwork.errors import DataError
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.froc import Froc, recall_at_rates
from topwork.metrics.detection.matching import Matches, match_detections
from topwork.metrics.detection.precision_scores import PrecisionTable
from topwork.metrics.detection.resampling import resampled_weights
from topwork.metrics.detection.share_interval import share_score
from topwork.metrics.intervals import Units
from topwork.metrics.records import Record, Score

#: False detections per image at which recall is told.
RATES = (0.1, 0.5, 1.0, 2.0)
_DRAWS = 400

Float64 = NDArray[np.float64]


class DetectionScores(Record):
    """The scores of a detector; all between 0 and 1.

    Parameters
    ----------
    ap50
        Average precision where a right detection overlaps its object by an intersection over
        union of at least 0.5; mean over the classes that have objects.
    ap
        Mean of the average precisions at 0.5, 0.55, … 0.95.
    recall_at_01, recall_at_05, recall_at_1, recall_at_2
        Share of the objects of all classes that are found (overlap at least 0.5) at the score
        threshold that leaves at most 0.1, 0.5, 1, 2 false detections per image.
    """

    ap50: Score
    ap: Score
    recall_at_01: Score
    recall_at_05: Score
    recall_at_1: Score
    recall_at_2: Score


def detection_scores(
    targets: BoxTargets,
    detections: Sequence[Detections],
    groups: ArrayLike | None = None,
    *,
    cross_validated: bool = False,
) -> DetectionScores:
    """Judge detections against the objects of n images.

    Parameters
    ----------
    targets
        The objects.
    detections
        What was found in each image, n, down to low scores.
    groups
        Group of each image, (n,): intervals take groups, not images, as independent.
    cross_validated
        Whether the judged models were trained on folds of these images.

    Raises
    ------
    ParameterError
        Images and detections do not agree.
    DataError
        There are no objects.

    Examples
    --------
    >>> from topwork.data.targets.boxes import ImageBoxes
    >>> image = ImageBoxes.of([(0, 0, 10, 10)], [0])
    >>> targets = BoxTargets(("cell",), (image, image))
    >>> found = [Detections.of([(0, 0, 10, 9)], [0], [0.9]), Detections.none()]
    >>> scores = detection_scores(targets, found)
    >>> round(scores.ap50.value, 3), scores.recall_at_1.value
    (0.505, 0.5)
    """
    matches = match_detections(targets, detections)
    units = Units.of(len(targets), groups, cross_validated=cross_validated)
    return score_matches(matches, units)


def score_matches(matches: Matches, units: Units) -> DetectionScores:
    """As ``detection_scores``, of detections that are matched already, at overlaps from 0.5 on."""
    if not matches.counted.any():
        raise DataError(
            "There are no objects to judge detections by.",
            remedy="Give at least one image with an annotated object that is not ignored.",
        )
    ap50, ap = PrecisionTable.of(matches, units).scores()
    recalls = _recalls(matches, units)
    return DetectionScores(
        ap50=ap50,
        ap=ap,
        recall_at_01=recalls[0],
        recall_at_05=recalls[1],
        recall_at_1=recalls[2],
        recall_at_2=recalls[3],
    )


def _recalls(matches: Matches, units: Units) -> list[Score]:
    froc = Froc.of(matches)
    values = recall_at_rates(froc, RATES)[0]
    drawn = resampled_recalls(froc, resampled_weights(units, _DRAWS))
    images = float(np.count_nonzero(matches.objects().sum(axis=1)))
    return [
        # A threshold that few false detections set is as uncertain as their number.
        share_score(
            float(value),
            float(variance),
            ceiling=images,
            degrees=min(units.count - 1, max(1.0, 2 * rate * units.count)),
            units=units,
        )
        for value, variance, rate in zip(values, drawn.var(axis=0, ddof=1), RATES, strict=True)
    ]


def resampled_recalls(froc: Froc, weights: Float64) -> Float64:
    """Recall at ``RATES`` of every draw, (b, r).

    Detections far below the scores that matter are left out, where no draw comes near them.
    """
    allowed = max(RATES) * len(froc.objects)
    false = np.cumsum(froc.false)
    short = froc.first(int(np.searchsorted(false, 2 * allowed + 20)) + 1)
    kept = weights @ np.bincount(short.image, short.false, weights.shape[1])
    return recall_at_rates(short if kept.min(initial=np.inf) > allowed else froc, RATES, weights)
