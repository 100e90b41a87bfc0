"""The score threshold that misses at most a share of the objects."""

from __future__ import annotations

import math

import numpy as np

from topwork.calibration.detection.threshold_choice import ThresholdChoice
from topwork.calibration.missed_share import ROUNDING, MissCurve
from topwork.errors import DataError, ParameterError
from topwork.metrics.detection.matching import Matches
from topwork.metrics.detection.operating_point import operating_point
from topwork.metrics.intervals import Units


def threshold_for_miss(
    matches: Matches, miss: float, *, units: Units | None = None
) -> ThresholdChoice:
    """The highest threshold at which a new image misses at most that share of its objects.

    Conformal risk control: with the mean share missed R̂ of m independent images with objects, the
    largest λ with ``m/(m + 1) R̂(λ) + 1/(m + 1) ≤ α``. The expected share missed in a new image
    lies between α − 2/(m + 1) and α. With groups m is (Σ size)² / Σ size².

    Parameters
    ----------
    matches
        Detections with their objects; the first least overlap is used.
    miss
        α, above 0 and below 1.
    units
        What varies independently; every image by default.

    Raises
    ------
    ParameterError
        The share is not between 0 and 1.
    DataError
        There are no objects.

    References
    ----------
    Angelopoulos, Bates, Fisch, Lei and Schuster 2024, Conformal risk control, theorem 1 and
    proposition 2.

    Examples
    --------
    >>> from topwork.data.targets.boxes import BoxTargets, ImageBoxes
    >>> from topwork.metrics.detection import Detections, match_detections
    >>> image = ImageBoxes.of([(0, 0, 9, 9)], [0])
    >>> found = [Detections.of([(0, 0, 9, 9)], [0], [i / 20]) for i in range(1, 20)]
    >>> matches = match_detections(BoxTargets(("cell",), (image,) * 19), found)
    >>> round(threshold_for_miss(matches, 0.2).threshold, 2)
    0.2
    >>> threshold_for_miss(matches, 0.02).needed
    49
    """
    if not 0 < miss < 1:
        raise ParameterError(
            f"miss is {miss}, expected a number between 0 and 1.",
            remedy="For thresholds that miss one object in ten give 0.1.",
        )
    independent = units or Units.of(matches.flat.n_images)
    curve = _curve(matches, independent)
    threshold = curve.highest(miss)
    if threshold is None:
        return _no_miss(miss, curve)
    return ThresholdChoice(
        promise="miss",
        target=miss,
        threshold=threshold,
        expected=operating_point(matches, threshold, independent).missed_share,
        n_images=len(curve.items),
        needed=_enough(miss),
        reason=None,
    )


def _enough(miss: float) -> int:
    return math.ceil(1 / miss - 1 - ROUNDING)


def _no_miss(miss: float, curve: MissCurve) -> ThresholdChoice:
    least = float(curve.risks.min(initial=1.0))
    needed = curve.needed(miss)
    if needed is None:
        reason = (
            f"{100 * least:.1f} % of the objects are missed even when every detection is kept, "
            f"more than {100 * miss:g} %."
        )
    else:
        reason = (
            f"{len(curve.items)} images with objects are too few to promise that at most "
            f"{100 * miss:g} % are missed; about {needed} are needed."
        )
    return ThresholdChoice(
        promise="miss",
        target=miss,
        threshold=None,
        expected=None,
        n_images=len(curve.items),
        needed=needed,
        reason=reason,
    )


def _curve(matches: Matches, units: Units) -> MissCurve:
    counted = np.flatnonzero(matches.counted)
    if len(counted) == 0:
        raise DataError(
            "There are no objects to find a threshold by.",
            remedy="Give at least one image with an annotated object that is not ignored.",
        )
    scores = np.full(len(matches.counted), -np.inf)
    right = matches.right[0]
    scores[matches.item[0][right]] = matches.flat.scores[right]
    return MissCurve.of(scores[counted], matches.flat.objects.image[counted], units)
