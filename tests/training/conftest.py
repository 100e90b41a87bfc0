"""Small modules and data that every test of training can afford."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from topwork.features import ArrayActivations
from topwork.heads import LinearHead, fit_logistic
from topwork.training.batches import ActivationBatches, as_tensor

SHAPE = (8, 3, 3)
N_CLASSES = 3


class SmallTail(nn.Module):
    """A block as networks have it, with a normalisation, pooled."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.blocks = nn.Sequential(nn.Conv2d(8, 12, 1), nn.Conv2d(12, 16, 3, padding=1))
            self.norm = nn.BatchNorm2d(16)
            self.norm.running_mean.uniform_(-0.1, 0.1)
            self.norm.running_var.uniform_(0.5, 2)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        pooled: torch.Tensor = self.norm(self.blocks(maps)).relu().mean(dim=(2, 3))
        return pooled


def small_data(n: int = 60, seed: int = 0, views: int = 3) -> tuple[ArrayActivations, np.ndarray]:
    """Activations of n items in several views, and classes that only products of channels show."""
    rng = np.random.default_rng(seed)
    plain = rng.normal(size=(n, 1, *SHAPE)).astype(np.float32)
    maps = plain + 0.1 * rng.normal(size=(n, views, *SHAPE)).astype(np.float32)
    products = (plain[:, 0, 0] * plain[:, 0, 1]).mean(axis=(1, 2))
    codes = np.digitize(products, np.quantile(products, (1 / 3, 2 / 3)))
    return ArrayActivations(maps.astype(np.float16)), codes


def pooled(tail: nn.Module, activations: ArrayActivations) -> np.ndarray:
    rows = np.arange(len(activations))
    with torch.inference_mode():
        return tail(as_tensor(activations.take(rows, np.zeros_like(rows)))).numpy()


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other cost more here than they bring."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tail() -> nn.Module:
    return SmallTail().eval()


@pytest.fixture
def data() -> tuple[ArrayActivations, np.ndarray]:
    return small_data()


@pytest.fixture
def batches(data) -> ActivationBatches:
    activations, codes = data
    return ActivationBatches(activations, np.arange(len(codes)), codes)


@pytest.fixture
def probe(tail, data):
    """Fits the head of the probe on some rows."""
    activations, codes = data
    features = pooled(tail, activations)

    def fit(rows: np.ndarray) -> LinearHead:
        return fit_logistic(features[rows], codes[rows], N_CLASSES)

    return fit
