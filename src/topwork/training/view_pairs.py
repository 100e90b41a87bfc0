"""Batches of pairs of views, for objectives that need no labels."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from topwork.features import Activations
from topwork.training.batches import Batch, as_tensor, drawn_batches


class ViewPairBatches:
    """Two stored views of each item with noise on them, and a target for each view.

    Parameters
    ----------
    activations
        Of all n items in v views.
    targets
        What belongs to each view of each item, ``(n, v, d)``; as targets of a batch ``(b, 2, d)``.
    beside
        What belongs to each item, ``(n, t)``; it stands behind the targets of both views.
    noise
        Standard deviation of the noise, in those of the channel over the batch.
    """

    def __init__(
        self,
        activations: Activations,
        targets: NDArray[np.floating],
        beside: NDArray[np.floating] | None = None,
        *,
        noise: float = 0.0,
    ) -> None:
        self._activations = activations
        self._targets = targets
        self._beside = beside
        self._noise = noise

    def __len__(self) -> int:
        return len(self._activations)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        views = _pairs_of_views(rng, len(self), self._activations.n_views)
        wanted = drawn_batches(len(self), rng, size)
        seeds = rng.integers(2**63, size=len(wanted))

        def read(rows: NDArray[np.intp], seed: int) -> Batch:
            pair = views[rows]
            inputs = [as_tensor(self._activations.take(rows, pair[:, i])) for i in (0, 1)]
            both = torch.stack(inputs, dim=1)
            if self._noise:
                both = both + self._noise_on(both, seed)
            return Batch(both, torch.from_numpy(self._targets_of(rows, pair)))

        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(read, wanted[0], int(seeds[0]))
            for rows, seed in zip(wanted[1:], seeds[1:], strict=True):
                batch, ahead = ahead.result(), pool.submit(read, rows, int(seed))
                yield batch
            yield ahead.result()

    def _targets_of(self, rows: NDArray[np.intp], pair: NDArray[np.intp]) -> NDArray[np.float32]:
        own = self._targets[rows[:, None], pair]
        if self._beside is not None:
            own = np.concatenate([own, np.repeat(self._beside[rows][:, None], 2, axis=1)], axis=2)
        return own.astype(np.float32)

    def _noise_on(self, both: Tensor, seed: int) -> Tensor:
        over = (0, 1, *range(3, both.ndim))
        deviation = both.std(dim=over, keepdim=True)
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(both.shape, generator=generator) * deviation * self._noise


def _pairs_of_views(rng: np.random.Generator, n: int, n_views: int) -> NDArray[np.intp]:
    """Two different views for each of n items, ``(n, 2)``; the only one twice where there is one.

    Examples
    --------
    >>> sorted(map(tuple, _pairs_of_views(np.random.default_rng(0), 9, 2).tolist()))[0]
    (0, 1)
    """
    first = rng.integers(n_views, size=n)
    if n_views == 1:
        return np.stack([first, first], axis=1)
    other = rng.integers(n_views - 1, size=n)
    return np.stack([first, other + (other >= first)], axis=1)
