"""Which detections are right: matched to objects greedily, by the rules of COCO."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.targets.boxes import BoxTargets
from topwork.heads.detection.overlap import box_areas
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.flat import (
    FlatDetections,
    Pairs,
    flatten,
    overlapping,
    rank_within,
)

#: Least intersection over union of a right detection: 0.5, 0.55, … 0.95.
OVERLAPS: Final = tuple(float(t) for t in np.linspace(0.5, 0.95, 10))
_ROUNDING = 1e-10

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class SizeRange:
    """Objects by the area of their boxes, in square pixels, both ends included."""

    name: str
    low: float
    high: float


ALL_SIZES = SizeRange("all", 0, 1e10)
SIZES: Final = (
    SizeRange("small", 0, 32**2),
    SizeRange("medium", 32**2, 96**2),
    SizeRange("large", 96**2, 1e10),
)


@dataclass(frozen=True, eq=False)
class Matches:
    """Every detection with its object, at t least overlaps.

    Parameters
    ----------
    flat
        Objects and detections.
    overlaps
        The t least overlaps.
    counted
        Which objects count, (o,).
    item
        Object of each detection, int64 (t, m); -1 for none.
    right
        Whether a detection has an object that counts, (t, m).
    ignored
        Whether a detection counts as neither right nor false, (t, m).
    """

    flat: FlatDetections
    overlaps: tuple[float, ...]
    counted: Bool
    item: Int
    right: Bool
    ignored: Bool

    def objects(self) -> Int:
        """How many objects count, of each class in each image, (n, k)."""
        n, k = self.flat.n_images, self.flat.n_classes
        kept = self.flat.objects
        cells = (kept.image * k + kept.classes)[self.counted]
        return np.bincount(cells, minlength=n * k).reshape(n, k)

    def within(self, images: Bool) -> Matches:
        """The same, with objects and detections of some images (n,) alone; the others are empty."""
        shown = images[self.flat.found.image]
        places = np.flatnonzero(shown)
        flat = replace(
            self.flat,
            found=self.flat.found.take(places),
            scores=self.flat.scores[places],
            rows=self.flat.rows[places],
        )
        return replace(
            self,
            flat=flat,
            counted=self.counted & images[self.flat.objects.image],
            item=self.item[:, shown],
            right=self.right[:, shown],
            ignored=self.ignored[:, shown],
        )

    def verdicts(self, counts: Sequence[int], *, at: int = 0) -> tuple[Bool, Bool]:
        """Whether each detection is right and whether it is judged, image after image, (m,) each.

        Parameters
        ----------
        counts
            Detections of each image, (n,), those included that were cut.
        at
            Position of the least overlap.
        """
        begins = np.cumsum([0, *counts])
        place = begins[self.flat.found.image] + self.flat.rows
        right, judged = np.zeros((2, int(begins[-1])), dtype=bool)
        right[place], judged[place] = self.right[at], ~self.ignored[at]
        return right, judged


def match_detections(
    targets: BoxTargets,
    detections: Sequence[Detections],
    *,
    overlaps: tuple[float, ...] = OVERLAPS,
    size: SizeRange = ALL_SIZES,
) -> Matches:
    """Match the detections of each class in each image to its objects, the most confident first.

    A detection gets the free object that it overlaps most, if by enough; ignored objects come
    last, and take any number of detections, which then count as neither right nor false.

    Parameters
    ----------
    targets
        The objects of n images.
    detections
        What was found in each, n.
    overlaps
        Least intersections over union.
    size
        Only objects of these sizes count; other objects, and unmatched detections of other
        sizes, are ignored.

    Raises
    ------
    ParameterError
        Images and detections do not agree.

    References
    ----------
    Lin et al. 2014, Microsoft COCO: Common objects in context, and its evaluation code.

    Examples
    --------
    >>> from topwork.data.targets.boxes import ImageBoxes
    >>> targets = BoxTargets(("cell",), (ImageBoxes.of([(0, 0, 10, 10)], [0]),))
    >>> found = Detections.of([(0, 0, 10, 9), (0, 0, 10, 10)], [0, 0], [0.9, 0.8])
    >>> match_detections(targets, [found], overlaps=(0.5, 0.95)).right.tolist()
    [[True, False], [False, True]]
    """
    flat = flatten(targets, detections)
    return match_flat(flat, overlapping(flat, min(overlaps) - _ROUNDING), overlaps, size=size)


def match_flat(
    flat: FlatDetections,
    pairs: Pairs,
    overlaps: tuple[float, ...] = OVERLAPS,
    *,
    size: SizeRange = ALL_SIZES,
) -> Matches:
    """As ``match_detections``, where the overlapping pairs are known already."""
    area = box_areas(flat.objects.corners)
    counted = ~flat.ignored & (area >= size.low) & (area <= size.high)
    item = _greedy(flat, pairs, counted, np.minimum(overlaps, 1 - _ROUNDING))
    own = np.r_[counted, False][item]
    area = box_areas(flat.found.corners)
    outside = (area < size.low) | (area > size.high)
    return Matches(
        flat=flat,
        overlaps=overlaps,
        counted=counted,
        item=item,
        right=own,
        ignored=np.where(item >= 0, ~own, outside),
    )


def _greedy(
    flat: FlatDetections, pairs: Pairs, counted: Bool, overlaps: NDArray[np.float64]
) -> Int:
    """Object of each detection, (t, m).

    The first detections of all classes and images at once, then the second ones, and so on:
    detections of one class in one image never meet in a round.
    """
    t, o = len(overlaps), len(counted)
    item = np.full((t, len(flat.scores)), -1, dtype=np.int64)
    if len(pairs.detection) == 0:
        return item
    candidates, options, shares = _padded(pairs, o)
    cells = flat.found.image[candidates] * flat.n_classes + flat.found.classes[candidates]
    rounds = rank_within(cells)
    free, crowd = np.ones((t, o + 1), dtype=bool), np.r_[flat.ignored, False]
    free[:, o] = False
    preferred = np.r_[counted, False]
    by_round = np.argsort(rounds, kind="stable")
    for now in np.split(by_round, np.cumsum(np.bincount(rounds))[:-1]):
        option, share = options[now], shares[now]
        open_ = (free[:, option] | crowd[option]) & (share >= overlaps[:, None, None])
        rank = np.where(open_, share + 2 * preferred[option], -1.0)
        # Of equal overlaps the last object wins, as in COCO's code.
        best = rank.shape[2] - 1 - rank[:, :, ::-1].argmax(axis=2)
        hit = np.take_along_axis(open_, best[:, :, None], axis=2)[:, :, 0]
        chosen = np.where(hit, option[np.arange(len(now)), best], -1)
        item[:, candidates[now]] = chosen
        free[np.nonzero(hit)[0], chosen[hit]] = False
    return item


def _padded(pairs: Pairs, n_objects: int) -> tuple[Int, Int, NDArray[np.float64]]:
    """Detections with any pair (c,), their objects (c, w) and overlaps, filled with no object."""
    candidates, row = np.unique(pairs.detection, return_inverse=True)
    column = rank_within(pairs.detection)
    shape = (len(candidates), int(column.max()) + 1)
    options = np.full(shape, n_objects, dtype=np.int64)
    shares = np.zeros(shape)
    options[row, column] = pairs.item
    shares[row, column] = pairs.overlap
    return candidates, options, shares
