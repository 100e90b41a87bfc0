"""Mean average precision with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.detection.average_precision import average_precision, precision_influence
from topwork.metrics.detection.matching import Matches
from topwork.metrics.detection.share_interval import share_score, variance_degrees
from topwork.metrics.intervals import Units
from topwork.metrics.records import Score

Float64 = NDArray[np.float64]
_HALVINGS = 5


@dataclass(frozen=True, eq=False)
class PrecisionTable:
    """Average precision of every class, and what its uncertainty is told by.

    Parameters
    ----------
    values
        At each least overlap, (t, k); NaN for a class without objects.
    influence
        Of each image, (t, k, n).
    bias
        What the values exceed those of endless data by, (t, k).
    images
        Images that show each class, (k,).
    units
        What varies independently.
    """

    values: Float64
    influence: Float64
    bias: Float64
    images: NDArray[np.int64]
    units: Units

    @classmethod
    def of(cls, matches: Matches, units: Units) -> PrecisionTable:
        """Of detections with their objects."""
        return cls(
            values=average_precision(matches),
            influence=precision_influence(matches),
            bias=_bias(matches, units),
            images=np.count_nonzero(matches.objects(), axis=0),
            units=units,
        )

    def scores(self, classes: NDArray[np.bool_] | None = None) -> tuple[Score, Score]:
        """Mean over classes at the least overlap, and the mean over all overlaps.

        Parameters
        ----------
        classes
            (k,), each with an object that counts; all such by default.
        """
        kept = self.images > 0 if classes is None else classes
        values, bias = (table[:, kept].mean(axis=1) for table in (self.values, self.bias))
        influence = self.influence[:, kept] / np.count_nonzero(kept)
        images, units = self.images[kept], self.units
        return (
            _score(float(values[0]), influence[0], images, units, bias=float(bias[0])),
            _score(
                float(values.mean()), influence.mean(axis=0), images, units, bias=float(bias.mean())
            ),
        )


def _score(
    value: float, influence: Float64, images: NDArray[np.int64], units: Units, *, bias: float
) -> Score:
    """From the influence of each class and image (k, n), and the images of each class (k,).

    The influence in a class of few images is what is left of it when the score has followed it:
    it is made larger as a residual is for its leverage.
    """
    independent = np.minimum(images, units.count)
    others = np.maximum(independent - 1, 1)
    totals = units.total((influence * (independent / others)[:, None]).sum(axis=0))
    variance = max(float(np.square(totals).sum()), units.variance(influence.sum(axis=0)))
    return share_score(
        value,
        variance,
        ceiling=len(images) ** 2 / float(np.sum(1 / images)),
        degrees=min(_degrees(influence, others, units), variance_degrees(totals)),
        units=units,
        bias=bias,
    )


def _degrees(influence: Float64, others: NDArray[np.int64], units: Units) -> float:
    """Degrees of freedom of a sum of variances of classes (Satterthwaite 1946)."""
    own = np.array([np.square(units.total(row)).sum() for row in influence])
    total = float((np.square(own) / others).sum())
    return float(own.sum() ** 2 / total) if total > 0 else float(max(units.count - 1, 1))


def _bias(matches: Matches, units: Units) -> Float64:
    """What average precision exceeds that of endless data by, (t, k).

    The envelope is the largest of many uncertain precisions, which is too large on average, the
    more so the fewer images there are: by about as much as halves of the images exceed the whole.
    """
    whole = average_precision(matches)
    if units.count < 4:
        return np.zeros_like(whole)
    rng, excess, counts = np.random.default_rng(0), np.zeros_like(whole), np.zeros_like(whole)
    for _ in range(_HALVINGS):
        half = (rng.permutation(units.count) < units.count // 2)[units.members]
        for part in (half, ~half):
            own = average_precision(matches.within(part))
            counts += np.isfinite(own)
            excess += np.where(np.isfinite(own), own - whole, 0.0)
    return np.asarray(excess / np.maximum(counts, 1))
