"""Kinds of false detections, and missed objects."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.detection.drawn import random_set
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.metrics.detection import Detections, match_detections
from topwork.metrics.detection.false_detections import (
    KINDS,
    NOT_JUDGED,
    RIGHT,
    diagnose,
    false_detections,
)

BOX, HALF, LOW, AWAY = (0, 0, 10, 10), (0, 4, 10, 14), (0, 6, 10, 16), (50, 50, 60, 60)
TARGETS = BoxTargets(("a", "b"), (ImageBoxes.of([BOX], [0]),))


def kinds(boxes, classes, *, targets=TARGETS, threshold=0.0):
    scores = np.linspace(0.9, 0.2, len(boxes))
    found = diagnose(
        match_detections(targets, [Detections.of(boxes, classes, scores)]), threshold=threshold
    )
    order = np.lexsort((-scores, classes))
    named = {RIGHT: "right", NOT_JUDGED: "not judged", **dict(enumerate(KINDS))}
    return [named[found.kind[place]] for place in np.argsort(order)]


@pytest.mark.parametrize(
    ("boxes", "classes", "expected"),
    [
        ([BOX], [0], ["right"]),
        ([BOX, BOX], [0, 0], ["right", "duplicate"]),
        ([BOX], [1], ["wrong_class"]),
        ([HALF], [0], ["badly_placed"]),
        ([LOW], [1], ["wrong_class_badly_placed"]),
        ([AWAY], [0], ["background"]),
        ([BOX, HALF, BOX], [0, 0, 1], ["right", "badly_placed", "wrong_class"]),
    ],
)
def test_each_kind(boxes, classes, expected):
    assert kinds(boxes, classes) == expected


def test_an_image_without_objects_has_background_alone():
    assert kinds([BOX], [0], targets=BoxTargets(("a", "b"), (ImageBoxes.none(),))) == ["background"]


def test_detections_below_the_threshold_and_on_ignored_objects_are_not_judged():
    assert kinds([AWAY, AWAY], [0, 0], threshold=0.5) == ["background", "not judged"]
    targets = BoxTargets(("a", "b"), (ImageBoxes.of([BOX], [0], [True]),))
    assert kinds([BOX], [0], targets=targets) == ["not judged"]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_counts_add_up(seed, threshold):
    targets, detections = random_set(300 + seed)
    matches = match_detections(targets, detections)
    counts = false_detections(matches, threshold=threshold)
    shown = matches.flat.scores >= threshold
    assert counts.right == (matches.right[0] & shown).sum()
    assert counts.false == (~matches.right[0] & ~matches.ignored[0] & shown).sum()
    assert counts.missed == matches.objects().sum() - counts.right
    assert 0 <= counts.missed_altogether <= counts.missed


def test_a_missed_object_under_a_badly_placed_box_is_not_missed_altogether():
    targets = BoxTargets(("a",), (ImageBoxes.of([BOX, AWAY], [0, 0]),))
    found = Detections.of([HALF], [0], [0.9])
    counts = false_detections(match_detections(targets, [found]))
    assert (counts.missed, counts.missed_altogether) == (2, 1)
