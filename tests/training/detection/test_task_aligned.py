"""Cells are assigned by what the detector says of them, and no object is left without."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from topwork.data import ImageBoxes
from topwork.heads.detection.layout import DetectionLayout
from topwork.training.batches import Batch
from topwork.training.detection.objective import (
    BACKGROUND,
    IGNORED,
    DetectionObjective,
    cell_targets,
)
from topwork.training.detection.task_aligned import WARM_UP, TaskAligned, align

LAYOUT = DetectionLayout(64, 64, (8,))
POINTS = torch.from_numpy(LAYOUT.points())
N = len(LAYOUT)


def _cells(boxes: ImageBoxes) -> torch.Tensor:
    return torch.from_numpy(cell_targets(boxes.corners, boxes.classes, boxes.ignored, LAYOUT))


def _learnt(
    boxes: ImageBoxes, scores: torch.Tensor, corners: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The class of each cell, and the scores that cells shall have."""
    cells, wanted = _cells(boxes), torch.zeros(N, 2)
    align(cells, wanted, scores, corners, POINTS)
    return cells[:, 4], wanted


def test_the_cells_learn_whose_score_and_overlap_agree() -> None:
    boxes = ImageBoxes.of([(0, 0, 40, 40)], [1])
    corners = torch.tensor([0.0, 0.0, 40.0, 20.0]).repeat(N, 1)  # overlaps by a half
    corners[9] = torch.tensor([0.0, 0.0, 40.0, 32.0])
    scores = torch.full((N, 2), 0.1)
    scores[20, 1] = 0.9
    scores[63, 1] = 1.0  # not inside
    codes, wanted = _learnt(boxes, scores, corners)
    assert int((codes >= 0).sum()) == 13
    assert codes[9] == codes[20] == 1
    assert codes[63] == BACKGROUND
    assert wanted[9, 1] == pytest.approx(0.8)  # the best: its share is 1, of the largest overlap
    share = (0.9 * 0.5**6) / (0.1 * 0.8**6)
    assert wanted[20, 1] == pytest.approx(0.8 * share, rel=1e-4)
    assert not wanted[:, 0].any()


def test_every_object_has_a_cell() -> None:
    boxes = ImageBoxes.of([(0, 0, 48, 48), (9, 9, 11, 11)], [0, 1])  # the second holds no centre
    corners = torch.tensor([0.0, 0.0, 48.0, 48.0]).repeat(N, 1)
    codes, wanted = _learnt(boxes, torch.full((N, 2), 0.5), corners)
    assert int((codes == 1).sum()) == 1
    cell = int((codes == 1).nonzero())
    assert wanted[cell, 1] == pytest.approx(4 / 48**2)
    assert int((codes == 0).sum()) in (12, 13)  # the second may take one of the first's


def test_a_cell_in_several_objects_learns_the_one_that_it_overlaps_most() -> None:
    boxes = ImageBoxes.of([(0, 0, 64, 64), (16, 16, 48, 48)], [0, 1])
    corners = torch.tensor([16.0, 16.0, 48.0, 48.0]).repeat(N, 1)
    codes, _ = _learnt(boxes, torch.full((N, 2), 0.5), corners)
    assert int((codes == 1).sum()) == 13
    assert int((codes == 0).sum()) >= 1


def test_ignored_and_empty_images_stay_as_they_are() -> None:
    crowd = ImageBoxes.of([(0, 0, 30, 30)], [0], [True])
    codes, wanted = _learnt(crowd, torch.rand(N, 2), torch.rand(N, 4))
    assert torch.equal(codes, _cells(crowd)[:, 4])
    assert (codes == IGNORED).any()
    assert not wanted.any()


class Says(torch.nn.Module):
    """The same of every image."""

    def __init__(self) -> None:
        super().__init__()
        rng = np.random.default_rng(0)
        self.logits = torch.nn.Parameter(torch.from_numpy(rng.normal(size=(N, 2))).float())
        centres = np.concatenate([LAYOUT.points() - 9, LAYOUT.points() + 9], axis=1)
        self.corners = torch.nn.Parameter(torch.from_numpy(centres).float())

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        b = len(inputs)
        return self.logits.expand(b, -1, -1), self.corners.expand(b, -1, -1)


def test_the_first_steps_learn_by_place() -> None:
    boxes = ImageBoxes.of([(3, 5, 40, 33)], [1])
    batch = Batch(torch.zeros(2, 1), torch.stack([_cells(boxes), _cells(ImageBoxes.none())]))
    said, rng = Says(), np.random.default_rng(0)
    objective, plain = TaskAligned(LAYOUT), DetectionObjective().loss(said, batch)
    for _ in range(WARM_UP):
        assert objective.prepare(batch, rng) is batch
    assert torch.equal(objective.loss(said, batch), plain)
    before = batch.targets.clone()
    objective.prepare(batch, rng)
    later = objective.loss(said, batch)
    assert float(later.detach()) != float(plain.detach())
    assert torch.equal(batch.targets, before)
    later.backward()
    assert said.corners.grad is not None
    assert said.corners.grad.abs().sum() > 0


def test_images_without_objects_teach_that_nothing_is_there() -> None:
    said = Says()
    empty = Batch(torch.zeros(1, 1), _cells(ImageBoxes.none())[None])
    loss = TaskAligned(LAYOUT, warm_up=0, step=1).loss(said, empty)
    loss.backward()
    assert said.logits.grad is not None
    assert (said.logits.grad >= 0).all()
    assert said.corners.grad is not None
    assert not said.corners.grad.any()
