"""Train the layers behind a cut without labels, from stored views."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from topwork.features import Activations
from topwork.runtime.progress import Progress, silent
from topwork.training.batches import as_tensor, steps_of
from topwork.training.distillation import RelationalDistillation
from topwork.training.loop import Trained, train
from topwork.training.objectives import Objective
from topwork.training.settings import LoopSettings
from topwork.training.view_agreement import StartAxes, ViewAgreement
from topwork.training.view_pairs import ViewPairBatches

REFINING_LOOP = LoopSettings(epochs=4, batch=64, learning_rate=1e-3, average=0.0)
"""Measured in docs/decisions/0046, as what follows."""


N_AXES = 128
NOISE = 0.3
DISTILLING_NOISE = 0.1
ANCHOR = 0.3
DISTILLING_STEPS = 150
"""At least: a hundred images for four epochs are a dozen steps, which harm more than they teach."""

_BATCH = 64


@dataclass(frozen=True, eq=False, slots=True)
class Refined:
    """A refined tail.

    Parameters
    ----------
    tail
        In evaluation mode.
    drift
        One minus the mean cosine between its vectors of the plain views and the start's.
    trained
        How training went.
    """

    tail: nn.Module
    drift: float
    trained: Trained


def refine_by_views(
    tail: nn.Module,
    activations: Activations,
    start: NDArray[np.float32],
    loop: LoopSettings = REFINING_LOOP,
    *,
    progress: Progress = silent,
) -> Refined:
    """Train a copy of a tail so that the views of an item agree, anchored to the start.

    Parameters
    ----------
    tail
        Features at the cut to the pooled vector.
    activations
        Of n items without labels, in v views.
    start
        The tail's vectors of them, ``(n, v, d)``.
    """
    objective = ViewAgreement(StartAxes.of(start.reshape(-1, start.shape[-1]), N_AXES), ANCHOR)
    batches = ViewPairBatches(activations, start, noise=NOISE)
    own, trained = _trained(tail, objective, batches, loop, progress)
    return Refined(own, drift(_vectors(own, activations, 0), start[:, 0]), trained)


def refine_by_teacher(
    tail: nn.Module,
    activations: Activations,
    start: NDArray[np.float32],
    teacher: NDArray[np.floating],
    loop: LoopSettings = REFINING_LOOP,
    *,
    progress: Progress = silent,
) -> Refined:
    """Train a copy of a tail so that items lie to each other as for a teacher, anchored.

    Few items are passed over more often than the loop says, until `DISTILLING_STEPS` are taken.

    Parameters
    ----------
    tail, activations, start
        As in `refine_by_views`.
    teacher
        The teacher's vectors of the n items, ``(n, t)``.
    """
    rows = start.reshape(-1, start.shape[-1])
    objective = RelationalDistillation.of(rows, teacher, anchor=ANCHOR)
    batches = ViewPairBatches(activations, start, teacher, noise=DISTILLING_NOISE)
    epochs = math.ceil(DISTILLING_STEPS / steps_of(len(batches), loop.batch))
    loop = replace(loop, epochs=max(loop.epochs, epochs))
    own, trained = _trained(tail, objective, batches, loop, progress)
    return Refined(own, drift(_vectors(own, activations, 0), start[:, 0]), trained)


def _trained(
    tail: nn.Module,
    objective: Objective,
    batches: ViewPairBatches,
    loop: LoopSettings,
    progress: Progress,
) -> tuple[nn.Module, Trained]:
    own = copy.deepcopy(tail)
    for parameter in own.parameters():
        parameter.requires_grad_(True)
    return own, train(own, objective, batches, loop, progress=progress)


def vectors_of_views(tail: nn.Module, activations: Activations) -> NDArray[np.float32]:
    """The pooled vector of every view of every item, ``(n, v, d)``."""
    found = [_vectors(tail, activations, view) for view in range(activations.n_views)]
    return np.stack(found, axis=1)


def _vectors(tail: nn.Module, activations: Activations, view: int) -> NDArray[np.float32]:
    parts = []
    with torch.inference_mode():
        for begin in range(0, len(activations), _BATCH):
            rows = np.arange(begin, min(begin + _BATCH, len(activations)))
            inputs = as_tensor(activations.take(rows, np.full(len(rows), view)))
            parts.append(tail(inputs).float().numpy())
    return np.concatenate(parts)


def drift(vectors: NDArray[np.float32], start: NDArray[np.floating]) -> float:
    """One minus the mean cosine between vectors and the start's, both ``(n, d)``."""
    start = start.astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(start, axis=1)
    cosines = (vectors * start).sum(axis=1) / np.maximum(lengths, 1e-12)
    return float(1 - cosines.mean())
