"""Padding and pooling as TensorFlow does them, on ``(b, c, h, w)`` and ``(b, h, w, c)``."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional

Pair = tuple[int, ...]


def padded_same(
    images: Tensor, kernel: Pair, stride: Pair, dilation: Pair = (1, 1), *, value: float = 0.0
) -> Tensor:
    """``(b, c, h, w)`` with margins such that every stride gives one output, the odd one behind."""
    top, bottom = _margins(int(images.shape[2]), stride[0], (kernel[0] - 1) * dilation[0] + 1)
    left, right = _margins(int(images.shape[3]), stride[1], (kernel[1] - 1) * dilation[1] + 1)
    return functional.pad(images, (left, right, top, bottom), value=value)


def _margins(length: int, stride: int, reach: int) -> Pair:
    steps = -(-length // stride)
    total = max((steps - 1) * stride + reach - length, 0)
    return total // 2, total - total // 2


class Pool(nn.Module):
    """``(b, h, w, c)`` to the largest value or the mean of each window; margins don't count."""

    def __init__(self, layer: Any, *, largest: bool) -> None:
        super().__init__()
        self._window, self._stride = tuple(layer.pool_size), tuple(layer.strides)
        self._same = layer.padding == "same"
        self._largest = largest

    def forward(self, maps: Tensor) -> Tensor:
        images = maps.permute(0, 3, 1, 2)
        pooled = self._max(images) if self._largest else self._mean(images)
        return pooled.permute(0, 2, 3, 1)

    def _max(self, images: Tensor) -> Tensor:
        if self._same:
            images = padded_same(images, self._window, self._stride, value=float("-inf"))
        return functional.max_pool2d(images, self._window, self._stride)

    def _mean(self, images: Tensor) -> Tensor:
        if not self._same:
            return functional.avg_pool2d(images, self._window, self._stride)
        there = images.new_ones((1, 1, int(images.shape[2]), int(images.shape[3])))
        values, shares = (
            functional.avg_pool2d(
                padded_same(part, self._window, self._stride), self._window, self._stride
            )
            for part in (images, there)
        )
        return values / shares
