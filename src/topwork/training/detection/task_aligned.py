"""Which cells learn which object, told by what the detector itself says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from topwork.heads.detection.layout import DetectionLayout
from topwork.training.batches import Batch
from topwork.training.detection.objective import (
    BACKGROUND,
    BOX_WEIGHT,
    IGNORED,
    DetectionObjective,
    generalised_iou,
    paired_iou,
)

WARM_UP: Final = 100
"""Steps with cells assigned by place, before scores and overlaps say anything."""

_TOP: Final = 13
"""Cells per object."""

_OVERLAP: Final = 6.0
"""The power of the overlap beside the score."""


@dataclass(eq=False, slots=True)
class TaskAligned:
    """Cells inside of an object whose score and overlap agree best learn it.

    Feng et al. 2021, TOOD: Task-aligned one-stage object detection: of the cells inside an object
    those 13 learn it whose score times overlap to the power of 6 is largest (equation 3); the score
    that they learn is that product, scaled so that its largest is the largest overlap (equations 4
    to 6). A cell in several objects learns the one that it overlaps most. The objects are those
    that `topwork.heads.detection.assignment.assigned` gave a cell, and the first steps learn by
    that assignment.

    Parameters
    ----------
    layout
        The cells.
    warm_up
        Steps with cells by place.
    """

    layout: DetectionLayout
    warm_up: int = WARM_UP
    step: int = 0

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        self.step += 1
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        """Of targets ``(b, N, 5)``; see `topwork.training.detection.objective.cell_targets`."""
        if self.step <= self.warm_up:
            return DetectionObjective().loss(module, batch)
        logits, corners = module(batch.inputs)
        scores = torch.sigmoid(logits)
        targets, wanted = batch.targets.clone(), torch.zeros_like(logits)
        points = torch.from_numpy(self.layout.points())
        with torch.no_grad():
            for image in zip(targets, wanted, scores, corners, strict=True):
                align(*image, points)
        codes = targets[..., 4]
        positive = (codes >= 0).nonzero(as_tuple=True)
        counted = (codes != IGNORED)[..., None]
        focus = (scores - wanted).square().detach()
        entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        weights = wanted[positive].amax(dim=1).clamp(min=0.05)
        n = weights.sum().clamp(min=1.0)
        of_scores: Tensor = (focus * entropy * counted).sum() / n
        if not len(weights):
            nothing: Tensor = of_scores + 0.0 * corners.sum()
            return nothing
        boxes = generalised_iou(corners[positive], targets[..., :4][positive])
        of_boxes = (weights * (1 - boxes)).sum() / weights.sum()
        total: Tensor = of_scores + BOX_WEIGHT * of_boxes
        return total


def align(cells: Tensor, wanted: Tensor, scores: Tensor, corners: Tensor, points: Tensor) -> None:
    """Assign the cells of an image anew, in place.

    Parameters
    ----------
    cells
        Corners and class of the object that each learns, ``(N, 5)``.
    wanted
        Zeros, ``(N, k)``; the score that each shall have of each class.
    scores, corners
        What the detector says, ``(N, k)`` and ``(N, 4)``.
    points
        Their centres, ``(N, 2)``.
    """
    objects = torch.unique(cells[cells[:, 4] >= 0], dim=0)
    if not len(objects):
        return
    m, n = len(objects), len(points)
    inside = (points[None] > objects[:, None, :2]).all(dim=2)
    inside &= (points[None] < objects[:, None, 2:4]).all(dim=2)
    overlap, (of, at) = torch.zeros(m, n), inside.nonzero(as_tuple=True)
    overlap[of, at] = paired_iou(corners[at], objects[of, :4])
    aligned = scores[:, objects[:, 4].long()].T * overlap.pow(_OVERLAP)
    best = torch.zeros_like(inside)
    best.scatter_(1, aligned.topk(min(_TOP, n), dim=1).indices, value=True)
    owner = assign(cells, objects, best & inside, overlap)
    learns = (owner >= 0).nonzero(as_tuple=True)[0]
    own = owner[learns]
    reached = paired_iou(corners[learns], objects[own, :4])
    agreement = aligned[own, learns]
    most, largest = (
        torch.zeros(m).scatter_reduce(0, own, values, "amax") for values in (agreement, reached)
    )
    share = torch.where(most[own] > 0, agreement / most[own].clamp(min=1e-30), 1.0)
    wanted[learns, objects[own, 4].long()] = share * largest[own]


def assign(cells: Tensor, objects: Tensor, candidate: Tensor, rank: Tensor) -> Tensor:
    """Give each cell the object of the highest rank that it is a candidate of, in place.

    Parameters
    ----------
    objects
        Corners and class, ``(m, 5)``.
    candidate, rank
        ``(m, N)``.

    Returns
    -------
    Tensor
        The object of each cell, ``(N,)``; -1 for none. An object without one gets back cells that
        it had, unless each is the only one of another.
    """
    value, owner = torch.where(candidate, rank, -torch.inf).max(dim=0)
    owner = torch.where(value > -torch.inf, owner, -1)
    counts = torch.bincount(owner[owner >= 0], minlength=len(objects))
    for one in (counts == 0).nonzero(as_tuple=True)[0].tolist():
        for cell in (cells == objects[one]).all(dim=1).nonzero(as_tuple=True)[0].tolist():
            before = int(owner[cell])
            if before < 0 or counts[before] > 1:
                if before >= 0:
                    counts[before] -= 1
                owner[cell] = one
                counts[one] += 1
    ignored = cells[:, 4] == IGNORED
    learns = (owner >= 0)[:, None]
    own = objects[owner.clamp(min=0)]
    nothing = torch.zeros_like(cells)
    nothing[:, 4] = torch.where(ignored, IGNORED, BACKGROUND)
    cells.copy_(torch.where(learns, own, nothing))
    return owner
