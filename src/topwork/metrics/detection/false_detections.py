"""Why detections are false: background, duplicates, wrong classes, bad places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.detection.flat import FlatDetections, Pairs, overlapping
from topwork.metrics.detection.matching import Matches
from topwork.metrics.records import Record

#: What a false detection can be, in the order in which it is asked.
KINDS: Final = (
    "badly_placed",
    "wrong_class",
    "duplicate",
    "background",
    "wrong_class_badly_placed",
)
#: Less overlap with an object than this is none.
MIN_OVERLAP = 0.1
RIGHT = -1
NOT_JUDGED = -2

Int = NDArray[np.int64]


class FalseDetections(Record):
    """Detections at a score threshold, by what is wrong with them, and objects that have none.

    Parameters
    ----------
    threshold
        Least score of a detection.
    right
        Detections that overlap an object of their class by at least 0.5, one per object.
    badly_placed
        Those that overlap an object of their class by 0.1 to 0.5.
    wrong_class
        Those that overlap an object of another class by at least 0.5.
    duplicate
        Those that overlap an object of their class by at least 0.5 which a more confident
        detection has.
    background
        Those that overlap no object by more than 0.1.
    wrong_class_badly_placed
        All others.
    missed
        Objects without a right detection.
    missed_altogether
        Of these, objects that no badly placed or wrongly classified detection lies on either.
    """

    threshold: float
    right: int
    badly_placed: int
    wrong_class: int
    duplicate: int
    background: int
    wrong_class_badly_placed: int
    missed: int
    missed_altogether: int

    @property
    def false(self) -> int:
        """All false detections."""
        return sum(getattr(self, kind) for kind in KINDS)


@dataclass(frozen=True, eq=False)
class Diagnosed:
    """What every detection is, for those who want to show some.

    Parameters
    ----------
    kind
        Position in ``KINDS``, ``RIGHT`` or ``NOT_JUDGED`` (below the threshold, or on an ignored
        object), int64 (m,), in the order of ``matches.flat.found``.
    item
        The object that is meant: found, badly placed on, mistaken or taken; -1 for none, (m,).
    missed
        Objects without a right detection, bool (o,).
    """

    kind: Int
    item: Int
    missed: NDArray[np.bool_]


def false_detections(matches: Matches, *, threshold: float = 0.0) -> FalseDetections:
    """Count false detections by kind, and missed objects.

    Parameters
    ----------
    matches
        Detections with their objects, of which the first least overlap, 0.5, is used.
    threshold
        Least score of a detection.

    References
    ----------
    Bolya, Foley, Hays and Hoffman 2020, TIDE: A general toolbox for identifying object detection
    errors, §2.2.

    Examples
    --------
    >>> from topwork.data.targets.boxes import BoxTargets, ImageBoxes
    >>> from topwork.metrics.detection import Detections, match_detections
    >>> targets = BoxTargets(("cat", "dog"), (ImageBoxes.of([(0, 0, 10, 10)], [0]),))
    >>> boxes = [(0, 0, 10, 10), (0, 0, 10, 9), (0, 0, 10, 10), (0, 6, 10, 16), (50, 50, 60, 60)]
    >>> found = Detections.of(boxes, [0, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5])
    >>> counts = false_detections(match_detections(targets, [found]))
    >>> counts.duplicate, counts.wrong_class, counts.badly_placed, counts.background
    (1, 1, 1, 1)
    """
    found = diagnose(matches, threshold=threshold)
    counts = {kind: int((found.kind == i).sum()) for i, kind in enumerate(KINDS)}
    near = np.isin(found.kind, [KINDS.index("badly_placed"), KINDS.index("wrong_class")])
    covered = np.zeros(len(found.missed), dtype=bool)
    covered[found.item[near]] = True
    return FalseDetections(
        threshold=threshold,
        right=int((found.kind == RIGHT).sum()),
        missed=int(found.missed.sum()),
        missed_altogether=int((found.missed & ~covered).sum()),
        **counts,
    )


def diagnose(matches: Matches, *, threshold: float = 0.0) -> Diagnosed:
    """What every detection is, and which objects are missed."""
    flat, least = matches.flat, matches.overlaps[0]
    shown = flat.scores >= np.float32(threshold)
    right = matches.right[0] & shown
    pairs = _on_counted(overlapping(flat, MIN_OVERLAP, same_class=False), matches)
    taken = np.zeros(len(matches.counted), dtype=bool)
    taken[matches.item[0][right]] = True
    same = flat.found.classes[pairs.detection] == flat.objects.classes[pairs.item]
    own, own_item = _largest(flat, pairs, same)
    other, other_item = _largest(flat, pairs, ~same)
    used, used_item = _largest(flat, pairs, same & taken[pairs.item])
    tests = [
        ((own >= MIN_OVERLAP) & (own < least), own_item),
        (other >= least, other_item),
        (used >= least, used_item),
        (np.maximum(own, other) < MIN_OVERLAP, np.full(len(own), -1)),
        (np.ones(len(own), dtype=bool), other_item),
    ]
    kind = np.select([test for test, _ in tests], range(len(KINDS)))
    item = np.select([test for test, _ in tests], [place for _, place in tests])
    judged = shown & ~matches.ignored[0]
    kind = np.where(right, RIGHT, np.where(judged, kind, NOT_JUDGED))
    item = np.where(right, matches.item[0], np.where(judged, item, -1))
    return Diagnosed(kind.astype(np.int64), item.astype(np.int64), matches.counted & ~taken)


def _on_counted(pairs: Pairs, matches: Matches) -> Pairs:
    kept = matches.counted[pairs.item]
    return Pairs(pairs.detection[kept], pairs.item[kept], pairs.overlap[kept])


def _largest(
    flat: FlatDetections, pairs: Pairs, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Int]:
    """The largest overlap of each detection among some pairs, and its object: 0 and -1 for none."""
    detection, item, shares = pairs.detection[kept], pairs.item[kept], pairs.overlap[kept]
    value, place = np.zeros(len(flat.scores)), np.full(len(flat.scores), -1, dtype=np.int64)
    order = np.argsort(shares, kind="stable")
    value[detection[order]] = shares[order]
    place[detection[order]] = item[order]
    return value, place
