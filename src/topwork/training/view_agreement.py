"""The objective that the views of an item agree: VICReg, anchored to the start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from topwork.training.batches import Batch

_EPSILON = 1e-4


def invariance(first: Tensor, second: Tensor) -> Tensor:
    """The mean squared difference of two views' vectors ``(b, d)`` (Bardes et al., equation 3)."""
    return functional.mse_loss(first, second)


def collapse(vectors: Tensor) -> Tensor:
    """How far the standard deviations of vectors ``(b, d)`` fall below 1 (equation 1).

    Examples
    --------
    >>> float(collapse(torch.tensor([[3.0], [-3.0]]))), round(float(collapse(torch.zeros(2, 1))), 2)
    (0.0, 0.99)
    """
    deviations = (vectors.var(dim=0) + _EPSILON).sqrt()
    return functional.relu(1 - deviations).mean()


def redundancy(vectors: Tensor) -> Tensor:
    """The squared covariances between different axes of vectors ``(b, d)``, over d (equation 4)."""
    n, d = vectors.shape
    centred = vectors - vectors.mean(dim=0)
    covariance = centred.T @ centred / (n - 1)
    between = covariance.square().sum() - covariance.diagonal().square().sum()
    return between / d


@dataclass(frozen=True, eq=False)
class StartAxes:
    """The leading axes of the start's vectors, on each of which these have variance 1.

    Parameters
    ----------
    mean
        ``(d,)``.
    axes
        ``(d, a)``, divided by the standard deviations along them.
    """

    mean: Tensor
    axes: Tensor

    @classmethod
    def of(cls, vectors: np.ndarray, n_axes: int) -> StartAxes:
        """Of the start's vectors ``(n, d)``; fewer axes where there are fewer items."""
        rows = torch.from_numpy(np.asarray(vectors, np.float32))
        mean = rows.mean(dim=0)
        most = min(n_axes, len(rows) // 4, rows.shape[1])
        _, sizes, directions = torch.linalg.svd(rows - mean, full_matrices=False)
        deviations = sizes[:most] / max(len(rows) - 1, 1) ** 0.5
        return cls(mean, directions[:most].T / deviations.clamp_min(1e-6))

    def __call__(self, vectors: Tensor) -> Tensor:
        return (vectors - self.mean.to(vectors.device)) @ self.axes.to(vectors.device)


@dataclass(frozen=True, eq=False)
class ViewAgreement:
    """VICReg on the start's leading axes, and the cosine to the start.

    A batch holds two views of each item, ``(b, 2, ...)``, and as targets the start's vectors of
    them, ``(b, 2, d)``. Variances and covariances are those of a part of a batch, where memory is
    short.

    Parameters
    ----------
    axes
        What the vectors are seen on.
    anchor
        Weight of one minus the cosine between a view's vector and the start's.
    agreement, spread, decorrelation
        Weights of the three terms of VICReg.

    References
    ----------
    Bardes, Ponce and LeCun 2022, VICReg: variance-invariance-covariance regularization for
    self-supervised learning, equations 1 to 6.
    """

    axes: StartAxes
    anchor: float = 1.0
    agreement: float = 1.0
    spread: float = 1.0
    decorrelation: float = 0.04

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        vectors = module(batch.inputs.flatten(0, 1)).float()
        start = batch.targets.flatten(0, 1)
        drift = 1 - functional.cosine_similarity(vectors, start).mean()
        seen = self.axes(vectors)
        first, second = seen[::2], seen[1::2]
        loss = self.anchor * drift + self.agreement * invariance(first, second)
        if len(batch) > 1:
            for one in (first, second):
                loss = loss + self.spread / 2 * collapse(one)
                loss = loss + self.decorrelation / 2 * redundancy(one)
        return loss
