"""Training mode, but for what must stay as it was."""

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


def trainable(module: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that take a gradient, by name."""
    return {name: p for name, p in module.named_parameters() if p.requires_grad}
