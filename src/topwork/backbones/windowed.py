"""The same network on long texts, window by window: ``NAME/long``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from topwork.backbones.backbone import POOLED, Backbone, BuildsGraph, Network
from topwork.backbones.engines.openvino import openvino
from topwork.backbones.inputs import TokenInput
from topwork.backbones.wrapped import WrappedBuilder
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import Tensor, nn

LONG: Final = "/long"

WINDOW: Final = 128
"""Tokens of a window; work grows faster than length, and the last window is filled up."""

MAX_WINDOWS: Final = 32
"""Windows that are looked at of a text: about 3,000 words of English."""


def split_long(name: str) -> tuple[str, bool]:
    """What stands before ``/long``, and whether that was there.

    Examples
    --------
    >>> split_long("packaged:all-minilm-l6-v2/long"), split_long("pixels")
    (('packaged:all-minilm-l6-v2', True), ('pixels', False))
    """
    return name.removesuffix(LONG), name.endswith(LONG)


def lengthened(name: str) -> str:
    """A backbone's name with ``/long`` behind it, before local weights.

    Examples
    --------
    >>> lengthened("transformers:bert@folder"), lengthened("packaged:all-minilm-l6-v2/long")
    ('transformers:bert/long@folder', 'packaged:all-minilm-l6-v2/long')
    """
    plain, at, weights = name.partition("@")
    return f"{split_long(plain)[0]}{LONG}{at}{weights}"


def windowed(backbone: Backbone) -> Backbone:
    """``backbone`` on windows of a text one after the other; a text is the mean of its windows.

    Raises
    ------
    BackboneError
        It takes no tokens of a language.
    """
    spec = backbone.input
    if not isinstance(spec, TokenInput) or spec.windows > 1:
        raise BackboneError(
            f"{backbone.name} does not read texts token by token, so there is nothing to lengthen.",
            remedy=f"Leave --long out, or {LONG} behind the name.",
            code="not_long",
        )
    length = min(spec.max_length, WINDOW)
    text = f"{backbone.fingerprint}{LONG} {length} {MAX_WINDOWS}"
    return replace(
        backbone,
        name=f"{backbone.name}{LONG}",
        fingerprint=hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
        input=replace(spec, max_length=length, windows=MAX_WINDOWS),
        load=_loader(backbone.load, length),
    )


def _loader(load: Callable[[], Network], length: int) -> Callable[[], Network]:
    with_torch = partial(_with_torch, load, length)
    return _ByWindows(with_torch, load, length) if isinstance(load, BuildsGraph) else with_torch


def _with_torch(load: Callable[[], Network], length: int) -> Network:
    return _by_windows(load(), length)


@dataclass(frozen=True, slots=True)
class _ByWindows(WrappedBuilder):
    """Builds the same graph as `_by_windows`."""

    length: int

    @property
    def cuts(self) -> tuple[str, ...]:
        return (POOLED,)

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        ops = openvino().opset13
        windows = ops.reshape(values, np.array([-1, self.length]), special_zero=False)
        (vectors,) = self.builder.nodes(windows, cuts)
        width = int(vectors.get_output_partial_shape(0)[1].get_length())
        batch = ops.gather(ops.shape_of(values), np.array([0]), np.int32(0))

        def by_text(node: Any, width: int) -> Any:
            shape = ops.concat([batch, np.array([-1, width])], 0)
            return ops.reshape(node, shape, special_zero=False)

        there = ops.reduce_logical_or(ops.greater_equal(windows, np.int32(0)), np.array([1]))
        weights = ops.convert(by_text(there, 1), "f32")
        total = ops.reduce_sum(ops.multiply(by_text(vectors, width), weights), np.array([1]))
        count = ops.maximum(ops.reduce_sum(weights, np.array([1])), np.float32(1))
        return (ops.divide(total, count),)


def _by_windows(network: Network, length: int) -> Network:
    pooling = _windows_class()(network.pooling, length).eval()
    return replace(network, full=pooling, pooling=pooling, find_cuts=None)


@cache
def _windows_class() -> type[nn.Module]:
    from torch import nn

    class Windows(nn.Module):
        """Tokens ``(b, m · length)``, with -1 behind each window, to one vector each."""

        def __init__(self, pooling: nn.Module, length: int) -> None:
            super().__init__()
            self.pooling = pooling
            self._length = length

        def forward(self, tokens: Tensor) -> Tensor:
            windows = tokens.reshape(-1, self._length)
            vectors = self.pooling(windows)
            there = (windows >= 0).any(dim=1).to(vectors.dtype).reshape(tokens.shape[0], -1, 1)
            by_text = vectors.reshape(tokens.shape[0], -1, vectors.shape[1])
            means: Tensor = (by_text * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)
            return means

    return Windows
