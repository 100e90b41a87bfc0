"""A metric trained on episodes: a prototypical network on frozen features."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from topwork.heads.few_shot.prior import TaskPrior
from topwork.training.batches import Batch
from topwork.training.loop import train
from topwork.training.settings import LoopSettings
from topwork.training.strategies.episodes import DrawsEpisode, EpisodeBatches, WholeEpisode

RANK: Final = 32
"""Of what is added to the start's metric along its axes."""

EPISODES: Final = 300
_TEMPERATURE: Final = 10.0
_RATE: Final = 1e-3


class PrototypeLoss(WholeEpisode):
    """Cross entropy of cosines from the centre of the class means to these; an episode is a whole.

    References
    ----------
    Snell, Swersky and Zemel 2017, Prototypical networks for few-shot learning, section 2.2; by
    cosines of centred rows as the nearest class mean of `heads.centroid` has them.
    """

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        rows, codes, labelled = self.of_episode(module, batch)
        members = functional.one_hot(codes[labelled]).float()
        means = members.T @ rows[labelled] / members.sum(dim=0)[:, None]
        centre = means.mean(dim=0)
        directions = functional.normalize(means - centre, dim=1)
        cosines = functional.normalize(rows[~labelled] - centre, dim=1) @ directions.T
        return functional.cross_entropy(_TEMPERATURE * cosines, codes[~labelled])


class LowRankMap(nn.Module):
    """Stretches rows along the axes of a prior, and turns them there by a change of low rank.

    Starts as the prior's own metric: the second factor of the change is zero.
    """

    axes: Tensor
    own: Tensor
    other: Tensor

    def __init__(self, prior: TaskPrior, *, rank: int = RANK, seed: int = 0) -> None:
        super().__init__()
        own, other = prior.factors
        r = prior.axes.shape[1]
        unit = 1 / float(np.sqrt(np.mean(np.square(own))))
        self.register_buffer("axes", torch.from_numpy(prior.axes.copy()))
        self.register_buffer("own", torch.from_numpy((own * unit).astype(np.float32)))
        self.register_buffer("other", torch.tensor(other * unit, dtype=torch.float32))
        drawn = np.random.default_rng(seed).normal(size=(min(rank, r), r)) / np.sqrt(r)
        self.first = nn.Parameter(torch.from_numpy(drawn.astype(np.float32)))
        self.second = nn.Parameter(torch.zeros(r, len(drawn)))
        self.spread = nn.Parameter(torch.zeros(r))
        self.rest = nn.Parameter(torch.zeros(()))

    def inside(self) -> tuple[Tensor, Tensor]:
        """The map of coordinates along the axes, (r, r), and the factor along all others."""
        scale = torch.diag(self.own * self.spread.exp())
        return scale + self.second @ self.first @ scale, self.other * self.rest.exp()

    def forward(self, rows: Tensor) -> Tensor:
        """Rows (b, d), mapped, (b, d)."""
        along, other = self.inside()
        coordinates = rows @ self.axes
        moved: Tensor = other * rows + (coordinates @ along.T - other * coordinates) @ self.axes.T
        return moved

    def as_prior(self, prior: TaskPrior) -> TaskPrior:
        """The metric as a prior with the places of another.

        A linear map L gives the metric LᵀL, whatever rotation follows it; so the singular vectors
        of its part along the axes are axes themselves, and the singular values their factors.
        """
        with torch.no_grad():
            along, other = self.inside()
        _, values, right = np.linalg.svd(along.double().numpy())
        axes = prior.axes.astype(np.float64) @ right.T
        return prior.with_axes(axes.astype(np.float32), values, float(other))


def fit_episodic_metric(prior: TaskPrior, draw: DrawsEpisode, *, seed: int = 0) -> TaskPrior:
    """The prior's metric, trained further on episodes.

    Parameters
    ----------
    prior
        Where it starts.
    draw
        Draws an episode of the tasks to learn from.
    """
    module = LowRankMap(prior, seed=seed)
    size = len(draw(np.random.default_rng(seed)).codes)
    train(
        module,
        PrototypeLoss(),
        EpisodeBatches(draw, EPISODES, size),
        LoopSettings(
            epochs=1,
            batch=size,
            learning_rate=_RATE,
            layer_decay=1.0,
            weight_decay=0.0,
            precision="float32",
            seed=seed,
        ),
    )
    return module.as_prior(prior)
