"""What a score threshold does: objects missed, false detections per image, share right."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.detection.matching import Matches
from topwork.metrics.intervals import Units, mean_interval
from topwork.metrics.records import Record, Score

Float64 = NDArray[np.float64]


class OperatingPoint(Record):
    """A detector at one score threshold, at an overlap of at least 0.5.

    Parameters
    ----------
    threshold
        Least score of a detection.
    right, false, missed
        Right detections, false ones, and objects without a right detection.
    missed_share
        Mean over the images with objects of the share of their objects that is missed; None
        without objects.
    false_per_image
        Mean number of false detections of an image.
    """

    threshold: float
    right: int
    false: int
    missed: int
    missed_share: Score | None
    false_per_image: Score


def operating_point(matches: Matches, threshold: float, units: Units) -> OperatingPoint:
    """Judge a threshold on n images.

    Parameters
    ----------
    matches
        Detections with their objects; the first least overlap is used.
    threshold
        Least score of a detection.
    units
        What varies independently.

    Examples
    --------
    >>> from topwork.data.targets.boxes import BoxTargets, ImageBoxes
    >>> from topwork.metrics.detection import Detections, match_detections
    >>> targets = BoxTargets(("cell",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),) * 4)
    >>> found = [Detections.of([(0, 0, 9, 9)], [0], [score]) for score in (0.9, 0.8, 0.7, 0.3)]
    >>> point = operating_point(match_detections(targets, found), 0.5, Units.of(4))
    >>> point.missed_share.value, point.false_per_image.value
    (0.25, 0.0)
    """
    missed, false = missed_shares(matches, threshold), false_counts(matches, threshold)
    shown = matches.right[0] & (matches.flat.scores >= np.float32(threshold))
    right, kept = int(shown.sum()), np.isfinite(missed)
    return OperatingPoint(
        threshold=threshold,
        right=right,
        false=int(false.sum()),
        missed=int(matches.counted.sum()) - right,
        missed_share=missed_score(missed[kept], units, kept) if kept.any() else None,
        false_per_image=_mean(false, units),
    )


def missed_shares(matches: Matches, threshold: float) -> Float64:
    """Share of the objects of each image that are missed, (n,); NaN for an image without."""
    objects = matches.objects().sum(axis=1)
    shown = matches.right[0] & (matches.flat.scores >= np.float32(threshold))
    found = np.bincount(matches.flat.found.image[shown], minlength=len(objects))
    return np.where(objects > 0, 1 - found / np.maximum(objects, 1), np.nan)


def false_counts(matches: Matches, threshold: float) -> Float64:
    """False detections of each image, (n,)."""
    shown = matches.flat.scores >= np.float32(threshold)
    false = shown & ~matches.right[0] & ~matches.ignored[0]
    n = matches.flat.n_images
    return np.bincount(matches.flat.found.image[false], minlength=n).astype(np.float64)


def missed_score(shares: Float64, units: Units, kept: NDArray[np.bool_]) -> Score:
    """Mean of shares (i,) of the images that are kept, (n,), with its interval."""
    score = _mean(shares, Units.of(len(shares), units.members[kept]))
    high = 1.0 if score.high is None else min(score.high, 1.0)
    return score.model_copy(update={"high": high})


def _mean(values: Float64, units: Units) -> Score:
    low, high = mean_interval(values, units)
    return Score(value=float(values.mean()), low=low, high=high if math.isfinite(high) else None)
