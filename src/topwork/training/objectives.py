"""What the loop minimises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from topwork.training.average import copy_of
from topwork.training.batches import Batch
from topwork.training.freezing import trainable


class Objective(Protocol):
    """A loss, given a module and a batch, labelled or not."""

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:
        """What is done once to a whole batch, before it is computed in parts."""
        ...

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        """The mean over the batch's items; parts of a batch average to the whole."""
        ...


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """Cross entropy of what the module answers.

    Parameters
    ----------
    smoothing
        Share of each target that is spread over all classes (Szegedy et al. 2016, section 7).
    mixup
        Parameter of the beta distribution by which pairs of items are mixed, at the cut where
        training begins there (Zhang et al. 2018; Verma et al. 2019, Manifold mixup); 0 for none.
    weights
        Of the classes, ``(k,)``; None for equal ones. The loss is not divided by their sum in a
        batch, so that an item counts the same in every batch.
    """

    smoothing: float = 0.0
    mixup: float = 0.0
    weights: Tensor | None = None

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:
        return mixed(batch, rng, self.mixup) if self.mixup else batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        logits = module(batch.inputs).float()
        targets = batch.targets
        if not targets.is_floating_point():
            targets = functional.one_hot(targets.long(), logits.shape[1]).float()
        elif targets.shape[1] < logits.shape[1]:
            targets = functional.pad(targets, (0, logits.shape[1] - targets.shape[1]))
        if self.smoothing:
            targets = (1 - self.smoothing) * targets + self.smoothing / logits.shape[1]
        if self.weights is not None:
            targets = targets * self.weights.to(logits.device)
        return -(targets * functional.log_softmax(logits, dim=1)).sum(dim=1).mean()


@dataclass(frozen=True, eq=False)
class Towards:
    """An objective and ``strength / 2`` times the squared distance from the start.

    L2-SP (Li, Grandvalet and Davoine 2018, Explicit inductive bias for transfer learning with
    convolutional networks, equation 3).

    Parameters
    ----------
    objective
        What is minimised besides.
    start
        The tensors to stay near.
    strength
        Usual values are 0.01 to 1.
    """

    objective: Objective
    start: Mapping[str, Tensor]
    strength: float

    @classmethod
    def start_of(cls, module: nn.Module, objective: Objective, strength: float) -> Towards:
        """Towards the module's trainable parameters as they are now."""
        return cls(objective, copy_of(trainable(module)), strength)

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:
        return self.objective.prepare(batch, rng)

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        loss = self.objective.loss(module, batch)
        distance = torch.zeros((), device=loss.device)
        for name, parameter in module.named_parameters():
            if name in self.start:
                distance = distance + (parameter - self.start[name].to(loss.device)).square().sum()
        return loss + self.strength / 2 * distance


def mixed(batch: Batch, rng: np.random.Generator, alpha: float) -> Batch:
    """Every item with a random partner, in shares drawn from Beta(alpha, alpha)."""
    n = len(batch)
    partner = torch.from_numpy(rng.permutation(n))
    share = torch.from_numpy(rng.beta(alpha, alpha, size=n).astype(np.float32))
    targets = batch.targets
    if not targets.is_floating_point():
        targets = functional.one_hot(targets.long()).float()
    inputs = batch.inputs.float()
    by_input = share.view(n, *[1] * (inputs.ndim - 1))
    return Batch(
        torch.lerp(inputs[partner], inputs, by_input),
        torch.lerp(targets[partner], targets, share[:, None]),
    )


def class_weights(codes: np.ndarray, n_classes: int) -> Tensor:
    """Weights that make classes count alike, with mean 1 over the items.

    Examples
    --------
    >>> class_weights(np.array([0, 0, 0, 1]), 2).tolist()
    [0.6666666865348816, 2.0]
    """
    counts = np.bincount(codes, minlength=n_classes)
    present = int((counts > 0).sum())
    weights = len(codes) / (present * np.maximum(counts, 1))
    return torch.from_numpy(weights.astype(np.float32))
