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
_LEAST = 16
"""Items that statistics are measured on at once, at least."""

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
    over the batches.

    Parameters
    ----------
    tail
        Features at a cut to the pooled vector.

    References
    ----------
    Li et al. 2018, Adaptive batch normalization for practical domain adaptation, algorithm 1.
    """
    own = copy.deepcopy(tail).eval()
    for layer in normalisations(own):
        assert isinstance(layer, _BatchNorm)
        layer.reset_running_stats()
        layer.momentum = None  # all batches count alike
        layer.train()
    order = np.random.default_rng(seed).permutation(len(items))
    n_batches = max(1, len(order) // _BATCH)
    with torch.inference_mode():
        for rows in np.array_split(order, n_batches):
            if len(rows) >= min(_LEAST, len(order)):
                own(as_tensor(items.take(np.sort(rows), np.zeros(len(rows), np.int64))))
    return own.eval()


def pooled_vectors(tail: nn.Module, items: Activations) -> Float32:
    """The plain view of every item through a tail, ``(n, d)``."""
    rows = np.arange(len(items))
    parts = []
    with torch.inference_mode():
        for begin in range(0, len(rows), _BATCH):
            some = rows[begin : begin + _BATCH]
            parts.append(tail(as_tensor(items.take(some, np.zeros_like(some)))).float().numpy())
    return np.concatenate(parts)
