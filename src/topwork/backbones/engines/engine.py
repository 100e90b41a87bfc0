"""What runs the frozen part of a network fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Precision = Literal["auto", "float32", "bfloat16"]
Tag = TypeVar("Tag")
Images = NDArray[np.uint8]
Features = NDArray[np.float32]

BATCH = 8
"""Items a batch; pinned, so that features don't depend on how many items there are. In float32 what
a small batch computes stays in the cache: 10 % faster than 32, on two cores with AVX-512."""

BFLOAT16_BATCH = 32
"""Items a batch where the processor multiplies matrices of bfloat16 in units of their own."""


class Engine(Protocol):
    """Runs a network over batches of pictures.

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

    def run(self, batches: Iterable[tuple[Tag, Images]]) -> Iterator[tuple[Tag, list[Features]]]:
        """Every batch's outputs, in whatever order they are ready, each under its tag.

        Parameters
        ----------
        batches
            Tags and pictures ``(b, h, w, 3)`` with b at most ``batch``.

        Yields
        ------
        The tag and one array ``(b, ...)`` for each output of the network.
        """
        ...


def padded(images: Images, batch: int) -> Images:
    """``images`` with blank pictures behind them, ``batch`` in all."""
    missing = batch - len(images)
    if missing == 0:
        return images
    return np.concatenate([images, np.zeros((missing, *images.shape[1:]), np.uint8)])


def probe_images(height: int, width: int, n: int = 8) -> Images:
    """Fixed pictures with coarse and fine structure, to compare engines on: ``(n, h, w, 3)``."""
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
