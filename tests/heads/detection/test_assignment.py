"""Which cells learn which object, and which boxes remain."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from topwork.heads.detection.assignment import assigned
from topwork.heads.detection.layout import DetectionLayout
from topwork.heads.detection.overlap import pairwise_iou
from topwork.heads.detection.suppression import MAX_BOXES, OVERLAP, suppressed

LAYOUT = DetectionLayout(96, 128, (8, 16, 32))


def drawn_boxes(seed: int, m: int, least: float = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, (100, 70), (m, 2))
    return np.concatenate([low, low + rng.uniform(least, 60, (m, 2))], axis=1).astype(np.float32)


def test_cells_cover_the_input() -> None:
    points = LAYOUT.points()
    assert len(points) == len(LAYOUT) == 12 * 16 + 6 * 8 + 3 * 4
    assert points.min(axis=0).tolist() == [4, 4]
    assert points.max(axis=0).tolist() == [124, 92]
    assert np.unique(LAYOUT.cell_strides()).tolist() == [8, 16, 32]
    assert LAYOUT.levels()[[0, 192, 240]].tolist() == [0, 1, 2]


@example(5317, 7)  # an object whose only cell is nearest to another one without any
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_every_object_is_learnt_by_a_cell_inside_it(seed: int, m: int) -> None:
    corners = np.clip(drawn_boxes(seed, m), 0, [128, 96, 128, 96])
    owner = assigned(corners, LAYOUT)
    assert set(range(m)) <= set(owner.tolist())
    points, strides = LAYOUT.points(), LAYOUT.cell_strides()
    for cell in np.flatnonzero(owner >= 0):
        x1, y1, x2, y2 = corners[owner[cell]]
        x, y = points[cell]
        near = max(32.0, strides[cell])
        assert x1 - near < x < x2 + near
        assert y1 - near < y < y2 + near


def test_large_objects_are_learnt_on_coarse_levels() -> None:
    levels = LAYOUT.levels()
    small = assigned(np.float32([[40, 40, 60, 58]]), LAYOUT)
    large = assigned(np.float32([[8, 4, 120, 92]]), LAYOUT)
    assert levels[large >= 0].min() > levels[small >= 0].min()


def test_nothing_is_assigned_without_objects() -> None:
    assert (assigned(np.empty((0, 4), np.float32), LAYOUT) == -1).all()


@given(st.integers(0, 10_000))
def test_suppression_keeps_no_two_alike_and_drops_none_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners, scores = drawn_boxes(seed, 40), rng.random((40, 2)).astype(np.float32)
    rows, classes = suppressed(corners, scores, least=0.3)
    kept = scores[rows, classes]
    assert (np.diff(kept) <= 0).all()
    for code in (0, 1):
        own = corners[rows[classes == code]]
        overlap = pairwise_iou(own, own)
        np.fill_diagonal(overlap, 0)
        assert (overlap <= OVERLAP).all()
    pairs = set(zip(rows.tolist(), classes.tolist(), strict=True))
    for i, code in zip(*np.nonzero(scores >= 0.3), strict=True):
        if (i, code) not in pairs:
            better = [r for r, c in pairs if c == code and scores[r, c] >= scores[i, code]]
            assert pairwise_iou(corners[[i]], corners[better]).max() > OVERLAP


def test_suppression_ends_at_as_many_boxes_as_are_judged() -> None:
    corners = np.stack([np.float32([30 * i, 0, 30 * i + 20, 20]) for i in range(300)])
    rows, _ = suppressed(corners, np.linspace(0.9, 0.5, 300, dtype=np.float32)[:, None])
    assert rows.tolist() == list(range(MAX_BOXES))


def test_classes_of_any_number_are_told_apart() -> None:
    corners = np.float32([[0, 0, 10, 10], [0, 0, 10, 9]])
    scores = np.zeros((2, 5001), np.float32)
    scores[0, 5000], scores[1, 5000], scores[1, 7] = 0.9, 0.8, 0.7
    rows, classes = suppressed(corners, scores, least=0.5)
    assert list(zip(rows.tolist(), classes.tolist(), strict=True)) == [(0, 5000), (1, 7)]
