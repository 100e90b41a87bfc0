"""Batches of token numbers, texts of like length together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from topwork.data import FILLING
from topwork.training.batches import Batch, steps_of

Tokens = Sequence[NDArray[Any]]
"""Of every text, each of its own length ``(t,)``, filled up with `FILLING` or not; or of every
token more numbers, ``(t, w)``."""


class TokenBatches:
    """Texts in batches of like length, so that little of a batch is filling.

    Parameters
    ----------
    tokens
        Of all N texts.
    rows
        The n texts to train on, positions among the N.
    codes
        Class of each of the N, ``(N,)``.
    """

    def __init__(
        self, tokens: Tokens, rows: NDArray[np.integer], codes: NDArray[np.integer]
    ) -> None:
        self._tokens = tokens
        self._rows = np.asarray(rows)
        self._codes = np.asarray(codes)

    def __len__(self) -> int:
        return len(self._rows)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        for positions in self._divided(rng, size):
            yield batch_of(self._tokens, self._rows[positions], self._codes)

    def _divided(self, rng: np.random.Generator, size: int) -> list[NDArray[np.intp]]:
        """Positions among the n texts, a batch each."""
        return alike(self._lengths, rng, size)

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.array([len(self._tokens[row]) for row in self._rows])


def batch_of(tokens: Tokens, rows: NDArray[np.integer], codes: NDArray[np.integer]) -> Batch:
    """The texts of some rows and their classes."""
    inputs = filled([tokens[row] for row in rows])
    return Batch(inputs, torch.from_numpy(codes[rows].astype(np.int64)))


def alike(
    lengths: NDArray[np.integer], rng: np.random.Generator, size: int
) -> list[NDArray[np.intp]]:
    """All of n positions once, those of like length in a batch, the batches in random order.

    Texts are filled up to one of few lengths, so that most batches are drawn from very many.
    """
    order = np.lexsort((rng.random(len(lengths)), lengths))
    parts = np.array_split(order, steps_of(len(lengths), size))
    return [parts[i] for i in rng.permutation(len(parts))]


def filled(tokens: Tokens) -> Tensor:
    """Texts as one tensor ``(b, t)`` or ``(b, t, w)`` of the longest one's length.

    Examples
    --------
    >>> filled([np.array([5, 6], np.int32), np.array([7], np.int32)])
    tensor([[ 5,  6],
            [ 7, -1]], dtype=torch.int32)
    """
    longest = max(len(text) for text in tokens)
    first = tokens[0]
    out = np.full((len(tokens), longest, *first.shape[1:]), FILLING, first.dtype)
    for row, text in zip(out, tokens, strict=True):
        row[: len(text)] = text
    return torch.from_numpy(out)
