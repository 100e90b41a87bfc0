"""Networks without layers: what the tokens of a text say, added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import POOLED, Network
from topwork.backbones.engines.openvino import openvino
from topwork.backbones.nodes import unit_length
from topwork.installation import require

if TYPE_CHECKING:
    from torch import Tensor, nn

Over = Literal["root", "sum", "length"]
"""What the sum of a text's vectors is divided by: the root of the sum of its tokens' weights, that
sum itself, or the sum's own length."""


@dataclass(frozen=True, eq=False, slots=True)
class BagOfTokens:
    """A network that looks its tokens up in a table and adds up what is found.

    Parameters
    ----------
    table
        ``(v + 1, d)``; zeros in the first row, which stands for no token.
    weights
        ``(v + 1,)``; 0 for no token.
    first
        The token of the second row. Tokens before it are none.
    """

    table: NDArray[np.float32]
    weights: NDArray[np.float32]
    over: Over
    first: int
    recipe: Mapping[str, str]

    cuts = (POOLED,)
    inside = ""

    @property
    def width(self) -> int:
        return int(self.table.shape[1])

    def __call__(self) -> Network:
        require("A table of vectors as a PyTorch module", ("torch",))
        from torch import nn

        bag = _bag_class()(self.table, self.weights, self.over, self.first).eval()
        return Network(
            module=bag,
            full=bag,
            pooling=bag,
            classifier=nn.Identity().eval(),
            width=self.width,
            recipe=self.recipe,
        )

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        ops = openvino().opset13
        shifted = ops.add(values, np.int32(1 - self.first))
        rows = ops.maximum(shifted, np.int32(0))
        total = ops.reduce_sum(ops.gather(self.table, rows, np.int32(0)), np.array([1]))
        if self.over == "length":
            found = unit_length(total)
        else:
            of_tokens = ops.gather(self.weights, rows, np.int32(0))
            weight = ops.reduce_sum(of_tokens, np.array([1]), keep_dims=True)
            weight = ops.maximum(weight, np.float32(1e-12))
            found = ops.divide(total, ops.sqrt(weight) if self.over == "root" else weight)
        return tuple(found for _ in cuts)

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        return {"table": self.table, "weights": self.weights}


@cache
def _bag_class() -> type[nn.Module]:
    import torch
    from torch import nn

    class TokenBag(nn.Module):
        """Tokens ``(b, t)``, with -1 behind each text, to ``(b, d)``."""

        table: Tensor
        weights: Tensor

        def __init__(
            self, table: NDArray[np.float32], weights: NDArray[np.float32], over: Over, first: int
        ) -> None:
            super().__init__()
            self.register_buffer("table", torch.from_numpy(table))
            self.register_buffer("weights", torch.from_numpy(weights))
            self._over, self._shift = over, 1 - first

        def forward(self, tokens: Tensor) -> Tensor:
            rows = (tokens + self._shift).clamp(min=0).long()
            total = self.table[rows].sum(dim=1)
            if self._over == "length":
                return nn.functional.normalize(total, dim=1)
            weight = self.weights[rows].sum(dim=1, keepdim=True).clamp(min=1e-12)
            return total / (weight.sqrt() if self._over == "root" else weight)

    return TokenBag
