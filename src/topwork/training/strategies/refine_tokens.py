"""Train adapters of a language model without labels: it predicts tokens of raw texts."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from topwork.runtime.progress import Progress, silent
from topwork.training.batches import Batch
from topwork.training.loop import Trained, train
from topwork.training.objectives import Objective
from topwork.training.settings import LoopSettings
from topwork.training.strategies.lora import LoraSettings, with_adapters
from topwork.training.strategies.refine import Refined, drift
from topwork.training.strategies.refine_texts import vectors_of_texts
from topwork.training.token_prediction import TokenPredictor
from topwork.training.tokens import TokenBatches, Tokens, filled

TOKEN_LOOP: Final = LoopSettings(
    epochs=3, batch=32, learning_rate=5e-4, weight_decay=0.01, layer_decay=1.0, average=0.0
)

LONGEST: Final = 128
"""Tokens of a text that are learnt from: most of BERT's own training saw as many."""

_HELD_SHARE, _MAX_HELD, _TIMED = 0.1, 256, 2
_LOOKED_AT = 512


@dataclass(frozen=True, eq=False, slots=True)
class RefinedByTokens(Refined):
    """A language model with its adapters merged.

    Parameters
    ----------
    held_out
        Mean loss on texts that were not trained on, before and after.
    """

    held_out: tuple[float, float]


def refine_by_tokens(
    pooling: nn.Module,
    tokens: Tokens,
    start: NDArray[np.floating],
    loop: LoopSettings = TOKEN_LOOP,
    *,
    head: nn.Module,
    objective: Objective,
    progress: Progress = silent,
) -> RefinedByTokens:
    """Train low-rank adapters so that tokens are predicted, and merge them into a copy.

    A tenth of the texts is held out, and tells the loss before and after. Where the time suffices
    for fewer steps, fewer texts are trained on, so that the learning rate comes to its end.

    Parameters
    ----------
    pooling
        Tokens ``(b, t)`` to the pooled vector; its ``model`` is a network of transformers.
    tokens
        Of the n texts without labels.
    start
        The network's vectors of them, ``(n, d)``.
    head
        The network's vectors of tokens to logits; not trained.
    objective
        Which tokens are predicted.

    References
    ----------
    Gururangan et al. 2020, Don't stop pretraining; Hu et al. 2022, LoRA.
    """
    network: Any = pooling.get_submodule("model")
    short = [_own(text)[:LONGEST] for text in tokens]
    order = np.random.default_rng(loop.seed).permutation(len(short))
    n_held = min(_MAX_HELD, max(1, int(_HELD_SHARE * len(short))))
    held, rest = [short[i] for i in order[:n_held]], [short[i] for i in order[n_held:]]
    pad = int(getattr(network.config, "pad_token_id", None) or 0)

    plain = TokenPredictor(network, head, pad)

    def adapted() -> Any:
        return with_adapters(plain, LoraSettings(seed=loop.seed))

    if loop.seconds:
        rest = rest[: _affordable(adapted, objective, rest, loop)]
    module = adapted()
    before = held_out_loss(module, objective, held)
    trained = _trained(module, objective, rest, loop, progress)
    after = held_out_loss(module, objective, held)
    own = copy.deepcopy(pooling)
    own.get_submodule("model").load_state_dict(module.merge_and_unload().network.state_dict())
    looked_at = min(_LOOKED_AT, len(tokens))
    moved = drift(vectors_of_texts(own, tokens[:looked_at]), start[:looked_at])
    return RefinedByTokens(own.eval(), moved, trained, (before, after))


def _own(text: NDArray[Any]) -> NDArray[Any]:
    """Without what fills it up; a text without tokens keeps one."""
    return text[: max(1, int((text >= 0).sum()))]


def _trained(
    module: nn.Module,
    objective: Objective,
    texts: Tokens,
    loop: LoopSettings,
    progress: Progress = silent,
) -> Trained:
    n = len(texts)
    batches = TokenBatches(texts, np.arange(n), np.zeros(n, np.int64))
    return train(module, objective, batches, loop, progress=progress)


def _affordable(
    adapted: Callable[[], nn.Module], objective: Objective, texts: Tokens, loop: LoopSettings
) -> int:
    """How many of the texts the time suffices for: all, or as many as a few steps tell."""
    assert loop.seconds is not None
    some = texts[: _TIMED * loop.batch]

    def seconds(epochs: int) -> float:
        begun = time.monotonic()
        timed = replace(loop, epochs=epochs, seconds=None)
        if _trained(adapted(), objective, some, timed).ending == "interrupted":
            raise KeyboardInterrupt
        return time.monotonic() - begun

    once = seconds(1)  # also warms up
    a_text = max(seconds(2) - once, 0.2 * once) / len(some)
    left = loop.seconds - 2 * once
    return int(np.clip(left / (a_text * loop.epochs), min(loop.batch, len(texts)), len(texts)))


@torch.inference_mode()
def held_out_loss(module: nn.Module, objective: Objective, texts: Tokens, size: int = 32) -> float:
    """Mean loss over texts, the same tokens predicted at every call."""
    module.eval()
    rng = np.random.default_rng(0)
    losses = []
    for begin in range(0, len(texts), size):
        some = filled(texts[begin : begin + size])
        batch = objective.prepare(Batch(some, torch.zeros(len(some))), rng)
        losses.append(float(objective.loss(module, batch)) * len(some))
    return sum(losses) / len(texts)
