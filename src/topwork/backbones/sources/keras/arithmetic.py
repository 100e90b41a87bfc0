"""Operations of Keras that the compiler knows under torch's usual names only."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class Subtract(nn.Module):
    """One value less another; one of them may be a constant."""

    def forward(self, first: Any, second: Any) -> Tensor:
        left, right = _tensors(first, second)
        return left - right


class Divide(nn.Module):
    """One value by another; one of them may be a constant."""

    def forward(self, first: Any, second: Any) -> Tensor:
        left, right = _tensors(first, second)
        return left / right


def _tensors(first: Any, second: Any) -> tuple[Tensor, Tensor]:
    like = first if isinstance(first, Tensor) else second
    return torch.as_tensor(first).to(like), torch.as_tensor(second).to(like)


ARITHMETIC = {"Subtract": Subtract, "Divide": Divide, "TrueDivide": Divide}
"""By the names of Keras's operations."""
