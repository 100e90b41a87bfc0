"""The score threshold that leaves at most a number of false detections per image."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection.threshold_choice import ThresholdChoice
from topwork.errors import ParameterError
from topwork.metrics.detection.flat import rank_within
from topwork.metrics.detection.froc import Froc
from topwork.metrics.detection.matching import Matches
from topwork.metrics.detection.operating_point import operating_point
from topwork.metrics.intervals import Units

Float64 = NDArray[np.float64]
_ROUNDING = 1e-9


def threshold_for_false(
    matches: Matches, false_per_image: float, *, units: Units | None = None
) -> ThresholdChoice:
    """The lowest threshold at which a new image has at most so many false detections on average.

    The lowest λ with ``(F(λ) + D(λ)) / n ≤ B``, and so at every higher threshold, where F counts
    the false detections of n images and D is the variance of a unit's count over its mean, at
    least 1. For losses of 0 and 1 that is conformal risk control, whose bound is useless for
    counts that have none: D is what the expected rate at a threshold found like this exceeds
    the one observed by, to the first order in 1/n.

    Parameters
    ----------
    matches
        Detections with their objects; the first least overlap is used.
    false_per_image
        B, above 0.
    units
        What varies independently; every image by default.

    Raises
    ------
    ParameterError
        The rate is not above 0.

    Examples
    --------
    >>> from topwork.data.targets.boxes import BoxTargets, ImageBoxes
    >>> from topwork.metrics.detection import Detections, match_detections
    >>> found = [Detections.of([(0, 0, 9, 9)], [0], [i / 20]) for i in range(1, 20)]
    >>> matches = match_detections(BoxTargets(("cell",), (ImageBoxes.none(),) * 19), found)
    >>> round(threshold_for_false(matches, 0.5).threshold, 2)
    0.6
    """
    if not false_per_image > 0 or not math.isfinite(false_per_image):
        raise ParameterError(
            f"false_per_image is {false_per_image}, expected a number above 0.",
            remedy="For one false detection in every second image give 0.5.",
        )
    froc = Froc.of(matches)
    units = units or Units.of(matches.flat.n_images)
    n = matches.flat.n_images
    false, dispersion = _false_counts(froc, units)
    kept = (false + dispersion) / n <= false_per_image + _ROUNDING
    place = int(np.argmin(np.r_[kept, False])) - 1
    needed = math.ceil(1 / false_per_image - _ROUNDING)
    if place < 0:
        return _no_false(false_per_image, n, needed)
    threshold = float(froc.scores[froc.ends[place]])
    return ThresholdChoice(
        promise="false_per_image",
        target=false_per_image,
        threshold=threshold,
        expected=operating_point(matches, threshold, units).false_per_image,
        n_images=n,
        needed=needed,
        reason=None,
    )


def _no_false(target: float, n: int, needed: int) -> ThresholdChoice:
    if n < needed:
        reason = (
            f"{n} images are too few to promise at most {target:g} false detections per image; "
            f"at least {needed} are needed."
        )
    else:
        reason = (
            "The most confident detections are false ones: no threshold keeps any detection and "
            f"at most {target:g} false ones per image."
        )
    return ThresholdChoice(
        promise="false_per_image",
        target=target,
        threshold=None,
        expected=None,
        n_images=n,
        needed=needed if n < needed else None,
        reason=reason,
    )


def _false_counts(froc: Froc, units: Units) -> tuple[Float64, Float64]:
    """False detections down to each score, and the dispersion of the units' counts, (s,).

    Units of several images count in proportion to their size: the variance is that of a unit's
    count minus the rate times its size.
    """
    false, members = froc.false, units.members[froc.image]
    sizes = np.bincount(units.members, minlength=units.count).astype(np.float64)
    before = np.zeros(len(false))
    before[false] = rank_within(members[false])
    total = np.cumsum(false, dtype=np.float64)
    squares = np.cumsum(np.where(false, 2 * before + 1, 0))
    products = np.cumsum(np.where(false, sizes[members], 0))
    rate = total / sizes.sum()
    around = squares - 2 * rate * products + rate**2 * np.square(sizes).sum()
    variance = around / max(units.count - 1, 1)
    mean = total / units.count
    dispersion = np.maximum(variance / np.where(mean > 0, mean, 1), 1.0)
    return total[froc.ends], dispersion[froc.ends]
