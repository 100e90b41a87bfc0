"""Normalisations with the statistics of other items: a network that has changed its glasses."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from topwork.features import Activations
from topwork.training.batches import as_tensor

_BATCH = 64
_MAX = 1024
"""Items that statistics are measured on; a mean of more would hardly differ."""

Float32 = NDArray[np.float32]


def normalisations(module: nn.Module) -> list[nn.Module]:
    """Those of its layers that normalise by statistics of the training data."""
    return [
        part
        for part in module.modules()
        if isinstance(part, _BatchNorm) and part.running_mean is not None
    ]


def with_statistics_of(tail: nn.Module, items: Activations, *, seed: int = 0) -> nn.Module:
    """A copy of a tail whose normalisations have the mean and variance of these items.

    Each layer sees what the layers before it give with statistics of the batch; they are averaged
    over the batches. Of many items some are drawn.

    Parameters
    ----------
    tail
        Features at a cut to the pooled vector.

    References
    ----------
    Li et al. 2018, Adaptive batch normalization for practical domain adaptation, algorithm 1.
    """
    own = copy.deepcopy(tail).to(memory_format=torch.channels_last).eval()
    for layer in normalisations(own):
        assert isinstance(layer, _BatchNorm)
        layer.reset_running_stats()
        layer.momentum = None  # all batches count alike
        layer.train()
    order = np.random.default_rng(seed).permutation(len(items))[:_MAX]
    n_batches = max(1, len(order) // _BATCH)
    with torch.inference_mode():
        for rows in np.array_split(order, n_batches):
            own(plain_views(items, np.sort(rows)))
    return own.eval()


def pooled_vectors(items: Activations, *tails: nn.Module) -> list[Float32]:
    """The plain view of every item through each of several tails, ``(n, d)`` each.

    What is stored of an item is read once.
    """
    parts: list[list[Float32]] = [[] for _ in tails]
    with torch.inference_mode():
        for begin in range(0, len(items), _BATCH):
            inputs = plain_views(items, np.arange(begin, min(begin + _BATCH, len(items))))
            for tail, part in zip(tails, parts, strict=True):
                part.append(tail(inputs).float().numpy())
    return [np.concatenate(part) for part in parts]


def plain_views(items: Activations, rows: NDArray[np.integer]) -> torch.Tensor:
    """Their plain views, maps with the channels last: convolutions are faster on those."""
    inputs = as_tensor(items.take(rows, np.zeros_like(rows)))
    return inputs.to(memory_format=torch.channels_last) if inputs.ndim == 4 else inputs
