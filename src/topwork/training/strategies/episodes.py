"""Episodes as batches of the one loop: small tasks, some of whose items are given with labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from topwork.training.batches import Batch


@dataclass(frozen=True, eq=False, slots=True)
class DrawnEpisode:
    """A small task.

    Parameters
    ----------
    inputs
        Of b items, as the module that learns takes them, (b, …).
    codes
        (b,), from 0 to k − 1.
    labelled
        (b,), whether an item is given with its label; the others are to be told.
    """

    inputs: Tensor
    codes: NDArray[np.int64]
    labelled: NDArray[np.bool_]


DrawsEpisode = Callable[[np.random.Generator], DrawnEpisode]


class EpisodeBatches:
    """Each batch is an episode, whatever size is asked for; codes of labelled items are −1 − code.

    Parameters
    ----------
    draw
        Draws one.
    n
        Episodes of an epoch.
    size
        Items of each that the loop counts with.
    """

    def __init__(self, draw: DrawsEpisode, n: int, size: int) -> None:
        self._draw, self._n, self._size = draw, n, size

    def __len__(self) -> int:
        return self._n * self._size

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:  # noqa: ARG002
        for _ in range(self._n):
            episode = self._draw(rng)
            marked = np.where(episode.labelled, -1 - episode.codes, episode.codes)
            yield Batch(episode.inputs, torch.from_numpy(marked))


class WholeEpisode:
    """What losses of episodes share: a batch is left as it is, and its labels are told apart."""

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def of_episode(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Rows of all items, (b, d), their codes, and which are given with their labels, (b,)."""
        labelled = batch.targets < 0
        codes = torch.where(labelled, -1 - batch.targets, batch.targets)
        return module(batch.inputs).float(), codes, labelled
