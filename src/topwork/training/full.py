"""Strategy ``full``: train the whole network from pixels, from where ``partial`` ended."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from topwork.features import Progress, silent
from topwork.heads import LinearHead
from topwork.training.batches import Batches
from topwork.training.checkpoint import Checkpoint
from topwork.training.head import Tuned
from topwork.training.loop import Judge, Trained, train
from topwork.training.objectives import Objective
from topwork.training.pixels import FromPixels
from topwork.training.settings import LoopSettings

FULL_LOOP = LoopSettings(epochs=8, batch=32, learning_rate=1e-4, layer_decay=0.85, average=0.99)
"""A tenth of partial's rate: early layers are good already, and their errors go through all others.
By the literature (LP-FT's 1e-5 to 1e-4), not by measurement."""


@dataclass(frozen=True, eq=False, slots=True)
class FullFit:
    """A tuned network and its head.

    Parameters
    ----------
    pooled
        Normalised images to the pooled vector, in evaluation mode.
    head
        The head on it.
    trained
        How training went.
    """

    pooled: nn.Module
    head: LinearHead
    trained: Trained


def fit_full(
    before: nn.Module,
    tail: nn.Module,
    head: LinearHead,
    batches: Batches,
    objective: Objective,
    *,
    mean: Sequence[float],
    std: Sequence[float],
    settings: LoopSettings = FULL_LOOP,
    judge: Judge | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress = silent,
) -> FullFit:
    """Train the network on both sides of the cut, and the head.

    Parameters
    ----------
    before
        Normalised images to the features at the cut; a copy is trained.
    tail, head
        What ``partial`` gave; copies are trained.
    batches
        Of pixels ``uint8 (b, 3, h, w)``, as `PixelBatches` gives them.
    mean, std
        What images are normalised with.
    judge
        Is given a module from such pixels to logits.
    """
    network = nn.Sequential(copy.deepcopy(before), copy.deepcopy(tail))
    network.requires_grad_(True)
    model = Tuned(FromPixels(network, mean, std), head)
    trained = train(
        model,
        objective,
        batches,
        settings,
        judge=judge,
        checkpoint=checkpoint,
        progress=progress,
    )
    return FullFit(network.eval(), model.head.linear(), trained)
