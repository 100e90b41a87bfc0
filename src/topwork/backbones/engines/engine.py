"""What runs the frozen part of a network fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.inputs import Input, InputSpec, TokenInput

Precision = Literal["auto", "float32", "bfloat16"]
Tag = TypeVar("Tag")
Inputs = NDArray[Any]
"""Images ``(b, h, w, 3)`` uint8, or tokens ``(b, t)`` int32 with -1 behind each text."""

Images = NDArray[np.uint8]
Features = NDArray[np.float32]

BATCH = 8
"""Items a batch; pinned, so that features don't depend on how many items there are. In float32 what
a small batch computes stays in the cache: 10 % faster than 32, on two cores with AVX-512."""

BFLOAT16_BATCH = 32
"""Items a batch where the processor multiplies matrices of bfloat16 in units of their own."""


class Engine(Protocol):
    """Runs a network over batches of items.

    Attributes
    ----------
    name
        ``openvino`` or ``torch``.
    precision
        ``float32`` or ``bfloat16``.
    batch
        Most items a batch.
    """

    name: str
    precision: str
    batch: int

    def run(self, batches: Iterable[tuple[Tag, Inputs]]) -> Iterator[tuple[Tag, list[Features]]]:
        """Every batch's outputs, in whatever order they are ready, each under its tag.

        Parameters
        ----------
        batches
            Tags and images or tokens of b items, b at most ``batch``; tokens may differ in number
            from batch to batch.

        Yields
        ------
        The tag and one array ``(b, ...)`` for each output of the network.
        """
        ...


def padded(inputs: Inputs, batch: int) -> Inputs:
    """``inputs`` with blank items behind them, ``batch`` in all."""
    missing = batch - len(inputs)
    if missing == 0:
        return inputs
    return np.concatenate([inputs, np.zeros((missing, *inputs.shape[1:]), inputs.dtype)])


def probes(spec: Input, n: int = 8) -> list[Inputs]:
    """Fixed batches of n items to compare engines on; of tokens several, which differ in length.

    A graph that was traced with one length and holds it would answer wrongly with another.
    """
    if isinstance(spec, InputSpec):
        return [probe_images(spec.height, spec.width, n)]
    if spec.windows > 1:
        return [probe_tokens(spec, n, m * spec.max_length) for m in (2, 1, 3)]
    return [probe_tokens(spec, n, min(t, spec.max_length)) for t in (24, 16, 64)]


def probe_tokens(spec: TokenInput, n: int, length: int) -> Inputs:
    """Fixed texts of one to ``length`` tokens: ``(n, length)``."""
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, spec.vocabulary, (n, length), np.int32)
    lengths = np.linspace(length, 1, n).round()
    tokens[np.arange(length) >= lengths[:, None]] = -1
    return tokens


def probe_images(height: int, width: int, n: int = 8) -> Images:
    """Fixed images with coarse and fine structure, to compare engines on: ``(n, h, w, 3)``."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (n, 8, 8, 3))
    rows, columns = np.arange(height) * 8 // height, np.arange(width) * 8 // width
    fine = rng.integers(-40, 41, (n, height, width, 3))
    both = coarse[:, rows][:, :, columns] + fine
    return np.asarray(np.clip(both, 0, 255), np.uint8)


def relative_difference(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest ``|a - b| / |b|`` over the rows, 0 where both are zero."""
    a, b = a.reshape(len(a), -1).astype(np.float64), b.reshape(len(b), -1).astype(np.float64)
    scale = np.linalg.norm(b, axis=1)
    gap = np.linalg.norm(a - b, axis=1)
    return float(np.max(np.divide(gap, scale, out=gap.copy(), where=scale > 0)))
