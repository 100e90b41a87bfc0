"""A linear head as a module, so that it can be trained on."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from topwork.heads import LinearHead


class TorchHead(nn.Module):
    """``logits = normalise(x) @ weight.T + bias``, from a `LinearHead` and back.

    Parameters
    ----------
    head
        Where it starts.
    """

    def __init__(self, head: LinearHead) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(np.ascontiguousarray(head.weight.T)))
        self.bias = nn.Parameter(torch.tensor(head.bias))
        self.normalise = head.normalise

    def forward(self, features: Tensor) -> Tensor:
        # in float32 whatever surrounds it: logits of some tens would lose their second decimal
        with torch.autocast(features.device.type, enabled=False):
            rows = features.float()
            if self.normalise:
                rows = nn.functional.normalize(rows, eps=1e-20)
            return nn.functional.linear(rows, self.weight, self.bias)

    def linear(self) -> LinearHead:
        """The head as plain arrays."""
        weight = self.weight.detach().cpu().numpy().T
        bias = self.bias.detach().cpu().numpy()
        return LinearHead(np.ascontiguousarray(weight), bias.copy(), normalise=self.normalise)


class BackboneWithHead(nn.Module):
    """The part of a backbone behind a cut, and the head on it.

    Parameters
    ----------
    tail
        Features at the cut to the pooled vector.
    head
        The head's start.
    """

    def __init__(self, tail: nn.Module, head: LinearHead) -> None:
        super().__init__()
        self.tail = tail
        self.head = TorchHead(head)

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.head(self.tail(features))
        return logits
