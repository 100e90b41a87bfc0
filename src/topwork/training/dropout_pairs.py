"""The objective that a text stays itself whatever dropout leaves out of it, and its batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from topwork.training.batches import Batch
from topwork.training.tokens import Tokens, alike, filled


def contrast(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """The cross entropy of telling a text's second vector from those of the others of a batch.

    Parameters
    ----------
    first, second
        Vectors of the same texts, ``(b, d)``.
    temperature
        What cosines are divided by.

    Examples
    --------
    >>> round(float(contrast(torch.eye(2), torch.eye(2), 0.5)), 3)
    0.127
    """
    cosines = functional.normalize(first) @ functional.normalize(second).T
    own = torch.arange(len(cosines), device=cosines.device)
    return functional.cross_entropy(cosines / temperature, own)


@dataclass(frozen=True, eq=False)
class DropoutPairs:
    """Each text twice through the network, with other units dropped; anchored to the start.

    A batch holds texts, and as targets the start's vectors of them, ``(b, d)``. Where memory is
    short, a text is told from those of its part of the batch.

    Parameters
    ----------
    anchor
        Weight of one minus the cosine between a text's vector and the start's.
    temperature
        See `contrast`.

    References
    ----------
    Gao, Yao and Chen 2021, SimCSE: simple contrastive learning of sentence embeddings, equation 4.
    """

    anchor: float = 1.0
    temperature: float = 0.05

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        vectors = module(torch.cat([batch.inputs, batch.inputs])).float()
        first, second = vectors.chunk(2)
        drift = 1 - functional.cosine_similarity(vectors, batch.targets.repeat(2, 1)).mean()
        return self.anchor * drift + contrast(first, second, self.temperature)


class AnchoredTexts:
    """Texts of like length together, with the start's vectors of them as targets.

    Parameters
    ----------
    tokens
        Of the n texts.
    start
        ``(n, d)``.
    """

    def __init__(self, tokens: Tokens, start: NDArray[np.floating]) -> None:
        self._tokens, self._start = tokens, start
        self._lengths = np.array([len(text) for text in tokens])

    def __len__(self) -> int:
        return len(self._tokens)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        for positions in alike(self._lengths, rng, size):
            start = torch.from_numpy(self._start[positions].astype(np.float32))
            yield Batch(filled([self._tokens[i] for i in positions]), start)
