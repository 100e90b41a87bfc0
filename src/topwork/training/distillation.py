"""The objective that items lie to each other as they do for a teacher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from topwork.training.batches import Batch


def cosines(vectors: Tensor, mean: Tensor) -> Tensor:
    """Cosines between n vectors of length 1 about a mean, ``(n, d)`` and ``(d,)``: ``(n, n)``."""
    rows = functional.normalize(functional.normalize(vectors) - mean.to(vectors.device))
    return rows @ rows.T


@dataclass(frozen=True, eq=False)
class RelationalDistillation:
    """How far cosines between the items of a batch are from the teacher's, squared; an anchor.

    A batch holds two views of each item, ``(b, 2, ...)``, and as targets the start's vectors of
    them with the teacher's behind, ``(b, 2, d + t)``. A part of a batch knows its own pairs only.

    Parameters
    ----------
    start_mean, teacher_mean
        Means of both ones' vectors of length 1, ``(d,)`` and ``(t,)``.
    anchor
        Weight of one minus the cosine between a view's vector and the start's.
    strength
        Weight of the squared differences.

    References
    ----------
    Tung and Mori 2019, Similarity-preserving knowledge distillation, equation 4, here of cosines
    about the mean. Park et al. 2019, Relational knowledge distillation.
    """

    start_mean: Tensor
    teacher_mean: Tensor
    anchor: float = 1.0
    strength: float = 20.0

    @classmethod
    def of(
        cls, start: np.ndarray, teacher: np.ndarray, *, anchor: float = 1.0
    ) -> RelationalDistillation:
        """From the start's vectors ``(m, d)`` and the teacher's ``(n, t)``."""
        return cls(_mean_direction(start), _mean_direction(teacher), anchor)

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        vectors = module(batch.inputs.flatten(0, 1)).float()
        targets, width = batch.targets.flatten(0, 1), len(self.start_mean)
        drift = 1 - functional.cosine_similarity(vectors, targets[:, :width]).mean()
        ours = cosines(vectors, self.start_mean)
        theirs = cosines(targets[:, width:], self.teacher_mean)
        apart = ~torch.eye(len(ours), dtype=torch.bool, device=ours.device)
        return self.anchor * drift + self.strength * (ours - theirs)[apart].square().mean()


def _mean_direction(vectors: np.ndarray) -> Tensor:
    rows = torch.from_numpy(np.asarray(vectors, np.float32))
    return functional.normalize(rows).mean(dim=0)
