"""Strategy ``full``: train the whole network from its inputs, or the later part of it."""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass

from torch import nn

from topwork.heads import LinearHead
from topwork.runtime.progress import Progress, silent
from topwork.training.batches import Batches
from topwork.training.checkpoint import Checkpoint
from topwork.training.head import BackboneWithHead
from topwork.training.loop import Judge, Trained, train
from topwork.training.objectives import Objective
from topwork.training.settings import LoopSettings

FULL_LOOP = LoopSettings(epochs=8, batch=32, learning_rate=1e-4, layer_decay=1.0, average=0.99)
"""A tenth of partial's rate: early layers are good already, and their errors go through all others.
By the literature (LP-FT's 1e-5 to 1e-4), not by measurement."""


@dataclass(frozen=True, eq=False, slots=True)
class FullFit:
    """A tuned network and its head.

    Parameters
    ----------
    pooled
        What the batches give to the pooled vector, in evaluation mode.
    head
        The head on it.
    trained
        How training went.
    """

    pooled: nn.Module
    head: LinearHead
    trained: Trained


def fit_full(
    pooled: nn.Module,
    head: LinearHead,
    batches: Batches,
    objective: Objective,
    *,
    held: Collection[str] = (),
    settings: LoopSettings = FULL_LOOP,
    judge: Judge | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress = silent,
) -> FullFit:
    """Train a network and its head.

    Parameters
    ----------
    pooled
        What the batches give to the pooled vector; a copy is trained.
    head
        Where the head starts: the probe's, or what ``partial`` gave.
    held
        Names of the parameters that stay as they are.
    judge
        Is given a module from what the batches give to logits.
    """
    network = copy.deepcopy(pooled)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name not in held)
    model = BackboneWithHead(network, head)
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
