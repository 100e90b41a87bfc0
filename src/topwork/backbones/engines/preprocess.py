"""The part of preprocessing that runs inside the graph: of pictures, bytes to normalised values."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from topwork.backbones.inputs import Input, InputSpec

if TYPE_CHECKING:
    from torch import nn


def behind_input(module: nn.Module, spec: Input) -> nn.Module:
    """``module`` behind the conversion of ``uint8 (b, h, w, 3)`` to what it expects.

    Tokens are what a network for texts expects.
    """
    if not isinstance(spec, InputSpec):
        return module
    return _module_class()(module, spec).eval()


@cache
def _module_class() -> type[nn.Module]:
    import torch
    from torch import Tensor, nn

    class FromUint8(nn.Module):
        mean: Tensor
        std: Tensor

        def __init__(self, module: nn.Module, spec: InputSpec) -> None:
            super().__init__()
            self.module = module
            self.register_buffer("mean", torch.tensor(spec.mean).view(1, 3, 1, 1))
            self.register_buffer("std", torch.tensor(spec.std).view(1, 3, 1, 1))

        def forward(self, images: Tensor) -> Tensor | tuple[Tensor, ...]:
            values = images.permute(0, 3, 1, 2).float() / 255.0
            answer: Tensor | tuple[Tensor, ...] = self.module((values - self.mean) / self.std)
            return answer

    return FromUint8
