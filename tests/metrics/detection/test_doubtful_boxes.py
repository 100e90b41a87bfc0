"""Spoiled annotations are among those that are doubted."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import EASY, draw
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.metrics.detection import Detections, match_detections
from topwork.metrics.detection.doubtful_boxes import doubtful_boxes

BOX, HALF, AWAY = (0, 0, 10, 10), (0, 4, 10, 14), (50, 50, 60, 60)


def doubted(objects, classes, boxes, found, scores=None):
    targets = BoxTargets(("a", "b"), (ImageBoxes.none(), ImageBoxes.of(objects, classes)))
    scores = [0.9] * len(found) if scores is None else scores
    detections = [Detections.none(), Detections.of(boxes, found, scores)]
    return doubtful_boxes(match_detections(targets, detections))


@pytest.mark.parametrize(
    ("boxes", "classes", "doubt"),
    [([AWAY], [0], "unlabelled"), ([BOX], [1], "other_class"), ([HALF], [0], "badly_drawn")],
)
def test_each_doubt(boxes, classes, doubt):
    found = doubted([BOX], [0], boxes, classes)[0]
    assert (found.image, found.doubt, found.detection) == (1, doubt, 0)
    assert found.item == (None if doubt == "unlabelled" else 0)
    assert found.probability == pytest.approx(0.9)


def test_an_object_that_is_found_is_not_doubted():
    assert doubted([BOX], [0], [BOX, BOX, HALF], [0, 1, 0], [0.95, 0.9, 0.9]) == []
    assert [d.doubt for d in doubted([BOX], [0], [AWAY], [0], [0.5])] == ["not_found"]


def test_objects_that_nothing_lies_on_come_last():
    found = doubted([BOX, AWAY], [0, 0], [BOX, (80, 80, 90, 90)], [0, 0])
    assert [d.doubt for d in found] == ["unlabelled", "not_found"]
    assert found[1].item == 1


def test_removed_annotations_are_found():
    sample = draw(EASY, np.random.default_rng(0), 200)
    rng, removed, images = np.random.default_rng(1), set(), []
    for i, image in enumerate(sample.targets.images):
        gone = len(image) > 0 and rng.random() < 0.1
        removed |= {i} if gone else set()
        images.append(image.take(np.arange(1, len(image))) if gone else image)
    targets = BoxTargets(sample.targets.labels, tuple(images))
    found = doubtful_boxes(match_detections(targets, sample.detections))
    unlabelled = [d.image for d in found if d.doubt == "unlabelled"]
    assert len(removed & set(unlabelled)) > 0.75 * len(removed)
    assert len([i for i in unlabelled if i in removed]) > 0.75 * len(unlabelled)
