"""A light detection head on maps of several depths: no anchor boxes, shared towers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from topwork.heads.detection.shape import GROUPS, MAX_LOG, TOWER, HeadShape

_PRIOR = 0.01
"""Probability of any class at any cell before training (Lin et al. 2017, section 3.3)."""


def split_maps(stored: Tensor, shapes: Sequence[tuple[int, int, int]]) -> list[Tensor]:
    """Flat maps ``(b, d)`` behind each other as maps ``(b, c, h, w)``, channels last."""
    found, begin = [], 0
    for c, h, w in shapes:
        flat = stored[:, begin : begin + c * h * w]
        begin += c * h * w
        found.append(flat.view(-1, c, h, w).to(memory_format=torch.channels_last))
    return found


class DetectionHead(nn.Module):
    """Stored maps to a quality per class and a box at each cell.

    A feature pyramid (Lin et al. 2017, Feature pyramid networks) under towers that all levels
    share, as in FCOS (Tian et al. 2019) and NanoDet, with group normalisation.

    Parameters
    ----------
    shape
        What it takes and gives.
    means, deviations
        Of each channel of each map, by which they are standardised.
    """

    points: Tensor
    cell_strides: Tensor

    def __init__(
        self,
        shape: HeadShape,
        means: Sequence[NDArray[np.float32]],
        deviations: Sequence[NDArray[np.float32]],
    ) -> None:
        super().__init__()
        self.shape = shape
        width, levels = shape.width, len(shape.layout.strides)
        for i, (mean, deviation) in enumerate(zip(means, deviations, strict=True)):
            self.register_buffer(f"mean{i}", torch.tensor(mean).view(1, -1, 1, 1))
            self.register_buffer(f"deviation{i}", torch.tensor(deviation).view(1, -1, 1, 1))
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c, _, _ in shape.maps)
        self.smooth = nn.ModuleList(_normed(width) for _ in shape.maps)
        self.coarse = nn.ModuleList(
            _normed(width, stride=2) for _ in range(levels - len(shape.maps))
        )
        self.class_tower = nn.ModuleList(_normed(width) for _ in range(TOWER))
        self.box_tower = nn.ModuleList(_normed(width) for _ in range(TOWER))
        self.quality = nn.Conv2d(width, shape.n_classes, 3, padding=1)
        self.distance = nn.Conv2d(width, 4, 3, padding=1)
        self.scales = nn.Parameter(torch.ones(levels))
        _start(self.quality, -math.log((1 - _PRIOR) / _PRIOR))
        _start(self.distance, math.log(4.0))
        self.register_buffer("points", torch.from_numpy(shape.layout.points()), persistent=False)
        strides = torch.from_numpy(shape.layout.cell_strides())
        self.register_buffer("cell_strides", strides, persistent=False)

    def forward(self, stored: Tensor) -> tuple[Tensor, Tensor]:
        """Quality logits ``(b, N, k)`` and corners ``(b, N, 4)`` of flat maps ``(b, d)``."""
        return self.from_maps(split_maps(stored, self.shape.maps))

    def from_maps(self, maps: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """The same of maps ``(b, c, h, w)``, from fine to coarse."""
        levels = self._pyramid([self._standard(i, one) for i, one in enumerate(maps)])
        qualities, distances = [], []
        for scale, level in zip(self.scales, levels, strict=True):
            of_class, of_box = level, level
            for layer in self.class_tower:
                of_class = layer(of_class)
            for layer in self.box_tower:
                of_box = layer(of_box)
            qualities.append(self.quality(of_class).flatten(2).float())
            distances.append((self.distance(of_box).flatten(2) * scale).float())
        quality = torch.cat(qualities, dim=2).transpose(1, 2)
        raw = torch.cat(distances, dim=2).transpose(1, 2)
        return quality, self._corners(raw)

    def _standard(self, i: int, values: Tensor) -> Tensor:
        standard: Tensor = (values - getattr(self, f"mean{i}")) / getattr(self, f"deviation{i}")
        return standard

    def _pyramid(self, maps: list[Tensor]) -> list[Tensor]:
        sums = [layer(one) for layer, one in zip(self.lateral, maps, strict=True)]
        for i in range(len(sums) - 1, 0, -1):
            sums[i - 1] = sums[i - 1] + functional.interpolate(sums[i], scale_factor=2.0)
        levels = [layer(one) for layer, one in zip(self.smooth, sums, strict=True)]
        for layer in self.coarse:
            levels.append(layer(levels[-1]))
        return levels

    def _corners(self, raw: Tensor) -> Tensor:
        sides = torch.exp(raw.clamp(max=MAX_LOG)) * self.cell_strides[None, :, None]
        return torch.cat([self.points - sides[..., :2], self.points + sides[..., 2:]], dim=2)


def _start(layer: nn.Conv2d, bias: float) -> None:
    nn.init.normal_(layer.weight, std=0.01)
    assert layer.bias is not None
    nn.init.constant_(layer.bias, bias)


def _normed(width: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False),
        nn.GroupNorm(GROUPS, width),
        nn.SiLU(),
    )


class WholeDetector(nn.Module):
    """A network from its images, and the head on its maps.

    Parameters
    ----------
    network
        Images ``(b, 3, h, w)`` to a map, or to a tuple of maps from fine to coarse.
    size
        Channels, rows and columns of an image.
    """

    def __init__(self, network: nn.Module, head: DetectionHead, size: tuple[int, int, int]) -> None:
        super().__init__()
        self.network = network
        self.head = head
        self.size = size

    def forward(self, flat: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.network(*split_maps(flat, (self.size,)))
        return self.head.from_maps(maps if isinstance(maps, tuple) else (maps,))


class TailedDetector(nn.Module):
    """Further layers of the network on the coarsest stored map, and the head on all maps.

    Parameters
    ----------
    tail
        The coarsest stored map to a tuple of coarser ones.
    head
        Takes the stored maps and those.
    stored
        Channels, rows and columns of each stored map.
    """

    def __init__(
        self, tail: nn.Module, head: DetectionHead, stored: Sequence[tuple[int, int, int]]
    ) -> None:
        super().__init__()
        self.tail = tail
        self.head = head
        self.stored = tuple(stored)

    def forward(self, flat: Tensor) -> tuple[Tensor, Tensor]:
        maps = split_maps(flat, self.stored)
        return self.head.from_maps([*maps, *self.tail(maps[-1])])
