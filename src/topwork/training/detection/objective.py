"""What a detector learns: the quality of its boxes per class, and their corners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from topwork.heads.detection.assignment import assigned
from topwork.heads.detection.layout import DetectionLayout
from topwork.training.batches import Batch

BACKGROUND: Final = -1.0
IGNORED: Final = -2.0
"""In place of a class: cells that learn that nothing is there, and cells that learn nothing."""

BOX_WEIGHT: Final = 2.0
"""Of the loss of corners, beside that of qualities."""

_FOCUS: Final = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class DetectionObjective:
    """Quality focal loss and generalised IoU.

    Li et al. 2020, Generalized focal loss, equation 2, with beta = 2; Rezatofighi et al. 2019,
    Generalized intersection over union, weighted by the quality of each box. A batch that memory
    splits is normalised part by part.
    """

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        """Of targets ``(b, N, 5)``: corners, and a class, `BACKGROUND` or `IGNORED`."""
        logits, corners = module(batch.inputs)
        true, codes = batch.targets[..., :4], batch.targets[..., 4]
        learns = codes >= 0
        positive = learns.nonzero(as_tuple=True)
        n = max(1, len(positive[0]))
        quality = torch.zeros_like(logits)
        found, wanted = corners[positive], true[positive]
        with torch.no_grad():
            overlap = paired_iou(found, wanted)
            quality[positive[0], positive[1], codes[positive].long()] = overlap
        focus = (torch.sigmoid(logits) - quality).abs().pow(_FOCUS)
        entropy = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
        counted = (codes != IGNORED)[..., None]
        of_quality = (focus.detach() * entropy * counted).sum() / n
        if not len(found):
            nothing: Tensor = of_quality + 0.0 * corners.sum()
            return nothing
        weights = overlap.clamp(min=0.05)
        of_boxes = (weights * (1 - generalised_iou(found, wanted))).sum() / weights.sum()
        total: Tensor = of_quality + BOX_WEIGHT * of_boxes
        return total


def paired_iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of boxes ``(m, 4)``, each with its partner."""
    low = torch.maximum(first[:, :2], second[:, :2])
    high = torch.minimum(first[:, 2:], second[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    return shared / (_area(first) + _area(second) - shared).clamp(min=1e-6)


def generalised_iou(first: Tensor, second: Tensor) -> Tensor:
    """The same less the share of the surrounding box that belongs to neither."""
    low = torch.maximum(first[:, :2], second[:, :2])
    high = torch.minimum(first[:, 2:], second[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    union = (_area(first) + _area(second) - shared).clamp(min=1e-6)
    around = torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])
    hull = around.clamp(min=0).prod(dim=1).clamp(min=1e-6)
    return shared / union - (hull - union) / hull


def _area(corners: Tensor) -> Tensor:
    return (corners[:, 2:] - corners[:, :2]).clamp(min=0).prod(dim=1)


def cell_targets(
    corners: NDArray[np.float32],
    classes: NDArray[np.int64],
    ignored: NDArray[np.bool_],
    layout: DetectionLayout,
) -> NDArray[np.float32]:
    """What each of the N cells learns of one image, ``(N, 5)``; see `DetectionObjective.loss`.

    Parameters
    ----------
    corners
        ``(m, 4)`` in pixels of the input.
    ignored
        Objects of which nothing is learnt: cells that they cover are left out, ``(m,)``.
    """
    cells = np.zeros((len(layout), 5), np.float32)
    cells[:, 4] = BACKGROUND
    if ignored.any():
        points = layout.points()
        for x1, y1, x2, y2 in corners[ignored]:
            inside = (points[:, 0] > x1) & (points[:, 0] < x2)
            cells[inside & (points[:, 1] > y1) & (points[:, 1] < y2), 4] = IGNORED
    kept = np.flatnonzero(~ignored)
    owner = assigned(corners[kept], layout)
    positive = owner >= 0
    cells[positive, :4] = corners[kept][owner[positive]]
    cells[positive, 4] = classes[kept][owner[positive]]
    return cells


__all__ = ["DetectionObjective", "cell_targets", "generalised_iou", "paired_iou"]
