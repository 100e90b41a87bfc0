"""Networks without layers: what the tokens of a text say, added up."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import Network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

Over = Literal["root", "sum", "length"]
"""What the sum of a text's vectors is divided by: the root of the sum of its tokens' weights, that
sum itself, or the sum's own length."""


def bag_network(
    table: NDArray[np.float32],
    weights: NDArray[np.float32],
    *,
    over: Over,
    first: int,
    recipe: Mapping[str, str],
) -> Network:
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
    from torch import nn

    bag = _bag_class()(table, weights, over, first).eval()
    return Network(
        module=bag,
        full=bag,
        pooling=bag,
        classifier=nn.Identity().eval(),
        width=table.shape[1],
        recipe=recipe,
    )


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
