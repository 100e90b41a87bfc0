"""Strategy ``lora``: low-rank changes to the attention of a transformer, merged at the end."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from topwork.errors import BackboneError
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress, silent
from topwork.training.batches import Batches
from topwork.training.checkpoint import Checkpoint
from topwork.training.head import BackboneWithHead
from topwork.training.loop import Judge, Trained, train
from topwork.training.objectives import Objective
from topwork.training.settings import LoopSettings

LORA_LOOP = LoopSettings(epochs=12, batch=32, learning_rate=5e-4, layer_decay=1.0, average=0.99)
"""The middle of what is usual, 1e-4 to 1e-3; not measured here."""

_PROJECTIONS = frozenset(("qkv", "c_attn", "query_key_value", "query", "value"))
_PROJECTIONS |= {f"{letter}{end}" for letter in "qv" for end in ("", "_proj", "_lin")}
"""Queries and values, as timm and GPT-2 (one matrix for all three) and others call them."""


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """The shape of the adapters.

    Parameters
    ----------
    rank
        Of the change to each matrix; lowered where it would train too much.
    alpha
        The change is scaled by ``alpha / rank``; twice the rank if None.
    most
        Largest share of the network's parameters that is trained, the head aside.
    seed
        Of the adapters' start.
    """

    rank: int = 8
    alpha: int | None = None
    most: float = 0.02
    seed: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class LoraFit:
    """A network with the changes merged into its matrices, and its head.

    Parameters
    ----------
    pooled
        Inputs to the pooled vector, in evaluation mode, without adapters.
    head
        The head on it.
    rank
        Of the changes.
    share
        Of the parameters that were trained, the head aside.
    trained
        How training went; its weights are the adapters'.
    """

    pooled: nn.Module
    head: LinearHead
    rank: int
    share: float
    trained: Trained


def attention_projections(module: nn.Module) -> list[str]:
    """The names of the linear layers that make queries and values; GPT-2's are convolutions.

    Raises
    ------
    BackboneError
        There are none.
    """
    names = [
        name
        for name, part in module.named_modules()
        if _is_matrix(part) and name.rpartition(".")[2] in _PROJECTIONS
    ]
    if not names:
        raise BackboneError(
            f"{type(module).__name__} has no linear layers that make queries and values.",
            remedy="Use strategy partial for this backbone; lora is for transformers.",
            code="no_attention",
        )
    return names


def suited_rank(module: nn.Module, names: list[str], settings: LoraSettings) -> int:
    """The largest rank, up to the wanted one, that trains no more than it may."""
    layers = [module.get_submodule(name) for name in names]
    per_rank = sum(_width(layer) for layer in layers)
    most = settings.most * sum(p.numel() for p in module.parameters())
    return max(1, min(settings.rank, int(most // per_rank)))


def with_adapters(module: nn.Module, settings: LoraSettings) -> Any:
    """peft's model around a copy of the module, of which only the adapters take a gradient."""
    from peft import LoraConfig, get_peft_model

    names = attention_projections(module)
    rank = suited_rank(module, names, settings)
    config = LoraConfig(
        r=rank,
        lora_alpha=settings.alpha or 2 * rank,
        lora_dropout=0.0,
        target_modules=names,
        fan_in_fan_out=not isinstance(module.get_submodule(names[0]), nn.Linear),
    )
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)  # peft draws one of the two factors at random
        return get_peft_model(copy.deepcopy(module), config)


def fit_lora(
    pooled: nn.Module,
    head: LinearHead,
    batches: Batches,
    objective: Objective,
    *,
    lora: LoraSettings | None = None,
    settings: LoopSettings = LORA_LOOP,
    judge: Judge | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress = silent,
) -> LoraFit:
    """Train adapters on the queries and values, and the head, from the probe's head.

    Parameters
    ----------
    pooled
        The eager network, inputs to the pooled vector; a copy is trained. An exported graph
        holds no linear layers to adapt.
    head
        The probe's.

    References
    ----------
    Hu et al. 2022, LoRA: Low-rank adaptation of large language models.
    """
    asked = lora or LoraSettings()
    adapted = with_adapters(pooled, asked)
    total = sum(p.numel() for p in pooled.parameters())
    changed = sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    model = BackboneWithHead(adapted, head)
    trained = train(
        model,
        objective,
        batches,
        settings,
        judge=judge,
        checkpoint=checkpoint,
        progress=progress,
    )
    rank = suited_rank(pooled, attention_projections(pooled), asked)
    merged: nn.Module = adapted.merge_and_unload()
    return LoraFit(merged.eval(), model.head.linear(), rank, changed / total, trained)


def _is_matrix(layer: nn.Module) -> bool:
    """Whether it is a linear layer, also as GPT-2 has it, with its matrix the other way round."""
    return isinstance(layer, nn.Linear) or type(layer).__name__ == "Conv1D"


def _width(layer: nn.Module) -> int:
    matrix = layer.weight
    assert isinstance(matrix, torch.Tensor)
    return sum(matrix.shape)
