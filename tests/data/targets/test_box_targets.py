"""Boxes as targets."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.data import BoxTargets, ClassTargets, Dataset, ImageBoxes, Item, NumberTargets
from topwork.data.targets.boxes import joined_boxes
from topwork.errors import DataError
from topwork.tasks.reading import interpreted
from topwork.tasks.registry import strata_of, task_of

BOX = (1, 2, 30, 40)


@pytest.fixture
def data() -> Dataset:
    images = (
        ImageBoxes.of([BOX, BOX], [0, 1]),
        ImageBoxes.none(),
        ImageBoxes.of([BOX, BOX, BOX], [0, 0, 1], [False, False, True]),
    )
    return Dataset([Item(f"{i}.jpg") for i in range(3)], BoxTargets(("ace", "king"), images))


def test_only_boxes_that_are_not_ignored_count(data):
    assert data.boxes.counts().tolist() == [3, 1]
    assert data.boxes.image_counts().tolist() == [2, 1]


def test_taking_images_keeps_the_classes(data):
    taken = data.take([2, 1])
    assert taken.boxes.labels == ("ace", "king")
    assert [len(boxes) for boxes in taken.boxes.images] == [3, 0]
    assert taken.n_classes == 2


def test_taking_boxes_keeps_all_of_them_together(data):
    boxes = data.boxes.images[2].take(np.array([2, 0]))
    assert boxes.classes.tolist() == [1, 0]
    assert boxes.ignored.tolist() == [True, False]
    assert boxes.areas().tolist() == [29 * 38] * 2


@pytest.mark.parametrize(
    ("corners", "classes", "ignored"),
    [
        (np.zeros((2, 4)), np.zeros(1), np.zeros(2)),
        (np.zeros((2, 4)), np.zeros(2), np.zeros(3)),
        (np.zeros((2, 3)), np.zeros(2), np.zeros(2)),
        (np.zeros(4), np.zeros(4), np.zeros(4)),
    ],
)
def test_boxes_whose_shapes_do_not_agree_are_refused(corners, classes, ignored):
    with pytest.raises(DataError, match="have the shapes"):
        ImageBoxes(corners.astype(np.float32), classes.astype(np.int64), ignored.astype(bool))


def test_two_sources_share_classes_by_name(data):
    other = BoxTargets(("king", "queen"), (ImageBoxes.of([BOX, BOX], [0, 1]),))
    both = joined_boxes(data.boxes, other)
    assert both.labels == ("ace", "king", "queen")
    assert both.images[0].classes.tolist() == [0, 1]
    assert both.images[3].classes.tolist() == [1, 2]


def test_folds_hold_the_rarest_class_and_empty_images_alike(data):
    assert task_of(data) == "boxes"
    assert strata_of(data).tolist() == [1, 2, 0]


def test_boxes_are_no_classes_and_no_numbers(data):
    assert interpreted(data).boxes is data.boxes
    assert interpreted(data, "boxes").boxes is data.boxes
    for task in ("classes", "number"):
        with pytest.raises(DataError, match="annotated with boxes") as caught:
            interpreted(data, task)
        assert caught.value.code == "other_task"
    with pytest.raises(DataError):
        _ = data.numbers


@pytest.mark.parametrize(
    "targets", [ClassTargets.from_labels(["a", "b"]), NumberTargets(np.ones(2)), None]
)
def test_other_targets_are_no_boxes(targets):
    data = Dataset([Item("0.jpg"), Item("1.jpg")], targets)
    with pytest.raises(DataError, match="not annotated with boxes") as caught:
        _ = data.boxes
    assert caught.value.code == "other_task"
