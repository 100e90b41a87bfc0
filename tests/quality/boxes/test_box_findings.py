"""What a check says about boxes."""

from __future__ import annotations

import numpy as np

from topwork.data import BoxIssue, BoxTargets, ClassTargets, Dataset, ImageBoxes, Item
from topwork.quality.boxes.examine_boxes import _CHUNK, examine_boxes
from topwork.quality.boxes.odd_boxes import BOX_ODDITIES, odd_boxes

BOX = (10, 10, 50, 40)


def data_of(*images: ImageBoxes, issues: tuple[BoxIssue, ...] = ()) -> Dataset:
    items = [Item(f"{i}.jpg") for i in range(len(images))]
    return Dataset(items, BoxTargets(("cat", "dog"), images, issues))


def test_boxes_are_counted():
    found = examine_boxes(
        data_of(
            ImageBoxes.of([BOX, (60, 60, 90, 90)], [0, 0]),
            ImageBoxes.none(),
            ImageBoxes.of([BOX, (60, 60, 90, 90)], [1, 0], [False, True]),
        )
    )
    assert (found.n_boxes, found.n_ignored, found.n_without) == (4, 1, 1)
    assert [(c.label, c.n, c.n_images) for c in found.classes] == [("cat", 2, 1), ("dog", 1, 1)]
    assert found.clean


def test_issues_are_listed_and_counted():
    issues = (BoxIssue("0.jpg", "clipped", "a"), BoxIssue("x.xml", "bad_file", "b"))
    found = examine_boxes(data_of(ImageBoxes.of([BOX], [0]), issues=issues))
    assert [issue.path for issue in found.issues] == ["0.jpg", "x.xml"]
    assert found.issues_by_reason == {"bad_file": 1, "clipped": 1}
    assert not found.clean


def test_boxes_at_one_place_are_pairs():
    near = (10, 10, 50, 41)
    found = examine_boxes(
        data_of(
            ImageBoxes.of([BOX, near, (12, 18, 50, 40)], [0, 0, 0]),
            ImageBoxes.of([BOX, near], [0, 1]),
            ImageBoxes.of([BOX, near], [0, 0], [True, False]),
        )
    )
    assert [(pair.first.path, pair.overlap) for pair in found.duplicates] == [("0.jpg", 0.9677)]
    assert [(p.first.label, p.second.label) for p in found.conflicts] == [("cat", "dog")]
    assert found.duplicates[0].second.y2 == 41


def test_pairs_are_found_among_very_many_boxes():
    side = np.arange(_CHUNK + 50)[:, None] * 100.0
    corners = np.concatenate([side, side, side + 50, side + 50], axis=1)
    corners = np.concatenate([corners, corners[:1] + 0.1, corners[-1:] + 0.1])
    found = examine_boxes(data_of(ImageBoxes.of(corners, [0] * len(corners))))
    assert {pair.first.x1 for pair in found.duplicates} == {0, corners[_CHUNK + 49, 0]}


def test_odd_boxes_are_odd_for_their_class():
    rng = np.random.default_rng(0)
    wide = np.stack([rng.uniform(80, 120, 60), rng.uniform(15, 25, 60)], axis=1)
    high = wide[:, ::-1]
    sides = np.concatenate([wide, high, [(20, 100), (100, 20), (3, 1), (2000, 400)]])
    corners = np.concatenate([np.zeros_like(sides), sides], axis=1)
    classes = np.array([0] * 60 + [1] * 60 + [0, 1, 0, 0])
    found = odd_boxes(corners, classes)
    assert set(found) == set(BOX_ODDITIES)
    assert found["shape"].tolist() == [120, 121]
    assert found["tiny"].tolist() == [122]
    assert found["size"].tolist() == [122, 123]


def test_few_boxes_do_not_say_what_is_usual():
    corners = np.array([(0, 0, 100, 10)] * 5 + [(0, 0, 10, 100)], float)
    assert not len(odd_boxes(corners, np.zeros(6, int))["shape"])
    assert not len(odd_boxes(np.empty((0, 4)), np.empty(0, int))["tiny"])


def test_usual_variation_is_not_odd():
    rng = np.random.default_rng(1)
    sides = np.exp(rng.normal(4, 0.6, (500, 1)) + rng.normal(0, 0.3, (500, 2)))
    found = odd_boxes(np.concatenate([np.zeros_like(sides), sides], axis=1), np.zeros(500, int))
    assert len(found["size"]) + len(found["shape"]) <= 2


def test_other_targets_have_no_boxes():
    assert examine_boxes(Dataset([Item("a")], ClassTargets.from_labels(["a"]))) is None
    assert examine_boxes(Dataset([Item("a")])) is None
