"""Train the last blocks of a language model without labels."""

from __future__ import annotations

import copy
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from topwork.runtime.progress import Progress, silent
from topwork.training.dropout_pairs import AnchoredTexts, DropoutPairs
from topwork.training.loop import train
from topwork.training.settings import LoopSettings
from topwork.training.strategies.late_blocks import not_late
from topwork.training.strategies.refine import Refined, drift
from topwork.training.tokens import Tokens, filled

TEXT_REFINING_LOOP: Final = LoopSettings(
    epochs=1, batch=64, learning_rate=1e-4, weight_decay=0.01, average=0.0
)

LATE: Final = 1 / 3
"""Share of the blocks that are trained: two of MiniLM's six."""

_CHUNK, _LOOKED_AT = 64, 512


def refine_by_dropout(
    pooling: nn.Module,
    tokens: Tokens,
    start: NDArray[np.floating],
    loop: LoopSettings = TEXT_REFINING_LOOP,
    *,
    progress: Progress = silent,
) -> Refined:
    """Train the last blocks of a copy on pairs of texts and themselves, anchored to the start.

    Parameters
    ----------
    pooling
        Tokens ``(b, t)`` to the pooled vector.
    tokens
        Of the n texts without labels.
    start
        The network's vectors of them, ``(n, d)``.

    Raises
    ------
    BackboneError
        The network has no blocks one behind the other.
    """
    own = copy.deepcopy(pooling)
    held = not_late(own, LATE)
    for name, parameter in own.named_parameters():
        parameter.requires_grad_(name not in held)
    trained = train(own, DropoutPairs(), AnchoredTexts(tokens, start), loop, progress=progress)
    looked_at = min(_LOOKED_AT, len(tokens))
    return Refined(
        own, drift(vectors_of_texts(own, tokens[:looked_at]), start[:looked_at]), trained
    )


@torch.inference_mode()
def vectors_of_texts(pooling: nn.Module, tokens: Tokens) -> NDArray[np.float32]:
    """The pooled vector of every text, ``(n, d)``."""
    parts = [
        pooling(filled(tokens[begin : begin + _CHUNK])).float().numpy()
        for begin in range(0, len(tokens), _CHUNK)
    ]
    return np.concatenate(parts)
