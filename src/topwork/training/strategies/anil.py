"""Train the layers behind a cut so that a head that is adapted to a small task does well on it."""

from __future__ import annotations

import copy
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from topwork.runtime.progress import Progress, silent
from topwork.training.batches import Batch
from topwork.training.loop import train
from topwork.training.settings import LoopSettings
from topwork.training.strategies.episodes import DrawsEpisode, EpisodeBatches, WholeEpisode

EPISODES: Final = 200
INNER_STEPS: Final = 5
_INNER_RATE: Final = 1.0
_SCALE: Final = 10.0
_RATE: Final = 3e-4


class AdaptedHeadLoss(WholeEpisode):
    """Cross entropy of a linear head that was adapted to the labelled items of the episode.

    The inner loop adapts the head alone, from zero, by gradient descent; the outer gradient is of
    first order, which takes the adapted head for a constant. An episode is a whole.

    References
    ----------
    Raghu et al. 2020, Rapid learning or feature reuse? Towards understanding the effectiveness of
    MAML, section 4 (ANIL); Finn, Abbeel and Levine 2017, Model-agnostic meta-learning, section 5.2
    (first order).
    """

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        rows, codes, labelled = self.of_episode(module, batch)
        rows = functional.normalize(rows, dim=1)
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
    draw: DrawsEpisode,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> nn.Module:
    """A copy of a tail that was trained on episodes, in evaluation mode.

    Parameters
    ----------
    tail
        Features at the cut to the pooled vector.
    draw
        Draws an episode of the tasks to learn from; its inputs are activations at the cut.
    """
    own = copy.deepcopy(tail)
    for parameter in own.parameters():
        parameter.requires_grad_(True)
    size = len(draw(np.random.default_rng(seed)).codes)
    settings = LoopSettings(
        epochs=1, batch=size, learning_rate=_RATE, weight_decay=0.0, average=0.0, seed=seed
    )
    episodes = EpisodeBatches(draw, EPISODES, size)
    train(own, AdaptedHeadLoss(), episodes, settings, progress=progress)
    return own
