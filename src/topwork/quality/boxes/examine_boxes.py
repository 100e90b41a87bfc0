"""Bringing together what was found about boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from topwork.data import BoxTargets, Dataset, ImageBoxes
from topwork.heads.detection.overlap import overlap
from topwork.quality.boxes.box_findings import (
    BoxClass,
    BoxFindings,
    BoxIssueRecord,
    BoxPair,
    BoxRecord,
    OddBox,
)
from topwork.quality.boxes.odd_boxes import odd_boxes

SAME_PLACE: Final = 0.9
"""Intersection over union above which two boxes are at the same place."""

_CHUNK: Final = 256


def examine_boxes(data: Dataset) -> BoxFindings | None:
    """Say what was found about the boxes of n readable images; None where there are none.

    Examples
    --------
    >>> from topwork.data import Item
    >>> boxes = ImageBoxes.of([(0, 0, 40, 30), (0, 0, 40, 31), (5, 5, 6, 20)], [0, 0, 0])
    >>> found = examine_boxes(Dataset([Item("a.jpg")], BoxTargets(("cat",), (boxes,))))
    >>> round(found.duplicates[0].overlap, 2), found.odd_boxes[0].oddity
    (0.97, 'tiny')
    """
    targets = data.targets
    if not isinstance(targets, BoxTargets):
        return None
    names = [item.name for item in data.items]
    same = [
        pair
        for name, boxes in zip(names, targets.images, strict=True)
        for pair in _at_one_place(name, boxes, targets.labels)
    ]
    return BoxFindings(
        n_boxes=sum(map(len, targets.images)),
        n_ignored=sum(int(boxes.ignored.sum()) for boxes in targets.images),
        n_without=sum(not len(boxes) for boxes in targets.images),
        classes=_classes(targets),
        issues=tuple(BoxIssueRecord.of(issue) for issue in targets.issues),
        issues_by_reason=dict(sorted(Counter(i.reason for i in targets.issues).items())),
        duplicates=tuple(pair for pair in same if pair.first.label == pair.second.label),
        conflicts=tuple(pair for pair in same if pair.first.label != pair.second.label),
        odd_boxes=tuple(_odd(names, targets)),
    )


def _classes(targets: BoxTargets) -> tuple[BoxClass, ...]:
    rows = zip(targets.labels, targets.counts(), targets.image_counts(), strict=True)
    return tuple(BoxClass(label=label, n=int(n), n_images=int(i)) for label, n, i in rows)


def _at_one_place(name: str, boxes: ImageBoxes, labels: tuple[str, ...]) -> Iterator[BoxPair]:
    own = boxes.take(np.flatnonzero(~boxes.ignored))
    for start in range(0, len(own), _CHUNK):
        shared = overlap(own.corners[start : start + _CHUNK, None], own.corners[None, start:])
        for a, b in np.argwhere(np.triu(shared, 1) > SAME_PLACE):
            yield BoxPair(
                first=_record(name, own, start + int(a), labels),
                second=_record(name, own, start + int(b), labels),
                overlap=round(float(shared[a, b]), 4),
            )


def _odd(names: list[str], targets: BoxTargets) -> Iterator[OddBox]:
    where = [
        (image, row)
        for image, boxes in enumerate(targets.images)
        for row in np.flatnonzero(~boxes.ignored)
    ]
    if not where:
        return
    corners = np.stack([targets.images[image].corners[row] for image, row in where])
    classes = np.array([targets.images[image].classes[row] for image, row in where])
    for oddity, positions in odd_boxes(corners, classes).items():
        for position in positions:
            image, row = where[position]
            one = _record(names[image], targets.images[image], int(row), targets.labels)
            yield OddBox(**one.model_dump(), oddity=oddity)


def _record(name: str, boxes: ImageBoxes, row: int, labels: tuple[str, ...]) -> BoxRecord:
    x1, y1, x2, y2 = (round(float(value), 2) for value in boxes.corners[row])
    return BoxRecord(path=name, label=labels[boxes.classes[row]], x1=x1, y1=y1, x2=x2, y2=y2)
