"""What a detector finds in the images that it was judged on, as a section of a page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import Framing
from topwork.errors import BadItem
from topwork.metrics.detection.false_detections import RIGHT, Diagnosed, FalseDetections, diagnose
from topwork.metrics.detection.matching import Matches
from topwork.model.detection.class_of_boxes import ClassOfBoxes
from topwork.model.detection.evaluation import AtThreshold
from topwork.model.detection.judged import JudgedBoxes
from topwork.report import (
    FalseKind,
    FoundObjects,
    FrocPoint,
    ObjectClass,
    ShownImage,
    thumbnail_data_uri,
)
from topwork.report.box_drawing import ANNOTATED, COLOURS, DrawnBox, draw_boxes
from topwork.report.numbers import number, percent

MAX_POINTS = 120
MAX_FALSE = 4.0
"""False boxes per image beyond which nobody looks."""

SHOWN = 12
_SIDE = 260
_FALSE, _RIGHT = COLOURS[:2]


def objects_section(
    judged: JudgedBoxes,
    per_class: Sequence[ClassOfBoxes],
    at: AtThreshold,
    errors: FalseDetections,
    *,
    judged_on: str,
    promised: Sequence[str] = (),
) -> FoundObjects:
    """Curve, classes, kinds of errors, and the images with the most of them.

    Parameters
    ----------
    judged_on
        Which images these are, such as ``images held out``.
    promised
        What the threshold promises.
    """
    curve = froc_points(judged.matches, len(judged.items))
    place = None
    if at.recall is not None and at.false_per_image <= MAX_FALSE:
        place = FrocPoint(false_per_image=at.false_per_image, recall=at.recall)
    counts = judged.error_counts()
    wrong = np.flatnonzero(counts.sum(axis=1))
    order = wrong[np.argsort(-counts[wrong].sum(axis=1), kind="stable")]
    found = diagnose(judged.matches, threshold=judged.threshold)
    return FoundObjects(
        judged_on=judged_on,
        classes=_classes(per_class),
        curve=curve,
        most_false=max((p.false_per_image for p in curve), default=1.0),
        threshold=place,
        sentence=" ".join([_sentence(at, judged_on), *promised]),
        kinds=_kinds(errors),
        worst=tuple(_shown(judged, found, int(i), counts[i]) for i in order[:SHOWN]),
        n_wrong=len(wrong),
    )


def _classes(per_class: Sequence[ClassOfBoxes]) -> tuple[ObjectClass, ...]:
    lowest = sorted(per_class, key=lambda c: 2.0 if c.ap50 is None else c.ap50)
    return tuple(
        ObjectClass(label=c.label, n_objects=c.n_objects, n_images=c.n_images, ap50=c.ap50)
        for c in lowest
    )


def _sentence(at: AtThreshold, judged_on: str) -> str:
    if at.recall is None or at.precision is None:
        return f"No box reaches the threshold of the model on {judged_on}."
    return (
        f"From a probability of {number(at.threshold)} on the model finds {percent(at.recall)} of "
        f"the objects, with {number(at.false_per_image)} false boxes per image; "
        f"{percent(at.precision)} of its boxes are right."
    )


def _kinds(errors: FalseDetections) -> tuple[FalseKind, ...]:
    return (
        *(FalseKind(name=name, n=getattr(errors, key), note=note) for key, name, note in _ERRORS),
        FalseKind(name="missed object", n=errors.missed, note="no right box at the threshold"),
    )


_ERRORS = (
    ("background", "background", "the box lies on no object"),
    ("badly_placed", "badly placed", "it overlaps its object by less than half"),
    ("wrong_class", "wrong class", "it lies on an object of another class"),
    ("duplicate", "duplicate", "a more probable box has the object already"),
    ("wrong_class_badly_placed", "wrong class and badly placed", ""),
)
"""Field, name and note of each kind of false box."""


def froc_points(matches: Matches, n_images: int) -> tuple[FrocPoint, ...]:
    """Recall against false boxes per image, thinned out."""
    order = np.argsort(-matches.flat.scores, kind="stable")
    right = matches.right[0][order]
    false = ~right & ~matches.ignored[0][order]
    n_objects = max(int(matches.objects().sum()), 1)
    rates, recalls = np.cumsum(false) / n_images, np.cumsum(right) / n_objects
    inside = np.flatnonzero(rates <= MAX_FALSE)
    thinned = np.linspace(0, len(inside) - 1, min(MAX_POINTS, len(inside))).astype(int)
    return tuple(
        FrocPoint(false_per_image=float(rates[i]), recall=float(recalls[i]))
        for i in inside[np.unique(thinned)]
    )


def _shown(judged: JudgedBoxes, found: Diagnosed, i: int, counts: NDArray[np.int64]) -> ShownImage:
    look = judged.kind.appearance
    try:  # images of patients are not shown
        image = None if look is not None and look.window else _drawn(judged, found, i)
    except BadItem:
        image = None
    return ShownImage(
        path=judged.items[i].name, image=image, n_false=int(counts[0]), n_missed=int(counts[1])
    )


def _drawn(judged: JudgedBoxes, found: Diagnosed, i: int) -> str:
    """Right boxes, missed objects with their class, and false boxes with theirs on top."""
    width, height = judged.sizes[i]
    scale = min(1.0, _SIDE / max(width, height))
    framing = Framing(max(1, round(height * scale)), max(1, round(width * scale)))
    pixels = np.asarray(judged.kind.decode(judged.kind.read(judged.items[i]), framing), np.uint8)
    flat, labels = judged.matches.flat, judged.targets.labels
    boxes = []
    for rows, chosen, colour, named in (
        (flat.found, found.kind == RIGHT, _RIGHT, False),
        (flat.objects, found.missed, ANNOTATED, True),
        (flat.found, found.kind >= 0, _FALSE, True),
    ):
        for place in np.flatnonzero(chosen & (rows.image == i)):
            caption = labels[rows.classes[place]] if named else ""
            corners = [float(value) * scale for value in rows.corners[place]]
            boxes.append(DrawnBox(corners, colour, caption))
    return thumbnail_data_uri(draw_boxes(pixels, boxes), _SIDE)
