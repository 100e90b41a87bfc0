"""Batches of decoded images, changed anew every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from topwork.training.batches import Batch, drawn_batches

Decode = Callable[[int], NDArray[np.uint8]]
"""The image at a position, ``(h, w, 3)``; called from threads."""


class PixelBatches:
    """Decoded images, augmented, the next batch decoded meanwhile.

    Parameters
    ----------
    decode
        Gives the image of a row.
    rows
        The n items to train on.
    codes
        Class of every row, ``(N,)``.
    augment
        Changes a batch ``uint8 (b, 3, h, w)``; `standard_augmentation` or None.
    threads
        That decode.
    """

    def __init__(
        self,
        decode: Decode,
        rows: NDArray[np.integer],
        codes: NDArray[np.integer],
        *,
        augment: Callable[[Tensor], Tensor] | None = None,
        threads: int = 2,
    ) -> None:
        self._decode = decode
        self._rows = np.asarray(rows)
        self._codes = np.asarray(codes)
        self._augment = augment
        self._threads = threads

    def __len__(self) -> int:
        return len(self._rows)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        wanted = [self._rows[positions] for positions in drawn_batches(len(self), rng, size)]
        with ThreadPoolExecutor(self._threads) as pool:

            def start(rows: NDArray[np.integer]) -> list[Any]:
                return [pool.submit(self._decode, int(row)) for row in rows]

            ahead = start(wanted[0])
            for i, rows in enumerate(wanted):
                decoded = [future.result() for future in ahead]
                ahead = start(wanted[i + 1]) if i + 1 < len(wanted) else []
                yield self._batch(decoded, rows)

    def _batch(self, decoded: list[NDArray[np.uint8]], rows: NDArray[np.integer]) -> Batch:
        images = torch.from_numpy(np.stack(decoded)).permute(0, 3, 1, 2)
        if self._augment is not None:
            images = self._augment(images)
        return Batch(images, torch.from_numpy(self._codes[rows].astype(np.int64)))


def standard_augmentation(
    height: int, width: int, *, smallest: float = 0.35, colour: float = 0.2
) -> Callable[[Tensor], Tensor]:
    """Random crop and mirror for each image, slight changes of colour; torchvision's v2.

    Every image of a batch is changed by itself. The generator is torch's own, which the loop
    seeds for each epoch.

    Parameters
    ----------
    height, width
        Of the network's input.
    smallest
        Share of the area that a crop keeps at least.
    colour
        Strength of changes of brightness, contrast and saturation.
    """
    from torchvision.transforms import v2

    one = v2.Compose(
        [
            v2.RandomResizedCrop((height, width), scale=(smallest, 1.0), antialias=True),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(brightness=colour, contrast=colour, saturation=colour),
        ]
    )

    def augment(images: Tensor) -> Tensor:
        return torch.stack([one(image) for image in images])

    return augment


class FromPixels(nn.Module):
    """A network behind the scaling of ``uint8 (b, 3, h, w)`` to what it expects.

    Parameters
    ----------
    network
        Takes normalised images.
    mean, std
        Of the channels, for values scaled to 0..1.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        values = (images.float() / 255.0 - self.mean) / self.std
        answer: Tensor = self.network(values.contiguous(memory_format=torch.channels_last))
        return answer
