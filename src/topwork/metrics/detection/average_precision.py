"""Average precision by the rules of COCO, and what each image adds to its error."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.errors import DataError
from topwork.metrics.detection.matching import Matches

#: Recalls at which precision is averaged: 0, 0.01, … 1.
RECALLS: Final = np.linspace(0, 1, 101)

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


def average_precision(matches: Matches) -> Float64:
    """Average precision of each class at each least overlap, (t, k).

    Precision at a recall is the highest at any score threshold that reaches the recall, and the
    average is taken over ``RECALLS``. A class without objects has no value (NaN), as in COCO; the
    mean over the others is what COCO reports.

    Parameters
    ----------
    matches
        Detections with their objects.

    References
    ----------
    Everingham et al. 2010, The PASCAL visual object classes challenge, §4.2. Lin et al. 2014,
    Microsoft COCO, and its evaluation code, for 101 recalls.

    Examples
    --------
    >>> from topwork.data.targets.boxes import BoxTargets, ImageBoxes
    >>> from topwork.metrics.detection import Detections, match_detections
    >>> targets = BoxTargets(("cell",), (ImageBoxes.of([(0, 0, 9, 9), (20, 0, 30, 9)], [0, 0]),))
    >>> found = Detections.of([(0, 0, 9, 9)], [0], [0.9])
    >>> average_precision(match_detections(targets, [found], overlaps=(0.5,))).round(3).tolist()
    [[0.505]]
    """
    counts = matches.objects().sum(axis=0)
    values = np.full((len(matches.overlaps), len(counts)), np.nan)
    for c, part in enumerate(class_parts(matches)):
        if counts[c]:
            for t in range(len(values)):
                values[t, c] = _value(matches, t, part, counts[c])
    return values


def class_parts(matches: Matches) -> list[slice]:
    """Where the detections of each class lie, k slices."""
    classes = matches.flat.found.classes
    cuts = np.searchsorted(classes, np.arange(matches.flat.n_classes + 1))
    return [slice(a, b) for a, b in pairwise(cuts.tolist())]


def _value(matches: Matches, t: int, part: slice, n_objects: int) -> float:
    right = matches.right[t, part]
    if not right.any():
        return 0.0
    precision, hits = _precision(right, matches.ignored[t, part])
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(hits / n_objects, RECALLS, side="left")
    return float(np.r_[envelope, 0.0][reached].mean())


def _precision(right: Bool, ignored: Bool) -> tuple[Float64, Float64]:
    """Precision of the first detections, and how many of them are right, (m,)."""
    hits = np.cumsum(right, dtype=np.float64)
    false = np.cumsum(~right & ~ignored, dtype=np.float64)
    return hits / np.maximum(hits + false, 1), hits


def precision_influence(matches: Matches) -> Float64:
    """What each image adds to the error of the average precision of a class, (t, k, n).

    The derivative of the area under the precision envelope with respect to the weight of an
    image, the infinitesimal jackknife: its squares sum to about the variance. It is exact for
    the area between the objects found; that COCO averages over 101 recalls makes little
    difference. Classes without objects have zeros.

    References
    ----------
    Efron 1982, The jackknife, the bootstrap and other resampling plans, ch. 6.
    """
    objects = matches.objects()
    t, k, n = len(matches.overlaps), matches.flat.n_classes, matches.flat.n_images
    influence = np.zeros((t, k, n))
    for c, part in enumerate(class_parts(matches)):
        total = objects[:, c].sum()
        if not total:
            continue
        image = matches.flat.found.image[part]
        for i in range(t):
            own, area = _own_influence(matches.right[i, part], matches.ignored[i, part], total)
            influence[i, c] = np.bincount(image, own, n) - area * objects[:, c] / total
    return influence


def image_precision(matches: Matches, *, at: int = 0) -> Float64:
    """Every image's part in the mean average precision, (n,), so that models can be compared.

    Jackknife pseudo-values: the mean average precision plus n times the influence of the image.
    Their mean is the mean average precision, and paired differences of those of two models vary
    as the difference of the models' scores does. Single ones can lie outside of 0 to 1.

    Parameters
    ----------
    matches
        Detections with their objects.
    at
        Position of the least overlap.

    Raises
    ------
    DataError
        There are no objects.

    References
    ----------
    Tukey 1958, Bias and confidence in not-quite large samples.
    """
    objects = matches.objects()
    present = objects.sum(axis=0) > 0
    if not present.any():
        raise DataError(
            "There are no objects to judge detections by.",
            remedy="Give at least one image with an annotated object that is not ignored.",
        )
    value = average_precision(matches)[at, present].mean()
    return np.asarray(value + len(objects) * precision_influence(matches)[at, present].mean(axis=0))


def _own_influence(right: Bool, ignored: Bool, n_objects: int) -> tuple[Float64, float]:
    """What each detection adds, (m,), and the area under the envelope.

    A right detection adds the envelope at its own recall, and raises the precision of those after
    it; a false one lowers them. Only precisions that the envelope touches count: the first such at
    or after each right detection.
    """
    m = len(right)
    if not right.any():
        return np.zeros(m), 0.0
    precision, _ = _precision(right, ignored)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.where(precision == envelope, np.arange(m), m)
    touched = np.minimum.accumulate(places[::-1])[::-1][right]
    judged = np.maximum(np.cumsum(~ignored), 1)[touched]
    height = envelope[right]
    gains = np.bincount(touched, (1 - height) / judged, m)
    losses = np.bincount(touched, height / judged, m)
    after_gains, after_losses = (np.cumsum(x[::-1])[::-1] for x in (gains, losses))
    own = np.where(right, after_gains, np.where(ignored, 0.0, -after_losses))
    own[right] += height
    return own / n_objects, float(height.sum() / n_objects)
