"""What detections are matched to, case by case."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.detection.drawn import crowded_set, random_set
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.errors import ParameterError
from topwork.heads.detection.overlap import overlap
from topwork.metrics.detection import SIZES, Detections, match_detections
from topwork.metrics.detection.flat import MAX_DETECTIONS, overlapping

BOX = (0, 0, 10, 10)


def matched(
    objects, classes, found, found_classes, scores, *, ignored=None, overlaps=(0.5,), **more
):
    targets = BoxTargets(("a", "b"), (ImageBoxes.of(objects, classes, ignored),))
    detections = Detections.of(found, found_classes, scores)
    return match_detections(targets, [detections], overlaps=overlaps, **more)


def test_the_most_confident_detection_gets_the_object():
    found = matched([BOX], [0], [(0, 0, 10, 9), BOX], [0, 0], [0.9, 0.5])
    assert found.right[0].tolist() == [True, False]


def test_a_detection_gets_the_object_that_it_overlaps_most():
    found = matched([(0, 0, 10, 14), BOX], [0, 0], [BOX], [0], [0.9])
    assert found.item[0].tolist() == [1]


def test_a_taken_object_leaves_the_second_best():
    found = matched([BOX, (0, 0, 10, 14)], [0, 0], [BOX, (0, 0, 10, 11)], [0, 0], [0.9, 0.8])
    assert found.item[0].tolist() == [0, 1]


def test_other_classes_and_other_images_do_not_match():
    assert not matched([BOX], [0], [BOX], [1], [0.9]).right.any()
    targets = BoxTargets(("a",), (ImageBoxes.of([BOX], [0]), ImageBoxes.none()))
    found = [Detections.none(), Detections.of([BOX], [0], [0.9])]
    assert not match_detections(targets, found).right.any()


def test_an_ignored_object_takes_any_number_that_then_do_not_count():
    found = matched([(0, 0, 40, 40)], [0], [BOX, BOX], [0, 0], [0.9, 0.8], ignored=[True])
    assert found.ignored.all()
    assert not found.right.any()
    assert found.objects().sum() == 0


def test_objects_that_count_come_before_ignored_ones():
    found = matched([BOX, (0, 0, 10, 12)], [0, 0], [BOX], [0], [0.9], ignored=[True, False])
    assert found.right[0].tolist() == [True]


def test_boxes_of_other_sizes_do_not_count():
    boxes = [BOX, (0, 0, 50, 50), (200, 0, 400, 200)]
    lonely = (500, 500, 540, 540)
    classes, scores = [0] * 4, [0.9, 0.8, 0.7, 0.6]
    for place, size in enumerate(SIZES):
        found = matched(boxes, [0] * 3, [*boxes, lonely], classes, scores, size=size)
        assert found.right[0].tolist() == [i == place for i in range(4)]
        assert found.ignored[0].tolist() == [
            i not in (place, 3) or (i == 3 and place != 1) for i in range(4)
        ]


@pytest.mark.parametrize("seed", range(8))
def test_no_object_has_two_detections_and_all_overlap_enough(seed):
    targets, detections = random_set(seed)
    found = match_detections(targets, detections)
    flat = found.flat
    for t, least in enumerate(found.overlaps):
        items = found.item[t][found.right[t]]
        assert len(np.unique(items)) == len(items)
        boxes, objects = flat.found.take(np.flatnonzero(found.right[t])), flat.objects.take(items)
        assert (overlap(boxes.corners, objects.corners) >= least - 1e-9).all()
        assert (boxes.classes == objects.classes).all()
        assert (boxes.image == objects.image).all()


def test_only_the_most_confident_of_a_class_are_judged():
    targets, detections = crowded_set(0)
    found = match_detections(targets, detections).flat
    cells = found.found.image * 2 + found.found.classes
    assert np.bincount(cells).tolist() == [MAX_DETECTIONS] * 4
    for image, own in enumerate(detections):
        least = np.sort(own.scores[own.classes == 1])[-MAX_DETECTIONS]
        mine = (found.found.image == image) & (found.found.classes == 1)
        assert found.scores[mine].min() == pytest.approx(least)


@pytest.mark.parametrize("most", [1, 7, 100])
def test_pairs_do_not_depend_on_how_many_are_made_at_once(most, monkeypatch):
    targets, detections = random_set(5)
    flat = match_detections(targets, detections).flat
    whole = overlapping(flat, 0.1, same_class=False)
    monkeypatch.setattr("topwork.metrics.detection.flat._MAX_PAIRS", most)
    parts = overlapping(flat, 0.1, same_class=False)
    assert np.array_equal(whole.detection, parts.detection)
    assert np.array_equal(whole.item, parts.item)
    assert np.array_equal(whole.overlap, parts.overlap)


def test_verdicts_are_in_the_order_of_the_images():
    targets, detections = random_set(7)
    found = match_detections(targets, detections)
    right, judged = found.verdicts([len(own) for own in detections])
    assert len(right) == sum(map(len, detections))
    assert right.sum() == found.right[0].sum()
    assert judged.sum() == (~found.ignored[0]).sum()
    begin = 0
    for image, own in enumerate(detections):
        alone = match_detections(targets.take(np.array([image])), [own])
        expected, _ = alone.verdicts([len(own)])
        assert right[begin : begin + len(own)].tolist() == expected.tolist()
        begin += len(own)


def test_nothing_found_and_nothing_there():
    targets = BoxTargets(("a",), (ImageBoxes.none(), ImageBoxes.none()))
    found = match_detections(targets, [Detections.none()] * 2)
    assert found.right.shape == (10, 0)
    assert match_detections(BoxTargets(("a",), ()), []).objects().shape == (0, 1)


def test_as_many_entries_as_images_are_expected():
    targets = BoxTargets(("a",), (ImageBoxes.none(),))
    with pytest.raises(ParameterError, match="0 entries, expected 1"):
        match_detections(targets, [])


def test_classes_outside_the_labels_are_refused():
    targets = BoxTargets(("a",), (ImageBoxes.none(),))
    with pytest.raises(ParameterError, match="expected 0 to 0"):
        match_detections(targets, [Detections.of([BOX], [1], [0.5])])


def test_detections_are_sorted_and_checked():
    found = Detections.of([BOX, (1, 1, 2, 2)], [0, 1], [0.1, 0.9])
    assert found.classes.tolist() == [1, 0]
    with pytest.raises(ParameterError, match="descend"):
        Detections(found.corners, found.classes, found.scores[::-1])
    with pytest.raises(ParameterError, match="descend"):
        Detections.of([BOX, BOX], [0, 0], [np.nan, 0.5])
    with pytest.raises(ParameterError, match="shape"):
        Detections(found.corners, found.classes[:1], found.scores)
