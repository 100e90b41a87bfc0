"""What the loop trains on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from topwork.features import Activations


@dataclass(frozen=True, slots=True)
class Batch:
    """Some items.

    Parameters
    ----------
    inputs
        What the module takes, ``(b, ...)``.
    targets
        Classes ``(b,)``, or shares of classes ``(b, k)``.
    """

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def parts(self, size: int) -> Iterator[Batch]:
        """The batch in pieces of at most ``size``."""
        for i in range(0, len(self), size):
            yield Batch(self.inputs[i : i + size], self.targets[i : i + size])

    def to(self, device: torch.device) -> Batch:
        return replace(
            self,
            inputs=self.inputs.to(device, non_blocking=True),
            targets=self.targets.to(device, non_blocking=True),
        )


class Batches(Protocol):
    """Gives the items of an epoch."""

    def __len__(self) -> int:
        """Items."""
        ...

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        """``steps_of(len(self), size)`` batches of at most ``size`` items, the same for the same
        generator."""
        ...


def steps_of(n: int, size: int) -> int:
    """Batches an epoch.

    Examples
    --------
    >>> steps_of(100, 64), steps_of(128, 64)
    (2, 2)
    """
    return -(-n // size)


def drawn_batches(n: int, rng: np.random.Generator, size: int) -> list[NDArray[np.intp]]:
    """All of n positions once, in random order, in batches whose sizes differ by at most one.

    A last batch of a few items would take as large a step as the others.
    """
    return np.array_split(rng.permutation(n), steps_of(n, size))


class ActivationBatches:
    """Stored activations, one view of each item an epoch, the next batch read meanwhile.

    Parameters
    ----------
    activations
        Of all N items.
    rows
        The n items to train on, positions among the N.
    codes
        Class of each of the N, ``(N,)``.
    views
        How many views are drawn from, the plain one included; None for all.
    """

    def __init__(
        self,
        activations: Activations,
        rows: NDArray[np.integer],
        codes: NDArray[np.integer],
        *,
        views: int | None = None,
    ) -> None:
        self._activations = activations
        self._rows = np.asarray(rows)
        self._codes = np.asarray(codes)
        self._n_views = min(views or activations.n_views, activations.n_views)

    def __len__(self) -> int:
        return len(self._rows)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        views = rng.integers(self._n_views, size=len(self))
        wanted = drawn_batches(len(self), rng, size)

        def read(positions: NDArray[np.intp]) -> Batch:
            rows = self._rows[positions]
            inputs = as_tensor(self._activations.take(rows, views[positions]))
            return Batch(inputs, torch.from_numpy(self._codes[rows].astype(np.int64)))

        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(read, wanted[0])
            for positions in wanted[1:]:
                batch, ahead = ahead.result(), pool.submit(read, positions)
                yield batch
            yield ahead.result()


def as_tensor(values: NDArray[Any]) -> Tensor:
    """Stored activations as float32, maps with their channels last.

    Examples
    --------
    >>> as_tensor(np.array([[0x3F80]], np.uint16))
    tensor([[1.]])
    """
    values = np.ascontiguousarray(values)
    if values.dtype == np.uint16:
        tensor = torch.from_numpy(values.view(np.int16)).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(values)
    if tensor.ndim == 4:
        return tensor.to(torch.float32, memory_format=torch.channels_last)
    return tensor.float()
