"""What lost: assignments of cells to objects by their place alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from topwork.heads.detection.layout import DetectionLayout
from topwork.training.batches import Batch
from topwork.training.detection import fit
from topwork.training.detection.objective import DetectionObjective
from topwork.training.detection.task_aligned import assign

RADIUS = 1.5
"""Of centre sampling, in strides (Tian et al. 2022, FCOS, section 3.2)."""

RANGES = 4.0, 8.0
"""Sides of the boxes that a level learns, in its strides; the coarsest level learns all above."""


class ByOverlap:
    """ATSS for all steps: each cell learns the overlap of its box."""

    def __init__(self, layout: DetectionLayout, *, warm_up: object = None) -> None:
        del warm_up  # of the rule that won, in whose place this stands
        self.layout = layout

    def prepare(self, batch: Batch, rng: Any) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        return DetectionObjective().loss(module, batch)


class CentreSampling(ByOverlap):
    """Cells near the centre of an object on the level of its size; the smallest object wins."""

    def prepare(self, batch: Batch, rng: Any) -> Batch:  # noqa: ARG002
        points = torch.from_numpy(self.layout.points())
        strides = torch.from_numpy(self.layout.cell_strides()).float()
        targets = batch.targets.clone()
        for cells in targets:
            objects = torch.unique(cells[cells[:, 4] >= 0], dim=0)
            if not len(objects):
                continue
            sides = (objects[:, 2:4] - objects[:, :2]).prod(dim=1).sqrt()
            centres = (objects[:, :2] + objects[:, 2:4]) / 2
            near = (points[None] - centres[:, None]).abs().amax(dim=2) < RADIUS * strides
            low = torch.where(strides == strides.min(), 0.0, RANGES[0] * strides)
            high = torch.where(strides == strides.max(), torch.inf, RANGES[1] * strides)
            fits = (sides[:, None] >= low) & (sides[:, None] < high)
            assign(cells, objects, near & fits, -sides[:, None].expand(-1, len(points)))
        return Batch(batch.inputs, targets)


ASSIGNERS = {"ATSS alone": ByOverlap, "centre sampling": CentreSampling}


@contextmanager
def assigning_by(objective: type[ByOverlap]) -> Iterator[None]:
    """Fits in this process learn by another objective until this ends."""
    usual = fit.TaskAligned  # type: ignore[attr-defined]
    fit.TaskAligned = objective  # type: ignore[attr-defined, misc, assignment]
    try:
        yield
    finally:
        fit.TaskAligned = usual  # type: ignore[attr-defined, misc]
