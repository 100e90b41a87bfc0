"""What of a module is trained, and what must stay as it was."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def training_mode(module: nn.Module) -> None:
    """Training mode with frozen statistics of normalisations.

    With few items, batches are too small a sample to measure statistics on, and those of the
    pretraining are kept; the affine parts are trained like other weights. Dropout is on where a
    module has it.
    """
    module.train()
    for part in module.modules():
        if isinstance(part, _BatchNorm):
            part.eval()


def without_dropout(module: nn.Module) -> nn.Module:
    """The module itself, whose dropout drops nothing from now on.

    A language model has it three times a block, which takes a fifth of a step on a processor; few
    epochs have little to gain from it.
    """
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return module


def trainable(module: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that take a gradient, by name."""
    return {name: p for name, p in module.named_parameters() if p.requires_grad}


def looked_up(module: nn.Module) -> set[str]:
    """Names of the parameters that are looked up and not multiplied: the vectors of words.

    They are half of a small language model, and a step of the optimiser changes all of them
    although a batch holds few words.

    Examples
    --------
    >>> looked_up(nn.Sequential(nn.Embedding(9, 2), nn.Linear(2, 2)))
    {'0.weight'}
    """
    parts = [
        (name, part) for name, part in module.named_modules() if isinstance(part, nn.Embedding)
    ]
    return {f"{name}.{own}" for name, part in parts for own, _ in part.named_parameters()}
