"""The score threshold that misses at most a share of the objects."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection.threshold_choice import ThresholdChoice
from topwork.errors import DataError, ParameterError
from topwork.metrics.detection.matching import Matches
from topwork.metrics.detection.operating_point import operating_point
from topwork.metrics.intervals import Units

Float64 = NDArray[np.float64]
_ROUNDING = 1e-9


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
    curve = _Missed.of(matches, independent)
    m = curve.units.independent
    bounds = (m * curve.risks + 1) / (m + 1)
    place = int(np.searchsorted(-bounds, -(miss + _ROUNDING)))
    if place == len(bounds):
        return _no_miss(miss, curve)
    threshold = float(curve.scores[place])
    return ThresholdChoice(
        promise="miss",
        target=miss,
        threshold=threshold,
        expected=operating_point(matches, threshold, independent).missed_share,
        n_images=len(curve.images),
        needed=_enough(miss),
        reason=None,
    )


def _enough(miss: float) -> int:
    return math.ceil(1 / miss - 1 - _ROUNDING)


def _no_miss(miss: float, curve: _Missed) -> ThresholdChoice:
    least = float(curve.risks.min(initial=1.0))
    if least >= miss:
        needed = None
        reason = (
            f"{100 * least:.1f} % of the objects are missed even when every detection is kept, "
            f"more than {100 * miss:g} %."
        )
    else:
        needed = math.ceil((1 - miss) / (miss - least) - _ROUNDING)
        reason = (
            f"{len(curve.images)} images with objects are too few to promise that at most "
            f"{100 * miss:g} % are missed; about {needed} are needed."
        )
    return ThresholdChoice(
        promise="miss",
        target=miss,
        threshold=None,
        expected=None,
        n_images=len(curve.images),
        needed=needed,
        reason=reason,
    )


@dataclass(frozen=True, eq=False)
class _Missed:
    """The mean share of an image's objects that are missed, at every score of a found one.

    Parameters
    ----------
    images
        Those with objects, (i,).
    scores, risks
        Descending scores of found objects, and the mean share missed at each, (s,).
    units
        What varies independently among the images with objects.
    """

    images: NDArray[np.intp]
    scores: Float64
    risks: Float64
    units: Units

    @classmethod
    def of(cls, matches: Matches, units: Units) -> _Missed:
        counted = np.flatnonzero(matches.counted)
        if len(counted) == 0:
            raise DataError(
                "There are no objects to find a threshold by.",
                remedy="Give at least one image with an annotated object that is not ignored.",
            )
        scores = np.full(len(matches.counted), -np.inf)
        right = matches.right[0]
        scores[matches.item[0][right]] = matches.flat.scores[right]
        images, image, counts = np.unique(
            matches.flat.objects.image[counted], return_inverse=True, return_counts=True
        )
        found = scores[counted]
        order = np.argsort(-found, kind="stable")
        order = order[np.isfinite(found[order])]
        gained = np.cumsum(1 / counts[image[order]]) / len(images)
        last = np.flatnonzero(np.r_[np.diff(found[order]) != 0, True][: len(order)])
        return cls(
            images=images,
            scores=found[order][last],
            risks=1 - gained[last],
            units=Units.of(len(images), units.members[images]),
        )
