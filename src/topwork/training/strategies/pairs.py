"""Strategy ``pairs``: move texts of one class together and others apart, then fit a head."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from topwork.heads import LinearHead
from topwork.runtime.progress import Progress, silent
from topwork.training.batches import Batch, Batches, steps_of
from topwork.training.checkpoint import Checkpoint
from topwork.training.loop import train
from topwork.training.settings import LoopSettings
from topwork.training.strategies.full import FullFit
from topwork.training.tokens import TokenBatches


@dataclass(frozen=True, eq=False)
class Pairs:
    """How far the cosine of every pair is from 1 for two of one class, from 0 for others; squared.

    Pairs of one class and pairs of two count alike in all. A part of a batch knows only its own
    pairs: where memory is short fewer are looked at.

    References
    ----------
    Tunstall et al. 2022, Efficient few-shot learning without prompts (SetFit), section 3.1, which
    draws pairs and takes each through the network by itself; here a text is taken once for all of
    its pairs.
    """

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        rows = functional.normalize(module(batch.inputs).float())
        cosines = rows @ rows.T
        same = batch.targets[:, None] == batch.targets
        itself = torch.eye(len(same), dtype=torch.bool, device=same.device)
        kinds = ((1 - cosines).square(), same & ~itself), (cosines.square(), ~same)
        found = [errors[which].mean() for errors, which in kinds if which.any()]
        return torch.stack(found).mean() if found else cosines.sum() * 0.0


class ClassBatches(TokenBatches):
    """Texts in batches in which every class that is there is there several times."""

    def _divided(self, rng: np.random.Generator, size: int) -> list[NDArray[np.intp]]:
        codes = self._codes[self._rows]
        together = max(2, size // len(np.unique(codes)))
        return np.array_split(class_by_class(codes, rng, together), steps_of(len(self), size))


def class_by_class(
    codes: NDArray[np.integer], rng: np.random.Generator, together: int
) -> NDArray[np.intp]:
    """All of n positions once in random order, at least ``together`` of a class in a row.

    Examples
    --------
    >>> codes = np.array([0, 1, 0, 1])
    >>> codes[class_by_class(codes, np.random.default_rng(0), 2)].tolist()
    [0, 0, 1, 1]
    """
    chunks: list[NDArray[np.intp]] = []
    for code in np.unique(codes):
        own = rng.permutation(np.flatnonzero(codes == code))
        chunks += np.array_split(own, max(1, len(own) // together))
    return np.concatenate([chunks[i] for i in rng.permutation(len(chunks))])


def fit_pairs(
    pooled: nn.Module,
    head_on: Callable[[nn.Module], LinearHead],
    batches: Batches,
    *,
    held: Collection[str] = (),
    settings: LoopSettings,
    checkpoint: Checkpoint | None = None,
    progress: Progress = silent,
) -> FullFit:
    """Train a network on pairs of its texts, then fit a head on what it gives for them.

    Parameters
    ----------
    pooled
        Tokens to the pooled vector; a copy is trained.
    head_on
        Fits the head, given the network in evaluation mode.
    held
        Names of the parameters that stay as they are.
    """
    network = copy.deepcopy(pooled)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name not in held)
    trained = train(network, Pairs(), batches, settings, checkpoint=checkpoint, progress=progress)
    return FullFit(network.eval(), head_on(network), trained)
