"""The exponential moving average of a module's weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Tensors = dict[str, Tensor]


class MovingAverage:
    """Follows parameters: ``a <- d a + (1 - d) w`` with ``d = min(decay, (1 + t) / (10 + t))``.

    The rising share forgets the start where there are few steps, as in Szegedy et al. 2016,
    Rethinking the Inception architecture, and TensorFlow's ``ExponentialMovingAverage``.

    Parameters
    ----------
    parameters
        What is followed, by name.
    decay
        The share that stays a step; 0 for a copy of the parameters.
    """

    def __init__(self, parameters: Mapping[str, nn.Parameter], decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.values: Tensors = copy_of(parameters)

    @torch.no_grad()
    def update(self, parameters: Mapping[str, nn.Parameter]) -> None:
        """Take in the parameters as they are after a step."""
        self.steps += 1
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps)) if self.decay else 0.0
        for name, parameter in parameters.items():
            self.values[name].lerp_(parameter.detach(), 1 - keep)


def copy_of(tensors: Mapping[str, Tensor]) -> Tensors:
    """Detached copies."""
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


@torch.no_grad()
def put(parameters: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
    """Write values into parameters."""
    for name, parameter in parameters.items():
        parameter.copy_(values[name])


@contextmanager
def swapped(parameters: Mapping[str, nn.Parameter], values: Mapping[str, Tensor]) -> Iterator[None]:
    """The parameters hold these values inside, and their own again afterwards."""
    own = copy_of(parameters)
    put(parameters, values)
    try:
        yield
    finally:
        put(parameters, own)


def interpolate(start: Mapping[str, Tensor], end: Mapping[str, Tensor], share: float) -> Tensors:
    """``(1 - share) start + share end``: WiSE-FT (Wortsman et al. 2022, equation 1).

    Examples
    --------
    >>> interpolate({"w": torch.zeros(2)}, {"w": torch.ones(2)}, 0.25)["w"].tolist()
    [0.25, 0.25]
    """
    return {name: torch.lerp(tensor, end[name], share) for name, tensor in start.items()}
