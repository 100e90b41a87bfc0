"""Train the layers behind a cut so that a head that is adapted to a small task does well on it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from topwork.features import Activations
from topwork.runtime.progress import Progress, silent
from topwork.training.batches import Batch, as_tensor
from topwork.training.loop import train
from topwork.training.settings import LoopSettings

EPISODES: Final = 200
INNER_STEPS: Final = 5
_INNER_RATE: Final = 1.0
_SCALE: Final = 10.0
_RATE: Final = 3e-4


@dataclass(frozen=True, eq=False, slots=True)
class DrawnItems:
    """A small task, of items whose activations are stored.

    Parameters
    ----------
    items
        Their positions among the activations, (b,).
    codes
        (b,), from 0 to k − 1.
    labelled
        (b,), whether an item is given with its label; the others are to be told.
    """

    items: NDArray[np.int64]
    codes: NDArray[np.int64]
    labelled: NDArray[np.bool_]


DrawsItems = Callable[[np.random.Generator], DrawnItems]


class StoredEpisodes:
    """Each batch is an episode, whatever size is asked for; codes of labelled items are −1 − code.

    Parameters
    ----------
    activations
        Of all items of all tasks.
    draw
        Draws an episode.
    n
        Episodes of an epoch.
    size
        Items of each that the loop counts with.
    """

    def __init__(self, activations: Activations, draw: DrawsItems, n: int, size: int) -> None:
        self._activations, self._draw, self._n, self._size = activations, draw, n, size

    def __len__(self) -> int:
        return self._n * self._size

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:  # noqa: ARG002
        for _ in range(self._n):
            episode = self._draw(rng)
            plain = np.zeros(len(episode.items), np.int64)
            marked = np.where(episode.labelled, -1 - episode.codes, episode.codes)
            inputs = as_tensor(self._activations.take(episode.items, plain))
            yield Batch(inputs, torch.from_numpy(marked))


@dataclass(frozen=True, eq=False, slots=True)
class AdaptedHeadLoss:
    """Cross entropy of a linear head that was adapted to the labelled items of the episode.

    The inner loop adapts the head alone, from zero, by gradient descent; the outer gradient is of
    first order, which takes the adapted head for a constant. An episode is a whole.

    References
    ----------
    Raghu et al. 2020, Rapid learning or feature reuse? Towards understanding the effectiveness of
    MAML, section 4 (ANIL); Finn, Abbeel and Levine 2017, Model-agnostic meta-learning, section 5.2
    (first order).
    """

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        rows = functional.normalize(module(batch.inputs).float(), dim=1)
        labelled = batch.targets < 0
        codes = torch.where(labelled, -1 - batch.targets, batch.targets)
        centre = rows[labelled].detach().mean(dim=0)
        head = adapted_head(rows[labelled].detach() - centre, codes[labelled])
        return functional.cross_entropy(
            _SCALE * (rows[~labelled] - centre) @ head, codes[~labelled]
        )


def adapted_head(rows: Tensor, codes: Tensor, *, steps: int = INNER_STEPS) -> Tensor:
    """A linear head (d, k) after some steps of gradient descent on its cross entropy, from zero.

    Parameters
    ----------
    rows
        (n, d), centred.
    codes
        (n,), each of k classes at least once.
    """
    wanted = functional.one_hot(codes).float()
    head = torch.zeros(rows.shape[1], wanted.shape[1], dtype=rows.dtype, device=rows.device)
    for _ in range(steps):
        error = torch.softmax(_SCALE * rows @ head, dim=1) - wanted
        head = head - _INNER_RATE * _SCALE * rows.T @ error / len(rows)
    return head


def fit_anil(
    tail: nn.Module,
    activations: Activations,
    draw: DrawsItems,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> nn.Module:
    """A copy of a tail that was trained on episodes, in evaluation mode.

    Parameters
    ----------
    tail
        Features at the cut to the pooled vector.
    activations
        Of the items of all tasks, in one view.
    draw
        Draws an episode of the tasks to learn from.
    """
    own = copy.deepcopy(tail)
    for parameter in own.parameters():
        parameter.requires_grad_(True)
    size = len(draw(np.random.default_rng(seed)).codes)
    settings = LoopSettings(
        epochs=1, batch=size, learning_rate=_RATE, weight_decay=0.0, average=0.0, seed=seed
    )
    episodes = StoredEpisodes(activations, draw, EPISODES, size)
    train(own, AdaptedHeadLoss(), episodes, settings, progress=progress)
    return own
