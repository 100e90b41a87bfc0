"""The objectives that tokens of a text are predicted from the others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from topwork.training.batches import Batch

IGNORED: Final = -100
"""In place of a token that is not predicted."""

MASKED_SHARE, KEPT_SHARE, RANDOM_SHARE = 0.15, 0.1, 0.1
"""Share of the tokens that are predicted; of these, shares that stay and that are replaced by
random ones (Devlin et al. 2019, section 3.1)."""

_MASKS: Final = ("[MASK]", "<mask>")


class TokenPredictor(nn.Module):
    """A language model that is asked for some of its tokens only.

    Parameters
    ----------
    network
        Of transformers: token numbers and attention mask to vectors of tokens ``(b, t, d)``.
    head
        Those vectors to logits of the vocabulary, ``(b, t, v)``.
    pad
        Takes the place of what fills up a text.
    """

    def __init__(self, network: nn.Module, head: nn.Module, pad: int) -> None:
        super().__init__()
        self.network, self.head, self._pad = network, head, pad

    def forward(self, tokens: Tensor, wanted: Tensor) -> Tensor:
        """Logits ``(m, v)`` at the m wanted places of tokens ``(b, t)`` that -1 fills up."""
        there = tokens >= 0
        ids = torch.where(there, tokens, self._pad).long()
        hidden = self.network(input_ids=ids, attention_mask=there.long()).last_hidden_state
        logits: Tensor = self.head(hidden[wanted][None])[0]
        return logits


@dataclass(frozen=True, eq=False)
class SpecialTokens:
    """Numbers of tokens that are no part of a text.

    Parameters
    ----------
    mask
        That stands for a token that is to be predicted; ``None`` where there is none.
    others
        All special ones.
    """

    mask: int | None
    others: tuple[int, ...]

    @classmethod
    def of(cls, tokenizer: str) -> SpecialTokens:
        """Those of a tokenizer, given as JSON.

        Examples
        --------
        >>> added = [{"id": 4, "content": "[MASK]", "special": True}]
        >>> SpecialTokens.of(json.dumps({"added_tokens": added})).mask
        4
        """
        added = json.loads(tokenizer).get("added_tokens") or []
        special = {one["content"]: int(one["id"]) for one in added if one.get("special")}
        mask = next((special[name] for name in _MASKS if name in special), None)
        return cls(mask, tuple(sorted(special.values())))


@dataclass(frozen=True, eq=False)
class _TokenPrediction:
    """Cross entropy of the wanted tokens, those of the targets that are not ignored.

    It is the mean over texts of the mean over a text's wanted tokens, so that parts of a batch
    average to the whole.
    """

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        wanted = batch.targets != IGNORED
        logits = module(batch.inputs, self.seen_from(wanted)).float()
        found = functional.cross_entropy(logits, batch.targets[wanted].long(), reduction="none")
        rows = wanted.nonzero()[:, 0]
        n = wanted.sum(dim=1).clamp(min=1)
        return (found / n[rows]).sum() / len(batch)

    def seen_from(self, wanted: Tensor) -> Tensor:
        """The places whose vectors predict the wanted tokens."""
        return wanted


@dataclass(frozen=True, eq=False)
class MaskedTokens(_TokenPrediction):
    """A share of the tokens is hidden and predicted from both sides.

    Of 100 tokens that are predicted, 80 are masked, 10 are replaced by random ones and 10 stay.

    Parameters
    ----------
    special
        Never predicted; its mask hides the others.
    vocabulary
        Tokens that random ones are drawn from.

    References
    ----------
    Devlin et al. 2019, BERT: pre-training of deep bidirectional transformers for language
    understanding, section 3.1.
    """

    special: SpecialTokens
    vocabulary: int

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:
        tokens = batch.inputs.numpy().copy()
        wanted = chosen_tokens(tokens, self.special.others, rng)
        targets = np.where(wanted, tokens, IGNORED)
        fate = rng.random(tokens.shape)
        drawn = rng.integers(self.vocabulary, size=tokens.shape, dtype=tokens.dtype)
        masked = fate >= KEPT_SHARE + RANDOM_SHARE
        tokens[wanted & masked] = self.special.mask
        changed = wanted & ~masked & (fate >= KEPT_SHARE)
        tokens[changed] = drawn[changed]
        return Batch(torch.from_numpy(tokens), torch.from_numpy(targets))


@dataclass(frozen=True, eq=False)
class NextTokens(_TokenPrediction):
    """Every token is predicted from those before it.

    References
    ----------
    Radford et al. 2018, Improving language understanding by generative pre-training, equation 1.
    """

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        targets = torch.where(batch.inputs >= 0, batch.inputs, IGNORED)
        targets[:, 0] = IGNORED
        return Batch(batch.inputs, targets)

    def seen_from(self, wanted: Tensor) -> Tensor:
        return functional.pad(wanted[:, 1:], (0, 1))


def chosen_tokens(
    tokens: NDArray[np.integer], special: Sequence[int], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which tokens of texts ``(b, t)`` are predicted: 15 % of a text's own, at least one.

    Examples
    --------
    >>> tokens = np.array([[2, 7, 8, 9, 3], [2, 7, 3, -1, -1]])
    >>> chosen_tokens(tokens, (2, 3), np.random.default_rng(0)).sum(axis=1).tolist()
    [1, 1]
    """
    own = (tokens >= 0) & ~np.isin(tokens, special)
    drawn = np.where(own, rng.random(tokens.shape), 2.0)
    ranks = drawn.argsort(axis=1).argsort(axis=1)
    n = own.sum(axis=1, keepdims=True)
    wanted: NDArray[np.bool_] = own & (ranks < np.maximum(1, np.round(MASKED_SHARE * n)))
    return wanted
